#include "check_domains.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "schwarm/feel/operations.hpp"

namespace schwarm::dmn::detail {

using feel::Kind;
using feel::Range;
using feel::TypeKind;
using feel::Value;

namespace {

constexpr std::size_t kMaxPoints = 200'000;

PieceSet normalized(PieceSet spans) {
    std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) { return a.lo < b.lo; });
    PieceSet out;
    for (const Span& span : spans) {
        if (!out.empty() && span.lo <= out.back().hi + 1) {
            out.back().hi = std::max(out.back().hi, span.hi);
        } else {
            out.push_back(span);
        }
    }
    return out;
}

std::optional<Kind> value_kind(TypeKind kind) {
    switch (kind) {
        case TypeKind::boolean:
            return Kind::boolean;
        case TypeKind::number:
            return Kind::number;
        case TypeKind::string:
            return Kind::string;
        case TypeKind::date:
            return Kind::date;
        case TypeKind::time:
            return Kind::time;
        case TypeKind::date_time:
            return Kind::date_time;
        case TypeKind::days_time_duration:
            return Kind::days_time_duration;
        case TypeKind::years_months_duration:
            return Kind::years_months_duration;
        default:
            return std::nullopt;
    }
}

// Times are equal by whole seconds and ordered by fractions; points with fractions would need
// pieces that no cell can name.
bool has_fraction(const Value& value) {
    if (value.kind() == Kind::time) return value.as_time().nanos % kNanosPerSecond != 0;
    if (value.kind() == Kind::date_time) {
        return value.as_date_time().time.nanos % kNanosPerSecond != 0;
    }
    return false;
}

bool is_zoned(const Value& value) {
    const Zone zone =
        value.kind() == Kind::time ? value.as_time().zone : value.as_date_time().time.zone;
    return zone.kind != ZoneKind::none;
}

// Seconds, days or months as whole numbers; only for the discrete kinds.
std::int64_t place_of(const Value& value) {
    switch (value.kind()) {
        case Kind::date:
            return value.as_date().days;
        case Kind::years_months_duration:
            return value.as_years_months().months;
        case Kind::date_time:
            return value.as_date_time().utc_seconds();
        default: {
            const Time time = value.as_time();
            const std::int64_t seconds = time.nanos / kNanosPerSecond;
            return seconds - offset_for_local(time.zone, seconds);
        }
    }
}

std::optional<Value> value_at(Kind kind, std::int64_t place, bool zoned) {
    constexpr std::int64_t kDay = 24 * 3600;
    const Zone zone = zoned ? Zone::utc() : Zone{};
    switch (kind) {
        case Kind::date:
            return Value(Date{place});
        case Kind::years_months_duration:
            return Value(YearsMonths{place});
        case Kind::time:
            if (place < 0 || place >= kDay) return std::nullopt;
            return Value(Time{place * kNanosPerSecond, zone});
        default: {
            const std::int64_t days = place >= 0 ? place / kDay : -((kDay - 1 - place) / kDay);
            return Value(DateTime{Date{days}, Time{(place - days * kDay) * kNanosPerSecond, zone}});
        }
    }
}

std::optional<Value> discrete_between(Kind kind, const Value* low, const Value* high, bool zoned) {
    if (low == nullptr && high == nullptr) return value_at(kind, 0, zoned);
    constexpr std::int64_t kFar = 1'000'000'000'000'000;
    for (const Value* end : {low, high}) {
        if (end != nullptr && std::abs(place_of(*end)) > kFar) return std::nullopt;
    }
    if (low == nullptr) return value_at(kind, place_of(*high) - 1, zoned);
    if (high == nullptr) return value_at(kind, place_of(*low) + 1, zoned);
    const std::int64_t from = place_of(*low);
    const std::int64_t to = place_of(*high);
    if (to - from < 2) return std::nullopt;
    return value_at(kind, from + (to - from) / 2, zoned);
}

