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
//   integer       true: whole numbers only (as decimalDigits 0)
// and per option "label_en".
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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
    textfield, textarea, number, date, checkbox, radio, select, checklist, file,
    text, separator, group, list,
};
std::string_view name_of(Kind kind);

struct Option {
    std::string value;
    Label label;
};

// One component of the schema. Plain data; expressions are numbers into the form that owns it.
struct Field {
    Kind kind = Kind::text;
    std::string key;   // name in the answers; empty for text, separator and a group without path
    std::string id;    // the component's id in the schema
    Label label;       // of a text: the text
    Label hint;        // form-js "description"
    Label help;        // longer, folded away
    Label item;        // of a list: one row
    std::string legal; // "§ 5 WoGG"
    std::string autocomplete;
    std::string inputmode;
    std::string prefix;
    std::string suffix;
    bool required = false;
    bool integer = false;
    std::optional<std::uint32_t> length_min;  // characters
    std::optional<std::uint32_t> length_max;
    std::optional<std::uint32_t> rows_min;    // of a list
    std::optional<std::uint32_t> rows_max;
    std::string pattern;                      // an XPath regular expression, as FEEL's matches()
    Label pattern_message;
    Label check_message;
    std::vector<Option> options;
    std::vector<Field> children;
    // Expressions of the owning form; -1: none.
    std::int32_t hide = -1;
    std::int32_t options_expression = -1;
    std::int32_t check = -1;
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
    // Known before the form: account, prefilled registers. FEEL sees these names beneath the answers.
    const feel::Value* known = nullptr;
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
    std::vector<FieldView> children;            // of a group
    std::vector<std::vector<FieldView>> rows;   // of a list
};

// One line of the summary before sending.
struct SummaryRow {
    std::string label;
    std::string value;   // empty: not answered
    std::string path;
};
struct SummarySection {
    std::string page;    // id, for the change link
    std::string title;   // page title, or "Person 2" for a row of a list
    bool top = true;     // false: a row of a list below the section before
    std::vector<SummaryRow> rows;
};

struct Limits {
    std::size_t schema_bytes_max = 512 * 1024;
    std::size_t fields_max = 1000;
    std::size_t depth_max = 8;
    std::size_t answer_bytes_max = 10'000;  // one answer
    std::size_t rows_max = 50;              // of a list, where the schema says nothing
};

// Immutable after parse(), thread-safe, cheap to move, not copyable.
class Form {
  public:
    // Reads and checks the schema. Error: "file: component KEY: reason".
    static Result<Form> parse(std::string_view json, std::string_view file,
                              const Limits& limits = {});
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
    std::vector<const Page*> reachable(const feel::Value& cleaned, const Context& context = {}) const;

    // The draft with the posted fields of one page put in: fields of other pages are kept, fields
    // of this page that were not posted (an empty checkbox) are cleared, unknown names are ignored.
    // Names "_add" = path and "_remove" = "path.index" add and remove a row of a list.
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
