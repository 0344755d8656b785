#include <charconv>

#include "reader.hpp"
#include "vocabulary.hpp"

namespace schwarm::bpmn {
namespace {

using Style = Reader::Style;

class StructureReader {
  public:
    StructureReader(Reader& reader, xml::Element element, Process& process, Node& node)
        : reader_(reader), element_(element), process_(process), node_(node) {}

    void read() {
        read_compensation();
        read_standard_loop();
        if (node_.kind == NodeKind::ad_hoc_sub_process) read_ad_hoc();
        if (node_.kind == NodeKind::complex_gateway) {
            if (const auto c = element_.child(kBpmnNs, "activationCondition")) {
                node_.details.activation_condition = condition(c);
            }
        }
        read_listeners("executionListeners", "executionListener");
        if (node_.kind == NodeKind::user_task) read_listeners("taskListeners", "taskListener");
        read_data_associations();
    }

  private:
    xml::Element zeebe(std::string_view name) const { return zeebe_child(element_, name); }
    Expression condition(xml::Element at) {
        return reader_.expression(at, at.text(), Style::required, at.attribute_or("language", ""));
    }
    Expression attribute(xml::Element at, std::string_view name, Style style = Style::prefixed) {
        return reader_.expression(at, at.attribute_or(name, ""), style);
    }

    void read_compensation() {
        const auto e = element_.child(kBpmnNs, "compensateEventDefinition");
        if (!e) return;
        CompensationDefinition& out = node_.details.event.compensation;
        out.wait_for_completion = e.attribute_or("waitForCompletion", "true") != "false";
        const std::string_view target = e.attribute_or("activityRef", "");
        if (target.empty()) return;
        out.activity = process_.find(target);
        if (out.activity == kNoNode) out.activity = process_.find(without_prefix(target));
        if (out.activity == kNoNode) {
            reader_.report(ProblemKind::unresolved_reference, e,
                           "activityRef '" + std::string(target) + "' points to nothing");
        }
    }

    void read_standard_loop() {
        const auto e = element_.child(kBpmnNs, "standardLoopCharacteristics");
        if (!e) return;
        StandardLoop loop;
        loop.test_before = e.attribute_or("testBefore", "false") == "true";
        const std::string_view most = e.attribute_or("loopMaximum", "");
        if (!most.empty()) {
            const auto end = most.data() + most.size();
            const auto [at, error] = std::from_chars(most.data(), end, loop.maximum);
            if (error != std::errc() || at != end || loop.maximum == 0) {
                reader_.report(ProblemKind::invalid_model, e,
                               "loopMaximum must be a whole number from 1");
            }
        }
        const auto c = e.child(kBpmnNs, "loopCondition");
        if (c) loop.condition = condition(c);
        if (most.empty() && (!c || c.trimmed_text().empty())) {
            reader_.report(ProblemKind::invalid_model, e,
                           "a standard loop needs a loopCondition or loopMaximum");
        }
        node_.has_loop = true;
        node_.details.loop.emplace();
        node_.details.loop->sequential = true;
        node_.details.loop->standard = std::move(loop);
    }

    void read_ad_hoc() {
        AdHocDefinition out;
        out.sequential = element_.attribute_or("ordering", "Parallel") == "Sequential";
        out.cancel_remaining = element_.attribute_or("cancelRemainingInstances", "true") != "false";
        if (const auto z = zeebe("adHoc")) {
            out.active_elements = attribute(z, "activeElementsCollection", Style::required);
            out.output_collection = std::string(z.attribute_or("outputCollection", ""));
            out.output_element = attribute(z, "outputElement", Style::required);
        }
        if (const auto c = element_.child(kBpmnNs, "completionCondition")) {
            out.completion_condition = condition(c);
        }
        node_.details.ad_hoc = std::move(out);
    }

    static std::optional<ListenerEvent> event_of(std::string_view name, bool of_task) {
        for (const auto e :
             {ListenerEvent::start, ListenerEvent::end, ListenerEvent::creating,
              ListenerEvent::assigning, ListenerEvent::updating, ListenerEvent::completing}) {
            const bool task_event = e != ListenerEvent::start && e != ListenerEvent::end;
            if (name == name_of(e) && task_event == of_task) return e;
        }
        return std::nullopt;
    }

    void read_listeners(std::string_view list, std::string_view name) {
        for (const xml::Element e : zeebe(list).children()) {
            if (e.ns() != kZeebeNs || e.name() != name) continue;
            const std::string_view event = e.attribute_or("eventType", "");
            const auto known = event_of(event, name == "taskListener");
            if (!known) {
                reader_.report(
                    ProblemKind::not_executable, e,
                    "a listener with the eventType '" + std::string(event) + "' is not executable");
                continue;
            }
            Listener listener;
            listener.event = *known;
            listener.type = attribute(e, "type");
            listener.retries = attribute(e, "retries");
            if (e.attribute_or("type", "").empty()) {
                reader_.report(ProblemKind::invalid_model, e, "the listener has no type");
            }
            for (const xml::Element h : e.child(kZeebeNs, "taskHeaders").children()) {
                listener.headers.push_back({std::string(h.attribute_or("key", "")),
                                            std::string(h.attribute_or("value", ""))});
            }
            auto& out = listener.event == ListenerEvent::start ? node_.details.start_listeners
                        : listener.event == ListenerEvent::end ? node_.details.end_listeners
                                                               : node_.details.task_listeners;
            out.push_back(std::move(listener));
        }
    }

