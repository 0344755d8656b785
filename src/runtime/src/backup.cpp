#include "schwarm/runtime/backup.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <fstream>
#include <map>
#include <sstream>
#include <system_error>

#include "schwarm/crypto/encode.hpp"
#include "schwarm/crypto/hash.hpp"

namespace schwarm::runtime {
namespace {

namespace fs = std::filesystem;

constexpr const char* kData = "data.db";
constexpr const char* kKeys = "keys.db";
constexpr const char* kManifest = "MANIFEST";
constexpr const char* kMade = "made";  // a line of its own: milliseconds since 1970
constexpr const char* kFirstLine = "schwarm-backup 1";

struct FileEntry {
    std::uint64_t size = 0;
    std::string sha256;  // hexadecimal
};

Error failed(const fs::path& file, const char* what) {
    return fail(ErrorCode::storage_failed, what, file.string());
}

Result<FileEntry> measure(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) return failed(file, "the file cannot be read");
    crypto::Sha256 hash;
    FileEntry entry;
    std::string block(1 << 20, '\0');
    while (in) {
        in.read(block.data(), static_cast<std::streamsize>(block.size()));
        const auto got = static_cast<std::size_t>(in.gcount());
        hash.update(std::string_view(block).substr(0, got));
        entry.size += got;
    }
    if (in.bad()) return failed(file, "the file cannot be read");
    entry.sha256 = crypto::hex_encode(crypto::bytes_of(hash.finish()));
    return entry;
}

Result<void> sync_path(const fs::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    const bool done = descriptor >= 0 && ::fsync(descriptor) == 0;
    if (descriptor >= 0) ::close(descriptor);
    if (!done) return failed(path, "the file cannot be made durable");
    return {};
}

// Copies into a new storage and closes it, so that the file is complete by itself.
Result<void> copy_into(storage::Reader& from, const fs::path& file, const StorageFactory& make,
                       const std::function<bool(storage::Space)>& wanted) {
    SCHWARM_TRY(target, make(file));
    SCHWARM_TRY_VOID(storage::copy_rows(from, *target, wanted));
    SCHWARM_TRY_VOID(target->scrub());
    target.reset();
    return sync_path(file);
}

bool is_key_space(storage::Space space) {
    return space == storage::Space::keys;
}

Result<std::map<std::string, FileEntry>> read_manifest(const fs::path& file) {
    std::ifstream in(file);
    std::string line;
    if (!in || !std::getline(in, line) || line != kFirstLine) {
        return fail(ErrorCode::corrupt, "this is not the manifest of a backup", file.string());
    }
    std::map<std::string, FileEntry> entries;
    while (std::getline(in, line) && entries.size() < 16) {
        std::istringstream words(line);
        std::string name;
        FileEntry entry;
        if (!(words >> name >> entry.size >> entry.sha256)) {
            return fail(ErrorCode::corrupt, "a line of the manifest is damaged", file.string());
        }
        entries[name] = entry;
    }
    for (const char* name : {kData, kKeys}) {
        if (!entries.contains(name)) {
            return fail(ErrorCode::corrupt, std::string("the manifest does not name ") + name,
                        file.string());
        }
    }
    return entries;
}

Result<void> check_file(const fs::path& file, const FileEntry& expected) {
    SCHWARM_TRY(found, measure(file));
    if (found.size != expected.size || found.sha256 != expected.sha256) {
        return fail(ErrorCode::corrupt, "the file is not the one the manifest names",
                    file.string());
    }
    return {};
}

// Adapters may leave helper files beside the database; a backup has none.
void remove_helpers(const fs::path& file) {
    std::error_code ignored;
    for (const char* suffix : {"-wal", "-shm", ".lock"}) {
        fs::remove(file.string() + suffix, ignored);
    }
}

// Opens a copy: opening may migrate it, and a backup must stay what its manifest says.
Result<void> copy_from(const fs::path& file, const fs::path& work, storage::Storage& target,
                       const StorageFactory& make) {
    std::error_code error;
    fs::copy_file(file, work, fs::copy_options::overwrite_existing, error);
    if (error) return failed(file, "the file cannot be copied");
    const struct Cleanup {
        const fs::path& file;
        ~Cleanup() {
            std::error_code ignored;
            fs::remove(file, ignored);
            remove_helpers(file);
        }
    } cleanup{work};
    SCHWARM_TRY(source, make(work));
    SCHWARM_TRY(reader, source->begin_read());
    SCHWARM_TRY_VOID(storage::copy_rows(*reader, target, [](storage::Space) { return true; }));
    return {};
}

}  // namespace

