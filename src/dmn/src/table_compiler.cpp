#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "boxed.hpp"
#include "checker.hpp"
#include "table.hpp"

namespace schwarm::dmn::detail {

namespace {

using Shape = feel::Expression::TestShape;

class TableCompiler {
  public:
    TableCompiler(LogicCompiler& compiler, xml::Element element, Scope& scope)
        : compiler_(compiler), element_(element), scope_(scope) {}

    Result<LogicPtr> run() {
        table_->owner = compiler_.owner();
        table_->place = compiler_.place_of(element_);
        SCHWARM_TRY_VOID(policy());
        for (const auto child : element_.children()) {
            if (child.name() == "input") SCHWARM_TRY_VOID(input(child));
            if (child.name() == "output") SCHWARM_TRY_VOID(output(child));
            if (child.name() == "annotation") {
                table_->annotation_names.emplace_back(child.attribute_or("name", ""));
            }
        }
        SCHWARM_TRY_VOID(name_outputs());
        for (const auto child : element_.children()) {
            if (child.name() == "rule") SCHWARM_TRY_VOID(rule(child));
        }
        table_->index = TableIndex::build(table_->inputs.size(), table_->tests, table_->test_of);
        table_->type = result_type();
        give_key();
        SCHWARM_TRY(type, compiler_.type_of(element_));
        if (auto* checker = compiler_.context().checker) {
            checker->table(compiler_, element_, scope_);
            checker->fit(*table_->type, *type, "the result", element_);
        }
        return typed(std::move(table_), std::move(type));
    }

  private:
    // The table's id, or its owner's name; longer where that is taken.
    void give_key() {
        auto& tables = *compiler_.context().tables;
        const std::string own(element_.attribute_or("id", compiler_.owner()));
        const auto file = compiler_.context().file;
        auto key = own;
        for (std::size_t n = 1; !tables.emplace(key, table_.get()).second; ++n) {
            key = n == 1 ? fmt::format("{}#{}", file, own) : fmt::format("{}#{}#{}", file, own, n);
        }
        table_->key = std::move(key);
    }

    Result<> policy() {
        struct Name {
            std::string_view name;
            HitPolicy policy;
        };
        static constexpr std::array<Name, 7> kNames = {{{"UNIQUE", HitPolicy::unique},
                                                        {"ANY", HitPolicy::any},
                                                        {"PRIORITY", HitPolicy::priority},
                                                        {"FIRST", HitPolicy::first},
                                                        {"RULE ORDER", HitPolicy::rule_order},
                                                        {"OUTPUT ORDER", HitPolicy::output_order},
                                                        {"COLLECT", HitPolicy::collect}}};
        const auto name = element_.attribute_or("hitPolicy", "UNIQUE");
        const auto found = std::find_if(kNames.begin(), kNames.end(),
                                        [&](const Name& known) { return known.name == name; });
        if (found == kNames.end()) {
            return bad(ErrorCode::unsupported, fmt::format("the hit policy '{}' is unknown", name),
                       element_);
        }
        table_->policy = found->policy;
        struct Aggregator {
            std::string_view name;
            Aggregation aggregation;
        };
        static constexpr std::array<Aggregator, 5> kAggregators = {{{"", Aggregation::none},
                                                                    {"COUNT", Aggregation::count},
                                                                    {"SUM", Aggregation::sum},
                                                                    {"MIN", Aggregation::min},
                                                                    {"MAX", Aggregation::max}}};
        const auto aggregator = element_.attribute_or("aggregation", "");
        const auto at =
            std::find_if(kAggregators.begin(), kAggregators.end(),
                         [&](const Aggregator& known) { return known.name == aggregator; });
        if (at == kAggregators.end()) {
            return bad(ErrorCode::unsupported,
                       fmt::format("the aggregation '{}' is unknown", aggregator), element_);
        }
        if (table_->policy == HitPolicy::collect) table_->aggregation = at->aggregation;
        return {};
    }

