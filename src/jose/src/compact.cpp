#include "compact.hpp"

#include "schwarm/crypto/encode.hpp"
#include "schwarm/jose/jws.hpp"
#include "schwarm/json/json.hpp"

namespace schwarm::jose {
namespace {

Error too_long(std::size_t limit, std::string where) {
    return fail(ErrorCode::limit_exceeded, "is longer than " + std::to_string(limit) + " bytes",
                std::move(where));
}

std::string member_place(std::string_view where, std::string_view name) {
    return std::string(where) + " /" + std::string(name);
}

}  // namespace

template <std::size_t count>
Result<std::array<std::string_view, count>> split(std::string_view text, std::string_view what) {
    if (text.size() > kMaxCompactBytes) return too_long(kMaxCompactBytes, std::string(what));
    std::array<std::string_view, count> parts;
    std::size_t from = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t dot = text.find('.', from);
        const bool last = i + 1 == count;
        if ((dot == std::string_view::npos) != last) {
            return fail(ErrorCode::invalid_input,
                        "does not have " + std::to_string(count) + " parts", std::string(what));
        }
        parts[i] = text.substr(from, last ? std::string_view::npos : dot - from);
        from = dot + 1;
    }
    if (parts[0].size() > kMaxHeaderBytes) {
        return too_long(kMaxHeaderBytes, std::string(what) + " header");
    }
    return parts;
}
template Result<std::array<std::string_view, 3>> split(std::string_view, std::string_view);
template Result<std::array<std::string_view, 5>> split(std::string_view, std::string_view);

Result<std::string> decode_part(std::string_view part, std::string_view where) {
    auto bytes = crypto::base64url_decode(part);
    if (!bytes) return fail(bytes.error().code, bytes.error().message, std::string(where));
    return bytes;
}

Result<json::Value> decode_header(std::string_view part, std::string_view where) {
    SCHWARM_TRY(text, decode_part(part, where));
    auto header =
        json::parse(text, {.max_bytes = kMaxHeaderBytes, .max_depth = 4, .max_nodes = 200});
    if (!header) {
        Error error = header.error();
        error.where = std::string(where) + " " + error.where;
        return error;
    }
    if (!header->is_object()) {
        return fail(ErrorCode::invalid_input, "is not an object", std::string(where));
    }
    return header;
}

Result<std::string> header_text(const json::Value& header, std::string_view where,
                                std::string_view name) {
    const json::Value* const member = header.find(name);
    if (member == nullptr) {
        return fail(ErrorCode::invalid_input, "is missing", member_place(where, name));
    }
    if (!member->is_string() || member->as_string().empty()) {
        return fail(ErrorCode::invalid_input, "must be a string that is not empty",
                    member_place(where, name));
    }
    return member->as_string();
}

Result<const Algorithm*> header_algorithm(const json::Value& header, std::string_view where,
                                          std::string_view name, AlgorithmKind kind) {
    SCHWARM_TRY(value, header_text(header, where, name));
    const Algorithm* const row = find_algorithm(kind, value);
    if (row == nullptr) {
        return fail(ErrorCode::invalid_input,
                    "'" + value.substr(0, 40) + "' is not in the table of algorithms",
                    member_place(where, name));
    }
    return row;
}

}  // namespace schwarm::jose
