#include "schwarm/services/register.hpp"

#include <algorithm>
#include <filesystem>

#include "parts.hpp"
#include "schwarm/base/calendar.hpp"
#include "schwarm/feel/codec.hpp"
#include "schwarm/json/json.hpp"

namespace schwarm::services {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFile = "register.json";

Error wrong(std::string_view member, std::string reason) {
    return fail(ErrorCode::invalid_input, std::move(reason), std::string(member));
}

Result<void> only(const json::Value& object, std::initializer_list<std::string_view> names) {
    for (const auto& [name, value] : object.members()) {
        if (std::find(names.begin(), names.end(), name) == names.end()) {
            return wrong(name, "there is no such member");
        }
    }
    return {};
}

Result<std::string> needed(const json::Value& object, std::string_view name) {
    std::string text = object.string_or(name, "");
    if (text.empty()) return wrong(name, "a text is needed");
    return text;
}

Result<std::vector<std::string>> texts(const json::Value& object, std::string_view name) {
    std::vector<std::string> out;
    const json::Value* list = object.find(name);
    if (list == nullptr || !list->is_array() || list->items().empty()) {
        return wrong(name, "a list of texts is needed");
    }
    for (const json::Value& item : list->items()) {
        if (!item.is_string() || item.as_string().empty()) {
            return wrong(name, "a list of texts is needed");
        }
        out.push_back(item.as_string());
    }
    return out;
}

Result<Retention> read_retention(const json::Value& object) {
    const json::Value* value = object.find("retention");
    if (value == nullptr || !value->is_object()) {
        return wrong("retention", "period and rule are needed");
    }
    Retention out;
    SCHWARM_TRY(period, needed(*value, "period"));
    SCHWARM_TRY(rule, needed(*value, "rule"));
    out.rule = std::move(rule);
    const auto number = [&](char unit) -> std::int64_t {
        if (period.size() < 3 || period.front() != 'P' || period.back() != unit) return 0;
        const std::string digits = period.substr(1, period.size() - 2);
        if (digits.size() > 4 || digits.find_first_not_of("0123456789") != std::string::npos) {
            return 0;
        }
        return std::stoll(digits);
    };
    out.period = {number('M') + 12 * number('Y'), number('D')};
    if (out.period.months + out.period.days == 0) {
        return wrong("retention/period", "days, months or years are needed, as P2Y");
    }
    return out;
}

}  // namespace

