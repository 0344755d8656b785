// Bodies of the families that change something.
#include <array>

#include "schemas.hpp"

namespace schwarm::api::v2 {
namespace {

constexpr std::array kSchemas = {
    // process instances
    Schema{"ProcessInstanceCreationInstruction",
           "processDefinitionId:text? processDefinitionVersion:int? processDefinitionKey:key? "
           "variables:object? tenantId:text? startInstructions:ProcessInstanceStartInstruction[]? "
           "awaitCompletion:bool? fetchVariables:text[]? requestTimeout:int? tags:text[]? "
           "businessId:text? operationReference:int?"},
    Schema{"ProcessInstanceStartInstruction", "elementId:text"},
    Schema{"CreateProcessInstanceResult",
           "processDefinitionId:text processDefinitionVersion:int tenantId:text variables:object "
           "processDefinitionKey:key processInstanceKey:key tags:text[] businessId:text|null"},
    Schema{"CancelProcessInstanceRequest", "operationReference:int?"},
    Schema{"DeleteProcessInstanceRequest", "operationReference:int?"},
    Schema{"ProcessInstanceModificationInstruction",
           "operationReference:int? "
           "activateInstructions:ProcessInstanceModificationActivateInstruction[]? "
           "moveInstructions:ProcessInstanceModificationMoveInstruction[]? "
           "terminateInstructions:ProcessInstanceModificationTerminateInstruction[]?"},
    Schema{"ProcessInstanceModificationActivateInstruction",
           "elementId:text variableInstructions:ModifyProcessInstanceVariableInstruction[]? "
           "ancestorElementInstanceKey:text?"},
    Schema{"ProcessInstanceModificationMoveInstruction",
           "sourceElementInstruction:SourceElementInstruction targetElementId:text "
           "ancestorScopeInstruction:AncestorScopeInstruction? "
           "variableInstructions:ModifyProcessInstanceVariableInstruction[]?"},
    Schema{"SourceElementInstruction",
           "sourceType:text? sourceElementId:text? sourceElementInstanceKey:key?"},
    Schema{"AncestorScopeInstruction", "ancestorScopeType:text ancestorElementInstanceKey:text?"},
    Schema{"ProcessInstanceModificationTerminateInstruction",
           "elementId:text? elementInstanceKey:key?"},
    Schema{"ModifyProcessInstanceVariableInstruction", "variables:object scopeId:text?"},
    Schema{"ProcessInstanceMigrationInstruction",
           "targetProcessDefinitionKey:key "
           "mappingInstructions:MigrateProcessInstanceMappingInstruction[] "
           "operationReference:int?"},
    Schema{"MigrateProcessInstanceMappingInstruction", "sourceElementId:text targetElementId:text"},
    Schema{"IncidentResolutionRequest", "operationReference:int?"},
    // jobs
    Schema{"JobActivationRequest",
           "type:text worker:text? timeout:int maxJobsToActivate:int fetchVariable:text[]? "
           "requestTimeout:int? tenantIds:text[]? tenantFilter:text?"},
    Schema{"JobActivationResult", "jobs:ActivatedJobResult[]"},
    Schema{"ActivatedJobResult",
           "type:text processDefinitionId:text processDefinitionVersion:int elementId:text "
           "customHeaders:object worker:text retries:int deadline:int variables:object "
           "tenantId:text jobKey:key processInstanceKey:key processDefinitionKey:key "
           "elementInstanceKey:key kind:text listenerEventType:text rootProcessInstanceKey:key "
           "priority:int tags:text[] userTask:UserTaskProperties|null"},
    Schema{"UserTaskProperties",
           "action:text assignee:text|null candidateGroups:text[] candidateUsers:text[] "
           "changedAttributes:text[] dueDate:time|null followUpDate:time|null formKey:key|null "
           "priority:int "
           "userTaskKey:key"},
    Schema{"JobCompletionRequest", "variables:object? result:JobResult?"},
    Schema{"JobResult",
           "type:text? denied:bool? deniedReason:text? corrections:JobResultCorrections? "
           "activateElements:JobResultActivateElement[]? isCompletionConditionFulfilled:bool? "
           "isCancelRemainingInstances:bool?"},
    Schema{"JobResultCorrections",
           "assignee:text? dueDate:text? followUpDate:text? candidateUsers:text[]? "
           "candidateGroups:text[]? priority:int?"},
    Schema{"JobResultActivateElement", "elementId:text variables:object?"},
    Schema{"JobFailRequest", "retries:int? errorMessage:text? retryBackOff:int? variables:object?"},
    Schema{"JobErrorRequest", "errorCode:text errorMessage:text? variables:object?"},
    Schema{"JobUpdateRequest", "changeset:JobChangeset operationReference:int?"},
    Schema{"JobChangeset", "retries:int? timeout:int? priority:int?"},
    // user tasks
    Schema{"UserTaskCompletionRequest", "variables:object? action:text?"},
    Schema{"UserTaskAssignmentRequest", "assignee:text allowOverride:bool? action:text?"},
    Schema{"UserTaskUpdateRequest", "changeset:Changeset? action:text?"},
    Schema{"Changeset",
           "dueDate:text? followUpDate:text? candidateUsers:text[]? candidateGroups:text[]? "
           "priority:int?"},
    // element instances
    Schema{"SetVariableRequest", "variables:object local:bool? operationReference:int?"},
    Schema{"AdHocSubProcessActivateActivitiesInstruction",
           "elements:AdHocSubProcessActivateActivityReference[] cancelRemainingInstances:bool?"},
    Schema{"AdHocSubProcessActivateActivityReference", "elementId:text variables:object?"},
    // messages, signals, conditions
    Schema{"MessagePublicationRequest",
           "name:text correlationKey:text? timeToLive:int? messageId:text? variables:object? "
           "tenantId:text?"},
    Schema{"MessagePublicationResult", "tenantId:text messageKey:key"},
    Schema{"MessageCorrelationRequest",
           "name:text correlationKey:text? variables:object? tenantId:text?"},
    Schema{"MessageCorrelationResult", "tenantId:text messageKey:key processInstanceKey:key"},
    Schema{"SignalBroadcastRequest", "signalName:text variables:object? tenantId:text?"},
    Schema{"SignalBroadcastResult", "tenantId:text signalKey:key"},
    Schema{"ConditionalEvaluationInstruction",
           "variables:object processDefinitionKey:key? tenantId:text?"},
    Schema{
        "EvaluateConditionalResult",
        "conditionalEvaluationKey:key tenantId:text processInstances:ProcessInstanceReference[]"},
    // batches
    Schema{"BatchOperationRequest", "filter:any moveInstructions:any[]? migrationPlan:any?"},
    Schema{"BatchOperationCreatedResult", "batchOperationKey:key batchOperationType:text"},
    Schema{"BatchOperationSearchQuery", "filter:Filter? sort:Sort[]? page:PageRequest?"},
    Schema{"BatchOperationSearchQueryResult", "items:BatchOperationResponse[] page:any"},
    Schema{"BatchOperationResponse",
           "batchOperationKey:key state:text batchOperationType:text startDate:time? endDate:time? "
           "actorType:text? actorId:text? operationsTotalCount:int operationsFailedCount:int "
           "operationsCompletedCount:int errors:any[]"},
    Schema{"ProcessInstanceReference", "processDefinitionKey:key processInstanceKey:key"},
};

}  // namespace

std::span<const Schema> command_schemas() {
    return kSchemas;
}

}  // namespace schwarm::api::v2
