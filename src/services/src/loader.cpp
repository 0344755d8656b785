// Files into a Package: each part is read and compiled, then the parts are checked against each
// other (checks.cpp). Everything that is wrong is collected.
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <utility>

#include "parts.hpp"
#include "schwarm/base/utf8.hpp"
#include "schwarm/dmn/check.hpp"
#include "schwarm/services/contract.hpp"

namespace schwarm::services {
namespace {

std::string_view stem(std::string_view path) {
    if (const auto slash = path.rfind('/'); slash != std::string_view::npos) {
        path.remove_prefix(slash + 1);
    }
    return path.substr(0, path.rfind('.'));
}

bool in_folder(std::string_view path, std::string_view folder, std::string_view ending) {
    return path.starts_with(folder) && path.ends_with(ending) &&
           path.find('/', folder.size()) == std::string_view::npos;
}

bool belongs_to_package(std::string_view path) {
    return path == "service.json" || path == "process.bpmn" || path == "README.md" ||
           path == "texts/de.json" || path == "texts/en.json" || in_folder(path, "", ".dmn") ||
           in_folder(path, "forms/", ".json") || in_folder(path, "documents/", ".html") ||
           in_folder(path, "scenarios/", ".scn") || in_folder(path, "scenarios/", ".json");
}

class Loader {
  public:
    Loader(std::string_view id, const PackageFiles& files, DecisionChecks checks)
        : id_(id), files_(files), checks_(checks), package_(std::make_shared<Package>()) {}

    LoadResult load() {
        check_files();
        package_->id = ServiceId(std::string(id_));
        package_->version = content_hash(files_);
        if (const auto* source = required("service.json")) {
            read_service_json(id_, *source, *package_, form_id_, findings_);
        }
        read_process();
        read_decisions();
        read_forms();
        read_texts();
        read_documents();
        read_scenarios();
        if (!findings_.has_errors()) check_references(*package_, files_, findings_);
        LoadResult result;
        if (!findings_.has_errors()) result.package = std::move(package_);
        result.problems = findings_.take();
        return result;
    }

  private:
    const std::string* find(std::string_view name) const {
        const auto found = files_.find(name);
        return found == files_.end() ? nullptr : &found->second;
    }

    const std::string* required(std::string_view name) {
        const auto* source = find(name);
        if (source == nullptr) findings_.error(std::string(name), 0, "", "the file is missing");
        return source;
    }

    void check_files() {
        const PackageLimits limits;
        std::size_t total = 0;
        for (const auto& [name, bytes] : files_) {
            total += bytes.size();
            if (!belongs_to_package(name)) {
                findings_.error(name, 0, "",
                                "no file of this name belongs to a package "
                                "(docs/formats/package.md lists them)");
            } else if (bytes.size() > limits.file_bytes_max) {
                findings_.error(name, 0, "", "is larger than 2 MB");
            } else if (!utf8::is_valid(bytes)) {
                findings_.error(name, 0, "", "is not UTF-8");
            }
        }
        if (files_.size() > limits.files_max || total > limits.total_bytes_max) {
            findings_.error("", 0, "", "the package has more than 500 files or 8 MB");
        }
    }

    void read_process() {
        const auto* source = required("process.bpmn");
        if (source == nullptr) return;
        auto import = bpmn::import_model(*source, "process.bpmn");
        for (auto& problem : import.problems) {
            findings_.add(
                {problem.file, problem.line, problem.element_id,
                 (problem.element.empty() || !problem.element_id.empty() ? ""
                                                                         : problem.element + ": ") +
                     problem.reason,
                 problem.severity == bpmn::Severity::warning});
        }
        if (!import.model) return;
        package_->parts->model = import.model;
        for (const auto& process : import.model->processes()) {
            if (!process->is_executable) continue;
            if (package_->process) {
                findings_.error("process.bpmn", process->node(bpmn::kProcessNode).line, process->id,
                                "only one process may be executable");
                continue;
            }
            package_->process = process;
        }
        if (!package_->process) {
            findings_.error("process.bpmn", 0, "", "no process is executable");
            return;
        }
        read_groups();
        check_start();
    }

