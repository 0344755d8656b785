#include <memory>
#include <string>
#include <vector>

#include "reader.hpp"
#include "vocabulary.hpp"

namespace schwarm::bpmn {
namespace {

constexpr std::string_view kHistoryTimeToLive = "historyTimeToLive";

class ProcessReader {
  public:
    ProcessReader(Reader& reader, xml::Element element) : reader_(reader), root_(element) {}

    std::shared_ptr<const Process> read() {
        process_->id = std::string(root_.attribute_or("id", ""));
        process_->name = std::string(root_.attribute_or("name", ""));
        const auto executable = root_.attribute("isExecutable");
        process_->is_executable = executable && (*executable == "true" || *executable == "1");
        reader_.set_severity(process_->is_executable ? Severity::error : Severity::warning);
        if (process_->id.empty()) {
            reader_.report(ProblemKind::invalid_model, root_, "the process has no id");
        }
        if (const auto tag = zeebe_child(root_, "versionTag")) {
            process_->version_tag = std::string(tag.attribute_or("value", ""));
        }
        read_history_time_to_live();
        add_node(root_, NodeKind::process, kNoNode);
        read_scope(root_, kProcessNode);
        collect_flows(root_);
        process_->index();
        resolve_attached();
        resolve_defaults();
        process_->index();
        for (NodeIndex i = 0; i < process_->nodes.size(); ++i) {
            read_node_details(reader_, elements_[i], *process_, process_->nodes[i]);
        }
        read_associations(reader_, root_, *process_);
        process_->index();
        check_process(reader_, *process_, elements_, flow_elements_);
        return process_;
    }

  private:
    // The attribute of Camunda 7 and Operaton; modellers for Camunda 8 write extension properties.
    void read_history_time_to_live() {
        std::string text;
        for (const auto ns : {kCamundaNs, kOperatonNs}) {
            if (const auto given = root_.attribute(ns, kHistoryTimeToLive)) text = *given;
        }
        for (const xml::Element e : zeebe_child(root_, "properties").children()) {
            if (text.empty() && e.attribute_or("name", "") == kHistoryTimeToLive) {
                text = std::string(e.attribute_or("value", ""));
            }
        }
        if (text.empty()) return;
        const bool days =
            text.size() <= 6 && text.find_first_not_of("0123456789") == std::string::npos;
        const auto period = Period::parse(days ? "P" + text + "D" : text);
        if (period && period->is_positive()) {
            process_->history_time_to_live = period;
            return;
        }
        reader_.report(ProblemKind::invalid_model, root_,
                       "historyTimeToLive '" + text +
                           "' is neither a number of days nor a duration such as P180D");
    }

    NodeIndex add_node(xml::Element element, NodeKind kind, NodeIndex parent) {
        Node node;
        node.kind = kind;
        node.index = static_cast<NodeIndex>(process_->nodes.size());
        node.parent = parent;
        node.line = static_cast<int>(element.position().line);
        node.id = std::string(element.attribute_or("id", ""));
        node.name = std::string(element.attribute_or("name", ""));
        process_->nodes.push_back(std::move(node));
        elements_.push_back(element);
        return process_->nodes.back().index;
    }

    void read_scope(xml::Element scope, NodeIndex index) {
        for (const xml::Element e : scope.children()) {
            if (e.ns() != kBpmnNs) continue;
            auto kind = node_kind_of(e.name());
            if (!kind) continue;
            if (*kind == NodeKind::sub_process &&
                e.attribute_or("triggeredByEvent", "false") == "true") {
                kind = NodeKind::event_sub_process;
            }
            const NodeIndex child = add_node(e, *kind, index);
            if (process_->nodes[child].is_scope()) read_scope(e, child);
        }
    }

    void collect_flows(xml::Element scope) {
        for (const xml::Element e : scope.children()) {
            if (e.ns() != kBpmnNs) continue;
            if (e.name() == "sequenceFlow") {
                Flow flow;
                flow.id = std::string(e.attribute_or("id", ""));
                flow.name = std::string(e.attribute_or("name", ""));
                flow.line = static_cast<int>(e.position().line);
                if (const auto c = e.child(kBpmnNs, "conditionExpression")) {
                    flow.condition = reader_.expression(c, c.text(), Reader::Style::required,
                                                        c.attribute_or("language", ""));
                }
                process_->flows.push_back(std::move(flow));
                flow_elements_.push_back(e);
            } else if (node_kind_of(e.name())) {
                collect_flows(e);
            }
        }
        if (scope == root_) resolve_flows();
    }

    NodeIndex resolve(xml::Element element, std::string_view attribute) {
        const auto reference = element.attribute(attribute);
        if (!reference || reference->empty()) {
            reader_.report(ProblemKind::unresolved_reference, element,
                           std::string(attribute) + " is missing");
            return kNoNode;
        }
        NodeIndex found = process_->find(*reference);
        if (found == kNoNode) found = process_->find(without_prefix(*reference));
        if (found == kNoNode || found == kProcessNode) {
            reader_.report(ProblemKind::unresolved_reference, element,
                           std::string(attribute) + " '" + std::string(*reference) +
                               "' points to no flow node of this process");
            return kNoNode;
        }
        return found;
    }

    void resolve_flows() {
        process_->index();
        for (FlowIndex i = 0; i < process_->flows.size(); ++i) {
            process_->flows[i].source = resolve(flow_elements_[i], "sourceRef");
            process_->flows[i].target = resolve(flow_elements_[i], "targetRef");
        }
    }

    void resolve_attached() {
        for (Node& node : process_->nodes) {
            if (node.kind != NodeKind::boundary_event) continue;
            const xml::Element e = elements_[node.index];
            node.attached_to = resolve(e, "attachedToRef");
            node.interrupting = e.attribute_or("cancelActivity", "true") != "false";
        }
    }

    void resolve_defaults() {
        for (Node& node : process_->nodes) {
            const auto reference = elements_[node.index].attribute("default");
            if (!reference || reference->empty()) continue;
            for (const FlowIndex f : node.outgoing) {
                if (process_->flows[f].id == *reference ||
                    process_->flows[f].id == without_prefix(*reference)) {
                    node.default_flow = f;
                }
            }
            if (node.default_flow == kNoFlow) {
                reader_.report(
                    ProblemKind::unresolved_reference, elements_[node.index],
                    "default '" + std::string(*reference) + "' is not an outgoing sequence flow");
            }
        }
    }

    Reader& reader_;
    xml::Element root_;
    std::shared_ptr<Process> process_ = std::make_shared<Process>();
    std::vector<xml::Element> elements_;       // by node index
    std::vector<xml::Element> flow_elements_;  // by flow index
};

}  // namespace

std::shared_ptr<const Process> read_process(Reader& reader, xml::Element element) {
    return ProcessReader(reader, element).read();
}

}  // namespace schwarm::bpmn
