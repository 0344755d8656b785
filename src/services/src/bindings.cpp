#include "schwarm/services/bindings.hpp"

#include <algorithm>
#include <map>
#include <mutex>

#include "parts.hpp"
#include "schwarm/base/check.hpp"
#include "schwarm/base/clock.hpp"
#include "schwarm/dmn/program.hpp"
#include "schwarm/services/explanation.hpp"

namespace schwarm::services {
namespace {

// Of one decision; the history keeps far less (ExplanationLimits).
constexpr std::size_t kTraceMax = 2'000;

Zone berlin() {
    static const std::optional<Zone> zone = find_zone("Europe/Berlin");
    CHECK(zone.has_value(), "the system has no time zone data for Europe/Berlin");
    return *zone;
}

// schwarm:message: header `text` is a key of texts/; the input variables are its parameters.
Result<engine::InlineResult> message(const engine::InlineCall& call) {
    const auto text = call.headers.find("text");
    if (text == call.headers.end() || !text->second.is_string()) {
        return fail(ErrorCode::invalid_input, "the header 'text' is missing or not a text");
    }
    engine::InlineResult out;
    out.effects.push_back(
        {"message", std::string(text->second.as_string()), call.local.to_context()});
    return out;
}

// schwarm:archive: the case is kept for the period of the package.
Result<engine::InlineResult> archive(const engine::InlineCall& call) {
    static const feel::Key name("aufbewahrung");
    const auto* period = call.variables.find(name);
    engine::InlineResult out;
    if (period != nullptr && period->kind() == feel::Kind::years_months_duration) {
        out.archive_until = after({period->as_years_months().months, 0}, call.now);
    } else if (period != nullptr && period->kind() == feel::Kind::days_time_duration) {
        const auto seconds = period->as_days_time().seconds;
        if (seconds % kSecondsPerDay != 0) {
            out.archive_until = call.now + std::chrono::seconds(seconds);
            return out;
        }
        out.archive_until = after({0, seconds / kSecondsPerDay}, call.now);
    }
    if (!out.archive_until) {
        return fail(ErrorCode::invalid_input, "the variable 'aufbewahrung' is not a duration");
    }
    return out;
}

dmn::Outcome evaluate_at(const dmn::Program& program, std::size_t invocable,
                         const feel::Value& inputs, Instant at,
                         const feel::EvaluationLimits& limits, bool trace) {
    const ManualClock clock(at);
    dmn::EvaluationOptions options;
    options.clock = &clock;
    options.limits = limits;
    options.trace = trace;
    options.trace_rules_only = true;
    options.trace_max = kTraceMax;
    return program.evaluate(invocable, inputs, options);
}

// All of the outcome but the version.
Result<engine::DecisionOutcome> evaluate_program(const dmn::Program& program, std::size_t invocable,
                                                 const std::vector<feel::Key>& reads,
                                                 const engine::DecisionCall& call,
                                                 const feel::EvaluationLimits& limits) {
    feel::ContextBuilder input;
    input.reserve(reads.size());
    for (const auto& name : reads) {
        if (const auto* value = call.variables.find(name)) input.append(name, *value);
    }
    engine::DecisionOutcome outcome;
    outcome.inputs = input.build();
    auto evaluated =
        evaluate_at(program, invocable, outcome.inputs, call.now, limits, call.readable_rules);
    const auto& diagnostics = evaluated.diagnostics;
    const auto error = std::find_if(diagnostics.begin(), diagnostics.end(), [](const auto& one) {
        return one.severity == feel::Diagnostic::Severity::error;
    });
    if (evaluated.value.is_null() && error != diagnostics.end()) {
        const auto place = place_of_failure(
            evaluate_at(program, invocable, outcome.inputs, call.now, limits, true));
        return fail(ErrorCode::invalid_input,
                    "decision '" + std::string(call.decision_id) + "' has no result: " +
                        (error->subject.empty() ? "" : error->subject + ": ") + error->reason +
                        (place.empty() ? "" : " (" + place + ")"));
    }
    if (call.readable_rules) outcome.readable_rules = readable_rules(program, evaluated);
    outcome.output = std::move(evaluated.value);
    return outcome;
}

}  // namespace

// Both worlds of one tenant.
class Bindings::OfTenant final : public engine::ProcessProvider, public engine::DecisionProvider {
  public:
    OfTenant(const Bindings& bindings, TenantId tenant)
        : bindings_(bindings), tenant_(std::move(tenant)) {}

