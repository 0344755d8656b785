#include "tls_keys.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "private_file.hpp"
#include "schwarm/crypto/certificate.hpp"

namespace schwarm::server {
namespace {

namespace fs = std::filesystem;

constexpr auto kCertificateValid = std::chrono::hours(24 * 365 * 2);

fs::path certificate_file(const fs::path& data) {
    return data / "network.crt";
}
fs::path key_file(const fs::path& data) {
    return data / "network.key";
}
fs::path next_of(fs::path file) {
    return file += ".next";
}

Result<crypto::Hash> key_of(const fs::path& certificate) {
    SCHWARM_TRY(pem, read_file(certificate));
    return crypto::certificate_key(pem);
}

bool is_there(const fs::path& file) {
    std::error_code ec;
    return fs::exists(file, ec);
}

// Durable before the next step.
Result<void> move(const fs::path& from, const fs::path& to) {
    std::error_code ec;
    fs::rename(from, to, ec);
    const int folder = ::open(to.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = folder >= 0 && fsync(folder) == 0;
    if (folder >= 0) ::close(folder);
    if (!ec && synced) return {};
    return fail(ErrorCode::unavailable, "the file cannot be put in place", to.string());
}

// The certificate last: with it the pair is there.
Result<void> make(const fs::path& key, const fs::path& certificate, const std::string& member,
                  Instant now) {
    SCHWARM_TRY(made, crypto::make_certificate(member, now, kCertificateValid));
    SCHWARM_TRY_VOID(write_private(key, made.private_key));
    return write_private(certificate, made.certificate);
}

}  // namespace

Result<TlsKeys> TlsKeys::open(const fs::path& data, const std::string& member, Instant now) {
    TlsKeys out(data, member);
    const fs::path certificate = certificate_file(data);
    const fs::path key = key_file(data);
    // promote() moves the key first.
    if (is_there(next_of(certificate)) && !is_there(next_of(key))) {
        SCHWARM_TRY_VOID(move(next_of(certificate), certificate));
    }
    if (!is_there(certificate)) SCHWARM_TRY_VOID(make(key, certificate, member, now));
    SCHWARM_TRY(used, key_of(certificate));
    out.key_ = used;
    if (is_there(next_of(certificate))) {
        SCHWARM_TRY(next, key_of(next_of(certificate)));
        out.next_ = next;
    }
    return out;
}

net::TlsFiles TlsKeys::files() const {
    return {certificate_file(data_).string(), key_file(data_).string()};
}

std::vector<crypto::Hash> TlsKeys::announced() const {
    std::vector<crypto::Hash> out = {key_};
    if (next_) out.push_back(*next_);
    return out;
}

Result<void> TlsKeys::make_next(Instant now) {
    if (next_) return {};
    const fs::path certificate = next_of(certificate_file(data_));
    SCHWARM_TRY_VOID(make(next_of(key_file(data_)), certificate, member_, now));
    SCHWARM_TRY(made, key_of(certificate));
    next_ = made;
    return {};
}

Result<void> TlsKeys::promote() {
    if (!next_) return {};
    SCHWARM_TRY_VOID(move(next_of(key_file(data_)), key_file(data_)));
    SCHWARM_TRY_VOID(move(next_of(certificate_file(data_)), certificate_file(data_)));
    key_ = *next_;
    next_.reset();
    return {};
}

Result<crypto::Hash> read_tls_key(const fs::path& data) {
    return key_of(certificate_file(data));
}

bool tls_key_is_exchanged(const fs::path& data) {
    return is_there(next_of(certificate_file(data)));
}

}  // namespace schwarm::server
