#include "tls_keys.hpp"

#include "private_file.hpp"
#include "schwarm/crypto/certificate.hpp"
#include "sealed_file.hpp"

namespace schwarm::server {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPurpose = "tls-key";
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
    if (ec) return fail(ErrorCode::unavailable, "the file cannot be put in place", to.string());
    return sync_folder_of(to);
}

}  // namespace

Result<TlsKeys> TlsKeys::open(const fs::path& data, const std::string& member, Instant now,
                              const crypto::Key& node_key, Random& random) {
    TlsKeys out(data, member, node_key, random);
    const fs::path certificate = certificate_file(data);
    const fs::path key = key_file(data);
    // promote() moves the key first.
    if (is_there(next_of(certificate)) && !is_there(next_of(key))) {
        SCHWARM_TRY_VOID(move(next_of(certificate), certificate));
    }
    if (!is_there(certificate)) SCHWARM_TRY_VOID(out.make(key, certificate, now));
    if (!is_there(key)) {
        return fail(ErrorCode::not_found,
                    "the private key of " + certificate.string() +
                        " is missing: put it back, or remove the certificate too, so that a new "
                        "pair is made",
                    key.string());
    }
    // Of a crash while a pair was made. Programs before this one wrote them in the clear.
    if (!is_there(next_of(certificate))) destroy_file(next_of(key));
    for (const fs::path& file : {key, next_of(key)}) {
        destroy_file(file.string() + ".new");
        SCHWARM_TRY_VOID(seal_if_plain(file, node_key, out.secret_name(), random));
    }
    SCHWARM_TRY(used, key_of(certificate));
    out.key_ = used;
    // What does not open is told now, not when it is put to use.
    SCHWARM_TRY_VOID(out.pair());
    if (is_there(next_of(certificate))) {
        SCHWARM_TRY(next, key_of(next_of(certificate)));
        SCHWARM_TRY_VOID(out.read(next_of(key), next_of(certificate)));
        out.next_ = next;
    }
    return out;
}

SecretName TlsKeys::secret_name() const {
    return {kPurpose, member_};
}

// The certificate last: with it the pair is there.
Result<void> TlsKeys::make(const fs::path& key, const fs::path& certificate, Instant now) {
    SCHWARM_TRY(made, crypto::make_certificate(member_, now, kCertificateValid));
    const auto written = write_sealed(key, node_key_, secret_name(), made.private_key, *random_);
    crypto::wipe(made.private_key);
    SCHWARM_TRY_VOID(written);
    return write_private(certificate, made.certificate);
}

Result<net::TlsTexts> TlsKeys::read(const fs::path& key, const fs::path& certificate) const {
    SCHWARM_TRY(chain, read_file(certificate));
    SCHWARM_TRY(secret, read_sealed(key, node_key_, secret_name()));
    return net::TlsTexts(std::move(chain), std::move(secret), key.string());
}

Result<net::TlsTexts> TlsKeys::pair() const {
    return read(key_file(data_), certificate_file(data_));
}

std::vector<crypto::Hash> TlsKeys::announced() const {
    std::vector<crypto::Hash> out = {key_};
    if (next_) out.push_back(*next_);
    return out;
}

Result<void> TlsKeys::make_next(Instant now) {
    if (next_) return {};
    const fs::path certificate = next_of(certificate_file(data_));
    SCHWARM_TRY_VOID(make(next_of(key_file(data_)), certificate, now));
    SCHWARM_TRY(made, key_of(certificate));
    next_ = made;
    return {};
}

Result<net::TlsTexts> TlsKeys::promote() {
    if (!next_) return pair();
    SCHWARM_TRY(next, read(next_of(key_file(data_)), next_of(certificate_file(data_))));
    SCHWARM_TRY_VOID(move(next_of(key_file(data_)), key_file(data_)));
    SCHWARM_TRY_VOID(move(next_of(certificate_file(data_)), certificate_file(data_)));
    key_ = *next_;
    next_.reset();
    return next;
}

Result<crypto::Hash> read_tls_key(const fs::path& data) {
    return key_of(certificate_file(data));
}

Result<Instant> read_tls_end(const fs::path& data) {
    SCHWARM_TRY(pem, read_file(certificate_file(data)));
    return crypto::certificate_end(pem);
}

bool tls_key_is_exchanged(const fs::path& data) {
    return is_there(next_of(certificate_file(data)));
}

}  // namespace schwarm::server
