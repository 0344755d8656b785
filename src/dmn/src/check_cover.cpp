#include "check_cover.hpp"

#include <algorithm>

namespace schwarm::dmn::detail {

namespace {

constexpr std::uint32_t kBits = 64;
constexpr std::uint32_t kMaxBits = 4096;

// The first span of a set that does not end before a piece.
PieceSet::const_iterator from(const PieceSet& set, std::uint32_t piece) {
    return std::lower_bound(set.begin(), set.end(), piece,
                            [](const Span& span, std::uint32_t p) { return span.hi < p; });
}

bool meets_span(const PieceSet& set, const Span& span) {
    const auto at = from(set, span.lo);
    return at != set.end() && at->lo <= span.hi;
}

// The first piece of the set from a piece on.
std::optional<std::uint32_t> first_from(const PieceSet& set, std::uint32_t piece) {
    const auto at = from(set, piece);
    if (at == set.end()) return std::nullopt;
    return std::max(at->lo, piece);
}

// How a side lies within the pieces of a region: nothing of it, all of it, or a part, with a
// piece of the region where to cut: the pieces before are all in, or all out.
struct Fit {
    enum class How : std::uint8_t { apart, whole, partly } how = How::apart;
    std::uint32_t edge = 0;
};

Fit fit_sets(const PieceSet& set, const PieceSet& region) {
    const auto start = region.front().lo;
    const auto first = from(set, start);
    if (first == set.end()) return {};
    if (first->lo > start) {
        for (auto span = first; span != set.end(); ++span) {
            const auto piece = first_from(region, span->lo);
            if (!piece) return {};
            if (*piece <= span->hi) return {Fit::How::partly, *piece};
        }
        return {};
    }
    for (auto span = first; span != set.end(); ++span) {
        const auto next = first_from(region, span->hi + 1);
        if (!next) return {Fit::How::whole, 0};
        const auto following = span + 1;
        if (following == set.end() || following->lo > *next || following->hi < *next) {
            // The next piece may lie in a span further on.
            const auto later = from(set, *next);
            if (later == set.end() || later->lo > *next) return {Fit::How::partly, *next};
            span = later - 1;
        }
    }
    return {Fit::How::whole, 0};
}

Fit fit(const Side& side, const PieceSet& region) {
    const auto lo = region.front().lo;
    const auto hi = region.back().hi;
    if (side.is_empty() || side.hi < lo || side.lo > hi) return {};
    if (side.is_single()) {
        if (side.lo <= lo && side.hi >= hi) return {Fit::How::whole, 0};
        if (region.size() == 1) return {Fit::How::partly, side.lo > lo ? side.lo : side.hi + 1};
    }
    return fit_sets(side.set->spans, region);
}

PieceSet without(const PieceSet& set, const PieceSet& taken) {
    return intersected(set, complement(taken, set.back().hi + 1));
}

}  // namespace

KeptSet::KeptSet(PieceSet set) : spans(std::move(set)) {
    if (spans.size() < 2 || spans.back().hi >= kMaxBits) return;
    bits.resize(spans.back().hi / kBits + 1);
    for (const Span& span : spans) {
        for (auto piece = span.lo; piece <= span.hi; ++piece) {
            bits[piece / kBits] |= std::uint64_t{1} << (piece % kBits);
        }
    }
}

Side Side::of(const KeptSet& set) {
    Side out;
    out.set = &set;
    if (!set.spans.empty()) {
        out.lo = set.spans.front().lo;
        out.hi = set.spans.back().hi;
    }
    return out;
}

bool Side::meets_within(const Side& other) const {
    if (is_single()) return other.is_single() || meets_span(other.set->spans, {lo, hi});
    if (other.is_single()) return meets_span(set->spans, {other.lo, other.hi});
    const auto& a = set->bits;
    const auto& b = other.set->bits;
    if (a.empty() || b.empty()) return intersects(set->spans, other.set->spans);
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
        if ((a[i] & b[i]) != 0) return true;
    }
    return false;
}

bool boxes_meet(std::span<const Side> a, std::span<const Side> b) {
    for (std::size_t d = 0; d < a.size(); ++d) {
        if (!a[d].meets(b[d])) return false;
    }
    return true;
}

std::optional<Region> Cover::find_open(const Region& region,
                                       const std::vector<std::uint32_t>& among) {
    used_.clear();
    return search(region, among, 0);
}

