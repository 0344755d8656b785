#include "attributes.hpp"

#include <algorithm>

#include "schwarm/http/form.hpp"
#include "schwarm/json/json.hpp"
#include "schwarm/xroad/xroad.hpp"

namespace schwarm::xroad {
namespace {

constexpr std::size_t kFieldsMax = 64;
constexpr std::size_t kNameBytesMax = 100;
constexpr std::size_t kValueBytesMax = 1000;

Result<json::Value> read_query(const http::Request& request) {
    http::FormLimits limits;
    limits.fields_max = kFieldsMax;
    limits.name_bytes_max = kNameBytesMax;
    limits.value_bytes_max = kValueBytesMax;
    SCHWARM_TRY(fields, http::parse_urlencoded(request.query, limits));
    json::Value out = json::Value::object();
    for (const auto& [name, value] : fields) {
        // Which of two counts would be up to whoever reads them (OTG-INPVAL-004).
        if (out.find(name) != nullptr) {
            return fail(ErrorCode::invalid_input, "a parameter is there twice", "query");
        }
        out.set(name, json::Value(value));
    }
    return out;
}

Result<json::Value> read_body(const http::Request& request) {
    if (!request.query.empty()) {
        return fail(ErrorCode::invalid_input, "with POST the body says everything", "query");
    }
    const std::string type = request.content_type();
    if (!type.empty() && type != "application/json") {
        return fail(ErrorCode::unsupported, "the body has to be application/json", "body");
    }
    json::Limits limits;
    limits.max_bytes = kBodyBytesMax;
    limits.max_depth = 16;
    limits.max_nodes = 2000;
    SCHWARM_TRY(value, json::parse(request.body, limits));
    if (!value.is_object()) {
        return fail(ErrorCode::invalid_input, "the body has to be a JSON object", "body");
    }
    return value;
}

// As far as they go by query: what is longer or nested no register asks for.
Result<void> only_texts(const json::Value& attributes) {
    if (attributes.members().size() > kFieldsMax) {
        return fail(ErrorCode::limit_exceeded, "there are too many attributes", "body");
    }
    for (const auto& [name, value] : attributes.members()) {
        if (name.size() > kNameBytesMax || !value.is_string() ||
            value.as_string().size() > kValueBytesMax) {
            return fail(ErrorCode::invalid_input, "an attribute is no text or is too long", "body");
        }
    }
    return {};
}

}  // namespace

Result<json::Value> read_attributes(const http::Request& request, const Offer& offer) {
    const bool post = request.method == http::Method::post;
    SCHWARM_TRY(value, post ? read_body(request) : read_query(request));
    if (offer.any_attributes) {
        SCHWARM_TRY_VOID(only_texts(value));
        return value;
    }
    for (const auto& member : value.members()) {
        const bool known =
            std::any_of(offer.attributes.begin(), offer.attributes.end(),
                        [&](const Attribute& one) { return one.name == member.first; });
        if (!known) {
            return fail(ErrorCode::invalid_input, "an attribute is not known to this service",
                        post ? "body" : "query");
        }
    }
    for (const Attribute& one : offer.attributes) {
        if (one.required && value.find(one.name) == nullptr) {
            return fail(ErrorCode::invalid_input, "the attribute " + one.name + " is missing",
                        post ? "body" : "query");
        }
    }
    return value;
}

}  // namespace schwarm::xroad
