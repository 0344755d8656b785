#include "schwarm/exchange/directory_chain.hpp"

#include <algorithm>

#include "directory/fields.hpp"
#include "schwarm/base/check.hpp"
#include "schwarm/json/json.hpp"

namespace schwarm::exchange {
namespace {

constexpr json::Limits kForkLimits{4 * kEntryBytesMax, 3, 10};

std::string place_of(const MemberId& member, std::uint64_t number) {
    return member.value() + " entry " + std::to_string(number);
}

Error at(Error error, const std::string& place) {
    error.where = error.where.empty() ? place : place + " " + error.where;
    return error;
}

Result<void> check_key(const Cryptography& cryptography, KeyUse use, const PublicKey& key,
                       const char* name) {
    const auto read = cryptography.read_key(use, key.jwk);
    if (read.has_error()) return fail(read.error().code, read.error().message, name);
    if (read.value() != key) {
        return fail(ErrorCode::invalid_input, "the key is not written in its one form", name);
    }
    return {};
}

}  // namespace

std::string write_fork(const ForkProof& proof) {
    json::Writer w;
    w.begin_object().member("member", proof.member.value()).member("number", proof.number);
    w.member("first", proof.first).member("second", proof.second).end_object();
    return w.take();
}

Result<ForkProof> read_fork(std::string_view text) {
    SCHWARM_TRY(value, json::parse(text, kForkLimits));
    detail::Fields::Failure failure;
    detail::Fields f(value, "", failure);
    ForkProof proof;
    proof.member = f.member("member");
    proof.number = static_cast<std::uint64_t>(f.number("number", 1));
    proof.first = f.text("first", 2 * kEntryBytesMax);
    proof.second = f.text("second", 2 * kEntryBytesMax);
    f.end();
    if (failure.error) return *failure.error;
    return proof;
}

Chain::Chain(MemberId member, std::string origin)
    : member_(std::move(member)), origin_(std::move(origin)) {}

crypto::Hash Chain::hash_at(std::uint64_t number) const {
    CHECK(number <= length(), "no entry of this number");
    return number == 0 ? crypto::Hash{} : hashes_[number - 1];
}

const PublicKey* Chain::key_before(std::uint64_t number) const {
    const PublicKey* key = nullptr;
    for (const KeySince& since : keys_) {
        if (since.from <= number) key = &since.key;
    }
    return key;
}

std::optional<Instant> Chain::key_since() const {
    // The first key stays when the chain is cut off before its first entry.
    if (length() == 0) return std::nullopt;
    std::optional<Instant> time;
    for (const KeySince& since : keys_) {
        if (since.from <= length() + 1) time = since.time;
    }
    return time;
}

std::vector<std::uint64_t> Chain::rotations() const {
    std::vector<std::uint64_t> numbers;
    for (const KeySince& since : keys_) {
        if (since.entry > 1) numbers.push_back(since.entry);
    }
    return numbers;
}

Result<PublicKey> Chain::first_key(const Cryptography& cryptography, const DirectoryEntry& entry,
                                   Trust trust) const {
    const auto* node = std::get_if<NodeEntry>(&entry.body);
    if (node == nullptr || !node->operator_key) {
        return fail(ErrorCode::invalid_input, "a chain begins with a node entry");
    }
    if (node->operator_key->kid != origin_) {
        return fail(ErrorCode::invalid_input, "the first operator key is not the one expected");
    }
    if (trust == Trust::nothing) {
        SCHWARM_TRY_VOID(
            check_key(cryptography, KeyUse::sign, *node->operator_key, "/body/operator"));
    }
    return *node->operator_key;
}

Result<void> Chain::check_body(const Cryptography& cryptography, const DirectoryEntry& entry,
                               Trust trust) const {
    const auto known = [this](const TenantId& tenant) -> Result<void> {
        if (tenants_.contains(tenant)) return {};
        return fail(ErrorCode::invalid_input, "the tenant is not entered", "/body/tenant");
    };
    if (const auto* node = std::get_if<NodeEntry>(&entry.body)) {
        if (node->incarnation < incarnation_) {
            return fail(ErrorCode::invalid_input, "the incarnation falls", "/body/incarnation");
        }
    } else if (const auto* tenant = std::get_if<TenantEntry>(&entry.body)) {
        if (trust == Trust::checked_before) return {};
        SCHWARM_TRY_VOID(check_key(cryptography, KeyUse::sign, tenant->signing, "/body/sign"));
        SCHWARM_TRY_VOID(check_key(cryptography, KeyUse::seal, tenant->sealing, "/body/seal"));
    } else if (const auto* service = std::get_if<ServiceEntry>(&entry.body)) {
        return known(service->tenant);
    } else if (const auto* evidence = std::get_if<EvidenceEntry>(&entry.body)) {
        return known(evidence->tenant);
    } else if (const auto* rotation = std::get_if<OperatorEntry>(&entry.body)) {
        if (trust == Trust::checked_before) return {};
        SCHWARM_TRY_VOID(check_key(cryptography, KeyUse::sign, rotation->key, "/body/key"));
        SCHWARM_TRY(text, cryptography.verify(rotation->key, kOperatorType, rotation->proof));
        if (text != operator_proof_text(member_, entry.number, entry.previous, rotation->key)) {
            return fail(ErrorCode::invalid_input, "the new key has signed something else",
                        "/body/proof");
        }
    } else if (const auto* withdrawal = std::get_if<WithdrawalEntry>(&entry.body)) {
        if (withdrawal->member == member_ && withdrawal->number >= entry.number) {
            return fail(ErrorCode::invalid_input, "withdraws an entry that is not there",
                        "/body/number");
        }
    }
    return {};
}

Result<DirectoryEntry> Chain::append(const Cryptography& cryptography, std::string_view jws,
                                     Trust trust) {
    const std::uint64_t number = length() + 1;
    const std::string place = place_of(member_, number);
    if (fork_) return fail(ErrorCode::conflict, "the chain is forked and goes no further", place);
    auto text = detail::signed_text(jws);
    if (text.has_error()) return at(text.error(), place);
    auto read = read_entry(text.value());
    if (read.has_error()) return at(read.error(), place);
    DirectoryEntry& entry = read.value();
    if (entry.member != member_) {
        return fail(ErrorCode::invalid_input, "an entry of " + entry.member.value(), place);
    }
    if (entry.number != number || entry.previous != head()) {
        return fail(ErrorCode::conflict, "does not follow the last entry that is known", place);
    }
    if (entry.time < time_) {
        return fail(ErrorCode::invalid_input, "is older than the entry before", place + " /time");
    }
    PublicKey key;
    if (number == 1) {
        auto first = first_key(cryptography, entry, trust);
        if (first.has_error()) return at(first.error(), place);
        key = first.value();
    } else {
        key = *key_before(number);
    }
    if (trust == Trust::nothing) {
        const auto verified = cryptography.verify(key, kEntryType, jws);
        if (verified.has_error()) return at(verified.error(), place);
    }
    const auto body = check_body(cryptography, entry, trust);
    if (body.has_error()) return at(body.error(), place);

    if (number == 1) keys_.push_back({1, key, 1, entry.time});
    if (const auto* rotation = std::get_if<OperatorEntry>(&entry.body)) {
        keys_.push_back({number + 1, rotation->key, number, entry.time});
    } else if (const auto* tenant = std::get_if<TenantEntry>(&entry.body)) {
        tenants_.insert(tenant->tenant);
    } else if (const auto* node = std::get_if<NodeEntry>(&entry.body)) {
        incarnation_ = node->incarnation;
    }
    time_ = entry.time;
    hashes_.push_back(entry_hash(text.value()));
    return std::move(read.value());
}

Result<bool> Chain::contradicts(const Cryptography& cryptography, std::string_view jws) const {
    SCHWARM_TRY(text, detail::signed_text(jws));
    SCHWARM_TRY(entry, read_entry(text));
    if (entry.member != member_) return fail(ErrorCode::invalid_input, "another member's entry");
    if (entry.number > length() || hash_at(entry.number) == entry_hash(text)) return false;
    SCHWARM_TRY_VOID(cryptography.verify(*key_before(entry.number), kEntryType, jws));
    return true;
}

Result<void> Chain::verify_fork(const Cryptography& cryptography, const ForkProof& proof) const {
    const std::string place = place_of(member_, proof.number);
    if (proof.number > length() + 1 || key_before(proof.number) == nullptr) {
        return fail(ErrorCode::unresolved, "the chain is not known that far", place);
    }
    crypto::Hash hashes[2];
    for (int i = 0; i < 2; ++i) {
        const std::string& jws = i == 0 ? proof.first : proof.second;
        auto text = cryptography.verify(*key_before(proof.number), kEntryType, jws);
        if (text.has_error()) return at(text.error(), place);
        auto entry = read_entry(text.value());
        if (entry.has_error()) return at(entry.error(), place);
        if (entry.value().member != member_ || entry.value().number != proof.number) {
            return fail(ErrorCode::invalid_input, "the proof shows other entries", place);
        }
        hashes[i] = entry_hash(text.value());
    }
    if (hashes[0] == hashes[1]) {
        return fail(ErrorCode::invalid_input, "the proof shows one entry twice", place);
    }
    return {};
}

void Chain::end_before(std::uint64_t number) {
    CHECK(number >= 1, "entries are numbered from 1");
    fork_ = fork_ ? std::min(*fork_, number) : number;
    if (number > length()) return;
    hashes_.resize(number - 1);
    // The key that the first forked entry was signed with stays, so that others' proofs of the
    // same number can be verified.
    std::erase_if(keys_,
                  [number](const KeySince& key) { return key.entry >= number && key.entry > 1; });
}

}  // namespace schwarm::exchange
