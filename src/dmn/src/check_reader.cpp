#include "check_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "schwarm/feel/operations.hpp"

namespace schwarm::dmn::detail {

using feel::TypeKind;

namespace {

feel::TypePtr kind_type(TypeKind kind) {
    return feel::Type::simple(kind);
}

TypeKind kind_of(const Value& value) {
    return feel::Type::of(value)->kind();
}

// The kinds of the constants in tests; ranges and lists count with what they hold.
void kinds_in(const Value& value, std::set<TypeKind>& out) {
    if (value.is_null()) return;
    if (value.is_range()) {
        kinds_in(value.as_range().start, out);
        kinds_in(value.as_range().end, out);
    } else if (value.is_list()) {
        for (const Value& item : value.as_list()) kinds_in(item, out);
    } else {
        out.insert(kind_of(value));
    }
}

// What a value of the type is at least: contexts with all their members, everything else null.
Value skeleton(const feel::Type& type, int depth) {
    constexpr int kDeep = 8;
    if (type.kind() != TypeKind::context || depth > kDeep) return {};
    feel::ContextBuilder out;
    for (const auto& member : type.members()) {
        out.set(member.name, skeleton(*member.type, depth + 1));
    }
    return out.build();
}

Value with_entry(const Value& base, std::span<const std::string> path, const Value& value) {
    if (path.empty()) return value;
    feel::ContextBuilder out;
    if (base.is_context()) out = feel::ContextBuilder(base.as_context());
    const auto* inner = base.is_context() ? base.as_context().find(path[0]) : nullptr;
    out.set(path[0], with_entry(inner != nullptr ? *inner : Value(), path.subspan(1), value));
    return out.build();
}

bool is_plain_name(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || static_cast<unsigned char>(c) >= 0x80;
    });
}

bool is_prefix(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    return a.size() <= b.size() && std::equal(a.begin(), a.end(), b.begin());
}

}  // namespace

xml::Element CheckRule::entry(std::string_view name, std::size_t number) const {
    for (const auto child : element.children()) {
        if (child.name() == name && number-- == 0) return child;
    }
    return element;
}

bool TableReader::read() {
    table_.policy = table_.element.attribute_or("hitPolicy", "UNIQUE");
    table_.aggregation = table_.element.attribute_or("aggregation", "");
    std::size_t rules = 0;
    for (const auto child : table_.element.children()) {
        if (child.name() == "input") read_input(child);
        if (child.name() == "output") read_output(child);
        rules += child.name() == "rule" ? 1 : 0;
    }
    if (rules > checker_.limits().rules) {
        checker_.add({Finding::Severity::note, table_.element.where(),
                      fmt::format("the table has {} rules and is not analysed", rules),
                      Finding::Kind::not_analysed});
        return false;
    }
    for (const auto child : table_.element.children()) {
        if (child.name() == "rule") read_rule(child);
    }
    guess_kinds();
    make_domains();
    find_dependence();
    rank_rules();
    tell_results();
    return true;
}

std::size_t TableReader::dimension_of(const std::string& text) {
    auto& dimensions = table_.dimensions;
    for (std::size_t d = 0; d < dimensions.size(); ++d) {
        if (dimensions[d].text == text) return d;
    }
    CheckDimension out;
    out.text = text;
    if (auto compiled = feel::compile_expression(text, scope_.names())) {
        out.expression = std::move(*compiled);
        const auto type = out.expression.static_type();
        if (!type->is_any() && type->kind() != TypeKind::null) {
            out.kind = type->kind();
            out.type_name = type->to_string();
            out.declared = true;
        }
        find_variable(out);
    }
    dimensions.push_back(std::move(out));
    known_tests_.emplace_back();
    return dimensions.size() - 1;
}

// Whether the expression is a variable or an entry of one, and what its type allows.
void TableReader::find_variable(CheckDimension& dimension) {
    const auto references = dimension.expression.references();
    if (references.size() != 1) return;
    const auto& root = references[0];
    auto rest = std::string_view(dimension.text);
    if (!rest.starts_with(root)) return;
    rest.remove_prefix(root.size());
    feel::NameScope outer(&scope_.names());
    const auto compiled = feel::compile_expression(root, outer);
    if (!compiled || compiled->references().size() != 1) return;
    dimension.root_type = compiled->static_type();
    const auto* known = checker_.find_name(root);
    auto item = known != nullptr ? known->type : nullptr;
    if (item && !(*item->type == *dimension.root_type)) item = nullptr;
    auto type = dimension.root_type;
    std::vector<std::string> path = {root};
    while (!rest.empty()) {
        const auto dot = rest.find_first_not_of(' ');
        if (dot == std::string_view::npos || rest[dot] != '.') return;
        rest.remove_prefix(dot + 1);
        const auto end = std::min(rest.find('.'), rest.size());
        const auto name = normalized_name(rest.substr(0, end));
        rest.remove_prefix(end);
        const auto member = type->kind() == TypeKind::context ? type->member(name) : nullptr;
        // An entry of something whose members are not known, or a property of a date.
        if (!member && (!type->is_any() || !is_plain_name(name))) return;
        type = member ? member : feel::Type::any();
        ItemTypePtr inner;
        for (std::size_t i = 0; item && i < item->members.size(); ++i) {
            if (item->members[i].name == name) inner = item->members[i].type;
        }
        item = std::move(inner);
        path.push_back(name);
    }
    dimension.path = std::move(path);
    if (item) learn_type(dimension, *item);
    if (known != nullptr && known->results && dimension.path.size() == 1) {
        dimension.results_text = known->results.text();
        dimension.allowed.push_back(CellTests::of(known->results));
    }
}

