#include "schwarm/feel/findings.hpp"

#include <algorithm>

#include "program.hpp"
#include "schwarm/base/utf8.hpp"

namespace schwarm::feel {

std::vector<TypeFinding> type_findings(const Expression& expression) {
    std::vector<TypeFinding> out;
    if (!expression) return out;
    const std::string_view text = expression.text();
    auto notes = expression.program().notes;
    // The parser may read a part twice.
    std::stable_sort(notes.begin(), notes.end(),
                     [](const auto& a, const auto& b) { return a.position < b.position; });
    notes.erase(std::unique(notes.begin(), notes.end()), notes.end());
    for (const auto& note : notes) {
        const auto before = text.substr(0, std::min<std::size_t>(note.position, text.size()));
        const auto line = std::count(before.begin(), before.end(), '\n') + 1;
        const auto column = utf8::length(before.substr(before.rfind('\n') + 1)) + 1;
        out.push_back({note.reason, static_cast<std::size_t>(line), column});
    }
    return out;
}

std::optional<ConstantTests> constant_tests(const Expression& tests) {
    if (!tests || !tests.is_unary_tests()) return std::nullopt;
    const Program& program = tests.program();
    if (program.shape == Expression::TestShape::any) return std::nullopt;
    if (program.shape != Expression::TestShape::general) {
        return ConstantTests{program.test_values, false};
    }
    if (program.constant_tests.empty()) return std::nullopt;
    return ConstantTests{program.constant_tests, program.negated};
}

namespace {

bool may_fit_members(const Type& found, const Type& wanted) {
    // A context whose members are not known may have any.
    if (found.members().empty()) return true;
    return std::all_of(wanted.members().begin(), wanted.members().end(),
                       [&](const Type::Member& member) {
                           const TypePtr ours = found.member(member.name);
                           return ours != nullptr && may_fit(*ours, *member.type);
                       });
}

}  // namespace

bool may_fit(const Type& found, const Type& wanted) {
    const TypeKind a = found.kind();
    const TypeKind b = wanted.kind();
    if (found.is_any() || a == TypeKind::null || wanted.is_any()) return true;
    if (b == TypeKind::list) {
        return may_fit(a == TypeKind::list ? *found.element() : found, *wanted.element());
    }
    if (a == TypeKind::list) return may_fit(*found.element(), wanted);
    if (a == TypeKind::date && b == TypeKind::date_time) return true;
    if (a != b) return false;
    switch (a) {
        case TypeKind::range:
            return may_fit(*found.element(), *wanted.element());
        case TypeKind::context:
            return may_fit_members(found, wanted);
        case TypeKind::function:
            return found.members().empty() || wanted.members().empty() ||
                   found.members().size() == wanted.members().size();
        default:
            return true;
    }
}

}  // namespace schwarm::feel
