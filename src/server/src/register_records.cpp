#include "register_records.hpp"

#include <algorithm>
#include <future>

#include "private_file.hpp"
#include "schwarm/json/json.hpp"
#include "schwarm/storage_sqlite/foreign_table.hpp"

namespace schwarm::server {
namespace {

using Kind = services::RegisterSource::Kind;

constexpr std::size_t kFileBytesMax = std::size_t{64} << 20;

json::Limits limits() {
    json::Limits out;
    out.max_bytes = kFileBytesMax;
    out.max_depth = 16;
    return out;
}

// Those of a list of objects whose members equal the attributes.
Result<std::vector<json::Value>> matching(const json::Value& list, const json::Value& attributes,
                                          std::size_t most, const std::string& where) {
    if (!list.is_array()) {
        return fail(ErrorCode::invalid_input, "a list of records is needed", where);
    }
    std::vector<json::Value> out;
    for (const json::Value& record : list.items()) {
        if (!record.is_object()) {
            return fail(ErrorCode::invalid_input, "a record is an object", where);
        }
        const auto& wanted = attributes.members();
        const bool fits = std::all_of(wanted.begin(), wanted.end(), [&](const auto& member) {
            return member.second.is_string() &&
                   record.string_or(member.first, "") == member.second.as_string();
        });
        if (fits) out.push_back(record);
        if (out.size() == most) break;
    }
    return out;
}

Result<std::vector<json::Value>> from_file(const std::string& file, const json::Value& attributes,
                                           std::size_t most) {
    const auto text = read_file(file);
    if (text.has_error()) {
        return fail(ErrorCode::unavailable, "the register's file cannot be read", file);
    }
    SCHWARM_TRY(list, json::parse(text.value(), limits()));
    return matching(list, attributes, most, file);
}

Result<std::vector<json::Value>> from_table(const services::RegisterSource& source,
                                            const json::Value& attributes, std::size_t most) {
    std::vector<std::pair<std::string, std::string>> equals;
    for (const auto& [name, value] : attributes.members()) {
        if (!value.is_string()) {
            return fail(ErrorCode::invalid_input, "'" + name + "' is no text");
        }
        equals.emplace_back(name, value.as_string());
    }
    SCHWARM_TRY(rows, storage_sqlite::read_foreign_table(source.file, source.table, equals, most));
    std::vector<json::Value> out;
    for (const auto& row : rows) {
        json::Value record = json::Value::object();
        for (const auto& [name, value] : row) {
            // A column that holds a JSON list or object is one in the record.
            const bool nested = value.starts_with('[') || value.starts_with('{');
            auto parsed = nested ? json::parse(value, limits()) : Result<json::Value>(value);
            record.set(name, parsed.has_value() ? std::move(parsed.value()) : json::Value(value));
        }
        out.push_back(std::move(record));
    }
    return out;
}

}  // namespace

Result<std::vector<json::Value>> RegisterRecords::find(const services::RegisterSource& source,
                                                       const json::Value& attributes,
                                                       std::size_t most) {
    switch (source.kind) {
        case Kind::file:
            return from_file(source.file, attributes, most);
        case Kind::table:
            return from_table(source, attributes, most);
        case Kind::http:
            break;
        case Kind::none:
            return fail(ErrorCode::unsupported, "this register has no records");
    }
    if (client_ == nullptr) return fail(ErrorCode::unavailable, "the node is starting");
    auto promise = std::make_shared<std::promise<Result<net::Answer>>>();
    auto future = promise->get_future();
    client_->post({source.host, source.port, source.path, {source.key}}, "application/json",
                  json::to_string(attributes),
                  [promise](Result<net::Answer> answer) { promise->set_value(std::move(answer)); });
    SCHWARM_TRY(answer, future.get());
    if (answer.status != 200) {
        return fail(ErrorCode::unavailable,
                    "the register's service answered " + std::to_string(answer.status));
    }
    SCHWARM_TRY(list, json::parse(answer.body, limits()));
    return matching(list, attributes, most, source.host + source.path);
}

}  // namespace schwarm::server