void TableReader::allow(CheckDimension& dimension, const feel::Expression& tests) {
    if (!tests) return;
    for (const auto& known : dimension.allowed) {
        if (known.expression && known.expression.text() == tests.text()) return;
    }
    dimension.allowed.push_back(CellTests::of(tests));
    dimension.allowed_text += (dimension.allowed_text.empty() ? "" : "; ") + tests.text();
}

void TableReader::learn_type(CheckDimension& dimension, const ItemType& type) {
    if (type.type->is_any()) return;
    if (dimension.kind == TypeKind::any || !dimension.declared) {
        dimension.kind = type.type->kind();
        dimension.declared = true;
    }
    dimension.type_name = type.name.empty() ? type.type->to_string() : type.name;
    if (type.type->kind() != dimension.kind) return;
    dimension.whole_numbers =
        dimension.whole_numbers || type.name == "integer" || type.name == "long";
    if (type.element) return;
    allow(dimension, type.allowed);
    allow(dimension, type.constraint);
}

void TableReader::read_input(xml::Element element) {
    const auto expression = element.child("inputExpression");
    CheckColumn column;
    column.text = normalized_name(expression.child("text").trimmed_text());
    column.dimension = dimension_of(column.text);
    auto& dimension = table_.dimensions[column.dimension];
    if (const auto type = compiler_.type_of(expression)) {
        if (dimension.declared) {
            checker_.fit(*dimension.expression.static_type(), **type, "the input expression",
                         expression);
        }
        learn_type(dimension, **type);
    }
    const auto values = element.child("inputValues").child("text").trimmed_text();
    if (!values.empty()) {
        if (const auto tests = feel::compile_unary_tests(values, names_for(dimension))) {
            checker_.expression(*tests, element.child("inputValues"));
            allow(dimension, *tests);
        }
    }
    table_.columns.push_back(std::move(column));
}

feel::NameScope TableReader::names_for(const CheckDimension& dimension) const {
    feel::NameScope names(&scope_.names());
    if (dimension.declared) {
        const auto found =
            dimension.expression ? dimension.expression.static_type() : feel::Type::any();
        names.add("?", found->is_any() ? kind_type(dimension.kind) : found);
    }
    return names;
}

void TableReader::read_output(xml::Element element) {
    CheckOutput out;
    out.name = normalized_name(element.attribute_or("name", ""));
    const auto type = compiler_.type_of(element);
    out.type = type ? *type : any_type();
    auto tests = out.type->allowed;
    const auto values = element.child("outputValues").child("text").trimmed_text();
    if (!values.empty()) {
        if (auto compiled = feel::compile_unary_tests(values, scope_.names())) {
            tests = std::move(*compiled);
            out.values = CellTests::of(tests);
            out.values_text = values;
        }
    }
    if (tests) {
        const auto list = tests.test_values();
        out.priorities.assign(list.begin(), list.end());
    }
    table_.has_default = table_.has_default ||
                         !element.child("defaultOutputEntry").child("text").trimmed_text().empty();
    table_.outputs.push_back(std::move(out));
    known_outputs_.emplace_back();
}

std::uint32_t TableReader::test_cell(std::size_t column, xml::Element entry) {
    const auto d = table_.columns[column].dimension;
    auto text = entry.child("text").trimmed_text();
    if (const auto at = known_tests_[d].find(text); at != known_tests_[d].end()) return at->second;
    auto& dimension = table_.dimensions[d];
    CellTests cell;
    if (!text.empty() && text != "-") {
        if (auto tests = feel::compile_unary_tests(text, names_for(dimension))) {
            checker_.expression(*tests, entry);
            cell = CellTests::of(std::move(*tests));
        }
    }
    const auto number = static_cast<std::uint32_t>(dimension.cells.size());
    dimension.cells.push_back(std::move(cell));
    known_tests_[d].emplace(std::move(text), number);
    return number;
}

std::uint32_t TableReader::output_cell(std::size_t column, xml::Element entry) {
    auto& known = known_outputs_[column];
    auto text = entry.child("text").trimmed_text();
    if (const auto at = known.find(text); at != known.end()) return at->second;
    CheckOutput::Cell cell;
    cell.text = text;
    if (text.empty() || text == "-") {
        cell.constant = Value();
    } else if (auto compiled = feel::compile_expression(text, scope_.names())) {
        cell.expression = std::move(*compiled);
        if (const auto* value = cell.expression.constant()) cell.constant = *value;
    }
    auto& cells = table_.outputs[column].cells;
    const auto number = static_cast<std::uint32_t>(cells.size());
    cells.push_back(std::move(cell));
    known.emplace(std::move(text), number);
    return number;
}

