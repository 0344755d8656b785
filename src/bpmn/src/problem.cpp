#include "schwarm/bpmn/problem.hpp"

#include <algorithm>

namespace schwarm::bpmn {

std::string Problem::text() const {
    std::string out = file;
    if (line > 0) out += ":" + std::to_string(line);
    out += ": ";
    if (!element.empty()) {
        out += element;
        out += ' ';
    }
    if (!element_id.empty()) out += "'" + element_id + "'";
    if (!element.empty() || !element_id.empty()) {
        if (out.back() == ' ') out.pop_back();
        out += ": ";
    }
    return out + reason;
}

bool has_errors(const Problems& problems) {
    return std::any_of(problems.begin(), problems.end(),
                       [](const Problem& p) { return p.severity == Severity::error; });
}

}  // namespace schwarm::bpmn
