#include "redecide_models.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "schwarm/crypto/encode.hpp"
#include "schwarm/crypto/hash.hpp"
#include "schwarm/dmn/files.hpp"

namespace schwarm::bench {
namespace {

using feel::Value;

constexpr std::string_view kInForce = "2025-01-01";
constexpr std::string_view kMadeUpFrom = "2027-01-01";
constexpr std::string_view kMadeUpUntil = "2029-01-01";

void replace_all(std::string& text, std::string_view from, std::string_view to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
}

// The text between two marks from `at` on; `at` ends behind the second. Empty at the end.
std::string_view between(std::string_view text, std::string_view from, std::string_view to,
                         std::size_t& at) {
    const auto begin = text.find(from, at);
    if (begin == std::string_view::npos) {
        at = text.size();
        return {};
    }
    const auto start = begin + from.size();
    const auto end = text.find(to, start);
    at = end == std::string_view::npos ? text.size() : end + to.size();
    return text.substr(start, end - start);
}

dmn::SourceFile* find_file(Models& models, std::string_view name) {
    for (auto& file : models.files) {
        if (file.name == name) return &file;
    }
    return nullptr;
}

Result<void> stamp(Models& models) {
    std::string all;
    for (const auto& file : models.files) all += file.name + '\n' + file.text;
    models.version = crypto::hex_encode(crypto::bytes_of(crypto::sha256(all)));
    return {};
}

// What a table's parameters become.
struct Change {
    std::string_view table;
    std::array<bool, 3> outputs;
    bool divide;
    int digits;
};
constexpr std::array<Change, 4> kChanges = {{
    {"Hoechstbetrag_Tabelle", {true, false, false}, false, 0},
    {"Mehrbetrag_Tabelle", {true, false, false}, false, 0},
    {"Formelwerte_Tabelle", {false, true, true}, true, 7},
    {"Mindestwerte_Tabelle", {true, true, false}, false, 0},
}};

Result<std::string> changed_value(std::string_view text, const Change& change,
                                  const Decimal& factor) {
    const auto value = Decimal::parse(text);
    if (!value) return fail(ErrorCode::invalid_input, "not a number: " + std::string(text));
    const auto exact = change.divide ? divide(*value, factor) : multiply(*value, factor);
    if (!exact) return fail(ErrorCode::invalid_input, "a parameter leaves the range");
    return exact->round(change.digits, Rounding::half_up)->to_string();
}

Result<std::string> changed_rule(std::string_view rule, const Change* change,
                                 const Decimal& factor) {
    std::string out(rule);
    replace_all(out, kInForce, kMadeUpFrom);
    replace_all(out, "id=\"", "id=\"Neu_");
    if (change == nullptr) return out;
    std::size_t at = 0;
    for (const bool wanted : change->outputs) {
        at = out.find("<outputEntry", at);
        if (at == std::string::npos) break;
        const auto begin = out.find("<text>", at) + 6;
        const auto end = out.find("</text>", begin);
        if (wanted) {
            SCHWARM_TRY(value, changed_value(std::string_view(out).substr(begin, end - begin),
                                             *change, factor));
            out.replace(begin, end - begin, value);
        }
        at = begin;
    }
    return out;
}

Result<std::string> with_new_rows(std::string_view model, const Decimal& factor) {
    std::string out;
    std::size_t at = 0;
    for (;;) {
        const auto table = model.find("<decisionTable id=\"", at);
        const auto first = table == std::string_view::npos ? table : model.find("<rule ", table);
        if (first == std::string_view::npos) break;
        const auto end = model.find("</decisionTable>", first);
        auto name_at = table;
        const auto id = between(model, "id=\"", "\"", name_at);
        const auto change = std::find_if(kChanges.begin(), kChanges.end(),
                                         [&](const Change& one) { return one.table == id; });
        SCHWARM_TRY(rows, changed_rule(model.substr(first, end - first), nullptr, factor));
        out += model.substr(at, first - at);
        if (change == kChanges.end()) {
            out += rows;
        } else {
            for (std::size_t from = first; from < end;) {
                const auto rule_at = model.find("<rule ", from);
                if (rule_at == std::string_view::npos || rule_at >= end) break;
                const auto rule_end = model.find("</rule>", rule_at) + 7;
                SCHWARM_TRY(rule, changed_rule(model.substr(rule_at, rule_end - rule_at), &*change,
                                               factor));
                out += rule + "\n";
                from = rule_end;
            }
        }
        at = first;
        out += model.substr(at, end - at);
        at = end;
    }
    return out + std::string(model.substr(at));
}

Result<std::string> with_new_version(const std::string& model) {
    std::size_t at = 0;
    const auto row = between(model, "<row id=\"Fortschreibungen_Z1\">", "</row>", at);
    if (row.empty()) {
        return fail(ErrorCode::invalid_input, "zeitraum.dmn has no row Fortschreibungen_Z1");
    }
    std::string newer = "<row id=\"Fortschreibungen_Neu\">" + std::string(row) + "</row>";
    replace_all(newer, "Fortschreibungen_Z1", "Fortschreibungen_Neu");
    replace_all(newer, kMadeUpFrom, kMadeUpUntil);
    replace_all(newer, kInForce, kMadeUpFrom);
    std::string out = model;
    out.insert(at, newer);
    return out;
}

std::string text_of(const Value& value) {
    return value.is_string() ? std::string(value.as_string()) : std::string();
}

Result<Decided> decided_of(Value decision) {
    Decided out;
    out.result = text_of(decision.get("ergebnis"));
    out.section = text_of(decision.get("vorschrift"));
    out.human = decision.get("anlass_mensch").is_true();
    const auto parts = decision.get("teile");
    if (out.result.empty() || !parts.is_list() || parts.as_list().empty()) {
        return fail(ErrorCode::internal, "the decision has no result or no parts");
    }
    out.parts = parts.as_list().size();
    const auto amount_of = [&](const Value& part) {
        const auto value = part.get("betrag");
        const bool granted = out.result == "bewilligt" && value.is_number();
        return granted ? value.as_number() : Decimal();
    };
    out.first_amount = amount_of(parts.as_list().front());
    out.last_amount = amount_of(parts.as_list().back());
    out.decisions = std::move(decision);
    return out;
}

}  // namespace

Result<Models> read_models(const std::filesystem::path& package) {
    Models out;
    for (const char* name : {"zeitraum.dmn", "mietenstufen.dmn", "haushalt.dmn", "miete.dmn",
                             "einkommen.dmn", "hoehe.dmn", "entscheidung.dmn"}) {
        SCHWARM_TRY(file, dmn::read_file(package / name));
        out.files.push_back(std::move(file));
    }
    SCHWARM_TRY_VOID(stamp(out));
    return out;
}

Result<Models> with_made_up_parameters(const Models& models, const Decimal& share) {
    Models out = models;
    auto* const amount = find_file(out, "hoehe.dmn");
    auto* const period = find_file(out, "zeitraum.dmn");
    if (amount == nullptr || period == nullptr) {
        return fail(ErrorCode::not_found, "hoehe.dmn and zeitraum.dmn are needed");
    }
    SCHWARM_TRY(newer, with_new_rows(amount->text, Decimal(1) + share));
    amount->text = std::move(newer);
    SCHWARM_TRY(versions, with_new_version(period->text));
    period->text = std::move(versions);
    SCHWARM_TRY_VOID(stamp(out));
    return out;
}

std::vector<std::vector<std::string>> rows_of_table(std::string_view model, std::string_view id) {
    std::vector<std::vector<std::string>> out;
    std::size_t at = 0;
    const auto table =
        between(model, fmt::format("<decisionTable id=\"{}\"", id), "</decisionTable>", at);
    for (std::size_t from = 0;;) {
        const auto rule = between(table, "<rule ", "</rule>", from);
        if (rule.empty()) return out;
        std::vector<std::string> cells;
        const auto end = std::min(rule.find("<annotationEntry"), rule.size());
        for (std::size_t cell = 0; cell < end;) {
            auto text = std::string(between(rule.substr(0, end), "<text>", "</text>", cell));
            if (text.empty()) break;
            replace_all(text, "&gt;", ">");
            replace_all(text, "&lt;", "<");
            replace_all(text, "&amp;", "&");
            cells.push_back(std::move(text));
        }
        out.push_back(std::move(cells));
    }
}

Result<Chain> Chain::make(const dmn::Program& program) {
    Chain out(program);
    constexpr std::array<const char*, 7> kNames = {"Zeitraum",       "Mietenstufe", "Haushalt",
                                                   "Mietermittlung", "Einkommen",   "Hoehe",
                                                   "Entscheidung"};
    for (std::size_t i = 0; i < kNames.size(); ++i) {
        SCHWARM_TRY(found, program.find(kNames[i]));
        out.decisions_[i] = found;
    }
    // The defaults of service.json.
    out.settings_ = Value::context({{"vermoegen_erste_person", 60'000},
                                    {"vermoegen_weitere_person", 30'000},
                                    {"gemeinden", Value::list()}});
    return out;
}

Result<Value> Chain::ask(std::size_t decision,
                         std::initializer_list<std::pair<const feel::Key*, Value>> inputs) const {
    feel::ContextBuilder builder;
    builder.reserve(inputs.size());
    for (const auto& [key, value] : inputs) builder.append(*key, value);
    const auto input = builder.build();
    dmn::EvaluationOptions options;
    options.diagnostics = false;
    auto outcome = program_.evaluate(decisions_[decision], input, options);
    if (outcome.value.is_null()) {
        options.diagnostics = true;
        outcome = program_.evaluate(decisions_[decision], input, options);
        return fail(
            ErrorCode::internal,
            fmt::format("{} has no result: {}", program_.invocables()[decisions_[decision]].name,
                        outcome.diagnostics.empty() ? std::string("no reason")
                                                    : outcome.diagnostics[0].reason));
    }
    return std::move(outcome.value);
}

Result<void> Chain::take(Step step, Way& way) const {
    const Value& application = way.request.application;
    const auto result =
        [&](std::initializer_list<std::pair<const feel::Key*, Value>> inputs) -> Result<void> {
        SCHWARM_TRY(value, ask(step, inputs));
        way.results[step] = std::move(value);
        return {};
    };
    const auto& period = way.results[kPeriod];
    const auto& household = way.results[kHousehold];
    const auto& rent = way.results[kRent];
    const auto& income = way.results[kIncome];
    switch (step) {
        case kPeriod:
            return result({{&application_, application},
                           {&received_, way.request.received},
                           {&decided_on_, way.request.decided_on}});
        case kLevel:
            return result({{&land_, application.get("ort.land")},
                           {&kind_, municipality_},
                           {&name_, application.get("ort.gemeinde")},
                           {&day_, period.get("stichtag")}});
        case kHousehold:
            return result(
                {{&application_, application}, {&period_, period}, {&settings_name_, settings_}});
        case kRent:
        case kIncome:
            return result(
                {{&application_, application}, {&period_, period}, {&household_, household}});
        case kAmount:
            return result({{&members_, household.get("anzahl")},
                           {&all_members_, household.get("anzahl_gesamt")},
                           {&level_, way.results[kLevel]},
                           {&rent_, rent.get("betrag")},
                           {&income_, income.get("monatlich")},
                           {&period_, period}});
        case kDecision:
            return result({{&application_, application},
                           {&period_, period},
                           {&household_, household},
                           {&rent_name_, rent},
                           {&income_name_, income},
                           {&amount_name_, way.results[kAmount]},
                           {&cooperation_, Value()},
                           {&review_, Value()}});
    }
    return fail(ErrorCode::internal, "no such step");
}

Result<std::vector<Decided>> Chain::decide(std::span<const Request> requests) const {
    constexpr std::size_t kBlock = 32;
    std::vector<Decided> out;
    out.reserve(requests.size());
    for (std::size_t from = 0; from < requests.size(); from += kBlock) {
        const auto block = requests.subspan(from, std::min(kBlock, requests.size() - from));
        std::vector<Way> ways;
        ways.reserve(block.size());
        for (const auto& request : block) ways.push_back({request, {}});
        for (const auto step : {kPeriod, kLevel, kHousehold, kRent, kIncome, kAmount, kDecision}) {
            for (auto& way : ways) SCHWARM_TRY_VOID(take(step, way));
        }
        for (auto& way : ways) {
            SCHWARM_TRY(decided, decided_of(std::move(way.results[kDecision])));
            out.push_back(std::move(decided));
        }
    }
    return out;
}

}  // namespace schwarm::bench
