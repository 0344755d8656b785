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
    // what process instances did
    Schema{"ProcessInstanceResult",
           "processDefinitionId:text processDefinitionName:text processDefinitionVersion:int "
           "processDefinitionVersionTag:text? startDate:time endDate:time? state:text "
           "hasIncident:bool tenantId:text processInstanceKey:key processDefinitionKey:key "
           "parentProcessInstanceKey:key? parentElementInstanceKey:key? tags:text[] "
           "businessId:text?"},
    Schema{"ProcessInstanceSearchQuery", "filter:Filter? sort:Sort[]? page:PageRequest?"},
    Schema{"ProcessInstanceSearchQueryResult", "items:ProcessInstanceResult[] page:PageResponse"},
    Schema{"ProcessInstanceCallHierarchy", "ProcessInstanceCallHierarchyEntry[]"},
    Schema{"ProcessInstanceCallHierarchyEntry",
           "processInstanceKey:key processDefinitionKey:key processDefinitionName:text"},
    Schema{"ProcessInstanceSequenceFlows", "items:ProcessInstanceSequenceFlow[]"},
    Schema{"ProcessInstanceSequenceFlow",
           "sequenceFlowId:text processInstanceKey:key processDefinitionKey:key "
           "processDefinitionId:text elementId:text tenantId:text"},
    Schema{"ProcessElementStatisticsQuery", "filter:Filter?"},
    Schema{"ProcessElementStatistics", "items:ProcessElementStatisticsResult[]"},
    Schema{"ProcessElementStatisticsResult",
           "elementId:text active:int canceled:int incidents:int completed:int"},
    Schema{"ElementInstanceResult",
           "processDefinitionId:text startDate:time endDate:time? elementId:text elementName:text "
           "type:text state:text hasIncident:bool tenantId:text elementInstanceKey:key "
           "processInstanceKey:key processDefinitionKey:key incidentKey:key?"},
    Schema{"ElementInstanceSearchQuery", "filter:Filter? sort:Sort[]? page:PageRequest?"},
    Schema{"ElementInstanceSearchQueryResult", "items:ElementInstanceResult[] page:PageResponse"},
    Schema{"VariableResult",
           "name:text value:text isTruncated:bool tenantId:text variableKey:key scopeKey:key "
           "processInstanceKey:key"},
    Schema{"VariableSearchQuery", "filter:Filter? sort:Sort[]? page:PageRequest?"},
    Schema{"VariableSearchQueryResult", "items:VariableResult[] page:PageResponse"},
    Schema{"UserTaskResult",
           "name:text state:text assignee:text? elementId:text candidateGroups:text[] "
           "candidateUsers:text[] processDefinitionId:text creationDate:time completionDate:time? "
           "followUpDate:time? dueDate:time? tenantId:text processDefinitionVersion:int "
           "customHeaders:object priority:int userTaskKey:key elementInstanceKey:key "
           "processName:text processDefinitionKey:key processInstanceKey:key formKey:key?"},
    Schema{"UserTaskSearchQuery", "filter:Filter? sort:Sort[]? page:PageRequest?"},
    Schema{"UserTaskSearchQueryResult", "items:UserTaskResult[] page:PageResponse"},
    Schema{"JobSearchResult",
           "customHeaders:object deadline:time? elementId:text elementInstanceKey:key "
           "endTime:time? errorCode:text? errorMessage:text? hasFailedWithRetriesLeft:bool "
           "jobKey:key kind:text listenerEventType:text processDefinitionId:text "
           "processDefinitionKey:key processInstanceKey:key retries:int state:text tenantId:text "
           "type:text worker:text"},
    Schema{"JobSearchQuery", "filter:Filter? sort:Sort[]? page:PageRequest?"},
    Schema{"JobSearchQueryResult", "items:JobSearchResult[] page:PageResponse"},
    Schema{"IncidentResult",
           "processDefinitionId:text errorType:text errorMessage:text elementId:text "
           "creationTime:time state:text tenantId:text incidentKey:key processDefinitionKey:key "
           "processInstanceKey:key elementInstanceKey:key jobKey:key?"},
    Schema{"IncidentSearchQuery", "filter:Filter? sort:Sort[]? page:PageRequest?"},
    Schema{"IncidentSearchQueryResult", "items:IncidentResult[] page:PageResponse"},
    Schema{"DecisionInstanceResult",
           "decisionEvaluationInstanceKey:key state:text evaluationDate:time "
           "decisionDefinitionId:text decisionDefinitionName:text decisionDefinitionVersion:int "
           "result:text tenantId:text decisionEvaluationKey:key processDefinitionId:text "
           "processDefinitionKey:key processInstanceKey:key decisionDefinitionKey:key? "
           "elementInstanceKey:key"},
    Schema{"DecisionInstanceGetQueryResult",
           "decisionEvaluationInstanceKey:key state:text evaluationDate:time "
           "decisionDefinitionId:text decisionDefinitionName:text decisionDefinitionVersion:int "
           "decisionDefinitionType:text? result:text tenantId:text decisionEvaluationKey:key "
           "processDefinitionId:text processDefinitionKey:key processInstanceKey:key "
           "decisionDefinitionKey:key? elementInstanceKey:key "
           "evaluatedInputs:EvaluatedDecisionInputItem[]? matchedRules:MatchedDecisionRuleItem[]?"},
    Schema{"DecisionInstanceSearchQuery", "filter:Filter? sort:Sort[]? page:PageRequest?"},
    Schema{"DecisionInstanceSearchQueryResult", "items:DecisionInstanceResult[] page:PageResponse"},
    Schema{"MessageSubscriptionResult",
           "messageSubscriptionKey:key processDefinitionId:text processDefinitionKey:key "
           "processInstanceKey:key elementId:text elementInstanceKey:key "
           "messageSubscriptionState:text lastUpdatedDate:time messageName:text "
           "correlationKey:text tenantId:text"},
    Schema{"MessageSubscriptionSearchQuery", "filter:Filter? sort:Sort[]? page:PageRequest?"},
    Schema{"MessageSubscriptionSearchQueryResult",
           "items:MessageSubscriptionResult[] page:PageResponse"},
    Schema{"CorrelatedMessageSubscriptionResult",
           "correlationKey:text correlationTime:time elementId:text elementInstanceKey:key "
           "messageKey:key messageName:text partitionId:int processDefinitionId:text "
           "processDefinitionKey:key processInstanceKey:key subscriptionKey:key tenantId:text"},
    Schema{"CorrelatedMessageSubscriptionSearchQuery",
           "filter:Filter? sort:Sort[]? page:PageRequest?"},
    Schema{"CorrelatedMessageSubscriptionSearchQueryResult",
           "items:CorrelatedMessageSubscriptionResult[] page:PageResponse"},
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
    if (schema.members.ends_with("[]") && schema.members.find(':') == std::string_view::npos) {
        out.begin_object().member("type", "array").name("items");
        write_type(schema.members.substr(0, schema.members.size() - 2), out);
        out.end_object();
        return;
    }
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
