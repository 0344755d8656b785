// The start events of a tenant's current processes, by what they wait for.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/runtime/starts.hpp"

namespace schwarm::runtime {

struct StartEvent {
    engine::DefinitionKey definition;
    std::string process_id;
    std::string element_id;
    std::string name;        // of the message or signal
    std::uint32_t part = 0;  // of a multiple event
};

struct TimerStartEvent {
    StartEvent start;
    std::shared_ptr<const bpmn::Process> process;
    bpmn::NodeIndex node = bpmn::kNoNode;
};

class StartIndex {
  public:
    StartIndex() = default;
    explicit StartIndex(const std::vector<StartableProcess>& processes);

    std::vector<StartEvent> by_message(std::string_view name) const;
    std::vector<StartEvent> by_signal(std::string_view name) const;
    // Those of one process that wait for messages.
    std::vector<StartEvent> of_process(std::string_view process_id) const;
    const std::vector<TimerStartEvent>& timers() const { return timers_; }

  private:
    using Index = std::multimap<std::string, std::size_t, std::less<>>;
    std::vector<StartEvent> find(const Index& index, std::string_view name) const;

    std::vector<StartEvent> all_;
    std::vector<TimerStartEvent> timers_;
    Index by_message_;
    Index by_signal_;
    Index by_process_;
};

}  // namespace schwarm::runtime
