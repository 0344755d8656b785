#include "schwarm/runtime/node_key.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "schwarm/crypto/encode.hpp"

namespace schwarm::runtime {
namespace {

class File {
  public:
    explicit File(int descriptor) : descriptor_(descriptor) {}
    ~File() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    int get() const { return descriptor_; }

  private:
    int descriptor_;
};

Error problem(const std::filesystem::path& file, const std::string& what) {
    return fail(ErrorCode::crypto_failed, what, file.string());
}

Result<crypto::Key> create(const std::filesystem::path& file, Random& random) {
    const File out(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (out.get() < 0) {
        return problem(file,
                       std::string("the node key cannot be created: ") + std::strerror(errno));
    }
    const crypto::Key key = crypto::Key::random(random);
    std::string text = crypto::hex_encode(key.bytes()) + "\n";
    const bool written =
        ::write(out.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
        ::fsync(out.get()) == 0;
    crypto::wipe(text);
    if (!written) return problem(file, "the node key cannot be written");
    const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
    const File directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.get() < 0 || ::fsync(directory.get()) != 0) {
        return problem(file, "the folder of the node key cannot be made durable");
    }
    return key;
}

}  // namespace

Result<crypto::Key> load_or_create_node_key(const std::filesystem::path& file, Random& random) {
    const File in(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (in.get() < 0) {
        if (errno == ENOENT) return create(file, random);
        return problem(file, std::string("the node key cannot be read: ") + std::strerror(errno));
    }
    struct stat status {};
    if (::fstat(in.get(), &status) != 0 || (status.st_mode & 077U) != 0) {
        return problem(file, "others may read the node key: set its mode to 0600");
    }
    std::string text(128, '\0');
    const ssize_t got = ::read(in.get(), text.data(), text.size());
    text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
    auto bytes = crypto::hex_decode(text);
    crypto::wipe(text);
    if (bytes.has_error() || bytes.value().size() != crypto::kKeySize) {
        if (bytes.has_value()) crypto::wipe(bytes.value());
        return problem(file, "the node key is not one line of 64 hexadecimal digits");
    }
    auto key = crypto::Key::from_bytes(bytes.value());
    crypto::wipe(bytes.value());
    return key;
}

}  // namespace schwarm::runtime
