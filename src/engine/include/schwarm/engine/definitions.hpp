// What the engine asks its host during one command: processes, decisions, inline tasks. All of
// them are called synchronously inside decide() and must be pure (same question, same answer)
// as long as the definitions do not change.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/base/result.hpp"
#include "schwarm/bpmn/process.hpp"
#include "schwarm/engine/ids.hpp"
#include "schwarm/engine/variables.hpp"
#include "schwarm/feel/evaluation.hpp"

namespace schwarm::engine {

class ProcessProvider {
  public:
    virtual ~ProcessProvider() = default;
    // Null if it is not deployed. Must stay alive during decide().
    virtual const bpmn::Process* process(const DefinitionKey& key) const = 0;
    // The definition a call activity of `caller` means by a process id; nothing if there is none.
    virtual std::optional<DefinitionKey> called_process(const DefinitionKey& caller,
                                                        std::string_view process_id) const = 0;
    // The same for a call activity with a binding other than `latest`. A host that keeps one
    // version of each process needs no other answer.
    virtual std::optional<DefinitionKey> bound_process(const DefinitionKey& caller,
                                                       std::string_view process_id,
                                                       const bpmn::Binding& binding) const {
        static_cast<void>(binding);
        return called_process(caller, process_id);
    }
};

// What an expression or decision sees: the variables visible from one scope, nearest first.
// Borrowed: valid only during the call it is handed to.
class VariableView : public feel::Environment {
  public:
    // All visible variables as one context (copies the entries).
    virtual feel::Value to_context() const = 0;
};

struct DecisionCall {
    const DefinitionKey& caller;
    std::string_view decision_id;
    const VariableView& variables;
    Instant now;
    bool readable_rules = false;  // DecisionOutcome::readable_rules is wanted
    bpmn::Binding binding{};      // which version of the decision is meant
};

// inputs: what the decision read; explanation: what the provider wants to be kept of why (null
// where it can tell again from the inputs). Both stand in the event decision_evaluated.
// readable_rules: a list for the process, so that documents can name the rules that matched.
struct DecisionOutcome {
    feel::Value output;
    std::string version;
    feel::Value inputs;
    feel::Value explanation;
    feel::Value readable_rules;
};

// An error (decision missing, evaluation failed) becomes an incident with its message.
class DecisionProvider {
  public:
    virtual ~DecisionProvider() = default;
    virtual Result<DecisionOutcome> evaluate(const DecisionCall& call) const = 0;
};

// A service task whose type begins with "schwarm:": a pure function run inside decide().
struct InlineCall {
    const VariableView& variables;  // everything visible from the task
    const Variables& local;         // what its input mapping made
    const std::map<std::string, feel::Value, std::less<>>& headers;  // evaluated
    Instant now;
    CaseId case_id;
    const TenantId& tenant;
    ElementKey element;
    const feel::Value& settings;  // of the tenant, a context
};

struct NewDocument {
    std::string document;  // name of the template
    std::string title;
    feel::Value data;
};

// Carried out by the host after the commit, at least once.
struct NewEffect {
    std::string kind;  // "print", "message", "send", ...
    std::string name;
    feel::Value payload;
};

struct InlineResult {
    Variables variables;  // like those of a completed job
    std::vector<NewDocument> documents;
    std::vector<NewEffect> effects;
    std::optional<Instant> archive_until;  // set: the case is archived with this retention date
};

// An error becomes an incident with its message.
using InlineTask = std::function<Result<InlineResult>(const InlineCall&)>;

// A task that the host works after the commit, as a job that nobody else can get: it asks another
// authority's register (docs/decisions/0012-evidence.md).
inline constexpr std::string_view kEvidenceJob = "schwarm:evidence";
// Who may complete it: actors that begin so.
inline constexpr std::string_view kHostActor = "system:";

class InlineTasks {
  public:
    // With the built-in ones (README): schwarm:notice, schwarm:print, schwarm:archive,
    // schwarm:message.
    InlineTasks();
    void add(std::string type, InlineTask task);
    const InlineTask* find(std::string_view type) const;  // null if there is none

  private:
    std::map<std::string, InlineTask, std::less<>> tasks_;
};

struct Limits {
    std::uint32_t steps_max = 10'000;            // in one command
    std::size_t variables_bytes_max = 4U << 20;  // of one command's new values, encoded
    std::uint32_t depth_max = 64;                // nested scopes and calls
    std::uint32_t loop_items_max = 10'000;       // of one multi-instance activity
};

// Borrowed for the time of one call; usually one per tenant.
struct Definitions {
    const ProcessProvider& processes;
    const DecisionProvider& decisions;
    const InlineTasks& inline_tasks;
    feel::Value settings;  // of the tenant, a context
    Limits limits;
};

}  // namespace schwarm::engine
