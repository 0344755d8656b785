#include "start_index.hpp"

namespace schwarm::runtime {

// Names that are FEEL are not waited for: there is no case yet in which to evaluate them.
StartIndex::StartIndex(const std::vector<StartableProcess>& processes) {
    for (const StartableProcess& startable : processes) {
        const bpmn::Process& process = *startable.process;
        for (const bpmn::ProcessStart& begin : process.starts()) {
            const bpmn::Node& node = process.node(begin.node);
            StartEvent start{startable.definition, process.id, node.id, {}, begin.part};
            if (begin.kind == bpmn::EventKind::timer) {
                timers_.push_back({std::move(start), startable.process, begin.node});
                continue;
            }
            const bool message = begin.kind == bpmn::EventKind::message;
            if (!message && begin.kind != bpmn::EventKind::signal) continue;
            const auto& event = node.event_definitions()[begin.part];
            const bpmn::Expression& name = message ? event.message.name : event.signal.name;
            if (!name.is_static) continue;
            start.name = name.source;
            (message ? by_message_ : by_signal_).emplace(name.source, all_.size());
            if (message) by_process_.emplace(process.id, all_.size());
            all_.push_back(std::move(start));
        }
    }
}

std::vector<StartEvent> StartIndex::find(const Index& index, std::string_view name) const {
    std::vector<StartEvent> found;
    const auto [begin, end] = index.equal_range(name);
    for (auto it = begin; it != end; ++it) found.push_back(all_[it->second]);
    return found;
}

std::vector<StartEvent> StartIndex::by_message(std::string_view name) const {
    return find(by_message_, name);
}

std::vector<StartEvent> StartIndex::by_signal(std::string_view name) const {
    return find(by_signal_, name);
}

std::vector<StartEvent> StartIndex::of_process(std::string_view process_id) const {
    return find(by_process_, process_id);
}

}  // namespace schwarm::runtime
