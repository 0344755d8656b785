// What the build embedded from web/: templates, translations, styles, scripts, fonts. There is no
// file access at run time.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace schwarm::html {

// A file of web/. The views point into the program image and live as long as it.
struct Asset {
    std::string_view path;  // "styles/portal.css", below web/
    std::string_view bytes;
    std::string_view gzip;  // the same, compressed; empty where that gains nothing (fonts)
    std::string_view hash;  // first 12 hex digits of its SHA-256
    std::string_view media_type;
};

// Sorted by path.
std::span<const Asset> assets();
// Null if there is none.
const Asset* find_asset(std::string_view path);
// A static file by its public address, "/static/<hash>/<path>": the address changes with the
// content, so it may be cached for ever. Null if path or hash is unknown, or the file is not public
// (templates, translations).
const Asset* find_static(std::string_view url_path);
// The public address of a file; CHECKs that it exists.
std::string static_url(std::string_view path);

}  // namespace schwarm::html