std::vector<std::uint32_t> Cover::used() const {
    auto out = used_;
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

// Where each box stands towards the region. True if one covers it whole.
bool Cover::sort_out(const Region& region, const std::vector<std::uint32_t>& among, Node& node) {
    const auto dimensions = region.size();
    node.partial.assign(dimensions, 0);
    node.slabs.resize(dimensions);
    node.whose.resize(dimensions);
    std::vector<std::size_t> partly(dimensions);
    for (const auto number : among) {
        const auto box = boxes_[number];
        bool apart = false;
        std::size_t count = 0;
        // Sets of several spans take longer.
        constexpr std::uint64_t kSearch = 5;
        for (std::size_t d = 0; d < dimensions && !apart; ++d) {
            const bool simple = region[d].size() == 1 && (box[d].is_empty() || box[d].is_single());
            if (!simple && !budget_.spend(kSearch)) return true;
            const Fit f = fit(box[d], region[d]);
            apart = f.how == Fit::How::apart;
            if (f.how == Fit::How::partly) partly[count++] = d;
        }
        if (apart) continue;
        if (count == 0) {
            used_.push_back(number);
            return true;
        }
        if (count == 1) {
            const auto d = partly[0];
            const auto& spans = box[d].set->spans;
            node.slabs[d].insert(node.slabs[d].end(), spans.begin(), spans.end());
            node.whose[d].push_back(number);
            continue;
        }
        for (std::size_t i = 0; i < count; ++i) ++node.partial[partly[i]];
        node.rest.push_back(number);
    }
    return false;
}

std::optional<Region> Cover::search(Region region, std::vector<std::uint32_t> among,
                                    std::size_t depth) {
    constexpr std::size_t kMaxDepth = 1000;
    while (true) {
        if (!budget_.spend(among.size() + 1)) return std::nullopt;
        if (depth > kMaxDepth) {
            budget_.spend(UINT64_MAX);
            return std::nullopt;
        }
        Node node;
        if (sort_out(region, among, node)) return std::nullopt;
        bool smaller = false;
        for (std::size_t d = 0; d < region.size(); ++d) {
            if (node.slabs[d].empty()) continue;
            region[d] = without(region[d], united(std::move(node.slabs[d]), {}));
            used_.insert(used_.end(), node.whose[d].begin(), node.whose[d].end());
            if (region[d].empty()) return std::nullopt;
            smaller = true;
        }
        if (node.rest.empty()) return region;
        if (!smaller) return halve(region, std::move(node), depth);
        among = std::move(node.rest);
    }
}

std::optional<Region> Cover::halve(const Region& region, Node node, std::size_t depth) {
    const auto cut = static_cast<std::size_t>(
        std::max_element(node.partial.begin(), node.partial.end()) - node.partial.begin());
    std::vector<std::uint32_t> edges;
    edges.reserve(node.partial[cut]);
    for (const auto number : node.rest) {
        const Fit f = fit(boxes_[number][cut], region[cut]);
        if (f.how == Fit::How::partly) edges.push_back(f.edge);
    }
    const auto middle = edges.begin() + static_cast<std::ptrdiff_t>(edges.size() / 2);
    std::nth_element(edges.begin(), middle, edges.end());
    const auto edge = *middle;
    Region part = region;
    part[cut] = intersected(region[cut], {{0, edge - 1}});
    if (auto open = search(part, node.rest, depth + 1)) return open;
    if (budget_.exhausted()) return std::nullopt;
    part[cut] = intersected(region[cut], {{edge, region[cut].back().hi}});
    return search(std::move(part), std::move(node.rest), depth + 1);
}

std::vector<Sweep> sweep_order(const Boxes& boxes, std::size_t dimension) {
    std::vector<Sweep> out;
    for (std::uint32_t i = 0; i < boxes.size(); ++i) {
        for (const Span& span : boxes.set(i, dimension)) out.push_back({span, i});
    }
    std::stable_sort(out.begin(), out.end(),
                     [](const Sweep& a, const Sweep& b) { return a.span.lo < b.span.lo; });
    return out;
}

std::size_t most_selective(const Boxes& boxes) {
    std::size_t best = 0;
    std::uint64_t fewest = UINT64_MAX;
    for (std::size_t d = 0; d < boxes.dimensions(); ++d) {
        // Pairs of intervals that meet: at each start, how many are open.
        std::vector<std::uint32_t> starts;
        std::vector<std::uint32_t> ends;
        for (std::uint32_t i = 0; i < boxes.size(); ++i) {
            for (const Span& span : boxes.set(i, d)) {
                starts.push_back(span.lo);
                ends.push_back(span.hi);
            }
        }
        std::sort(starts.begin(), starts.end());
        std::sort(ends.begin(), ends.end());
        std::uint64_t pairs = 0;
        std::size_t closed = 0;
        for (std::size_t i = 0; i < starts.size(); ++i) {
            while (closed < ends.size() && ends[closed] < starts[i]) ++closed;
            pairs += i - closed;
        }
        if (pairs < fewest) {
            fewest = pairs;
            best = d;
        }
    }
    return best;
}

}  // namespace schwarm::dmn::detail
