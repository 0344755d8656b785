// Translations: one flat JSON object a language,
//   { "start.title": "Online-Dienste", "cases.count": {"one": "1 Vorgang", "other": "{n} Vorgänge"}
//   }
// Parameters stand in braces. Plural forms follow German and English: "one" for exactly 1.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/base/result.hpp"
#include "schwarm/html/template.hpp"

namespace schwarm::html {

// Immutable after load(), thread-safe.
class Catalogue final : public Texts {
  public:
    // `language` is a BCP 47 tag ("de", "en"); `fallback` is asked for keys that are missing here
    // and must outlive this catalogue.
    static Result<Catalogue> load(std::string language, std::string_view json,
                                  std::string_view name, const Catalogue* fallback = nullptr);

    Result<std::string_view> find(std::string_view key, std::string_view number) const override;

    // The text with its parameters filled in, not escaped; the key itself if it is unknown.
    std::string text(std::string_view key, std::vector<Parameter> parameters = {}) const;

    const std::string& language() const { return language_; }
    // All keys, sorted: tests compare the languages.
    std::vector<std::string> keys() const;

  private:
    struct Entry {
        std::string one;  // empty: no plural forms
        std::string other;
    };
    std::string language_;
    std::map<std::string, Entry, std::less<>> entries_;
    const Catalogue* fallback_ = nullptr;
};

// Replaces {name} by the parameters, escaping each value for HTML if `markup`.
std::string fill(std::string_view text, const std::vector<Parameter>& parameters, bool markup);

}  // namespace schwarm::html
