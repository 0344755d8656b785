#include "schwarm/html/assets.hpp"

#include <algorithm>
#include <string>

#include "schwarm/base/check.hpp"

namespace schwarm::html {

// Made by cmake/embed_web.cmake; sorted by path.
extern const Asset* const kEmbedded;
extern const std::size_t kEmbeddedCount;

std::span<const Asset> assets() {
    return {kEmbedded, kEmbeddedCount};
}

const Asset* find_asset(std::string_view path) {
    const auto all = assets();
    const auto found = std::lower_bound(
        all.begin(), all.end(), path,
        [](const Asset& asset, std::string_view wanted) { return asset.path < wanted; });
    return found != all.end() && found->path == path ? &*found : nullptr;
}

namespace {

constexpr std::string_view kPrefix = "/static/";

bool is_public(std::string_view path) {
    return path.starts_with("styles/") || path.starts_with("scripts/") ||
           path.starts_with("kern/") || path.starts_with("images/");
}

}  // namespace

const Asset* find_static(std::string_view url_path) {
    if (!url_path.starts_with(kPrefix)) {
        return nullptr;
    }
    url_path.remove_prefix(kPrefix.size());
    const std::size_t slash = url_path.find('/');
    if (slash == std::string_view::npos || !is_public(url_path.substr(slash + 1))) {
        return nullptr;
    }
    const Asset* asset = find_asset(url_path.substr(slash + 1));
    return asset && asset->hash == url_path.substr(0, slash) ? asset : nullptr;
}

std::string static_url(std::string_view path) {
    const Asset* asset = find_asset(path);
    CHECK(asset && is_public(path), "no public file " + std::string(path));
    return std::string(kPrefix) + std::string(asset->hash) + "/" + std::string(path);
}

}  // namespace schwarm::html