Result<RegisterSource> read_source(const json::Value& value, const std::string& folder) {
    if (!value.is_object()) return wrong("source", "an object is needed");
    RegisterSource out;
    SCHWARM_TRY(kind, needed(value, "kind"));
    const auto file = [&]() -> Result<std::string> {
        SCHWARM_TRY(name, needed(value, "file"));
        return (fs::path(folder) / name).lexically_normal().string();
    };
    if (kind == "file") {
        SCHWARM_TRY_VOID(only(value, {"kind", "file"}));
        out.kind = RegisterSource::Kind::file;
        SCHWARM_TRY(path, file());
        out.file = std::move(path);
    } else if (kind == "table") {
        SCHWARM_TRY_VOID(only(value, {"kind", "file", "table"}));
        out.kind = RegisterSource::Kind::table;
        SCHWARM_TRY(path, file());
        SCHWARM_TRY(table, needed(value, "table"));
        out.file = std::move(path);
        out.table = std::move(table);
    } else if (kind == "http") {
        SCHWARM_TRY_VOID(only(value, {"kind", "host", "port", "path", "key"}));
        out.kind = RegisterSource::Kind::http;
        SCHWARM_TRY(host, needed(value, "host"));
        SCHWARM_TRY(path, needed(value, "path"));
        SCHWARM_TRY(key, needed(value, "key"));
        const auto port = value.int_or("port", 0);
        if (port < 1 || port > 65'535) return wrong("source/port", "1 to 65535");
        out.host = std::move(host);
        out.path = std::move(path);
        out.key = std::move(key);
        out.port = static_cast<std::uint16_t>(port);
    } else {
        return wrong("source/kind", "must be file, table or http");
    }
    return out;
}

Result<RegisterPtr> Register::load(std::string_view id, const PackageFiles& files,
                                   const std::string& folder) {
    const auto found = files.find(kFile);
    if (found == files.end()) return fail(ErrorCode::not_found, "there is no register.json");
    json::Limits limits;
    limits.max_depth = 24;
    SCHWARM_TRY(root, json::parse(found->second, limits));
    if (!root.is_object()) return wrong("", "must be an object");
    SCHWARM_TRY_VOID(only(
        root, {"id", "title", "evidence", "legal_bases", "match", "preview", "level_of_assurance",
               "source", "schema", "policy", "retention", "abstract_check"}));
    auto out = std::make_shared<Register>();
    SCHWARM_TRY(name, needed(root, "id"));
    if (name != id) return wrong("id", "must equal the folder name '" + std::string(id) + "'");
    out->id = std::move(name);
    SCHWARM_TRY(title, needed(root, "title"));
    out->title = std::move(title);
    SCHWARM_TRY(decision, needed(root, "policy"));
    out->decision_ = std::move(decision);
    SCHWARM_TRY(retention, read_retention(root));
    out->retention = std::move(retention);
    const json::Value* checks = root.find("abstract_check");
    if (checks == nullptr || !checks->is_boolean() || !checks->as_boolean()) {
        SCHWARM_TRY(evidence, needed(root, "evidence"));
        out->evidence = std::move(evidence);
        SCHWARM_TRY(bases, texts(root, "legal_bases"));
        out->legal_bases = std::move(bases);
        SCHWARM_TRY(match, texts(root, "match"));
        out->match = std::move(match);
        const auto assurance = assurance_level(root.string_or("level_of_assurance", "none"));
        if (!assurance) {
            return wrong("level_of_assurance", "must be none, low, substantial or high");
        }
        out->assurance = *assurance;
        if (const json::Value* preview = root.find("preview")) {
            if (!preview->is_boolean()) return wrong("preview", "true or false");
            out->preview = preview->as_boolean();
        }
        const json::Value* source = root.find("source");
        if (source == nullptr) return wrong("source", "an object is needed");
        SCHWARM_TRY(read, read_source(*source, folder));
        out->source = std::move(read);
        const json::Value* schema = root.find("schema");
        const json::Value* members = schema != nullptr ? schema->find("properties") : nullptr;
        if (members == nullptr || !members->is_object()) {
            return wrong("schema", "a JSON Schema with properties is needed");
        }
        SCHWARM_TRY(compiled, json::Schema::compile(*schema));
        out->schema = *schema;
        out->check_ = std::make_shared<const json::Schema>(std::move(compiled));
    } else {
        SCHWARM_TRY_VOID(only(root, {"id", "title", "policy", "retention", "abstract_check"}));
    }
    std::vector<dmn::SourceFile> models;
    for (const auto& [file, text] : files) {
        if (file.ends_with(".dmn")) models.push_back({file, text});
    }
    SCHWARM_TRY(program, dmn::Program::load_set(std::move(models)));
    SCHWARM_TRY(place, program.find(out->decision_));
    static_cast<void>(place);
    out->policy_ = std::make_shared<const dmn::Program>(std::move(program));
    return RegisterPtr(std::move(out));
}

Result<json::Value> Register::give_out(const json::Value& record) const {
    json::Value out = json::Value::object();
    for (const auto& [name, type] : schema.find("properties")->members()) {
        if (const json::Value* value = record.find(name)) out.set(name, *value);
    }
    SCHWARM_TRY_VOID(check_->check(out));
    return out;
}

PolicyVerdict Register::judge(const feel::Value& inputs, const Clock& clock) const {
    dmn::EvaluationOptions options;
    options.clock = &clock;
    const auto outcome = policy_->evaluate(decision_, inputs, options);
    if (outcome.has_value() && outcome.value().value.is_context()) {
        const feel::Value allowed = outcome.value().value.get("erlaubt");
        const feel::Value reason = outcome.value().value.get("grund");
        if (allowed.is_boolean() && allowed.as_boolean()) return {true, {}, false};
        if (allowed.is_boolean() && reason.is_string()) {
            const feel::Value neutral = outcome.value().value.get("neutral");
            return {false, std::string(reason.as_string()),
                    neutral.is_boolean() && neutral.as_boolean()};
        }
    }
    return {false, "Die Regeln von '" + id + "' geben auf diese Anfrage keine Antwort.", false};
}

namespace {

constexpr std::string_view kCases = "faelle.json";

// Why a case did not come out as it says; empty if it did.
Result<std::string> run_case(const Register& rules, const json::Value& one) {
    SCHWARM_TRY_VOID(only(one, {"title", "anfrage", "datensatz", "verlangen", "vertrauensniveau",
                                "erlaubt", "grund", "gibt", "neutral"}));
    const json::Value* allowed = one.find("erlaubt");
    if (allowed == nullptr || !allowed->is_boolean()) {
        return wrong("erlaubt", "true or false is needed");
    }
    json::Value inputs = json::Value::object();
    for (const char* name : {"anfrage", "datensatz", "verlangen", "vertrauensniveau"}) {
        if (const json::Value* value = one.find(name)) inputs.set(name, *value);
    }
    SCHWARM_TRY(asked, feel::from_json(inputs));
    const PolicyVerdict verdict = rules.judge(asked, SystemClock());
    if (verdict.allowed != allowed->as_boolean()) {
        return verdict.allowed ? std::string("it is allowed") : "it is refused: " + verdict.reason;
    }
    const json::Value* neutral = one.find("neutral");
    if (verdict.neutral != (neutral != nullptr && neutral->is_boolean() && neutral->as_boolean())) {
        return std::string(verdict.neutral ? "the refusal is neutral"
                                           : "the refusal is not neutral");
    }
    if (verdict.reason.find(one.string_or("grund", "")) == std::string::npos) {
        return "the reason is: " + verdict.reason;
    }
    const json::Value* given = one.find("gibt");
    if (given == nullptr) return std::string();
    const json::Value* record = one.find("datensatz");
    if (record == nullptr || !given->is_array()) return wrong("gibt", "a list of members");
    SCHWARM_TRY(out, rules.give_out(*record));
    json::Value names = json::Value::array();
    for (const auto& [name, value] : out.members()) names.push_back(name);
    if (names == *given) return std::string();
    return "it gives out " + json::to_string(names);
}

}  // namespace

Result<std::vector<ScenarioResult>> run_cases(const Register& rules, const PackageFiles& files) {
    const auto found = files.find(kCases);
    if (found == files.end()) {
        return fail(ErrorCode::not_found, "a register without cases is refused",
                    std::string(kCases));
    }
    SCHWARM_TRY(cases, json::parse(found->second));
    if (!cases.is_array() || cases.items().empty()) {
        return fail(ErrorCode::invalid_input, "a list of cases is needed", std::string(kCases));
    }
    std::vector<ScenarioResult> out;
    for (const json::Value& one : cases.items()) {
        ScenarioResult result;
        result.file = kCases;
        result.title = one.string_or("title", "");
        const auto line = found->second.find("\"" + result.title + "\"");
        result.line = static_cast<int>(
            1 + std::count(found->second.begin(),
                           found->second.begin() +
                               static_cast<std::ptrdiff_t>(line == std::string::npos ? 0 : line),
                           '\n'));
        if (result.title.empty()) {
            return fail(ErrorCode::invalid_input, "a case has a title", std::string(kCases));
        }
        const auto failed = run_case(rules, one);
        result.message = failed.has_error() ? failed.error().text() : failed.value();
        result.ok = result.message.empty();
        out.push_back(std::move(result));
    }
    return out;
}

Result<std::map<std::string, RegisterPtr, std::less<>>> load_registers(const std::string& folder) {
    std::map<std::string, RegisterPtr, std::less<>> out;
    std::error_code ec;
    for (const auto& entry : fs::directory_iterator(folder, ec)) {
        std::error_code ignored;
        if (!fs::is_regular_file(entry.path() / kFile, ignored)) continue;
        const std::string id = entry.path().filename().string();
        const std::string place = entry.path().string();
        SCHWARM_TRY(files, read_folder(place));
        auto loaded = Register::load(id, files, place);
        if (loaded.has_error()) {
            return fail(loaded.error().code, loaded.error().message,
                        place + "/" + std::string(kFile) + ":" + loaded.error().where);
        }
        out.emplace(id, std::move(loaded.value()));
    }
    return out;
}

}  // namespace schwarm::services
