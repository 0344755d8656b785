// A form in the form-js JSON schema (schemaVersion up to 19), compiled once: read, validated
// against, pruned, shown. One compiled form serves the pages of the portal and the JSON API, so an
// answer is judged by the same rules whichever way it comes.
//
// Answers travel as a FEEL context (feel::Value). A leaf may be as typed by a person ("1.234,56",
// {"tag":"3","monat":"2","jahr":"1990"}, "2024-02-03") or typed already (number, date, boolean);
// validate() turns either into the cleaned FEEL value. A draft is simply such a context, errors
// included, so that nothing a person typed is lost.
//
// Read beyond form-js itself (all below "properties", which form-js keeps and ignores):
//   page          on a top-level group: id of the page it opens; the group's label is its title.
//                 Components before the first page belong to page "1".
//   label_en description_en help help_en legal autocomplete inputmode
//   check         "=feel" that must be true, or the field is wrong; check_message(_en) says why
//   item item_en  on a dynamiclist: what one row is called ("Person")
//   format        of a textfield: email, phone, iban (with its check digits)
//   date_min date_max   of a date: "=feel" or "2024-01-01"
//   pattern_message(_en)  what a text that does not match validate.pattern should look like
// and per option "label_en". English texts may also come from the package's texts/en.json, keys
// form.<form>.<component key>[.description|.help|.<option value>] (docs/formats/package.md); the
// key of a component without one is its path or id.
//
// Conditions (conditional.hide, check, min, ...) are FEEL over the answers that stand before them
// in the form: in a row of a list first the row's own, then the rest. A hidden component takes its
// whole content with it, and its answers are dropped before anything else sees them.
//
// Numbers as typed: "1.234,56", "1234,56", "1234.56"; a single point before exactly three digits
// groups thousands ("1.234" is 1234); "1,234" has three decimals. Dates: the three inputs,
// "3.2.1990" or "1990-02-03".
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/feel/value.hpp"

