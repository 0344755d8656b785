// From files to a program: reads the set, links imports and references, orders, compiles, plans.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "boxed.hpp"
#include "checker.hpp"
#include "planner.hpp"
#include "program_data.hpp"
#include "schwarm/crypto/encode.hpp"
#include "schwarm/crypto/hash.hpp"

namespace schwarm::dmn::detail {

namespace {

class SetCompiler {
  public:
    SetCompiler(const ImportResolver& resolver, const LoadLimits& limits, Checker* checker)
        : resolver_(resolver),
          limits_(limits),
          expressions_left_(limits.expressions),
          checker_(checker) {}

    Result<std::shared_ptr<const ProgramData>> run(std::vector<SourceFile> files) {
        SCHWARM_TRY_VOID(read(std::move(files)));
        SCHWARM_TRY_VOID(link_types());
        SCHWARM_TRY_VOID(make_nodes());
        SCHWARM_TRY_VOID(link_nodes());
        SCHWARM_TRY_VOID(order());
        SCHWARM_TRY_VOID(make_functions());
        for (const auto node : knowledge_order_) SCHWARM_TRY_VOID(compile_knowledge(node));
        for (const auto node : decision_order_) SCHWARM_TRY_VOID(compile_decision(node));
        SCHWARM_TRY_VOID(plan_all(*data_, services_, limits_));
        for (auto& node : data_->nodes) node.drg = nullptr;
        data_->fingerprint = fingerprint();
        return std::shared_ptr<const ProgramData>(std::move(data_));
    }

  private:
    struct Model {
        Definitions definitions;
        std::unique_ptr<TypeTable> types;
        std::map<std::string, std::uint32_t, std::less<>> ids;  // and names, where there is no id
    };

    // Names that a decision or knowledge model may use beside its own.
    struct Visible {
        struct Item {
            std::string name;
            feel::Key key;
            std::uint32_t node;
            bool is_constant;
            std::uint32_t requirement;
        };
        std::vector<Item> own;
        std::vector<std::pair<std::string, std::vector<Item>>> imported;  // by import name
    };

    Result<> read(std::vector<SourceFile> files) {
        for (auto& file : files) SCHWARM_TRY_VOID(add_model(std::move(file)));
        for (std::size_t i = 0; i < models_.size(); ++i) {
            const auto imports = models_[i].definitions.imports;
            for (const auto& import : imports) SCHWARM_TRY_VOID(find_import(import));
        }
        return {};
    }

    Result<> add_model(SourceFile file) {
        if (models_.size() >= limits_.files) {
            return fail(ErrorCode::limit_exceeded,
                        fmt::format("more than {} files in one set", limits_.files), file.name);
        }
        SCHWARM_TRY(definitions, read_definitions(std::move(file), limits_));
        for (const auto& model : models_) {
            if (model.definitions.name_space == definitions.name_space) {
                return bad(ErrorCode::invalid_input,
                           fmt::format("the namespace '{}' belongs to {} already",
                                       definitions.name_space, model.definitions.document->file()),
                           definitions.document->root());
            }
        }
        data_->name_spaces.push_back(definitions.name_space);
        data_->files.push_back(definitions.document->file());
        models_.push_back({std::move(definitions), nullptr, {}});
        return {};
    }

    std::string fingerprint() const {
        std::vector<const xml::Document*> files;
        for (const auto& model : models_) files.push_back(model.definitions.document.get());
        std::sort(files.begin(), files.end(),
                  [](const auto* a, const auto* b) { return a->file() < b->file(); });
        crypto::Sha256 hash;
        for (const auto* file : files) {
            hash.update(
                fmt::format("{}:{}:{}:", file->file().size(), file->source().size(), file->file()));
            hash.update(file->source());
        }
        return crypto::hex_encode(crypto::bytes_of(hash.finish()));
    }

    std::optional<std::size_t> model_of(std::string_view name_space) const {
        for (std::size_t i = 0; i < models_.size(); ++i) {
            if (models_[i].definitions.name_space == name_space) return i;
        }
        return std::nullopt;
    }

    Result<> find_import(const Import& import) {
        if (model_of(import.name_space)) return {};
        if (resolver_) {
            auto file = resolver_(import.name_space, import.location);
            if (!file) {
                return bad(ErrorCode::unresolved,
                           fmt::format("the imported model '{}' was not found: {}",
                                       import.name_space, file.error().message),
                           import.element);
            }
            SCHWARM_TRY_VOID(add_model(std::move(*file)));
            if (model_of(import.name_space)) return {};
        }
        return bad(ErrorCode::unresolved,
                   fmt::format("no file has the imported namespace '{}'", import.name_space),
                   import.element);
    }

