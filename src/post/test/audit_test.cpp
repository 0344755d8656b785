#include <gtest/gtest.h>

#include <functional>

#include "schwarm/base/binary.hpp"
#include "schwarm/base/calendar.hpp"
#include "schwarm/exchange/jose_cryptography.hpp"
#include "schwarm/post/audit_checkpoints.hpp"
#include "schwarm/post/audit_log.hpp"
#include "schwarm/runtime/runtime.hpp"
#include "schwarm/storage/key.hpp"
#include "schwarm/storage/memory.hpp"

namespace schwarm::post {
namespace {

using storage::Space;

constexpr std::size_t kChainAt = 59;  // in a chained row, docs/formats/storage.md
constexpr std::size_t kBodyHashAt = 27;
constexpr std::size_t kHash = 32;

// A node without threads, whose tenant's log is signed by the class under test.
class AuditSigning : public testing::Test {
  protected:
    AuditSigning() { open(); }
    ~AuditSigning() override { close(); }

    void open() {
        runtime::Environment environment{.storage = *storage,
                                         .clock = clock,
                                         .random = random,
                                         .node_key = node_key,
                                         .definitions = [](const TenantId&) { return nullptr; }};
        runtime::Options options;
        options.threads = false;
        auto opened = runtime::Runtime::open(std::move(environment), options);
        ASSERT_TRUE(opened.has_value()) << opened.error().text();
        runtime = std::move(opened.value());
        ASSERT_TRUE(runtime->ensure_tenant(tenant).has_value());
        signer = std::make_unique<AuditCheckpoints>(AuditCheckpoints::Environment{
            member, clock,
            [this](const TenantId&, std::string_view type, std::string_view payload) {
                ++signatures;
                return cryptography.sign(key, type, payload);
            },
            [this] { ++woken; },
            [this](std::string_view line) { log += std::string(line) + "\n"; }});
        signer->open(*runtime, *storage, {tenant});
    }
    void close() {
        signer.reset();
        runtime.reset();
    }
    void reopen() {
        close();
        open();
    }

    void write_lines(int count) {
        const auto written =
            runtime->write_and_wait(tenant, [&](runtime::WriteBatch& batch) -> Result<void> {
                for (int i = 0; i < count; ++i) {
                    SCHWARM_TRY_VOID(batch.audit("amtmann", "read", CaseId(), std::to_string(i)));
                }
                return {};
            });
        ASSERT_TRUE(written.has_value()) << written.error().text();
    }
    // As the federation's thread does, until nothing is left.
    void tick() {
        for (int before = -1; before != woken;) {
            before = woken;
            signer->tick();
            runtime->run();
        }
        clock.advance(std::chrono::seconds(1));
    }

    SignedLog verify() {
        return verify_signed_log(*storage, tenant, member, keys, cryptography).value();
    }
    // Some finding begins so.
    void expect_finding(const std::string& begin) {
        const auto found = verify().chain.findings;
        std::string all;
        for (const auto& one : found) {
            if (one.starts_with(begin)) return;
            all += one + "\n";
        }
        ADD_FAILURE() << "'" << begin << "' is not among\n" << all;
    }

    std::string line_key(std::uint64_t number) const {
        return storage::KeyBuilder(tenant).number(number).take();
    }
    std::string checkpoint_key(std::uint64_t line) const {
        return storage::KeyBuilder(tenant).raw(exchange::audit_row_key(line)).take();
    }
    std::string row(Space space, const std::string& place) {
        return storage->begin_read().value()->get(space, place).value().value();
    }
    // What somebody with the database does.
    void change(const std::function<void(storage::WriteTransaction&)>& how) {
        close();
        auto transaction = storage->begin_write().value();
        how(*transaction);
        ASSERT_TRUE(transaction->commit().has_value());
    }
    // The log from a line on with another content and right hashes, up to the tenant's counters.
    void rewrite_from(std::uint64_t first) {
        change([&](storage::WriteTransaction& to) {
            const std::string book_key = storage::KeyBuilder(tenant).raw("B").take();
            std::string book = row(Space::meta, book_key);
            std::string chain = row(Space::audit, line_key(first - 1)).substr(kChainAt, kHash);
            const auto end = runtime::last_audit(*storage->begin_read().value(), tenant).value();
            for (std::uint64_t n = first; n <= end; ++n) {
                std::string value = row(Space::audit, line_key(n));
                value.back() = static_cast<char>(value.back() ^ 1);
                const auto body = crypto::sha256(value.substr(kChainAt + kHash));
                exchange::AuditHeader header;
                header.number = n;
                ByteReader in(value);
                in.raw(11);
                header.previous = in.u64();
                header.at = Instant(std::chrono::milliseconds(in.u64()));
                const auto next =
                    exchange::audit_chain(crypto::hash_from_bytes(chain), header, body);
                chain = crypto::bytes_of(next);
                value.replace(kBodyHashAt, kHash, crypto::bytes_of(body));
                value.replace(kChainAt, kHash, chain);
                ASSERT_TRUE(to.put(Space::audit, line_key(n), value).has_value());
            }
            book.replace(book.size() - kHash, kHash, chain);
            ASSERT_TRUE(to.put(Space::meta, book_key, book).has_value());
        });
        ASSERT_TRUE(runtime::verify_chain(*storage, tenant)->holds());
    }