void TableReader::read_rule(xml::Element element) {
    CheckRule out;
    out.element = element;
    for (const auto child : element.children()) {
        if (child.name() == "inputEntry") out.cells.push_back(test_cell(out.cells.size(), child));
        if (child.name() == "outputEntry") {
            out.outputs.push_back(output_cell(out.outputs.size(), child));
        }
    }
    table_.rules.push_back(std::move(out));
}

// Where no type is declared the constants of the cells say it, if they agree.
void TableReader::guess_kinds() {
    for (auto& dimension : table_.dimensions) {
        if (dimension.kind != TypeKind::any) continue;
        std::set<TypeKind> kinds;
        for (const auto* list : {&dimension.cells, &dimension.allowed}) {
            for (const auto& cell : *list) {
                if (!cell.constants) continue;
                for (const auto& value : cell.constants->values) kinds_in(value, kinds);
            }
        }
        if (kinds.size() == 1) dimension.kind = *kinds.begin();
    }
}

void TableReader::make_domains() {
    for (auto& dimension : table_.dimensions) {
        dimension.domain =
            Domain::of(dimension.kind, dimension.whole_numbers, dimension.cells, dimension.allowed);
    }
}

void TableReader::find_dependence() {
    const auto& dimensions = table_.dimensions;
    for (std::size_t i = 0; i < dimensions.size(); ++i) {
        for (std::size_t k = 0; k < i; ++k) {
            const auto& a = dimensions[i];
            const auto& b = dimensions[k];
            if (!a.path.empty() && !b.path.empty()) {
                if (is_prefix(a.path, b.path) || is_prefix(b.path, a.path)) {
                    table_.independent = false;
                }
                continue;
            }
            if (!a.expression || !b.expression) continue;
            for (const auto& name : a.expression.references()) {
                const auto others = b.expression.references();
                if (std::find(others.begin(), others.end(), name) != others.end()) {
                    table_.independent = false;
                }
            }
        }
    }
}

// What a decision's table gives is all that those who require it have to expect.
void TableReader::tell_results() {
    const auto decision = table_.element.parent();
    if (decision.name() != "decision" || table_.outputs.size() != 1) return;
    if (table_.policy == "COLLECT" || table_.policy.ends_with("ORDER")) return;
    std::string text;
    auto values = table_.outputs[0].cells;
    const auto fallback = table_.element.child("output").child("defaultOutputEntry");
    if (const auto entry = fallback.child("text").trimmed_text(); !entry.empty()) {
        const auto compiled = feel::compile_expression(entry, scope_.names());
        const auto* constant = compiled ? compiled->constant() : nullptr;
        if (constant == nullptr) return;
        values.push_back({entry, {}, *constant});
    }
    for (const auto& cell : values) {
        if (!cell.constant) return;
        if (cell.constant->is_null()) continue;
        if (cell.constant->is_list() || cell.constant->is_context()) return;
        text += (text.empty() ? "" : ", ") + cell.constant->to_feel();
    }
    if (auto tests = feel::compile_unary_tests(text)) {
        checker_.set_results(decision, std::move(*tests));
    }
}

void TableReader::rank_rules() {
    if (table_.policy != "PRIORITY") return;
    for (auto& rule : table_.rules) {
        std::vector<std::size_t> ranks;
        for (std::size_t i = 0; i < rule.outputs.size(); ++i) {
            const auto& output = table_.outputs[i];
            const auto& value = output.cells[rule.outputs[i]].constant;
            if (!value) break;
            std::size_t rank = 0;
            while (rank < output.priorities.size() &&
                   !feel::equal(*value, output.priorities[rank]).value_or(false)) {
                ++rank;
            }
            ranks.push_back(rank);
        }
        if (ranks.size() == rule.outputs.size()) rule.ranks = std::move(ranks);
    }
}

void ExampleBuilder::set(const CheckDimension& dimension, const Value& value) {
    const std::string root = dimension.path.empty() ? dimension.text : dimension.path[0];
    auto at = std::find_if(entries_.begin(), entries_.end(),
                           [&](const auto& entry) { return entry.first == root; });
    if (at == entries_.end()) {
        const auto base = dimension.root_type ? skeleton(*dimension.root_type, 0) : Value();
        at = entries_.insert(entries_.end(), {root, base});
    }
    const auto path = std::span<const std::string>(dimension.path);
    at->second = with_entry(at->second, path.empty() ? path : path.subspan(1), value);
}

Value ExampleBuilder::build() const {
    feel::ContextBuilder out;
    for (const auto& [name, value] : entries_) out.set(name, value);
    return out.build();
}

std::string example_text(const Value& value) {
    if (!value.is_context()) return value.to_feel();
    std::string out = "{";
    for (const auto& entry : value.as_context()) {
        if (out.size() > 1) out += ", ";
        out += Value(entry.key.text()).to_feel() + ": " + example_text(entry.value);
    }
    return out + "}";
}

}  // namespace schwarm::dmn::detail
