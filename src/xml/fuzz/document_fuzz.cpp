#include <cstddef>
#include <cstdint>
#include <string>

#include "schwarm/xml/document.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto document = schwarm::xml::Document::parse(
        std::string(data, data + size), "fuzz.xml",  // NOLINT
        {.bytes = 1U << 16U, .depth = 64, .elements = 10'000, .attributes_per_element = 64});
    if (document) {
        for (const auto element : document->root().children()) static_cast<void>(element.where());
    }
    return 0;
}
