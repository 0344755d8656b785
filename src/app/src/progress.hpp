// The parts of App::progress that put the messages of a case over the flows of its model.
#pragma once

#include <string>
#include <vector>

#include "impl.hpp"
#include "schwarm/engine/history.hpp"

namespace schwarm::app {

// A message that an element of the case has sent.
struct Sending {
    std::string element;
    std::string message;
    Instant at;
};

std::vector<MessageProgress> messages_of(const LoadedCase& loaded,
                                         const engine::CaseHistory& history,
                                         const std::vector<Sending>& sendings,
                                         const CaseMail& mail);
// One for each conversation of a black box; one without where there is none.
std::vector<PartnerProgress> partners_of(const services::Package& package, const CaseMail& mail);

}  // namespace schwarm::app
