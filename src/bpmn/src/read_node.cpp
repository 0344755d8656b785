#include "reader.hpp"
#include "vocabulary.hpp"

namespace schwarm::bpmn {
namespace {

using Style = Reader::Style;

class NodeReader {
  public:
    NodeReader(Reader& reader, xml::Element element, Process& process, Node& node)
        : reader_(reader), element_(element), process_(process), node_(node) {}

    void read() {
        extension_ = element_.child(kBpmnNs, "extensionElements");
        if (const auto partner = reader_.partners.find(node_.id);
            partner != reader_.partners.end()) {
            node_.details.partner = partner->second;
        }
        node_.details.documentation = element_.child(kBpmnNs, "documentation").trimmed_text();
        node_.compensation_handler = element_.attribute_or("isForCompensation", "") == "true";
        read_events(reader_, element_, node_);
        read_loop();
        check_extension_names();
        read_job();
        read_mappings();
        switch (node_.kind) {
            case NodeKind::user_task:
                read_user_task();
                break;
            case NodeKind::business_rule_task:
                read_decision();
                break;
            case NodeKind::script_task:
                read_script();
                break;
            case NodeKind::call_activity:
                read_called_process();
                break;
            case NodeKind::send_task:
                read_message_reference(reader_, element_, node_.details.event);
                break;
            default:
                break;
        }
        read_structure(reader_, element_, process_, node_);
    }

  private:
    xml::Element zeebe(std::string_view name) const { return extension_.child(kZeebeNs, name); }

    Expression attribute(xml::Element at, std::string_view name, Style style = Style::prefixed) {
        return reader_.expression(at, at.attribute_or(name, ""), style);
    }

    void reference(ExternalReference::Kind kind, const Expression& target, xml::Element at) {
        if (!target.is_static) return;
        reader_.references.push_back(
            {kind, target.source, process_.id, node_.id, static_cast<int>(at.position().line)});
    }

    void read_loop() {
        const auto e = element_.child(kBpmnNs, "multiInstanceLoopCharacteristics");
        if (!e) return;
        node_.has_loop = true;
        LoopDefinition loop;
        loop.sequential = e.attribute_or("isSequential", "false") == "true";
        const auto z = zeebe_child(e, "loopCharacteristics");
        if (!z || z.attribute_or("inputCollection", "").empty()) {
            reader_.report(ProblemKind::invalid_model, e,
                           "multi-instance needs zeebe:loopCharacteristics with inputCollection");
        } else {
            loop.input_collection = attribute(z, "inputCollection", Style::required);
            loop.input_element = std::string(z.attribute_or("inputElement", ""));
            loop.output_collection = std::string(z.attribute_or("outputCollection", ""));
            loop.output_element = attribute(z, "outputElement", Style::required);
        }
        if (const auto c = e.child(kBpmnNs, "completionCondition")) {
            loop.completion_condition =
                reader_.expression(c, c.text(), Style::required, c.attribute_or("language", ""));
        }
        node_.details.loop = std::move(loop);
    }

    void check_extension_names() {
        for (const xml::Element e : extension_.children()) {
            if (e.ns() != kZeebeNs) continue;
            const std::string name(e.name());
            switch (zeebe_element(name)) {
                case ZeebeElement::known:
                    break;
                case ZeebeElement::not_executable:
                    reader_.report(ProblemKind::not_executable, e,
                                   "zeebe:" + name + " is not executable");
                    break;
                case ZeebeElement::unknown:
                    reader_.report(ProblemKind::unknown_element, Severity::warning, e,
                                   "zeebe:" + name + " is not known and is ignored");
            }
        }
        for (const xml::Element p : zeebe("properties").children()) {
            node_.details.properties.push_back({std::string(p.attribute_or("name", "")),
                                                std::string(p.attribute_or("value", ""))});
        }
    }

    void read_job() {
        const auto definition = zeebe("taskDefinition");
        if (!definition) return;
        JobDefinition job;
        job.type = attribute(definition, "type");
        job.retries = attribute(definition, "retries");
        if (const auto p = zeebe("jobPriorityDefinition")) job.priority = attribute(p, "priority");
        if (!job.type.present() && definition.attribute_or("type", "").empty()) {
            reader_.report(ProblemKind::invalid_model, definition,
                           "zeebe:taskDefinition has no type");
        }
        const bool is_inline = job.type.is_static && job.type.source.starts_with("schwarm:");
        if (is_inline) reference(ExternalReference::Kind::inline_task, job.type, definition);
        for (const xml::Element h : zeebe("taskHeaders").children()) {
            Header header;
            header.key = std::string(h.attribute_or("key", ""));
            const std::string_view value = h.attribute_or("value", "");
            if (is_inline) {
                header.value = reader_.expression(h, value, Style::prefixed);
            } else {
                header.value.source = std::string(value);
                header.value.is_static = true;
            }
            node_.details.headers.push_back(std::move(header));
        }
        node_.details.job = std::move(job);
    }