    Result<> input(xml::Element element) {
        const auto expression = element.child("inputExpression");
        const auto text = expression.child("text").trimmed_text();
        if (text.empty()) {
            return bad(ErrorCode::invalid_input, "the input has no expression", element);
        }
        SCHWARM_TRY_VOID(compiler_.check_language(expression));
        SCHWARM_TRY_VOID(compiler_.type_of(expression));
        TableLogic::Input out;
        SCHWARM_TRY(bound, compiler_.bind_expression(text, scope_, expression));
        out.expression = std::move(bound);
        out.text = text;
        out.label = normalized_name(element.attribute_or("label", text));
        auto* const place = compiler_.place_of(expression);
        place->part = Place::Part::input;
        place->number = static_cast<std::uint32_t>(table_->inputs.size() + 1);
        place->column = compiler_.context().places->keep(out.label);
        out.expression.set_place(place);
        const auto values = element.child("inputValues").child("text").trimmed_text();
        if (!values.empty()) {
            SCHWARM_TRY(allowed, compiler_.bind_tests(values, scope_, element));
            allowed.set_place(place);
            out.allowed = std::move(allowed);
        }
        table_->inputs.push_back(std::move(out));
        return {};
    }

    Result<> output(xml::Element element) {
        TableLogic::Output out;
        out.name = normalized_name(element.attribute_or("name", ""));
        out.label = normalized_name(element.attribute_or("label", out.name));
        SCHWARM_TRY(type, compiler_.type_of(element));
        out.type = std::move(type);
        const auto values = element.child("outputValues").child("text").trimmed_text();
        if (!values.empty()) {
            SCHWARM_TRY(tests, compiler_.bind_tests(values, scope_, element));
            const auto list = tests.expression().test_values();
            out.priorities.assign(list.begin(), list.end());
        } else if (out.type->ordering) {
            const auto list = out.type->ordering.test_values();
            out.priorities.assign(list.begin(), list.end());
        }
        if (const auto entry = element.child("defaultOutputEntry")) {
            const auto text = entry.child("text").trimmed_text();
            if (!text.empty()) {
                SCHWARM_TRY(cell, result_cell(text, entry));
                auto* const place = compiler_.place_of(entry);
                place->part = Place::Part::expression;
                cell.bound.set_place(place);
                out.fallback = std::move(cell);
            }
        }
        table_->outputs.push_back(std::move(out));
        return {};
    }

    Result<> name_outputs() {
        auto& outputs = table_->outputs;
        if (outputs.empty()) {
            return bad(ErrorCode::invalid_input, "the table has no output", element_);
        }
        for (auto& output : outputs) {
            if (outputs.size() > 1 && output.name.empty()) {
                return bad(ErrorCode::invalid_input, "with several outputs each needs a name",
                           element_);
            }
            output.key = feel::Key::kept(output.name);
        }
        for (std::size_t i = 0; outputs.size() > 1 && i < outputs.size(); ++i) {
            for (std::size_t k = 0; k < i; ++k) {
                if (outputs[i].name == outputs[k].name) {
                    return bad(ErrorCode::invalid_input,
                               fmt::format("two outputs are called '{}'", outputs[i].name),
                               element_);
                }
            }
        }
        return {};
    }

    Result<OutputCell> result_cell(const std::string& text, xml::Element at) {
        SCHWARM_TRY_VOID(compiler_.check_language(at));
        OutputCell cell;
        if (text.empty() || text == "-") return cell;
        SCHWARM_TRY(bound, compiler_.bind_expression(text, scope_, at));
        if (const auto* constant = bound.constant()) {
            cell.constant = *constant;
        } else {
            cell.is_constant = false;
            cell.bound = std::move(bound);
        }
        return cell;
    }

    Result<std::uint32_t> result_number(xml::Element entry) {
        auto text = entry.child("text").trimmed_text();
        if (const auto known = results_.find(text); known != results_.end()) return known->second;
        SCHWARM_TRY(cell, result_cell(text, entry));
        const auto number = static_cast<std::uint32_t>(table_->results.size());
        table_->results.push_back(std::move(cell));
        results_.emplace(std::move(text), number);
        return number;
    }

