// What other nodes send for the directory, and proofs of audit logs: what reads is written and read
// as the same again; the rest is refused. A first byte chooses the reader, so that the corpus can
// hold each kind.
#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string>
#include <string_view>

#include "schwarm/base/check.hpp"
#include "schwarm/exchange/audit_proof.hpp"
#include "schwarm/exchange/directory.hpp"
#include "schwarm/exchange/directory_export.hpp"

namespace {

using namespace schwarm;
using namespace schwarm::exchange;

// Refuses every signature; the fuzzer would not find a good one anyway.
class NoCryptography final : public Cryptography {
  public:
    Result<KeyPair> make_key(KeyUse, Random&) const override { return none(); }
    Result<PublicKey> read_key(KeyUse, std::string_view) const override { return none(); }
    Result<std::string> sign(const KeyPair&, std::string_view, std::string_view) const override {
        return none();
    }
    Result<std::string> verify(const PublicKey&, std::string_view,
                               std::string_view) const override {
        return none();
    }
    Result<std::string> seal(const PublicKey&, const json::Value&, std::string_view,
                             Random&) const override {
        return none();
    }
    Result<std::string> open(const KeyPair&, std::string_view) const override { return none(); }

  private:
    static Error none() { return fail(ErrorCode::crypto_failed, "refused"); }
};

template <class Value>
void same(const Result<Value>& first, const Result<Value>& again) {
    CHECK(again.has_value(), "what was written cannot be read");
    CHECK(again.value() == first.value(), "what was written reads otherwise");
}

void read(char kind, std::string_view text) {
    const NoCryptography cryptography;
    if (kind == 'e') {
        const auto entry = read_entry(text);
        if (entry.has_value() && kind_of(entry.value().body) != "agreement" &&
            !std::holds_alternative<UnknownEntry>(entry.value().body)) {
            // Written with other spaces it may exceed the limit that it was read under.
            const std::string written = write_entry(entry.value());
            if (written.size() <= kEntryBytesMax) same(entry, read_entry(written));
        }
        Chain chain(MemberId("a"), "k");
        static_cast<void>(chain.append(cryptography, text, Trust::checked_before));
    } else if (kind == 'c') {
        const auto content = read_content(text);
        if (content.has_value()) same(content, read_content(write_content(content.value())));
        DirectoryAnswer answer;
        static_cast<void>(Directory::found(cryptography, text, answer));
    } else if (kind == 'v') {
        const auto vote = read_vote(text);
        if (vote.has_value()) {
            CHECK(read_vote(write_vote(vote.value())).has_value(), "a vote does not survive");
        }
    } else if (kind == 's') {
        const auto summary = read_summary(text);
        if (summary.has_value()) same(summary, read_summary(write_summary(summary.value())));
    } else if (kind == 'b') {
        const auto batch = read_batch(text);
        if (batch.has_value()) same(batch, read_batch(write_batch(batch.value())));
    } else if (kind == 'l') {
        const auto lie = read_lie(text);
        if (lie.has_value()) same(lie, read_lie(write_lie(lie.value())));
        const auto fork = read_fork(text);
        if (fork.has_value()) same(fork, read_fork(write_fork(fork.value())));
    } else if (kind == 'a') {
        const auto checkpoint = read_audit_checkpoint(text);
        if (checkpoint.has_value()) {
            same(checkpoint, read_audit_checkpoint(write_audit_checkpoint(checkpoint.value())));
        }
    } else if (kind == 'p') {
        const auto proof = read_audit_proof(text);
        if (proof.has_value()) {
            const std::string written = write_audit_proof(proof.value());
            const auto again = read_audit_proof(written);
            CHECK(again.has_value() && write_audit_proof(again.value()) == written,
                  "a proof does not survive");
            static_cast<void>(check_audit_proof(
                proof.value(),
                [](const Address&, std::string_view, Instant) -> Result<PublicKey> {
                    return PublicKey{};
                },
                cryptography));
        }
    } else if (kind == 'x') {
        std::istringstream in{std::string(text)};
        static_cast<void>(import_directory(cryptography, in));
    } else {
        static_cast<void>(trusted_epoch(text));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    read(text.front(), text.substr(1));
    return 0;
}
