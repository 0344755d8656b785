// The type of a message: contract/version/message.
#pragma once

#include <string>
#include <string_view>

#include "schwarm/base/result.hpp"

namespace schwarm::post {

struct MessageType {
    std::string contract;
    std::string version;
    std::string message;
};

// invalid_input.
inline Result<MessageType> parse_type(std::string_view type) {
    const auto first = type.find('/');
    const auto second = first == std::string_view::npos ? first : type.find('/', first + 1);
    if (second == std::string_view::npos) {
        return fail(ErrorCode::invalid_input, "a type is contract/version/message");
    }
    return MessageType{std::string(type.substr(0, first)),
                       std::string(type.substr(first + 1, second - first - 1)),
                       std::string(type.substr(second + 1))};
}

}  // namespace schwarm::post
