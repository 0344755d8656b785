#include "walk.hpp"

#include <algorithm>

namespace schwarm::compat {
namespace {

constexpr int kStepsMax = 40;  // of one case

engine::Variables answers() {
    return {{"done", true}, {"urteil", "ja"}, {"result", "carried on"}};
}

Result<void> without_reply(const Result<runtime::Reply>& reply) {
    return reply.has_error() ? Result<void>(reply.error()) : Result<void>();
}

Result<void> repair(Node& node, CaseId id, const engine::Incident& incident) {
    engine::Variables repaired = {{"repaired", true},
                                  {"missing", feel::Value::list({1})},
                                  {"child", "called"},
                                  {"decision", "gebuehr"}};
    SCHWARM_TRY_VOID(
        without_reply(node.submit(id, engine::UpdateVariables{{}, std::move(repaired), false})));
    return without_reply(node.submit(id, engine::ResolveIncident{incident.key, 1}));
}

Result<void> work(Node& node, CaseId id, const engine::Job& job) {
    engine::JobResult result;
    result.completion_condition_fulfilled = job.kind == engine::JobKind::ad_hoc_sub_process;
    const bool listener = job.kind == engine::JobKind::task_listener;
    return without_reply(node.submit(
        id, engine::CompleteJob{job.key, listener ? engine::Variables() : answers(), result}));
}

Result<void> trigger(Node& node, CaseId id, const engine::Subscription& waiting) {
    if (waiting.kind == engine::SubscriptionKind::condition) {
        return without_reply(node.submit(id, engine::UpdateVariables{{}, {{"hot", true}}, false}));
    }
    if (waiting.kind == engine::SubscriptionKind::signal) {
        return node.ask<std::uint64_t>([&](auto done) {
                       node.runtime().broadcast_signal(tenant(), {waiting.message_name, {}, {}},
                                                       "anybody", std::move(done));
                   }).has_error()
                   ? Result<void>(fail(ErrorCode::conflict, "the signal was refused"))
                   : Result<void>();
    }
    runtime::Message message;
    message.name = waiting.message_name;
    message.correlation_key = waiting.correlation_key;
    const auto sent = node.ask<runtime::Published>([&](auto done) {
        node.runtime().correlate_message(tenant(), message, "anybody", std::move(done));
    });
    return sent.has_error() ? Result<void>(sent.error()) : Result<void>();
}

Result<void> step(Node& node, const engine::CaseState& state) {
    if (!state.incidents.empty()) return repair(node, state.id, state.incidents.front());
    if (!state.jobs.empty()) return work(node, state.id, state.jobs.front());
    if (!state.user_tasks.empty()) {
        return without_reply(node.submit(
            state.id, engine::CompleteUserTask{state.user_tasks.front().key, answers(), false}));
    }
    if (!state.subscriptions.empty()) return trigger(node, state.id, state.subscriptions.front());
    if (!state.timers.empty()) {
        const auto next =
            std::min_element(state.timers.begin(), state.timers.end(),
                             [](const auto& a, const auto& b) { return a.due < b.due; });
        node.move_to(next->due);
        return {};
    }
    return fail(ErrorCode::conflict, "it waits for nothing");
}

void carry_on(Node& node, CaseId id) {
    for (int n = 0; n < kStepsMax; ++n) {
        const auto state = must(node.view().case_state(id), "the state of a case");
        if (state.status != engine::CaseStatus::active) return;
        const auto name = "case " + std::to_string(id.value()) + ", " +
                          state.definitions.front().value() + ", " + state.business_id;
        must(step(node, state), name);
    }
    throw std::runtime_error("case " + std::to_string(id.value()) + " does not end");
}

}  // namespace

void carry_on(Node& node) {
    for (const auto& row : node.cases()) {
        if (row.status == engine::CaseStatus::active && !row.deleted) carry_on(node, row.id);
    }
}

}  // namespace schwarm::compat
