// Ad-hoc subprocess (BPMN 2.0.2 clause 13.3.5), as Camunda 8: each activation of an inner element
// is a scope of its own. Elements are begun by activeElementsCollection, by the command
// ActivateAdHoc, or by the worker of its job, which is asked again whenever something has ended.
// Phase `completing`: it is complete as soon as what is active in it has ended.
#include <algorithm>

#include "behaviors/expressions.hpp"
#include "behaviors/triggers.hpp"
#include "behaviors/variable_mapping.hpp"
#include "elements/elements.hpp"

namespace schwarm::engine::elements {
namespace {

bool can_be_begun(const bpmn::Node& node) {
    switch (node.kind) {
        case bpmn::NodeKind::boundary_event:
        case bpmn::NodeKind::event_sub_process:
        case bpmn::NodeKind::start_event:
            return false;
        default:
            return !node.compensation_handler;
    }
}

const bpmn::Node* inner_element(const Active& ad_hoc, std::string_view id) {
    const bpmn::NodeIndex found = ad_hoc.process->find(id);
    if (found == bpmn::kNoNode) return nullptr;
    const bpmn::Node& node = ad_hoc.process->node(found);
    return node.parent == ad_hoc.node->index && can_be_begun(node) ? &node : nullptr;
}

// What the worker can choose from: the elements that no sequence flow leads to.
feel::Value described(const Active& ad_hoc) {
    feel::Value::List out;
    for (const bpmn::NodeIndex c : ad_hoc.node->children) {
        const bpmn::Node& node = ad_hoc.process->node(c);
        if (!can_be_begun(node) || !node.incoming.empty()) continue;
        feel::ContextBuilder properties;
        for (const bpmn::KeyValue& p : node.details.properties) {
            properties.set(p.key, feel::Value(p.value));
        }
        const auto text = [](const std::string& s) {
            return s.empty() ? feel::Value() : feel::Value(s);
        };
        out.push_back(feel::Value::context({{"elementId", feel::Value(node.id)},
                                            {"elementName", text(node.name)},
                                            {"documentation", text(node.details.documentation)},
                                            {"properties", properties.build()}}));
    }
    return feel::Value::list(std::move(out));
}

void begin_inner(Transition& t, const Active& ad_hoc, const bpmn::Node& element,
                 const Variables& variables) {
    const ElementKey key = activate_inner(t, ad_hoc, element.index);
    if (!variables.empty()) t.emit(VariablesSetV1{key, variables});
    t.start_node(key, ad_hoc.definition, element.index);
}

bool has_children(const Transition& t, ElementKey key) {
    return t.state().element(key)->children > 0;
}

void cancel_inner(Transition& t, const Active& ad_hoc) {
    std::vector<ElementKey> inner;
    for (const ElementInstance& e : t.state().elements) {
        if (e.scope == ad_hoc.key && e.inner) inner.push_back(e.key);
    }
    for (const ElementKey key : inner) t.terminate(key);
}

void cancel_job(Transition& t, ElementKey ad_hoc) {
    for (const Job& job : t.state().jobs) {
        if (job.element != ad_hoc || job.kind != JobKind::ad_hoc_sub_process) continue;
        t.emit(JobCancelledV1{JobKey(job.key)});
        return;
    }
}

void finish(Transition& t, const Active& ad_hoc) {
    cancel_job(t, ad_hoc.key);
    t.terminate_children(ad_hoc.key);
    if (t.state().element(ad_hoc.key)->phase != ElementPhase::active) {
        t.emit(ElementPhaseChangedV1{ad_hoc.key, ElementPhase::active});
    }
    const std::string& collection = ad_hoc.node->details.ad_hoc->output_collection;
    if (!collection.empty()) {
        const feel::Value* results = t.state().element(ad_hoc.key)->variables.find(collection);
        if (results != nullptr) {
            Variables out;
            out.set(collection, *results);
            variable_mapping::propagate(t, ad_hoc.scope, out);
        }
    }
    t.complete(ad_hoc.key);
}

void wait_for_the_rest(Transition& t, const Active& ad_hoc) {
    if (t.state().element(ad_hoc.key)->phase != ElementPhase::completing) {
        t.emit(ElementPhaseChangedV1{ad_hoc.key, ElementPhase::completing});
    }
}

// Element ids that are activated one after another (ordering Sequential).
bool begin_next_in_order(Transition& t, const Active& ad_hoc) {
    const auto loop = t.state().element(ad_hoc.key)->loop;
    if (loop == nullptr || loop->next >= loop->items.size()) return false;
    const std::string id(loop->items.at(loop->next).as_string());
    t.emit(LoopAdvancedV1{ad_hoc.key, true, loop->next + 1, {}});
    const bpmn::Node* node = inner_element(ad_hoc, id);
    CHECK(node != nullptr, "an element to activate has vanished");
    begin_inner(t, ad_hoc, *node, {});
    return true;
}

void collect_output(Transition& t, const Active& inner, const Active& ad_hoc) {
    const auto& definition = *ad_hoc.node->details.ad_hoc;
    if (definition.output_collection.empty()) return;
    feel::Value::List results;
    const feel::Value* before =
        t.state().element(ad_hoc.key)->variables.find(definition.output_collection);
    if (before != nullptr && before->is_list()) {
        const auto list = before->as_list();
        results.assign(list.begin(), list.end());
    }
    results.push_back(expressions::evaluate(t, definition.output_element, inner.key));
    Variables out;
    out.set(definition.output_collection, feel::Value::list(std::move(results)));
    t.emit(VariablesSetV1{ad_hoc.key, std::move(out)});
}

MaybeFailure start_collection(Transition& t, const Active& at) {
    const auto& definition = *at.node->details.ad_hoc;
    if (!definition.active_elements.present()) return std::nullopt;
    const feel::Value value = expressions::evaluate(t, definition.active_elements, at.key);
    std::vector<const bpmn::Node*> elements;
    bool good = value.is_list();
    if (good) {
        for (const feel::Value& item : value.as_list()) {
            const bpmn::Node* node =
                item.is_string() ? inner_element(at, item.as_string()) : nullptr;
            good = good && node != nullptr;
            elements.push_back(node);
        }
    }
    if (!good) {
        return Failure{IncidentKind::expression,
                       "the active elements of '" + at.node->id +
                           "' must be a list of ids of its elements, but " +
                           expressions::explain(t, definition.active_elements, at.key,
                                                "is " + value.to_string()),
                       {}};
    }
    if (definition.sequential) {
        const auto list = value.as_list();
        t.emit(LoopStartedV1{at.key, ValueList(list.begin(), list.end()), false});
        begin_next_in_order(t, at);
        return std::nullopt;
    }
    for (const bpmn::Node* node : elements) {
        if (t.state().element(at.key) == nullptr) break;  // an error has ended it meanwhile
        begin_inner(t, at, *node, {});
    }
    return std::nullopt;
}

}  // namespace

ElementKey activate_inner(Transition& t, const Active& ad_hoc, bpmn::NodeIndex element) {
    const auto key = t.new_key<ElementKey>();
    t.emit(AdHocActivatedV1{key, ad_hoc.key, ad_hoc.definition, ad_hoc.node->index, element});
    return key;
}

MaybeFailure open_ad_hoc(Transition& t, const Active& at) {
    if (auto failure = triggers::open_event_sub_processes(t, at)) return failure;
    Variables local;
    local.set("adHocSubProcessElements", described(at));
    const std::string& collection = at.node->details.ad_hoc->output_collection;
    if (!collection.empty()) local.set(collection, feel::Value::list());
    t.emit(VariablesSetV1{at.key, std::move(local)});
    return std::nullopt;
}

MaybeFailure start_ad_hoc(Transition& t, const Active& at) {
    if (auto failure = too_deep(t, at, IncidentKind::step_limit)) return failure;
    if (auto failure = open_ad_hoc(t, at)) return failure;
    if (at.node->details.job) return start_job(t, at);
    return start_collection(t, at);
}

void ad_hoc_idle(Transition& t, const Active& at) {
    if (end_compensated_scope(t, at)) return;
    const ElementPhase phase = t.state().element(at.key)->phase;
    if (at.inner) {
        if (phase != ElementPhase::active) return;
        const Active ad_hoc = t.active(at.scope);
        collect_output(t, at, ad_hoc);
        remember_completion(t, at);
        t.emit(ElementCompletedV1{at.key, {}});
        decide_ad_hoc(t, ad_hoc);
        return;
    }
    const CaseState& state = t.state();
    const auto of_it = [&at](const auto& item) { return item.element == at.key; };
    const bool held = std::any_of(state.jobs.begin(), state.jobs.end(), of_it) ||
                      std::any_of(state.incidents.begin(), state.incidents.end(), of_it);
    if (phase == ElementPhase::completing && !held) finish(t, at);
}

void decide_ad_hoc(Transition& t, const Active& ad_hoc, bool may_start_job) {
    const auto& definition = *ad_hoc.node->details.ad_hoc;
    if (t.state().element(ad_hoc.key)->phase == ElementPhase::completing) {
        if (!has_children(t, ad_hoc.key)) finish(t, ad_hoc);
        return;
    }
    if (ad_hoc.node->details.job) {
        if (!may_start_job) return;
        cancel_job(t, ad_hoc.key);
        if (auto failure = start_job(t, ad_hoc)) {
            t.raise(ad_hoc.key, std::move(*failure), ElementPhase::active);
        }
        return;
    }
    if (!definition.completion_condition.present()) {
        if (!begin_next_in_order(t, ad_hoc) && !has_children(t, ad_hoc.key)) finish(t, ad_hoc);
        return;
    }
    const auto complete =
        expressions::boolean(t, definition.completion_condition, ad_hoc.key,
                             "the completion condition of '" + ad_hoc.node->id + "'");
    if (complete.has_error()) {
        t.raise(ad_hoc.key, complete.error(), ElementPhase::active);
    } else if (!*complete) {
        begin_next_in_order(t, ad_hoc);
    } else if (definition.cancel_remaining || !has_children(t, ad_hoc.key)) {
        finish(t, ad_hoc);
    } else {
        wait_for_the_rest(t, ad_hoc);
    }
}

// An interrupting one has ended everything else, so the ad-hoc subprocess ends with it.
void event_sub_process_ended(Transition& t, const Active& ended) {
    const ElementInstance* scope = t.state().element(ended.scope);
    if (scope == nullptr) return;
    const Active ad_hoc = t.active(ended.scope);
    if (ad_hoc.node->kind != bpmn::NodeKind::ad_hoc_sub_process || ad_hoc.inner) return;
    if (thrower_of_handler(t, ad_hoc.key)) return;
    if (ended.process->node(ended.node->start_events.at(0)).interrupting) {
        wait_for_the_rest(t, ad_hoc);
    } else {
        decide_ad_hoc(t, ad_hoc);
    }
}

std::optional<Error> check_ad_hoc_elements(const Transition& t, const Active& ad_hoc,
                                           const std::vector<ActivateElement>& elements) {
    for (const ActivateElement& e : elements) {
        if (inner_element(ad_hoc, e.element) == nullptr) {
            return fail(ErrorCode::invalid_input, "'" + e.element + "' is no element of '" +
                                                      ad_hoc.node->id + "' that can be activated");
        }
    }
    if (ad_hoc.node->details.ad_hoc->sequential &&
        (elements.size() > 1 || (!elements.empty() && has_children(t, ad_hoc.key)))) {
        return fail(ErrorCode::conflict,
                    "'" + ad_hoc.node->id + "' activates one element at a time");
    }
    return std::nullopt;
}

void activate_in_ad_hoc(Transition& t, const Active& ad_hoc,
                        const std::vector<ActivateElement>& elements, bool cancel_remaining) {
    if (cancel_remaining) cancel_inner(t, ad_hoc);
    for (const ActivateElement& e : elements) {
        if (t.state().element(ad_hoc.key) == nullptr) return;
        begin_inner(t, ad_hoc, *inner_element(ad_hoc, e.element), e.variables);
    }
}

std::optional<Error> complete_ad_hoc_job(Transition& t, const Job& job,
                                         const CompleteJob& command) {
    const Active at = t.active(job.element);
    const JobResult& result = command.result;
    if (result.completion_condition_fulfilled && !result.activate_elements.empty()) {
        return fail(ErrorCode::invalid_input,
                    "an ad-hoc subprocess cannot be complete and activate elements");
    }
    if (auto error = check_ad_hoc_elements(t, at, result.activate_elements)) return error;
    t.emit(JobCompletedV1{JobKey(job.key)});
    if (!command.variables.empty()) t.emit(VariablesSetV1{at.key, command.variables});
    if (result.cancel_remaining_instances) cancel_inner(t, at);
    if (result.completion_condition_fulfilled) {
        wait_for_the_rest(t, at);
        decide_ad_hoc(t, at, false);
        return std::nullopt;
    }
    activate_in_ad_hoc(t, at, result.activate_elements, false);
    return std::nullopt;
}

}  // namespace schwarm::engine::elements