    Result<> link_types() {
        for (auto& model : models_) {
            model.types = std::make_unique<TypeTable>(model.definitions);
        }
        for (std::size_t m = 0; m < models_.size(); ++m) {
            for (const auto& import : models_[m].definitions.imports) {
                const auto other = *model_of(import.name_space);
                models_[m].types->add_import(import.name, import.name_space,
                                             models_[other].types.get());
                data_->imports.push_back({m, other, import.name});
            }
        }
        for (auto& model : models_) SCHWARM_TRY_VOID(model.types->resolve_all());
        return {};
    }

    Result<> make_nodes() {
        for (std::size_t m = 0; m < models_.size(); ++m) {
            auto& model = models_[m];
            for (const auto& drg : model.definitions.elements) {
                const auto index = static_cast<std::uint32_t>(data_->nodes.size());
                Node node;
                node.kind = drg.kind;
                node.model = m;
                node.drg = &drg;
                node.name = drg.name;
                node.id = drg.id;
                node.where = drg.element.where();
                node.place = *data_->places.add(drg.element, data_->files[m]);
                node.key = feel::Key::kept(drg.name);
                SCHWARM_TRY(type, model.types->resolve(drg.type_ref,
                                                       drg.variable ? drg.variable : drg.element));
                node.type = std::move(type);
                node.known_type = node.type->type;
                if (drg.kind == DrgKind::input && !drg.variable.attribute("typeRef")) {
                    data_->findings.push_back({Finding::Severity::warning, node.where,
                                               "the input data has no data type",
                                               Finding::Kind::missing_type});
                }
                model.ids.emplace(drg.id.empty() ? drg.name : drg.id, index);
                data_->nodes.push_back(std::move(node));
            }
        }
        return {};
    }

    Result<std::uint32_t> find_node(std::size_t from, const Reference& reference) const {
        const std::string_view href = reference.href;
        const auto hash = href.find('#');
        const auto id = hash == std::string_view::npos ? href : href.substr(hash + 1);
        auto model = std::optional<std::size_t>(from);
        if (hash != std::string_view::npos && hash > 0) model = model_of(href.substr(0, hash));
        if (model) {
            const auto& ids = models_[*model].ids;
            if (const auto found = ids.find(id); found != ids.end()) return found->second;
        }
        return bad(ErrorCode::unresolved, fmt::format("the reference '{}' points to nothing", href),
                   reference.element);
    }

    Result<> link(std::size_t model, const std::vector<Reference>& from,
                  std::initializer_list<DrgKind> kinds, std::vector<std::uint32_t>& to) {
        for (const auto& reference : from) {
            SCHWARM_TRY(found, find_node(model, reference));
            const auto kind = data_->nodes[found].kind;
            if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) {
                return bad(ErrorCode::unresolved,
                           fmt::format("the reference '{}' points to something of another kind",
                                       reference.href),
                           reference.element);
            }
            if (std::find(to.begin(), to.end(), found) == to.end()) to.push_back(found);
        }
        return {};
    }

    Result<> link_nodes() {
        for (std::uint32_t i = 0; i < data_->nodes.size(); ++i) {
            auto& node = data_->nodes[i];
            const auto& drg = *node.drg;
            if (node.kind == DrgKind::decision) {
                SCHWARM_TRY_VOID(link(node.model, drg.inputs, {DrgKind::input, DrgKind::decision},
                                      node.requirements));
            }
            SCHWARM_TRY_VOID(link(node.model, drg.knowledge, {DrgKind::knowledge, DrgKind::service},
                                  node.knowledge));
            if (node.kind != DrgKind::service) continue;
            Service service;
            service.node = i;
            SCHWARM_TRY_VOID(
                link(node.model, drg.output_decisions, {DrgKind::decision}, service.outputs));
            std::vector<std::uint32_t> encapsulated;
            SCHWARM_TRY_VOID(
                link(node.model, drg.encapsulated_decisions, {DrgKind::decision}, encapsulated));
            SCHWARM_TRY_VOID(
                link(node.model, drg.input_data, {DrgKind::input}, service.parameters));
            SCHWARM_TRY_VOID(
                link(node.model, drg.input_decisions, {DrgKind::decision}, service.parameters));
            services_.push_back(std::move(service));
        }
        return {};
    }

