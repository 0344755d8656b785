#include "schwarm/services/document.hpp"

#include <array>
#include <utility>
#include <vector>

#include "schwarm/base/calendar.hpp"
#include "schwarm/feel/feel.hpp"

namespace schwarm::services {
namespace {

enum class Format : std::uint8_t { none, euro, zahl, prozent, datum, datum_lang, monat, ja_nein };

constexpr std::array<std::pair<std::string_view, Format>, 7> kFormats = {{
    {"euro", Format::euro},
    {"zahl", Format::zahl},
    {"prozent", Format::prozent},
    {"datum", Format::datum},
    {"datum_lang", Format::datum_lang},
    {"monat", Format::monat},
    {"ja_nein", Format::ja_nein},
}};

constexpr std::array<std::string_view, 12> kMonths = {
    "Januar", "Februar", "März",      "April",   "Mai",      "Juni",
    "Juli",   "August",  "September", "Oktober", "November", "Dezember"};

struct FeelCompiled final : html::Compiled {
    feel::Expression expression;
    Format format = Format::none;
};

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// Position of the last '|' outside of a string literal; FEEL itself has no such operator.
std::size_t format_bar(std::string_view text) {
    std::size_t found = std::string_view::npos;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (quoted && text[i] == '\\') {
            ++i;
        } else if (text[i] == '"') {
            quoted = !quoted;
        } else if (text[i] == '|' && !quoted) {
            found = i;
        }
    }
    return found;
}

class FeelLanguage final : public html::Language {
  public:
    explicit FeelLanguage(std::set<std::string, std::less<>> names) : names_(std::move(names)) {
        scope_.set_open();
        for (const auto& name : names_) scope_.add(name);
    }

    Result<std::unique_ptr<html::Compiled>> compile(std::string_view text) const override {
        auto compiled = std::make_unique<FeelCompiled>();
        if (const auto bar = format_bar(text); bar != std::string_view::npos) {
            const auto name = trim(text.substr(bar + 1));
            for (const auto& [known, format] : kFormats) {
                if (known == name) compiled->format = format;
            }
            if (compiled->format == Format::none) {
                return fail(ErrorCode::invalid_input,
                            "there is no format '" + std::string(name) + "'");
            }
            text = text.substr(0, bar);
        }
        SCHWARM_TRY(expression, feel::compile_expression(trim(text), scope_));
        for (const auto& name : expression.references()) {
            if (!names_.contains(name)) {
                return fail(ErrorCode::unresolved,
                            "'" + name + "' is given by no schwarm:notice task and bound nowhere");
            }
        }
        compiled->expression = std::move(expression);
        return std::unique_ptr<html::Compiled>(std::move(compiled));
    }

  private:
    std::set<std::string, std::less<>> names_;
    feel::NameScope scope_;
};

std::string with_thousands(std::string digits) {
    const std::size_t start = digits.starts_with('-') ? 1 : 0;
    auto point = digits.find('.');
    if (point != std::string::npos) {
        digits[point] = ',';
    } else {
        point = digits.size();
    }
    for (std::size_t i = point; i > start + 3; i -= 3) digits.insert(i - 3, 1, '.');
    return digits;
}

std::optional<Date> day_of(const feel::Value& value) {
    if (value.is_date()) return value.as_date();
    if (value.is_date_time()) return value.as_date_time().date;
    return std::nullopt;
}

std::string two(int n) {
    return (n < 10 ? "0" : "") + std::to_string(n);
}

std::string format_date(Date date, Format format) {
    const auto civil = date.civil();
    const auto year = std::to_string(civil.year);
    const std::string month(kMonths.at(static_cast<std::size_t>(civil.month - 1)));
    if (format == Format::monat) return month + " " + year;
    if (format == Format::datum_lang) {
        return std::to_string(civil.day) + ". " + month + " " + year;
    }
    return two(civil.day) + "." + two(civil.month) + "." + year;
}

Result<std::string> format_value(const feel::Value& value, Format format) {
    if (format == Format::none || value.is_null()) return display_text(value);
    const auto wrong = [&](std::string_view wanted) {
        return fail(ErrorCode::invalid_input, "the format needs " + std::string(wanted) + ", not " +
                                                  std::string(feel::name_of(value.kind())));
    };
    switch (format) {
        case Format::euro:
            if (!value.is_number()) return wrong("a number");
            return format_euro(value.as_number());
        case Format::zahl:
            if (!value.is_number()) return wrong("a number");
            return with_thousands(value.as_number().to_string());
        case Format::prozent: {
            if (!value.is_number()) return wrong("a number");
            const auto percent = multiply(value.as_number(), Decimal(100));
            if (!percent) return wrong("a smaller number");
            return with_thousands(percent->to_string()) + " %";
        }
        case Format::ja_nein:
            if (!value.is_boolean()) return wrong("true or false");
            return display_text(value);
        default: {
            const auto day = day_of(value);
            if (!day) return wrong("a date");
            return format_date(*day, format);
        }
    }
}

// FEEL over a stack of bound names; the entries of the scope are at the bottom.
class FeelModel final : public html::Model, private feel::Environment {
  public:
    explicit FeelModel(const feel::Value& scope) : scope_(scope) {}

