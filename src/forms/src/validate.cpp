#include <algorithm>

#include "impl.hpp"
#include "schwarm/base/utf8.hpp"
#include "schwarm/feel/operations.hpp"

namespace schwarm::forms {
namespace {

using feel::Value;

// What one answer became: a value, nothing (not answered), or a problem with it.
struct Read {
    Value value;
    std::optional<Problem> problem;
    std::string limit;

    static Read wrong(Problem problem, std::string limit = {}) {
        return {Value(), problem, std::move(limit)};
    }
};

bool plausible_email(std::string_view text) {
    const std::size_t at = text.find('@');
    if (at == std::string_view::npos || at == 0 || at > 64 || text.size() > 254 ||
        text.find('@', at + 1) != std::string_view::npos ||
        text.find_first_of(" \t\r\n<>,;\"()") != std::string_view::npos) {
        return false;
    }
    const std::string_view host = text.substr(at + 1);
    const std::size_t dot = host.rfind('.');
    return dot != std::string_view::npos && dot > 0 && host.size() - dot > 2 &&
           host.find("..") == std::string_view::npos && host.front() != '.';
}

bool plausible_phone(std::string_view text) {
    std::size_t digits = 0;
    for (char c : text) {
        if (c >= '0' && c <= '9') {
            ++digits;
        } else if (std::string_view(" +-/().").find(c) == std::string_view::npos) {
            return false;
        }
    }
    return digits >= 6 && digits <= 17;
}

// Without spaces and in capitals; empty if the check digits (ISO 7064 mod 97-10) are wrong.
std::string checked_iban(std::string_view text) {
    std::string iban;
    for (char c : text) {
        if (c == ' ' || c == '-') {
            continue;
        }
        iban += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    if (iban.size() < 15 || iban.size() > 34 || (iban.starts_with("DE") && iban.size() != 22)) {
        return {};
    }
    int remainder = 0;
    for (std::size_t i = 0; i < iban.size(); ++i) {
        const char c = iban[(i + 4) % iban.size()];
        if (c >= '0' && c <= '9') {
            remainder = (remainder * 10 + (c - '0')) % 97;
        } else if (c >= 'A' && c <= 'Z') {
            remainder = (remainder * 100 + (c - 'A' + 10)) % 97;
        } else {
            return {};
        }
    }
    return remainder == 1 ? iban : std::string();
}

// Line breaks become \n; nothing else below a space may stand in a text.
bool clean_text(std::string& text, bool lines) {
    if (!utf8::is_valid(text)) {
        return false;
    }
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c == '\r') {
            if (i + 1 == text.size() || text[i + 1] != '\n') {
                out += '\n';
            }
        } else if (c == '\t') {
            out += ' ';
        } else if (c == 0x7F || (c < 0x20 && !(c == '\n' && lines))) {
            return false;
        } else {
            out += text[i];
        }
    }
    text = std::move(out);
    return true;
}

class Validator {
  public:
    Validator(const Form::Impl& form, const Context& context, Validation& out)
        : form_(form), context_(context), out_(out) {}

    void fields(const std::vector<Field>& fields, const Value& answers, Scope& scope,
                const std::string& prefix) {
        for (const Field& field : fields) {
            one(field, answers, scope, prefix);
        }
    }

    void top(const Value& answers, Scope& scope) {
        for (std::size_t i = 0; i < form_.fields.size(); ++i) {
            page_ = &form_.pages[form_.page_of[i]].id;
            one(form_.fields[i], answers, scope, {});
        }
    }

  private:
    void one(const Field& field, const Value& answers, Scope& scope, const std::string& prefix) {
        if (field.kind == Kind::text || field.kind == Kind::separator ||
            hidden(form_, field, scope, context_)) {
            return;
        }
        if (field.kind == Kind::group) {
            group(field, answers, scope, prefix);
            return;
        }
        const Value raw = raw_at(answers, field.path);
        if (field.kind == Kind::list) {
            list(field, raw, scope, prefix);
            return;
        }
        Read read = answer(field, raw, scope);
        if (!read.problem && !read.value.is_null() && field.check >= 0 &&
            !run(form_, field.check, scope, context_, &read.value).is_true()) {
            read.problem = Problem::check;
        }
        if (read.problem) {
            report(field, join(prefix, field.key), *read.problem, read.limit);
        } else if (!read.value.is_null()) {
            scope.set(field.path, std::move(read.value));
        }
    }

    void group(const Field& field, const Value& answers, Scope& scope, const std::string& prefix) {
        if (field.key.empty()) {
            fields(field.children, answers, scope, prefix);
            return;
        }
        Scope inner(&scope, nullptr);
        scope.open(&field.path.front(), &inner);
        fields(field.children, raw_at(answers, field.path), inner, join(prefix, field.key));
        scope.open(nullptr, nullptr);
        scope.set(field.path, inner.build());
    }

