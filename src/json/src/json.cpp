#include "schwarm/json/json.hpp"

#include <algorithm>

#include "reader.hpp"
#include "schwarm/base/utf8.hpp"

namespace schwarm::json {
namespace {

std::string place(std::string_view text, std::size_t offset) {
    offset = std::min(offset, text.size());
    const std::string_view before = text.substr(0, offset);
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const std::size_t line_start = before.rfind('\n') + 1;
    return std::to_string(line) + ":" + std::to_string(utf8::length(before.substr(line_start)) + 1);
}

class Builder final : public Visitor {
  public:
    bool null() override { return add(Value()); }
    bool boolean(bool value) override { return add(Value(value)); }
    bool number(std::string_view text) override { return add(Value::number(std::string(text))); }
    bool string(std::string_view value) override { return add(Value(value)); }
    bool begin_object() override {
        open_.push_back({Value::object(), {}});
        return true;
    }
    bool name(std::string_view name) override {
        open_.back().name = std::string(name);
        return true;
    }
    bool end_object() override { return close(); }
    bool begin_array() override {
        open_.push_back({Value::array(), {}});
        return true;
    }
    bool end_array() override { return close(); }

    Value take() { return std::move(root_); }

  private:
    struct Open {
        Value value;
        std::string name;
    };
    bool close() {
        Value done = std::move(open_.back().value);
        open_.pop_back();
        return add(std::move(done));
    }
    bool add(Value value) {
        if (open_.empty()) {
            root_ = std::move(value);
        } else if (open_.back().value.is_array()) {
            open_.back().value.items().push_back(std::move(value));
        } else {
            open_.back().value.members().emplace_back(std::move(open_.back().name),
                                                      std::move(value));
        }
        return true;
    }

    std::vector<Open> open_;
    Value root_;
};

}  // namespace

Result<void> parse(std::string_view text, Visitor& visitor, const Limits& limits) {
    if (text.size() > limits.max_bytes) {
        return fail(ErrorCode::limit_exceeded,
                    "the JSON text has more than " + std::to_string(limits.max_bytes) + " bytes");
    }
    if (const std::size_t bad = utf8::first_invalid(text); bad != std::string_view::npos) {
        return fail(ErrorCode::not_well_formed, "not valid UTF-8", place(text, bad));
    }
    // Allowed nowhere in JSON; named here, since it prints as nothing.
    if (const std::size_t zero = text.find('\0'); zero != std::string_view::npos) {
        return fail(ErrorCode::not_well_formed, "a zero byte", place(text, zero));
    }
    Reader reader(text, visitor, limits);
    if (reader.run()) return {};
    return fail(reader.limit_reached() ? ErrorCode::limit_exceeded : ErrorCode::not_well_formed,
                reader.error(), place(text, reader.position()));
}

Result<Value> parse(std::string_view text, const Limits& limits) {
    Builder builder;
    SCHWARM_TRY_VOID(parse(text, builder, limits));
    return builder.take();
}

void write(const Value& value, Writer& writer) {
    switch (value.kind()) {
        case Kind::null:
            writer.null();
            break;
        case Kind::boolean:
            writer.boolean(value.as_boolean());
            break;
        case Kind::number:
            writer.number(value.number_text());
            break;
        case Kind::string:
            writer.value(value.as_string());
            break;
        case Kind::array:
            writer.begin_array();
            for (const Value& item : value.items()) write(item, writer);
            writer.end_array();
            break;
        case Kind::object:
            writer.begin_object();
            for (const Value::Member& member : value.members()) {
                writer.name(member.first);
                write(member.second, writer);
            }
            writer.end_object();
            break;
    }
}

std::string to_string(const Value& value) {
    Writer writer;
    write(value, writer);
    return writer.take();
}

std::string to_pretty_string(const Value& value) {
    Writer writer = Writer::pretty();
    write(value, writer);
    return writer.take() + "\n";
}

}  // namespace schwarm::json
