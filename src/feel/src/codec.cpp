#include "schwarm/feel/codec.hpp"

#include "schwarm/base/binary.hpp"
#include "schwarm/base/utf8.hpp"

namespace schwarm::feel {

void write_json(const Value& value, json::Writer& writer) {
    switch (value.kind()) {
        case Kind::null:
        case Kind::function:
            writer.null();
            break;
        case Kind::boolean:
            writer.boolean(value.as_boolean());
            break;
        case Kind::number:
            writer.number(value.as_number().to_short_string());
            break;
        case Kind::list:
            writer.begin_array();
            for (const Value& item : value.as_list()) write_json(item, writer);
            writer.end_array();
            break;
        case Kind::context:
            writer.begin_object();
            for (const Context::Entry& entry : value.as_context()) {
                writer.name(entry.key.text());
                write_json(entry.value, writer);
            }
            writer.end_object();
            break;
        case Kind::string:
            writer.value(value.as_string());
            break;
        default:
            writer.value(value.to_string());
            break;
    }
}

std::string to_json_text(const Value& value) {
    json::Writer writer;
    write_json(value, writer);
    return writer.take();
}

json::Value to_json(const Value& value) {
    switch (value.kind()) {
        case Kind::null:
        case Kind::function:
            return nullptr;
        case Kind::boolean:
            return value.as_boolean();
        case Kind::number:
            return json::Value::number(value.as_number().to_short_string());
        case Kind::list: {
            json::Value out = json::Value::array();
            for (const Value& item : value.as_list()) out.push_back(to_json(item));
            return out;
        }
        case Kind::context: {
            json::Value out = json::Value::object();
            for (const Context::Entry& entry : value.as_context()) {
                out.members().emplace_back(std::string(entry.key.text()), to_json(entry.value));
            }
            return out;
        }
        default:
            return value.to_string();
    }
}

Result<Value> from_json(const json::Value& value) {
    switch (value.kind()) {
        case json::Kind::null:
            return Value();
        case json::Kind::boolean:
            return Value(value.as_boolean());
        case json::Kind::string:
            return Value(value.as_string());
        case json::Kind::number: {
            const auto number = Decimal::parse(value.number_text());
            if (!number) return fail(ErrorCode::invalid_input, "a number is out of range");
            return Value(*number);
        }
        case json::Kind::array: {
            Value::List items;
            items.reserve(value.items().size());
            for (const json::Value& item : value.items()) {
                SCHWARM_TRY(converted, from_json(item));
                items.push_back(std::move(converted));
            }
            return Value::list(std::move(items));
        }
        case json::Kind::object:
            break;
    }
    ContextBuilder out;
    out.reserve(value.members().size());
    for (const auto& [name, member] : value.members()) {
        SCHWARM_TRY(converted, from_json(member));
        out.append(Key(name), std::move(converted));
    }
    return out.build();
}

namespace {

// Builds values while the text is read, without a document in between.
class ValueBuilder final : public json::Visitor {
  public:
    bool null() override { return add(Value()); }
    bool boolean(bool value) override { return add(Value(value)); }
    bool number(std::string_view text) override {
        const auto number = Decimal::parse(text);
        return number && add(Value(*number));
    }
    bool string(std::string_view value) override { return add(Value(value)); }
    bool begin_object() override {
        open_.emplace_back();
        open_.back().is_object = true;
        return true;
    }
    bool name(std::string_view name) override {
        open_.back().name = Key(name);
        return true;
    }
    bool end_object() override {
        Value done = open_.back().members.build();
        open_.pop_back();
        return add(std::move(done));
    }
    bool begin_array() override {
        open_.emplace_back();
        return true;
    }
    bool end_array() override {
        Value done = Value::list(std::move(open_.back().items));
        open_.pop_back();
        return add(std::move(done));
    }
    std::string error() const override { return "a number is out of range"; }
    Value take() { return std::move(root_); }

