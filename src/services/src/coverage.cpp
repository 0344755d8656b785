#include "schwarm/services/coverage.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "scenario_words.hpp"

namespace schwarm::services {
namespace {

constexpr std::string_view kNotExecutable = "not executable";

std::vector<std::string> cells_of(std::string_view line) {
    std::vector<std::string> cells;
    while (true) {
        const auto end = line.find('|');
        cells.emplace_back(words::trim(line.substr(0, end)));
        if (end == std::string_view::npos) return cells;
        line.remove_prefix(end + 1);
    }
}

std::string name(const Coverage& cell) {
    return cell.element + ", " + cell.position;
}

struct Counted {
    std::size_t held = 0;
    std::size_t failed = 0;
};
using Ran = std::map<std::pair<Coverage, std::string>, Counted>;

std::string state_of(const Ran& ran, const Coverage& cell, const std::string& regime) {
    const auto found = ran.find({cell, regime});
    if (found == ran.end()) return "missing";
    return found->second.failed > 0 ? "failed" : "ok";
}

}  // namespace

Result<std::vector<CoverageRow>> read_coverage(std::string_view text) {
    std::vector<CoverageRow> rows;
    std::set<Coverage> seen;
    std::string family;
    int number = 0;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        const auto line = words::trim(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        ++number;
        if (line.empty() || line.starts_with("//")) continue;
        if (line.starts_with("# ")) {
            family = std::string(line.substr(2));
            continue;
        }
        auto cells = cells_of(line);
        if (cells.size() != 4 || family.empty()) {
            return fail(ErrorCode::invalid_input,
                        "line " + std::to_string(number) +
                            ": written is 'element | position | source | meaning' below a family");
        }
        CoverageRow row{family, {cells[0], cells[1]}, cells[2], cells[3]};
        if (!seen.insert(row.cell).second) {
            return fail(ErrorCode::invalid_input,
                        "line " + std::to_string(number) +
                            ": the cell stands there twice: " + name(row.cell));
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

CoverageReport report_coverage(std::span<const CoverageRow> rows,
                               std::span<const ScenarioResult> results,
                               std::span<const std::string> regimes) {
    CoverageReport report;
    Ran ran;
    std::set<Coverage> known;
    for (const auto& row : rows) known.insert(row.cell);
    std::set<Coverage> unknown;
    for (const auto& result : results) {
        for (const auto& cell : result.covers) {
            auto& counted = ran[{cell, result.regime}];
            ++(result.ok ? counted.held : counted.failed);
            if (!known.contains(cell) && unknown.insert(cell).second) {
                report.wrong.push_back(result.file +
                                       " covers what is not in the list: " + name(cell));
            }
        }
    }
    auto& out = report.markdown;
    std::string family;
    for (const auto& row : rows) {
        if (row.family != family) {
            family = row.family;
            out += "\n## " + family + "\n\n| element | position |";
            for (const auto& regime : regimes) out += " " + regime + " |";
            out += " meaning | source |\n|---|---|";
            for (std::size_t n = 0; n < regimes.size() + 2; ++n) out += "---|";
            out += "\n";
        }
        out += "| " + row.cell.element + " | " + row.cell.position + " |";
        const bool wanted = !row.meaning.starts_with(kNotExecutable);
        for (const auto& regime : regimes) {
            const auto state = state_of(ran, row.cell, regime);
            out += " " + (wanted || state != "missing" ? state : "-") + " |";
            if (state == "failed") report.wrong.push_back(name(row.cell) + " failed in " + regime);
            if (wanted && state == "missing") {
                report.missing.push_back("no scenario covers " + name(row.cell) + " in " + regime);
            }
        }
        out += " " + row.meaning + " | " + row.source + " |\n";
    }
    return report;
}

}  // namespace schwarm::services
