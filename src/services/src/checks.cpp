// References between the parts of a package, and the shape of its process.
#include <algorithm>
#include <array>
#include <deque>

#include "parts.hpp"
#include "schwarm/dmn/program.hpp"
#include "schwarm/engine/definitions.hpp"

namespace schwarm::services {
namespace {

using bpmn::Node;
using bpmn::NodeIndex;
using bpmn::NodeKind;

constexpr std::string_view kModel = "process.bpmn";
constexpr std::array<std::string_view, 5> kInlineTypes = {
    "schwarm:notice", "schwarm:print", "schwarm:message", "schwarm:archive", "schwarm:evidence"};

// Which nodes are reached from the start, and which reach an end.
class Reach {
  public:
    explicit Reach(const bpmn::Process& process)
        : process_(process),
          forward_(process.nodes.size(), false),
          backward_(process.nodes.size(), false) {
        walk_forward();
        walk_backward();
    }
    bool from_start(NodeIndex node) const { return forward_[node]; }
    bool to_end(NodeIndex node) const { return backward_[node]; }

  private:
    void visit(NodeIndex node) {
        if (node == bpmn::kNoNode || forward_[node]) return;
        forward_[node] = true;
        queue_.push_back(node);
    }

    void walk_forward() {
        visit(bpmn::kProcessNode);
        for (const auto& node : process_.nodes) {
            if (node.instantiates) visit(node.index);
        }
        while (!queue_.empty()) {
            const auto& node = process_.node(queue_.front());
            queue_.pop_front();
            for (const auto flow : node.outgoing) visit(process_.flow(flow).target);
            for (const auto boundary : node.boundary_events) visit(boundary);
            for (const auto start : node.start_events) visit(start);
            for (const auto sub : node.event_sub_processes) visit(sub);
            if (node.kind == NodeKind::ad_hoc_sub_process) {
                for (const auto child : node.children) visit(child);
            }
            visit(node.link_target);
        }
    }

    void walk_backward() {
        std::deque<NodeIndex> queue;
        const auto mark = [&](NodeIndex node) {
            if (backward_[node]) return;
            backward_[node] = true;
            queue.push_back(node);
        };
        for (const auto& node : process_.nodes) {
            if (node.kind == NodeKind::end_event ||
                (node.event == bpmn::EventKind::link &&
                 node.kind == NodeKind::intermediate_throw_event)) {
                mark(node.index);
            }
        }
        while (!queue.empty()) {
            const auto& node = process_.node(queue.front());
            queue.pop_front();
            for (const auto flow : node.incoming) mark(process_.flow(flow).source);
            // An activity may also go on by its boundary event.
            if (node.attached_to != bpmn::kNoNode) mark(node.attached_to);
        }
    }

    const bpmn::Process& process_;
    std::vector<bool> forward_;
    std::vector<bool> backward_;
    std::deque<NodeIndex> queue_;
};

class Checker {
  public:
    Checker(const Package& package, const PackageFiles& files, Findings& findings)
        : package_(package), files_(files), findings_(findings) {}

    void check() {
        check_external_references();
        const Reach reach(*package_.process);
        for (const auto& node : package_.process->nodes) {
            if (node.index == bpmn::kProcessNode) continue;
            check_reach(node, reach);
            check_inline_task(node);
            check_user_task(node);
            check_milestone(node);
            check_explanation(node);
        }
        check_messages();
        check_texts();
    }

  private:
    void error(const Node& node, std::string reason) {
        findings_.error(std::string(kModel), node.line, node.id, std::move(reason));
    }

    bool has_text(std::string_view key) const {
        return package_.parts->german->find(key, {}).has_value();
    }

    void need_text(const std::string& key, std::string file, int line, std::string element) {
        if (has_text(key)) return;
        findings_.error(std::move(file), line, std::move(element),
                        "texts/de.json has no text '" + key + "'");
    }

    void check_external_references() {
        for (const auto& reference : package_.parts->model->references()) {
            if (reference.process_id != package_.process->id) continue;
            const auto unresolved = [&](const std::string& what) {
                findings_.error(std::string(kModel), reference.line, reference.element_id,
                                "there is no " + what);
            };
            using Kind = bpmn::ExternalReference::Kind;
            if (reference.kind == Kind::decision) {
                if (!package_.decisions) {
                    unresolved("decision '" + reference.target + "': the package has no *.dmn");
                } else if (auto found = package_.decisions->find(reference.target); !found) {
                    unresolved("decision '" + reference.target + "' in the *.dmn files" +
                               (found.error().code == ErrorCode::conflict
                                    ? " (several have this name)"
                                    : ""));
                }
            } else if (reference.kind == Kind::form) {
                if (package_.find_form(reference.target) == nullptr) {
                    unresolved("form forms/" + reference.target + ".json");
                }
            } else if (reference.kind == Kind::process) {
                unresolved("process '" + reference.target + "': a package has one process");
            }
        }
    }

    void check_reach(const Node& node, const Reach& reach) {
        if (node.compensation_handler) return;
        if (!reach.from_start(node.index)) {
            error(node, "the start does not lead here");
        } else if (node.kind != NodeKind::event_sub_process && !reach.to_end(node.index)) {
            error(node, "no end event can be reached from here");
        }
    }

