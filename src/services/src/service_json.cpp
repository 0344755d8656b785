// service.json (docs/formats/package.md) into a Package.
#include <algorithm>
#include <array>
#include <initializer_list>

#include "parts.hpp"
#include "schwarm/base/calendar.hpp"
#include "schwarm/feel/codec.hpp"
#include "schwarm/json/json.hpp"
#include "schwarm/services/bindings.hpp"

namespace schwarm::services {
namespace {

constexpr std::string_view kFile = "service.json";

bool all_of(std::string_view text, std::string_view allowed) {
    return text.find_first_not_of(allowed) == std::string_view::npos;
}
constexpr std::string_view kLower = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kUpper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view kDigits = "0123456789";

class Reader {
  public:
    Reader(std::string_view source, Package& package, std::string& form_id, Findings& findings)
        : source_(source), package_(package), form_id_(form_id), findings_(findings) {}

    void read(std::string_view id) {
        json::Limits limits;
        limits.max_depth = 16;
        auto parsed = json::parse(source_, limits);
        if (!parsed) {
            findings_.add(problem_from_error(std::string(kFile), parsed.error()));
            return;
        }
        root_ = std::move(*parsed);
        if (!root_.is_object()) return error("", "must be an object");
        known(root_, {"id", "case_prefix", "form", "started_by", "leika", "legal_basis",
                      "level_of_assurance", "automation_basis", "draft_days", "retention",
                      "messages", "retrieval", "outcome", "settings"});
        read_names(id);
        read_law();
        read_retention();
        read_messages();
        read_retrieval();
        read_outcome();
        read_settings();
    }

  private:
    void error(std::string_view member, std::string reason) {
        const auto line = member.empty() ? 1 : line_of(source_, "\"" + std::string(member) + "\"");
        findings_.error(std::string(kFile), line, std::string(member), std::move(reason));
    }

    void known(const json::Value& object, std::initializer_list<std::string_view> names) {
        for (const auto& [name, value] : object.members()) {
            if (std::find(names.begin(), names.end(), name) == names.end()) {
                error(name, "service.json has no such member");
            }
        }
    }

    // The text of a member; an error if it is missing (and required) or no text.
    std::string text(const json::Value& object, std::string_view name, bool required) {
        const auto* value = object.find(name);
        if (value == nullptr) {
            if (required) error(name, "'" + std::string(name) + "' is missing");
            return {};
        }
        if (!value->is_string()) {
            error(name, "must be a text");
            return {};
        }
        return value->as_string();
    }

    void read_names(std::string_view id) {
        package_.id = ServiceId(std::string(id));
        if (id.empty() || id.size() > 63 || !all_of(id.substr(0, 1), kLower) ||
            id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != std::string::npos) {
            error("id", "the folder name must be lower-case letters, digits and '-'");
        }
        if (const auto given = text(root_, "id", true); !given.empty() && given != id) {
            error("id", "must equal the folder name '" + std::string(id) + "'");
        }
        package_.case_prefix = text(root_, "case_prefix", true);
        if (package_.case_prefix.size() > 4 || !all_of(package_.case_prefix, kUpper)) {
            error("case_prefix", "must be 1 to 4 capital letters");
        }
        read_start();
        package_.leika = text(root_, "leika", false);
        if (!package_.leika.empty() &&
            (package_.leika.size() != 14 || !all_of(package_.leika, kDigits))) {
            error("leika", "must have 14 digits");
        }
    }

    void read_start() {
        const auto by = text(root_, "started_by", false);
        package_.started_by_message = by == "message";
        if (!by.empty() && by != "application" && by != "message") {
            error("started_by", "must be application or message");
        }
        if (package_.started_by_message && root_.find("form") != nullptr) {
            error("form", "what is started by a message has no application form");
        } else {
            form_id_ = text(root_, "form", !package_.started_by_message);
        }
    }

    void read_law() {
        if (const auto* basis = root_.find("legal_basis")) {
            if (!basis->is_array()) {
                error("legal_basis", "must be a list of texts");
            } else {
                for (const auto& item : basis->items()) {
                    if (!item.is_string()) {
                        error("legal_basis", "must be a list of texts");
                        break;
                    }
                    package_.legal_basis.push_back(item.as_string());
                }
            }
        }
        package_.automation_basis = text(root_, "automation_basis", false);
        if (const auto name = text(root_, "level_of_assurance", false); !name.empty()) {
            const auto level = assurance_level(name);
            if (!level) error("level_of_assurance", "must be none, low, substantial or high");
            package_.assurance = level.value_or(package_.assurance);
        }
        if (const auto* days = root_.find("draft_days")) {
            const auto number = days->as_int64();
            if (!number || *number < 1 || *number > 365) {
                error("draft_days", "must be a whole number from 1 to 365");
            } else {
                package_.draft_days = static_cast<int>(*number);
            }
        }
    }

