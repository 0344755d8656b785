// What a compiled form consists of, and the helpers its parts share.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/feel/feel.hpp"
#include "schwarm/forms/form.hpp"

namespace schwarm::forms {

struct CompiledExpression {
    feel::Expression expression;
    std::vector<feel::Key> names;  // of expression.references(), in that order
};

struct Form::Impl {
    std::string id;
    Limits limits;
    std::vector<Field> fields;
    std::vector<Page> pages;
    std::vector<std::size_t> page_of;  // of each top-level field
    std::vector<CompiledExpression> expressions;

    const Page* page_named(std::string_view page_id) const {
        for (const Page& page : pages) {
            if (page.id == page_id) return &page;
        }
        return nullptr;
    }
};

// Answers collected so far, seen by conditions: those of this row or group first, then outwards,
// then what was known before.
class Scope {
  public:
    Scope(const Scope* outer, const feel::Value* known) : outer_(outer), known_(known) {}
    void set(const std::vector<feel::Key>& path, feel::Value value);
    feel::Value find(const feel::Key& name) const;
    // While a group with a path is being read, its answers are visible under its name.
    void open(const feel::Key* name, const Scope* inner) {
        open_name_ = name;
        open_scope_ = inner;
    }
    feel::Value snapshot() const;
    feel::Value build() { return builder_.build(); }

  private:
    feel::ContextBuilder builder_;
    const Scope* outer_;
    const feel::Value* known_;
    const feel::Key* open_name_ = nullptr;
    const Scope* open_scope_ = nullptr;
};

feel::Value run(const Form::Impl& form, std::int32_t expression, const Scope& scope,
                const Context& context, const feel::Value* answer = nullptr);
bool hidden(const Form::Impl& form, const Field& field, const Scope& scope, const Context& context);

// The options of a radio, select or checklist: of the schema, or of its expression.
std::vector<Option> options_of(const Form::Impl& form, const Field& field, const Scope& scope,
                               const Context& context);

// An answer by its path below a context; null if there is none.
feel::Value raw_at(const feel::Value& answers, const std::vector<feel::Key>& path);
feel::Value with_raw(const feel::Value& answers, const std::vector<feel::Key>& path,
                     std::size_t from, feel::Value value);

std::string join(std::string_view prefix, std::string_view key);
bool is_answer(Kind kind);

// --- conversion of what a person typed ---
std::string trimmed(std::string_view text);
std::optional<Decimal> read_number(std::string_view typed);
std::optional<Date> read_date(std::string_view typed);
// The whole number in a text of 1 to `digits` digits.
std::optional<int> read_digits(std::string_view typed, std::size_t digits);
int decimals_of(const Decimal& number);
// "1.234,5" or "1,234.5"; at least `decimals` digits after the point.
std::string show_number(const Decimal& number, Lang lang, std::optional<int> decimals);
std::string show_date(const Date& date, Lang lang);
// With prefix and suffix: "1.234,50 €".
std::string show_amount(const Field& field, const Decimal& number, Lang lang);

// --- messages ---
enum class Problem {
    required,
    confirm,
    choose,
    date_missing,
    text_kind,
    too_long,
    too_short,
    characters,
    pattern,
    email,
    phone,
    number,
    whole,
    decimals,
    min,
    max,
    date,
    date_part,
    date_min,
    date_max,
    option,
    rows_min,
    rows_max,
    check,
    iban,
    file,
};
std::string_view code_of(Problem problem);
std::string message(Problem problem, Lang lang, std::string_view label,
                    std::string_view limit = {});

}  // namespace schwarm::forms
