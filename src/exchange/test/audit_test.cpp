#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "schwarm/base/binary.hpp"
#include "schwarm/base/calendar.hpp"
#include "schwarm/crypto/seal.hpp"
#include "schwarm/exchange/audit_check.hpp"
#include "schwarm/exchange/audit_proof.hpp"
#include "schwarm/exchange/directory_merkle.hpp"
#include "schwarm/exchange/jose_cryptography.hpp"

namespace schwarm::exchange {
namespace {

const Address kTenant{TenantId("amt"), MemberId("lecos")};

// A log of 300 lines; each third is about case 7.
class AuditLog : public testing::Test {
  protected:
    struct Line {
        AuditHeader header;
        AuditText text;
        std::string body;
        crypto::Hash body_hash;
        crypto::Hash chain;
    };

    AuditLog() {
        crypto::Hash chain = begin;
        std::uint64_t previous = 0;
        for (std::uint64_t n = 1; n <= 300; ++n) {
            const bool ours = n % 3 == 0;
            Line line;
            line.header = {CaseId(ours ? 7 : 8), n, ours ? previous : 0, clock.now()};
            if (ours) previous = n;
            line.text = {"amtmann", "read", "line " + std::to_string(n)};
            line.body = seal(line);
            line.body_hash = crypto::sha256(line.body);
            line.chain = chain = audit_chain(chain, line.header, line.body_hash);
            lines.push_back(line);
            clock.advance(std::chrono::seconds(1));
        }
        sign_all();
    }

    // As docs/formats/storage.md says.
    std::string seal(const Line& line) {
        std::string associated(
            "\x0b"
            "amt\0",
            5);
        for (const std::uint64_t part : {line.header.case_id.value(), line.header.number}) {
            for (int shift = 56; shift >= 0; shift -= 8) {
                associated += static_cast<char>((part >> shift) & 0xFF);
            }
        }
        ByteWriter plain;
        plain.u8(1);
        for (const auto& part : {line.text.actor, line.text.action, line.text.detail}) {
            plain.bytes(part);
        }
        return crypto::seal(log_key, associated, plain.data(), random).value();
    }

    std::vector<crypto::Hash> chain_hashes(std::uint64_t first, std::uint64_t last) const {
        std::vector<crypto::Hash> out;
        for (std::uint64_t n = first; n <= last; ++n) out.push_back(lines[n - 1].chain);
        return out;
    }

    void sign_all() {
        checkpoints.clear();
        crypto::Hash previous{};
        std::uint64_t number = 0;
        for (std::uint64_t first = 1; first <= lines.size(); first += 128) {
            AuditCheckpoint one;
            one.tenant = kTenant;
            one.number = ++number;
            one.first = first;
            one.last = std::min<std::uint64_t>(first + 127, lines.size());
            one.chain = lines[one.last - 1].chain;
            one.root = audit_root(chain_hashes(one.first, one.last));
            one.previous = previous;
            one.time = clock.now();
            const std::string text = write_audit_checkpoint(one);
            previous = crypto::sha256(text);
            checkpoints[one.last] = cryptography.sign(key, kAuditCheckpointType, text).value();
        }
    }

    AuditProof proof() const {
        AuditProof out;
        out.tenant = kTenant;
        out.case_id = CaseId(7);
        out.key = log_key.bytes();
        for (const auto& [last, jws] : checkpoints) out.checkpoints.push_back(jws);
        for (const Line& line : lines) {
            if (line.header.case_id != CaseId(7)) continue;
            const std::uint64_t n = line.header.number;
            const std::uint64_t first = (n - 1) / 128 * 128 + 1;
            std::vector<crypto::Hash> leaves;
            for (const auto& hash :
                 chain_hashes(first, std::min<std::uint64_t>(first + 127, lines.size()))) {
                leaves.push_back(audit_leaf(hash));
            }
            ProvenLine one;
            one.number = n;
            one.previous = line.header.previous;
            one.at = line.header.at;
            one.before = lines[n - 2].chain;
            one.body_hash = line.body_hash;
            one.body = line.body;
            one.text = line.text;
            one.checkpoint = static_cast<std::size_t>((n - 1) / 128);
            one.path = merkle_proof(leaves, n - first);
            out.lines.push_back(one);
        }
        return out;
    }

    std::vector<std::string> findings() const {
        AuditCheck check(kTenant, keys, cryptography);
        for (const auto& [row, jws] : checkpoints) check.checkpoint(row, jws);
        for (const Line& line : lines) check.line(line.header.number, line.chain, line.header.at);
        check.finish();
        return check.findings();
    }
    // Exactly one finding, which begins so.
    void expect_finding(const std::string& begin_of_it) const {
        const auto all = findings();
        ASSERT_EQ(all.size(), 1U) << (all.empty() ? "" : all[1]);
        EXPECT_TRUE(all[0].starts_with(begin_of_it)) << all[0];
    }

