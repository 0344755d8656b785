#include "schwarm/exchange/audit_check.hpp"

#include <algorithm>

namespace schwarm::exchange {
namespace {

constexpr std::size_t kFindingsMax = 100;

std::string lines(std::uint64_t first, std::uint64_t last) {
    return first == last ? "audit line " + std::to_string(first)
                         : "audit lines " + std::to_string(first) + " to " + std::to_string(last);
}

}  // namespace

void AuditCheck::find(std::string text) {
    if (findings_.size() < kFindingsMax) findings_.push_back(std::move(text));
}

void AuditCheck::checkpoint(std::uint64_t row, std::string_view jws) {
    ++count_;
    const std::string place = "checkpoint at audit line " + std::to_string(row);
    const auto verified = verify_audit_checkpoint(jws, keys_, cryptography_);
    if (verified.has_error()) {
        find(place + ": " + verified.error().text());
        gap_ = true;
        return;
    }
    const AuditCheckpoint& one = verified->content;
    if (one.tenant != tenant_ || one.last != row) {
        find(place + ": it is that of line " + std::to_string(one.last) + " of " +
             one.tenant.text());
        gap_ = true;
        return;
    }
    if (!gap_ && (one.number != number_ + 1 || one.previous != hash_ || one.first != last_ + 1)) {
        find(place + ": the checkpoint before it is missing or another one");
    }
    if (!gap_ && one.incarnation < incarnation_) find(place + ": the incarnation falls");
    incarnation_ = std::max(incarnation_, one.incarnation);
    if (one.first > last_) {
        spans_.push_back({one.first, one.last, one.chain, one.root, one.time});
    } else if (gap_) {
        find(place + ": its lines have another checkpoint as well");
    }
    gap_ = false;
    number_ = one.number;
    last_ = one.last;
    hash_ = verified->hash;
}

void AuditCheck::line(std::uint64_t number, const crypto::Hash& chain, Instant at) {
    end_ = number;
    newest_ = std::max(newest_, at);
    while (next_ < spans_.size() && spans_[next_].last < number) {
        const Span& passed = spans_[next_];
        find(lines(passed.first, passed.last) + ": line " + std::to_string(passed.last) +
             ", which a checkpoint names, is missing");
        covered_.clear();
        ++next_;
    }
    if (next_ == spans_.size()) {
        ++unsigned_;
        if (!first_unsigned_) first_unsigned_ = at;
        return;
    }
    const Span& span = spans_[next_];
    if (number < span.first) return;
    covered_.push_back(chain);
    if (number == span.last) {
        judge(span, chain);
        covered_.clear();
        ++next_;
    }
}

void AuditCheck::judge(const Span& span, const crypto::Hash& chain) {
    if (chain != span.chain || audit_root(covered_) != span.root) {
        find(lines(span.first, span.last) + ": not those that the tenant signed");
        return;
    }
    signed_to_ = span.last;
    signed_at_ = span.time;
}

void AuditCheck::finish() {
    if (next_ < spans_.size()) {
        find(lines(end_ + 1, spans_.back().last) + ": missing, a checkpoint covers them");
    }
    if (first_unsigned_ && newest_ - *first_unsigned_ > kAuditUnsignedMax) {
        find(lines(end_ - unsigned_ + 1, end_) +
             ": without a checkpoint, although they are older than a node leaves unsigned");
    }
}

}  // namespace schwarm::exchange
