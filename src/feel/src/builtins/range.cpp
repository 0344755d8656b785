// Relations of points and ranges: DMN 1.5 clause 10.3.4.7 (Allen's interval algebra).
#include <array>

#include "arguments.hpp"
#include "schwarm/feel/operations.hpp"

namespace schwarm::feel {
namespace {

// An argument as a range; a point is a range from itself to itself.
struct Span {
    Value start;
    Value end;
    bool start_included = true;
    bool end_included = true;
    bool is_point = true;
};

std::optional<Span> span_of(const Value& value) {
    if (value.is_null()) return std::nullopt;
    if (!value.is_range()) {
        const Value& point = single(value);
        return Span{point, point};
    }
    const Range& r = value.as_range();
    if (r.form == Range::Form::not_equal) return std::nullopt;
    return Span{r.start, r.form == Range::Form::equal ? r.start : r.end, r.start_included,
                r.end_included, false};
}

// -1, 0, 1; nullopt if the ends do not compare. A missing start lies before, a missing end behind
// everything.
std::optional<int> order(const Value& a, const Value& b) {
    const auto result = compare(a, b);
    if (!result) return std::nullopt;
    return *result < 0 ? -1 : (*result > 0 ? 1 : 0);
}

using Relation = std::optional<bool> (*)(const Span&, const Span&);

Value relate(Arguments a, Evaluation& ev, const char* name, Relation relation) {
    const auto x = span_of(a[0]);
    const auto y = span_of(a[1]);
    if (x && y) {
        if (const auto result = relation(*x, *y)) return *result;
    }
    return wrong_kind(ev, name, "points or ranges of the same kind");
}

std::optional<bool> is_before(const Span& a, const Span& b) {
    const auto o = order(a.end, b.start);
    if (!o) return std::nullopt;
    return *o < 0 || (*o == 0 && (!a.end_included || !b.start_included));
}

std::optional<bool> does_meet(const Span& a, const Span& b) {
    if (a.is_point || b.is_point) return std::nullopt;
    const auto o = order(a.end, b.start);
    if (!o) return std::nullopt;
    return *o == 0 && a.end_included && b.start_included;
}

std::optional<bool> does_overlap(const Span& a, const Span& b) {
    const auto x = is_before(a, b);
    const auto y = is_before(b, a);
    if (!x || !y || a.is_point || b.is_point) return std::nullopt;
    return !*x && !*y;
}

// -1 if a starts before b, 0 at the same place, 1 after.
std::optional<int> order_of_starts(const Span& a, const Span& b) {
    const auto o = order(a.start, b.start);
    if (!o || *o != 0 || a.start_included == b.start_included) return o;
    return a.start_included ? -1 : 1;
}

std::optional<int> order_of_ends(const Span& a, const Span& b) {
    const auto o = order(a.end, b.end);
    if (!o || *o != 0 || a.end_included == b.end_included) return o;
    return a.end_included ? 1 : -1;
}

std::optional<bool> overlaps_at_start(const Span& a, const Span& b) {
    const auto together = does_overlap(a, b);
    const auto starts = order_of_starts(a, b);
    const auto ends = order_of_ends(a, b);
    if (!together || !starts || !ends) return std::nullopt;
    return *together && *starts < 0 && *ends <= 0;
}

std::optional<bool> does_include(const Span& a, const Span& b) {
    const auto starts = order_of_starts(a, b);
    const auto ends = order_of_ends(a, b);
    if (!starts || !ends || a.is_point) return std::nullopt;
    return *starts <= 0 && *ends >= 0;
}

std::optional<bool> does_start(const Span& a, const Span& b) {
    const auto starts = order_of_starts(a, b);
    const auto ends = order_of_ends(a, b);
    if (!starts || !ends || b.is_point) return std::nullopt;
    return *starts == 0 && *ends <= 0;
}

std::optional<bool> does_finish(const Span& a, const Span& b) {
    const auto starts = order_of_starts(a, b);
    const auto ends = order_of_ends(a, b);
    if (!starts || !ends || b.is_point) return std::nullopt;
    return *ends == 0 && *starts >= 0;
}

std::optional<bool> do_coincide(const Span& a, const Span& b) {
    const auto starts = order_of_starts(a, b);
    const auto ends = order_of_ends(a, b);
    if (!starts || !ends || a.is_point != b.is_point) return std::nullopt;
    return *starts == 0 && *ends == 0;
}

template <Relation relation>
std::optional<bool> swapped(const Span& a, const Span& b) {
    return relation(b, a);
}

Value before(Arguments a, Evaluation& ev) {
    return relate(a, ev, "before", is_before);
}
Value after(Arguments a, Evaluation& ev) {
    return relate(a, ev, "after", swapped<is_before>);
}
Value meets(Arguments a, Evaluation& ev) {
    return relate(a, ev, "meets", does_meet);
}
Value met_by(Arguments a, Evaluation& ev) {
    return relate(a, ev, "met by", swapped<does_meet>);
}
Value overlaps(Arguments a, Evaluation& ev) {
    return relate(a, ev, "overlaps", does_overlap);
}
Value overlaps_before(Arguments a, Evaluation& ev) {
    return relate(a, ev, "overlaps before", overlaps_at_start);
}
Value overlaps_after(Arguments a, Evaluation& ev) {
    return relate(a, ev, "overlaps after", swapped<overlaps_at_start>);
}
Value finishes(Arguments a, Evaluation& ev) {
    return relate(a, ev, "finishes", does_finish);
}
Value finished_by(Arguments a, Evaluation& ev) {
    return relate(a, ev, "finished by", swapped<does_finish>);
}
Value includes(Arguments a, Evaluation& ev) {
    return relate(a, ev, "includes", does_include);
}
Value during(Arguments a, Evaluation& ev) {
    return relate(a, ev, "during", swapped<does_include>);
}
Value starts(Arguments a, Evaluation& ev) {
    return relate(a, ev, "starts", does_start);
}
Value started_by(Arguments a, Evaluation& ev) {
    return relate(a, ev, "started by", swapped<does_start>);
}
Value coincides(Arguments a, Evaluation& ev) {
    return relate(a, ev, "coincides", do_coincide);
}

constexpr const char* kAny =
    "point1,point2|point,range|range,point|range1,range2|point1,range|range,point2";
constexpr const char* kRanges = "range1,range2";
constexpr const char* kInside = "point,range|range1,range2";
constexpr const char* kAround = "range,point|range1,range2";

constexpr std::array kTable = {
    Builtin{"before", kAny, before},
    Builtin{"after", kAny, after},
    Builtin{"meets", kRanges, meets},
    Builtin{"met by", kRanges, met_by},
    Builtin{"overlaps", kRanges, overlaps},
    Builtin{"overlaps before", kRanges, overlaps_before},
    Builtin{"overlaps after", kRanges, overlaps_after},
    Builtin{"finishes", kInside, finishes},
    Builtin{"finished by", kAround, finished_by},
    Builtin{"includes", kAround, includes},
    Builtin{"during", kInside, during},
    Builtin{"starts", kInside, starts},
    Builtin{"started by", kAround, started_by},
    Builtin{"coincides", "point1,point2|range1,range2", coincides},
};

}  // namespace

std::span<const Builtin> range_builtins() {
    return kTable;
}

}  // namespace schwarm::feel