std::optional<Value> number_between(const Value* low, const Value* high, bool whole) {
    if (low == nullptr && high == nullptr) return Value(0);
    const Decimal one(1);
    if (low == nullptr || high == nullptr) {
        const Decimal end = low != nullptr ? low->as_number() : high->as_number();
        const auto next = low != nullptr ? add(end.floor(), one) : subtract(end.ceiling(), one);
        if (!next || *next == end) return std::nullopt;
        return Value(*next);
    }
    const Decimal from = low->as_number();
    const Decimal to = high->as_number();
    const auto sum = add(from, to);
    const auto middle = sum ? divide(*sum, Decimal(2)) : std::nullopt;
    if (!middle) return std::nullopt;
    constexpr int kDigits = 40;
    for (int scale = -3; scale <= (whole ? 0 : kDigits); ++scale) {
        const auto rounded = middle->round(scale, Rounding::half_even);
        if (rounded && *rounded > from && *rounded < to) return Value(rounded->canonical());
    }
    if (whole) {
        const Decimal next = from.floor() + one;
        if (next < to) return Value(next);
    }
    return std::nullopt;
}

std::optional<Value> duration_between(const Value* low, const Value* high) {
    if (low == nullptr && high == nullptr) return Value(DaysTime{0, 0});
    constexpr Int128 kDay = static_cast<Int128>(24 * 3600) * kNanosPerSecond;
    const auto made = [](Int128 nanos) -> std::optional<Value> {
        const auto duration = DaysTime::from_nanos(nanos);
        return duration ? std::optional(Value(*duration)) : std::nullopt;
    };
    if (low == nullptr) return made(high->as_days_time().total_nanos() - kDay);
    const Int128 from = low->as_days_time().total_nanos();
    if (high == nullptr) return made(from + kDay);
    const Int128 to = high->as_days_time().total_nanos();
    const Int128 middle = from + (to - from) / 2;
    for (const Int128 unit : {kDay, kDay / 24, kDay / 1440, kDay / 86400, static_cast<Int128>(1)}) {
        const Int128 rounded = middle - middle % unit;
        if (rounded > from && rounded < to) return made(rounded);
    }
    return std::nullopt;
}

std::optional<Value> string_between(const Value* low, const Value* high) {
    if (low == nullptr) {
        const bool room = high == nullptr || !high->as_string().empty();
        return room ? std::optional(Value("")) : std::nullopt;
    }
    for (const char* more : {"z", "a", "0", "!"}) {
        Value out(std::string(low->as_string()) + more);
        if (high == nullptr || out.as_string() < high->as_string()) return out;
    }
    return std::nullopt;
}

bool less(const Value& a, const Value& b) {
    if (a.is_boolean()) return a.is_false() && b.is_true();
    const auto order = feel::compare(a, b);
    return order && *order < 0;
}

}  // namespace

PieceSet united(PieceSet a, const PieceSet& b) {
    a.insert(a.end(), b.begin(), b.end());
    return normalized(std::move(a));
}

PieceSet intersected(const PieceSet& a, const PieceSet& b) {
    PieceSet out;
    for (std::size_t i = 0, k = 0; i < a.size() && k < b.size();) {
        const auto lo = std::max(a[i].lo, b[k].lo);
        const auto hi = std::min(a[i].hi, b[k].hi);
        if (lo <= hi) out.push_back({lo, hi});
        a[i].hi < b[k].hi ? ++i : ++k;
    }
    return normalized(std::move(out));
}

PieceSet complement(const PieceSet& set, std::uint32_t size) {
    PieceSet out;
    std::uint32_t next = 0;
    for (const Span& span : set) {
        if (span.lo > next) out.push_back({next, span.lo - 1});
        next = span.hi + 1;
    }
    if (next < size) out.push_back({next, size - 1});
    return out;
}

bool intersects(const PieceSet& a, const PieceSet& b) {
    for (std::size_t i = 0, k = 0; i < a.size() && k < b.size();) {
        if (std::max(a[i].lo, b[k].lo) <= std::min(a[i].hi, b[k].hi)) return true;
        a[i].hi < b[k].hi ? ++i : ++k;
    }
    return false;
}

CellTests CellTests::of(feel::Expression expression) {
    CellTests out;
    if (expression.test_shape() == feel::Expression::TestShape::any) return out;
    out.constants = feel::constant_tests(expression);
    out.expression = std::move(expression);
    return out;
}