  private:
    struct Open {
        bool is_object = false;
        Key name;
        ContextBuilder members;
        Value::List items;
    };
    bool add(Value value) {
        if (open_.empty()) {
            root_ = std::move(value);
        } else if (open_.back().is_object) {
            open_.back().members.append(std::move(open_.back().name), std::move(value));
            open_.back().name = Key();
        } else {
            open_.back().items.push_back(std::move(value));
        }
        return true;
    }
    std::vector<Open> open_;
    Value root_;
};

}  // namespace

Result<Value> from_json_text(std::string_view text, const json::Limits& limits) {
    ValueBuilder builder;
    SCHWARM_TRY_VOID(json::parse(text, builder, limits));
    return builder.take();
}

namespace {

constexpr std::uint8_t kVersion = 1;

// Tags are part of the stored format: never renumber.
enum class Tag : std::uint8_t {
    null = 0,
    no = 1,
    yes = 2,
    decimal = 3,
    integer = 4,
    string = 5,
    date = 6,
    time = 7,
    date_time = 8,
    days_time = 9,
    years_months = 10,
    list = 11,
    context = 12,
    range = 13,
};

void put_tag(ByteWriter& out, Tag tag) {
    out.u8(static_cast<std::uint8_t>(tag));
}

void put_zone(ByteWriter& out, const Zone& zone) {
    out.u8(static_cast<std::uint8_t>(zone.kind));
    if (zone.kind == ZoneKind::offset) out.svarint(zone.offset_seconds);
    if (zone.kind == ZoneKind::named) out.bytes(zone_name(zone));
}

void put_time(ByteWriter& out, const Time& time) {
    out.varint(static_cast<std::uint64_t>(time.nanos));
    put_zone(out, time.zone);
}

void put(ByteWriter& out, const Value& value);

void put_number(ByteWriter& out, const Decimal& number) {
    // Small integers, by far the most frequent; only if it keeps the exponent.
    const auto whole = number.to_int64();
    if (whole && Decimal(*whole).high_bits() == number.high_bits() &&
        Decimal(*whole).low_bits() == number.low_bits()) {
        put_tag(out, Tag::integer);
        out.svarint(*whole);
        return;
    }
    put_tag(out, Tag::decimal);
    out.u64(number.high_bits());
    out.u64(number.low_bits());
}

void put_range(ByteWriter& out, const Range& range) {
    put_tag(out, Tag::range);
    out.u8(static_cast<std::uint8_t>(static_cast<unsigned>(range.form) |
                                     (range.start_included ? 0x40U : 0U) |
                                     (range.end_included ? 0x80U : 0U)));
    put(out, range.start);
    put(out, range.end);
}

void put(ByteWriter& out, const Value& value) {
    switch (value.kind()) {
        case Kind::null:
        case Kind::function:
            put_tag(out, Tag::null);
            break;
        case Kind::boolean:
            put_tag(out, value.as_boolean() ? Tag::yes : Tag::no);
            break;
        case Kind::number:
            put_number(out, value.as_number());
            break;
        case Kind::string:
            put_tag(out, Tag::string);
            out.bytes(value.as_string());
            break;
        case Kind::date:
            put_tag(out, Tag::date);
            out.svarint(value.as_date().days);
            break;
        case Kind::time:
            put_tag(out, Tag::time);
            put_time(out, value.as_time());
            break;
        case Kind::date_time:
            put_tag(out, Tag::date_time);
            out.svarint(value.as_date_time().date.days);
            put_time(out, value.as_date_time().time);
            break;
        case Kind::days_time_duration:
            put_tag(out, Tag::days_time);
            out.svarint(value.as_days_time().seconds);
            out.varint(static_cast<std::uint64_t>(value.as_days_time().nanos));
            break;
        case Kind::years_months_duration:
            put_tag(out, Tag::years_months);
            out.svarint(value.as_years_months().months);
            break;
        case Kind::list:
            put_tag(out, Tag::list);
            out.varint(value.as_list().size());
            for (const Value& item : value.as_list()) put(out, item);
            break;
        case Kind::context:
            put_tag(out, Tag::context);
            out.varint(value.as_context().size());
            for (const Context::Entry& entry : value.as_context()) {
                out.bytes(entry.key.text());
                put(out, entry.value);
            }
            break;
        case Kind::range:
            put_range(out, value.as_range());
            break;
    }
}

class Decoder {
  public:
    Decoder(std::string_view bytes, const DecodeLimits& limits) : in_(bytes), limits_(limits) {}

    Result<Value> run() {
        if (in_.u8() != kVersion) return refuse("unknown version");
        Value value = get(0);
        if (!in_.ok() || !in_.at_end()) return refuse(reason_);
        return value;
    }

  private:
    Error refuse(std::string_view reason) const {
        return fail(ErrorCode::corrupt, "not an encoded value: " + std::string(reason),
                    "byte " + std::to_string(in_.position()));
    }
    Value bad(const char* reason) {
        if (in_.ok()) reason_ = reason;
        in_.set_failed();
        return {};
    }

