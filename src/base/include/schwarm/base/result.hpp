// Failures of the environment: Result<T> carries a value or an Error with a code of one table.
//
// The four kinds of failure are never mixed: a business outcome is data, the environment answers
// Result<T>, a programmer's error is a CHECK (check.hpp), a wrong configuration stops the start.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace schwarm {

// The table of codes: base/errors.def. A code exists only where somebody can react to it.
enum class ErrorCode : std::uint8_t {
#define SCHWARM_ERROR(name, http_status, retryable, text) name,
#include "schwarm/base/errors.def"
#undef SCHWARM_ERROR
};

std::string_view name_of(ErrorCode code);
int http_status_of(ErrorCode code);
bool retryable(ErrorCode code);

// message: one sentence an administrator or designer understands, naming the reason.
// where: the place ("file.bpmn:12:4 element Task_1", "body /antrag/miete"), empty if there is none.
struct Error {
    ErrorCode code = ErrorCode::internal;
    std::string message;
    std::string where;

    Error() = default;
    explicit Error(ErrorCode c, std::string m = {}, std::string w = {})
        : code(c), message(std::move(m)), where(std::move(w)) {}

    // "where: message (code)"
    std::string text() const;
};

[[noreturn]] void throw_exception_from_error(const Error& error, const boost::source_location&);

template <class T = void>
using Result = boost::system::result<T, Error>;

inline Error fail(ErrorCode code, std::string message, std::string where = {}) {
    return Error(code, std::move(message), std::move(where));
}

}  // namespace schwarm

// Returns the error of `expr` from the enclosing function, or declares `var` with its value.
#define SCHWARM_TRY(var, expr)                                   \
    auto var##_result_ = (expr);                                 \
    if (var##_result_.has_error()) return var##_result_.error(); \
    auto var = std::move(var##_result_.value())

#define SCHWARM_TRY_VOID(expr)                                                   \
    do {                                                                         \
        auto schwarm_try_result_ = (expr);                                       \
        if (schwarm_try_result_.has_error()) return schwarm_try_result_.error(); \
    } while (false)