    const bpmn::Process* process(const engine::DefinitionKey& key) const override {
        const auto number = deployed_key(key);
        if (!number) return bindings_.process(key);
        const auto set = bindings_.deployments_->of(tenant_);
        const auto definition = set ? (*set)->process(*number) : nullptr;
        if (!definition) return nullptr;
        const auto compiled = bindings_.deployments_->compiled(tenant_, *definition);
        return compiled ? *compiled : nullptr;
    }

    std::optional<engine::DefinitionKey> called_process(
        const engine::DefinitionKey& caller, std::string_view process_id) const override {
        return bound_process(caller, process_id, {});
    }

    std::optional<engine::DefinitionKey> bound_process(
        const engine::DefinitionKey& caller, std::string_view process_id,
        const bpmn::Binding& binding) const override {
        if (!deployed_key(caller)) return bindings_.called_process(caller, process_id);
        const auto set = bindings_.deployments_->of(tenant_);
        if (!set) return std::nullopt;
        const auto definition = (*set)->process(process_id, version(**set, caller, binding));
        if (!definition) return std::nullopt;
        return definition_key_of(definition->key);
    }

    Result<engine::DecisionOutcome> evaluate(const engine::DecisionCall& call) const override {
        if (!deployed_key(call.caller)) return bindings_.evaluate(call);
        SCHWARM_TRY(set, bindings_.deployments_->of(tenant_));
        const auto found =
            set->decision(call.decision_id, version(*set, call.caller, call.binding));
        if (!found) {
            return fail(ErrorCode::not_found,
                        "there is no decision '" + std::string(call.decision_id) + "'");
        }
        SCHWARM_TRY(compiled, bindings_.deployments_->compiled(tenant_, *found.requirements));
        const auto* decision = compiled->find(found.decision->id);
        if (decision == nullptr) {
            return fail(ErrorCode::corrupt, "a deployed file has lost a decision",
                        found.decision->id);
        }
        SCHWARM_TRY(outcome, evaluate_program(compiled->program(), decision->invocable,
                                              decision->reads, call, bindings_.limits_));
        outcome.version = std::to_string(found.decision->key);
        return outcome;
    }

  private:
    // What a binding means for an element of `caller`.
    VersionBinding version(const DefinitionSet& set, const engine::DefinitionKey& caller,
                           const bpmn::Binding& binding) const {
        VersionBinding out;
        if (binding.type == bpmn::BindingType::version_tag) {
            out.kind = VersionBinding::Kind::version_tag;
            out.version_tag = binding.version_tag;
        } else if (binding.type == bpmn::BindingType::deployment) {
            const auto process = set.process(*deployed_key(caller));
            out.kind = VersionBinding::Kind::deployment;
            out.deployment_key = process ? process->deployment_key : 0;
        }
        return out;
    }

    std::optional<std::uint64_t> deployed_key(const engine::DefinitionKey& key) const {
        return bindings_.deployments_ == nullptr ? std::nullopt : deployed_key_of(key);
    }

    const Bindings& bindings_;
    TenantId tenant_;
};

struct Bindings::Cache {
    Cache() {
        inline_tasks.add("schwarm:message", message);
        inline_tasks.add("schwarm:archive", archive);
    }

