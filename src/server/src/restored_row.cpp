#include "restored_row.hpp"

#include "schwarm/json/json.hpp"

namespace schwarm::server {

std::string RestoredRow::write() const {
    json::Writer out;
    out.begin_object();
    out.member("since", static_cast<std::int64_t>(since.time_since_epoch().count()));
    out.member("alone", alone).member("incarnation", incarnation).member("done", done);
    out.end_object();
    return out.take();
}

Result<RestoredRow> RestoredRow::read(std::string_view text) {
    const auto is_set = [](const json::Value& object, std::string_view name) {
        const json::Value* value = object.find(name);
        return value != nullptr && value->is_boolean() && value->as_boolean();
    };
    const auto value = json::parse(text);
    if (value.has_error() || !value->is_object() || value->int_or("incarnation", -1) < 0) {
        return fail(ErrorCode::corrupt, "the row that says of a restore is damaged");
    }
    RestoredRow out;
    out.since = Instant(std::chrono::milliseconds(value->int_or("since", 0)));
    out.alone = is_set(value.value(), "alone");
    out.incarnation = static_cast<std::uint64_t>(value->int_or("incarnation", 0));
    out.done = is_set(value.value(), "done");
    return out;
}

}  // namespace schwarm::server
