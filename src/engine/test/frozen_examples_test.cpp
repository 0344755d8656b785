#include "frozen_examples.hpp"

namespace schwarm::engine::test {
namespace {

using K = ElementKey;
using feel::Value;
constexpr auto kNone = bpmn::kNoFlow;

Instant at(int minutes) {
    return Instant(std::chrono::milliseconds(1'767'225'600'000) + std::chrono::minutes(minutes));
}

UserTask task(std::uint64_t key, const std::string& assignee) {
    UserTask out;
    out.key = K(key);
    out.created = at(1);
    out.form_id = "form";
    out.assignee = assignee;
    out.candidate_groups = {"clerks", "heads"};
    out.candidate_users = {"max"};
    out.due = at(60);
    out.follow_up = at(30);
    out.priority = 70;
    return out;
}
Event created() {
    return CaseCreatedV1{CaseId(7), TenantId("leipzig"), DefinitionKey("p"), K(1), 1, "anna",
                         at(0)};
}
Event activated(std::uint64_t key, std::uint64_t scope, std::uint32_t node,
                std::uint32_t loop = 0) {
    return ElementActivatedV1{K(key), K(scope), 0, node, loop, {}, kNone};
}
Timer timer(std::uint64_t key, std::uint64_t host) {
    return {TimerKey(key), K(host), 0, 5, at(90), 3, "R3/PT1H", 1};
}
Subscription subscription(std::uint64_t key, std::uint64_t host) {
    return {SubscriptionKey(key), K(host), 0, 6, "alarm", "", SubscriptionKind::signal, 1};
}

std::vector<FrozenExample> of_cases_and_elements() {
    return {
        {1, {CommandAcceptedV1{"c2", "complete_user_task", "ben", at(9)}}},
        {2, {created()}, true},
        {3,
         {created(), ElementCompletedV1{K(1), {}},
          CaseEndedV1{CaseStatus::cancelled, "by mistake", at(9)}},
         true},
        {4, {CaseArchivedV1{at(9), at(900)}}},
        {5, {DefinitionUsedV1{DefinitionKey("r")}}},
        {10, {ElementActivatedV1{K(30), K(1), 0, 9, 2, {3}, 4}}},
        {11, {ElementPhaseChangedV1{K(3), ElementPhase::completing}}},
        {12, {ElementCompletedV1{K(7), {1, 2}}}},
        {13, {ElementTerminatedV1{K(2)}}},
        {14, {ElementPassedV1{K(31), K(1), 0, 9, {3, 4}, {5}}}},
        {15, {TokenWaitingV1{K(1), 0, 3}, TokenWaitingV1{K(1), 1, 3}}},
        {19, {TokensDiscardedV1{K(1)}}},
        {16, {MilestoneReachedV1{1, 4, at(9)}}},
        {17, {LoopStartedV1{K(16), {Value(1), Value("two")}, false}}},
        {18,
         {LoopAdvancedV1{K(6), false, 1, Value("out")}, LoopAdvancedV1{K(6), true, 2, Value()}}},
        {20,
         {VariablesSetV1{K(7), {{"local", true}}}, VariablesSetV1{K(1), {{"a", 2}}},
          VariablesSetV1{K(), {{"c", Value()}}}}},
        {143, {ProcessMigratedV1{K(1), 1, 2}}},
        {144, {ElementMigratedV1{K(3), 1, 11, 12}}},
        {140, {CaseLabelledV1{"A 17", {"urgent", "paper"}}}},
    };
}

std::vector<FrozenExample> of_tasks_and_jobs() {
    return {
        {30, {UserTaskCreatedV1{task(3, "")}}},
        {31, {UserTaskAssignedV1{K(2), "ben"}}},
        {32, {UserTaskCompletedV1{K(2)}}},
        {50, {JobCreatedV1{JobKey(32), K(6), "other", 2}}},
        {51, {JobCompletedV1{JobKey(4)}}},
        {52,
         {JobFailedV1{JobKey(15), 2, "busy", at(20)},
          JobFailedV1{JobKey(17), 0, "broken", std::nullopt}}},
        {53, {JobRetriesSetV1{JobKey(4), 2}}},
        {54, {ErrorThrownV1{K(3), "bad", "it went wrong"}}},
        {120,
         {JobCreatedV2{JobKey(33), K(3), "listen", 4, JobKind::execution_listener, "start", -5}}},
        {121, {JobCancelledV1{JobKey(4)}}},
        {122, {ListenersDoneV1{K(3), 2}}},
        {129,
         {TaskActionBegunV1{
             K(3), bpmn::ListenerEvent::assigning, task(3, "ben"), {{"x", 1}}, "claim"}}},
        {130, {TaskListenerDoneV1{K(2), task(2, "carla")}}},
        {131, {TaskActionEndedV1{K(2), true, "not yet"}}},
        {132, {UserTaskChangedV1{task(2, "dora")}}},
        {141, {JobUpdatedV1{JobKey(15), 9, -1}}},
        {142, {UserTaskUpdatedV1{K(2), {"night"}, {}, std::nullopt, at(5), 3, {"priority"}}}},
    };
}

std::vector<FrozenExample> of_waiting() {
    return {
        {40, {TimerArmedV1{{TimerKey(34), K(3), 0, 8, at(99), -1, "R/PT1H"}}}},
        {41, {TimerFiredV1{TimerKey(9)}}},
        {42, {TimerCancelledV1{TimerKey(8)}}},
        {45, {SubscriptionOpenedV1{{SubscriptionKey(35), K(3), 0, 9, "paper", "17"}}}},
        {46,
         {MessageCorrelatedV1{SubscriptionKey(10), "paper", true},
          MessageCorrelatedV1{SubscriptionKey(11), "alarm", false}}},
        {47, {SubscriptionClosedV1{SubscriptionKey(11)}}},
        {100, {SubscriptionOpenedV2{subscription(36, 3)}}},
        {101, {TimerArmedV2{timer(37, 3)}}},
        {102,
         {TriggerHeldV1{K(2), 0, 5, 0, {{"part", "again"}}},
          TriggerHeldV1{K(2), 0, 5, 1, {{"part", "next"}}}}},
        {103, {TriggersReleasedV1{K(2), 0, 5}}},
        {104, {EscalationThrownV1{K(3), "late", 0, bpmn::kNoNode}}},
        {105,
         {SubscriptionTriggeredV1{SubscriptionKey(11), SubscriptionKind::signal, "alarm", true},
          SubscriptionTriggeredV1{SubscriptionKey(10), SubscriptionKind::signal, "x", false}}},
        {145, {TimerMigratedV1{TimerKey(9), 1, 12}}},
        {146, {SubscriptionMigratedV1{SubscriptionKey(11), 1, 13}}},
    };
}

std::vector<FrozenExample> of_structures_and_results() {
    return {
        {60,
         {IncidentCreatedV1{
             {IncidentKey(38), K(2), IncidentKind::job_no_retries, "why", at(8), JobKey(15)}}}},
        {61, {IncidentResolvedV1{IncidentKey(5)}}},
        {70,
         {DecisionEvaluatedV1{K(3), "fee", "v1", Value::context({{"age", 40}}), Value(30), Value(),
                              at(7)}}},
        {80,
         {DocumentStoredV1{DocumentId(3), K(3), "notice", "Notice", at(7),
                           Value::context({{"sum", 12}})}}},
        {90, {EffectRequestedV1{EffectKey(39), K(3), "send", "news"}}},
        {123, {CompensableV1{K(40), K(41), K(1), 1, 8, 2, true, true, {{"was", "so"}}}}},
        {124, {CompensationTriggeredV1{K(2), {K(12), K(14)}}}},
        {125, {CompensationStartedV1{K(12), K(3)}}},
        {126, {AdHocActivatedV1{K(42), K(3), 0, 3, 9}}},
        {127, {GatewayActivatedV1{K(1), 0, 10, {4}}}},
        {128, {GatewayResetV1{K(1), 0, 6}}},
        {147, {CompensableMigratedV1{K(12), 1, 14}}},
    };
}

}  // namespace

std::vector<Event> frozen_base() {
    return {
        CommandAcceptedV1{"c1", "create_case", "anna", at(0)},
        created(),
        DefinitionUsedV1{DefinitionKey("q")},
        VariablesSetV1{K(1), {{"a", 1}, {"b", "text"}}},
        activated(2, 1, 2),
        UserTaskCreatedV1{task(2, "anna")},
        TaskActionBegunV1{K(2), bpmn::ListenerEvent::completing, task(2, "anna"), {}, "complete"},
        activated(3, 1, 3),
        JobCreatedV1{JobKey(4), K(3), "work", 3},
        IncidentCreatedV1{
            {IncidentKey(5), K(3), IncidentKind::job_no_retries, "down", at(2), JobKey(4)}},
        activated(6, 1, 4),
        LoopStartedV1{K(6), {Value(1), Value(2)}, true},
        activated(7, 6, 4, 1),
        LoopAdvancedV1{K(6), true, 1, Value()},
        TimerArmedV1{{TimerKey(8), K(7), 0, 5, at(50), 0, ""}},
        TimerArmedV2{timer(9, 2)},
        SubscriptionOpenedV1{{SubscriptionKey(10), K(2), 0, 7, "paper", "12"}},
        SubscriptionOpenedV2{subscription(11, 2)},
        TriggerHeldV1{K(2), 0, 5, 0, {{"part", "first"}}},
        TokenWaitingV1{K(1), 0, 3},
        TokenWaitingV1{K(1), 0, 3},
        TokenWaitingV1{K(1), 0, 4},
        GatewayActivatedV1{K(1), 0, 6, {3}},
        CompensableV1{K(12), K(13), K(1), 0, 8, 0, false, true, {{"then", 1}}},
        CompensableV1{K(14), K(18), K(13), 0, 9, 0, false, false, {}},
        JobCreatedV2{JobKey(15), K(2), "review", 1, JobKind::task_listener, "completing", 5},
        AdHocActivatedV1{K(16), K(1), 0, 7, 8},
        JobCreatedV1{JobKey(17), K(16), "help", 1},
    };
}

std::vector<FrozenExample> frozen_examples() {
    std::vector<FrozenExample> all;
    for (const auto& part : {of_cases_and_elements(), of_tasks_and_jobs(), of_waiting(),
                             of_structures_and_results()}) {
        all.insert(all.end(), part.begin(), part.end());
    }
    return all;
}

}  // namespace schwarm::engine::test
