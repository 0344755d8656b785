// The keys for TLS as files: sealed, in every state a crash can leave.
#include "tls_keys.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <fstream>

#include "private_file.hpp"
#include "schwarm/crypto/certificate.hpp"
#include "schwarm/crypto/encode.hpp"

namespace schwarm::server {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPem = "PRIVATE KEY";

struct TlsFilesOfANode : testing::Test {
    TlsFilesOfANode() {
        std::string name = (fs::path(testing::TempDir()) / "schwarm-tls-keys-XXXXXX").string();
        folder = ::mkdtemp(name.data());
    }
    ~TlsFilesOfANode() override { fs::remove_all(folder); }

    bool has(const std::string& name) const { return fs::exists(folder / name); }
    std::string text(const std::string& name) const { return read_file(folder / name).value(); }
    void write(const std::string& name, const std::string& text) const {
        std::ofstream(folder / name) << text;
    }
    Result<TlsKeys> open_with(const crypto::Key& key, const std::string& member = "lecos") {
        return TlsKeys::open(folder, member, clock.now(), key, random);
    }
    TlsKeys open() { return open_with(node_key).value(); }
    // As programs before the sealing wrote it.
    crypto::Certificate write_plain(const std::string& suffix = "") {
        auto made = crypto::make_certificate("lecos", clock.now(), std::chrono::hours(24)).value();
        write("network.crt" + suffix, made.certificate);
        write("network.key" + suffix, made.private_key);
        return made;
    }
    // No file here shows a private key.
    void expect_sealed() const {
        for (const auto& entry : fs::directory_iterator(folder)) {
            const std::string shown = read_file(entry.path()).value();
            EXPECT_EQ(shown.find(kPem), std::string::npos) << entry.path();
            if (entry.path().filename().string().starts_with("network.key")) {
                EXPECT_EQ(fs::status(entry.path()).permissions(),
                          fs::perms::owner_read | fs::perms::owner_write);
                EXPECT_TRUE(shown.starts_with("schwarm-sealed/1 tls-key\n")) << shown;
            }
        }
    }