    Zone get_zone() {
        Zone zone;
        const std::uint8_t kind = in_.u8();
        if (kind == 1) {
            const std::int64_t offset = in_.svarint();
            constexpr std::int64_t kMaxOffset = 18 * 3600;
            if (offset < -kMaxOffset || offset > kMaxOffset) bad("offset out of range");
            zone = Zone{ZoneKind::offset, 0, static_cast<std::int32_t>(offset)};
        } else if (kind == 2) {
            const auto named = find_zone(in_.bytes());
            if (named) {
                zone = *named;
            } else {
                bad("unknown time zone");
            }
        } else if (kind != 0) {
            bad("unknown kind of zone");
        }
        return zone;
    }

    Time get_time() {
        const std::uint64_t nanos = in_.varint();
        if (nanos >= static_cast<std::uint64_t>(kNanosPerDay)) bad("time out of range");
        const Zone zone = get_zone();
        return Time{in_.ok() ? static_cast<std::int64_t>(nanos) : 0, zone};
    }

    Date get_date() {
        const auto date = add_days(Date{0}, in_.svarint());
        if (!date) bad("date out of range");
        return date.value_or(Date{});
    }

    std::size_t get_count() {
        const std::uint64_t count = in_.varint();
        // Each item takes a byte at least.
        if (count > in_.remaining()) bad("more items than bytes");
        return in_.ok() ? static_cast<std::size_t>(count) : 0;
    }

    std::string_view get_text() {
        const std::string_view text = in_.bytes();
        if (!utf8::is_valid(text)) bad("not valid UTF-8");
        return text;
    }

    Value get_list(std::size_t depth) {
        const std::size_t count = get_count();
        Value::List items;
        // What the bytes claim to hold is not believed before it is read.
        items.reserve(std::min<std::size_t>(count, 1'000));
        for (std::size_t i = 0; i < count && in_.ok(); ++i) items.push_back(get(depth + 1));
        Value out = Value::list(std::move(items));
        return out.is_null() ? bad("too large") : out;
    }

    Value get_context(std::size_t depth) {
        const std::size_t count = get_count();
        ContextBuilder out;
        for (std::size_t i = 0; i < count && in_.ok(); ++i) {
            Key key(get_text());
            out.append(std::move(key), get(depth + 1));
        }
        Value done = out.build();
        return done.is_null() ? bad("too large") : done;
    }

    Value get_range(std::size_t depth) {
        const std::uint8_t flags = in_.u8();
        Range range;
        if ((flags & 0x3f) > static_cast<std::uint8_t>(Range::Form::not_equal)) {
            return bad("unknown form of range");
        }
        range.form = static_cast<Range::Form>(flags & 0x3f);
        range.start_included = (flags & 0x40) != 0;
        range.end_included = (flags & 0x80) != 0;
        range.start = get(depth + 1);
        range.end = get(depth + 1);
        return Value(std::move(range));
    }

    Value get(std::size_t depth) {
        if (depth > limits_.max_depth) return bad("nested too deep");
        if (++nodes_ > limits_.max_nodes) return bad("too many values");
        switch (static_cast<Tag>(in_.u8())) {
            case Tag::null:
                return {};
            case Tag::no:
                return false;
            case Tag::yes:
                return true;
            case Tag::integer:
                return in_.svarint();
            case Tag::decimal: {
                const std::uint64_t high = in_.u64();
                const auto number = Decimal::from_bytes(high, in_.u64());
                return number ? Value(*number) : bad("not a finite number");
            }
            case Tag::string:
                return Value(get_text());
            case Tag::date:
                return get_date();
            case Tag::time:
                return get_time();
            case Tag::date_time: {
                const Date date = get_date();
                return DateTime{date, get_time()};
            }
            case Tag::days_time: {
                const std::int64_t seconds = in_.svarint();
                const std::uint64_t nanos = in_.varint();
                if (nanos >= static_cast<std::uint64_t>(kNanosPerSecond)) return bad("duration");
                return DaysTime{seconds, static_cast<std::int32_t>(nanos)};
            }
            case Tag::years_months:
                return YearsMonths{in_.svarint()};
            case Tag::list:
                return get_list(depth);
            case Tag::context:
                return get_context(depth);
            case Tag::range:
                return get_range(depth);
        }
        return bad("unknown kind");
    }

    ByteReader in_;
    const DecodeLimits& limits_;
    std::size_t nodes_ = 0;
    const char* reason_ = "it ends too early or too late";
};

}  // namespace

std::string encode(const Value& value) {
    ByteWriter out;
    out.u8(kVersion);
    put(out, value);
    return out.take();
}

Result<Value> decode(std::string_view bytes, const DecodeLimits& limits) {
    if (bytes.size() > limits.max_bytes) {
        return fail(ErrorCode::limit_exceeded, "the encoded value is too large");
    }
    return Decoder(bytes, limits).run();
}

}  // namespace schwarm::feel
