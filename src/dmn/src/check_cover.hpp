// Rules as boxes over the pieces of their columns: which of them meet, and what they leave open.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "check_domains.hpp"

namespace schwarm::dmn::detail {

// A bound on work, so that no table can stall whoever checks it.
class Budget {
  public:
    explicit Budget(std::uint64_t work) : left_(work) {}
    // False once it is used up.
    bool spend(std::uint64_t work) {
        if (work > left_) {
            left_ = 0;
            exhausted_ = true;
        } else {
            left_ -= work;
        }
        return !exhausted_;
    }
    bool exhausted() const { return exhausted_; }

  private:
    std::uint64_t left_;
    bool exhausted_ = false;
};

// A set of pieces that stays in place. Those with several spans also have a bit for each piece,
// up to a size.
struct KeptSet {
    explicit KeptSet(PieceSet set);
    PieceSet spans;
    std::vector<std::uint64_t> bits;
};

// What a rule accepts in one dimension: everything from lo to hi, or what the set says.
struct Side {
    std::uint32_t lo = 1;
    std::uint32_t hi = 0;  // below lo: nothing
    const KeptSet* set = nullptr;

    static Side of(const KeptSet& set);
    bool is_empty() const { return lo > hi; }
    bool is_single() const { return set->spans.size() == 1; }
    bool meets(const Side& other) const {
        if (is_empty() || other.is_empty() || lo > other.hi || other.lo > hi) return false;
        return set == other.set || meets_within(other);
    }

  private:
    bool meets_within(const Side& other) const;
};

// Boxes with the same number of dimensions, one behind the other.
class Boxes {
  public:
    explicit Boxes(std::size_t dimensions) : dimensions_(dimensions) {}
    void add(std::span<const Side> box) {
        sides_.insert(sides_.end(), box.begin(), box.end());
        ++size_;
    }
    std::uint32_t size() const { return size_; }
    std::size_t dimensions() const { return dimensions_; }
    std::span<const Side> operator[](std::uint32_t box) const {
        return {sides_.data() + box * dimensions_, dimensions_};
    }
    const PieceSet& set(std::uint32_t box, std::size_t dimension) const {
        return sides_[box * dimensions_ + dimension].set->spans;
    }

  private:
    std::size_t dimensions_;
    std::uint32_t size_ = 0;
    std::vector<Side> sides_;
};

bool boxes_meet(std::span<const Side> a, std::span<const Side> b);

// The pieces of each dimension.
using Region = std::vector<PieceSet>;

// Asks whether boxes cover a region. What single dimensions decide is taken away at once; then
// the region is halved at the edges of the boxes until one box covers a part whole or none meets
// it.
class Cover {
  public:
    Cover(const Boxes& boxes, Budget& budget) : boxes_(boxes), budget_(budget) {}

    // A part of the region that none of `among` (numbers of boxes) meets; nullopt if there is
    // none, or if the budget ran out.
    std::optional<Region> find_open(const Region& region, const std::vector<std::uint32_t>& among);
    // Which boxes the last find_open() needed to cover everything; sorted.
    std::vector<std::uint32_t> used() const;

  private:
    std::optional<Region> search(Region region, std::vector<std::uint32_t> among,
                                 std::size_t depth);
    // What stands in one node of the search.
    struct Node {
        std::vector<std::uint32_t> rest;                // boxes that are partial in several
        std::vector<std::size_t> partial;               // of the rest, by dimension
        std::vector<PieceSet> slabs;                    // by dimension: partial only there
        std::vector<std::vector<std::uint32_t>> whose;  // the boxes of the slabs
    };
    bool sort_out(const Region& region, const std::vector<std::uint32_t>& among, Node& node);
    std::optional<Region> halve(const Region& region, Node node, std::size_t depth);

    const Boxes& boxes_;
    Budget& budget_;
    std::vector<std::uint32_t> used_;
};

// One interval of a box in one dimension.
struct Sweep {
    Span span;
    std::uint32_t box;
};
std::vector<Sweep> sweep_order(const Boxes& boxes, std::size_t dimension);
// The dimension in which the fewest pairs of boxes meet.
std::size_t most_selective(const Boxes& boxes);

// Calls `meets` for each pair of boxes (by number, the smaller first) that share a piece in every
// dimension; it answers whether to go on. False if the budget ran out before.
bool for_each_overlap(const Boxes& boxes, Budget& budget, auto&& meets) {
    if (boxes.size() == 0) return true;
    if (boxes.dimensions() == 0) {
        // Without inputs all rules meet.
        for (std::uint32_t b = 1; b < boxes.size(); ++b) {
            if (!budget.spend(1)) return false;
            if (!meets(0U, b)) return true;
        }
        return true;
    }
    const std::size_t dimension = most_selective(boxes);
    std::vector<Sweep> open;
    for (const Sweep& next : sweep_order(boxes, dimension)) {
        std::erase_if(open, [&](const Sweep& s) { return s.span.hi < next.span.lo; });
        if (!budget.spend(open.size() + 1)) return false;
        for (const Sweep& other : open) {
            if (other.box == next.box || !boxes_meet(boxes[other.box], boxes[next.box])) continue;
            // Boxes with several intervals meet here more than once; the first time counts.
            if (!boxes[other.box][dimension].is_single() ||
                !boxes[next.box][dimension].is_single()) {
                const PieceSet common =
                    intersected(boxes.set(other.box, dimension), boxes.set(next.box, dimension));
                if (common.front().lo != std::max(other.span.lo, next.span.lo)) continue;
            }
            if (!meets(std::min(other.box, next.box), std::max(other.box, next.box))) return true;
        }
        open.push_back(next);
    }
    return true;
}

}  // namespace schwarm::dmn::detail
