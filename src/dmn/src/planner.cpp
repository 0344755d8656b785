#include "planner.hpp"

#include <fmt/format.h>

#include <unordered_map>

namespace schwarm::dmn::detail {

namespace {

class Planner {
  public:
    Planner(ProgramData& data, const LoadLimits& limits)
        : data_(data), steps_left_(limits.plan_steps) {}

    Result<Plan> plan(const std::vector<std::uint32_t>& results,
                      const std::vector<std::uint32_t>& parameters, std::size_t model) {
        Plan out;
        std::unordered_map<std::uint32_t, std::uint32_t> slots;
        for (const auto parameter : parameters) {
            slots.emplace(parameter, out.size);
            out.inputs.push_back({parameter, out.size++, feel::Key()});
        }
        for (const auto result : results) SCHWARM_TRY_VOID(add(result, model, slots, out));
        for (const auto result : results) {
            out.results.push_back(slots.at(result));
            out.result_nodes.push_back(result);
        }
        return out;
    }

  private:
    // The name under which `model` imports another one; empty if it does not.
    feel::Key import_name(std::size_t model, std::uint32_t node) const {
        const auto other = data_.nodes[node].model;
        if (other == model) return feel::Key();
        for (const auto& [from, to, name] : data_.imports) {
            if (from == model && to == other) return feel::Key::kept(name);
        }
        return feel::Key();
    }

    Result<> add(std::uint32_t start, std::size_t model,
                 std::unordered_map<std::uint32_t, std::uint32_t>& slots, Plan& out) {
        std::vector<std::pair<std::uint32_t, std::size_t>> stack = {{start, 0}};
        while (!stack.empty()) {
            auto& [at, next] = stack.back();
            const auto& node = data_.nodes[at];
            if (slots.contains(at)) {
                stack.pop_back();
                continue;
            }
            if (next < node.requirements.size()) {
                stack.emplace_back(node.requirements[next++], 0);
                continue;
            }
            if (steps_left_-- == 0) {
                steps_left_ = 0;
                return fail(ErrorCode::limit_exceeded,
                            "the decisions of the models require too much of one another",
                            node.where);
            }
            slots.emplace(at, out.size);
            if (node.kind == DrgKind::input) {
                out.inputs.push_back({at, out.size++, import_name(model, at)});
            } else {
                Plan::Step step{at, out.size++, {}};
                for (const auto requirement : node.requirements) {
                    step.sources.push_back(slots.at(requirement));
                }
                out.steps.push_back(std::move(step));
            }
            stack.pop_back();
        }
        return {};
    }

    ProgramData& data_;
    std::size_t steps_left_;
};

std::string type_text(const ItemTypePtr& type) {
    return type->name.empty() ? type->type->to_string() : type->name;
}

void describe(ProgramData& data, std::uint32_t index, InvocableKind kind, Plan plan) {
    const auto& node = data.nodes[index];
    Invocable out;
    out.kind = kind;
    out.name = node.name;
    out.id = node.id;
    out.name_space = data.name_spaces[node.model];
    out.file = data.files[node.model];
    out.result_type = type_text(node.type);
    for (const auto& input : plan.inputs) {
        const auto& source = data.nodes[input.node];
        out.inputs.emplace_back(source.name, type_text(source.type));
    }
    for (const auto& step : plan.steps) {
        for (const auto& [slot, key] : data.nodes[step.node].free_names) {
            out.inputs.emplace_back(std::string(key.text()), "Any");
        }
    }
    if (kind == InvocableKind::business_knowledge_model) {
        for (const auto& parameter : node.value.as_function().parameters()) {
            out.inputs.emplace_back(parameter.name, parameter.type->to_string());
        }
    }
    if (!plan.results.empty()) out.outputs = plan.results.size();
    const auto position = data.invocables.size();
    std::vector<std::string> names = {node.name, out.name_space + "#" + node.name};
    if (!node.id.empty() && node.id != node.name) {
        names.push_back(node.id);
        names.push_back(out.name_space + "#" + node.id);
    }
    for (auto& name : names) {
        auto& positions = data.by_name[std::move(name)];
        if (positions.empty() || positions.back() != position) positions.push_back(position);
    }
    data.invocables.push_back(std::move(out));
    data.invocable_nodes.push_back(index);
    data.plans.push_back(std::move(plan));
}

}  // namespace

Result<> plan_all(ProgramData& data, const std::vector<Service>& services,
                  const LoadLimits& limits) {
    Planner planner(data, limits);
    for (std::uint32_t i = 0; i < data.nodes.size(); ++i) {
        const auto& node = data.nodes[i];
        if (node.kind == DrgKind::decision) {
            SCHWARM_TRY(plan, planner.plan({i}, {}, node.model));
            describe(data, i, InvocableKind::decision, std::move(plan));
        } else if (node.kind == DrgKind::knowledge) {
            describe(data, i, InvocableKind::business_knowledge_model, {});
        }
    }
    for (const auto& service : services) {
        const auto model = data.nodes[service.node].model;
        SCHWARM_TRY(plan, planner.plan(service.outputs, service.parameters, model));
        service.function->set_plan(&data, data.plans.size(), service.result);
        describe(data, service.node, InvocableKind::decision_service, std::move(plan));
    }
    return {};
}

}  // namespace schwarm::dmn::detail