    Result<html::Text> text(const html::Compiled& expression) override {
        const auto& compiled = static_cast<const FeelCompiled&>(expression);
        SCHWARM_TRY(formatted, format_value(run(compiled), compiled.format));
        return html::Text{std::move(formatted), false};
    }
    Result<bool> truth(const html::Compiled& expression) override {
        return run(static_cast<const FeelCompiled&>(expression)).is_true();
    }
    Result<std::size_t> open_list(const html::Compiled& expression,
                                  std::string_view name) override {
        Frame frame;
        frame.list = run(static_cast<const FeelCompiled&>(expression));
        frame.name = feel::Key(name);
        frame.index_name = feel::Key(std::string(name) + "_index");
        frame.last_name = feel::Key(std::string(name) + "_last");
        frame.is_list = true;
        if (!frame.list.is_null() && !frame.list.is_list()) {
            frame.list = feel::Value::list({frame.list});
        }
        const auto count = frame.list.is_null() ? 0 : frame.list.as_list().size();
        frames_.push_back(std::move(frame));
        return count;
    }
    void select(std::size_t index) override {
        auto& frame = frames_.back();
        const auto items = frame.list.as_list();
        frame.value = items[index];
        frame.index = feel::Value(static_cast<std::int64_t>(index + 1));
        frame.last = feel::Value(index + 1 == items.size());
    }
    Result<void> open_value(const html::Compiled& expression, std::string_view name) override {
        Frame frame;
        frame.value = run(static_cast<const FeelCompiled&>(expression));
        frame.name = feel::Key(name);
        frames_.push_back(std::move(frame));
        return {};
    }
    void close() override { frames_.pop_back(); }

  private:
    struct Frame {
        feel::Key name, index_name, last_name;
        feel::Value list, value, index, last;
        bool is_list = false;
    };

    const feel::Value* find(const feel::Key& name) const override {
        for (auto frame = frames_.rbegin(); frame != frames_.rend(); ++frame) {
            if (frame->name == name) return &frame->value;
            if (!frame->is_list) continue;
            if (frame->index_name == name) return &frame->index;
            if (frame->last_name == name) return &frame->last;
        }
        return scope_.is_context() ? scope_.as_context().find(name) : nullptr;
    }

    feel::Value run(const FeelCompiled& compiled) {
        feel::Evaluation evaluation(nullptr, nullptr, kLimits);
        return feel::evaluate(compiled.expression, *this, evaluation);
    }

