// Deploying files, and the files as resources.
#include <array>

#include "routes.hpp"
#include "schwarm/http/form.hpp"
#include "views.hpp"

namespace schwarm::api::v2 {
namespace {

using services::Deployment;

constexpr std::string_view kTag = "Resource";
constexpr std::size_t kDetailBytesMax = 8'000;

// One item has all kinds of definitions as members, and one that is not null.
template <class Fill>
void write_item(json::Writer& out, std::string_view kind, const Fill& fill) {
    out.begin_object();
    for (const std::string_view name :
         {"processDefinition", "decisionDefinition", "decisionRequirements", "form", "resource"}) {
        out.name(name);
        if (name == kind) {
            out.begin_object();
            fill();
            out.end_object();
        } else {
            out.null();
        }
    }
    out.end_object();
}

void write(const services::ProcessDefinition& process, const std::string& tenant,
           json::Writer& out) {
    write_item(out, "processDefinition", [&] {
        out.member("processDefinitionId", process.id)
            .member("processDefinitionVersion", process.version)
            .member("resourceName", process.resource_name)
            .member("tenantId", tenant)
            .member("processDefinitionKey", key_text(process.key));
    });
}

void write(const services::DecisionRequirements& graph, const std::string& tenant,
           json::Writer& out) {
    for (const auto& decision : graph.decisions) {
        write_item(out, "decisionDefinition", [&] {
            out.member("decisionDefinitionId", decision.id)
                .member("version", decision.version)
                .member("name", decision.name)
                .member("tenantId", tenant)
                .member("decisionRequirementsId", graph.id)
                .member("decisionDefinitionKey", key_text(decision.key))
                .member("decisionRequirementsKey", key_text(graph.key));
        });
    }
    write_item(out, "decisionRequirements", [&] {
        out.member("decisionRequirementsId", graph.id)
            .member("decisionRequirementsName", graph.name)
            .member("version", graph.version)
            .member("resourceName", graph.resource_name)
            .member("tenantId", tenant)
            .member("decisionRequirementsKey", key_text(graph.key));
    });
}

void write(const services::FormDefinition& form, const std::string& tenant, json::Writer& out) {
    write_item(out, "form", [&] {
        out.member("formId", form.id)
            .member("version", form.version)
            .member("resourceName", form.resource_name)
            .member("tenantId", tenant)
            .member("formKey", key_text(form.key));
    });
}

void write(const services::ResourceDefinition& resource, const std::string& tenant,
           json::Writer& out) {
    write_item(out, "resource", [&] {
        out.member("resourceId", resource.id)
            .member("version", resource.version)
            .member("resourceName", resource.resource_name)
            .member("tenantId", tenant)
            .member("resourceKey", key_text(resource.key));
    });
}

std::string deployment_json(const Deployment& deployment, const std::string& tenant) {
    json::Writer out;
    out.begin_object()
        .member("tenantId", tenant)
        .member("deploymentKey", key_text(deployment.key))
        .name("deployments")
        .begin_array();
    for (const auto& any : deployment.definitions) {
        std::visit([&](const auto& one) { write(one, tenant, out); }, any);
    }
    out.end_array().end_object();
    return out.take();
}

// Every problem on a line of its own: file, line, element, reason.
std::string refusal(const std::vector<services::Problem>& problems) {
    std::string out = "the deployment was refused:";
    for (const auto& problem : problems) {
        if (problem.warning) continue;
        if (out.size() > kDetailBytesMax) {
            out += "\n...";
            break;
        }
        out += "\n" + problem.text();
    }
    return out;
}

void deploy(const Call& call, const Answer& answer) {
    if (call.request.content_type() != "multipart/form-data") {
        return answer.problem(415, "UNSUPPORTED_MEDIA_TYPE",
                              "the body must be multipart/form-data");
    }
    http::FormLimits limits;
    limits.files_max = services::DeploymentLimits().files_max + 1;
    const auto form = http::parse_form(call.request, limits);
    if (!form) return answer.problem(form.error());
    if (const auto tenant = check_tenant(call, form->fields.get("tenantId")); tenant.has_error()) {
        return answer.problem(tenant.error());
    }
    std::vector<services::ResourceFile> files;
    for (const auto& file : form->files) {
        files.push_back({file.file_name, std::string(file.content)});
    }
    call.api.deployments.deploy(
        call.api.runtime, call.tenant(), std::move(files), call.principal.subject,
        [answer, tenant = call.tenant().value()](Result<Deployment> deployment) {
            if (!deployment) return answer.problem(deployment.error());
            if (deployment->key == 0) {
                return answer.problem(400, "INVALID_ARGUMENT", refusal(deployment->problems));
            }
            answer.json(deployment_json(*deployment, tenant));
        });
}

void remove(const Call& call, const Answer& answer) {
    const auto key = key_param(call, "resourceKey");
    if (!key) return answer.problem(key.error());
    const auto body = json_body(call);
    if (!body) return answer.problem(body.error());
    call.api.deployments.remove(call.api.runtime, call.tenant(), *key, call.principal.subject,
                                [answer, key = *key](const Result<void>& removed) {
                                    if (!removed) return answer.problem(removed.error());
                                    json::Writer out;
                                    out.begin_object().member("resourceKey", key_text(key));
                                    out.name("batchOperation").null().end_object();
                                    answer.json(out.take());
                                });
}

// Whatever has the key in the path.
Result<std::shared_ptr<const services::Definition>> resource_param(const Call& call) {
    SCHWARM_TRY(key, key_param(call, "resourceKey"));
    return find_definition(
        call, key, "resource", [](const services::DefinitionSet& set, std::uint64_t wanted) {
            std::shared_ptr<const services::Definition> found = set.resource(wanted);
            if (!found) found = set.process(wanted);
            if (!found) found = set.requirements(wanted);
            if (!found) found = set.form(wanted);
            return unless_deleted(std::move(found));
        });
}

void resource(const Call& call, const Answer& answer) {
    const auto found = resource_param(call);
    if (!found) return answer.problem(found.error());
    const services::Definition& definition = **found;
    json::Writer out;
    out.begin_object()
        .member("resourceName", definition.resource_name)
        .member("version", definition.version);
    write_text_or_null(out, "versionTag", definition.version_tag);
    out.member("resourceId", definition.id)
        .member("tenantId", call.tenant().value())
        .member("resourceKey", key_text(definition.key))
        .end_object();
    answer.json(out.take());
}

void content(const Call& call, const Answer& answer) {
    const auto found = resource_param(call);
    if (!found) return answer.problem(found.error());
    const auto& name = (*found)->resource_name;
    const bool json = name.ends_with(".form") || name.ends_with(".rpa") || name.ends_with(".json");
    answer_content(call, answer, **found, json ? "application/json" : "application/octet-stream");
}

void content_binary(const Call& call, const Answer& answer) {
    const auto found = resource_param(call);
    if (!found) return answer.problem(found.error());
    answer_content(call, answer, **found, "application/octet-stream");
}

void form(const Call& call, const Answer& answer) {
    const auto key = key_param(call, "formKey");
    if (!key) return answer.problem(key.error());
    const auto found = find_definition(
        call, *key, "form", [](const services::DefinitionSet& set, std::uint64_t wanted) {
            return unless_deleted(set.form(wanted));
        });
    if (!found) return answer.problem(found.error());
    answer_form(call, answer, **found);
}

using http::Method;
constexpr auto kRead = app::Action::read_definition;
constexpr std::array kRoutes = {
    Route{Method::post, "/deployments", "createDeployment", kTag,
          "Deploy BPMN, DMN, form and other files, all or none", app::Action::deploy_resource,
          deploy, "DeploymentRequest", "DeploymentResult", 200, "multipart/form-data",
          "application/json", http::kUploadBytesMax},
    Route{Method::post, "/resources/{resourceKey}/deletion", "deleteResource", kTag,
          "Delete a process, decision requirements, form or other resource",
          app::Action::deploy_resource, remove, "DeleteResourceRequest", "DeleteResourceResponse"},
    Route{Method::get, "/resources/{resourceKey}", "getResource", kTag, "What a resource is", kRead,
          resource, "", "ResourceResult"},
    Route{Method::get, "/resources/{resourceKey}/content", "getResourceContent", kTag,
          "The file of a resource", kRead, content, "", "Content", 200, "application/json",
          "application/octet-stream"},
    Route{Method::get, "/resources/{resourceKey}/content/binary", "getResourceContentBinary", kTag,
          "The file of a resource", kRead, content_binary, "", "Content", 200, "application/json",
          "application/octet-stream"},
    Route{Method::get, "/forms/{formKey}", "getForm", "Form", "A form with its schema", kRead, form,
          "", "FormResult"},
};

}  // namespace

void answer_content(const Call& call, const Answer& answer, const services::Definition& definition,
                    std::string_view media_type) {
    auto bytes = call.api.deployments.content(call.tenant(), definition.checksum);
    if (!bytes) return answer.problem(bytes.error());
    answer.response(http::Response::make(200, media_type, std::move(*bytes)));
}

void answer_form(const Call& call, const Answer& answer, const services::FormDefinition& form) {
    const auto schema = call.api.deployments.content(call.tenant(), form.checksum);
    if (!schema) return answer.problem(schema.error());
    json::Writer out;
    out.begin_object()
        .member("tenantId", call.tenant().value())
        .member("formId", form.id)
        .member("schema", *schema)
        .member("version", form.version)
        .member("formKey", key_text(form.key))
        .end_object();
    answer.json(out.take());
}

std::span<const Route> deployment_routes() {
    return kRoutes;
}

}  // namespace schwarm::api::v2