bool CellTests::is_closed() const {
    if (is_any() || constants) return true;
    const std::string& text = expression.text();
    return expression.references().empty() && text.find("now") == std::string::npos &&
           text.find("today") == std::string::npos;
}

bool Domain::collect(const Value& value) {
    if (points_.size() > kMaxPoints) return false;
    if (value.is_list()) {
        for (const Value& item : value.as_list()) {
            if (!collect(item)) return false;
        }
        return true;
    }
    if (value.is_range()) {
        const Range& range = value.as_range();
        const bool same = range.form == Range::Form::equal || range.form == Range::Form::not_equal;
        // Without ranges all values that no cell names are alike.
        if (!same && kind_ != TypeKind::boolean) enumerated_ = false;
        for (const Value* end : {&range.start, &range.end}) {
            if (!end->is_range() && !end->is_list() && !collect(*end)) return false;
        }
        return true;
    }
    if (value.kind() != value_kind(kind_)) return true;
    if (has_fraction(value)) return false;
    if (kind_ == TypeKind::time || kind_ == TypeKind::date_time) {
        if (!points_.empty() && zoned_ != is_zoned(value)) return false;
        zoned_ = is_zoned(value);
    }
    points_.push_back(value);
    return true;
}

bool Domain::collect(const CellTests& tests) {
    if (!tests.constants) return true;
    return std::all_of(tests.constants->values.begin(), tests.constants->values.end(),
                       [&](const Value& value) { return collect(value); });
}

bool Domain::order_points() {
    if (kind_ == TypeKind::boolean) points_ = {Value(false), Value(true)};
    std::stable_sort(points_.begin(), points_.end(), less);
    points_.erase(std::unique(points_.begin(), points_.end(),
                              [](const Value& a, const Value& b) { return !less(a, b); }),
                  points_.end());
    return true;
}

std::uint32_t Domain::raw_size() const {
    const std::size_t n = points_.size();
    return static_cast<std::uint32_t>(enumerated_ ? n + (has_other_ ? 1 : 0) : 2 * n + 1);
}

std::optional<Value> Domain::between(const Value* low, const Value* high) const {
    switch (kind_) {
        case TypeKind::number:
            return number_between(low, high, whole_);
        case TypeKind::string:
            return string_between(low, high);
        case TypeKind::days_time_duration:
            return duration_between(low, high);
        default:
            return discrete_between(*value_kind(kind_), low, high, zoned_);
    }
}

// A value that is none of the points.
std::optional<Value> Domain::other() const {
    if (kind_ == TypeKind::string) {
        std::string out = "any other value";
        while (find_point(Value(out))) out += "!";
        return Value(out);
    }
    if (points_.empty()) return between(nullptr, nullptr);
    if (auto above = between(&points_.back(), nullptr)) return above;
    return between(nullptr, &points_.front());
}

void Domain::make_pieces() {
    const std::uint32_t size = raw_size();
    examples_.resize(size);
    for (std::uint32_t raw = 0; raw < size; ++raw) {
        if (is_point(raw)) {
            examples_[raw] = point(raw);
            continue;
        }
        if (enumerated_) {
            examples_[raw] = other().value_or(Value());
            continue;
        }
        const Value* low = raw == 0 ? nullptr : &points_[raw / 2 - 1];
        const Value* high = raw / 2 < points_.size() ? &points_[raw / 2] : nullptr;
        examples_[raw] = between(low, high).value_or(Value());
        // A time of day has an end.
        if (examples_[raw].is_null()) continue;
        if ((low != nullptr && !less(*low, examples_[raw])) ||
            (high != nullptr && !less(examples_[raw], *high))) {
            examples_[raw] = Value();
        }
    }
    for (std::uint32_t raw = 0; raw < size; ++raw) {
        const bool whole = !whole_ || kind_ != TypeKind::number || !is_point(raw) ||
                           point(raw).is_null() || point(raw).as_number().is_integer();
        if (!examples_[raw].is_null() && whole) kept_.push_back(raw);
    }
}

