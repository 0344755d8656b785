#include "schwarm/services/package.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "parts.hpp"
#include "schwarm/base/calendar.hpp"
#include "schwarm/crypto/encode.hpp"
#include "schwarm/crypto/hash.hpp"
#include "schwarm/feel/codec.hpp"

namespace schwarm::services {
namespace {

constexpr std::array<std::string_view, 6> kSettingTypes = {"boolean", "number", "text",
                                                           "date",    "list",   "context"};
constexpr std::array<std::string_view, 4> kLevels = {"none", "low", "substantial", "high"};

// Reads a regular file without following a link at its end.
Result<std::string> read_file(const std::string& path, std::size_t limit) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) return fail(ErrorCode::not_found, std::strerror(errno), path);
    struct stat info {};
    if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        ::close(fd);
        return fail(ErrorCode::invalid_input, "is not a regular file", path);
    }
    std::string bytes;
    std::array<char, 64 * 1024> block{};
    for (;;) {
        const auto n = ::read(fd, block.data(), block.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            const int reason = errno;
            ::close(fd);
            return fail(ErrorCode::not_found, std::strerror(reason), path);
        }
        if (n == 0) break;
        bytes.append(block.data(), static_cast<std::size_t>(n));
        if (bytes.size() > limit) {
            ::close(fd);
            return fail(ErrorCode::limit_exceeded,
                        "is larger than " + std::to_string(limit) + " bytes", path);
        }
    }
    ::close(fd);
    return bytes;
}

Result<feel::Value> setting_value(const Setting& setting, const json::Value& given) {
    const auto wrong = [&] {
        return fail(ErrorCode::invalid_input,
                    "must be of type " + std::string(name_of(setting.type)),
                    "setting " + setting.key);
    };
    if (setting.type == SettingType::date) {
        if (!given.is_string()) return wrong();
        const auto date = Date::parse(given.as_string());
        if (!date) return wrong();
        return feel::Value(*date);
    }
    const bool fits = (setting.type == SettingType::boolean && given.is_boolean()) ||
                      (setting.type == SettingType::number && given.is_number()) ||
                      (setting.type == SettingType::text && given.is_string()) ||
                      (setting.type == SettingType::list && given.is_array()) ||
                      (setting.type == SettingType::context && given.is_object());
    if (!fits) return wrong();
    return feel::from_json(given);
}

}  // namespace

std::string_view name_of(SettingType type) {
    return kSettingTypes.at(static_cast<std::size_t>(type));
}
std::string_view name_of(AssuranceLevel level) {
    return kLevels.at(static_cast<std::size_t>(level));
}

std::optional<AssuranceLevel> assurance_level(std::string_view name) {
    for (const auto level : {AssuranceLevel::none, AssuranceLevel::low, AssuranceLevel::substantial,
                             AssuranceLevel::high}) {
        if (name_of(level) == name) return level;
    }
    return std::nullopt;
}

std::string Problem::text() const {
    std::string out = file;
    if (line > 0) out += ":" + std::to_string(line);
    if (!element_id.empty()) out += " element " + element_id;
    if (!out.empty()) out += ": ";
    if (warning) out += "warning: ";
    return out + reason;
}

Result<PackageFiles> read_folder(const std::string& path, const PackageLimits& limits) {
    namespace fs = std::filesystem;
    std::error_code error;
    PackageFiles files;
    std::size_t total = 0;
    if (!fs::is_directory(path, error)) {
        return fail(ErrorCode::not_found, "there is no such folder", path);
    }
    fs::recursive_directory_iterator walk(path, error);
    for (; !error && walk != fs::recursive_directory_iterator(); walk.increment(error)) {
        const auto& entry = *walk;
        const auto name = fs::relative(entry.path(), path, error).generic_string();
        if (error) break;
        if (entry.is_symlink(error)) {
            return fail(ErrorCode::invalid_input, "symbolic links are not allowed", name);
        }
        if (entry.is_directory(error)) {
            if (walk.depth() >= 2) {
                return fail(ErrorCode::limit_exceeded, "folders are nested too deep", name);
            }
            continue;
        }
        if (files.size() >= limits.files_max) {
            return fail(ErrorCode::limit_exceeded,
                        "has more than " + std::to_string(limits.files_max) + " files", path);
        }
        SCHWARM_TRY(bytes, read_file(entry.path().string(), limits.file_bytes_max));
        total += bytes.size();
        if (total > limits.total_bytes_max) {
            return fail(ErrorCode::limit_exceeded,
                        "has more than " + std::to_string(limits.total_bytes_max) + " bytes", path);
        }
        files.emplace(name, std::move(bytes));
    }
    if (error) return fail(ErrorCode::not_found, error.message(), path);
    return files;
}

std::string content_hash(const PackageFiles& files) {
    crypto::Sha256 hash;
    for (const auto& [name, bytes] : files) {
        hash.update(name);
        hash.update(std::string_view("\0", 1));
        hash.update(std::to_string(bytes.size()));
        hash.update(std::string_view("\0", 1));
        hash.update(bytes);
    }
    return crypto::hex_encode(crypto::bytes_of(hash.finish()));
}

Package::Package() : parts(std::make_unique<Parts>()) {}
Package::~Package() = default;

const bpmn::Model& Package::model() const {
    return *parts->model;
}

const forms::Form* Package::find_form(std::string_view form_id) const {
    const auto found = parts->forms.find(form_id);
    return found == parts->forms.end() ? nullptr : &found->second;
}

std::shared_ptr<const DocumentTemplate> Package::find_document(std::string_view name) const {
    const auto found = parts->documents.find(name);
    return found == parts->documents.end() ? nullptr : found->second;
}

const html::Catalogue& Package::texts(std::string_view language) const {
    return language == "en" && parts->english ? *parts->english : *parts->german;
}

std::string Package::text(std::string_view key, std::string_view language) const {
    const auto found = texts(language).find(key, {});
    return found ? std::string(*found) : std::string();
}

Package::Outcome Package::outcome(const feel::Value& variables) const {
    Outcome out;
    if (parts->decision) {
        const auto value = feel::evaluate(parts->decision, variables);
        if (!value.is_null()) out.decision = value.to_string();
    }
    if (parts->amount) {
        const auto value = feel::evaluate(parts->amount, variables);
        if (value.is_number()) out.amount = value.as_number();
    }
    return out;
}

std::string_view Package::milestone(std::string_view element_id) const {
    const auto found = parts->milestones.find(element_id);
    return found == parts->milestones.end() ? std::string_view() : found->second;
}

Result<feel::Value> resolve_settings(const Package& package, const json::Value& given) {
    if (!given.is_null() && !given.is_object()) {
        return fail(ErrorCode::invalid_input, "settings must be a JSON object", package.id.value());
    }
    feel::ContextBuilder settings;
    for (const auto& setting : package.settings) settings.set(setting.key, setting.fallback);
    if (given.is_object()) {
        for (const auto& [key, value] : given.members()) {
            const Setting* known = nullptr;
            for (const auto& setting : package.settings) {
                if (setting.key == key) known = &setting;
            }
            if (known == nullptr) {
                return fail(ErrorCode::invalid_input,
                            "service " + package.id.value() + " has no such setting",
                            "setting " + key);
            }
            SCHWARM_TRY(typed, setting_value(*known, value));
            settings.set(key, std::move(typed));
        }
    }
    return settings.build();
}

}  // namespace schwarm::services