    // Depth first with a stack of its own: models may be deep.
    Result<> visit(std::uint32_t start, bool decisions, std::vector<char>& state,
                   std::vector<std::uint32_t>& out) {
        std::vector<std::pair<std::uint32_t, std::size_t>> stack = {{start, 0}};
        if (state[start] == 2) return {};
        state[start] = 1;
        while (!stack.empty()) {
            auto& [at, next] = stack.back();
            const auto& node = data_->nodes[at];
            const auto& edges = decisions ? node.requirements : node.knowledge;
            if (next == edges.size()) {
                state[at] = 2;
                out.push_back(at);
                stack.pop_back();
                continue;
            }
            const auto to = edges[next++];
            if (state[to] == 0) {
                state[to] = 1;
                stack.emplace_back(to, 0);
            } else if (state[to] == 1 && decisions) {
                return bad(ErrorCode::invalid_input,
                           fmt::format("the decision '{}' requires itself, by way of '{}'",
                                       data_->nodes[to].name, node.name),
                           node.drg->element);
            }
        }
        return {};
    }

    Result<> order() {
        std::vector<char> state(data_->nodes.size(), 0);
        std::vector<std::uint32_t> all;
        for (std::uint32_t i = 0; i < data_->nodes.size(); ++i) {
            if (data_->nodes[i].kind == DrgKind::decision) {
                SCHWARM_TRY_VOID(visit(i, true, state, all));
            }
        }
        for (const auto node : all) {
            if (data_->nodes[node].kind == DrgKind::decision) decision_order_.push_back(node);
        }
        state.assign(data_->nodes.size(), 0);
        all.clear();
        for (std::uint32_t i = 0; i < data_->nodes.size(); ++i) {
            if (data_->nodes[i].kind == DrgKind::knowledge) {
                SCHWARM_TRY_VOID(visit(i, false, state, all));
            }
        }
        for (const auto node : all) {
            if (data_->nodes[node].kind == DrgKind::knowledge) knowledge_order_.push_back(node);
        }
        return {};
    }

    static ItemTypePtr result_of(const ItemTypePtr& variable) {
        if (variable->type->kind() != feel::TypeKind::function) return variable;
        auto result = std::make_shared<ItemType>();
        result->type = variable->type->result();
        return result;
    }

    Result<> make_functions() {
        for (auto& node : data_->nodes) {
            if (node.kind != DrgKind::knowledge) continue;
            std::vector<feel::Function::Parameter> parameters;
            std::vector<feel::Type::Member> members;
            const auto logic = node.drg->element.child("encapsulatedLogic");
            for (const auto child : logic.children()) {
                if (child.name() != "formalParameter") continue;
                SCHWARM_TRY(type, models_[node.model].types->resolve(
                                      child.attribute_or("typeRef", ""), child));
                auto name = normalized_name(child.attribute_or("name", ""));
                members.push_back({name, type->type});
                parameters.push_back({std::move(name), type->type});
            }
            auto function = std::make_unique<FunctionValue>(node.name, std::move(parameters),
                                                            feel::Type::any());
            node.function_value = function.get();
            node.value = data_->functions.add(std::move(function));
            node.known_type = feel::Type::function(std::move(members), result_of(node.type)->type);
        }
        for (std::size_t i = 0; i < services_.size(); ++i) make_service(services_[i], i);
        return {};
    }

    void make_service(Service& service, std::size_t position) {
        auto& node = data_->nodes[service.node];
        std::vector<feel::Function::Parameter> parameters;
        std::vector<feel::Type::Member> members;
        for (const auto parameter : service.parameters) {
            const auto& input = data_->nodes[parameter];
            members.push_back({input.name, input.type->type});
            parameters.push_back({input.name, input.type->type});
        }
        service.result = result_of(node.type);
        auto function = std::make_unique<ServiceFunction>(node.name, service.node,
                                                          std::move(parameters), feel::Type::any());
        service.function = function.get();
        service.position = position;
        node.value = data_->functions.add(std::move(function));
        node.known_type = feel::Type::function(std::move(members), service.result->type);
    }

