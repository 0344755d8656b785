#include "search.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "members.hpp"
#include "schwarm/crypto/encode.hpp"

namespace schwarm::api::v2 {
namespace {

using Kind = Condition::Kind;

constexpr std::size_t kValuesMax = 1'000;
constexpr std::size_t kAlternativesMax = 100;

struct Operator {
    std::string_view name;
    Kind kind;
};
constexpr std::array kOperators = {
    Operator{"$eq", Kind::eq},    Operator{"$neq", Kind::neq}, Operator{"$exists", Kind::exists},
    Operator{"$gt", Kind::gt},    Operator{"$gte", Kind::gte}, Operator{"$lt", Kind::lt},
    Operator{"$lte", Kind::lte},  Operator{"$in", Kind::in},   Operator{"$notIn", Kind::not_in},
    Operator{"$like", Kind::like}};

Error wrong(std::string where, std::string reason) {
    return fail(ErrorCode::invalid_input, std::move(reason), std::move(where));
}

Result<FieldValue> read_value(const json::Value& value, const Field& field,
                              const std::string& where) {
    switch (field.type) {
        case FieldType::text:
            if (value.is_string()) return FieldValue(value.as_string());
            return wrong(where, "this must be a text");
        case FieldType::boolean:
            if (value.is_boolean()) return FieldValue(value.as_boolean());
            return wrong(where, "this must be true or false");
        case FieldType::integer:
            if (const auto number = value.as_int64()) return FieldValue(*number);
            return wrong(where, "this must be a whole number");
        case FieldType::key: {
            std::optional<std::uint64_t> key;
            if (value.is_string()) key = parse_key(value.as_string());
            if (value.is_number()) key = parse_key(value.number_text());
            if (key) return FieldValue(static_cast<std::int64_t>(*key));
            return wrong(where, "this must be a key");
        }
        case FieldType::time:
            if (value.is_string()) {
                if (const auto at = parse_time(value.as_string())) return time_field(*at);
            }
            return wrong(where, "this must be a time (2026-03-14T09:00:00Z)");
    }
    return wrong(where, "this cannot be compared");
}

Result<void> read_operand(Condition& condition, const json::Value& operand, const Field& field,
                          const std::string& where) {
    if (condition.kind == Kind::exists) {
        if (!operand.is_boolean()) return wrong(where, "this must be true or false");
        condition.values.emplace_back(operand.as_boolean());
        return {};
    }
    if (condition.kind == Kind::in || condition.kind == Kind::not_in) {
        if (!operand.is_array() || operand.items().size() > kValuesMax) {
            return wrong(where, "this must be a list of at most 1,000 values");
        }
        for (const auto& item : operand.items()) {
            SCHWARM_TRY(value, read_value(item, field, where));
            condition.values.push_back(std::move(value));
        }
        return {};
    }
    if (condition.kind == Kind::like && field.type != FieldType::text) {
        return wrong(where, "only texts have a pattern");
    }
    SCHWARM_TRY(value, read_value(operand, field, where));
    condition.values.push_back(std::move(value));
    return {};
}

Result<void> read_condition(const json::Value& member, const Field& field, std::size_t index,
                            const std::string& where, Conditions& out) {
    if (!member.is_object()) {
        SCHWARM_TRY(value, read_value(member, field, where));
        out.push_back({index, Kind::eq, {std::move(value)}});
        return {};
    }
    for (const auto& [name, operand] : member.members()) {
        const auto known = std::find_if(kOperators.begin(), kOperators.end(),
                                        [&](const Operator& o) { return o.name == name; });
        if (known == kOperators.end()) return wrong(where + "." + name, "this is no operator");
        Condition condition;
        condition.field = index;
        condition.kind = known->kind;
        SCHWARM_TRY_VOID(read_operand(condition, operand, field, where + "." + name));
        out.push_back(std::move(condition));
    }
    return {};
}

class FilterReader {
  public:
    FilterReader(std::span<const Field> fields, std::span<const std::string_view> extras,
                 Query& query)
        : fields_(fields), extras_(extras), query_(query) {}

    Result<void> read(const json::Value& filter) {
        query_.extras = json::Value::object();
        SCHWARM_TRY_VOID(read(filter, "filter", query_.all, true));
        return {};
    }

  private:
    Result<void> read(const json::Value& filter, const std::string& where, Conditions& out,
                      bool outermost) {
        if (!filter.is_object()) return wrong(where, "this must be an object");
        for (const auto& [name, member] : filter.members()) {
            if (member.is_null()) continue;
            if (name == "$or" && outermost) {
                SCHWARM_TRY_VOID(read_alternatives(member));
                continue;
            }
            const auto place = where + "." + name;
            const auto field = std::find_if(fields_.begin(), fields_.end(),
                                            [&](const Field& f) { return f.name == name; });
            if (field != fields_.end()) {
                const auto index = static_cast<std::size_t>(field - fields_.begin());
                SCHWARM_TRY_VOID(read_condition(member, *field, index, place, out));
            } else if (outermost &&
                       std::find(extras_.begin(), extras_.end(), name) != extras_.end()) {
                query_.extras.set(name, member);
            } else {
                return wrong(place, "there is no filter of this name");
            }
        }
        return {};
    }

