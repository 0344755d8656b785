// The values of one column of a decision table, cut into the few pieces that its cells can tell
// apart: the points they name and the open segments between those. A cell is then a set of
// pieces, and whether rules overlap or leave gaps is a question about small whole numbers.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "schwarm/feel/feel.hpp"
#include "schwarm/feel/findings.hpp"

namespace schwarm::dmn::detail {

// Pieces lo..hi, both included.
struct Span {
    std::uint32_t lo = 0;
    std::uint32_t hi = 0;
    auto operator<=>(const Span&) const = default;
};
// Sorted, disjoint, not adjacent.
using PieceSet = std::vector<Span>;

PieceSet united(PieceSet a, const PieceSet& b);
PieceSet intersected(const PieceSet& a, const PieceSet& b);
// Within 0..size-1.
PieceSet complement(const PieceSet& set, std::uint32_t size);
bool intersects(const PieceSet& a, const PieceSet& b);

// The tests of one cell, or of a list of allowed values.
struct CellTests {
    feel::Expression expression;  // empty: "-"
    std::optional<feel::ConstantTests> constants;

    static CellTests of(feel::Expression expression);
    bool is_any() const { return !expression; }
    // Neither another name nor the clock decides.
    bool is_closed() const;
};

class Domain {
  public:
    // nullopt if nothing can be said about values of this kind. `allowed`: what restricts them.
    static std::optional<Domain> of(feel::TypeKind kind, bool whole_numbers,
                                    std::span<const CellTests> cells,
                                    std::span<const CellTests> allowed);

    // Pieces without null, which is the piece size().
    std::uint32_t size() const { return static_cast<std::uint32_t>(kept_.size()); }
    std::uint32_t null_piece() const { return size(); }
    PieceSet everything() const { return {{0, size()}}; }
    // Nothing but single values; so any test without other names can be decided.
    bool is_finite() const { return finite_; }
    // Some allowed values could not be analysed, only tried out.
    bool is_approximate() const { return approximate_; }
    // nullopt if it cannot be said which pieces the tests accept.
    std::optional<PieceSet> pieces_of(const CellTests& tests) const;
    // The piece a value is in; nullopt if it is none of the domain.
    std::optional<std::uint32_t> piece_of(const feel::Value& value) const;

    feel::Value example(std::uint32_t piece) const;
    // One that reads well.
    std::uint32_t pick(const PieceSet& set) const;
    // "[5..10), 12", "any other value".
    std::string describe(const PieceSet& set) const;

  private:
    Domain() = default;
    bool collect(const CellTests& tests);
    bool collect(const feel::Value& value);
    bool order_points();
    void make_pieces();
    void restrict_to(std::span<const CellTests> allowed);
    std::uint32_t raw_size() const;
    bool is_point(std::uint32_t raw) const { return enumerated_ ? raw < points_.size() : raw % 2; }
    const feel::Value& point(std::uint32_t raw) const {
        return points_[enumerated_ ? raw : raw / 2];
    }
    std::optional<feel::Value> other() const;
    std::optional<feel::Value> between(const feel::Value* low, const feel::Value* high) const;
    std::optional<std::uint32_t> find_point(const feel::Value& value) const;
    // Over raw pieces, without null; nullopt: three-valued null wherever no other test holds.
    std::optional<PieceSet> raw_of(const feel::Value& value) const;
    std::optional<PieceSet> raw_of_range(const feel::Range& range) const;
    PieceSet raw_of_list(std::span<const feel::Value> items) const;
    PieceSet raw_of(const feel::ConstantTests& tests) const;
    PieceSet compressed(const PieceSet& raw) const;
    std::string describe(const Span& span) const;

    feel::TypeKind kind_ = feel::TypeKind::any;
    bool whole_ = false;
    bool enumerated_ = false;  // without an order: points and "any other"
    bool has_other_ = false;
    bool zoned_ = false;
    bool finite_ = false;
    bool approximate_ = false;
    std::vector<feel::Value> points_;
    std::vector<feel::Value> examples_;  // of raw pieces; null where there is no value between
    std::vector<std::uint32_t> kept_;    // raw pieces that are values of the domain
};

}  // namespace schwarm::dmn::detail
