// A decision table as its check needs it: columns with their domains, distinct cells, rules with
// their places.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "check_domains.hpp"
#include "checker.hpp"

namespace schwarm::dmn::detail {

using feel::Value;

// An input expression. Several columns with the same one share it.
struct CheckDimension {
    std::string text;
    feel::Expression expression;
    std::vector<std::string> path;  // if it is a variable or an entry of one; else empty
    feel::TypePtr root_type;        // of the variable
    feel::TypeKind kind = feel::TypeKind::any;
    std::string type_name;
    bool declared = false;           // the kind is not only guessed from the cells
    bool whole_numbers = false;      // integer, of older models
    std::vector<CellTests> allowed;  // each restricts it
    std::string allowed_text;
    std::string results_text;      // of a decision's table: all that it gives
    std::vector<CellTests> cells;  // distinct texts
    std::optional<Domain> domain;  // nullopt: nothing can be said about its values

    PieceSet everything() const { return domain ? domain->everything() : PieceSet{{0, 0}}; }
};

struct CheckColumn {
    std::size_t dimension = 0;
    std::string text;
};

struct CheckOutput {
    struct Cell {
        std::string text;
        feel::Expression expression;  // empty: "-"
        std::optional<Value> constant;
    };
    std::string name;
    ItemTypePtr type;
    CellTests values;  // the output values; any if there are none
    std::string values_text;
    Value::List priorities;
    std::vector<Cell> cells;  // distinct texts
};

struct CheckRule {
    xml::Element element;
    std::vector<std::uint32_t> cells;    // by column, into the cells of its dimension
    std::vector<std::uint32_t> outputs;  // by output, into its cells
    // PRIORITY: of its outputs, smaller is higher; nullopt if they are no constants.
    std::optional<std::vector<std::size_t>> ranks;

    xml::Element entry(std::string_view name, std::size_t number) const;
};

struct CheckTable {
    xml::Element element;
    std::string policy;
    std::string aggregation;
    bool has_default = false;
    // No input expression depends on what another one does.
    bool independent = true;
    std::vector<CheckDimension> dimensions;
    std::vector<CheckColumn> columns;
    std::vector<CheckOutput> outputs;
    std::vector<CheckRule> rules;
};

class TableReader {
  public:
    TableReader(Checker& checker, LogicCompiler& compiler, xml::Element element, Scope& scope)
        : checker_(checker), compiler_(compiler), scope_(scope) {
        table_.element = element;
    }
    // False if the table is not to be analysed.
    bool read();
    const CheckTable& table() const { return table_; }

  private:
    void read_input(xml::Element element);
    std::size_t dimension_of(const std::string& text);
    void find_variable(CheckDimension& dimension);
    void learn_type(CheckDimension& dimension, const ItemType& type);
    void allow(CheckDimension& dimension, const feel::Expression& tests);
    void read_output(xml::Element element);
    void read_rule(xml::Element element);
    std::uint32_t test_cell(std::size_t column, xml::Element entry);
    std::uint32_t output_cell(std::size_t column, xml::Element entry);
    void guess_kinds();
    void make_domains();
    void find_dependence();
    void rank_rules();
    void tell_results();
    feel::NameScope names_for(const CheckDimension& dimension) const;

    Checker& checker_;
    LogicCompiler& compiler_;
    Scope& scope_;
    CheckTable table_;
    // By dimension or output: the cell of a text.
    std::vector<std::unordered_map<std::string, std::uint32_t>> known_tests_;
    std::vector<std::unordered_map<std::string, std::uint32_t>> known_outputs_;
};

// Builds the context of an example input, with all members that a type asks for.
class ExampleBuilder {
  public:
    void set(const CheckDimension& dimension, const Value& value);
    Value build() const;

  private:
    std::vector<std::pair<std::string, Value>> entries_;
};

// {"Income": 1000.5, "Class": "B"}
std::string example_text(const Value& value);

}  // namespace schwarm::dmn::detail