    // The definitions borrow the provider.
    struct Bound {
        Bound(const Bindings& bindings, const TenantId& tenant,
              const engine::InlineTasks& inline_tasks, feel::Value settings)
            : provider(bindings, tenant),
              definitions{provider, provider, inline_tasks, std::move(settings), {}} {}
        OfTenant provider;
        engine::Definitions definitions;
    };
    struct Entry {
        std::uint64_t revision = 0;
        std::shared_ptr<const Bound> bound;
        std::shared_ptr<const engine::Definitions> definitions() const {
            return {bound, &bound->definitions};
        }
    };
    engine::InlineTasks inline_tasks;
    std::mutex mutex;
    std::map<std::string, Entry, std::less<>> entries;  // by tenant
};

Bindings::Bindings(const Registry& registry, const feel::EvaluationLimits& limits,
                   const Deployments* deployments)
    : registry_(registry),
      limits_(limits),
      deployments_(deployments),
      cache_(std::make_unique<Cache>()) {}
Bindings::~Bindings() = default;

std::shared_ptr<const engine::Definitions> Bindings::definitions(const TenantId& tenant) const {
    const auto revision = registry_.revision();
    const std::scoped_lock lock(cache_->mutex);
    auto& entry = cache_->entries[tenant.value()];
    if (entry.bound && entry.revision == revision) return entry.definitions();
    const auto known = registry_.tenant(tenant);
    if (!known) {
        cache_->entries.erase(tenant.value());
        return nullptr;
    }
    feel::ContextBuilder settings;
    for (const auto& service : known->services) {
        if (auto offer = registry_.offer(tenant, service.id)) {
            settings.set(service.id.value(), std::move(offer->settings));
        }
    }
    entry.revision = revision;
    entry.bound =
        std::make_shared<const Cache::Bound>(*this, tenant, cache_->inline_tasks, settings.build());
    return entry.definitions();
}

std::optional<runtime::Retention> Bindings::retention(
    const TenantId& tenant, const runtime::CaseRow& row,
    const std::optional<bpmn::Period>& otherwise) const {
    if (!row.ended) return std::nullopt;
    if (deployed_key_of(row.definition)) {
        if (row.retention_until) return std::nullopt;
        const auto bound = definitions(tenant);
        const auto* process = bound ? bound->processes.process(row.definition) : nullptr;
        const auto& own = process == nullptr ? otherwise : process->history_time_to_live;
        const auto& period = own ? own : otherwise;
        const auto until = period ? period->after(*row.ended) : std::nullopt;
        if (!until) return std::nullopt;
        return runtime::Retention{*until, {}, std::nullopt};
    }
    const auto package = registry_.package_of_definition(row.definition.value());
    if (!package || !package->retention.automatic) return std::nullopt;
    const Retention& said = package->retention;
    const auto until = row.retention_until ? row.retention_until : after(said.period, *row.ended);
    if (!until) return std::nullopt;
    runtime::Retention out{*until, said.rule, std::nullopt};
    if (said.log) out.log_until = after(*said.log, row.created);
    return out;
}

const bpmn::Process* Bindings::process(const engine::DefinitionKey& key) const {
    // Packages are never dropped by the registry, so the pointer outlives every decide().
    const auto package = registry_.package_of_definition(key.value());
    return package ? package->process.get() : nullptr;
}

std::optional<engine::DefinitionKey> Bindings::called_process(const engine::DefinitionKey& caller,
                                                              std::string_view process_id) const {
    const auto* own = process(caller);
    if (own != nullptr && own->id == process_id) return caller;
    return std::nullopt;
}

Result<engine::DecisionOutcome> Bindings::evaluate(const engine::DecisionCall& call) const {
    const auto package = registry_.package_of_definition(call.caller.value());
    const auto not_found = [&] {
        return fail(ErrorCode::not_found,
                    "there is no decision '" + std::string(call.decision_id) + "'");
    };
    if (!package || !package->decisions) return not_found();
    const auto& decisions = package->parts->decisions;
    const auto found = decisions.find(call.decision_id);
    if (found == decisions.end()) return not_found();
    SCHWARM_TRY(outcome, evaluate_program(*package->decisions, found->second.invocable,
                                          found->second.inputs, call, limits_));
    outcome.version = package->version;
    return outcome;
}

Explanation explain_decision(const Package& package, std::string_view decision_id,
                             const feel::Value& inputs, Instant at) {
    if (!package.decisions) return {};
    const auto found = package.parts->decisions.find(decision_id);
    if (found == package.parts->decisions.end()) return {};
    const auto outcome =
        evaluate_at(*package.decisions, found->second.invocable, inputs, at, {}, true);
    return explain(*package.decisions, pack_explanation(outcome));
}

engine::Variables start_variables(const Package& package, const feel::Value& cleaned_answers,
                                  const feel::Value& settings, Instant received,
                                  std::string_view reference) {
    static const feel::Key antrag("antrag");
    static const feel::Key aufbewahrung("aufbewahrung");
    static const feel::Key einstellungen("einstellungen");
    static const feel::Key eingang("eingang");
    static const feel::Key vorgang_id("vorgang_id");
    const Period& period = package.retention.period;
    engine::Variables variables;
    variables.set(antrag, cleaned_answers);
    variables.set(aufbewahrung, period.months > 0
                                    ? feel::Value(YearsMonths{period.months})
                                    : feel::Value(DaysTime{period.days * kSecondsPerDay, 0}));
    variables.set(eingang, feel::Value(local_day(received)));
    variables.set(einstellungen, settings);
    variables.set(vorgang_id, feel::Value(reference));
    return variables;
}

engine::Variables start_variables_of_message(const Package& package, const feel::Value& body,
                                             const feel::Value& settings, Instant received,
                                             std::string_view reference) {
    static const feel::Key antrag("antrag");
    auto variables = engine::Variables::from_context(body);
    for (const auto& [name, value] :
         start_variables(package, feel::Value(), settings, received, reference)) {
        if (name != antrag) variables.set(name, value);
    }
    return variables;
}

Date local_day(Instant at) {
    return DateTime::from_instant(at, berlin()).date;
}

std::optional<Instant> after(const Period& period, Instant from) {
    const auto day = local_day(from);
    const auto end =
        period.months != 0 ? add_months(day, period.months) : add_days(day, period.days);
    if (!end || end->civil().year > 9999) return std::nullopt;
    return from + std::chrono::hours(24 * (end->days - day.days));
}

std::string current_milestone(const Package& package, const engine::CaseState& state) {
    const auto& process = *package.process;
    if (state.status == engine::CaseStatus::active) {
        // Deeper elements are younger and more precise.
        for (auto element = state.elements.rbegin(); element != state.elements.rend(); ++element) {
            if (element->definition != 0 || element->node >= process.nodes.size()) continue;
            const auto name = package.milestone(process.node(element->node).id);
            if (!name.empty()) return std::string(name);
        }
    }
    for (auto passed = state.milestones.rbegin(); passed != state.milestones.rend(); ++passed) {
        if (passed->definition != 0 || passed->node >= process.nodes.size()) continue;
        const auto name = package.milestone(process.node(passed->node).id);
        if (!name.empty()) return std::string(name);
    }
    return {};
}

Result<std::string> render_document(const Package& package, const engine::Document& document,
                                    const DocumentPlace& place) {
    const auto compiled = package.find_document(document.document);
    if (!compiled) {
        return fail(ErrorCode::not_found, "there is no template '" + document.document + "'");
    }
    feel::ContextBuilder scope;
    if (document.data.is_context()) scope = feel::ContextBuilder(document.data.as_context());
    scope.set("vorgang", feel::Value::context({{"nummer", feel::Value(place.case_number)},
                                               {"eingang", feel::Value(place.received)},
                                               {"leistung", feel::Value(package.text("title"))}}));
    scope.set(
        "dokument",
        feel::Value::context({{"id", feel::Value(static_cast<std::int64_t>(document.id.value()))},
                              {"name", feel::Value(document.document)},
                              {"titel", feel::Value(package.text("document." + document.document))},
                              {"datum", feel::Value(local_day(document.created))}}));
    scope.set("behoerde", place.authority == nullptr ? feel::Value() : place.authority->to_feel());
    const auto partials = [&](std::string_view name) -> const html::Template* {
        const auto part = package.find_document(name);
        return part ? &part->source() : nullptr;
    };
    return compiled->render(scope.build(), package.texts("de"), partials);
}

}  // namespace schwarm::services