namespace schwarm::forms {

enum class Lang : std::uint8_t { de, en };

// A text in both languages; English falls back to German.
struct Label {
    std::string de;
    std::string en;
    const std::string& in(Lang lang) const { return lang == Lang::en && !en.empty() ? en : de; }
    bool empty() const { return de.empty() && en.empty(); }
};

enum class Kind : std::uint8_t {
    textfield,
    textarea,
    number,
    date,
    checkbox,
    radio,
    select,
    checklist,
    file,
    text,
    separator,
    group,
    list,
};
std::string_view name_of(Kind kind);

struct Option {
    std::string value;  // as it stands in pages
    feel::Value typed;  // as it reaches the process: text, number or boolean of the schema
    Label label;
};

// One component of the schema. Plain data; expressions are numbers into the form that owns it.
struct Field {
    Kind kind = Kind::text;
    std::string key;  // name in the answers; empty for text, separator and a group without path
    std::vector<feel::Key> path;  // the key "a.b" as its steps
    std::string id;               // the component's id in the schema
    Label label;                  // of a text: the text
    Label hint;                   // form-js "description"
    Label help;                   // longer, folded away
    Label item;                   // of a list: one row
    std::string legal;            // "§ 5 WoGG"
    std::string autocomplete;
    std::string inputmode;
    std::string prefix;
    std::string suffix;
    bool required = false;
    std::optional<int> decimals;              // of a number: at most so many
    std::uint32_t rows_shown = 1;             // of a list that has no answers yet
    bool multiple = false;                    // of a file: several
    std::string accept;                       // of a file: ".pdf,.jpg"
    std::string format;                       // of a textfield: "", email, phone, iban
    std::optional<std::uint32_t> length_min;  // characters
    std::optional<std::uint32_t> length_max;
    std::optional<std::uint32_t> rows_min;  // of a list
    std::optional<std::uint32_t> rows_max;
    Label pattern_message;
    Label check_message;
    std::vector<Option> options;
    std::vector<Field> children;
    // Expressions of the owning form; -1: none.
    std::int32_t hide = -1;
    std::int32_t options_expression = -1;
    std::int32_t check = -1;
    std::int32_t pattern = -1;  // matches(wert, ...)
    std::int32_t number_min = -1;
    std::int32_t number_max = -1;
    std::int32_t date_min = -1;
    std::int32_t date_max = -1;
};

struct Page {
    std::string id;
    Label title;
    std::vector<std::size_t> fields;  // indices of top-level fields
};

// What is wrong with one answer.
struct FieldError {
    std::string path;     // "mitglieder.0.geburtsdatum"
    std::string page;     // id of the page it stands on
    std::string label;    // of the field, in the language asked for
    std::string code;     // "required", "number", "date", "pattern", "min", "max", "length", ...
    std::string message;  // a sentence that says what to do
};

struct Validation {
    // Hidden and unknown answers dropped, the rest converted: numbers, dates, booleans, lists.
    // Wrong answers are missing from it.
    feel::Value cleaned;
    std::vector<FieldError> errors;  // in the order of the form
    bool ok() const { return errors.empty(); }
};

struct Context {
    Lang lang = Lang::de;
    // Known before the form: account, prefilled registers. FEEL sees these names beneath the
    // answers.
    const feel::Value* known = nullptr;
    // For now() and today() in conditions; null: they are FEEL null.
    const Clock* clock = nullptr;
};

// One name=value pair of a posted browser form. Names are paths as FieldView::name has them.
using Posted = std::vector<std::pair<std::string, std::string>>;

// A field made ready to be shown.
struct OptionView {
    std::string value;
    std::string label;
    bool selected = false;
};
struct FieldView {
    Kind kind = Kind::text;
    const Field* field = nullptr;  // owned by the form
    std::string name;              // path, "mitglieder.0.name"; also the base of element ids
    std::string value;             // as typed, or formatted in the language
    std::string day, month, year;  // of a date
    bool checked = false;          // of a checkbox
    std::string error;             // empty: none
    std::vector<OptionView> options;
    std::vector<FieldView> children;           // of a group
    std::vector<std::vector<FieldView>> rows;  // of a list
};

// One line of the summary before sending.
struct SummaryRow {
    std::string label;
    std::string value;  // empty: not answered
    std::string path;
};
struct SummarySection {
    std::string page;   // id, for the change link
    std::string title;  // page title, or "Person 2" for a row of a list
    bool top = true;    // false: a row of a list below the section before
    std::vector<SummaryRow> rows;
};

struct Limits {
    std::size_t schema_bytes_max = 512 * 1024;
    std::size_t fields_max = 1000;
    std::size_t depth_max = 8;
    std::size_t answer_bytes_max = 10'000;  // one answer
    std::size_t rows_max = 50;              // of a list, where the schema says nothing
};

struct ParseOptions {
    Limits limits;
    // Answers the English text of a key, empty if there is none.
    std::function<std::string(std::string_view key)> english;
    // Names that conditions may use beside the answers of the form (of a task's form: the variables
    // of the process). Without a value any other name is allowed.
    std::optional<std::vector<std::string>> known_names;
};

// Immutable after parse(), thread-safe, cheap to move, not copyable.
class Form {
  public:
    // Reads and checks the schema. Error: "file: component KEY: reason".
    static Result<Form> parse(std::string_view json, std::string_view file,
                              const ParseOptions& options = {});
    Form(Form&&) noexcept;
    Form& operator=(Form&&) noexcept;
    ~Form();

    const std::string& id() const;
    const std::vector<Page>& pages() const;
    const std::vector<Field>& fields() const;
    // Null if there is none.
    const Page* page(std::string_view id) const;

    // Judges all answers. Never fails: what cannot be read is an error of its field.
    Validation validate(const feel::Value& answers, const Context& context = {}) const;

    // The pages that have something to show for these (cleaned) answers, in order.
    std::vector<const Page*> reachable(const feel::Value& cleaned,
                                       const Context& context = {}) const;

    // The draft with the posted fields of one page put in. Fields of other pages, and fields that
    // were not on the posted page because they were hidden, are kept; unknown names are ignored.
    //   "_shown" = path    a checkbox, radio or checklist was there: nothing posted means empty
    //   "_rows" = path:n   a list was there with n rows
    //   "_add" = path, "_remove" = path.index   adds or removes a row of a list
    // Fails with limit_exceeded.
    Result<feel::Value> merge(const feel::Value& draft, const Page& page,
                              const Posted& posted) const;

    // One page made ready to show: answers as typed from the draft, visibility and options from the
    // cleaned answers, the errors at their fields.
    std::vector<FieldView> view(const Page& page, const feel::Value& draft,
                                const Validation& validation, const Context& context = {}) const;

    // All reachable answers in words.
    std::vector<SummarySection> summary(const feel::Value& cleaned,
                                        const Context& context = {}) const;

    struct Impl;

  private:
    explicit Form(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace schwarm::forms
