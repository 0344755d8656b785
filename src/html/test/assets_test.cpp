#include "schwarm/html/assets.hpp"

#include <gtest/gtest.h>

#include "schwarm/html/data.hpp"
#include "schwarm/html/i18n.hpp"
#include "schwarm/html/template.hpp"

namespace schwarm::html {
namespace {

TEST(Assets, StaticAddressesChangeWithTheContent) {
    const std::string url = static_url("styles/portal.css");
    const Asset* asset = find_static(url);
    ASSERT_NE(asset, nullptr);
    EXPECT_EQ(asset->path, "styles/portal.css");
    EXPECT_EQ(asset->media_type, "text/css; charset=utf-8");
    EXPECT_LT(asset->gzip.size(), asset->bytes.size());
    ASSERT_GT(asset->gzip.size(), 2U);
    EXPECT_EQ(asset->gzip.substr(0, 2), "\x1f\x8b");
    EXPECT_EQ(find_static("/static/000000000000/styles/portal.css"), nullptr);
    EXPECT_EQ(find_static("/static/" + std::string(asset->hash) + "/templates/layout.html"),
              nullptr);
    EXPECT_EQ(find_static("/static"), nullptr);
}

TEST(Assets, TemplatesAndTranslationsAreNotPublic) {
    const Asset* layout = find_asset("templates/layout.html");
    ASSERT_NE(layout, nullptr);
    EXPECT_EQ(find_static("/static/" + std::string(layout->hash) + "/templates/layout.html"),
              nullptr);
}

TEST(Assets, StyleSheetsNameFontsByTheirHash) {
    const Asset* fonts = find_asset("styles/fonts.css");
    ASSERT_NE(fonts, nullptr);
    EXPECT_EQ(fonts->bytes.find("asset("), std::string_view::npos);
    EXPECT_NE(fonts->bytes.find(static_url("kern/fira-sans-400.woff2")), std::string_view::npos);
}

TEST(Assets, NothingIsLoadedFromElsewhere) {
    for (const Asset& asset : assets()) {
        if (!asset.path.ends_with(".css") && !asset.path.starts_with("templates/")) continue;
        for (const char* scheme : {"http://", "https://", "url(//"}) {
            std::size_t at = 0;
            while ((at = asset.bytes.find(scheme, at)) != std::string_view::npos) {
                // The name of a namespace is no address to load from.
                EXPECT_TRUE(asset.bytes.substr(at).starts_with("http://www.w3.org/"))
                    << asset.path << ": " << asset.bytes.substr(at, 60);
                ++at;
            }
        }
    }
}

TEST(Assets, FirstLoadIsSmall) {
    std::size_t total = 0;
    for (const char* path :
         {"kern/kern.css", "styles/portal.css", "styles/fonts.css", "scripts/portal.js"}) {
        total += find_asset(path)->gzip.size();
    }
    EXPECT_LT(total, 60'000U);
    EXPECT_LT(find_asset("scripts/portal.js")->bytes.size(), 10'000U);
}

TEST(Assets, BothLanguagesHaveTheSameKeys) {
    const auto load = [](const char* path) {
        return Catalogue::load("x", find_asset(path)->bytes, path);
    };
    auto german = load("i18n/de.json");
    auto english = load("i18n/en.json");
    ASSERT_TRUE(german.has_value() && english.has_value());
    EXPECT_EQ(german->keys(), english->keys());
}

TEST(Assets, EveryTemplateParses) {
    const PathLanguage language;
    int count = 0;
    for (const Asset& asset : assets()) {
        if (!asset.path.starts_with("templates/")) continue;
        auto parsed = Template::parse(std::string(asset.path), asset.bytes, language);
        EXPECT_TRUE(parsed.has_value()) << (parsed.has_error() ? parsed.error().text() : "");
        ++count;
    }
    EXPECT_GT(count, 10);
}

}  // namespace
}  // namespace schwarm::html