    ManualClock clock{DateTime::parse("2026-03-01T10:00:00Z")->to_instant()};
    SeededRandom random{5};
    JoseCryptography cryptography{clock};
    KeyPair key = cryptography.make_key(KeyUse::sign, random).value();
    crypto::Key log_key = crypto::Key::random(random);
    DatedKeySource keys = [this](const Address& tenant, std::string_view kid,
                                 Instant) -> Result<PublicKey> {
        if (tenant == kTenant && kid == key.public_key.kid) return key.public_key;
        return fail(ErrorCode::unresolved, "no key of " + tenant.text());
    };
    crypto::Hash begin = crypto::sha256("begin");
    std::vector<Line> lines;
    std::map<std::uint64_t, std::string> checkpoints;
};

TEST_F(AuditLog, CheckpointIsReadAsItWasWritten) {
    const auto verified = verify_audit_checkpoint(checkpoints.at(256), keys, cryptography).value();
    EXPECT_EQ(verified.content.number, 2U);
    EXPECT_EQ(verified.content.first, 129U);
    EXPECT_EQ(read_audit_checkpoint(write_audit_checkpoint(verified.content)).value(),
              verified.content);
    EXPECT_EQ(verified.hash, crypto::sha256(write_audit_checkpoint(verified.content)));
}

TEST_F(AuditLog, CheckpointNamesTheIncarnationAfterARestore) {
    AuditCheckpoint one = verify_audit_checkpoint(checkpoints.at(128), keys, cryptography)->content;
    std::string text = write_audit_checkpoint(one);
    EXPECT_EQ(text.find("incarnation"), std::string::npos);
    text.insert(text.size() - 1, ",\"incarnation\":1");
    EXPECT_EQ(read_audit_checkpoint(text).error().code, ErrorCode::invalid_input);
    one.incarnation = 2;
    EXPECT_EQ(read_audit_checkpoint(write_audit_checkpoint(one)).value(), one);
}

TEST_F(AuditLog, CheckpointIsReadStrictly) {
    AuditCheckpoint one = verify_audit_checkpoint(checkpoints.at(128), keys, cryptography)->content;
    std::string more = write_audit_checkpoint(one);
    more.insert(more.size() - 1, ",\"more\":1");
    EXPECT_EQ(read_audit_checkpoint(more).error().code, ErrorCode::invalid_input);
    one.last = one.first + kAuditLinesMax;
    EXPECT_EQ(read_audit_checkpoint(write_audit_checkpoint(one)).error().code,
              ErrorCode::invalid_input);
    // A signature that was made for something else is none.
    const auto other = cryptography.sign(key, "schwarm-receipts", "{}").value();
    EXPECT_FALSE(verify_audit_checkpoint(other, keys, cryptography).has_value());
}

TEST_F(AuditLog, HoldsAsItWasSigned) {
    AuditCheck check(kTenant, keys, cryptography);
    for (const auto& [row, jws] : checkpoints) check.checkpoint(row, jws);
    for (const Line& line : lines) check.line(line.header.number, line.chain, line.header.at);
    check.finish();
    EXPECT_TRUE(check.findings().empty()) << check.findings()[0];
    EXPECT_EQ(check.checkpoints(), 3U);
    EXPECT_EQ(check.signed_to(), 300U);
    EXPECT_EQ(check.unsigned_lines(), 0U);
}

TEST_F(AuditLog, TailThatWasWrittenAnewIsFound) {
    crypto::Hash chain = lines[149].chain;
    for (std::size_t i = 150; i < lines.size(); ++i) {
        lines[i].chain = chain = audit_chain(chain, lines[i].header, crypto::sha256("forged"));
    }
    const auto all = findings();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_TRUE(all[0].starts_with("audit lines 129 to 256: not those that")) << all[0];
    EXPECT_TRUE(all[1].starts_with("audit lines 257 to 300: not those that")) << all[1];
}

TEST_F(AuditLog, LineInTheMiddleOfACheckpointIsFound) {
    // The end of the checkpoint is the same: only the root tells.
    lines[150].chain = crypto::sha256("other");
    expect_finding("audit lines 129 to 256: not those that");
}

TEST_F(AuditLog, MissingEndIsFound) {
    lines.resize(275);
    expect_finding("audit lines 276 to 300: missing");
}

TEST_F(AuditLog, MissingCheckpointIsFound) {
    checkpoints.erase(256);
    expect_finding("checkpoint at audit line 300: the checkpoint before it is missing");
}

TEST_F(AuditLog, MissingFirstCheckpointIsFound) {
    checkpoints.erase(128);
    expect_finding("checkpoint at audit line 256: the checkpoint before it is missing");
}

TEST_F(AuditLog, MissingLastCheckpointIsFoundIfItsLinesAreOld) {
    checkpoints.erase(300);
    EXPECT_TRUE(findings().empty());  // 44 seconds: a node that has just crashed
    for (std::size_t i = 290; i < 300; ++i) lines[i].header.at += std::chrono::minutes(30);
    expect_finding("audit lines 257 to 300: without a checkpoint");
}

TEST_F(AuditLog, CheckpointOfAnotherKeyIsFound) {
    const KeyPair own = key;
    key = cryptography.make_key(KeyUse::sign, random).value();
    const auto before = checkpoints;
    sign_all();
    const auto forged = checkpoints.at(256);
    checkpoints = before;
    checkpoints.at(256) = forged;
    key = own;
    expect_finding("checkpoint at audit line 256: ");
}

TEST_F(AuditLog, CheckpointInAnotherPlaceIsFound) {
    checkpoints[255] = checkpoints.at(256);
    checkpoints.erase(256);
    expect_finding("checkpoint at audit line 255: it is that of line 256");
}

TEST_F(AuditLog, ProofHolds) {
    const std::string text = write_audit_proof(proof());
    const auto read = read_audit_proof(text).value();
    EXPECT_EQ(write_audit_proof(read), text);
    const auto checked = check_audit_proof(read, keys, cryptography);
    ASSERT_TRUE(checked.has_value()) << checked.error().text();
    EXPECT_EQ(checked->size(), 3U);
    EXPECT_EQ(read.lines.size(), 100U);
}

TEST_F(AuditLog, ProofWithoutTextsHolds) {
    AuditProof withheld = proof();
    withheld.key.clear();
    for (ProvenLine& line : withheld.lines) {
        line.body.clear();
        line.text.reset();
    }
    withheld.lines[3].deleted = true;
    EXPECT_TRUE(check_audit_proof(withheld, keys, cryptography).has_value());
}

TEST_F(AuditLog, ProofThatWasChangedIsRefused) {
    const std::vector<std::pair<const char*, std::function<void(AuditProof&)>>> changes = {
        {"number", [](AuditProof& p) { p.lines.back().number = 299; }},
        {"time", [](AuditProof& p) { p.lines[5].at += std::chrono::milliseconds(1); }},
        {"case", [](AuditProof& p) { p.case_id = CaseId(8); }},
        {"tenant", [](AuditProof& p) { p.tenant.tenant = TenantId("anderes"); }},
        {"member", [](AuditProof& p) { p.tenant.member = MemberId("anderer"); }},
        {"before", [](AuditProof& p) { p.lines[5].before[0] ^= 1; }},
        {"body hash", [](AuditProof& p) { p.lines[5].body_hash[31] ^= 1; }},
        {"body", [](AuditProof& p) { p.lines[5].body[20] ^= 1; }},
        {"text", [](AuditProof& p) { p.lines[5].text->actor = "jemand"; }},
        {"body left out",
         [](AuditProof& p) {
             p.lines[5].body.clear();
             p.lines[5].text.reset();
         }},
        {"text left out", [](AuditProof& p) { p.lines[5].text.reset(); }},
        {"key", [](AuditProof& p) { p.key[0] ^= 1; }},
        {"path", [](AuditProof& p) { p.lines[5].path[2][0] ^= 1; }},
        {"path cut", [](AuditProof& p) { p.lines[5].path.pop_back(); }},
        {"checkpoint", [](AuditProof& p) { p.lines[5].checkpoint = 1; }},
        {"no checkpoint", [](AuditProof& p) { p.lines[5].checkpoint = 9; }},
        {"first line left out", [](AuditProof& p) { p.lines.erase(p.lines.begin()); }},
        {"line left out", [](AuditProof& p) { p.lines.erase(p.lines.begin() + 5); }},
        {"order", [](AuditProof& p) { std::swap(p.lines[4], p.lines[5]); }},
        {"line twice", [](AuditProof& p) { p.lines.insert(p.lines.begin(), p.lines[0]); }},
        {"deleted", [](AuditProof& p) { p.lines[5].deleted = true; }},
        {"signature", [](AuditProof& p) { p.checkpoints[0].back() ^= 4; }},
    };
    for (const auto& [what, change] : changes) {
        AuditProof changed = proof();
        change(changed);
        EXPECT_FALSE(check_audit_proof(changed, keys, cryptography).has_value()) << what;
    }
}

TEST_F(AuditLog, ProofIsReadStrictly) {
    const std::string text = write_audit_proof(proof());
    for (const auto& [from, to] :
         std::vector<std::pair<std::string, std::string>>{{"\"version\":1", "\"version\":2"},
                                                          {"schwarm-audit-proof", "something-else"},
                                                          {"\"case\":7", "\"case\":7,\"more\":1"},
                                                          {"\"case\":7", "\"case\":-7"},
                                                          {"\"deleted\":false", "\"deleted\":0"}}) {
        std::string changed = text;
        changed.replace(changed.find(from), from.size(), to);
        EXPECT_FALSE(read_audit_proof(changed).has_value()) << to;
    }
}

}  // namespace
}  // namespace schwarm::exchange