    // The variable a `to` of an assignment means: a name or path, with or without '='.
    static std::string target_of(xml::Element assignment) {
        std::string to = assignment.child(kBpmnNs, "to").trimmed_text();
        if (!to.empty() && to.front() == '=') to.erase(0, 1);
        const auto first = to.find_first_not_of(' ');
        return first == std::string::npos ? std::string() : to.substr(first);
    }

    std::string name_of_item(std::string_view reference) const {
        const xml::Element item = find_by_id(reader_.document().root(), without_prefix(reference));
        return item ? std::string(item.attribute_or("name", "")) : std::string();
    }

    static xml::Element find_by_id(xml::Element in, std::string_view id) {
        for (const xml::Element e : in.children()) {
            if (e.ns() != kBpmnNs) continue;
            if (e.attribute_or("id", "") == id) return e;
            if (const auto found = find_by_id(e, id)) return found;
        }
        return {};
    }

    // Data objects are process variables of the same name, so an association without assignment
    // and transformation only says what is seen anyway.
    void read_data_associations() {
        for (const xml::Element e : element_.children()) {
            const bool input = e.is(kBpmnNs, "dataInputAssociation");
            if (!input && !e.is(kBpmnNs, "dataOutputAssociation")) continue;
            auto& list = input ? node_.details.inputs : node_.details.outputs;
            for (const xml::Element a : e.children()) {
                if (!a.is(kBpmnNs, "assignment")) continue;
                const auto from = a.child(kBpmnNs, "from");
                Mapping mapping;
                mapping.target = target_of(a);
                if (from) mapping.source = condition(from);
                if (mapping.target.empty() || !from) {
                    reader_.report(ProblemKind::invalid_model, a,
                                   "the assignment needs 'from' and 'to'");
                    continue;
                }
                list.push_back(std::move(mapping));
            }
            const auto t = e.child(kBpmnNs, "transformation");
            if (!t) continue;
            // Modellers also write other languages here, for readers only.
            if (t.trimmed_text().empty() || t.trimmed_text().front() != '=') {
                reader_.report(ProblemKind::not_executable, Severity::warning, t,
                               "a transformation without a leading '=' is not executed");
                continue;
            }
            Mapping mapping;
            mapping.source = condition(t);
            mapping.target = name_of_item(e.child(kBpmnNs, "targetRef").trimmed_text());
            if (mapping.target.empty()) {
                reader_.report(ProblemKind::unresolved_reference, e,
                               "the targetRef of the data association has no name");
                continue;
            }
            list.push_back(std::move(mapping));
        }
    }

    Reader& reader_;
    xml::Element element_;
    Process& process_;
    Node& node_;
};

}  // namespace

void read_structure(Reader& reader, xml::Element element, Process& process, Node& node) {
    StructureReader(reader, element, process, node).read();
}

Binding read_binding(Reader& reader, xml::Element element) {
    Binding out;
    const std::string_view type = element.attribute_or("bindingType", "latest");
    if (type == "deployment") {
        out.type = BindingType::deployment;
    } else if (type == "versionTag") {
        out.type = BindingType::version_tag;
        out.version_tag = std::string(element.attribute_or("versionTag", ""));
        if (out.version_tag.empty()) {
            reader.report(ProblemKind::invalid_model, element,
                          "the bindingType versionTag needs a versionTag");
        }
    } else if (type != "latest") {
        reader.report(ProblemKind::invalid_model, element,
                      "the bindingType '" + std::string(type) + "' is not known");
    }
    return out;
}

void read_associations(Reader& reader, xml::Element scope, Process& process) {
    const auto node_of = [&process](xml::Element e, std::string_view attribute) {
        const std::string_view id = e.attribute_or(attribute, "");
        const NodeIndex found = process.find(id);
        return found == kNoNode ? process.find(without_prefix(id)) : found;
    };
    for (const xml::Element e : scope.children()) {
        if (e.ns() != kBpmnNs) continue;
        if (node_kind_of(e.name())) read_associations(reader, e, process);
        if (e.name() != "association") continue;
        NodeIndex from = node_of(e, "sourceRef");
        NodeIndex to = node_of(e, "targetRef");
        if (from == kNoNode || to == kNoNode) continue;
        if (process.node(to).kind == NodeKind::boundary_event) std::swap(from, to);
        Node& event = process.nodes[from];
        if (event.kind != NodeKind::boundary_event || event.event != EventKind::compensation) {
            continue;
        }
        if (event.compensated_by != kNoNode) {
            reader.report(
                ProblemKind::invalid_model, e,
                "the compensation boundary event '" + event.id + "' has more than one handler");
            continue;
        }
        event.compensated_by = to;
        if (event.attached_to == kNoNode) continue;
        Node& activity = process.nodes[event.attached_to];
        if (activity.compensated_by != kNoNode) {
            reader.report(ProblemKind::invalid_model, e,
                          "'" + activity.id + "' has more than one compensation handler");
        }
        activity.compensated_by = to;
    }
}

}  // namespace schwarm::bpmn
