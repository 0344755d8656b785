// Decision tables: overlaps, gaps, unreachable and repeated rules, values that are not allowed
// (DMN 1.5 clauses 8.2.8 to 8.3). Rules become boxes over the pieces of their columns.
#include "check_table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>
#include <unordered_map>

namespace schwarm::dmn::detail {

using feel::Value;
using Severity = Finding::Severity;
using Kind = Finding::Kind;

namespace {

std::string numbers(std::span<const std::uint32_t> rules) {
    constexpr std::size_t kShown = 10;
    std::vector<std::uint32_t> out;
    for (const auto rule : rules.subspan(0, std::min(rules.size(), kShown))) {
        out.push_back(rule + 1);
    }
    const auto rest = rules.size() - out.size();
    return fmt::format("{}{}", fmt::join(out, ", "),
                       rest > 0 ? fmt::format(" and {} more", rest) : std::string());
}

bool is_single_hit(std::string_view policy) {
    return policy == "UNIQUE" || policy == "ANY" || policy == "FIRST" || policy == "PRIORITY";
}

}  // namespace

TableCheck::TableCheck(Checker& checker, LogicCompiler& compiler, xml::Element element,
                       Scope& scope)
    : checker_(checker),
      reader_(checker, compiler, element, scope),
      budget_(checker.limits().work) {}

void TableCheck::run() {
    if (!reader_.read()) return;
    make_boxes();
    check_inputs();
    check_outputs();
    check_impossible();
    const auto& policy = table().policy;
    if (policy == "UNIQUE" || policy == "ANY") check_overlaps();
    if (policy == "FIRST" || policy == "PRIORITY") check_masked();
    if (policy != "UNIQUE") check_duplicates();
    if (is_single_hit(policy) && !table().has_default) check_gaps();
    report_limits();
}

void TableCheck::add(Kind kind, Severity severity, xml::Element at, std::string message) {
    auto& count = counts_[static_cast<std::size_t>(kind)];
    if (++count > checker_.limits().findings) return;
    checker_.add({severity, at.where(), std::move(message), kind});
}

const KeptSet* TableCheck::keep(PieceSet set) {
    return &*sets_.insert(KeptSet(std::move(set))).first;
}

void TableCheck::make_boxes() {
    const auto& dimensions = table().dimensions;
    for (const auto& dimension : dimensions) {
        std::vector<Pieces> cells;
        for (const auto& cell : dimension.cells) {
            const auto everything = dimension.everything();
            auto set = dimension.domain ? dimension.domain->pieces_of(cell)
                       : cell.is_any()  ? std::optional(everything)
                                        : std::nullopt;
            // What is not known accepts nothing for certain, and everything perhaps.
            const bool known = set.has_value();
            cells.push_back(
                {keep(known ? *set : PieceSet()), keep(known ? *set : everything), known});
        }
        pieces_.push_back(std::move(cells));
    }
    sure_ = Boxes(dimensions.size());
    maybe_ = Boxes(dimensions.size());
    std::vector<Side> sure(dimensions.size());
    std::vector<Side> maybe(dimensions.size());
    for (std::uint32_t r = 0; r < table().rules.size(); ++r) {
        const auto& rule = table().rules[r];
        bool known = true;
        for (auto* box : {&sure, &maybe}) std::fill(box->begin(), box->end(), Side());
        for (std::size_t c = 0; c < rule.cells.size(); ++c) {
            const auto d = table().columns[c].dimension;
            const auto& cell = pieces_[d][rule.cells[c]];
            known = known && cell.known;
            // The same expression in two columns: both must accept the value.
            const auto both = [&](const Side& side, const KeptSet& set) {
                if (side.set == nullptr) return Side::of(set);
                return Side::of(*keep(intersected(side.set->spans, set.spans)));
            };
            sure[d] = both(sure[d], *cell.sure);
            maybe[d] = both(maybe[d], *cell.maybe);
        }
        sure_.add(sure);
        maybe_.add(maybe);
        if (!known) unknown_rules_.push_back(r);
    }
}

bool TableCheck::is_known(std::uint32_t rule) const {
    return !std::binary_search(unknown_rules_.begin(), unknown_rules_.end(), rule);
}

Value TableCheck::example(const Region& region) const {
    ExampleBuilder out;
    for (std::size_t d = 0; d < region.size(); ++d) {
        const auto& dimension = table().dimensions[d];
        const auto value = dimension.domain
                               ? dimension.domain->example(dimension.domain->pick(region[d]))
                               : Value();
        out.set(dimension, value);
    }
    return out.build();
}

bool TableCheck::accepts(std::uint32_t rule, const Region& region) const {
    feel::Evaluation evaluation;
    const feel::ContextEnvironment nothing{Value()};
    for (std::size_t c = 0; c < table().columns.size(); ++c) {
        const auto d = table().columns[c].dimension;
        const auto& dimension = table().dimensions[d];
        const auto& cell = dimension.cells[table().rules[rule].cells[c]];
        if (cell.is_any() || !dimension.domain || !cell.is_closed()) continue;
        const auto value = dimension.domain->example(dimension.domain->pick(region[d]));
        if (!feel::evaluate_tests(cell.expression, value, nothing, evaluation).is_true()) {
            return false;
        }
    }
    return true;
}

void TableCheck::check_impossible() {
    impossible_.assign(table().rules.size(), false);
    for (std::uint32_t r = 0; r < table().rules.size(); ++r) {
        for (std::size_t d = 0; d < maybe_.dimensions(); ++d) {
            if (!maybe_[r][d].is_empty()) continue;
            impossible_[r] = true;
            if (reported_rules_.contains(r)) break;
            add(Kind::unreachable, Severity::warning, table().rules[r].element,
                fmt::format("rule {} can never match: no value of {} fits its condition", r + 1,
                            table().dimensions[d].text));
            break;
        }
    }
}

void TableCheck::check_overlaps() {
    const bool any = table().policy == "ANY";
    constexpr std::uint64_t kEnough = 1000;
    std::uint64_t pairs = 0;
    const bool done = for_each_overlap(sure_, budget_, [&](std::uint32_t a, std::uint32_t b) {
        if (any && !outputs_differ(a, b)) return true;
        if (++pairs <= checker_.limits().findings) report_overlap(a, b);
        return pairs < kEnough;
    });
    incomplete_ = incomplete_ || !done;
    if (pairs > checker_.limits().findings) {
        checker_.add(
            {overlap_severity(), table().element.where(),
             fmt::format("{}{} further pairs of rules overlap", pairs >= kEnough ? "at least " : "",
                         pairs - checker_.limits().findings),
             Kind::overlap});
    }
}

Severity TableCheck::overlap_severity() const {
    return table().independent ? Severity::error : Severity::warning;
}

void TableCheck::report_overlap(std::uint32_t a, std::uint32_t b) {
    Region region;
    bool same = true;
    for (std::size_t d = 0; d < sure_.dimensions(); ++d) {
        same = same && sure_[a][d].set == sure_[b][d].set;
        region.push_back(intersected(sure_.set(a, d), sure_.set(b, d)));
    }
    if (!accepts(a, region) || !accepts(b, region)) {
        incomplete_ = true;
        return;
    }
    const auto condition = describe(region);
    checker_.add(
        {overlap_severity(), table().rules[b].element.where(),
         fmt::format("rules {} and {} {}{}{}, but the hit policy is {}{}{}", a + 1, b + 1,
                     table().independent ? "" : "may ",
                     same ? "have the same conditions" : "both match",
                     same || condition.empty() ? "" : " where " + condition, table().policy,
                     table().policy == "ANY" ? " and their outputs differ" : "",
                     "; for example " + example_text(example(region))),
         Kind::overlap, example(region)});
}

bool TableCheck::outputs_differ(std::uint32_t a, std::uint32_t b) const {
    const auto& left = table().rules[a].outputs;
    const auto& right = table().rules[b].outputs;
    for (std::size_t i = 0; i < left.size(); ++i) {
        const auto& x = table().outputs[i].cells[left[i]].constant;
        const auto& y = table().outputs[i].cells[right[i]].constant;
        if (left[i] != right[i] && x && y && !(*x == *y)) return true;
    }
    return false;
}

std::string TableCheck::describe(const Region& region) const {
    std::string out;
    for (std::size_t d = 0; d < region.size(); ++d) {
        const auto& dimension = table().dimensions[d];
        if (!dimension.domain) continue;
        const auto size = dimension.domain->size();
        const bool whole = !region[d].empty() && region[d].front().lo == 0 &&
                           region[d].front().hi + 1 >= size && size > 0;
        if (whole) continue;
        if (!out.empty()) out += " and ";
        out += dimension.text + " is " + dimension.domain->describe(region[d]);
    }
    return out;
}

bool TableCheck::outranks(std::uint32_t a, std::uint32_t b) const {
    if (table().policy == "FIRST") return a < b;
    const auto& x = table().rules[a].ranks;
    const auto& y = table().rules[b].ranks;
    if (!x || !y) return false;
    return *x < *y || (*x == *y && a < b);
}

void TableCheck::check_masked() {
    const auto count = static_cast<std::uint32_t>(table().rules.size());
    if (table().dimensions.empty()) {
        if (count > 1) {
            add(Kind::unreachable, Severity::warning, table().rules[1].element,
                "the table has no inputs: only one of its rules ever decides");
        }
        return;
    }
    for (std::uint32_t r = 0; r < count && !budget_.exhausted(); ++r) {
        std::vector<std::uint32_t> by;
        if (impossible_[r] || !is_masked(r, by)) continue;
        masked_.insert(r);
        add(Kind::unreachable, Severity::warning, table().rules[r].element,
            fmt::format("rule {} never decides: {} {} {} whatever it matches", r + 1,
                        by.size() == 1 ? "rule" : "the rules", numbers(by),
                        by.size() == 1 ? "covers" : "cover"));
    }
    incomplete_ = incomplete_ || budget_.exhausted();
}

// Whether rules that go before this one match all that it matches; `by` which.
bool TableCheck::is_masked(std::uint32_t rule, std::vector<std::uint32_t>& by) {
    const auto count = static_cast<std::uint32_t>(table().rules.size());
    const auto last = table().policy == "FIRST" ? rule : count;
    if (!budget_.spend(last)) return false;
    std::vector<std::uint32_t> before;
    const auto box = maybe_[rule];
    for (std::uint32_t other = 0; other < last; ++other) {
        if (other == rule || !boxes_meet(sure_[other], box)) continue;
        if (outranks(other, rule)) before.push_back(other);
    }
    if (before.empty()) return false;
    Region region;
    for (const Side& side : box) region.push_back(side.set->spans);
    Cover cover(sure_, budget_);
    if (cover.find_open(region, before) || budget_.exhausted()) return false;
    by = cover.used();
    // Those that are not needed are not named.
    constexpr std::size_t kFew = 20;
    for (std::size_t i = by.size(); by.size() <= kFew && i-- > 0;) {
        auto fewer = by;
        fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
        if (!cover.find_open(region, fewer) && !budget_.exhausted()) by = std::move(fewer);
    }
    return true;
}

void TableCheck::check_duplicates() {
    std::unordered_map<std::string, std::uint32_t> first;
    for (std::uint32_t r = 0; r < table().rules.size(); ++r) {
        if (impossible_[r] || masked_.contains(r)) continue;
        std::string key;
        const auto& rule = table().rules[r];
        for (const Side& side : sure_[r]) {
            key += fmt::format("{} ", static_cast<const void*>(side.set));
        }
        // Cells that are not analysed are the same if their text is.
        for (std::size_t c = 0; c < rule.cells.size() && !is_known(r); ++c) {
            key += fmt::format("{} ", rule.cells[c]);
        }
        for (const auto output : rule.outputs) key += fmt::format("={}", output);
        const auto [at, added] = first.emplace(std::move(key), r);
        if (added) continue;
        add(Kind::duplicate, Severity::warning, rule.element,
            fmt::format("rule {} repeats rule {}", r + 1, at->second + 1));
    }
}

void TableCheck::check_gaps() {
    if (table().rules.empty()) return;
    if (table().dimensions.empty()) return;
    Region everything;
    for (const auto& dimension : table().dimensions) {
        const auto size = dimension.domain ? dimension.domain->size() : 1;
        if (size == 0) return;
        everything.push_back({{0, size - 1}});
    }
    std::size_t gaps = 0;
    auto boxes = maybe_;
    std::vector<std::uint32_t> among(boxes.size());
    std::iota(among.begin(), among.end(), 0U);
    while (gaps < checker_.limits().findings) {
        const auto open = Cover(boxes, budget_).find_open(everything, among);
        if (!open) break;
        const auto grown = grow(*open, everything);
        if (!grown || !report_gap(*grown)) break;
        ++gaps;
        std::vector<Side> box;
        for (const auto& set : *grown) box.push_back(Side::of(*keep(set)));
        among.push_back(boxes.size());
        boxes.add(box);
    }
    incomplete_ = incomplete_ || budget_.exhausted();
    if (gaps == checker_.limits().findings) {
        add_note(Kind::gap, "further gaps may exist; only the first are named");
    }
}

// The largest region around an open part that no rule meets, column by column.
std::optional<Region> TableCheck::grow(const Region& open, const Region& everything) {
    // Of several parts the first is enough; it grows again where it can.
    Region region;
    for (const PieceSet& set : open) region.push_back({set.front()});
    std::deque<KeptSet> kept;
    std::vector<Side> box;
    for (const auto& set : region) box.push_back(Side::of(kept.emplace_back(set)));
    for (std::size_t d = 0; d < region.size(); ++d) {
        if (!budget_.spend(maybe_.size())) return std::nullopt;
        // Rules that meet the region in all other dimensions take what they accept in this one.
        box[d] = Side::of(kept.emplace_back(everything[d]));
        PieceSet taken;
        for (std::uint32_t r = 0; r < maybe_.size(); ++r) {
            if (!boxes_meet(maybe_[r], box)) continue;
            taken.insert(taken.end(), maybe_.set(r, d).begin(), maybe_.set(r, d).end());
        }
        region[d] = intersected(
            everything[d], complement(united(std::move(taken), {}), everything[d].back().hi + 1));
        box[d] = Side::of(kept.emplace_back(region[d]));
    }
    return region;
}

bool TableCheck::report_gap(const Region& region) {
    for (std::uint32_t r = 0; r < table().rules.size(); ++r) {
        if (accepts(r, region)) {
            incomplete_ = true;
            return false;
        }
    }
    bool sure = table().independent;
    for (const auto& dimension : table().dimensions) {
        sure = sure && !dimension.path.empty() &&
               !(dimension.domain && dimension.domain->is_approximate());
    }
    const auto condition = describe(region);
    auto shown = example(region);
    checker_.add({sure ? Severity::warning : Severity::note, table().element.where(),
                  fmt::format("{}no rule matches{}; for example {}", sure ? "" : "perhaps ",
                              condition.empty() ? "" : " where " + condition, example_text(shown)),
                  Kind::gap, shown});
    return true;
}

void TableCheck::add_note(Kind kind, std::string message) {
    checker_.add({Severity::note, table().element.where(), std::move(message), kind});
}

void TableCheck::report_limits() {
    for (std::size_t kind = 0; kind < counts_.size(); ++kind) {
        if (counts_[kind] <= checker_.limits().findings) continue;
        add_note(static_cast<Kind>(kind), fmt::format("{} more of this kind in this table",
                                                      counts_[kind] - checker_.limits().findings));
    }
    if (!unknown_rules_.empty() && is_single_hit(table().policy)) {
        add_note(Kind::not_analysed,
                 fmt::format("rule{} {}: conditions that are no constants are not analysed; "
                             "overlaps and gaps with them are not looked for",
                             unknown_rules_.size() == 1 ? "" : "s", numbers(unknown_rules_)));
    }
    if (incomplete_) {
        checker_.add({Severity::warning, table().element.where(),
                      "the table is too large to be analysed fully: more may be wrong than is said",
                      Kind::not_analysed});
    }
}

void check_table(Checker& checker, LogicCompiler& compiler, xml::Element element, Scope& scope) {
    TableCheck(checker, compiler, element, scope).run();
}

}  // namespace schwarm::dmn::detail
