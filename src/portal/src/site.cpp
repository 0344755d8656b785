#include "site.hpp"

#include "schwarm/base/check.hpp"
#include "schwarm/html/assets.hpp"

namespace schwarm::portal {
namespace {

std::string_view asset_text(std::string_view path) {
    const html::Asset* asset = html::find_asset(path);
    CHECK(asset, "not embedded: " + std::string(path));
    return asset->bytes;
}

html::Catalogue load_texts(const char* language, const html::Catalogue* fallback) {
    const std::string path = "i18n/" + std::string(language) + ".json";
    auto loaded = html::Catalogue::load(language, asset_text(path), path, fallback);
    CHECK(loaded.has_value(), loaded.error().text());
    return std::move(*loaded);
}

DateTime local(Instant at) {
    const auto berlin = find_zone("Europe/Berlin");
    return DateTime::from_instant(at, berlin.value_or(Zone::utc()));
}

std::string two(int number) {
    return (number < 10 ? "0" : "") + std::to_string(number);
}

Data split(std::string_view text, std::string_view separator) {
    Data out{Data::List{}};
    while (!text.empty()) {
        const std::size_t at = text.find(separator);
        std::string_view part = text.substr(0, at);
        while (!part.empty() && (part.front() == '\n' || part.front() == ' ')) {
            part.remove_prefix(1);
        }
        if (part.starts_with("- ")) {
            part.remove_prefix(2);
        }
        if (!part.empty()) {
            out.add(Data(part));
        }
        if (at == std::string_view::npos) {
            break;
        }
        text.remove_prefix(at + separator.size());
    }
    return out;
}

}  // namespace

Site::Site() : german_(load_texts("de", nullptr)), english_(load_texts("en", nullptr)) {
    const html::PathLanguage language;
    for (const html::Asset& asset : html::assets()) {
        constexpr std::string_view kFolder = "templates/";
        if (!asset.path.starts_with(kFolder)) {
            continue;
        }
        std::string name(asset.path.substr(kFolder.size()));
        name.resize(name.size() - std::string_view(".html").size());
        auto parsed = html::Template::parse(std::string(asset.path), asset.bytes, language);
        CHECK(parsed.has_value(), parsed.error().text());
        templates_.emplace(std::move(name), std::move(*parsed));
    }
    assets_ = Data::map({{"fonts_css", html::static_url("styles/fonts.css")},
                         {"kern_css", html::static_url("kern/kern.css")},
                         {"portal_css", html::static_url("styles/portal.css")},
                         {"script", html::static_url("scripts/portal.js")},
                         {"icon", html::static_url("images/icon.svg")},
                         {"font", html::static_url("kern/fira-sans-400.woff2")}});
}

Result<std::string> Site::render(std::string_view name, const Data& data, Lang lang) const {
    const auto found = templates_.find(name);
    CHECK(found != templates_.end(), "no template " + std::string(name));
    html::DataModel model(data);
    return found->second.render(model, &texts(lang), [this](std::string_view partial) {
        const auto part = templates_.find(partial);
        return part == templates_.end() ? nullptr : &part->second;
    });
}

Result<std::string> Site::page(std::string_view name, const Data& data, const Frame& frame) const {
    SCHWARM_TRY(body, render(name, data, frame.lang));
    std::string title = frame.title;
    if (frame.has_errors) {
        title = text(frame.lang, "layout.error_title", {{"title", title}});
    }
    Data nav{Data::List{}};
    const auto entry = [&](const char* href, const char* key) {
        nav.add(Data::map({{"href", href},
                           {"label", text(frame.lang, key)},
                           {"current", frame.section == href}}));
    };
    entry("/", "nav.services");
    if (!frame.clerk && !frame.administrator) {
        entry("/vorgaenge", "nav.cases");
    }
    if (frame.clerk) {
        entry("/aufgaben", "nav.tasks");
    }
    if (frame.administrator) {
        entry("/betrieb", "nav.operation");
    }
    Data all = Data::map({{"lang", code_of(frame.lang)},
                          {"title", text(frame.lang, "layout.title", {{"title", title}})},
                          {"public", frame.open_to_search},
                          {"path", frame.path},
                          {"user", frame.user},
                          {"csrf", frame.csrf},
                          {"demo", frame.demo},
                          {"nav", nav},
                          {"back", frame.back},
                          {"back_label", frame.back_label},
                          {"notice", frame.notice},
                          {"body", Data::markup(std::move(body))}});
    for (const char* asset : {"fonts_css", "kern_css", "portal_css", "script", "icon", "font"}) {
        all.set(asset, *assets_.find(asset));
    }
    return render("layout", all, frame.lang);
}

std::string_view code_of(Lang lang) {
    return lang == Lang::en ? "en" : "de";
}

std::string show_date(Date date, Lang lang) {
    const CivilDate day = date.civil();
    if (lang == Lang::de) {
        return two(day.day) + "." + two(day.month) + "." + std::to_string(day.year);
    }
    static constexpr const char* kMonths[] = {"January",   "February", "March",    "April",
                                              "May",       "June",     "July",     "August",
                                              "September", "October",  "November", "December"};
    return std::to_string(day.day) + " " + kMonths[day.month - 1] + " " + std::to_string(day.year);
}

std::string show_day(Instant at, Lang lang) {
    return show_date(local(at).date, lang);
}

std::string show_time(Instant at, Lang lang) {
    const DateTime time = local(at);
    const std::string clock = two(time.time.hour()) + ":" + two(time.time.minute());
    return show_day(at, lang) + ", " + clock + (lang == Lang::de ? " Uhr" : "");
}

std::string show_euro(const Decimal& amount, Lang lang) {
    const std::string text = amount.abs().to_fixed(amount.is_integer() ? 0 : 2);
    const std::size_t point = std::min(text.find('.'), text.size());
    std::string out;
    for (std::size_t i = 0; i < point; ++i) {
        if (i > 0 && (point - i) % 3 == 0) {
            out += lang == Lang::de ? '.' : ',';
        }
        out += text[i];
    }
    if (point < text.size()) {
        out += lang == Lang::de ? ',' : '.';
        out += text.substr(point + 1);
    }
    const std::string sign = amount.is_negative() ? "-" : "";
    return lang == Lang::de ? sign + out + "\u00A0€" : sign + "€" + out;
}

Data paragraphs(std::string_view text) {
    return split(text, "\n\n");
}
Data lines(std::string_view text) {
    return split(text, "\n");
}

}  // namespace schwarm::portal
