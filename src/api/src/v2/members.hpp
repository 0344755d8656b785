// Members that are always there, and null where there is nothing to say: so the official clients
// check answers.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "call.hpp"

namespace schwarm::api::v2 {

inline void write_text_or_null(json::Writer& out, std::string_view name, std::string_view text) {
    out.name(name);
    if (text.empty()) {
        out.null();
    } else {
        out.value(text);
    }
}
// 0: nothing has a key of its own.
inline void write_key_or_null(json::Writer& out, std::string_view name, std::uint64_t key) {
    write_text_or_null(out, name, key == 0 ? std::string() : key_text(key));
}
inline void write_time_or_null(json::Writer& out, std::string_view name,
                               const std::optional<Instant>& at) {
    write_text_or_null(out, name, at ? time_text(*at) : std::string());
}
inline void write_texts(json::Writer& out, std::string_view name,
                        const std::vector<std::string>& texts) {
    out.name(name).begin_array();
    for (const auto& text : texts) out.value(text);
    out.end_array();
}

}  // namespace schwarm::api::v2
