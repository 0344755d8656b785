// libFuzzer entry: any bytes are answered by a model or by problems.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "schwarm/base/check.hpp"
#include "schwarm/bpmn/model.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto import = schwarm::bpmn::import_model(bytes, "fuzz.bpmn");
    CHECK(import.model != nullptr || !import.problems.empty(), "refused without a reason");
    return 0;
}
