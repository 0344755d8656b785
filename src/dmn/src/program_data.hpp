// The compiled form of a set of models.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "logic.hpp"
#include "schwarm/dmn/program.hpp"

namespace schwarm::dmn::detail {

class ServiceFunction;
class TableLogic;

// Functions that the models' constants refer to. They live as long as the program and are not
// counted; must outlive every value that refers to them.
class FunctionStore {
  public:
    FunctionStore() = default;
    FunctionStore(const FunctionStore&) = delete;
    FunctionStore& operator=(const FunctionStore&) = delete;
    ~FunctionStore();
    feel::Value add(std::unique_ptr<FunctionValue> function);
    feel::Value add(std::unique_ptr<ServiceFunction> function);

  private:
    std::vector<FunctionValue*> functions_;
    std::vector<feel::Function*> all_;
};

// Where a value of a decision's frame comes from.
struct FrameSource {
    std::uint32_t requirement;  // position in Node::requirements
    std::uint32_t slot;
};
// The context that an import's name stands for in a decision.
struct ImportSource {
    struct Entry {
        feel::Key key;
        std::uint32_t requirement;
        bool is_constant;
        feel::Value constant;  // a function
    };
    std::uint32_t slot;
    std::vector<Entry> entries;
};

struct Node {
    DrgKind kind = DrgKind::input;
    std::size_t model = 0;
    const DrgElement* drg = nullptr;  // valid while compiling
    std::string name;
    std::string id;
    std::string where;
    Place place;
    feel::Key key;
    ItemTypePtr type = any_type();  // of the variable
    feel::TypePtr known_type;       // declared, or of the logic

    std::vector<std::uint32_t> requirements;  // nodes: input data and decisions
    std::vector<std::uint32_t> knowledge;     // nodes

    // Of decisions.
    LogicPtr logic;
    std::uint32_t frame_size = 0;
    std::vector<FrameSource> sources;
    std::vector<ImportSource> imports;
    std::vector<std::pair<std::uint32_t, feel::Value>> constants;
    std::vector<std::pair<std::uint32_t, feel::Key>> free_names;  // taken from the input context

    // Of knowledge models.
    std::unique_ptr<FunctionLogic> function;
    FunctionValue* function_value = nullptr;
    // Of knowledge models and services.
    feel::Value value;
};

// The order of evaluation for one decision or service, over slots of its own.
struct Plan {
    struct Input {
        std::uint32_t node;
        std::uint32_t slot;
        feel::Key import;  // the name under which the asked model imports it; may be empty
    };
    struct Step {
        std::uint32_t node;
        std::uint32_t slot;
        std::vector<std::uint32_t> sources;  // slots, one for each requirement
    };
    std::uint32_t size = 0;
    std::vector<Input> inputs;
    std::vector<Step> steps;
    std::vector<std::uint32_t> results;  // slots
    std::vector<std::uint32_t> result_nodes;
};

// Model `from` imports model `to` under this name.
struct ImportName {
    std::size_t from;
    std::size_t to;
    std::string name;
};

struct ProgramData {
    FunctionStore functions;  // first: destroyed last
    Places places;
    std::vector<std::string> name_spaces;  // by model
    std::vector<std::string> files;
    std::vector<ImportName> imports;
    std::vector<Node> nodes;
    std::vector<Plan> plans;  // by invocable; of knowledge models empty
    std::vector<Invocable> invocables;
    std::vector<std::uint32_t> invocable_nodes;
    std::map<std::string, std::vector<std::size_t>, std::less<>> by_name;  // names, ids, qualified
    std::vector<Finding> findings;
    // Tables by TableMatch::key; each has its own.
    std::map<std::string, const TableLogic*, std::less<>> tables;
    std::string fingerprint;
};

// Runs the steps of a plan whose inputs are in place.
void run_steps(const ProgramData& data, const Plan& plan, std::span<feel::Value> values,
               const feel::Value& input, feel::Evaluation& evaluation);

// A decision service as a function: input data first, then input decisions (DMN 1.5 clause 10.4).
class ServiceFunction final : public feel::Function {
  public:
    // node: its own, in the program's nodes.
    ServiceFunction(std::string name, std::uint32_t node, std::vector<Parameter> parameters,
                    feel::TypePtr result)
        : name_(std::move(name)),
          node_(node),
          parameters_(std::move(parameters)),
          result_(std::move(result)) {}
    std::span<const Parameter> parameters() const override { return parameters_; }
    feel::TypePtr result_type() const override { return result_; }
    std::string name() const override { return name_; }
    feel::Value call(std::span<const feel::Value> arguments,
                     feel::Evaluation& evaluation) const override;

    // Before the first call. The plan's inputs are the parameters in their order.
    void set_plan(const ProgramData* data, std::size_t plan, ItemTypePtr result) {
        data_ = data;
        plan_ = plan;
        item_result_ = std::move(result);
    }

  private:
    feel::Value run(std::span<const feel::Value> arguments, feel::Evaluation& evaluation) const;

    std::string name_;
    std::uint32_t node_;
    std::vector<Parameter> parameters_;
    feel::TypePtr result_;
    const ProgramData* data_ = nullptr;
    std::size_t plan_ = 0;
    ItemTypePtr item_result_ = any_type();
};

Result<std::shared_ptr<const ProgramData>> compile_set(std::vector<SourceFile> files,
                                                       const ImportResolver& resolver,
                                                       const LoadLimits& limits,
                                                       Checker* checker = nullptr);

}  // namespace schwarm::dmn::detail