void Domain::restrict_to(std::span<const CellTests> allowed) {
    for (const CellTests& tests : allowed) {
        if (tests.is_any()) continue;
        std::vector<std::uint32_t> kept;
        if (tests.constants) {
            const PieceSet set = raw_of(*tests.constants);
            for (const auto raw : kept_) {
                if (intersects(set, {{raw, raw}})) kept.push_back(raw);
            }
        } else {
            feel::Evaluation evaluation;
            const feel::ContextEnvironment nothing{Value()};
            for (const auto raw : kept_) {
                const auto answer =
                    feel::evaluate_tests(tests.expression, examples_[raw], nothing, evaluation);
                if (answer.is_true()) kept.push_back(raw);
                approximate_ = approximate_ || !is_point(raw);
            }
        }
        kept_ = std::move(kept);
    }
    finite_ = std::all_of(kept_.begin(), kept_.end(), [&](auto raw) { return is_point(raw); });
}

std::optional<Domain> Domain::of(TypeKind kind, bool whole_numbers,
                                 std::span<const CellTests> cells,
                                 std::span<const CellTests> allowed) {
    if (!value_kind(kind)) return std::nullopt;
    Domain out;
    out.kind_ = kind;
    out.whole_ = whole_numbers;
    out.enumerated_ = true;
    out.has_other_ = kind != TypeKind::boolean;
    for (const auto list : {cells, allowed}) {
        for (const CellTests& tests : list) {
            if (!out.collect(tests)) return std::nullopt;
        }
    }
    out.order_points();
    out.make_pieces();
    out.restrict_to(allowed);
    return out;
}

std::optional<std::uint32_t> Domain::find_point(const Value& value) const {
    const auto at = std::lower_bound(points_.begin(), points_.end(), value, less);
    if (at == points_.end() || less(value, *at)) return std::nullopt;
    const auto index = static_cast<std::uint32_t>(at - points_.begin());
    return enumerated_ ? index : 2 * index + 1;
}

std::optional<PieceSet> Domain::raw_of_range(const Range& range) const {
    using Form = Range::Form;
    if (range.form == Form::equal) return raw_of(range.start);
    const auto last = raw_size() - 1;
    if (range.form == Form::not_equal) {
        const auto same = raw_of(range.start);
        if (!same) return std::nullopt;
        return complement(*same, raw_size());
    }
    const bool below = range.form == Form::less || range.form == Form::less_equal;
    const bool above = range.form == Form::greater || range.form == Form::greater_equal;
    std::int64_t lo = 0;
    std::int64_t hi = last;
    if (!below) {
        const auto at =
            range.start.kind() == value_kind(kind_) ? find_point(range.start) : std::nullopt;
        if (!at) return std::nullopt;
        lo = *at + (range.start_included ? 0 : 1);
    }
    if (!above) {
        const auto at =
            range.end.kind() == value_kind(kind_) ? find_point(range.end) : std::nullopt;
        if (!at) return std::nullopt;
        hi = static_cast<std::int64_t>(*at) - (range.end_included ? 0 : 1);
    }
    // Booleans have no order: no range holds.
    if (enumerated_) return std::nullopt;
    if (lo > hi) return PieceSet();
    return PieceSet{{static_cast<std::uint32_t>(lo), static_cast<std::uint32_t>(hi)}};
}

PieceSet Domain::raw_of_list(std::span<const Value> items) const {
    PieceSet out;
    for (const Value& item : items) {
        // Lists within are equal to no single value.
        if (item.is_list()) continue;
        if (const auto set = raw_of(item)) out = united(std::move(out), *set);
    }
    return out;
}

std::optional<PieceSet> Domain::raw_of(const Value& value) const {
    if (value.is_null()) return PieceSet();
    if (value.is_range()) return raw_of_range(value.as_range());
    if (value.is_list()) return raw_of_list(value.as_list());
    if (value.kind() != value_kind(kind_)) return std::nullopt;
    const auto at = find_point(value);
    if (!at) return PieceSet();
    return PieceSet{{*at, *at}};
}

PieceSet Domain::raw_of(const feel::ConstantTests& tests) const {
    PieceSet out;
    bool unknown = false;
    for (const Value& value : tests.values) {
        const auto set = raw_of(value);
        if (!set) {
            unknown = true;
            continue;
        }
        out.insert(out.end(), set->begin(), set->end());
    }
    out = normalized(std::move(out));
    if (!tests.negated) return out;
    if (unknown) return {};
    return complement(out, raw_size());
}

