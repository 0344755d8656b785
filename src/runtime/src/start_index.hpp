// The start events of a tenant's current processes, by what they wait for.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/runtime/starts.hpp"

namespace schwarm::runtime {

struct MessageStart {
    engine::DefinitionKey definition;
    std::string process_id;
    std::string element_id;
    std::string message;
};

class StartIndex {
  public:
    StartIndex() = default;
    explicit StartIndex(const std::vector<StartableProcess>& processes);

    std::vector<MessageStart> by_message(std::string_view name) const;
    // Those of one process that wait for messages.
    std::vector<MessageStart> of_process(std::string_view process_id) const;

  private:
    std::vector<MessageStart> messages_;
    std::multimap<std::string, std::size_t, std::less<>> by_message_;
    std::multimap<std::string, std::size_t, std::less<>> by_process_;
};

}  // namespace schwarm::runtime
