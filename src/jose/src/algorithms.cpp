#include "schwarm/jose/algorithms.hpp"

#include <array>
#include <string>

namespace schwarm::jose {
namespace {

const std::array<Algorithm, 3>& table() {
    static const auto rows = [] {
        const auto day = [](std::int64_t year, int month, int of_month) {
            return Date::from_civil(year, month, of_month).value();
        };
        return std::array<Algorithm, 3>{{
            {"ES256", AlgorithmKind::signature, day(2020, 1, 1), day(2035, 12, 31)},
            {"ECDH-ES+A256KW", AlgorithmKind::key_agreement, day(2020, 1, 1), day(2031, 12, 31)},
            {"A256GCM", AlgorithmKind::content, day(2020, 1, 1), day(9999, 12, 31)},
        }};
    }();
    return rows;
}

const char* name_of(AlgorithmKind kind) {
    switch (kind) {
        case AlgorithmKind::signature:
            return "signatures";
        case AlgorithmKind::key_agreement:
            return "key agreement";
        case AlgorithmKind::content:
            break;
    }
    return "content";
}

}  // namespace

std::span<const Algorithm> algorithms() {
    return table();
}

const Algorithm* find_algorithm(AlgorithmKind kind, std::string_view name) {
    for (const Algorithm& row : table()) {
        if (row.kind == kind && row.name == name) return &row;
    }
    return nullptr;
}

Result<const Algorithm*> algorithm_to_make(AlgorithmKind kind, Instant now) {
    const Date today{std::chrono::floor<std::chrono::days>(now).time_since_epoch().count()};
    for (const Algorithm& row : table()) {
        if (row.kind == kind && row.since <= today && today <= row.until) return &row;
    }
    return fail(ErrorCode::unsupported, "no algorithm for " + std::string(name_of(kind)) +
                                            " is recommended on " + today.to_string());
}

}  // namespace schwarm::jose
