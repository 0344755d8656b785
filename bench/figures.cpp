#include "figures.hpp"

#include <string>

#include "schwarm/engine/event.hpp"

namespace schwarm::bench {

double number(const json::Value& value, std::string_view name) {
    const json::Value* member = value.find(name);
    return member != nullptr && member->is_number() ? std::stod(member->number_text()) : 0;
}

std::uint64_t completed_elements(std::span<const runtime::HistoryEntry> history) {
    std::uint64_t count = 0;
    for (const runtime::HistoryEntry& entry : history) {
        for (const engine::Event& event : entry.events) {
            const std::string_view name = engine::name_of(event);
            count += name == "element_passed" || name == "element_completed" ? 1 : 0;
        }
    }
    return count;
}

}  // namespace schwarm::bench
