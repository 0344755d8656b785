// libFuzzer entry: what decodes is encoded to the same bytes again; the rest is refused.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "schwarm/base/check.hpp"
#include "schwarm/engine/engine.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace schwarm::engine;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    if (const auto events = decode_events(bytes)) {
        const auto again = decode_events(encode_events(*events));
        CHECK(again.has_value(), "events do not survive their own encoding");
    }
    if (const auto state = decode_state(bytes)) {
        const auto again = decode_state(encode_state(*state));
        CHECK(again.has_value(), "a state does not survive its own encoding");
    }
    return 0;
}