    void read_retention() {
        const auto* retention = root_.find("retention");
        if (retention == nullptr || !retention->is_object()) {
            return error("retention", "'retention' with period and rule is missing");
        }
        known(*retention, {"period", "rule", "deletion", "log"});
        package_.retention.rule = text(*retention, "rule", true);
        package_.retention.period = read_period(*retention, "period");
        const auto deletion = text(*retention, "deletion", false);
        package_.retention.automatic = deletion == "automatic";
        if (retention->find("deletion") != nullptr && deletion != "automatic" &&
            deletion != "order") {
            error("deletion", "must be automatic or order");
        }
        if (retention->find("log") == nullptr) return;
        if (!package_.retention.automatic) {
            error("log", "needs \"deletion\": \"automatic\"");
        }
        package_.retention.log = read_period(*retention, "log");
    }

    Period read_period(const json::Value& object, std::string_view name) {
        const auto source = text(object, name, true);
        Period out;
        if (const auto months = YearsMonths::parse(source); months && months->months > 0) {
            out.months = months->months;
        } else if (const auto days = DaysTime::parse(source);
                   days && days->seconds >= kSecondsPerDay) {
            out.days = days->seconds / kSecondsPerDay;
        }
        if (out.months + out.days > 0 && after(out, Instant{})) return out;
        error(name, "must be a duration such as P10Y or P90D");
        return {};
    }

    void read_messages() {
        const auto* messages = root_.find("messages");
        if (messages == nullptr) return;
        if (!messages->is_object()) return error("messages", "must be an object");
        known(*messages, {"withdrawal", "documents", "correction"});
        package_.withdrawal_message = text(*messages, "withdrawal", false);
        package_.documents_message = text(*messages, "documents", false);
        package_.correction_message = text(*messages, "correction", false);
    }

    void read_retrieval() {
        const auto* retrieval = root_.find("retrieval");
        if (retrieval == nullptr) return;
        if (!retrieval->is_object()) return error("retrieval", "must be an object");
        known(*retrieval, {"document", "message"});
        package_.retrieved_document = text(*retrieval, "document", true);
        package_.retrieval_message = text(*retrieval, "message", true);
    }

    feel::Expression expression(const json::Value& object, std::string_view name) {
        auto source = text(object, name, false);
        if (source.empty()) return {};
        if (source.front() != '=') {
            error(name, "must be an expression beginning with '='");
            return {};
        }
        feel::NameScope open;
        open.set_open();
        auto compiled = feel::compile_expression(source.substr(1), open);
        if (!compiled) {
            error(name, compiled.error().message);
            return {};
        }
        return std::move(*compiled);
    }

    void read_outcome() {
        const auto* outcome = root_.find("outcome");
        if (outcome == nullptr) return;
        if (!outcome->is_object()) return error("outcome", "must be an object");
        known(*outcome, {"decision", "amount"});
        package_.parts->decision = expression(*outcome, "decision");
        package_.parts->amount = expression(*outcome, "amount");
    }

    void read_settings() {
        const auto* settings = root_.find("settings");
        if (settings == nullptr) return;
        if (!settings->is_array()) return error("settings", "must be a list");
        for (const auto& entry : settings->items()) {
            if (!entry.is_object()) return error("settings", "must be a list of objects");
            known(entry, {"key", "type", "default"});
            read_setting(entry);
        }
    }

    void read_setting(const json::Value& entry) {
        Setting setting;
        setting.key = text(entry, "key", true);
        const auto type = text(entry, "type", true);
        bool found = false;
        for (int i = 0; i <= static_cast<int>(SettingType::context); ++i) {
            if (name_of(static_cast<SettingType>(i)) == type) {
                setting.type = static_cast<SettingType>(i);
                found = true;
            }
        }
        if (!found) error("type", "must be boolean, number, text, date, list or context");
        if (setting.key.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789_") != std::string::npos) {
            error(setting.key, "a setting's key has only letters, digits and '_'");
        }
        for (const auto& other : package_.settings) {
            if (other.key == setting.key) error(setting.key, "this setting is declared twice");
        }
        const auto* fallback = entry.find("default");
        if (fallback == nullptr) {
            error(setting.key, "the setting has no default");
            return;
        }
        if (!found) return;
        package_.settings.push_back(setting);
        // The same check as for a tenant's value.
        auto value = resolve_settings(package_, json::Value::object({{setting.key, *fallback}}));
        if (!value) {
            error(setting.key, "the default " + value.error().message);
            return;
        }
        package_.settings.back().fallback = value->get(setting.key);
    }

    std::string_view source_;
    Package& package_;
    std::string& form_id_;
    Findings& findings_;
    json::Value root_;
};

}  // namespace

void read_service_json(std::string_view id, std::string_view source, Package& package,
                       std::string& form_id, Findings& findings) {
    Reader(source, package, form_id, findings).read(id);
}

}  // namespace schwarm::services