    static constexpr feel::EvaluationLimits kLimits{1'000'000, 64, 100'000};
    const feel::Value& scope_;
    std::vector<Frame> frames_;
};

bool is_name_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Names a template binds itself: "#each list as x" and "> partial a=expr".
void add_bound_names(std::string_view source, std::set<std::string, std::less<>>& names) {
    for (auto at = source.find("{{"); at != std::string_view::npos;
         at = source.find("{{", at + 2)) {
        const auto end = source.find("}}", at);
        if (end == std::string_view::npos) return;
        const auto inside = trim(source.substr(at + 2, end - at - 2));
        if (inside.starts_with("#each")) {
            const auto as = inside.rfind(" as ");
            if (as == std::string_view::npos) continue;
            const std::string name(trim(inside.substr(as + 4)));
            names.insert({name, name + "_index", name + "_last"});
        } else if (inside.starts_with(">")) {
            for (auto equals = inside.find('='); equals != std::string_view::npos;
                 equals = inside.find('=', equals + 1)) {
                auto start = equals;
                while (start > 0 && is_name_char(inside[start - 1])) --start;
                if (start < equals) names.emplace(inside.substr(start, equals - start));
            }
        }
    }
}

}  // namespace

Result<DocumentTemplate> DocumentTemplate::parse(std::string file, std::string_view source,
                                                 const std::set<std::string, std::less<>>& names) {
    auto known = names;
    known.insert({"vorgang", "dokument", "behoerde"});
    add_bound_names(source, known);
    const FeelLanguage language(std::move(known));
    SCHWARM_TRY(parsed, html::Template::parse(std::move(file), source, language));
    return DocumentTemplate(std::move(parsed));
}

Result<std::string> DocumentTemplate::render(const feel::Value& scope, const html::Texts& texts,
                                             const html::Template::Partials& partials) const {
    FeelModel model(scope);
    return template_.render(model, &texts, partials);
}

namespace {
struct Amount {
    std::int64_t count;
    std::string_view one;
    std::string_view many;
};
// "1 Jahr, 6 Monate"; parts that are 0 are left out, all 0 gives the last one.
std::string in_words(std::initializer_list<Amount> parts) {
    std::string out;
    for (const auto& part : parts) {
        const bool last = &part == parts.end() - 1;
        if (part.count == 0 && !(last && out.empty())) continue;
        out += (out.empty() ? "" : ", ") + std::to_string(part.count) + " ";
        out += part.count == 1 || part.count == -1 ? part.one : part.many;
    }
    return out;
}
}  // namespace

std::string display_text(const feel::Value& value) {
    using feel::Kind;
    switch (value.kind()) {
        case Kind::null:
            return {};
        case Kind::boolean:
            return value.as_boolean() ? "ja" : "nein";
        case Kind::number: {
            auto text = value.as_number().to_string();
            if (const auto point = text.find('.'); point != std::string::npos) text[point] = ',';
            return text;
        }
        case Kind::date:
            return format_date(value.as_date(), Format::datum);
        case Kind::date_time: {
            const auto at = value.as_date_time();
            return format_date(at.date, Format::datum) + ", " + two(at.time.hour()) + ":" +
                   two(at.time.minute()) + " Uhr";
        }
        case Kind::years_months_duration: {
            const auto months = value.as_years_months().months;
            return in_words({{months / 12, "Jahr", "Jahre"}, {months % 12, "Monat", "Monate"}});
        }
        case Kind::days_time_duration: {
            const auto duration = value.as_days_time();
            if (duration.nanos != 0 || duration.seconds % kSecondsPerDay != 0) {
                return value.to_string();
            }
            return in_words({{duration.seconds / kSecondsPerDay, "Tag", "Tage"}});
        }
        case Kind::list: {
            std::string text;
            for (const auto& item : value.as_list()) {
                if (!text.empty()) text += ", ";
                text += display_text(item);
            }
            return text;
        }
        default:
            return value.to_string();
    }
}

std::string format_euro(const Decimal& amount) {
    return with_thousands(amount.is_integer() ? amount.to_string() : amount.to_fixed(2)) + " Euro";
}

namespace {
struct Reference {
    std::string_view name;
    std::string_view text;
};
constexpr std::array<Reference, 8> kReferences = {{{"amp", "&"},
                                                   {"lt", "<"},
                                                   {"gt", ">"},
                                                   {"quot", "\""},
                                                   {"#39", "'"},
                                                   {"nbsp", " "},
                                                   {"shy", ""},
                                                   {"sect", "§"}}};

// The text of the reference at the start of `html`, and how long it is; length 0: not one.
std::pair<std::string_view, std::size_t> reference_at(std::string_view html) {
    const auto semicolon = html.substr(0, 10).find(';');
    if (semicolon == std::string_view::npos) return {{}, 0};
    const auto name = html.substr(1, semicolon - 1);
    for (const auto& known : kReferences) {
        if (known.name == name) return {known.text, semicolon + 1};
    }
    return {{}, 0};
}
}  // namespace

std::string plain_text(std::string_view html) {
    std::string out;
    bool space = false;
    const auto put = [&](std::string_view text) {
        for (const char c : text) {
            if (c == ' ' || c == '\n' || c == '\t' || c == '\r') {
                space = true;
                continue;
            }
            if (space && !out.empty()) out += ' ';
            space = false;
            out += c;
        }
    };
    for (std::size_t i = 0; i < html.size();) {
        if (html[i] == '<') {
            const auto end = html.find('>', i);
            const auto tag = html.substr(i, 3);
            const bool inside_word = tag.starts_with("<b") || tag.starts_with("<i") ||
                                     tag.starts_with("<s") || tag.starts_with("<a") ||
                                     tag.starts_with("</b") || tag.starts_with("</i") ||
                                     tag.starts_with("</s") || tag.starts_with("</a");
            if (!inside_word || html.substr(i, 4) == "<br>" || html.substr(i, 3) == "<br") {
                space = true;
            }
            i = end == std::string_view::npos ? html.size() : end + 1;
        } else if (html[i] == '&') {
            const auto [text, length] = reference_at(html.substr(i));
            put(length == 0 ? "&" : text);
            if (text == " ") space = true;
            i += length == 0 ? 1 : length;
        } else if (html.substr(i, 2) == "\xC2\xA0") {
            space = true;
            i += 2;
        } else {
            put(html.substr(i, 1));
            ++i;
        }
    }
    return out;
}

}  // namespace schwarm::services
