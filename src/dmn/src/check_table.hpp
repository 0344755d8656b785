// The analysis of one decision table.
#pragma once

#include <array>
#include <deque>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "check_cover.hpp"
#include "check_reader.hpp"
#include "checker.hpp"

namespace schwarm::dmn::detail {

class TableCheck {
  public:
    TableCheck(Checker& checker, LogicCompiler& compiler, xml::Element element, Scope& scope);
    void run();

  private:
    // What a cell accepts for certain, and at most.
    struct Pieces {
        const KeptSet* sure;
        const KeptSet* maybe;
        bool known;
    };
    struct SetOrder {
        bool operator()(const KeptSet& a, const KeptSet& b) const { return a.spans < b.spans; }
    };

    const CheckTable& table() const { return reader_.table(); }
    void make_boxes();
    const KeptSet* keep(PieceSet set);
    bool is_known(std::uint32_t rule) const;

    void check_inputs();
    void check_cell(std::size_t column, std::size_t cell, std::uint32_t rule);
    void check_constant(const CheckDimension& dimension, const Value& value, bool is_end,
                        std::uint32_t rule, xml::Element at);
    void check_outputs();
    void check_output(std::size_t column, std::size_t cell, std::uint32_t rule);
    void check_impossible();
    void check_overlaps();
    void check_masked();
    bool is_masked(std::uint32_t rule, std::vector<std::uint32_t>& by);
    void check_duplicates();
    void check_gaps();

    void report_overlap(std::uint32_t a, std::uint32_t b);
    bool report_gap(const Region& region);
    void report_limits();
    void add(Finding::Kind kind, Finding::Severity severity, xml::Element at, std::string message);
    void add_note(Finding::Kind kind, std::string message);

    Finding::Severity overlap_severity() const;
    bool outputs_differ(std::uint32_t a, std::uint32_t b) const;
    bool outranks(std::uint32_t a, std::uint32_t b) const;
    std::optional<Region> grow(const Region& open, const Region& everything);
    // One value of each dimension of the region.
    Value example(const Region& region) const;
    // Whether the rule's cells, evaluated, accept the example of the region; cells that are not
    // analysed count as accepting.
    bool accepts(std::uint32_t rule, const Region& region) const;
    std::string describe(const Region& region) const;

    Checker& checker_;
    TableReader reader_;
    Budget budget_;
    bool incomplete_ = false;
    std::set<KeptSet, SetOrder> sets_;
    std::vector<std::vector<Pieces>> pieces_;  // by dimension and cell
    Boxes sure_{0};                            // by rule
    Boxes maybe_{0};
    std::vector<std::uint32_t> unknown_rules_;  // with a cell that is not analysed
    std::vector<bool> impossible_;
    std::set<std::uint32_t> masked_;
    std::set<std::uint32_t> reported_rules_;  // that have a cell with a finding of its own
    std::array<std::size_t, 16> counts_{};    // findings by kind
};

}  // namespace schwarm::dmn::detail
