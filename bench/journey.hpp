// `schwarm bench applications --journey`: complete journeys of guests through the pages of the
// portal: the service's page, every page of the form with its saved draft, summary, sending,
// receipt. A journey reads each page as a browser would: it fills in the fields the page shows.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "applications.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/json/value.hpp"

namespace schwarm::bench {

// A form of a page: where it goes and what a person with these answers sends.
struct FilledForm {
    std::string action;
    std::string body;  // application/x-www-form-urlencoded
};
// The first form of class s-form in the page. Errors: invalid_input if there is none.
Result<FilledForm> fill_form(std::string_view html, const json::Value& answers);

Result<void> bench_journey(const ApplicationsOptions& options);
// The generator's own process, as run_load_process().
Result<void> run_journey_process();

}  // namespace schwarm::bench