    void check_start() {
        const auto& root = package_->process->node(bpmn::kProcessNode);
        const auto& starts = package_->process->starts();
        const bool by_message = std::any_of(starts.begin(), starts.end(), [](const auto& start) {
            return start.kind == bpmn::EventKind::message;
        });
        if (!package_->started_by_message && root.none_start == bpmn::kNoNode) {
            findings_.error("process.bpmn", root.line, package_->process->id,
                            "the process has no none start event");
        }
        if (package_->started_by_message && !by_message) {
            findings_.error("process.bpmn", root.line, package_->process->id,
                            "the process has no message start event");
        }
    }

    void read_groups() {
        for (const auto& node : package_->process->nodes) {
            const auto& named = node.details.user_task.candidate_groups;
            if (!named.is_static) continue;
            std::string_view rest = named.source;
            while (!rest.empty()) {
                const auto end = std::min(rest.find(','), rest.size());
                auto group = rest.substr(0, end);
                rest.remove_prefix(std::min(end + 1, rest.size()));
                while (group.starts_with(' ')) group.remove_prefix(1);
                while (group.ends_with(' ')) group.remove_suffix(1);
                auto& groups = package_->groups;
                if (!group.empty() &&
                    std::find(groups.begin(), groups.end(), group) == groups.end()) {
                    groups.emplace_back(group);
                }
            }
        }
    }

    void read_decisions() {
        std::vector<dmn::SourceFile> sources;
        for (const auto& [name, bytes] : files_) {
            if (in_folder(name, "", ".dmn")) sources.push_back({name, bytes});
        }
        if (sources.empty()) return;
        auto checked = load_decisions(std::move(sources));
        if (!checked) {
            findings_.add(problem_from_error("decisions", checked.error()));
            return;
        }
        for (const auto& finding : checked->findings) {
            using Finding = dmn::Finding;
            if (finding.severity == Finding::Severity::note) continue;
            auto problem = problem_from_error(
                "decisions", Error(ErrorCode::invalid_input, finding.message, finding.where));
            problem.warning = finding.severity == Finding::Severity::warning ||
                              finding.kind != Finding::Kind::overlap;
            findings_.add(std::move(problem));
        }
        package_->decisions = std::make_shared<const dmn::Program>(std::move(checked->program));
        bind_decisions();
    }

    Result<dmn::Checked> load_decisions(std::vector<dmn::SourceFile> sources) const {
        if (checks_ == DecisionChecks::full) return dmn::load_checked(std::move(sources));
        SCHWARM_TRY(program, dmn::Program::load_set(std::move(sources)));
        return dmn::Checked{std::move(program), {}};
    }

    void bind_decisions() {
        for (const auto& invocable : package_->decisions->invocables()) {
            for (const auto& name : {invocable.id, invocable.name}) {
                const auto position = package_->decisions->find(name);
                if (!position) continue;
                DecisionBinding binding;
                binding.invocable = *position;
                for (const auto& input : package_->decisions->invocables()[*position].inputs) {
                    binding.inputs.emplace_back(input.first);
                }
                package_->parts->decisions.emplace(name, std::move(binding));
            }
        }
    }

    void read_forms() {
        for (const auto& [name, bytes] : files_) {
            if (!in_folder(name, "forms/", ".json")) continue;
            auto form = forms::Form::parse(bytes, name);
            if (!form) {
                findings_.add(problem_from_error(name, form.error()));
                continue;
            }
            const auto form_id = stem(name);
            if (form->id() != form_id) {
                findings_.error(
                    name, line_of(bytes, "\"id\""), form->id(),
                    "the form's id must equal the file name '" + std::string(form_id) + "'");
            }
            package_->parts->forms.emplace(form_id, std::move(*form));
        }
        package_->application_form = package_->find_form(form_id_);
        if (!form_id_.empty() && package_->application_form == nullptr &&
            find("forms/" + form_id_ + ".json") == nullptr) {
            findings_.error("service.json", line_of(files_.at("service.json"), "\"form\""), "form",
                            "there is no form forms/" + form_id_ + ".json");
        }
    }

