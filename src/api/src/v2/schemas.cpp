#include "schemas.hpp"

#include <array>
#include <string>
#include <vector>

namespace schwarm::api::v2 {
namespace {

constexpr std::array kSchemas = {
    Schema{"ProblemDetail", "type:text title:text status:int detail:text instance:text"},
    Schema{"Content", "binary"},
    Schema{"Filter", "*"},
    Schema{"Sort", "field:text order:text?"},
    Schema{"PageRequest", "from:int? limit:int? after:text? before:text?"},
    Schema{"PageResponse",
           "totalItems:int hasMoreTotalItems:bool startCursor:text? endCursor:text?"},
    // cluster
    Schema{"TopologyResponse",
           "brokers:BrokerInfo[] clusterSize:int partitionsCount:int replicationFactor:int "
           "gatewayVersion:text lastCompletedChangeId:text"},
    Schema{"BrokerInfo", "nodeId:int host:text port:int partitions:Partition[] version:text"},
    Schema{"Partition", "partitionId:int role:text health:text"},
    Schema{"LicenseResponse", "validLicense:bool licenseType:text isCommercial:bool"},
    Schema{"CamundaUserResult",
           "username:text displayName:text email:text? authorizedComponents:text[] "
           "tenants:TenantResult[] groups:text[] roles:text[] salesPlanType:text c8Links:object "
           "canLogout:bool"},
    Schema{"TenantResult", "name:text tenantId:text description:text"},
    Schema{"TenantSearchQuery", "filter:Filter? sort:Sort[]? page:PageRequest?"},
    Schema{"TenantSearchQueryResult", "items:TenantResult[] page:PageResponse"},
    // deployments and resources
    Schema{"DeploymentRequest", "resources:binary[] tenantId:text?"},
    Schema{"DeploymentResult",
           "tenantId:text deploymentKey:key deployments:DeploymentMetadataResult[]"},
    Schema{"DeploymentMetadataResult",
           "processDefinition:DeploymentProcessResult? "
           "decisionDefinition:DeploymentDecisionResult? "
           "decisionRequirements:DeploymentDecisionRequirementsResult? form:DeploymentFormResult? "
           "resource:DeploymentResourceResult?"},
    Schema{"DeploymentProcessResult",
           "processDefinitionId:text processDefinitionVersion:int resourceName:text tenantId:text "
           "processDefinitionKey:key"},
    Schema{"DeploymentDecisionResult",
           "decisionDefinitionId:text version:int name:text tenantId:text "
           "decisionRequirementsId:text decisionDefinitionKey:key decisionRequirementsKey:key"},
    Schema{"DeploymentDecisionRequirementsResult",
           "decisionRequirementsId:text decisionRequirementsName:text version:int "
           "resourceName:text tenantId:text decisionRequirementsKey:key"},
    Schema{"DeploymentFormResult",
           "formId:text version:int resourceName:text tenantId:text formKey:key"},
    Schema{"DeploymentResourceResult",
           "resourceId:text version:int resourceName:text tenantId:text resourceKey:key"},
    Schema{"DeleteResourceRequest", "operationReference:int?"},
    Schema{"DeleteResourceResponse", "resourceKey:key batchOperation:object?"},
    Schema{"ResourceResult",
           "resourceName:text version:int versionTag:text? resourceId:text tenantId:text "
           "resourceKey:key"},
    Schema{"FormResult", "tenantId:text formId:text schema:object version:int formKey:key"},
    // process definitions
    Schema{"ProcessDefinitionResult",
           "name:text? resourceName:text version:int versionTag:text? processDefinitionId:text "
           "tenantId:text processDefinitionKey:key hasStartForm:bool"},
    Schema{"ProcessDefinitionSearchQuery", "filter:Filter? sort:Sort[]? page:PageRequest?"},
    Schema{"ProcessDefinitionSearchQueryResult",
           "items:ProcessDefinitionResult[] page:PageResponse"},
    // decisions
    Schema{"DecisionDefinitionResult",
           "decisionDefinitionId:text name:text version:int decisionRequirementsId:text "
           "decisionRequirementsName:text decisionRequirementsVersion:int tenantId:text "
           "decisionDefinitionKey:key decisionRequirementsKey:key"},
    Schema{"DecisionDefinitionSearchQuery", "filter:Filter? sort:Sort[]? page:PageRequest?"},
    Schema{"DecisionDefinitionSearchQueryResult",
           "items:DecisionDefinitionResult[] page:PageResponse"},
    Schema{"DecisionRequirementsResult",
           "decisionRequirementsName:text version:int decisionRequirementsId:text "
           "resourceName:text tenantId:text decisionRequirementsKey:key"},
    Schema{"DecisionRequirementsSearchQuery", "filter:Filter? sort:Sort[]? page:PageRequest?"},
    Schema{"DecisionRequirementsSearchQueryResult",
           "items:DecisionRequirementsResult[] page:PageResponse"},
    Schema{"DecisionEvaluationInstruction",
           "decisionDefinitionKey:key? decisionDefinitionId:text? variables:object? "
           "tenantId:text?"},
    Schema{"EvaluateDecisionResult",
           "decisionDefinitionId:text decisionDefinitionName:text decisionDefinitionVersion:int "
           "decisionDefinitionKey:key decisionRequirementsId:text decisionRequirementsKey:key "
           "output:text failedDecisionDefinitionId:text failureMessage:text tenantId:text "
           "decisionInstanceKey:key decisionEvaluationKey:key "
           "evaluatedDecisions:EvaluatedDecisionResult[]"},
    Schema{"EvaluatedDecisionResult",
           "decisionDefinitionId:text decisionDefinitionName:text decisionDefinitionVersion:int "
           "decisionDefinitionKey:key decisionDefinitionType:text "
           "decisionEvaluationInstanceKey:text output:text tenantId:text "
           "evaluatedInputs:EvaluatedDecisionInputItem[] matchedRules:MatchedDecisionRuleItem[]"},
    Schema{"EvaluatedDecisionInputItem", "inputId:text inputName:text inputValue:text"},
    Schema{"MatchedDecisionRuleItem",
           "ruleId:text ruleIndex:int evaluatedOutputs:EvaluatedDecisionOutputItem[]"},
    Schema{"EvaluatedDecisionOutputItem", "outputId:text outputName:text outputValue:text"},
    // expressions, documents, clock
    Schema{"ExpressionEvaluationRequest", "expression:text variables:object? tenantId:text?"},
    Schema{"ExpressionEvaluationResult", "expression:text result:any warnings:text[]"},
    Schema{"DocumentRequest", "file:binary metadata:DocumentMetadata?"},
    Schema{"DocumentBatchRequest", "files:binary[] metadataList:DocumentMetadata[]?"},
    Schema{"DocumentMetadata",
           "contentType:text? fileName:text? expiresAt:time? size:int? processDefinitionId:text? "
           "processInstanceKey:key? customProperties:object?"},
    Schema{"DocumentReference",
           "camunda.document.type:text storeId:text documentId:text contentHash:text "
           "metadata:DocumentMetadata"},
    Schema{"DocumentCreationBatchResponse",
           "createdDocuments:DocumentReference[] failedDocuments:object[]"},
    Schema{"ClockPinRequest", "timestamp:int"},
};

struct Member {
    std::string_view name;
    std::string_view type;
    bool optional = false;
    bool list = false;
};

Member read_member(std::string_view text) {
    Member out;
    const auto colon = text.find(':');
    out.name = text.substr(0, colon);
    out.type = text.substr(colon + 1);
    if (out.type.ends_with('?')) {
        out.optional = true;
        out.type.remove_suffix(1);
    }
    if (out.type.ends_with("[]")) {
        out.list = true;
        out.type.remove_suffix(2);
    }
    return out;
}

std::vector<Member> read_members(std::string_view text) {
    std::vector<Member> out;
    while (!text.empty()) {
        const auto end = std::min(text.find(' '), text.size());
        out.push_back(read_member(text.substr(0, end)));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

void write_type(std::string_view type, json::Writer& out) {
    out.begin_object();
    if (type == "text") {
        out.member("type", "string");
    } else if (type == "key") {
        out.member("type", "string").member("pattern", "^[0-9]+$");
    } else if (type == "int") {
        out.member("type", "integer").member("format", "int64");
    } else if (type == "number") {
        out.member("type", "number");
    } else if (type == "bool") {
        out.member("type", "boolean");
    } else if (type == "time") {
        out.member("type", "string").member("format", "date-time");
    } else if (type == "binary") {
        out.member("type", "string").member("format", "binary");
    } else if (type == "object") {
        out.member("type", "object").member("additionalProperties", true);
    } else if (type != "any") {
        out.member("$ref", "#/components/schemas/" + std::string(type));
    }
    out.end_object();
}

}  // namespace

std::span<const Schema> schemas() {
    return kSchemas;
}

void write_schema(const Schema& schema, json::Writer& out) {
    out.name(schema.name);
    if (schema.members == "*") return write_type("object", out);
    if (schema.members == "binary") return write_type("binary", out);
    const auto members = read_members(schema.members);
    out.begin_object().member("type", "object").name("properties").begin_object();
    for (const auto& member : members) {
        out.name(member.name);
        if (member.list) {
            out.begin_object().member("type", "array").name("items");
            write_type(member.type, out);
            out.end_object();
        } else {
            write_type(member.type, out);
        }
    }
    out.end_object().name("required").begin_array();
    for (const auto& member : members) {
        if (!member.optional) out.value(member.name);
    }
    out.end_array().end_object();
}

}  // namespace schwarm::api::v2
