// The compiled templates and translations, and the frame around every page.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/base/calendar.hpp"
#include "schwarm/base/clock.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/forms/form.hpp"
#include "schwarm/html/data.hpp"
#include "schwarm/html/i18n.hpp"
#include "schwarm/html/template.hpp"

namespace schwarm::portal {

using forms::Lang;
using html::Data;

// What the frame of a page shows.
struct Frame {
    Lang lang = Lang::de;
    std::string title;  // without "Fehler:" and the site's name
    bool has_errors = false;
    std::string path;  // of this page, for the language switch and the way back from sign-in
    std::string user;  // empty: not signed in
    std::string csrf;
    bool demo = false;
    bool clerk = false;
    bool administrator = false;
    bool open_to_search = false;  // may stand in search engines
    std::string section;          // which entry of the menu is current: "/", "/vorgaenge", ...
    std::string back;             // address of the link above the heading, empty: none
    std::string back_label;
    std::string notice;  // "Der Entwurf ist gelöscht."
};

class Site {
  public:
    // CHECKs the embedded templates and translations.
    Site();

    // The page `name` (templates/name.html) over its data, within the frame.
    Result<std::string> page(std::string_view name, const Data& data, const Frame& frame) const;

    const html::Catalogue& texts(Lang lang) const { return lang == Lang::en ? english_ : german_; }
    std::string text(Lang lang, std::string_view key,
                     std::vector<html::Parameter> parameters = {}) const {
        return texts(lang).text(key, std::move(parameters));
    }
    const std::map<std::string, html::Template, std::less<>>& templates() const {
        return templates_;
    }

  private:
    Result<std::string> render(std::string_view name, const Data& data, Lang lang) const;

    html::Catalogue german_;
    html::Catalogue english_;
    std::map<std::string, html::Template, std::less<>> templates_;
    Data assets_;
};

std::string_view code_of(Lang lang);
std::string show_date(Date day, Lang lang);
// In Europe/Berlin: "24.11.2026", "24.11.2026, 14:05 Uhr"; "24 November 2026, 14:05".
std::string show_day(Instant at, Lang lang);
std::string show_time(Instant at, Lang lang);
// "1.234,50 €" / "€1,234.50"; whole amounts without cents.
std::string show_euro(const Decimal& amount, Lang lang);
// Lines or paragraphs of a text, without empty ones.
Data paragraphs(std::string_view text);
Data lines(std::string_view text);

}  // namespace schwarm::portal
