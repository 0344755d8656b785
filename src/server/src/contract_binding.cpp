#include "contract_binding.hpp"

#include <algorithm>

#include "schwarm/bpmn/process.hpp"
#include "schwarm/services/bindings.hpp"
#include "schwarm/services/package.hpp"

namespace schwarm::server {
namespace {

Error unknown(std::string_view contract, std::string_view version, std::string_view message) {
    return fail(ErrorCode::unsupported, "the message '" + std::string(message) +
                                            "' is not in contract '" + std::string(contract) +
                                            "', version " + std::string(version));
}

// Where a node waits for this message, or sends it: its event or task names one that is text.
bool names(const bpmn::Node& node, std::string_view message) {
    const auto& parts = node.details.parts;
    return node.details.event.message.name.source == message ||
           std::any_of(parts.begin(), parts.end(), [&](const bpmn::EventDefinition& part) {
               return part.kind == bpmn::EventKind::message && part.message.name.source == message;
           });
}

bool receives(const bpmn::Node& node) {
    switch (node.kind) {
        case bpmn::NodeKind::end_event:
        case bpmn::NodeKind::intermediate_throw_event:
        case bpmn::NodeKind::send_task:
            return false;
        default:
            return true;
    }
}

bool starts_a_case(const bpmn::Process& process, const bpmn::Node& node) {
    return std::any_of(
        process.starts().begin(), process.starts().end(), [&](const bpmn::ProcessStart& start) {
            return start.node == node.index && start.kind == bpmn::EventKind::message;
        });
}

}  // namespace

Result<post::MessageTerms> ContractBinding::terms(std::string_view contract,
                                                  std::string_view version,
                                                  std::string_view message) const {
    const auto* found = contracts_.find(contract, version, message);
    if (found == nullptr) return unknown(contract, version, message);
    post::MessageTerms out;
    out.from_role = found->from;
    out.purpose = found->purpose;
    out.legal_basis = found->legal_basis;
    out.starts = found->starts;
    out.documents = found->documents;
    return out;
}

Result<void> ContractBinding::check(std::string_view contract, std::string_view version,
                                    std::string_view message, const json::Value& content) const {
    const auto* found = contracts_.find(contract, version, message);
    if (found == nullptr) return unknown(contract, version, message);
    return found->body.check(content);
}

Result<post::Reception> ContractBinding::reception(const TenantId& tenant,
                                                   std::string_view contract,
                                                   std::string_view version,
                                                   std::string_view message) const {
    const auto offering = registry_.tenant(tenant);
    if (offering == nullptr) return fail(ErrorCode::not_found, "there is no such tenant");
    std::optional<post::Reception> out;
    for (const services::OfferedService& offered : offering->services) {
        const auto package = registry_.package(offered.id);
        if (package == nullptr || package->process == nullptr) continue;
        for (const bpmn::Node& node : package->process->nodes) {
            const auto& partner = node.details.partner;
            if (partner == nullptr || partner->contract != contract ||
                partner->version != version || !receives(node) || !names(node, message)) {
                continue;
            }
            post::Reception one{package->id,
                                engine::DefinitionKey(definition_key(*package)),
                                {},
                                partner->participant};
            if (!starts_a_case(*package->process, node)) {
                if (!out) out = std::move(one);
                continue;
            }
            one.start_element = node.id;
            return one;
        }
    }
    if (out) return *out;
    return fail(ErrorCode::unsupported, "no service here takes '" + std::string(message) +
                                            "' of contract '" + std::string(contract) +
                                            "', version " + std::string(version));
}

Result<engine::Variables> ContractBinding::start_variables(const TenantId& tenant,
                                                           const post::Reception& reception,
                                                           const feel::Value& content,
                                                           Instant received,
                                                           std::string_view reference) const {
    const auto offer = registry_.offer(tenant, reception.service);
    if (!offer) return fail(ErrorCode::unsupported, "the service is not offered any more");
    return services::start_variables_of_message(*offer->package, content, offer->settings, received,
                                                reference);
}

std::vector<PlayedRole> ContractBinding::played() const {
    std::vector<PlayedRole> out;
    for (const auto& tenant : registry_.tenants()) {
        for (const services::OfferedService& offered : tenant->services) {
            const auto package = registry_.package(offered.id);
            if (package == nullptr || package->process == nullptr) continue;
            for (const bpmn::Node& node : package->process->nodes) {
                const auto& partner = node.details.partner;
                if (partner == nullptr) continue;
                const std::string& message = node.details.event.message.name.source;
                const auto* found = contracts_.find(partner->contract, partner->version, message);
                if (found == nullptr) continue;
                out.push_back({tenant->id, partner->contract, partner->version,
                               receives(node) ? found->to : found->from});
            }
        }
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

}  // namespace schwarm::server