    SystemClock clock;
    SystemRandom random;
    crypto::Key node_key = crypto::Key::random(random);
    fs::path folder;
};

TEST_F(TlsFilesOfANode, AnExchangeGoesOnFromEveryCrash) {
    TlsKeys keys = open();
    const auto first = keys.key();
    EXPECT_EQ(open().key(), first);
    EXPECT_EQ(keys.announced().size(), 1U);
    EXPECT_FALSE(tls_key_is_exchanged(folder));
    // While the next pair is made: the key alone is nothing.
    write("network.key.next", "half");
    EXPECT_FALSE(open().next());
    EXPECT_FALSE(has("network.key.next"));
    ASSERT_TRUE(keys.make_next(clock.now()).has_value());
    ASSERT_TRUE(keys.make_next(clock.now()).has_value());
    const auto second = *keys.next();
    EXPECT_EQ(open().key(), first);
    EXPECT_EQ(open().announced(), (std::vector<crypto::Hash>{first, second}));
    EXPECT_TRUE(tls_key_is_exchanged(folder));
    expect_sealed();
    // While the files are exchanged: the key has moved, the certificate has not.
    fs::rename(folder / "network.key.next", folder / "network.key");
    EXPECT_EQ(open().key(), second);
    EXPECT_FALSE(open().next());
    EXPECT_FALSE(has("network.crt.next"));
    // Without a crash.
    TlsKeys again = open();
    ASSERT_TRUE(again.make_next(clock.now()).has_value());
    const auto third = *again.next();
    const auto pair = again.promote();
    ASSERT_TRUE(pair.has_value()) << pair.error().text();
    EXPECT_EQ(crypto::certificate_key(pair->certificate_chain()).value(), third);
    EXPECT_EQ(again.key(), third);
    EXPECT_EQ(open().key(), third);
    EXPECT_EQ(open().pair()->private_key(), pair->private_key());
    EXPECT_NE(pair->private_key().find(kPem), std::string::npos);
    EXPECT_EQ(read_tls_key(folder).value(), third);
    EXPECT_GT(read_tls_end(folder).value(), clock.now() + std::chrono::hours(24 * 729));
    expect_sealed();
}

TEST_F(TlsFilesOfANode, PlainKeysOfOlderProgramsAreSealed) {
    const auto used = write_plain();
    const auto next = write_plain(".next");
    // Of a crash of the older program.
    write("network.key.new", used.private_key.substr(0, 60));
    write("network.key.next.new", next.private_key);
    TlsKeys keys = open();
    EXPECT_EQ(keys.key(), used.key);
    EXPECT_EQ(keys.next(), std::optional(next.key));
    EXPECT_EQ(keys.pair()->private_key(), used.private_key);
    EXPECT_FALSE(has("network.key.new") || has("network.key.next.new"));
    expect_sealed();
    const std::string sealed = text("network.key");
    EXPECT_EQ(open().pair()->private_key(), used.private_key);
    EXPECT_EQ(text("network.key"), sealed) << "sealed once";
    EXPECT_EQ(keys.promote()->private_key(), next.private_key);

    // A crash of the older program between key and certificate.
    const auto third = write_plain(".next");
    fs::rename(folder / "network.key.next", folder / "network.key");
    EXPECT_EQ(open().key(), third.key);
    EXPECT_EQ(open().pair()->private_key(), third.private_key);
    expect_sealed();
}

TEST_F(TlsFilesOfANode, ACrashWhileItIsSealedLosesNothing) {
    const auto used = write_plain();
    // Half of the sealed file, beside the plain one that is still in place.
    write("network.key.new", "schwarm-sealed/1 tls-key\nabc");
    EXPECT_EQ(open().pair()->private_key(), used.private_key);
    EXPECT_FALSE(has("network.key.new"));
    expect_sealed();
}

TEST_F(TlsFilesOfANode, TheOldBytesAreGoneUnlessTheyAreKeptElsewhere) {
    const auto used = write_plain();
    int old = ::open((folder / "network.key").c_str(), O_RDONLY | O_CLOEXEC);
    open();
    std::string bytes(used.private_key.size(), 'x');
    EXPECT_EQ(::pread(old, bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
    EXPECT_EQ(bytes, std::string(bytes.size(), '\0'));
    ::close(old);

    // A backup of the operator's by a hard link is his own.
    const auto linked = write_plain(".next");
    fs::create_hard_link(folder / "network.key.next", folder / "kept");
    open();
    EXPECT_EQ(text("kept"), linked.private_key);
    EXPECT_NE(text("network.key.next"), linked.private_key);
    // A symbolic link leads to where it is sealed.
    fs::remove(folder / "network.crt.next");
    open();
    const auto third = write_plain(".next");
    fs::rename(folder / "network.key.next", folder / "elsewhere");
    fs::create_symlink("elsewhere", folder / "network.key.next");
    EXPECT_EQ(open().next(), std::optional(third.key));
    EXPECT_TRUE(text("elsewhere").starts_with("schwarm-sealed/1 tls-key\n"));
}

TEST_F(TlsFilesOfANode, WhatDoesNotOpenIsNamedWithTheReason) {
    open();
    const std::string file = (folder / "network.key").string();
    const auto other = open_with(crypto::Key::random(random));
    EXPECT_EQ(other.error().code, ErrorCode::crypto_failed);
    EXPECT_EQ(other.error().where, file);
    EXPECT_NE(other.error().message.find("another node key"), std::string::npos);
    EXPECT_EQ(open_with(node_key, "regio").error().code, ErrorCode::crypto_failed);

    const std::string good = text("network.key");
    const std::string_view head = "schwarm-sealed/1 tls-key\n";
    for (std::size_t at = 0; at < good.size(); at += 7) {
        std::string changed = good;
        changed[at] = changed[at] == 'A' ? 'B' : 'A';
        write("network.key", changed);
        const auto read = open_with(node_key);
        ASSERT_TRUE(read.has_error()) << at;
        EXPECT_EQ(read.error().where, file);
        if (at < head.size()) {
            EXPECT_EQ(read.error().code, ErrorCode::corrupt);
        }
    }
    const std::vector<std::string> damaged = {
        "",         std::string(head), good.substr(0, 40),
        good + "x", "-----BEGINNING",  good.substr(0, good.size() - 1)};
    for (const std::string& text : damaged) {
        write("network.key", text);
        EXPECT_EQ(open_with(node_key).error().where, file) << text;
    }
    write("network.key", std::string(kSealedFileBytesMax + 1, 'a'));
    EXPECT_EQ(open_with(node_key).error().code, ErrorCode::limit_exceeded);
    fs::remove(folder / "network.key");
    EXPECT_EQ(open_with(node_key).error().code, ErrorCode::not_found);
    EXPECT_EQ(open_with(node_key).error().where, file);
    write("network.key", good);
    EXPECT_TRUE(open_with(node_key).has_value());

    // The next pair is looked at before it is put to use, and before anything is moved.
    TlsKeys keys = open();
    ASSERT_TRUE(keys.make_next(clock.now()).has_value());
    write("network.key.next", good.substr(0, 40));
    EXPECT_EQ(open_with(node_key).error().where, file + ".next");
    EXPECT_TRUE(keys.promote().has_error());
    EXPECT_EQ(text("network.key"), good);
    EXPECT_TRUE(tls_key_is_exchanged(folder));
}

// It is bound to what it is for and whose it is, not to its path.
TEST_F(TlsFilesOfANode, ASealedFileMayBeRenamedButStandsForNothingElse) {
    const fs::path file = folder / "a";
    ASSERT_TRUE(write_sealed(file, node_key, {"tls-key", "lecos"}, "secret", random).has_value());
    fs::rename(file, folder / "b");
    EXPECT_EQ(read_sealed(folder / "b", node_key, {"tls-key", "lecos"}).value(), "secret");
    EXPECT_EQ(read_sealed(folder / "b", node_key, {"other", "lecos"}).error().code,
              ErrorCode::corrupt);
    std::string renamed = text("b");
    renamed.replace(renamed.find("tls-key"), 7, "another");
    write("b", renamed);
    EXPECT_EQ(read_sealed(folder / "b", node_key, {"another", "lecos"}).error().code,
              ErrorCode::crypto_failed);
    // Its key is none that anything else is sealed under.
    const auto bytes = crypto::base64url_decode(
        renamed.substr(renamed.find('\n') + 1, renamed.size() - renamed.find('\n') - 2));
    const std::string context = std::string("schwarm/file/1") + '\0' + "tls-key" + '\0' + "lecos";
    EXPECT_TRUE(crypto::open(node_key, context, bytes.value()).has_error());
}

}  // namespace
}  // namespace schwarm::server