    void list(const Field& field, const Value& raw, Scope& scope, const std::string& prefix) {
        const std::string path = join(prefix, field.key);
        const std::size_t most =
            field.rows_max.value_or(static_cast<std::uint32_t>(form_.limits.rows_max));
        Value::List rows;
        const auto given = raw.is_list() ? raw.as_list() : std::span<const Value>();
        if (given.size() > most) {
            report(field, path, Problem::rows_max, std::to_string(most));
            return;
        }
        for (std::size_t i = 0; i < given.size(); ++i) {
            Scope inner(&scope, nullptr);
            fields(field.children, given[i], inner, join(path, std::to_string(i)));
            rows.push_back(inner.build());
        }
        const std::size_t least =
            std::max<std::size_t>(field.rows_min.value_or(0), field.required ? 1 : 0);
        if (rows.size() < least) {
            report(field, path, Problem::rows_min, std::to_string(least));
        }
        Value value = Value::list(std::move(rows));
        if (field.check >= 0 && !run(form_, field.check, scope, context_, &value).is_true()) {
            report(field, path, Problem::check, {});
        }
        scope.set(field.path, std::move(value));
    }

    Read answer(const Field& field, const Value& raw, const Scope& scope) {
        switch (field.kind) {
            case Kind::textfield:
            case Kind::textarea:
                return text(field, raw, scope);
            case Kind::number:
                return number(field, raw, scope);
            case Kind::date:
                return date(field, raw, scope);
            case Kind::checkbox:
                return checkbox(field, raw);
            case Kind::radio:
            case Kind::select:
                return choice(field, raw, scope);
            case Kind::checklist:
                return choices(field, raw, scope);
            case Kind::file:
                return file(field, raw);
            default:
                return {};
        }
    }

    static Read missing(const Field& field, Problem problem) {
        return field.required ? Read::wrong(problem) : Read{};
    }

    Read text(const Field& field, const Value& raw, const Scope& scope) {
        if (raw.is_null()) {
            return missing(field, Problem::required);
        }
        if (!raw.is_string()) {
            return Read::wrong(Problem::text_kind);
        }
        if (raw.as_string().size() > form_.limits.answer_bytes_max) {
            return Read::wrong(Problem::too_long,
                               std::to_string(field.length_max.value_or(
                                   static_cast<std::uint32_t>(form_.limits.answer_bytes_max))));
        }
        std::string text = trimmed(raw.as_string());
        if (text.empty()) {
            return missing(field, Problem::required);
        }
        if (!clean_text(text, field.kind == Kind::textarea)) {
            return Read::wrong(Problem::characters);
        }
        const std::size_t length = utf8::length(text);
        if (field.length_max && length > *field.length_max) {
            return Read::wrong(Problem::too_long, std::to_string(*field.length_max));
        }
        if (field.length_min && length < *field.length_min) {
            return Read::wrong(Problem::too_short, std::to_string(*field.length_min));
        }
        if (field.format == "email" && !plausible_email(text)) {
            return Read::wrong(Problem::email);
        }
        if (field.format == "phone" && !plausible_phone(text)) {
            return Read::wrong(Problem::phone);
        }
        if (field.format == "iban") {
            text = checked_iban(text);
            if (text.empty()) {
                return Read::wrong(Problem::iban);
            }
        }
        Value value(std::move(text));
        if (field.pattern >= 0 && !run(form_, field.pattern, scope, context_, &value).is_true()) {
            return Read::wrong(Problem::pattern);
        }
        return {std::move(value), std::nullopt, {}};
    }

    Read number(const Field& field, const Value& raw, const Scope& scope) {
        std::optional<Decimal> number;
        if (raw.is_number()) {
            number = raw.as_number();
        } else if (raw.is_string()) {
            if (trimmed(raw.as_string()).empty()) {
                return missing(field, Problem::required);
            }
            number = read_number(raw.as_string());
        } else if (raw.is_null()) {
            return missing(field, Problem::required);
        }
        if (!number) {
            return Read::wrong(Problem::number);
        }
        if (field.decimals && decimals_of(*number) > *field.decimals) {
            return *field.decimals == 0
                       ? Read::wrong(Problem::whole)
                       : Read::wrong(Problem::decimals, std::to_string(*field.decimals));
        }
        for (const bool upper : {false, true}) {
            const std::int32_t rule = upper ? field.number_max : field.number_min;
            const Value limit = rule >= 0 ? run(form_, rule, scope, context_) : Value();
            if (limit.is_number() &&
                (upper ? *number > limit.as_number() : *number < limit.as_number())) {
                return Read::wrong(upper ? Problem::max : Problem::min,
                                   show_amount(field, limit.as_number(), context_.lang));
            }
        }
        return {Value(*number), std::nullopt, {}};
    }

    // Day, month and year as typed.
    static std::optional<Date> from_parts(const Value& raw, bool& empty, bool& partial) {
        const auto part = [&](std::string_view name) {
            const Value value = raw.get(name);
            return value.is_null() ? std::string() : trimmed(value.to_string());
        };
        const std::string day = part("tag");
        const std::string month = part("monat");
        const std::string year = part("jahr");
        empty = day.empty() && month.empty() && year.empty();
        const auto d = read_digits(day, 2);
        const auto m = read_digits(month, 2);
        const auto y = read_digits(year, 4);
        partial = !d || !m || !y || *y < 1000;
        return partial ? std::nullopt : Date::from_civil(*y, *m, *d);
    }