    std::unique_ptr<html::Catalogue> catalogue(std::string_view language,
                                               const html::Catalogue* fallback) {
        const auto name = "texts/" + std::string(language) + ".json";
        const auto* source = find(name);
        if (source == nullptr) return nullptr;
        auto loaded = html::Catalogue::load(std::string(language), *source, name, fallback);
        if (!loaded) {
            findings_.add(problem_from_error(name, loaded.error()));
            return nullptr;
        }
        return std::make_unique<html::Catalogue>(std::move(*loaded));
    }

    void read_texts() {
        if (required("texts/de.json") == nullptr) return;
        package_->parts->german = catalogue("de", nullptr);
        package_->parts->english = catalogue("en", package_->parts->german.get());
    }

    // What the schwarm:notice tasks give to each template.
    std::map<std::string, std::set<std::string, std::less<>>, std::less<>> document_inputs() const {
        std::map<std::string, std::set<std::string, std::less<>>, std::less<>> inputs;
        if (!package_->process) return inputs;
        for (const auto& node : package_->process->nodes) {
            if (!node.details.job || node.details.job->type.source != "schwarm:notice") continue;
            auto& names = inputs[std::string(header_of(node, "document"))];
            for (const auto& mapping : node.details.inputs) {
                names.insert(mapping.target.substr(0, mapping.target.find('.')));
            }
        }
        return inputs;
    }

    void read_documents() {
        const auto inputs = document_inputs();
        // A template no task names is used by others as a part and may use what any of them gets.
        std::set<std::string, std::less<>> all;
        for (const auto& [document, names] : inputs) all.insert(names.begin(), names.end());
        for (const auto& [name, bytes] : files_) {
            if (!in_folder(name, "documents/", ".html")) continue;
            const auto document = stem(name);
            const auto given = inputs.find(document);
            auto parsed =
                DocumentTemplate::parse(name, bytes, given == inputs.end() ? all : given->second);
            if (!parsed) {
                findings_.add(problem_from_error(name, parsed.error()));
                continue;
            }
            package_->parts->documents.emplace(
                document, std::make_shared<const DocumentTemplate>(std::move(*parsed)));
        }
    }

    void read_scenarios() {
        std::vector<Problem> problems;
        const ScenarioFiles beside = [this](std::string_view name) -> Result<std::string> {
            const auto found = files_.find("scenarios/" + std::string(name));
            if (found != files_.end()) return found->second;
            return fail(ErrorCode::invalid_input,
                        "there is no file scenarios/" + std::string(name));
        };
        for (const auto& [name, bytes] : files_) {
            if (in_folder(name, "scenarios/", ".scn")) {
                package_->parts->scenarios.push_back(
                    parse_scenarios(name, bytes, ScenarioKind::package, beside, problems));
            }
        }
        for (auto& problem : problems) findings_.add(std::move(problem));
        if (package_->parts->scenarios.empty()) {
            findings_.error("scenarios", 0, "",
                            "the package has no scenarios; a package without them is refused");
        }
    }

    std::string_view id_;
    const PackageFiles& files_;
    DecisionChecks checks_;
    std::shared_ptr<Package> package_;
    std::string form_id_;
    Findings findings_;
};

// Takes "12:" or "12:4:" from the front; the line or 0.
int take_line(std::string_view& text) {
    int line = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), line);
    if (parsed.ec != std::errc() || parsed.ptr == text.data()) return 0;
    text.remove_prefix(static_cast<std::size_t>(parsed.ptr - text.data()));
    if (text.starts_with(':')) {
        int column = 0;
        const auto rest = text.substr(1);
        const auto second = std::from_chars(rest.data(), rest.data() + rest.size(), column);
        if (second.ec == std::errc() && second.ptr != rest.data()) {
            text.remove_prefix(1 + static_cast<std::size_t>(second.ptr - rest.data()));
        }
    }
    return line;
}

