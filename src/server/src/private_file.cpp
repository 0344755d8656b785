#include "private_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "schwarm/json/json.hpp"

namespace schwarm::server {

Result<std::string> read_file(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    if (!in) return fail(ErrorCode::not_found, "the file cannot be read", file.string());
    return out.str();
}

Result<json::Value> read_private_json(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) return json::Value::object();
    std::ostringstream text;
    text << in.rdbuf();
    json::Limits limits;
    limits.max_bytes = 1U << 20;
    auto value = json::parse(text.str(), limits);
    if (value.has_error() || !value->is_object()) {
        return fail(ErrorCode::corrupt, "the file is damaged; delete it", file.string());
    }
    return value;
}

Result<void> write_private(const std::filesystem::path& file, const std::string& text) {
    const std::string temporary = file.string() + ".new";
    const int fd = open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool good = fd >= 0 &&
                write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                fsync(fd) == 0;
    if (fd >= 0) close(fd);
    if (good) good = rename(temporary.c_str(), file.c_str()) == 0;
    if (!good) return fail(ErrorCode::unavailable, "the file cannot be written", file.string());
    return {};
}

Result<void> sync_folder_of(const std::filesystem::path& file) {
    const int folder = open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = folder >= 0 && fsync(folder) == 0;
    if (folder >= 0) close(folder);
    if (synced) return {};
    return fail(ErrorCode::unavailable, "the folder of the file cannot be made durable",
                file.string());
}

Result<void> write_private_json(const std::filesystem::path& file, const json::Value& value) {
    return write_private(file, json::to_pretty_string(value) + "\n");
}

}  // namespace schwarm::server
