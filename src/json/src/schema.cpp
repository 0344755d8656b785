#include "schwarm/json/schema.hpp"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wshadow"
#include <rapidjson/document.h>
#include <rapidjson/schema.h>
#include <rapidjson/stringbuffer.h>
#pragma GCC diagnostic pop

#include "schwarm/json/json.hpp"

namespace schwarm::json {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{1} << 20;
constexpr std::size_t kMaxDepth = 32;

// All references stay inside of the schema.
bool stays_inside(const Value& schema) {
    if (schema.is_array()) {
        for (const Value& item : schema.items()) {
            if (!stays_inside(item)) return false;
        }
        return true;
    }
    if (!schema.is_object()) return true;
    for (const auto& [name, value] : schema.members()) {
        if (name == "$ref" && value.is_string() && !value.as_string().starts_with("#")) {
            return false;
        }
        if (!stays_inside(value)) return false;
    }
    return true;
}

Result<rapidjson::Document> document_of(const Value& value) {
    const std::string text = to_string(value);
    Limits limits;
    limits.max_depth = kMaxDepth;
    limits.max_bytes = kMaxBytes;
    // RapidJSON has no limits of its own.
    SCHWARM_TRY(checked, parse(text, limits));
    rapidjson::Document out;
    out.Parse(text.data(), text.size());
    if (out.HasParseError()) return fail(ErrorCode::invalid_input, "a number is out of range");
    return out;
}

std::string text_of(const rapidjson::Pointer& pointer) {
    rapidjson::StringBuffer out;
    pointer.Stringify(out);
    return {out.GetString(), out.GetSize()};
}

}  // namespace

struct Schema::Impl {
    explicit Impl(const rapidjson::Document& source) : schema(source) {}
    const rapidjson::SchemaDocument schema;
};

Result<Schema> Schema::compile(const Value& schema) {
    if (!schema.is_object()) return fail(ErrorCode::invalid_input, "a schema is an object");
    if (!stays_inside(schema)) {
        return fail(ErrorCode::invalid_input, "a schema refers to no other document");
    }
    SCHWARM_TRY(source, document_of(schema));
    return Schema(std::make_shared<const Impl>(source));
}

Result<void> Schema::check(const Value& document) const {
    SCHWARM_TRY(value, document_of(document));
    rapidjson::SchemaValidator validator(impl_->schema);
    if (value.Accept(validator)) return {};
    return fail(ErrorCode::invalid_input,
                std::string("breaks '") + validator.GetInvalidSchemaKeyword() + "' of the schema",
                text_of(validator.GetInvalidDocumentPointer()));
}

}  // namespace schwarm::json