std::string_view trim_place(std::string_view text) {
    while (!text.empty() && (text.front() == ':' || text.front() == ' ')) text.remove_prefix(1);
    return text;
}

}  // namespace

bool Findings::has_errors() const {
    return std::any_of(problems_.begin(), problems_.end(),
                       [](const Problem& p) { return !p.warning; });
}

Problem problem_from_error(std::string file, const Error& error) {
    Problem problem;
    problem.file = std::move(file);
    // The place is "file:line:column element id", "line 3 column 7", in `where` or in front of
    // the message.
    std::string_view place = error.where;
    std::string_view message = error.message;
    if (place.empty() && message.starts_with(problem.file + ":")) {
        place = message;
        message = {};
    }
    if (const auto name = place.substr(0, place.find(':'));
        place.size() > name.size() && name.find(' ') == std::string_view::npos &&
        name.find('.') != std::string_view::npos) {
        problem.file = std::string(name);
        place.remove_prefix(name.size() + 1);
        problem.line = take_line(place);
    } else if (place.starts_with("line ")) {
        place.remove_prefix(5);
        problem.line = take_line(place);
        if (const auto colon = place.find(':'); colon != std::string_view::npos) {
            place.remove_prefix(colon);
        }
    } else if (place == problem.file) {
        place = {};
    }
    place = trim_place(place);
    for (const std::string_view word : {"element ", "component "}) {
        if (!place.starts_with(word)) continue;
        place.remove_prefix(word.size());
        const auto end = place.find_first_of(": ");
        problem.element_id = std::string(place.substr(0, end));
        place = end == std::string_view::npos ? std::string_view() : trim_place(place.substr(end));
    }
    problem.reason = std::string(place);
    if (!message.empty()) {
        if (!problem.reason.empty()) problem.reason += ": ";
        problem.reason += message;
    }
    if (problem.reason.empty()) problem.reason = error.text();
    return problem;
}

int line_of(std::string_view source, std::string_view needle) {
    const auto at = source.find(needle);
    if (at == std::string_view::npos) return 0;
    return 1 + static_cast<int>(std::count(source.begin(),
                                           source.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
}

std::string_view header_of(const bpmn::Node& node, std::string_view key) {
    for (const auto& header : node.details.headers) {
        if (header.key == key && header.value.is_static) return header.value.source;
    }
    return {};
}

LoadResult load_package(std::string_view id, const PackageFiles& files, DecisionChecks checks) {
    return Loader(id, files, checks).load();
}

LoadResult load_package_folder(const std::string& path) {
    auto files = read_folder(path);
    if (!files) {
        LoadResult result;
        result.problems.push_back(problem_from_error(files.error().where, files.error()));
        return result;
    }
    const auto normal = std::filesystem::absolute(path).lexically_normal();
    auto name = normal.filename().string();
    if (name.empty()) name = normal.parent_path().filename().string();
    return load_against(name, *files, path);
}

LoadResult load_against(std::string_view id, const PackageFiles& files, const std::string& folder) {
    LoadResult result = load_package(id, files);
    const auto beside = contracts_beside(folder);
    if (!result.package || !beside) return result;
    auto contracts = ContractBook::load(*beside);
    auto problems = contracts.has_error()
                        ? std::vector<Problem>{problem_from_error("contracts", contracts.error())}
                        : check_contracts(*result.package, *contracts);
    if (!problems.empty()) result.package = nullptr;
    std::move(problems.begin(), problems.end(), std::back_inserter(result.problems));
    return result;
}

}  // namespace schwarm::services
