#include "schwarm/feel/value.hpp"

#include <array>
#include <mutex>
#include <unordered_map>

#include "schwarm/feel/function.hpp"

namespace schwarm::feel {

std::string_view name_of(Kind kind) {
    constexpr std::array<std::string_view, 13> kNames = {"null",
                                                         "boolean",
                                                         "number",
                                                         "string",
                                                         "date",
                                                         "time",
                                                         "date and time",
                                                         "days and time duration",
                                                         "years and months duration",
                                                         "list",
                                                         "context",
                                                         "range",
                                                         "function"};
    return kNames.at(static_cast<std::size_t>(kind));
}

std::uint64_t Key::hash_of(std::string_view text) {
    std::uint64_t h = 0xcbf2'9ce4'8422'2325ULL;
    for (const char c : text) {
        h ^= static_cast<std::uint8_t>(c);
        h *= 0x100'0000'01b3ULL;
    }
    return h ^ (h >> 31);
}

Key::Key(std::string_view text) : text_(new Text(text)) {}

Key Key::kept(std::string_view text) {
    static std::mutex mutex;
    static auto& kept = *new std::unordered_map<std::string_view, Key>();
    const std::lock_guard lock(mutex);
    const auto found = kept.find(text);
    if (found != kept.end()) return found->second;
    Key key(text);
    if (kept.size() >= kMaxKept) return key;
    key.text_->make_immortal();
    kept.emplace(key.text(), key);
    return key;
}

Value::Value(std::string value) : Value(Kind::string, new StringObject(std::move(value))) {}

Value::Value(const Time& value)
    : a_(static_cast<std::uint64_t>(value.nanos)),
      kind_(Kind::time),
      shared_(static_cast<std::uint8_t>(value.zone.kind)),
      zone_id_(value.zone.id),
      offset_(value.zone.offset_seconds) {}

Value::Value(const DateTime& value) : Value(value.time) {
    b_ = static_cast<std::uint64_t>(value.date.days);
    kind_ = Kind::date_time;
}

Value::Value(Range value) : Value(Kind::range, new RangeObject(std::move(value))) {
    if (is_too_large()) *this = Value();
}

Value::Value(std::unique_ptr<Function> function) : Value(Kind::function, function.release()) {}

Value Value::share(const Function& function) {
    function.retain();
    return Value(Kind::function, &function);
}

Value Value::list(List items) {
    Value out(Kind::list, new ListObject(std::move(items)));
    if (out.is_too_large()) return {};
    return out;
}

Value Value::context(std::initializer_list<std::pair<std::string_view, Value>> entries) {
    ContextBuilder builder;
    builder.reserve(entries.size());
    for (const auto& [name, value] : entries) builder.set(name, value);
    return builder.build();
}

Date Value::as_date() const {
    CHECK(is_date(), "not a date");
    return Date{static_cast<std::int64_t>(a_)};
}

Time Value::as_time() const {
    CHECK(is_time(), "not a time");
    return Time{static_cast<std::int64_t>(a_),
                Zone{static_cast<ZoneKind>(shared_), zone_id_, offset_}};
}

DateTime Value::as_date_time() const {
    CHECK(is_date_time(), "not a date and time");
    return DateTime{Date{static_cast<std::int64_t>(b_)},
                    Time{static_cast<std::int64_t>(a_),
                         Zone{static_cast<ZoneKind>(shared_), zone_id_, offset_}}};
}

DaysTime Value::as_days_time() const {
    CHECK(kind_ == Kind::days_time_duration, "not a days and time duration");
    return DaysTime{static_cast<std::int64_t>(a_), static_cast<std::int32_t>(b_)};
}

YearsMonths Value::as_years_months() const {
    CHECK(kind_ == Kind::years_months_duration, "not a years and months duration");
    return YearsMonths{static_cast<std::int64_t>(a_)};
}

const Function& Value::as_function() const {
    CHECK(is_function(), "not a function");
    return *static_cast<const Function*>(object());
}

Value Value::get(std::string_view path) const {
    if (!is_context()) return {};
    if (const Value* whole = as_context().find(path)) return *whole;
    const std::size_t dot = path.find('.');
    if (dot == std::string_view::npos) return {};
    const Value* step = as_context().find(path.substr(0, dot));
    return step == nullptr ? Value() : step->get(path.substr(dot + 1));
}

namespace {

bool same_context(const Context& a, const Context& b) {
    if (a.size() != b.size()) return false;
    for (const Context::Entry& entry : a) {
        const Value* theirs = b.find(entry.key);
        if (theirs == nullptr || !(*theirs == entry.value)) return false;
    }
    return true;
}

bool same_list(std::span<const Value> a, std::span<const Value> b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (!(a[i] == b[i])) return false;
    }
    return true;
}

}  // namespace

bool Value::operator==(const Value& other) const {
    if (kind_ != other.kind_) return false;
    if (shared_ == kSharedMark && other.shared_ == kSharedMark && a_ == other.a_) return true;
    switch (kind_) {
        case Kind::null:
            return true;
        case Kind::boolean:
            return a_ == other.a_;
        case Kind::number:
            return as_number() == other.as_number();
        case Kind::string:
            return as_string() == other.as_string();
        case Kind::date:
        case Kind::time:
        case Kind::date_time:
        case Kind::days_time_duration:
        case Kind::years_months_duration:
            return a_ == other.a_ && b_ == other.b_ && shared_ == other.shared_ &&
                   zone_id_ == other.zone_id_ && offset_ == other.offset_;
        case Kind::list:
            return same_list(as_list(), other.as_list());
        case Kind::context:
            return same_context(as_context(), other.as_context());
        case Kind::range: {
            const Range& a = as_range();
            const Range& b = other.as_range();
            return a.form == b.form && a.start == b.start && a.end == b.end &&
                   a.start_included == b.start_included && a.end_included == b.end_included;
        }
        case Kind::function:
            return false;
    }
    return false;
}

void Value::make_immortal() const {
    if (shared_ != kSharedMark || object()->is_immortal()) return;
    object()->make_immortal();
    if (is_list()) {
        for (const Value& item : as_list()) item.make_immortal();
    } else if (is_context()) {
        for (const Context::Entry& entry : as_context()) entry.value.make_immortal();
    } else if (is_range()) {
        as_range().start.make_immortal();
        as_range().end.make_immortal();
    }
}

}  // namespace schwarm::feel
