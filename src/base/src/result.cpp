#include "schwarm/base/result.hpp"

#include <array>
#include <stdexcept>

namespace schwarm {
namespace {
struct Row {
    std::string_view name;
    int http_status;
    bool retryable;
    std::string_view text;
};
constexpr std::array kRows = {
#define SCHWARM_ERROR(name, http_status, retryable, text) Row{#name, http_status, retryable, text},
#include "schwarm/base/errors.def"
#undef SCHWARM_ERROR
};
const Row& row(ErrorCode code) {
    return kRows.at(static_cast<std::size_t>(code));
}
}  // namespace

std::string_view name_of(ErrorCode code) {
    return row(code).name;
}
int http_status_of(ErrorCode code) {
    return row(code).http_status;
}
bool retryable(ErrorCode code) {
    return row(code).retryable;
}

std::string Error::text() const {
    std::string out;
    if (!where.empty()) out = where + ": ";
    out += message.empty() ? std::string(row(code).text) : message;
    out += " (";
    out += name_of(code);
    out += ")";
    return out;
}

void throw_exception_from_error(const Error& error, const boost::source_location&) {
    throw std::runtime_error(error.text());
}

}  // namespace schwarm
