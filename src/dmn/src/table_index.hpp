// Which rules of a decision table can match given inputs: for every column one bit set of rules
// for each stretch of values between the end points its cells name, intersected over the columns.
//
// Answers a superset, in the order of the rules, of the rules that match or whose test would add a
// diagnostic when the rules are tried one after the other, so that trying only these changes
// nothing. Immutable, thread-safe. Memory: at most about kMaxRows / 8 bytes a rule, column and
// kind of value; columns with more end points share bit sets between neighbouring stretches.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "logic.hpp"

namespace schwarm::dmn::detail {

// One distinct text of input cells. Constant ones are compared without the interpreter.
struct TestCell {
    feel::Expression::TestShape shape = feel::Expression::TestShape::any;
    bool direct = true;        // shape and values allow the direct comparison
    feel::Value::List values;  // of equality and interval
    Bound bound;               // unless shape is any
};

// The end points of one kind of value and the rows of the stretches between them.
template <class T>
struct Axis {
    std::vector<T> points;  // ascending, distinct
    std::uint32_t first_row = 0;
    std::uint32_t per_row = 1;  // stretches that share a row

    // Stretch 2i + 1 is the point i itself, 2i what lies before it.
    std::uint32_t stretch(const T& value) const;
    std::uint32_t row(const T& value) const { return first_row + stretch(value) / per_row; }
};

// Positions of texts; open addressing over their hashes.
class TextAxis {
  public:
    static constexpr std::uint32_t kNone = UINT32_MAX;
    // The position of a text, a new one if it is unknown.
    std::uint32_t add(const feel::Value& text);
    std::uint32_t find(const feel::Value& text) const;
    std::size_t size() const { return texts_.size(); }

  private:
    void grow();
    feel::Value::List texts_;
    std::vector<std::uint64_t> hashes_;
    std::vector<std::uint32_t> slots_;  // position + 1; 0 is empty
};

class ColumnIndex {
  public:
    // input: the column; cell_of(rule) = cells[numbers[rule * columns + input]].
    ColumnIndex(std::size_t input, std::size_t columns, std::span<const TestCell> cells,
                std::span<const std::uint32_t> numbers);

    std::size_t input() const { return input_; }
    // Whether some value excludes some rule.
    bool filters() const { return filters_; }
    // Whether the test of every rule may add a diagnostic, whatever the value.
    bool all_sticky() const { return all_sticky_; }

    std::uint32_t row_of(const feel::Value& value) const;
    // First the words of the summary (one bit for each word that is not zero), then the words.
    const std::uint64_t* row(std::uint32_t number) const { return &words_[number * stride_]; }
    // The rules that match are exactly those of the row.
    bool exact(std::uint32_t number) const { return exact_[number] != 0; }
    // Rules whose test here may add a diagnostic; nullptr if there are none.
    const std::uint64_t* sticky(std::uint32_t number) const;

  private:
    struct Span {
        std::uint32_t first;
        std::uint32_t last;
    };
    void collect_points(const TestCell& cell);
    void collect_point(const feel::Value& value);
    void place_rows();
    template <class T>
    void place(Axis<T>& axis);
    void place_cell(const TestCell& cell, std::vector<Span>& spans);
    void place_value(const feel::Value& value, std::vector<Span>& spans);
    void place_range(const feel::Range& range, std::vector<Span>& spans);
    template <class T>
    void place_stretch(const Axis<T>& axis, std::uint32_t first, std::uint32_t last,
                       std::vector<Span>& spans);
    template <class T>
    void place_interval(const Axis<T>& axis, const T* start, const T* end, const feel::Range& range,
                        std::vector<Span>& spans);
    void place_text(std::uint32_t position, std::vector<Span>& spans);
    void set(std::uint32_t row, std::size_t rule);
    void summarize();

    std::size_t input_;
    std::size_t words_of_row_;
    std::size_t stride_;
    std::uint32_t rows_ = 0;
    bool filters_ = false;
    bool all_sticky_ = false;
    Axis<Decimal> numbers_;
    Axis<std::int64_t> dates_;
    Axis<std::int64_t> months_;
    Axis<DaysTime> lengths_;
    TextAxis texts_;
    std::uint32_t first_text_row_ = 0;
    std::uint32_t texts_per_row_ = 1;
    std::uint32_t unknown_text_row_ = 0;
    std::vector<std::uint64_t> words_;
    std::vector<std::uint8_t> exact_;
    std::vector<std::uint64_t> sticky_;       // empty if no cell is left to the interpreter
    std::vector<std::uint64_t> list_sticky_;  // lists and contexts are tested by the interpreter
};

class TableIndex {
  public:
    // Below this the rules are tried as fast one after the other.
    static constexpr std::size_t kFromRules = 6;
    // Rows of one column for one kind of value.
    static constexpr std::uint32_t kMaxRows = 512;
    static constexpr std::size_t kMaxColumns = 16;

    // Nothing if it would not help. numbers: rule * columns + column -> position in cells.
    static std::optional<TableIndex> build(std::size_t columns, std::span<const TestCell> cells,
                                           std::span<const std::uint32_t> numbers);

    // The candidates for the values of one evaluation, one after the other.
    class Candidates {
      public:
        static constexpr std::uint32_t kEnd = UINT32_MAX;
        Candidates(const TableIndex& index, std::span<const feel::Value> values);
        // They match for certain and need no test.
        bool exact() const { return exact_; }
        std::uint32_t next();

      private:
        std::uint64_t summary(std::size_t at) const;
        std::uint64_t word(std::size_t at) const;

        std::size_t columns_;
        std::size_t words_;
        std::size_t summaries_;
        bool exact_;
        bool any_sticky_ = false;
        std::array<const std::uint64_t*, kMaxColumns> rows_;
        std::array<const std::uint64_t*, kMaxColumns> sticky_;
        std::size_t next_summary_ = 0;
        std::uint64_t pending_words_ = 0;
        std::uint64_t pending_rules_ = 0;
        std::size_t word_at_ = 0;
    };

  private:
    TableIndex() = default;
    std::vector<ColumnIndex> columns_;
    std::size_t words_ = 0;
    std::size_t summaries_ = 0;
    bool covers_all_ = false;  // every column that is not "-" throughout is indexed
};

}  // namespace schwarm::dmn::detail
