// Pools and message flows; which of them lead to other tenants of the network.
#include "reader.hpp"
#include "vocabulary.hpp"

namespace schwarm::bpmn {
namespace {

std::string text_of(std::optional<std::string_view> value) {
    return value ? std::string(*value) : std::string();
}

// The value of a zeebe:property; empty if there is none.
std::string_view property(xml::Element element, std::string_view name) {
    for (const xml::Element p : zeebe_child(element, "properties").children()) {
        if (p.attribute_or("name", "") == name) return p.attribute_or("value", "");
    }
    return {};
}

std::shared_ptr<const Partner> read_partner(Reader& reader, xml::Element element,
                                            const Participant& participant,
                                            const Collaboration& collaboration) {
    const std::string_view role = property(element, "role");
    if (role.empty()) return nullptr;
    if (!participant.process_id.empty()) {
        reader.report(ProblemKind::invalid_model, element,
                      "a participant with a role is another tenant's pool and has no process here");
        return nullptr;
    }
    if (collaboration.contract.empty() || collaboration.version.empty()) {
        reader.report(ProblemKind::invalid_model, element,
                      "a participant with a role needs the properties contract and version on its "
                      "collaboration");
        return nullptr;
    }
    auto out = std::make_shared<Partner>();
    out->participant = participant.id;
    out->role = std::string(role);
    out->jurisdiction =
        reader.expression(element, property(element, "jurisdiction"), Reader::Style::prefixed);
    out->contract = collaboration.contract;
    out->version = collaboration.version;
    return out;
}

MessageFlow read_message_flow(Reader& reader, xml::Element e) {
    const std::string message(e.attribute_or("messageRef", ""));
    if (!message.empty() && reader.message(message) == nullptr) {
        reader.report(ProblemKind::unresolved_reference, e,
                      "messageRef '" + message + "' points to nothing");
    }
    return {text_of(e.attribute("id")), text_of(e.attribute("name")),
            std::string(without_prefix(e.attribute_or("sourceRef", ""))),
            std::string(without_prefix(e.attribute_or("targetRef", ""))), message};
}

}  // namespace

Collaboration read_collaboration(Reader& reader, xml::Element element) {
    Collaboration out;
    out.id = text_of(element.attribute("id"));
    out.contract = std::string(property(element, "contract"));
    out.version = std::string(property(element, "version"));
    std::map<std::string, std::shared_ptr<const Partner>, std::less<>> pools;
    for (const xml::Element e : element.children()) {
        if (e.ns() != kBpmnNs) continue;
        if (e.name() == "participant") {
            out.participants.push_back(
                {text_of(e.attribute("id")), text_of(e.attribute("name")),
                 std::string(without_prefix(e.attribute_or("processRef", "")))});
            if (auto partner = read_partner(reader, e, out.participants.back(), out)) {
                pools.emplace(out.participants.back().id, std::move(partner));
            }
        } else if (e.name() == "messageFlow") {
            out.message_flows.push_back(read_message_flow(reader, e));
        }
    }
    for (const MessageFlow& flow : out.message_flows) {
        if (const auto to = pools.find(flow.target_id); to != pools.end()) {
            reader.partners.emplace(flow.source_id, to->second);
        }
        if (const auto from = pools.find(flow.source_id); from != pools.end()) {
            reader.partners.emplace(flow.target_id, from->second);
        }
    }
    return out;
}

}  // namespace schwarm::bpmn
