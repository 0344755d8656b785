// Starting process instances, and waiting for their end.
#include <algorithm>
#include <array>

#include "commands.hpp"
#include "routes.hpp"
#include "schwarm/feel/codec.hpp"
#include "schwarm/runtime/rows.hpp"
#include "views.hpp"

namespace schwarm::api::v2 {
namespace {

constexpr std::string_view kTag = "Process instance";
constexpr std::size_t kTagsMax = 10;
constexpr std::size_t kTagBytesMax = 100;
constexpr std::size_t kBusinessIdBytesMax = 256;

using DefinitionPtr = std::shared_ptr<const services::ProcessDefinition>;

// What is asked for, without the variables.
struct Creation {
    DefinitionPtr definition;
    std::string tenant;
    std::string business_id;
    std::vector<std::string> tags;
    std::optional<std::chrono::milliseconds> wait;  // for the end
    std::vector<std::string> fetch;
};

Result<DefinitionPtr> find_definition(const Call& call, const json::Value& body) {
    SCHWARM_TRY(key, key_member(body, "processDefinitionKey"));
    SCHWARM_TRY(id, text_member(body, "processDefinitionId"));
    if (key.has_value() == !id.empty()) {
        return fail(ErrorCode::invalid_input,
                    "exactly one of processDefinitionId and processDefinitionKey must be given");
    }
    if (key) return definition_of(call, *key);
    SCHWARM_TRY(version, whole_member(body, "processDefinitionVersion", -1, INT32_MAX));
    SCHWARM_TRY(set, definitions_of(call));
    const bool latest = version.value_or(-1) == -1;
    DefinitionPtr found = latest ? set->process(id) : nullptr;
    if (!latest) {
        for (auto& process : set->processes()) {
            if (process->id == id && process->version == *version) found = std::move(process);
        }
    }
    if (!found) {
        return fail(ErrorCode::not_found,
                    "no process definition has the id '" + id + "'" +
                        (latest ? "" : " and the version " + std::to_string(*version)));
    }
    return found;
}

bool is_tag(std::string_view text) {
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    const auto is_part = [&](char c) {
        return is_letter(c) || (c >= '0' && c <= '9') ||
               std::string_view("_-:.").find(c) != std::string_view::npos;
    };
    return !text.empty() && text.size() <= kTagBytesMax && is_letter(text.front()) &&
           std::all_of(text.begin(), text.end(), is_part);
}

Result<std::vector<std::string>> read_tags(const json::Value& body) {
    SCHWARM_TRY(given, texts_member(body, "tags"));
    auto tags = given ? std::move(*given) : std::vector<std::string>();
    std::sort(tags.begin(), tags.end());
    tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
    if (tags.size() > kTagsMax || !std::all_of(tags.begin(), tags.end(), is_tag)) {
        return fail(ErrorCode::invalid_input,
                    "there are at most 10 tags; each begins with a letter and has at most 100 of "
                    "the characters a-z A-Z 0-9 _ - : .",
                    "tags");
    }
    return tags;
}

Result<Creation> read_creation(const Call& call, const json::Value& body) {
    Creation out;
    SCHWARM_TRY(tenant, text_member(body, "tenantId"));
    SCHWARM_TRY_VOID(check_tenant(call, tenant));
    SCHWARM_TRY(definition, find_definition(call, body));
    SCHWARM_TRY(business_id, text_member(body, "businessId"));
    SCHWARM_TRY(tags, read_tags(body));
    SCHWARM_TRY(await, flag_member(body, "awaitCompletion"));
    SCHWARM_TRY(wait, wait_member(body, kDefaultWait));
    SCHWARM_TRY(fetch, texts_member(body, "fetchVariables"));
    SCHWARM_TRY(ends, objects_member(body, "runtimeInstructions"));
    if (!ends.empty()) {
        return fail(ErrorCode::invalid_input, "this node knows no such instructions",
                    "runtimeInstructions");
    }
    if (business_id.size() > kBusinessIdBytesMax) {
        return fail(ErrorCode::invalid_input, "this is longer than 256 bytes", "businessId");
    }
    out.definition = std::move(definition);
    out.tenant = call.tenant().value();
    out.business_id = std::move(business_id);
    out.tags = std::move(tags);
    if (await.value_or(false)) out.wait = wait;
    if (fetch) out.fetch = std::move(*fetch);
    return out;
}

Result<engine::CreateCase> command_for(const json::Value& body, const Creation& creation) {
    engine::CreateCase command;
    command.definition = services::definition_key_of(creation.definition->key);
    command.business_id = creation.business_id;
    command.tags = creation.tags;
    SCHWARM_TRY(variables, set_variables(body));
    command.variables = std::move(variables);
    SCHWARM_TRY(starts, objects_member(body, "startInstructions"));
    for (const auto& start : starts) {
        SCHWARM_TRY(element, needed_text(start, "elementId"));
        command.start_instructions.push_back({std::move(element), {}, {}});
    }
    return command;
}

std::string creation_json(const Creation& creation, CaseId id, const engine::Variables& all) {
    json::Writer out;
    out.begin_object()
        .member("processDefinitionId", creation.definition->id)
        .member("processDefinitionVersion", creation.definition->version)
        .member("tenantId", creation.tenant)
        .name("variables")
        .begin_object();
    for (const auto& [name, value] : all) {
        const auto& fetch = creation.fetch;
        if (!fetch.empty() && std::find(fetch.begin(), fetch.end(), name.text()) == fetch.end()) {
            continue;
        }
        out.name(name.text());
        feel::write_json(value, out);
    }
    out.end_object()
        .member("processDefinitionKey", key_text(creation.definition->key))
        .member("processInstanceKey", key_text(runtime::global_key(id, kRootInstance)))
        .name("tags")
        .begin_array();
    for (const auto& tag : creation.tags) out.value(tag);
    out.end_array();
    if (!creation.business_id.empty()) out.member("businessId", creation.business_id);
    out.end_object();
    return out.take();
}

// After the end of the case, or when the time is over.
void answer_end(const V2Dependencies& api, const Answer& answer, const TenantId& tenant,
                const Creation& creation, const Result<runtime::CaseRow>& row) {
    if (!row) return answer.problem(row.error());
    if (row->status == engine::CaseStatus::active) {
        return answer.problem(504, "DEADLINE_EXCEEDED",
                              "process instance " +
                                  key_text(runtime::global_key(row->id, kRootInstance)) +
                                  " has not ended within the time");
    }
    if (row->status == engine::CaseStatus::cancelled) {
        return answer.problem(409, "INVALID_STATE",
                              "process instance " +
                                  key_text(runtime::global_key(row->id, kRootInstance)) +
                                  " was cancelled");
    }
    const auto view = api.runtime.read(tenant);
    if (!view) return answer.problem(view.error());
    const auto state = view->case_state(row->id);
    if (!state) return answer.problem(state.error());
    answer.json(creation_json(creation, row->id, state->variables));
}

void create(const Call& call, const Answer& answer) {
    const auto body = json_body(call);
    if (!body) return answer.problem(body.error());
    auto creation = read_creation(call, *body);
    if (!creation) return answer.problem(creation.error());
    auto command = command_for(*body, *creation);
    if (!command) return answer.problem(command.error());
    carry_out(call, answer, CaseId(), std::move(*command),
              [answer, creation = std::make_shared<const Creation>(std::move(*creation)),
               &api = call.api, tenant = call.tenant()](const Result<runtime::Reply>& done) {
                  if (!done) return answer.problem(shown_refusal_of_body(done.error()));
                  const CaseId id = done->case_id;
                  if (!creation->wait) return answer.json(creation_json(*creation, id, {}));
                  api.runtime.await_case(
                      tenant, id, *creation->wait,
                      [answer, creation, &api, tenant](const Result<runtime::CaseRow>& row) {
                          answer_end(api, answer, tenant, *creation, row);
                      });
              });
}

constexpr std::array kRoutes = {
    Route{http::Method::post, "/process-instances", "createProcessInstance", kTag,
          "Start a process instance, and wait for its end with awaitCompletion",
          app::Action::start_process, create, "ProcessInstanceCreationInstruction",
          "CreateProcessInstanceResult"},
};

}  // namespace

std::span<const Route> process_instance_creation_routes() {
    return kRoutes;
}

}  // namespace schwarm::api::v2
