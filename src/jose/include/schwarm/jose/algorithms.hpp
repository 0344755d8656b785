// The one table of algorithms. What it does not hold is refused, whatever a header says; so `none`,
// the symmetric and the RSA algorithms of RFC 7518 do not exist here.
//
// The dates follow BSI TR-02102-1 (version 2026-01): key agreement by elliptic curves alone is
// recommended until the end of 2031, signatures by elliptic curves alone until the end of 2035;
// AES-256 in GCM has no end. After `until` nothing new is made; what was made before is still read
// while its row stands here, so that archives can be checked. `since` keeps a row that is entered
// ahead of its recommendation from being used; it lies in the past for those that were there from
// the start.
#pragma once

#include <span>
#include <string_view>

#include "schwarm/base/calendar.hpp"
#include "schwarm/base/clock.hpp"
#include "schwarm/base/result.hpp"

namespace schwarm::jose {

enum class AlgorithmKind : unsigned char {
    signature,      // JWS "alg"
    key_agreement,  // JWE "alg"
    content,        // JWE "enc"
};

struct Algorithm {
    std::string_view name;
    AlgorithmKind kind;
    Date since;  // first day
    Date until;  // last day
};

std::span<const Algorithm> algorithms();

// nullptr: the table holds no such algorithm of this kind. Names are compared byte by byte.
const Algorithm* find_algorithm(AlgorithmKind kind, std::string_view name);

// The algorithm of this kind with which something may be made at `now`; the first row counts.
// unsupported: the recommendation for all of them has ended, or not begun.
Result<const Algorithm*> algorithm_to_make(AlgorithmKind kind, Instant now);

}  // namespace schwarm::jose