    Result<void> read_alternatives(const json::Value& list) {
        if (!list.is_array() || list.items().empty() || list.items().size() > kAlternativesMax) {
            return wrong("filter.$or", "this must be a list of filters");
        }
        for (const auto& item : list.items()) {
            SCHWARM_TRY_VOID(read(item, "filter.$or", query_.any.emplace_back(), false));
        }
        return {};
    }

    std::span<const Field> fields_;
    std::span<const std::string_view> extras_;
    Query& query_;
};

Result<void> read_sort(const json::Value& list, std::span<const Field> fields, Query& query) {
    if (!list.is_array()) return wrong("sort", "this must be a list");
    for (const auto& item : list.items()) {
        const auto name = item.string_or("field", "");
        const auto order = item.string_or("order", "ASC");
        const auto field = std::find_if(fields.begin(), fields.end(), [&](const Field& f) {
            return f.sortable && f.name == name;
        });
        if (field == fields.end()) return wrong("sort.field", "'" + name + "' cannot be sorted by");
        const bool descending = order == "DESC" || order == "desc";
        if (!descending && order != "ASC" && order != "asc") {
            return wrong("sort.order", "this must be ASC or DESC");
        }
        query.sort.push_back({static_cast<std::size_t>(field - fields.begin()), descending});
    }
    return {};
}

Result<std::size_t> read_count(const json::Value& page, std::string_view name, std::size_t fallback,
                               std::size_t max) {
    const auto* member = page.find(name);
    if (member == nullptr || member->is_null()) return fallback;
    const auto value = member->as_int64();
    if (!value || *value < 0 || static_cast<std::uint64_t>(*value) > max) {
        return wrong("page." + std::string(name),
                     "this must be a whole number from 0 to " + std::to_string(max));
    }
    return static_cast<std::size_t>(*value);
}

Result<void> read_page(const json::Value& page, Query& query) {
    if (!page.is_object()) return wrong("page", "this must be an object");
    SCHWARM_TRY(from, read_count(page, "from", 0, INT32_MAX));
    SCHWARM_TRY(limit, read_count(page, "limit", query.limit, kPageMax));
    SCHWARM_TRY(after, text_member(page, "after"));
    SCHWARM_TRY(before, text_member(page, "before"));
    if (int{from > 0} + int{!after.empty()} + int{!before.empty()} > 1) {
        return wrong("page", "only one of from, after and before may be given");
    }
    query.from = from;
    query.limit = limit;
    query.after = std::move(after);
    query.before = std::move(before);
    return {};
}

// '*' any text, '?' one character, '\' takes the next one as it is.
bool is_like(std::string_view text, std::string_view pattern) {
    std::size_t t = 0;
    std::size_t p = 0;
    std::size_t star = std::string_view::npos;
    std::size_t retry = 0;
    while (t < text.size()) {
        std::size_t next = p;
        const bool escaped = p + 1 < pattern.size() && pattern[p] == '\\';
        if (escaped) ++next;
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            retry = t;
        } else if (next < pattern.size() &&
                   ((!escaped && pattern[next] == '?') || pattern[next] == text[t])) {
            p = next + 1;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++retry;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

bool holds(const Condition& condition, const FieldValue& value) {
    const bool is_null = std::holds_alternative<std::monostate>(value);
    const auto among = [&] {
        return std::find(condition.values.begin(), condition.values.end(), value) !=
               condition.values.end();
    };
    switch (condition.kind) {
        case Kind::eq:
            return value == condition.values[0];
        case Kind::neq:
            return value != condition.values[0];
        case Kind::exists:
            return is_null != std::get<bool>(condition.values[0]);
        case Kind::gt:
            return !is_null && value > condition.values[0];
        case Kind::gte:
            return !is_null && value >= condition.values[0];
        case Kind::lt:
            return !is_null && value < condition.values[0];
        case Kind::lte:
            return !is_null && value <= condition.values[0];
        case Kind::in:
            return among();
        case Kind::not_in:
            return !among();
        case Kind::like:
            return !is_null && is_like(std::get<std::string>(value),
                                       std::get<std::string>(condition.values[0]));
    }
    return false;
}

using SortKey = std::vector<FieldValue>;

// The sort values and at the end the unique column.
SortKey sort_key(const Query& query, std::size_t row, const ValueOf& value) {
    SortKey key;
    key.reserve(query.sort.size() + 1);
    for (const auto& sort : query.sort) key.push_back(value(row, sort.field));
    key.push_back(value(row, 0));
    return key;
}

bool is_before(const Query& query, const SortKey& a, const SortKey& b) {
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i] == b[i]) continue;
        const bool descending = i < query.sort.size() && query.sort[i].descending;
        return descending ? b[i] < a[i] : a[i] < b[i];
    }
    return false;
}

std::string cursor_of(const SortKey& key) {
    json::Writer out;
    out.begin_array();
    for (const auto& value : key) {
        if (const auto* flag = std::get_if<bool>(&value)) {
            out.value(*flag);
        } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
            out.value(*number);
        } else if (const auto* text = std::get_if<std::string>(&value)) {
            out.value(*text);
        } else {
            out.null();
        }
    }
    return encode_cursor(out.end_array().take());
}

