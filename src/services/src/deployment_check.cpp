// What the files of a deployment hold, and everything that is wrong with them.
#include <algorithm>
#include <map>

#include "deployment_parts.hpp"
#include "parts.hpp"
#include "schwarm/base/utf8.hpp"
#include "schwarm/bpmn/model.hpp"
#include "schwarm/crypto/encode.hpp"
#include "schwarm/crypto/hash.hpp"
#include "schwarm/json/json.hpp"
#include "schwarm/xml/document.hpp"

namespace schwarm::services {
namespace {

constexpr json::Limits kFormLimits{4U << 20, 64, 200'000};

bool is_process_file(std::string_view name) {
    return name.ends_with(".bpmn") || name.ends_with(".bpmn20.xml") || name.ends_with(".xml");
}

class FileChecker {
  public:
    FileChecker(const std::vector<ResourceFile>& files, const DeploymentLimits& limits)
        : files_(files), limits_(limits) {}

    CheckedFiles check() {
        check_sizes();
        if (findings_.has_errors()) return finish();
        for (const auto& file : files_) {
            if (is_process_file(file.name)) {
                read_processes(file);
            } else if (file.name.ends_with(".dmn")) {
                read_decisions(file);
            } else if (file.name.ends_with(".form")) {
                read_form(file);
            } else {
                read_other(file);
            }
        }
        check_ids();
        return finish();
    }

  private:
    CheckedFiles finish() {
        out_.problems = findings_.take();
        return std::move(out_);
    }

    void check_sizes() {
        std::size_t total = 0;
        std::map<std::string_view, int> names;
        for (const auto& file : files_) {
            total += file.bytes.size();
            if (file.name.empty() || file.name.size() > limits_.name_bytes_max) {
                findings_.error(file.name, 0, "", "the file has no name, or one that is too long");
            } else if (++names[file.name] > 1) {
                findings_.error(file.name, 0, "", "two files have this name");
            }
            if (file.bytes.empty()) findings_.error(file.name, 0, "", "the file is empty");
            if (file.bytes.size() > limits_.file_bytes_max) {
                findings_.error(
                    file.name, 0, "",
                    "the file is larger than " + std::to_string(limits_.file_bytes_max) + " bytes");
            }
        }
        if (files_.empty()) findings_.error("", 0, "", "the deployment has no file");
        if (files_.size() > limits_.files_max || total > limits_.total_bytes_max) {
            findings_.error("", 0, "",
                            "the deployment has more than " + std::to_string(limits_.files_max) +
                                " files or " + std::to_string(limits_.total_bytes_max) + " bytes");
        }
    }

    static void fill(Definition& definition, const ResourceFile& file) {
        definition.resource_name = file.name;
        definition.checksum = crypto::hex_encode(crypto::bytes_of(crypto::sha256(file.bytes)));
    }

    void read_processes(const ResourceFile& file) {
        const auto import = bpmn::import_model(file.bytes, file.name);
        for (const auto& problem : import.problems) {
            const bool named = problem.element.empty() || !problem.element_id.empty();
            findings_.add({problem.file, problem.line, problem.element_id,
                           (named ? "" : problem.element + ": ") + problem.reason,
                           problem.severity == bpmn::Severity::warning});
        }
        if (!import.model) return;
        const auto document = xml::Document::parse(file.bytes, file.name);
        bool executable = false;
        for (const auto& process : import.model->processes()) {
            if (!process->is_executable) continue;
            executable = true;
            ProcessDefinition definition;
            fill(definition, file);
            definition.id = process->id;
            definition.name = process->name;
            definition.version_tag = process->version_tag;
            if (document) read_start_form(document->root(), definition);
            read_starts(*process, file.name, definition);
            out_.definitions.emplace_back(std::move(definition));
        }
        if (!executable) findings_.error(file.name, 0, "", "no process is executable");
    }

    static void read_start_form(const xml::Element& root, ProcessDefinition& definition) {
        for (const auto process : root.children()) {
            if (process.name() != "process" || process.attribute_or("id", "") != definition.id) {
                continue;
            }
            for (const auto element : process.children()) {
                if (element.name() != "startEvent") continue;
                const auto form = element.child("extensionElements").child("formDefinition");
                if (const auto id = form.attribute("formId"); id && !id->empty()) {
                    definition.start_form_id = std::string(*id);
                }
            }
        }
    }

    void read_starts(const bpmn::Process& process, const std::string& file,
                     ProcessDefinition& definition) {
        for (const auto& way : process.starts()) {
            if (way.kind == bpmn::EventKind::none) continue;
            const auto& node = process.node(way.node);
            // A receive task that begins the process has a message and no event.
            const auto events = node.event_definitions();
            const auto& event = events.empty() ? node.details.event : events[way.part];
            StartEvent start;
            start.element_id = node.id;
            start.kind = way.kind;
            if (way.kind == bpmn::EventKind::timer) {
                start.text = (event.timer.value.is_static ? "" : "=") + event.timer.value.source;
            } else if (way.kind == bpmn::EventKind::message) {
                start.text = name_at_deployment(event.message.name, file, node);
            } else if (way.kind == bpmn::EventKind::signal) {
                start.text = name_at_deployment(event.signal.name, file, node);
            }
            definition.starts.push_back(std::move(start));
        }
    }

    // There are no variables yet, so the name must be a constant.
    std::string name_at_deployment(const bpmn::Expression& name, const std::string& file,
                                   const bpmn::Node& node) {
        if (name.is_static) return name.source;
        const auto value = feel::evaluate(name.compiled);
        if (value.is_string()) return std::string(value.as_string());
        findings_.error(file, node.line, node.id,
                        "the name that a start event waits for is no text that is known "
                        "before the process begins");
        return {};
    }

    void read_decisions(const ResourceFile& file) {
        std::vector<dmn::SourceFile> others;
        for (const auto& other : files_) {
            if (other.name.ends_with(".dmn") && other.name != file.name) {
                others.push_back({other.name, other.bytes});
            }
        }
        const auto compiled = CompiledDecisions::compile({file.name, file.bytes}, others);
        if (!compiled) {
            findings_.add(problem_from_error(file.name, compiled.error()));
            return;
        }
        DecisionRequirements definition;
        fill(definition, file);
        definition.id = compiled->id();
        definition.name = compiled->name();
        for (const auto& decision : compiled->decisions()) {
            definition.decisions.push_back(
                {0, decision.id, decision.name, 0, decision.version_tag});
        }
        for (const auto& other : others) {
            const auto& imported = compiled->imported();
            if (std::find(imported.begin(), imported.end(), other.name) == imported.end()) continue;
            definition.imports.emplace_back(
                other.name, crypto::hex_encode(crypto::bytes_of(crypto::sha256(other.text))));
        }
        out_.definitions.emplace_back(std::move(definition));
    }

    void read_form(const ResourceFile& file) {
        const auto parsed = json::parse(file.bytes, kFormLimits);
        if (!parsed) {
            findings_.add(problem_from_error(file.name, parsed.error()));
            return;
        }
        FormDefinition definition;
        fill(definition, file);
        definition.id = parsed->string_or("id", "");
        definition.name = definition.id;
        definition.version_tag = parsed->string_or("versionTag", "");
        if (definition.id.empty()) {
            findings_.error(file.name, 0, "", "the form has no id");
            return;
        }
        out_.definitions.emplace_back(std::move(definition));
    }

    void read_other(const ResourceFile& file) {
        ResourceDefinition definition;
        fill(definition, file);
        definition.id = file.name;
        definition.name = file.name;
        if (file.name.ends_with(".rpa")) {
            const auto parsed = json::parse(file.bytes, kFormLimits);
            if (!parsed || parsed->string_or("id", "").empty()) {
                findings_.error(file.name, 0, "", "the script is no JSON object with an id");
                return;
            }
            definition.id = parsed->string_or("id", "");
            definition.version_tag = parsed->string_or("versionTag", "");
        }
        out_.definitions.emplace_back(std::move(definition));
    }

    void check_id(std::map<std::string, std::string>& seen, char letter, const std::string& id,
                  const std::string& file) {
        if (id.empty() || id.size() > limits_.id_bytes_max || !utf8::is_valid(id) ||
            id.find('\0') != std::string::npos) {
            findings_.error(file, 0, id.substr(0, 40),
                            "the id is missing or longer than " +
                                std::to_string(limits_.id_bytes_max) + " bytes");
            return;
        }
        const auto [other, added] = seen.emplace(letter + id, file);
        if (!added) {
            findings_.error(file, 0, id,
                            "the id stands in this deployment twice, also in " + other->second);
        }
    }

    void check_ids() {
        std::map<std::string, std::string> seen;
        for (const auto& any : out_.definitions) {
            const auto& definition = definition_in(any);
            check_id(seen, letter_of(any), definition.id, definition.resource_name);
            const auto* graph = std::get_if<DecisionRequirements>(&any);
            if (graph == nullptr) continue;
            for (const auto& decision : graph->decisions) {
                check_id(seen, 'd', decision.id, graph->resource_name);
            }
        }
    }

    const std::vector<ResourceFile>& files_;
    const DeploymentLimits& limits_;
    CheckedFiles out_;
    Findings findings_;
};

}  // namespace

bool CheckedFiles::refused() const {
    return std::any_of(problems.begin(), problems.end(),
                       [](const Problem& problem) { return !problem.warning; });
}

CheckedFiles check_files(const std::vector<ResourceFile>& files, const DeploymentLimits& limits) {
    return FileChecker(files, limits).check();
}

}  // namespace schwarm::services
