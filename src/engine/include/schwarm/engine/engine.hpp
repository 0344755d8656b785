// The process engine: pure functions over one case. No clock, disk, network or threads.
//
//   decide()  reads a state and a command, and answers what happens (events, effects, reply);
//   apply()   writes an event into a state;
//   decision.next is the state after applying decision.events to the one that was read, so a
//   host need not apply them again.
//
// Errors of decide() are rejections: nothing changes (not_found, conflict, invalid_input,
// unsupported, limit_exceeded). What goes wrong inside the process is data: an incident event.
// A CHECK that fails throws CheckFailed: the host puts the case into quarantine.
//
// Thread rules: everything is reentrant; a CaseState belongs to one thread at a time. Copies of
// a state share storage and may be read on other threads.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/base/result.hpp"
#include "schwarm/engine/command.hpp"
#include "schwarm/engine/definitions.hpp"
#include "schwarm/engine/event.hpp"
#include "schwarm/engine/projection.hpp"
#include "schwarm/engine/state.hpp"

namespace schwarm::engine {

// Carried out by the host after the commit, at least once; (case, key) makes repeating harmless.
struct Effect {
    EffectKey key;
    ElementKey element;
    std::string kind;  // "print", "message", "send", ...
    std::string name;
    feel::Value payload;
};

struct Reply {
    bool duplicate = false;  // the command id was seen before; nothing happened
    CaseStatus status = CaseStatus::none;
};

struct Decision {
    std::vector<Event> events;  // empty if nothing happened
    std::vector<Effect> effects;
    Reply reply;
    CaseState next;
};

Result<Decision> decide(const CaseState& state, const Definitions& definitions,
                        const Command& command);

// What a case waits for when it hears another tenant (bpmn::Partner): the correlation key of its
// subscriptions for messages of that participant, whatever the model says.
std::string partner_key(CaseId case_id, std::string_view participant);

// Where the process would begin by its conditional start events, if something outside had these
// variables: nodes of Process::starts(), for CreateCase::start_element. Pure.
std::vector<bpmn::NodeIndex> conditional_starts(const bpmn::Process& process,
                                                const Variables& variables, Instant now);

void apply(CaseState& state, const Event& event);
// A state from its whole history.
CaseState replay(std::span<const Event> events);

// Binary, versioned; README, "Format". decode answers `corrupt` for damaged bytes and `unsupported`
// for the format of an older program: a state is what its events give, so it can be made again.
std::string encode_state(const CaseState& state);
Result<CaseState> decode_state(std::string_view bytes);

// Ids of the elements in the order in which tokens reached them; for
// scenarios and the operator's page.
std::vector<std::string> element_path(std::span<const Event> events, const CaseState& state,
                                      const ProcessProvider& processes);

}  // namespace schwarm::engine