    Visible visible(const Node& node) const {
        Visible out;
        const auto add = [&](std::uint32_t index, bool is_constant, std::size_t requirement) {
            const auto& other = data_->nodes[index];
            Visible::Item item{other.name, other.key, index, is_constant,
                               static_cast<std::uint32_t>(requirement)};
            if (other.model == node.model) {
                out.own.push_back(std::move(item));
                return;
            }
            for (const auto& import : models_[node.model].definitions.imports) {
                if (import.name_space != data_->name_spaces[other.model]) continue;
                if (import.name.empty()) {
                    out.own.push_back(item);
                    continue;
                }
                auto at = std::find_if(out.imported.begin(), out.imported.end(),
                                       [&](const auto& i) { return i.first == import.name; });
                if (at == out.imported.end()) {
                    at = out.imported.insert(out.imported.end(), {import.name, {}});
                }
                at->second.push_back(item);
            }
        };
        for (std::size_t i = 0; i < node.requirements.size(); ++i) {
            add(node.requirements[i], false, i);
        }
        for (const auto knowledge : node.knowledge) add(knowledge, true, 0);
        return out;
    }

    void declare(const Visible& visible, std::size_t model, feel::NameScope& names) const {
        for (const auto& item : visible.own) {
            names.add(item.name, data_->nodes[item.node].known_type);
        }
        for (const auto& [import, items] : visible.imported) {
            std::vector<feel::Type::Member> members;
            for (const auto& item : items) {
                members.push_back({item.name, data_->nodes[item.node].known_type});
            }
            names.add(import, feel::Type::context(std::move(members)));
        }
        names.set_open();
        auto* types = models_[model].types.get();
        names.set_type_resolver(
            [types](std::string_view name) { return types->find_for_feel(name); });
    }

    bool is_element_name(std::size_t model, std::string_view name) const {
        const auto& elements = models_[model].definitions.elements;
        return std::any_of(elements.begin(), elements.end(), [&](const DrgElement& element) {
            return element.kind != DrgKind::source && element.name == name;
        });
    }

    feel::Value constant_context(const std::vector<Visible::Item>& items) const {
        feel::ContextBuilder out;
        for (const auto& item : items) out.set(item.key, data_->nodes[item.node].value);
        return out.build();
    }

    Result<> compile_knowledge(std::uint32_t index) {
        auto& node = data_->nodes[index];
        const auto logic = node.drg->element.child("encapsulatedLogic");
        if (!logic) {
            data_->findings.push_back({Finding::Severity::warning, node.where,
                                       "the knowledge model has no logic",
                                       Finding::Kind::missing_logic});
            return empty_function(node);
        }
        auto seen = visible(node);
        // It may call itself, also without requiring itself.
        seen.own.push_back({node.name, node.key, index, true, 0});
        feel::NameScope outside;
        declare(seen, node.model, outside);
        SCHWARM_TRY_VOID(tell_parameters(logic, node.model));
        Layout layout;
        layout.set_unknown([&](std::string_view name, bool) -> std::optional<std::uint32_t> {
            for (const auto& item : seen.own) {
                if (item.name != name) continue;
                const auto slot = layout.add();
                node.function_value->add_captured(slot, data_->nodes[item.node].value);
                return slot;
            }
            for (const auto& [import, items] : seen.imported) {
                if (import != name) continue;
                const auto slot = layout.add();
                node.function_value->add_captured(slot, constant_context(items));
                return slot;
            }
            return std::nullopt;
        });
        Scope scope(layout, &outside);
        LogicCompiler compiler(context(node.model), node.name);
        SCHWARM_TRY(function, compiler.compile_function(logic, node.name, layout, scope));
        const auto declared = result_of(node.type);
        if (function->result->is_any() && !declared->is_any()) function->result = declared;
        if (node.type->type->kind() != feel::TypeKind::function) {
            node.known_type = function->static_type();
        }
        function->id = node.id.empty() ? node.name : node.id;
        function->place = node.place;
        node.function = std::move(function);
        node.function_value->set_logic(node.function.get());
        return {};
    }

    Result<> empty_function(Node& node) {
        node.function = std::make_unique<FunctionLogic>();
        node.function->name = node.name;
        node.function->id = node.id.empty() ? node.name : node.id;
        node.function->place = node.place;
        node.function_value->set_logic(node.function.get());
        return {};
    }