    Read date(const Field& field, const Value& raw, const Scope& scope) {
        std::optional<Date> date;
        bool partial = false;
        if (raw.is_date()) {
            date = raw.as_date();
        } else if (raw.is_context()) {
            bool empty = false;
            date = from_parts(raw, empty, partial);
            if (empty) {
                return missing(field, Problem::date_missing);
            }
        } else if (raw.is_string() && !trimmed(raw.as_string()).empty()) {
            date = read_date(raw.as_string());
        } else if (raw.is_null() || raw.is_string()) {
            return missing(field, Problem::date_missing);
        }
        if (!date || date->civil().year < 1000 || date->civil().year > 9999) {
            return Read::wrong(partial ? Problem::date_part : Problem::date);
        }
        for (const bool upper : {false, true}) {
            const std::int32_t rule = upper ? field.date_max : field.date_min;
            const Value limit = rule >= 0 ? run(form_, rule, scope, context_) : Value();
            if (limit.is_date() && (upper ? *date > limit.as_date() : *date < limit.as_date())) {
                return Read::wrong(upper ? Problem::date_max : Problem::date_min,
                                   show_date(limit.as_date(), context_.lang));
            }
        }
        return {Value(*date), std::nullopt, {}};
    }

    static Read checkbox(const Field& field, const Value& raw) {
        bool checked = raw.is_true();
        if (raw.is_string()) {
            const std::string_view text = raw.as_string();
            checked = text == "true" || text == "on" || text == "ja";
        }
        if (field.required && !checked) {
            return Read::wrong(Problem::confirm);
        }
        return {Value(checked), std::nullopt, {}};
    }

    static std::string option_text(const Value& raw) {
        return raw.is_string() || raw.is_number() || raw.is_boolean() ? raw.to_string()
                                                                      : std::string();
    }

    Read choice(const Field& field, const Value& raw, const Scope& scope) {
        const std::string text = option_text(raw);
        if (text.empty()) {
            return raw.is_null() || raw.is_string() ? missing(field, Problem::choose)
                                                    : Read::wrong(Problem::option);
        }
        return chosen(field, text, scope);
    }

    Read chosen(const Field& field, const std::string& text, const Scope& scope) {
        if (field.options_expression < 0) {
            for (const Option& option : field.options) {
                if (option.value == text) {
                    return {option.typed, std::nullopt, {}};
                }
            }
            return Read::wrong(Problem::option);
        }
        for (const Option& option : options_of(form_, field, scope, context_)) {
            if (option.value == text) {
                return {option.typed, std::nullopt, {}};
            }
        }
        return Read::wrong(Problem::option);
    }

    Read choices(const Field& field, const Value& raw, const Scope& scope) {
        Value::List chosen_values;
        if (!raw.is_list() && !raw.is_null()) {
            return Read::wrong(Problem::option);
        }
        const auto given = raw.is_list() ? raw.as_list() : std::span<const Value>();
        for (const Value& item : given) {
            Read read = chosen(field, option_text(item), scope);
            if (read.problem) {
                return read;
            }
            if (std::find(chosen_values.begin(), chosen_values.end(), read.value) ==
                chosen_values.end()) {
                chosen_values.push_back(std::move(read.value));
            }
        }
        if (chosen_values.empty() && field.required) {
            return Read::wrong(Problem::choose);
        }
        return {Value::list(std::move(chosen_values)), std::nullopt, {}};
    }

    static Read file(const Field& field, const Value& raw) {
        const bool empty = raw.is_null() || (raw.is_list() && raw.as_list().empty()) ||
                           (raw.is_string() && raw.as_string().empty());
        if (empty) {
            return missing(field, Problem::file);
        }
        if (!raw.is_list()) {
            return Read::wrong(Problem::file);
        }
        for (const Value& item : raw.as_list()) {
            if (!item.is_context()) {
                return Read::wrong(Problem::file);
            }
        }
        return {raw, std::nullopt, {}};
    }

    void report(const Field& field, std::string path, Problem problem, const std::string& limit) {
        FieldError error;
        error.path = std::move(path);
        error.page = page_ ? *page_ : std::string();
        error.label = field.label.in(context_.lang);
        error.code = std::string(code_of(problem));
        static const Label kNone;
        const Label& own = problem == Problem::check     ? field.check_message
                           : problem == Problem::pattern ? field.pattern_message
                                                         : kNone;
        error.message = own.empty() ? message(problem, context_.lang, error.label, limit)
                                    : own.in(context_.lang);
        out_.errors.push_back(std::move(error));
    }

    const Form::Impl& form_;
    const Context& context_;
    Validation& out_;
    const std::string* page_ = nullptr;
};

}  // namespace

Validation Form::validate(const feel::Value& answers, const Context& context) const {
    Validation out;
    Scope scope(nullptr, context.known);
    Validator(*impl_, context, out).top(answers, scope);
    out.cleaned = scope.build();
    return out;
}

}  // namespace schwarm::forms
