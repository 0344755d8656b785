// Searches of /v2: {filter, sort, page} -> {items, page}. One table of columns a family says what
// can be asked for; everything else is here.
//
//   constexpr std::array kColumns = {
//       Column<Row>{"processDefinitionKey", FieldType::key, [](const Row& r) { return key(r.key);
//       }}, Column<Row>{"name", FieldType::text, [](const Row& r) { return text(r.name); }}, ...};
//   search<Row>(call, answer, rows, kColumns, write_item);
//
// The first column is unique and decides between rows that are equal otherwise. Filters: a value
// (equality), or an object of $eq $neq $exists $gt $gte $lt $lte $in $notIn $like; "$or" a list of
// filters of which one must hold. Cursors hold the sort values of a row, so they stay good when
// rows come and go.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "call.hpp"

namespace schwarm::api::v2 {

enum class FieldType : std::uint8_t { text, key, integer, boolean, time };

// Null, or what the type says; keys, whole numbers and times (milliseconds) are numbers.
using FieldValue = std::variant<std::monostate, bool, std::int64_t, std::string>;
inline FieldValue key_field(std::uint64_t key) {
    return key == 0 ? FieldValue() : FieldValue(static_cast<std::int64_t>(key));
}
inline FieldValue text_field(std::string_view text) {
    return text.empty() ? FieldValue() : FieldValue(std::string(text));
}
inline FieldValue time_field(Instant at) {
    return FieldValue(static_cast<std::int64_t>(at.time_since_epoch().count()));
}

struct Field {
    std::string_view name;
    FieldType type = FieldType::text;
    bool sortable = true;
};

struct Condition {
    enum class Kind : std::uint8_t { eq, neq, exists, gt, gte, lt, lte, in, not_in, like };
    std::size_t field = 0;
    Kind kind = Kind::eq;
    std::vector<FieldValue> values;
};
using Conditions = std::vector<Condition>;  // all of them hold

struct Query {
    struct Sort {
        std::size_t field = 0;
        bool descending = false;
    };
    Conditions all;
    std::vector<Conditions> any;  // of "$or"; empty: no such condition
    std::vector<Sort> sort;
    std::size_t from = 0;
    std::size_t limit = 100;
    std::string after;  // cursors; at most one
    std::string before;
    bool from_end = false;  // the last page, if there is no cursor
    json::Value extras;     // members of the filter that the family reads itself
};

inline constexpr std::size_t kPageMax = 10'000;

// Errors: invalid_input, naming the member.
Result<Query> parse_query(const json::Value& body, std::span<const Field> fields,
                          std::span<const std::string_view> extras = {});

// value(row, field)
using ValueOf = std::function<FieldValue(std::size_t, std::size_t)>;
bool matches(const Query& query, std::size_t row, const ValueOf& value);

struct Selection {
    std::vector<std::size_t> rows;
    std::size_t total = 0;
    bool more_than_total = false;  // the family looked at a part only
    bool at_begin = true;          // nothing was found before the rows, or after them
    bool at_end = true;
    std::string start_cursor;  // empty if there are no rows
    std::string end_cursor;
};
Result<Selection> select_rows(const Query& query, std::size_t count, const ValueOf& value);

// Base64 with padding (RFC 4648 clause 4), as clients check it. Errors: invalid_input.
std::string encode_cursor(std::string_view text);
Result<std::string> decode_cursor(std::string cursor);

// {"items": [...], "page": {...}}
std::string search_json(const Selection& selection,
                        const std::function<void(std::size_t, json::Writer&)>& write_item);

template <class Row>
struct Column : Field {
    constexpr Column(std::string_view column, FieldType kind, FieldValue (*getter)(const Row&),
                     bool can_sort = true)
        : Field{column, kind, can_sort}, get(getter) {}
    FieldValue (*get)(const Row&);
};

// Reads the query from the body and answers the page.
template <class Row>
void search(const Call& call, const Answer& answer, const std::vector<Row>& rows,
            std::span<const Column<Row>> columns, void (*write_item)(const Row&, json::Writer&)) {
    const std::vector<Field> fields(columns.begin(), columns.end());
    const auto body = json_body(call);
    if (!body) return answer.problem(body.error());
    const auto query = parse_query(*body, fields);
    if (!query) return answer.problem(query.error());
    const auto selection = select_rows(
        *query, rows.size(),
        [&](std::size_t row, std::size_t field) { return columns[field].get(rows[row]); });
    if (!selection) return answer.problem(selection.error());
    answer.json(search_json(
        *selection, [&](std::size_t row, json::Writer& out) { write_item(rows[row], out); }));
}

}  // namespace schwarm::api::v2
