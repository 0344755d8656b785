#include "table_index.hpp"

#include <algorithm>
#include <bit>
#include <unordered_map>

#include "schwarm/base/check.hpp"
#include "schwarm/feel/operations.hpp"

namespace schwarm::dmn::detail {

namespace {

using feel::Kind;
using feel::Range;
using feel::Value;
using Shape = feel::Expression::TestShape;

// Rows every column has, whatever its cells are.
enum FixedRow : std::uint32_t {
    kNull,
    kOther,  // kinds without rows of their own: times, date and times, ranges, functions
    kMany,   // lists and contexts
    kFalse,
    kTrue,
    kFixedRows,
};

constexpr std::size_t kBits = 64;

bool needs_interpreter(const TestCell& cell) {
    return cell.shape != Shape::any && !cell.direct;
}

void set_bit(std::uint64_t* words, std::size_t bit) {
    words[bit / kBits] |= std::uint64_t{1} << (bit % kBits);
}

bool bounded_below(Range::Form form) {
    return form == Range::Form::interval || form == Range::Form::greater ||
           form == Range::Form::greater_equal;
}
bool bounded_above(Range::Form form) {
    return form == Range::Form::interval || form == Range::Form::less ||
           form == Range::Form::less_equal;
}

}  // namespace

template <class T>
std::uint32_t Axis<T>::stretch(const T& value) const {
    const auto at = std::lower_bound(points.begin(), points.end(), value);
    const auto position = static_cast<std::uint32_t>(at - points.begin());
    return at != points.end() && *at == value ? 2 * position + 1 : 2 * position;
}

std::uint32_t TextAxis::find(const Value& text) const {
    if (slots_.empty()) return kNone;
    const auto view = text.as_string();
    const auto hash = feel::Key::hash_of(view);
    const auto mask = slots_.size() - 1;
    for (auto at = hash & mask; slots_[at] != 0; at = (at + 1) & mask) {
        const auto position = slots_[at] - 1;
        if (hashes_[position] == hash && texts_[position].as_string() == view) return position;
    }
    return kNone;
}

std::uint32_t TextAxis::add(const Value& text) {
    if (const auto known = find(text); known != kNone) return known;
    texts_.push_back(text);
    hashes_.push_back(feel::Key::hash_of(text.as_string()));
    grow();
    return static_cast<std::uint32_t>(texts_.size() - 1);
}

void TextAxis::grow() {
    const auto insert = [&](std::size_t position) {
        const auto mask = slots_.size() - 1;
        auto at = hashes_[position] & mask;
        while (slots_[at] != 0) at = (at + 1) & mask;
        slots_[at] = static_cast<std::uint32_t>(position + 1);
    };
    if (slots_.size() >= 2 * texts_.size()) {
        insert(texts_.size() - 1);
        return;
    }
    slots_.assign(std::bit_ceil(4 * texts_.size()), 0);
    for (std::size_t position = 0; position < texts_.size(); ++position) insert(position);
}

ColumnIndex::ColumnIndex(std::size_t input, std::size_t columns, std::span<const TestCell> cells,
                         std::span<const std::uint32_t> numbers)
    : input_(input) {
    const auto rules = numbers.size() / columns;
    words_of_row_ = (rules + kBits - 1) / kBits;
    stride_ = words_of_row_ + (words_of_row_ + kBits - 1) / kBits;
    std::unordered_map<std::uint32_t, std::vector<Span>> spans;
    std::size_t left_to_interpreter = 0;
    std::size_t any = 0;
    for (std::size_t rule = 0; rule < rules; ++rule) {
        const auto number = numbers[rule * columns + input];
        const auto& cell = cells[number];
        if (spans.try_emplace(number).second) collect_points(cell);
        if (needs_interpreter(cell)) ++left_to_interpreter;
        if (cell.shape == Shape::any) ++any;
    }
    filters_ = left_to_interpreter + any < rules;
    all_sticky_ = left_to_interpreter == rules;
    place_rows();
    exact_[kMany] = 0;
    for (auto& [number, of_cell] : spans) place_cell(cells[number], of_cell);
    list_sticky_.assign(words_of_row_, 0);
    if (left_to_interpreter > 0) sticky_.assign(words_of_row_, 0);
    for (std::size_t rule = 0; rule < rules; ++rule) {
        const auto number = numbers[rule * columns + input];
        for (const auto& span : spans.at(number)) {
            for (auto row = span.first; row <= span.last; ++row) set(row, rule);
        }
        if (cells[number].shape != Shape::any) set_bit(list_sticky_.data(), rule);
        if (needs_interpreter(cells[number])) set_bit(sticky_.data(), rule);
    }
    summarize();
}

void ColumnIndex::collect_points(const TestCell& cell) {
    if (!cell.direct) return;
    if (cell.shape == Shape::equality) {
        for (const auto& value : cell.values) collect_point(value);
    } else if (cell.shape == Shape::interval) {
        const auto& range = cell.values.front().as_range();
        // Texts are hashed; stretches between them have no rows.
        if (range.form == Range::Form::equal || !range.start.is_string()) {
            collect_point(range.start);
        }
        if (!range.end.is_string()) collect_point(range.end);
    }
}

void ColumnIndex::collect_point(const Value& value) {
    switch (value.kind()) {
        case Kind::number:
            numbers_.points.push_back(value.as_number());
            return;
        case Kind::string:
            texts_.add(value);
            return;
        case Kind::date:
            dates_.points.push_back(value.as_date().days);
            return;
        case Kind::years_months_duration:
            months_.points.push_back(value.as_years_months().months);
            return;
        case Kind::days_time_duration:
            lengths_.points.push_back(value.as_days_time());
            return;
        default:
            return;
    }
}

template <class T>
void ColumnIndex::place(Axis<T>& axis) {
    auto& points = axis.points;
    std::sort(points.begin(), points.end());
    points.erase(std::unique(points.begin(), points.end()), points.end());
    const auto stretches = static_cast<std::uint32_t>(2 * points.size() + 1);
    axis.per_row = (stretches + TableIndex::kMaxRows - 1) / TableIndex::kMaxRows;
    axis.first_row = rows_;
    rows_ += (stretches + axis.per_row - 1) / axis.per_row;
}

void ColumnIndex::place_rows() {
    rows_ = kFixedRows;
    place(numbers_);
    place(dates_);
    place(months_);
    place(lengths_);
    unknown_text_row_ = rows_++;
    first_text_row_ = rows_;
    const auto texts = static_cast<std::uint32_t>(texts_.size());
    texts_per_row_ = std::max(1U, (texts + TableIndex::kMaxRows - 1) / TableIndex::kMaxRows);
    rows_ += (texts + texts_per_row_ - 1) / texts_per_row_;
    words_.assign(rows_ * stride_, 0);
    exact_.assign(rows_, 1);
}

void ColumnIndex::place_cell(const TestCell& cell, std::vector<Span>& spans) {
    if (cell.shape == Shape::any || !cell.direct) {
        spans.push_back({0, rows_ - 1});
        if (!cell.direct) std::fill(exact_.begin(), exact_.end(), std::uint8_t{0});
        return;
    }
    spans.push_back({kMany, kMany});
    if (cell.shape == Shape::equality) {
        for (const auto& value : cell.values) place_value(value, spans);
        return;
    }
    const auto& range = cell.values.front().as_range();
    if (range.form != Range::Form::equal) {
        place_range(range, spans);
    } else if (!range.start.is_null()) {
        place_value(range.start, spans);
    }
}

void ColumnIndex::place_value(const Value& value, std::vector<Span>& spans) {
    const auto point = [&](const auto& axis, const auto& at) {
        const auto stretch = axis.stretch(at);
        place_stretch(axis, stretch, stretch, spans);
    };
    switch (value.kind()) {
        case Kind::null:
            spans.push_back({kNull, kNull});
            return;
        case Kind::boolean: {
            const std::uint32_t row = value.is_true() ? kTrue : kFalse;
            spans.push_back({row, row});
            return;
        }
        case Kind::number:
            return point(numbers_, value.as_number());
        case Kind::string:
            return place_text(texts_.find(value), spans);
        case Kind::date:
            return point(dates_, value.as_date().days);
        case Kind::years_months_duration:
            return point(months_, value.as_years_months().months);
        case Kind::days_time_duration:
            return point(lengths_, value.as_days_time());
        default:
            spans.push_back({kOther, kOther});
            exact_[kOther] = 0;
    }
}

void ColumnIndex::place_text(std::uint32_t position, std::vector<Span>& spans) {
    const auto row = first_text_row_ + position / texts_per_row_;
    spans.push_back({row, row});
    if (texts_per_row_ > 1) exact_[row] = 0;
}

template <class T>
void ColumnIndex::place_stretch(const Axis<T>& axis, std::uint32_t first, std::uint32_t last,
                                std::vector<Span>& spans) {
    if (first > last) return;
    const auto stretches = static_cast<std::uint32_t>(2 * axis.points.size() + 1);
    const auto first_row = axis.first_row + first / axis.per_row;
    const auto last_row = axis.first_row + last / axis.per_row;
    spans.push_back({first_row, last_row});
    // A row that the span covers only in part says less than the test.
    if (first % axis.per_row != 0) exact_[first_row] = 0;
    if (last + 1 < stretches && (last + 1) % axis.per_row != 0) exact_[last_row] = 0;
}

template <class T>
void ColumnIndex::place_interval(const Axis<T>& axis, const T* start, const T* end,
                                 const Range& range, std::vector<Span>& spans) {
    std::uint32_t first = 0;
    auto last = static_cast<std::uint32_t>(2 * axis.points.size());
    if (start != nullptr) first = axis.stretch(*start) + (range.start_included ? 0 : 1);
    if (end != nullptr) last = axis.stretch(*end) - (range.end_included ? 0 : 1);
    place_stretch(axis, first, last, spans);
}

void ColumnIndex::place_range(const Range& range, std::vector<Span>& spans) {
    const bool below = bounded_below(range.form);
    const bool above = bounded_above(range.form);
    const auto kind = below ? range.start.kind() : range.end.kind();
    // Ends that do not compare with one another: no value lies between them.
    if (below && above && range.end.kind() != kind) return;
    const auto interval = [&](const auto& axis, const auto& value_of) {
        using T = std::decay_t<decltype(value_of(range.start))>;
        const T start = below ? value_of(range.start) : T();
        const T end = above ? value_of(range.end) : T();
        place_interval(axis, below ? &start : nullptr, above ? &end : nullptr, range, spans);
    };
    switch (kind) {
        case Kind::number:
            return interval(numbers_, [](const Value& value) { return value.as_number(); });
        case Kind::date:
            return interval(dates_, [](const Value& value) { return value.as_date().days; });
        case Kind::years_months_duration:
            return interval(months_,
                            [](const Value& value) { return value.as_years_months().months; });
        case Kind::days_time_duration:
            return interval(lengths_, [](const Value& value) { return value.as_days_time(); });
        case Kind::string:
            spans.push_back({unknown_text_row_, rows_ - 1});
            std::fill(exact_.begin() + unknown_text_row_, exact_.end(), std::uint8_t{0});
            return;
        case Kind::time:
        case Kind::date_time:
            spans.push_back({kOther, kOther});
            exact_[kOther] = 0;
            return;
        default:
            return;  // nothing compares with these
    }
}

void ColumnIndex::set(std::uint32_t row, std::size_t rule) {
    set_bit(&words_[row * stride_ + (stride_ - words_of_row_)], rule);
}

void ColumnIndex::summarize() {
    const auto summaries = stride_ - words_of_row_;
    for (std::uint32_t row = 0; row < rows_; ++row) {
        auto* const begin = &words_[row * stride_];
        for (std::size_t word = 0; word < words_of_row_; ++word) {
            if (begin[summaries + word] != 0) set_bit(begin, word);
        }
    }
}

std::uint32_t ColumnIndex::row_of(const Value& value) const {
    switch (value.kind()) {
        case Kind::null:
            return kNull;
        case Kind::boolean:
            return value.is_true() ? kTrue : kFalse;
        case Kind::number:
            return numbers_.row(value.as_number());
        case Kind::string: {
            const auto position = texts_.find(value);
            return position == TextAxis::kNone ? unknown_text_row_
                                               : first_text_row_ + position / texts_per_row_;
        }
        case Kind::date:
            return dates_.row(value.as_date().days);
        case Kind::years_months_duration:
            return months_.row(value.as_years_months().months);
        case Kind::days_time_duration:
            return lengths_.row(value.as_days_time());
        case Kind::list:
        case Kind::context:
            return kMany;
        default:
            return kOther;
    }
}

const std::uint64_t* ColumnIndex::sticky(std::uint32_t number) const {
    if (number == kMany) return list_sticky_.data();
    return sticky_.empty() ? nullptr : sticky_.data();
}

std::optional<TableIndex> TableIndex::build(std::size_t columns, std::span<const TestCell> cells,
                                            std::span<const std::uint32_t> numbers) {
    if (columns == 0 || numbers.size() / columns < kFromRules) return std::nullopt;
    const auto rules = numbers.size() / columns;
    TableIndex out;
    out.words_ = (rules + kBits - 1) / kBits;
    out.summaries_ = (out.words_ + kBits - 1) / kBits;
    out.covers_all_ = true;
    bool filters = false;
    for (std::size_t column = 0; column < columns; ++column) {
        bool any = true;
        for (std::size_t rule = 0; any && rule < rules; ++rule) {
            any = cells[numbers[rule * columns + column]].shape == Shape::any;
        }
        if (any) continue;
        if (out.columns_.size() == kMaxColumns) {
            out.covers_all_ = false;
            break;
        }
        out.columns_.emplace_back(column, columns, cells, numbers);
        filters = filters || out.columns_.back().filters();
        // Nothing behind it may exclude a rule.
        if (out.columns_.back().all_sticky()) {
            out.covers_all_ = false;
            break;
        }
    }
    if (!filters) return std::nullopt;
    return out;
}

TableIndex::Candidates::Candidates(const TableIndex& index, std::span<const Value> values)
    : columns_(index.columns_.size()),
      words_(index.words_),
      summaries_(index.summaries_),
      exact_(index.covers_all_) {
    for (std::size_t i = 0; i < columns_; ++i) {
        const auto& column = index.columns_[i];
        const auto row = column.row_of(values[column.input()]);
        rows_[i] = column.row(row);
        sticky_[i] = column.sticky(row);
        exact_ = exact_ && column.exact(row);
        any_sticky_ = any_sticky_ || sticky_[i] != nullptr;
    }
}

// Which words to look at. A sticky rule may stay though a later column excludes it, so then all.
std::uint64_t TableIndex::Candidates::summary(std::size_t at) const {
    const auto rest = words_ - at * kBits;
    auto out = rest >= kBits ? ~std::uint64_t{0} : (std::uint64_t{1} << rest) - 1;
    if (any_sticky_) return out;
    for (std::size_t i = 0; i < columns_; ++i) out &= rows_[i][at];
    return out;
}

std::uint64_t TableIndex::Candidates::word(std::size_t at) const {
    auto out = ~std::uint64_t{0};
    if (!any_sticky_) {
        for (std::size_t i = 0; i < columns_; ++i) out &= rows_[i][summaries_ + at];
        return out;
    }
    std::uint64_t sticky = 0;
    for (std::size_t i = 0; i < columns_; ++i) {
        out &= rows_[i][summaries_ + at] | sticky;
        if (sticky_[i] != nullptr) sticky |= out & sticky_[i][at];
    }
    return out;
}

std::uint32_t TableIndex::Candidates::next() {
    while (pending_rules_ == 0) {
        while (pending_words_ == 0) {
            if (next_summary_ == summaries_) return kEnd;
            pending_words_ = summary(next_summary_++);
        }
        word_at_ = (next_summary_ - 1) * kBits +
                   static_cast<std::size_t>(std::countr_zero(pending_words_));
        pending_words_ &= pending_words_ - 1;
        pending_rules_ = word(word_at_);
    }
    const auto bit = static_cast<std::size_t>(std::countr_zero(pending_rules_));
    pending_rules_ &= pending_rules_ - 1;
    return static_cast<std::uint32_t>(word_at_ * kBits + bit);
}

}  // namespace schwarm::dmn::detail
