// Checks of decision models before use: what Program::findings() knows, and beside it overlapping
// and unreachable rules, gaps, values that are not allowed, and type errors inside of expressions.
// docs/formats/check.md says what is found and what is not.
//
// Findings with an example input hold for exactly that input: the cells were evaluated with it.
// A table whose analysis would take more than the limit says so; nothing is left out silently.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "schwarm/dmn/program.hpp"

namespace schwarm::dmn {

struct CheckLimits {
    // Comparisons of a rule with a part of the input space, per table: some seconds.
    std::uint64_t work = 200'000'000;
    // Findings of one kind per table; what is beyond is counted in one more.
    std::size_t findings = 10;
    std::size_t rules = 100'000;  // per table; larger ones are not analysed
};

struct Checked {
    Program program;
    std::vector<Finding> findings;  // by file and place
};

// Loads a set as Program::load_set does, with the same errors, and checks it.
Result<Checked> load_checked(std::vector<SourceFile> files, const ImportResolver& resolver = {},
                             const LoadLimits& limits = {}, const CheckLimits& check = {});

// The parts of Finding::where.
struct FindingPlace {
    std::string file;
    std::size_t line = 0;
    std::size_t column = 0;
    std::string element;
};
FindingPlace place_of(const Finding& finding);

// "overlap", "gap", ...
std::string_view name_of(Finding::Kind kind);
std::string_view name_of(Finding::Severity severity);

}  // namespace schwarm::dmn