Result<std::optional<Instant>> backup_time(const fs::path& folder) {
    SCHWARM_TRY(entries, read_manifest(folder / kManifest));
    const auto made = entries.find(kMade);
    if (made == entries.end()) return std::optional<Instant>();
    return std::optional(Instant(std::chrono::milliseconds(made->second.size)));
}

Result<void> backup(storage::Storage& storage, const fs::path& folder, const StorageFactory& make,
                    Instant now) {
    std::error_code error;
    if (fs::exists(folder, error) && !fs::is_empty(folder, error)) {
        return fail(ErrorCode::conflict, "the folder of the backup is not empty", folder.string());
    }
    fs::create_directories(folder, error);
    fs::permissions(folder, fs::perms::owner_all, error);
    if (error) return failed(folder, "the folder of the backup cannot be created");
    {
        // One snapshot for both files: a case and its keys are of the same moment.
        SCHWARM_TRY(reader, storage.begin_read());
        SCHWARM_TRY_VOID(copy_into(*reader, folder / kData, make,
                                   [](storage::Space space) { return !is_key_space(space); }));
        SCHWARM_TRY_VOID(copy_into(*reader, folder / kKeys, make, is_key_space));
    }
    std::string manifest = std::string(kFirstLine) + "\n" + kMade + " " +
                           std::to_string(now.time_since_epoch().count()) + " ms\n";
    for (const char* name : {kData, kKeys}) {
        remove_helpers(folder / name);
        SCHWARM_TRY(entry, measure(folder / name));
        manifest +=
            std::string(name) + " " + std::to_string(entry.size) + " " + entry.sha256 + "\n";
    }
    {
        std::ofstream out(folder / kManifest);
        out << manifest;
        if (!out.flush()) return failed(folder / kManifest, "the manifest cannot be written");
    }
    SCHWARM_TRY_VOID(sync_path(folder / kManifest));
    return sync_path(folder);
}

Result<void> restore(const fs::path& folder, const fs::path& keys, const fs::path& target,
                     const StorageFactory& make) {
    std::error_code error;
    if (fs::exists(target, error)) {
        return fail(ErrorCode::conflict, "the target exists; move it away first", target.string());
    }
    SCHWARM_TRY(manifest, read_manifest(folder / kManifest));
    SCHWARM_TRY_VOID(check_file(folder / kData, manifest.at(kData)));
    // Keys of a later backup are checked against the manifest that came with them.
    if (keys.parent_path() == folder || !fs::exists(keys.parent_path() / kManifest, error)) {
        SCHWARM_TRY_VOID(check_file(keys, manifest.at(kKeys)));
    } else {
        SCHWARM_TRY(later, read_manifest(keys.parent_path() / kManifest));
        SCHWARM_TRY_VOID(check_file(keys, later.at(kKeys)));
    }
    // Built beside and renamed at the end: a restore that was cut off leaves no half database.
    const fs::path building = target.string() + ".restoring";
    fs::remove(building, error);
    remove_helpers(building);
    {
        SCHWARM_TRY(storage, make(building));
        const fs::path work = target.string() + ".unpacking";
        SCHWARM_TRY_VOID(copy_from(folder / kData, work, *storage, make));
        SCHWARM_TRY_VOID(copy_from(keys, work, *storage, make));
        SCHWARM_TRY_VOID(storage->scrub());
    }
    remove_helpers(building);
    SCHWARM_TRY_VOID(sync_path(building));
    fs::rename(building, target, error);
    if (error) return failed(target, "the restored database cannot be put in place");
    return sync_path(target.has_parent_path() ? target.parent_path() : fs::path("."));
}

}  // namespace schwarm::runtime