    const TenantId tenant{"amt"};
    const exchange::MemberId member{"lecos"};
    ManualClock clock{DateTime::parse("2026-03-01T10:00:00Z")->to_instant()};
    SeededRandom random{7};
    crypto::Key node_key = crypto::Key::random(random);
    exchange::JoseCryptography cryptography{clock};
    exchange::KeyPair key = cryptography.make_key(exchange::KeyUse::sign, random).value();
    exchange::DatedKeySource keys = [this](const exchange::Address& who, std::string_view kid,
                                           Instant) -> Result<exchange::PublicKey> {
        if (who.tenant == tenant && kid == key.public_key.kid) return key.public_key;
        return fail(ErrorCode::unresolved, "no key of " + who.text());
    };
    std::unique_ptr<storage::Storage> storage = storage::make_memory_storage();
    std::unique_ptr<runtime::Runtime> runtime;
    std::unique_ptr<AuditCheckpoints> signer;
    int signatures = 0;
    int woken = 0;
    std::string log;
};

TEST_F(AuditSigning, OneSignatureForTheLinesOfASecond) {
    write_lines(100);
    tick();
    write_lines(50);
    signer->tick();
    write_lines(50);
    signer->tick();
    runtime->run();
    EXPECT_EQ(signatures, 2);
    clock.advance(std::chrono::seconds(1));
    tick();
    const SignedLog log_now = verify();
    EXPECT_EQ(log_now.signed_to, 200U);
    EXPECT_EQ(log_now.unsigned_lines, 0U);
    EXPECT_EQ(log_now.checkpoints, 3U);
    EXPECT_TRUE(log_now.chain.holds()) << log_now.chain.findings[0];
    EXPECT_EQ(log, "");
}

TEST_F(AuditSigning, ManyLinesAreCaughtUpWith) {
    for (int i = 0; i < 10; ++i) write_lines(1'000);
    tick();
    const SignedLog now = verify();
    EXPECT_EQ(now.signed_to, 10'000U);
    EXPECT_EQ(now.checkpoints, 79U);  // ceil(10000 / 128)
    EXPECT_TRUE(now.chain.holds());
}

TEST_F(AuditSigning, GoesOnAfterARestart) {
    write_lines(200);
    tick();
    reopen();
    write_lines(1);
    signer->flush();
    const SignedLog now = verify();
    EXPECT_EQ(now.signed_to, 201U);
    EXPECT_EQ(now.checkpoints, 3U);
    EXPECT_TRUE(now.chain.holds()) << now.chain.findings[0];
}

TEST_F(AuditSigning, ChangedLineIsFound) {
    write_lines(20);
    tick();
    change([&](storage::WriteTransaction& to) {
        std::string value = row(Space::audit, line_key(5));
        value.back() = static_cast<char>(value.back() ^ 1);
        ASSERT_TRUE(to.put(Space::audit, line_key(5), value).has_value());
    });
    expect_finding("audit 5: the ciphertext was changed");
}

TEST_F(AuditSigning, RemovedLineIsFound) {
    write_lines(20);
    tick();
    change([&](storage::WriteTransaction& to) {
        ASSERT_TRUE(to.erase(Space::audit, line_key(5)).has_value());
    });
    expect_finding("audit 6: 5 was expected");
    expect_finding("audit lines 1 to 20: not those that the tenant signed");
}

TEST_F(AuditSigning, ReorderedLinesAreFound) {
    write_lines(20);
    tick();
    change([&](storage::WriteTransaction& to) {
        const std::string fifth = row(Space::audit, line_key(5));
        ASSERT_TRUE(to.put(Space::audit, line_key(5), row(Space::audit, line_key(6))).has_value());
        ASSERT_TRUE(to.put(Space::audit, line_key(6), fifth).has_value());
    });
    expect_finding("audit 5: does not follow");
    expect_finding("audit lines 1 to 20: not those that the tenant signed");
}

TEST_F(AuditSigning, RewrittenTailWithRightHashesIsFound) {
    write_lines(20);
    tick();
    write_lines(20);
    tick();
    rewrite_from(15);
    const auto found = verify().chain.findings;
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0], "audit lines 1 to 20: not those that the tenant signed");
    EXPECT_EQ(found[1], "audit lines 21 to 40: not those that the tenant signed");
}

TEST_F(AuditSigning, RewrittenTailIsNotSigned) {
    write_lines(20);
    tick();
    rewrite_from(15);
    open();
    write_lines(5);
    const int before = signatures;
    tick();
    tick();
    EXPECT_EQ(signatures, before);
    EXPECT_EQ(log,
              "audit log of amt: audit line 21: the audit log was changed: it does not follow from "
              "what was signed (corrupt)\n");
}

TEST_F(AuditSigning, RemovedCheckpointIsFound) {
    for (int i = 0; i < 3; ++i) {
        write_lines(20);
        tick();
    }
    change([&](storage::WriteTransaction& to) {
        ASSERT_TRUE(to.erase(Space::exchange, checkpoint_key(40)).has_value());
    });
    expect_finding("checkpoint at audit line 60: the checkpoint before it is missing");
}

TEST_F(AuditSigning, CheckpointsWithoutADirectoryAreAFinding) {
    write_lines(1);
    const auto unsigned_log =
        verify_signed_log(*storage, tenant, std::nullopt, keys, cryptography).value();
    EXPECT_TRUE(unsigned_log.chain.holds());
    tick();
    const auto signed_log =
        verify_signed_log(*storage, tenant, std::nullopt, keys, cryptography).value();
    ASSERT_EQ(signed_log.chain.findings.size(), 1U);
}

TEST_F(AuditSigning, ANewIncarnationGoesOnAndNeverFalls) {
    write_lines(3);
    tick();
    signer->set_incarnation(2);
    write_lines(3);
    tick();
    EXPECT_TRUE(verify().chain.findings.empty());
    EXPECT_EQ(verify().unsigned_lines, 0U);
    reopen();
    write_lines(1);
    tick();
    expect_finding("checkpoint at audit line 7: the incarnation falls");
}

}  // namespace
}  // namespace schwarm::post
