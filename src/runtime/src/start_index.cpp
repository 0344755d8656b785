#include "start_index.hpp"

namespace schwarm::runtime {

StartIndex::StartIndex(const std::vector<StartableProcess>& processes) {
    for (const StartableProcess& startable : processes) {
        const bpmn::Process& process = *startable.process;
        for (const bpmn::NodeIndex index : process.node(bpmn::kProcessNode).start_events) {
            const bpmn::Node& node = process.node(index);
            const auto& name = node.details.event.message.name;
            if (node.event != bpmn::EventKind::message || !name.is_static) continue;
            by_message_.emplace(name.source, messages_.size());
            by_process_.emplace(process.id, messages_.size());
            messages_.push_back({startable.definition, process.id, node.id, name.source});
        }
    }
}

std::vector<MessageStart> StartIndex::by_message(std::string_view name) const {
    std::vector<MessageStart> found;
    const auto [begin, end] = by_message_.equal_range(name);
    for (auto it = begin; it != end; ++it) found.push_back(messages_[it->second]);
    return found;
}

std::vector<MessageStart> StartIndex::of_process(std::string_view process_id) const {
    std::vector<MessageStart> found;
    const auto [begin, end] = by_process_.equal_range(process_id);
    for (auto it = begin; it != end; ++it) found.push_back(messages_[it->second]);
    return found;
}

}  // namespace schwarm::runtime