    Result<std::uint32_t> test_number(xml::Element entry) {
        auto text = entry.child("text").trimmed_text();
        if (const auto known = tests_.find(text); known != tests_.end()) return known->second;
        SCHWARM_TRY_VOID(compiler_.check_language(entry));
        TestCell cell;
        if (!text.empty() && text != "-") {
            SCHWARM_TRY(bound, compiler_.bind_tests(text, scope_, entry));
            const auto& expression = bound.expression();
            cell.shape = expression.test_shape();
            const auto values = expression.test_values();
            cell.values.assign(values.begin(), values.end());
            cell.direct =
                (cell.shape == Shape::interval && cell.values.size() == 1 &&
                 cell.values.front().is_range()) ||
                (cell.shape == Shape::equality &&
                 std::none_of(cell.values.begin(), cell.values.end(), [](const auto& value) {
                     return value.is_list() || value.is_context() || value.is_range() ||
                            value.is_function();
                 }));
            if (cell.shape != Shape::any) cell.bound = std::move(bound);
        }
        const auto number = static_cast<std::uint32_t>(table_->tests.size());
        table_->tests.push_back(std::move(cell));
        tests_.emplace(std::move(text), number);
        return number;
    }

    Result<> rule(xml::Element element) {
        std::size_t inputs = 0;
        std::size_t outputs = 0;
        std::vector<std::uint32_t> input_lines;
        std::vector<std::uint32_t> output_lines;
        TableLogic::Rule out;
        out.id = element.attribute_or("id", "");
        for (const auto child : element.children()) {
            if (child.name() == "inputEntry") {
                SCHWARM_TRY(number, test_number(child));
                table_->test_of.push_back(number);
                input_lines.push_back(child.position().line);
                ++inputs;
            } else if (child.name() == "outputEntry") {
                SCHWARM_TRY(number, result_number(child));
                table_->result_of.push_back(number);
                output_lines.push_back(child.position().line);
                ++outputs;
            } else if (child.name() == "annotationEntry") {
                out.annotations.push_back(child.child("text").trimmed_text());
            }
        }
        // Camunda keeps the annotation of a rule in its description.
        if (const auto text = element.child("description").trimmed_text();
            out.annotations.empty() && !text.empty()) {
            out.annotations.push_back(text);
        }
        if (inputs != table_->inputs.size() || outputs != table_->outputs.size()) {
            return bad(ErrorCode::invalid_input,
                       fmt::format("the rule has {} input and {} output entries, the table {} "
                                   "inputs and {} outputs",
                                   inputs, outputs, table_->inputs.size(), table_->outputs.size()),
                       element);
        }
        for (const auto* lines : {&input_lines, &output_lines}) {
            table_->lines.insert(table_->lines.end(), lines->begin(), lines->end());
        }
        table_->rules.push_back(std::move(out));
        return {};
    }

    feel::TypePtr result_type() const {
        feel::TypePtr type;
        if (table_->outputs.size() == 1) {
            type = table_->outputs.front().type->type;
        } else {
            std::vector<feel::Type::Member> members;
            for (const auto& output : table_->outputs) {
                members.push_back({output.name, output.type->type});
            }
            type = feel::Type::context(std::move(members));
        }
        const auto policy = table_->policy;
        if (policy == HitPolicy::rule_order || policy == HitPolicy::output_order ||
            (policy == HitPolicy::collect && table_->aggregation == Aggregation::none)) {
            return feel::Type::list(std::move(type));
        }
        if (table_->aggregation == Aggregation::count) {
            return feel::Type::simple(feel::TypeKind::number);
        }
        return type;
    }

    LogicCompiler& compiler_;
    xml::Element element_;
    Scope& scope_;
    std::unique_ptr<TableLogic> table_ = std::make_unique<TableLogic>();
    std::unordered_map<std::string, std::uint32_t> tests_;
    std::unordered_map<std::string, std::uint32_t> results_;
};

}  // namespace

Result<LogicPtr> compile_table(LogicCompiler& compiler, xml::Element element, Scope& scope) {
    return TableCompiler(compiler, element, scope).run();
}

}  // namespace schwarm::dmn::detail
