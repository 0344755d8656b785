#include "sealed_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "private_file.hpp"
#include "schwarm/crypto/encode.hpp"
#include "schwarm/crypto/hash.hpp"

namespace schwarm::server {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMagic = "schwarm-sealed/1 ";
constexpr std::string_view kPlain = "-----BEGIN ";
constexpr std::string_view kContext = "schwarm/file/1";

class Descriptor {
  public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor() {
        if (fd_ >= 0) close(fd_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return fd_; }

  private:
    int fd_;
};

Result<crypto::Key> file_key(const crypto::Key& node_key) {
    std::string bytes = crypto::hkdf_sha256(node_key.bytes(), {}, kContext, crypto::kKeySize);
    auto key = crypto::Key::from_bytes(bytes);
    crypto::wipe(bytes);
    return key;
}

std::string associated(const SecretName& name) {
    std::string out(kContext);
    for (const std::string_view part : {name.purpose, name.owner}) {
        out.push_back('\0');
        out.append(part);
    }
    return out;
}

Result<std::string> read_bounded(const fs::path& file) {
    const Descriptor in(open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (in.get() < 0) return fail(ErrorCode::not_found, "the file cannot be read", file.string());
    std::string out(kSealedFileBytesMax + 1, '\0');
    std::size_t size = 0;
    while (size < out.size()) {
        const ssize_t got = read(in.get(), out.data() + size, out.size() - size);
        if (got < 0) return fail(ErrorCode::not_found, "the file cannot be read", file.string());
        if (got == 0) break;
        size += static_cast<std::size_t>(got);
    }
    if (size > kSealedFileBytesMax) {
        crypto::wipe(out);
        return fail(ErrorCode::limit_exceeded, "the file is too long for a key", file.string());
    }
    out.resize(size);
    return out;
}

void overwrite(int fd) {
    struct stat status {};
    if (fstat(fd, &status) != 0) return;
    constexpr std::array<char, 4096> kZeros{};
    for (off_t at = 0; at < status.st_size;) {
        const auto left = static_cast<std::size_t>(status.st_size - at);
        const ssize_t put = pwrite(fd, kZeros.data(), std::min(left, kZeros.size()), at);
        if (put <= 0) return;
        at += put;
    }
    fsync(fd);
}

// Overwriting would destroy what is kept under another name.
bool has_more_names(int fd, nlink_t most) {
    struct stat status {};
    return fstat(fd, &status) != 0 || status.st_nlink > most;
}

}  // namespace

Result<void> write_sealed(const fs::path& file, const crypto::Key& node_key, const SecretName& name,
                          std::string_view secret, Random& random) {
    SCHWARM_TRY(key, file_key(node_key));
    SCHWARM_TRY(sealed, crypto::seal(key, associated(name), secret, random));
    const std::string text = std::string(kMagic) + std::string(name.purpose) + "\n" +
                             crypto::base64url_encode(sealed) + "\n";
    SCHWARM_TRY_VOID(write_private(file, text));
    return sync_folder_of(file);
}

Result<std::string> read_sealed(const fs::path& file, const crypto::Key& node_key,
                                const SecretName& name) {
    SCHWARM_TRY(text, read_bounded(file));
    const std::string head = std::string(kMagic) + std::string(name.purpose) + "\n";
    std::string_view body(text);
    const bool good = body.starts_with(head) && body.ends_with('\n') && body.size() > head.size();
    if (good) body = body.substr(head.size(), body.size() - head.size() - 1);
    const auto sealed = good ? crypto::base64url_decode(body) : Result<std::string>(std::string());
    if (!good || sealed.has_error()) {
        crypto::wipe(text);
        return fail(ErrorCode::corrupt,
                    "the file is no sealed " + std::string(name.purpose) + " of this program",
                    file.string());
    }
    SCHWARM_TRY(key, file_key(node_key));
    auto secret = crypto::open(key, associated(name), sealed.value());
    if (secret.has_value()) return secret;
    return fail(ErrorCode::crypto_failed,
                "the node key does not open the file: it was sealed under another node key, "
                "belongs to another member than " +
                    std::string(name.owner) + ", or was changed",
                file.string());
}

Result<void> seal_if_plain(const fs::path& file, const crypto::Key& node_key,
                           const SecretName& name, Random& random) {
    std::error_code ec;
    // Where it really lies: a link replaced by a file would leave the plain key behind.
    const fs::path place = fs::canonical(file, ec);
    if (ec) return {};
    auto text = read_bounded(place);
    if (text.has_error() || !text->starts_with(kPlain)) return {};
    const Descriptor old(open(place.c_str(), O_RDWR | O_CLOEXEC));
    const auto written = write_sealed(place, node_key, name, text.value(), random);
    crypto::wipe(text.value());
    SCHWARM_TRY_VOID(written);
    if (old.get() >= 0 && !has_more_names(old.get(), 0)) overwrite(old.get());
    return {};
}

void destroy_file(const fs::path& file) {
    {
        const Descriptor old(open(file.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
        if (old.get() >= 0 && !has_more_names(old.get(), 1)) overwrite(old.get());
    }
    std::error_code ec;
    fs::remove(file, ec);
}

}  // namespace schwarm::server