    void read_mappings() {
        for (const xml::Element e : zeebe("ioMapping").children()) {
            const bool input = e.name() == "input";
            if (!input && e.name() != "output") continue;
            Mapping mapping;
            mapping.target = std::string(e.attribute_or("target", ""));
            mapping.source = attribute(e, "source", Style::prefixed);
            if (mapping.target.empty()) {
                reader_.report(ProblemKind::invalid_model, e, "the mapping has no target");
            }
            if (e.attribute_or("source", "").empty()) {
                mapping.source.is_static = false;  // maps null, as the modeller leaves it
            }
            auto& list = input ? node_.details.inputs : node_.details.outputs;
            list.push_back(std::move(mapping));
        }
    }

    void read_user_task() {
        UserTaskDefinition& task = node_.details.user_task;
        if (const auto form = zeebe("formDefinition")) {
            task.form_binding = read_binding(reader_, form);
            for (const auto name : {"formId", "formKey", "externalReference"}) {
                if (form.attribute_or(name, "").empty()) continue;
                task.form_id = attribute(form, name);
                if (std::string_view(name) == "formId") {
                    reference(ExternalReference::Kind::form, task.form_id, form);
                }
                break;
            }
        }
        if (const auto a = zeebe("assignmentDefinition")) {
            task.assignee = attribute(a, "assignee");
            task.candidate_groups = attribute(a, "candidateGroups");
            task.candidate_users = attribute(a, "candidateUsers");
        }
        if (const auto s = zeebe("taskSchedule")) {
            task.due_date = attribute(s, "dueDate");
            task.follow_up_date = attribute(s, "followUpDate");
        }
        if (const auto p = zeebe("priorityDefinition")) task.priority = attribute(p, "priority");
    }

    void read_decision() {
        const auto e = zeebe("calledDecision");
        if (!e) return;
        CalledDecision called;
        called.decision_id = attribute(e, "decisionId");
        called.binding = read_binding(reader_, e);
        called.result_variable = std::string(e.attribute_or("resultVariable", ""));
        if (e.attribute_or("decisionId", "").empty()) {
            reader_.report(ProblemKind::unresolved_reference, e, "decisionId is missing");
        }
        if (called.result_variable.empty()) {
            reader_.report(ProblemKind::invalid_model, e, "resultVariable is missing");
        }
        reference(ExternalReference::Kind::decision, called.decision_id, e);
        node_.details.called_decision = std::move(called);
    }

    void read_script() {
        const auto e = zeebe("script");
        if (!e) {
            const auto script = element_.child(kBpmnNs, "script");
            if (script && !node_.details.job) {
                reader_.report(ProblemKind::unsupported_language, script,
                               "only FEEL in zeebe:script is executed; the format here is '" +
                                   std::string(element_.attribute_or("scriptFormat", "")) + "'");
            }
            return;
        }
        ScriptDefinition script;
        script.expression = attribute(e, "expression", Style::required);
        script.result_variable = std::string(e.attribute_or("resultVariable", ""));
        if (script.result_variable.empty()) {
            reader_.report(ProblemKind::invalid_model, e, "resultVariable is missing");
        }
        node_.details.script = std::move(script);
    }

    void read_called_process() {
        CalledProcess called;
        const auto e = zeebe("calledElement");
        if (e) {
            called.process_id = attribute(e, "processId");
            called.binding = read_binding(reader_, e);
            called.propagate_all_child_variables =
                e.attribute_or("propagateAllChildVariables", "true") == "true";
            called.propagate_all_parent_variables =
                e.attribute_or("propagateAllParentVariables", "true") == "true";
        }
        if (!called.process_id.present()) {
            const std::string_view target =
                without_prefix(element_.attribute_or("calledElement", ""));
            if (!target.empty()) {
                called.process_id.source = std::string(target);
                called.process_id.is_static = true;
            }
        }
        if (!called.process_id.present()) {
            reader_.report(ProblemKind::unresolved_reference, element_,
                           "the call activity names no process (zeebe:calledElement processId)");
        }
        reference(ExternalReference::Kind::process, called.process_id, element_);
        node_.details.called_process = std::move(called);
    }

    Reader& reader_;
    xml::Element element_;
    xml::Element extension_;
    Process& process_;
    Node& node_;
};

}  // namespace

void read_node_details(Reader& reader, xml::Element element, Process& process, Node& node) {
    NodeReader(reader, element, process, node).read();
}

}  // namespace schwarm::bpmn
