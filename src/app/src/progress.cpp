// Where a case stands in its process: its history over the model.
#include "progress.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "impl.hpp"
#include "schwarm/engine/history.hpp"

namespace schwarm::app {
namespace {

constexpr std::size_t kCommandsMax = 5'000;

bool is_begin(const std::vector<engine::Event>& events) {
    return std::any_of(events.begin(), events.end(), [](const engine::Event& event) {
        return std::holds_alternative<engine::CaseCreatedV1>(event);
    });
}

// What a case did, element by element.
class Past {
  public:
    Past(const LoadedCase& loaded, const engine::CaseHistory& history)
        : process_(*loaded.package->process), state_(loaded.state), history_(history) {}

    std::vector<StepProgress> steps() {
        if (!history_.processes.empty()) {
            for (const auto& element : history_.elements) {
                if (is_own(element)) add(element);
            }
        }
        for (const auto& element : state_.elements) wait(element);
        for (const auto& token : state_.waiting) {
            if (token.definition != state_.definition || token.flow >= process_.flows.size()) {
                continue;
            }
            step(process_.flow(token.flow).target).state = StepState::active;
        }
        for (const auto& incident : state_.incidents) stop(incident);
        std::vector<StepProgress> out;
        for (auto& [node, one] : steps_) out.push_back(std::move(one));
        return out;
    }

    std::vector<std::string> taken() const {
        std::vector<std::string> out;
        for (const auto& flow : history_.flows) {
            if (flow.process_instance == history_.processes.front().key) {
                out.push_back(flow.flow_id);
            }
        }
        return out;
    }

  private:
    bool is_own(const engine::HistoricElement& element) const {
        const ElementKey root = history_.processes.front().key;
        return element.process_instance == root && element.key != root && !element.inner &&
               element.loop_counter == 0;
    }

    StepProgress& step(bpmn::NodeIndex node) {
        auto [at, added] = steps_.try_emplace(node);
        if (added) {
            at->second.element = process_.node(node).id;
            at->second.name = process_.node(node).name;
            at->second.kind = process_.node(node).kind;
            at->second.times = 0;
        }
        return at->second;
    }

    void add(const engine::HistoricElement& element) {
        const bpmn::NodeIndex node = process_.find(element.element_id);
        if (node == bpmn::kNoNode || node == bpmn::kProcessNode) return;
        StepProgress& one = step(node);
        ++one.times;
        // An older activation that has not ended says more than a newer one that has.
        if (one.state == StepState::active && element.end) return;
        one.since = element.start;
        one.until = element.end;
        one.state = element.state == engine::HistoryState::active      ? StepState::active
                    : element.state == engine::HistoryState::completed ? StepState::passed
                                                                       : StepState::ended;
    }

    // The state has them also where the history is too long to be read.
    void wait(const engine::ElementInstance& element) {
        if (element.definition != state_.definition || element.node == bpmn::kProcessNode ||
            element.node >= process_.nodes.size()) {
            return;
        }
        StepProgress& one = step(element.node);
        one.state = StepState::active;
        one.until.reset();
        one.times = std::max<std::uint64_t>(one.times, 1);
    }

    void stop(const engine::Incident& incident) {
        const auto* element = state_.element(incident.element);
        if (element == nullptr || element->definition != state_.definition ||
            element->node >= process_.nodes.size()) {
            return;
        }
        StepProgress& one = step(element->node);
        one.state = StepState::incident;
        one.reason = incident.reason;
    }

    const bpmn::Process& process_;
    const engine::CaseState& state_;
    const engine::CaseHistory& history_;
    std::map<bpmn::NodeIndex, StepProgress> steps_;
};

// What elements have sent; the effects are not part of a CaseHistory.
std::vector<Sending> sendings_in(const std::vector<engine::Event>& events,
                                 const engine::CaseHistory& history) {
    std::vector<Sending> out;
    Instant now{};
    for (const auto& event : events) {
        if (const auto* command = std::get_if<engine::CommandAcceptedV1>(&event)) now = command->at;
        const auto* effect = std::get_if<engine::EffectRequestedV1>(&event);
        if (effect == nullptr || (effect->kind != "deliver" && effect->kind != "send")) continue;
        const auto* element = history.element(effect->element);
        if (element != nullptr) out.push_back({element->element_id, effect->name, now});
    }
    return out;
}

}  // namespace

std::string_view name_of(StepState state) {
    constexpr std::array<std::string_view, 4> kNames = {"passed", "ended", "active", "incident"};
    return kNames.at(static_cast<std::size_t>(state));
}

Result<CaseProgress> App::progress(const Principal& principal, const TenantId& tenant, CaseId id,
                                   forms::Lang lang) const {
    SCHWARM_TRY(loaded, impl_->load(principal, Action::view_progress, tenant, id));
    SCHWARM_TRY(view, impl_->runtime.read(tenant));
    CaseProgress out;
    out.number = loaded.number;
    out.id = id;
    out.tenant = tenant;
    out.tenant_name = loaded.tenant->authority.name;
    out.title = loaded.package->text("title", language_of(lang));
    out.open = loaded.state.status == engine::CaseStatus::active;
    out.diagram = bpmn::diagram_of(loaded.package->model());

    SCHWARM_TRY(entries, view.history(id, kCommandsMax));
    std::vector<engine::Event> events;
    engine::CaseHistory history;
    out.complete = !entries.empty() && is_begin(entries.front().events);
    if (out.complete) {
        for (auto& entry : entries) {
            std::move(entry.events.begin(), entry.events.end(), std::back_inserter(events));
        }
        const auto definitions = impl_->bindings.definitions(tenant);
        if (definitions == nullptr) return fail(ErrorCode::not_found, "");
        history = engine::project_history(events, definitions->processes);
    }
    Past past(loaded, history);
    out.steps = past.steps();
    if (out.complete) out.taken = past.taken();

    CaseMail mail;
    if (impl_->network != nullptr) {
        SCHWARM_TRY(known, impl_->network->mail(tenant, id));
        mail = std::move(known);
    }
    out.complete = out.complete && mail.complete;
    out.messages = messages_of(loaded, history, sendings_in(events, history), mail);
    out.partners = partners_of(*loaded.package, mail);
    for (PartnerProgress& partner : out.partners) {
        if (!partner.conversation || !partner.conversation->other) continue;
        const auto& [where, which] = *partner.conversation->other;
        // Whoever may not see the other case does not learn its number either.
        const auto there = impl_->load(principal, Action::view_progress, where, which);
        if (there.has_value()) partner.other = OtherCase{where, which, there->number};
        partner.conversation->other.reset();
    }
    return out;
}

}  // namespace schwarm::app
