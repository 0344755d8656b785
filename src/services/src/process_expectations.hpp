// What can be expected of the instances of plain models, beside what any case can.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scenario_runner.hpp"

namespace schwarm::services {

// "there is no WHAT NAME; there is: A, B"
Error none_of(std::string_view what, const std::string& name, const std::vector<std::string>& all);

class ProcessExpectations : public ScenarioRunner {
  protected:
    using ScenarioRunner::ScenarioRunner;

    // Any line from `refused` on but that one.
    Result<void> expect(const ScenarioStep& step);

    // By its type or element; an open one is one whose back-off is over.
    const engine::Job* find_job(std::string_view name, bool open);
    const engine::Job* open_job(std::string_view name) { return find_job(name, true); }
    // "ELEMENT (TYPE)"
    std::vector<std::string> jobs() const;

  private:
    Result<void> expect_sent(const ScenarioStep& step);
    Result<void> expect_document(const ScenarioStep& step) const;
    Result<void> expect_task(const ScenarioStep& step);
    Result<void> expect_job(const ScenarioStep& step);
    Result<void> expect_timer(const ScenarioStep& step) const;
    Result<void> expect_waiting(const ScenarioStep& step) const;
};

}  // namespace schwarm::services