    std::optional<std::uint32_t> provide(Node& node, const Visible& seen, std::string_view name,
                                         bool needed, Layout& layout) {
        for (const auto& item : seen.own) {
            if (item.name != name) continue;
            const auto slot = layout.add();
            if (item.is_constant) {
                node.constants.emplace_back(slot, data_->nodes[item.node].value);
            } else {
                node.sources.push_back({item.requirement, slot});
            }
            return slot;
        }
        for (const auto& [import, items] : seen.imported) {
            if (import != name) continue;
            ImportSource source{layout.add(), {}};
            for (const auto& item : items) {
                source.entries.push_back(
                    {item.key, item.requirement, item.is_constant, data_->nodes[item.node].value});
            }
            node.imports.push_back(std::move(source));
            return node.imports.back().slot;
        }
        if (!needed || is_element_name(node.model, name)) return std::nullopt;
        // Camunda's models use variables of the process without input data for them.
        const auto slot = layout.add();
        node.free_names.emplace_back(slot, feel::Key::kept(name));
        data_->findings.push_back(
            {Finding::Severity::warning, node.where,
             fmt::format("'{}' is neither required nor defined; it is taken from the input", name),
             Finding::Kind::name});
        return slot;
    }

    Result<> compile_decision(std::uint32_t index) {
        auto& node = data_->nodes[index];
        if (!node.drg->variable.attribute("typeRef")) {
            data_->findings.push_back({Finding::Severity::warning, node.where,
                                       "the decision has no data type",
                                       Finding::Kind::missing_type});
        }
        const auto expression = expression_in(node.drg->element);
        if (!expression) {
            data_->findings.push_back({Finding::Severity::warning, node.where,
                                       "the decision has no logic", Finding::Kind::missing_logic});
            return {};
        }
        const auto seen = visible(node);
        feel::NameScope outside;
        declare(seen, node.model, outside);
        if (checker_ != nullptr) checker_->enter(item_types(seen));
        Layout layout;
        layout.set_unknown([&](std::string_view name, bool needed) {
            return provide(node, seen, name, needed, layout);
        });
        Scope scope(layout, &outside);
        LogicCompiler compiler(context(node.model), node.name);
        SCHWARM_TRY(logic, compiler.compile(expression, scope));
        if (node.type->is_any()) node.known_type = logic->static_type();
        if (checker_ != nullptr) {
            checker_->fit(*logic->static_type(), *node.type, "what the logic gives",
                          node.drg->element);
        }
        node.logic = std::move(logic);
        node.frame_size = layout.size();
        return {};
    }

    // The declared types of the variables, with their allowed values.
    Checker::Names item_types(const Visible& visible) const {
        Checker::Names out;
        for (const auto& item : visible.own) {
            const auto& node = data_->nodes[item.node];
            out.push_back({item.name, node.type, checker_->results_of(node.where)});
        }
        for (const auto& [import, items] : visible.imported) {
            auto type = std::make_shared<ItemType>();
            std::vector<feel::Type::Member> members;
            for (const auto& item : items) {
                const auto& node = data_->nodes[item.node];
                members.push_back({item.name, node.known_type});
                type->members.push_back({item.name, node.type, feel::Key::kept(item.name)});
            }
            type->type = feel::Type::context(std::move(members));
            out.push_back({import, std::move(type), {}});
        }
        return out;
    }

    Result<> tell_parameters(xml::Element logic, std::size_t model) {
        if (checker_ == nullptr) return {};
        Checker::Names names;
        for (const auto child : logic.children()) {
            if (child.name() != "formalParameter") continue;
            SCHWARM_TRY(type,
                        models_[model].types->resolve(child.attribute_or("typeRef", ""), child));
            names.push_back({normalized_name(child.attribute_or("name", "")), std::move(type), {}});
        }
        checker_->enter(std::move(names));
        return {};
    }

    CompileContext context(std::size_t model) {
        feel::CompileLimits limits;
        limits.fold_constants = limits_.fold_constants;
        return {models_[model].types.get(),
                &data_->findings,
                &expressions_left_,
                limits,
                &data_->places,
                data_->files[model],
                &data_->tables,
                checker_};
    }

    const ImportResolver& resolver_;
    const LoadLimits& limits_;
    std::size_t expressions_left_;
    Checker* checker_;
    std::vector<Model> models_;
    std::shared_ptr<ProgramData> data_ = std::make_shared<ProgramData>();
    std::vector<Service> services_;
    std::vector<std::uint32_t> decision_order_;
    std::vector<std::uint32_t> knowledge_order_;
};

}  // namespace

Result<std::shared_ptr<const ProgramData>> compile_set(std::vector<SourceFile> files,
                                                       const ImportResolver& resolver,
                                                       const LoadLimits& limits, Checker* checker) {
    return SetCompiler(resolver, limits, checker).run(std::move(files));
}

}  // namespace schwarm::dmn::detail
