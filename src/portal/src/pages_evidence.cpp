// What registers gave out, for the person concerned: on the page of the case and in the cockpit.
#include <algorithm>
#include <span>

#include "pages.hpp"
#include "schwarm/html/escape.hpp"
#include "schwarm/services/document.hpp"

namespace schwarm::portal {
namespace {

constexpr std::size_t kRowsMax = 500;  // of one preview
constexpr int kDepthMax = 12;
constexpr std::size_t kTextMax = 4000;  // of what is nested deeper

std::string two(int number) {
    return (number < 10 ? "0" : "") + std::to_string(number);
}

// What other nodes send may be a word the translations do not know.
std::string text_or(const std::string& key, const std::string& other, Lang lang, const Site& site) {
    return site.texts(lang).find(key, {}) ? site.text(lang, key) : other;
}

// "monatlicher_betrag" is "Monatlicher betrag" unless the translations know better.
std::string word_label(std::string_view name, Lang lang, const Site& site) {
    std::string label(name);
    for (char& c : label) {
        if (c == '_') c = ' ';
    }
    if (!label.empty() && label[0] >= 'a' && label[0] <= 'z') {
        label[0] = static_cast<char>(label[0] - 'a' + 'A');
    }
    return text_or("evidence.field." + std::string(name), label, lang, site);
}

// Of a path ("anschrift.ort") each part.
std::string field_label(std::string_view name, Lang lang, const Site& site) {
    std::string out;
    for (std::size_t at = 0; at <= name.size();) {
        const std::size_t end = std::min(name.find('.', at), name.size());
        out += (at == 0 ? "" : ", ") + word_label(name.substr(at, end - at), lang, site);
        at = end + 1;
    }
    return out;
}

std::string scalar_text(const feel::Value& value, Lang lang, const Site& site) {
    switch (value.kind()) {
        case feel::Kind::null:
            return {};
        case feel::Kind::boolean:
            return site.text(lang, value.as_boolean() ? "evidence.yes" : "evidence.no");
        case feel::Kind::string: {
            const auto day = Date::parse(value.as_string());
            return day ? show_date(*day, lang) : std::string(value.as_string());
        }
        case feel::Kind::date:
            return show_date(value.as_date(), lang);
        case feel::Kind::date_time: {
            const DateTime at = value.as_date_time();
            return show_date(at.date, lang) + ", " + two(at.time.hour()) + ":" +
                   two(at.time.minute()) + (lang == Lang::de ? " Uhr" : "");
        }
        default:
            return lang == Lang::de ? services::display_text(value) : value.to_string(kTextMax);
    }
}

bool is_scalar(const feel::Value& value) {
    return !value.is_list() && !value.is_context();
}

// Nested contexts and lists become rows: "Anschrift, Ort"; "Kinder 2, Vornamen".
class Preview {
  public:
    Preview(Lang lang, const Site& site) : lang_(lang), site_(site) {}

    void add(const std::string& label, const feel::Value& value, int depth = 0) {
        if (full_) return;
        if (depth > kDepthMax) {
            row(label, value.to_string(kTextMax));
        } else if (value.is_context() && !value.as_context().empty()) {
            const std::string head = label.empty() ? "" : label + ", ";
            for (const auto& entry : value.as_context()) {
                add(head + field_label(entry.key.text(), lang_, site_), entry.value, depth + 1);
            }
        } else if (value.is_list()) {
            add_list(label, value.as_list(), depth);
        } else {
            row(label, value.is_context() ? std::string() : scalar_text(value, lang_, site_));
        }
    }
    const Data& rows() const { return rows_; }
    bool full() const { return full_; }

  private:
    void add_list(const std::string& label, std::span<const feel::Value> items, int depth) {
        if (std::all_of(items.begin(), items.end(), is_scalar)) {
            std::string text;
            for (const auto& item : items) {
                text += (text.empty() ? "" : ", ") + scalar_text(item, lang_, site_);
            }
            return row(label, std::move(text));
        }
        std::size_t number = 0;
        for (const auto& item : items) {
            add(label + (label.empty() ? "" : " ") + std::to_string(++number), item, depth + 1);
        }
    }
    void row(const std::string& label, std::string text) {
        full_ = count_ == kRowsMax;
        if (full_) return;
        ++count_;
        rows_.add(Data::map({{"label", label.empty() ? site_.text(lang_, "evidence.value") : label},
                             {"value", std::move(text)}}));
    }

    Lang lang_;
    const Site& site_;
    Data rows_{Data::List{}};
    std::size_t count_ = 0;
    bool full_ = false;
};

Data cockpit_rows(const std::vector<app::Retrieval>& retrievals, Lang lang, const Site& site) {
    Data out{Data::List{}};
    for (const app::Retrieval& retrieval : retrievals) {
        Data fields{Data::List{}};
        for (const std::string& name : retrieval.fields) {
            fields.add(Data(field_label(name, lang, site)));
        }
        out.add(Data::map({{"at", show_time(retrieval.at, lang)},
                           {"title", retrieval.title},
                           {"asker", retrieval.asker},
                           {"purpose", retrieval.purpose},
                           {"legal", retrieval.legal_basis},
                           {"fields", fields},
                           {"result", text_or("cockpit.result." + retrieval.result,
                                              retrieval.result, lang, site)},
                           {"reason", retrieval.reason}}));
    }
    return out;
}

}  // namespace

Data retrievals_data(const std::vector<app::OpenRetrieval>& retrievals, bool own,
                     const std::string& path, Lang lang, const Site& site) {
    Data out{Data::List{}};
    for (const app::OpenRetrieval& retrieval : retrievals) {
        const bool decide = own && retrieval.state == "person";
        Preview preview(lang, site);
        if (decide && !retrieval.data.is_null()) preview.add("", retrieval.data);
        const std::string prefix = own ? "evidence.waits." : "evidence.clerk.";
        out.add(Data::map(
            {{"title", retrieval.title},
             {"from", retrieval.from.empty() ? site.text(lang, "evidence.nobody") : retrieval.from},
             {"purpose", retrieval.purpose},
             {"legal", retrieval.legal_basis},
             {"since", show_time(retrieval.since, lang)},
             {"waits", site.text(lang, prefix + retrieval.state)},
             {"decide", decide},
             {"rows", preview.rows()},
             {"more", preview.full()},
             {"action", path + "/nachweise/" + html::url_encode(retrieval.id)}}));
    }
    return out;
}

Data cockpit_data(const app::IdentifiedPerson& person,
                  const std::vector<app::CockpitRegister>& registers, Lang lang, const Site& site) {
    Data list{Data::List{}};
    std::size_t silent = 0;
    for (const app::CockpitRegister& one : registers) {
        if (!one.answered) ++silent;
        list.add(Data::map({{"title", one.title},
                            {"authority", one.authority},
                            {"answered", one.answered},
                            {"reason", one.reason},
                            {"label", site.text(lang, "cockpit.table",
                                                {{"title", one.title + ", " + one.authority}})},
                            {"retrievals", cockpit_rows(one.retrievals, lang, site)}}));
    }
    const auto birth = Date::parse(person.birth_date);
    return Data::map(
        {{"name", person.given_names + " " + person.family_name},
         {"birth", birth ? show_date(*birth, lang) : person.birth_date},
         {"asked", site.text(lang, "cockpit.asked", {{"n", std::to_string(registers.size())}})},
         {"silent", silent == 0
                        ? std::string()
                        : site.text(lang, "cockpit.silent", {{"n", std::to_string(silent)}})},
         {"registers", list}});
}

}  // namespace schwarm::portal
