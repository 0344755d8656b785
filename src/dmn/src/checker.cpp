#include "checker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "program_data.hpp"
#include "schwarm/feel/findings.hpp"

namespace schwarm::dmn {

namespace detail {

using Severity = Finding::Severity;
using Kind = Finding::Kind;

const Checker::Name* Checker::find_name(std::string_view name) const {
    for (const auto& known : names_) {
        if (known.name == name) return &known;
    }
    return nullptr;
}

void Checker::expression(const feel::Expression& expression, xml::Element at) {
    for (const auto& finding : feel::type_findings(expression)) {
        constexpr std::size_t kShown = 80;
        const auto& text = expression.text();
        const bool one_line = text.size() <= kShown && text.find('\n') == std::string::npos;
        add({Severity::error, at.where(),
             fmt::format("{}, at {}:{} of {}", finding.reason, finding.line, finding.column,
                         one_line ? text : "the expression"),
             Kind::type});
    }
}

void Checker::fit(const feel::Type& found, const ItemType& wanted, std::string_view what,
                  xml::Element at) {
    if (feel::may_fit(found, *wanted.type)) return;
    add({Severity::error, at.where(),
         fmt::format("{} is of the type {}, but {} is declared", what, found.to_string(),
                     wanted.name.empty() ? wanted.type->to_string() : wanted.name),
         Kind::type});
}

void Checker::invocation(const feel::Type& function, const Arguments& arguments, xml::Element at) {
    const auto kind = function.kind();
    const auto fault = [&](std::string message) {
        add({Severity::error, at.where(), std::move(message), Kind::type});
    };
    if (kind == feel::TypeKind::any || kind == feel::TypeKind::null) return;
    if (kind != feel::TypeKind::function) {
        return fault(
            fmt::format("what is invoked is no function but of the type {}", function.to_string()));
    }
    // Without a signature nothing more is known.
    if (function.members().empty() && function.result()->is_any()) return;
    for (const auto& [name, type] : arguments) {
        const auto wanted = function.member(name);
        if (!wanted) {
            fault(fmt::format("the function has no parameter '{}'", name));
        } else if (!feel::may_fit(*type, *wanted)) {
            fault(fmt::format("the argument '{}' is of the type {}, but the parameter is {}", name,
                              type->to_string(), wanted->to_string()));
        }
    }
    for (const auto& parameter : function.members()) {
        const bool given =
            std::any_of(arguments.begin(), arguments.end(),
                        [&](const auto& argument) { return argument.first == parameter.name; });
        if (!given) fault(fmt::format("the argument '{}' is missing", parameter.name));
    }
}

void Checker::table(LogicCompiler& compiler, xml::Element element, Scope& scope) {
    check_table(*this, compiler, element, scope);
}

}  // namespace detail

struct CheckedLoader {
    static Result<Checked> load(std::vector<SourceFile> files, const ImportResolver& resolver,
                                const LoadLimits& limits, const CheckLimits& check) {
        detail::Checker checker(check);
        SCHWARM_TRY(data, detail::compile_set(std::move(files), resolver, limits, &checker));
        auto findings = data->findings;
        for (auto& finding : checker.take()) findings.push_back(std::move(finding));
        const auto& names = data->files;
        const auto order = [&](const Finding& finding) {
            const auto place = place_of(finding);
            const auto file = std::find(names.begin(), names.end(), place.file) - names.begin();
            return std::tuple(file, place.line, place.column);
        };
        std::stable_sort(findings.begin(), findings.end(),
                         [&](const Finding& a, const Finding& b) { return order(a) < order(b); });
        findings.erase(std::unique(findings.begin(), findings.end(),
                                   [](const Finding& a, const Finding& b) {
                                       return a.where == b.where && a.message == b.message;
                                   }),
                       findings.end());
        return Checked{Program(std::move(data)), std::move(findings)};
    }
};

Result<Checked> load_checked(std::vector<SourceFile> files, const ImportResolver& resolver,
                             const LoadLimits& limits, const CheckLimits& check) {
    return CheckedLoader::load(std::move(files), resolver, limits, check);
}

// "file.dmn:12:4 element id"
FindingPlace place_of(const Finding& finding) {
    FindingPlace out;
    std::string_view text = finding.where;
    constexpr std::string_view kElement = " element ";
    if (const auto at = text.find(kElement); at != std::string_view::npos) {
        out.element = text.substr(at + kElement.size());
        text = text.substr(0, at);
    }
    for (std::size_t* number : {&out.column, &out.line}) {
        const auto colon = text.rfind(':');
        if (colon == std::string_view::npos) break;
        const auto digits = text.substr(colon + 1);
        const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), *number);
        if (parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size()) break;
        text = text.substr(0, colon);
    }
    out.file = text;
    return out;
}

std::string_view name_of(Finding::Kind kind) {
    switch (kind) {
        case Finding::Kind::name:
            return "name";
        case Finding::Kind::missing_type:
            return "missing type";
        case Finding::Kind::missing_logic:
            return "missing logic";
        case Finding::Kind::type:
            return "type";
        case Finding::Kind::value:
            return "value";
        case Finding::Kind::overlap:
            return "overlap";
        case Finding::Kind::unreachable:
            return "unreachable";
        case Finding::Kind::gap:
            return "gap";
        case Finding::Kind::duplicate:
            return "duplicate";
        case Finding::Kind::not_analysed:
            return "not analysed";
        case Finding::Kind::refused:
            return "refused";
    }
    return "";
}

std::string_view name_of(Finding::Severity severity) {
    switch (severity) {
        case Finding::Severity::error:
            return "error";
        case Finding::Severity::warning:
            return "warning";
        case Finding::Severity::note:
            return "note";
    }
    return "";
}

}  // namespace schwarm::dmn