Error wrong_cursor() {
    return fail(ErrorCode::invalid_input, "this is no cursor of this search", "page");
}

Result<SortKey> read_cursor(const std::string& cursor, const Query& query) {
    SCHWARM_TRY(bytes, decode_cursor(cursor));
    const auto parsed = json::parse(bytes);
    if (!parsed || !parsed->is_array() || parsed->items().size() != query.sort.size() + 1) {
        return wrong_cursor();
    }
    SortKey key;
    for (const auto& item : parsed->items()) {
        if (item.is_boolean()) {
            key.emplace_back(item.as_boolean());
        } else if (item.is_string()) {
            key.emplace_back(item.as_string());
        } else if (const auto number = item.as_int64()) {
            key.emplace_back(*number);
        } else {
            key.emplace_back();
        }
    }
    return key;
}

}  // namespace

std::string encode_cursor(std::string_view text) {
    auto encoded = crypto::base64url_encode(text);
    std::replace(encoded.begin(), encoded.end(), '-', '+');
    std::replace(encoded.begin(), encoded.end(), '_', '/');
    encoded.append((4 - encoded.size() % 4) % 4, '=');
    return encoded;
}

Result<std::string> decode_cursor(std::string cursor) {
    std::replace(cursor.begin(), cursor.end(), '+', '-');
    std::replace(cursor.begin(), cursor.end(), '/', '_');
    while (cursor.ends_with('=')) cursor.pop_back();
    auto bytes = crypto::base64url_decode(cursor);
    if (!bytes) return wrong_cursor();
    return std::move(*bytes);
}

Result<Query> parse_query(const json::Value& body, std::span<const Field> fields,
                          std::span<const std::string_view> extras) {
    Query query;
    for (const auto& [name, member] : body.members()) {
        if (member.is_null()) continue;
        if (name == "filter") {
            SCHWARM_TRY_VOID(FilterReader(fields, extras, query).read(member));
        } else if (name == "sort") {
            SCHWARM_TRY_VOID(read_sort(member, fields, query));
        } else if (name == "page") {
            SCHWARM_TRY_VOID(read_page(member, query));
        } else {
            return wrong(name, "a search has filter, sort and page only");
        }
    }
    return query;
}

bool matches(const Query& query, std::size_t row, const ValueOf& value) {
    const auto all_hold = [&](const Conditions& conditions) {
        return std::all_of(conditions.begin(), conditions.end(),
                           [&](const Condition& c) { return holds(c, value(row, c.field)); });
    };
    return all_hold(query.all) &&
           (query.any.empty() || std::any_of(query.any.begin(), query.any.end(), all_hold));
}

Result<Selection> select_rows(const Query& query, std::size_t count, const ValueOf& value) {
    std::vector<std::pair<SortKey, std::size_t>> found;
    for (std::size_t row = 0; row < count; ++row) {
        if (matches(query, row, value)) found.emplace_back(sort_key(query, row, value), row);
    }
    std::sort(found.begin(), found.end(),
              [&](const auto& a, const auto& b) { return is_before(query, a.first, b.first); });
    Selection out;
    out.total = found.size();
    std::size_t begin = std::min(query.from, found.size());
    std::size_t end = found.size();
    if (!query.after.empty()) {
        SCHWARM_TRY(cursor, read_cursor(query.after, query));
        while (begin < end && !is_before(query, cursor, found[begin].first)) ++begin;
    }
    if (!query.before.empty()) {
        SCHWARM_TRY(cursor, read_cursor(query.before, query));
        while (end > begin && !is_before(query, found[end - 1].first, cursor)) --end;
    }
    if (!query.before.empty() || query.from_end) begin = end - std::min(query.limit, end - begin);
    end = begin + std::min(query.limit, end - begin);
    out.at_begin = begin == 0;
    out.at_end = end == found.size();
    for (std::size_t i = begin; i < end; ++i) out.rows.push_back(found[i].second);
    if (begin < end) {
        out.start_cursor = cursor_of(found[begin].first);
        out.end_cursor = cursor_of(found[end - 1].first);
    }
    return out;
}

std::string search_json(const Selection& selection,
                        const std::function<void(std::size_t, json::Writer&)>& write_item) {
    json::Writer out;
    out.begin_object().name("items").begin_array();
    for (const auto row : selection.rows) write_item(row, out);
    out.end_array().name("page").begin_object();
    out.member("totalItems", selection.total)
        .member("hasMoreTotalItems", selection.more_than_total);
    write_text_or_null(out, "startCursor", selection.start_cursor);
    write_text_or_null(out, "endCursor", selection.end_cursor);
    out.end_object().end_object();
    return out.take();
}

}  // namespace schwarm::api::v2