    void check_inline_task(const Node& node) {
        if (!node.details.job || !node.details.job->type.is_static) return;
        const std::string& type = node.details.job->type.source;
        if (!type.starts_with("schwarm:")) return;
        if (std::find(kInlineTypes.begin(), kInlineTypes.end(), type) == kInlineTypes.end()) {
            return error(node, "there is no task type '" + type + "'");
        }
        if (type == "schwarm:notice" || type == "schwarm:print") {
            const std::string name(header_of(node, "document"));
            if (name.empty()) {
                error(node, type + " needs the header 'document' (a plain text)");
            } else if (!package_.find_document(name)) {
                error(node, "there is no document template documents/" + name + ".html");
            } else if (type == "schwarm:notice") {
                need_text("document." + name, std::string(kModel), node.line, node.id);
            }
        } else if (type == engine::kEvidenceJob) {
            for (const std::string_view name : {"art", "zweck", "rechtsgrundlage"}) {
                if (header_of(node, name).empty()) {
                    error(node,
                          type + " needs the header '" + std::string(name) + "' (a plain text)");
                }
            }
            for (const std::string_view name : {"zustaendig", "person", "verlangen"}) {
                const auto& inputs = node.details.inputs;
                if (std::none_of(inputs.begin(), inputs.end(), [&](const bpmn::Mapping& input) {
                        return input.target == name;
                    })) {
                    error(node, type + " needs the input '" + std::string(name) + "'");
                }
            }
        } else if (type == "schwarm:message") {
            const std::string key(header_of(node, "text"));
            if (key.empty()) {
                error(node, type + " needs the header 'text' (a plain text)");
            } else {
                need_text(key, std::string(kModel), node.line, node.id);
            }
        }
    }

    void check_user_task(const Node& node) {
        if (node.kind != NodeKind::user_task) return;
        if (!node.details.user_task.candidate_groups.present()) {
            error(node, "the user task names no candidate group");
        }
        need_text("task." + node.id, std::string(kModel), node.line, node.id);
    }

    void check_milestone(const Node& node) {
        std::string name;
        for (const auto& property : node.details.properties) {
            if (property.key == "milestone") name = property.value;
        }
        const bool outermost = node.parent == bpmn::kProcessNode;
        if (name.empty()) {
            if (outermost && node.kind == NodeKind::end_event) {
                error(node, "the end event has no property 'milestone'");
            }
            const bool begins = node.kind == NodeKind::start_event && outermost;
            if (begins || node.index == package_.process->node(bpmn::kProcessNode).none_start) {
                error(node, "the start event has no property 'milestone'");
            }
            return;
        }
        need_text("milestone." + name, std::string(kModel), node.line, node.id);
        package_.parts->milestones.emplace(node.id, name);
    }

    void check_explanation(const Node& node) {
        for (const auto& property : node.details.properties) {
            if (property.key != "explanation") continue;
            if (!node.details.called_decision) {
                error(node, "only a business rule task with a decision has an 'explanation'");
            } else if (!is_variable(property.value)) {
                error(node, "'" + property.value +
                                "' cannot be the name of the variable for the explanation");
            }
        }
    }

    static bool is_variable(std::string_view name) {
        const auto letter = [](char c) {
            return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        };
        return !name.empty() && letter(name.front()) &&
               std::all_of(name.begin(), name.end(),
                           [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
    }

    void check_messages() {
        for (const auto& [member, message] : {std::pair<std::string_view, const std::string&>{
                                                  "withdrawal", package_.withdrawal_message},
                                              {"documents", package_.documents_message},
                                              {"correction", package_.correction_message},
                                              {"retrieval", package_.retrieval_message}}) {
            if (message.empty()) continue;
            const auto& declared = package_.parts->model->messages();
            const bool found = std::any_of(declared.begin(), declared.end(),
                                           [&](const auto& m) { return m.name == message; });
            if (!found) {
                findings_.error(
                    "service.json",
                    line_of(files_.at("service.json"), "\"" + std::string(member) + "\""),
                    std::string(member),
                    "process.bpmn has no message of the name '" + message + "'");
            }
        }
        const auto& notice = package_.retrieved_document;
        if (!notice.empty() && !package_.find_document(notice)) {
            findings_.error("service.json",
                            line_of(files_.at("service.json"), "\"" + notice + "\""), "retrieval",
                            "there is no document template documents/" + notice + ".html");
        }
    }

    void check_texts() {
        for (const std::string key : {"title", "summary", "description", "keywords"}) {
            need_text(key, "texts/de.json", 1, "");
        }
        if (!package_.parts->english) return;
        const auto keys = package_.parts->english->keys();
        const auto found = files_.find("texts/en.json");
        for (const auto& key : keys) {
            if (has_text(key)) continue;
            findings_.error("texts/en.json", line_of(found->second, "\"" + key + "\""), "",
                            "the key '" + key + "' does not exist in texts/de.json");
        }
    }

    const Package& package_;
    const PackageFiles& files_;
    Findings& findings_;
};

}  // namespace

void check_references(const Package& package, const PackageFiles& files, Findings& findings) {
    Checker(package, files, findings).check();
}

}  // namespace schwarm::services
