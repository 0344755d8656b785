#include <algorithm>

#include "pages.hpp"

namespace schwarm::portal {
namespace {

using forms::FieldView;
using forms::Kind;

bool choice(Kind kind) {
    return kind == Kind::radio || kind == Kind::checklist;
}

// Texts of forms are written in plain Markdown: paragraphs, "- " lists, "#" headings. Emphasis
// marks are dropped.
Data text_blocks(const std::string& text) {
    Data blocks{Data::List{}};
    std::string paragraph;
    Data items;
    const auto flush = [&] {
        if (!paragraph.empty()) {
            blocks.add(Data::map({{"text", paragraph}}));
            paragraph.clear();
        }
        if (items.truth()) {
            blocks.add(Data::map({{"items", items}}));
            items = Data();
        }
    };
    std::string_view rest = text;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        std::string line(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
        for (std::size_t at; (at = line.find("**")) != std::string::npos;) {
            line.erase(at, 2);
        }
        if (line.starts_with("- ") || line.starts_with("* ")) {
            if (!paragraph.empty()) {
                flush();
            }
            items.add(Data(line.substr(2)));
        } else if (line.starts_with("#")) {
            flush();
            blocks.add(Data::map(
                {{"heading", true}, {"text", line.substr(line.find_first_not_of("# "))}}));
        } else if (line.empty()) {
            flush();
        } else {
            if (items.truth()) {
                flush();
            }
            paragraph += (paragraph.empty() ? "" : " ") + line;
        }
    }
    flush();
    return blocks;
}

// The id of the element that gets the focus from the error summary.
std::string focus_id(const FieldView& view) {
    const std::string id = element_id(view.name);
    if (view.kind == Kind::date) {
        return id + "-tag";
    }
    if (choice(view.kind)) {
        return id + "-1";
    }
    return id;
}

const FieldView* find_view(const std::vector<FieldView>& views, std::string_view name) {
    for (const FieldView& view : views) {
        if (view.name == name) {
            return &view;
        }
        if (const FieldView* found = find_view(view.children, name)) {
            return found;
        }
        for (const auto& row : view.rows) {
            if (const FieldView* found = find_view(row, name)) {
                return found;
            }
        }
    }
    return nullptr;
}

void input_data(Data& data, const FieldView& view) {
    const forms::Field& field = *view.field;
    data.set("is_input", true).set("value", view.value);
    data.set("is_textarea", view.kind == Kind::textarea);
    std::string type = "text";
    std::string width;
    std::string inputmode = field.inputmode;
    if (view.kind == Kind::number) {
        width = "s-input--number";
        if (inputmode.empty()) {
            inputmode = field.decimals == 0 ? "numeric" : "decimal";
        }
    } else if (field.format == "email") {
        type = "email";
        data.set("no_spellcheck", true);
    } else if (field.format == "phone") {
        type = "tel";
        width = "s-input--medium";
    } else if (field.format == "iban") {
        data.set("no_spellcheck", true);
        width = "s-input--medium";
    } else if ((field.length_max && *field.length_max <= 10) ||
               field.autocomplete == "postal-code") {
        width = "s-input--short";
    }
    if (view.kind == Kind::textarea && field.length_max) {
        data.set("maxlength", std::to_string(*field.length_max));
    }
    data.set("type", type).set("width", width).set("inputmode", inputmode);
    data.set("prefix", field.prefix).set("suffix", field.suffix);
}

void date_data(Data& data, const FieldView& view, Lang lang, const Site& site) {
    data.set("is_date", true);
    data.set("day", view.day).set("month", view.month).set("year", view.year);
    if (view.field->autocomplete == "bday") {
        data.set("auto_day", "bday-day")
            .set("auto_month", "bday-month")
            .set("auto_year", "bday-year");
    }
    if (view.field->hint.empty()) {
        data.set("hint", site.text(lang, "form.date_example"));
    }
}

void list_data(Data& data, const FieldView& view, Lang lang, const Site& site) {
    const forms::Field& field = *view.field;
    const std::string item = field.item.empty() ? site.text(lang, "form.row") : field.item.in(lang);
    data.set("is_list", true).set("item", item).set("show_label", true);
    data.set("count", std::to_string(view.rows.size()));
    Data rows{Data::List{}};
    for (std::size_t i = 0; i < view.rows.size(); ++i) {
        const std::string name = view.name + "." + std::to_string(i);
        rows.add(Data::map({{"id", element_id(name)},
                            {"name", name},
                            {"title", item + " " + std::to_string(i + 1)},
                            {"removable", view.rows.size() > field.rows_min.value_or(0)},
                            {"fields", fields_data(view.rows[i], lang, site)}}));
    }
    data.set("rows", rows);
    data.set("may_add", view.rows.size() < field.rows_max.value_or(50));
}

}  // namespace

std::string element_id(std::string_view field_name) {
    std::string id = "f-";
    for (char c : field_name) {
        const bool plain =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        if (plain || c == '.') {
            id += plain ? c : '-';
        }
    }
    return id;
}

std::unordered_set<std::string> seen_fields(const forms::Posted& posted) {
    std::unordered_set<std::string> seen;
    for (const auto& [name, value] : posted) {
        if (name == "_shown") {
            seen.insert(value);
        } else if (name == "_rows") {
            seen.insert(value.substr(0, value.rfind(':')));
        } else {
            seen.insert(name);
            if (name.ends_with(".tag")) {
                seen.insert(name.substr(0, name.size() - 4));
            }
        }
    }
    return seen;
}

std::string first_unseen(const std::vector<FieldView>& views,
                         const std::unordered_set<std::string>& seen) {
    for (const FieldView& view : views) {
        const bool asks = view.kind != Kind::text && view.kind != Kind::separator &&
                          view.kind != Kind::group && view.kind != Kind::file;
        if (asks && !seen.contains(view.name)) {
            return view.name;
        }
        std::string inner = first_unseen(view.children, seen);
        for (std::size_t i = 0; i < view.rows.size() && inner.empty(); ++i) {
            inner = first_unseen(view.rows[i], seen);
        }
        if (!inner.empty()) {
            return inner;
        }
    }
    return {};
}

Data field_data(const FieldView& view, Lang lang, const Site& site) {
    const forms::Field& field = *view.field;
    const std::string id = element_id(view.name);
    Data data = Data::map({{"id", id}, {"name", view.name}, {"label", field.label.in(lang)}});
    data.set("error", view.error).set("hint", field.hint.in(lang)).set("legal", field.legal);
    data.set("help", paragraphs(field.help.in(lang)));
    data.set("autocomplete", field.autocomplete);
    const bool answer = view.kind != Kind::text && view.kind != Kind::separator &&
                        view.kind != Kind::group && view.kind != Kind::list;
    const std::string& label = field.label.in(lang);
    const bool says_so = label.ends_with(")");  // "(freiwillig)", "(if any)": it has its own word
    data.set("optional", answer && !field.required && view.kind != Kind::checkbox && !says_so);
    switch (view.kind) {
        case Kind::textfield:
        case Kind::textarea:
        case Kind::number:
            input_data(data, view);
            break;
        case Kind::date:
            date_data(data, view, lang, site);
            break;
        case Kind::checkbox:
            data.set("is_checkbox", true).set("checked", view.checked);
            data.set("has_notes",
                     !field.hint.empty() || !field.help.empty() || !field.legal.empty());
            break;
        case Kind::radio:
        case Kind::checklist:
        case Kind::select: {
            Data options{Data::List{}};
            std::size_t n = 0;
            for (const forms::OptionView& option : view.options) {
                options.add(Data::map({{"id", id + "-" + std::to_string(++n)},
                                       {"value", option.value},
                                       {"label", option.label},
                                       {"selected", option.selected}}));
            }
            data.set(view.kind == Kind::select ? "is_select" : "is_choice", true);
            data.set("is_radio", view.kind == Kind::radio).set("options", options);
            const bool is_short = std::all_of(
                view.options.begin(), view.options.end(),
                [](const forms::OptionView& option) { return option.label.size() <= 8; });
            data.set("horizontal", view.options.size() <= 3 && is_short);
            break;
        }
        case Kind::file:
            data.set("is_file", true);
            break;
        case Kind::text:
            data.set("is_text", true).set("blocks", text_blocks(field.label.in(lang)));
            break;
        case Kind::group:
            data.set("is_group", true).set("children", fields_data(view.children, lang, site));
            break;
        case Kind::list:
            list_data(data, view, lang, site);
            break;
        case Kind::separator:
            break;
    }
    std::string described;
    if (data.find("hint")->truth() || !field.legal.empty()) {
        described = id + "-hinweis";
    }
    if (!view.error.empty()) {
        described += (described.empty() ? "" : " ") + id + "-fehler";
    }
    data.set("describedby", described);
    return data;
}

Data fields_data(const std::vector<FieldView>& views, Lang lang, const Site& site,
                 std::string_view heading) {
    Data out{Data::List{}};
    for (const FieldView& view : views) {
        Data data = field_data(view, lang, site);
        if (view.kind == Kind::group && view.field->label.in(lang) == heading) {
            data.set("label", "");  // the page's heading says it already
        }
        out.add(std::move(data));
    }
    return out;
}

Data errors_data(const std::vector<forms::FieldError>& errors,
                 const std::vector<FieldView>& views) {
    Data out{Data::List{}};
    for (const forms::FieldError& error : errors) {
        const FieldView* view = find_view(views, error.path);
        out.add(Data::map({{"message", error.message},
                           {"target", view ? focus_id(*view) : element_id(error.path)}}));
    }
    return out;
}

Data sections_data(const std::vector<forms::SummarySection>& sections,
                   const std::function<std::string(const std::string& page)>& change) {
    Data out{Data::List{}};
    int number = 0;
    for (std::size_t i = 0; i < sections.size(); ++i) {
        const forms::SummarySection& section = sections[i];
        Data rows{Data::List{}};
        for (const forms::SummaryRow& row : section.rows) {
            rows.add(Data::map({{"label", row.label}, {"value", row.value}}));
        }
        Data data = Data::map({{"title", section.title}, {"top", section.top}, {"rows", rows}});
        if (section.top) {
            data.set("number", std::to_string(++number));
            data.set("id", "abschnitt-" + std::to_string(number));
            data.set("change", change ? change(section.page) : std::string());
        }
        out.add(std::move(data));
    }
    return out;
}

}  // namespace schwarm::portal