PieceSet Domain::compressed(const PieceSet& raw) const {
    PieceSet out;
    for (const Span& span : raw) {
        const auto lo = std::lower_bound(kept_.begin(), kept_.end(), span.lo);
        const auto hi = std::upper_bound(kept_.begin(), kept_.end(), span.hi);
        if (lo >= hi) continue;
        out.push_back({static_cast<std::uint32_t>(lo - kept_.begin()),
                       static_cast<std::uint32_t>(hi - kept_.begin() - 1)});
    }
    return normalized(std::move(out));
}

std::optional<PieceSet> Domain::pieces_of(const CellTests& tests) const {
    if (tests.is_any()) return everything();
    if (!tests.is_closed()) return std::nullopt;
    feel::Evaluation evaluation;
    const feel::ContextEnvironment nothing{Value()};
    const auto holds = [&](const Value& value) {
        return feel::evaluate_tests(tests.expression, value, nothing, evaluation).is_true();
    };
    PieceSet out;
    if (tests.constants) {
        out = compressed(raw_of(*tests.constants));
    } else if (finite_) {
        for (std::uint32_t piece = 0; piece < size(); ++piece) {
            if (holds(example(piece))) out.push_back({piece, piece});
        }
    } else {
        return std::nullopt;
    }
    if (holds(Value())) out.push_back({null_piece(), null_piece()});
    return normalized(std::move(out));
}

std::optional<std::uint32_t> Domain::piece_of(const Value& value) const {
    if (value.kind() != value_kind(kind_)) return std::nullopt;
    const auto raw = find_point(value);
    if (!raw) return std::nullopt;
    const auto at = std::lower_bound(kept_.begin(), kept_.end(), *raw);
    if (at == kept_.end() || *at != *raw) return std::nullopt;
    return static_cast<std::uint32_t>(at - kept_.begin());
}

Value Domain::example(std::uint32_t piece) const {
    return piece < size() ? examples_[kept_[piece]] : Value();
}

std::uint32_t Domain::pick(const PieceSet& set) const {
    const Span& span = set.front();
    if (span.lo == null_piece()) return span.lo;
    const auto hi = std::min(span.hi, size() - 1);
    return enumerated_ ? span.lo : span.lo + (hi - span.lo) / 2;
}

std::string Domain::describe(const Span& span) const {
    if (enumerated_) {
        constexpr std::uint32_t kShown = 5;
        std::string out;
        for (std::uint32_t piece = span.lo; piece <= span.hi; ++piece) {
            if (!out.empty()) out += ", ";
            if (piece == null_piece()) {
                out += "null";
            } else if (!is_point(kept_[piece])) {
                out += "any other value";
            } else if (piece - span.lo == kShown && span.hi - piece > 1) {
                out += "...";
                piece = span.hi - 1;
            } else {
                out += example(piece).to_feel();
            }
        }
        return out;
    }
    if (span.lo == null_piece()) return "null";
    const auto first = kept_[span.lo];
    const auto last = kept_[std::min(span.hi, size() - 1)];
    const std::string null = span.hi == null_piece() ? ", null" : "";
    if (first == last && is_point(first)) return point(first).to_feel() + null;
    const bool open_below = first == 0;
    const bool open_above = last + 1 == raw_size();
    if (open_below && open_above) return "any value" + null;
    if (open_below) {
        return fmt::format("{} {}{}", is_point(last) ? "<=" : "<", points_[last / 2].to_feel(),
                           null);
    }
    const Value& low = is_point(first) ? point(first) : points_[first / 2 - 1];
    if (open_above) {
        return fmt::format("{} {}{}", is_point(first) ? ">=" : ">", low.to_feel(), null);
    }
    return fmt::format("{}{}..{}{}{}", is_point(first) ? '[' : '(', low.to_feel(),
                       points_[last / 2].to_feel(), is_point(last) ? ']' : ')', null);
}

std::string Domain::describe(const PieceSet& set) const {
    std::string out;
    for (const Span& span : set) {
        if (!out.empty()) out += ", ";
        out += describe(span);
    }
    return out;
}

}  // namespace schwarm::dmn::detail
