// Bodies of messages about evidence: what reads is written and read as the same again; the rest is
// refused. A first byte chooses the reader.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "schwarm/base/check.hpp"
#include "schwarm/exchange/evidence.hpp"
#include "schwarm/json/json.hpp"

namespace {

using namespace schwarm;
using namespace schwarm::exchange;

template <class Read>
void read_twice(const json::Value& value, Read read) {
    const auto first = read(value);
    if (first.has_error()) return;
    const json::Value text = to_json(first.value());
    const auto second = read(text);
    CHECK(second.has_value(), "what was read cannot be read again");
    CHECK(json::to_string(to_json(second.value())) == json::to_string(text),
          "it reads differently");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    json::Limits limits;
    limits.max_bytes = 256U << 10U;
    limits.max_depth = 32;
    const auto value = json::parse(text, limits);
    if (value.has_error()) return 0;
    switch (data[0] % 3) {
        case 0:
            read_twice(value.value(), read_check);
            break;
        case 1:
            read_twice(value.value(), read_request);
            break;
        default:
            read_twice(value.value(), read_answer);
    }
    return 0;
}
