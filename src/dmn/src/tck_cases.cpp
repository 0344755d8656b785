#include "schwarm/dmn/tck_cases.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "schwarm/dmn/files.hpp"
#include "schwarm/feel/feel.hpp"
#include "schwarm/feel/operations.hpp"
#include "schwarm/xml/document.hpp"

namespace schwarm::dmn {

namespace {

using feel::Value;

constexpr std::string_view kXsi = "http://www.w3.org/2001/XMLSchema-instance";

Value by_function(std::string_view function, std::string_view text) {
    feel::Evaluation evaluation;
    const std::array<Value, 1> arguments = {Value(text)};
    return feel::invoke(feel::builtin_function(function), std::span<const Value>(arguments),
                        evaluation);
}

Value simple_value(xml::Element element) {
    if (const auto nil = element.attribute(kXsi, "nil"); nil && (*nil == "true" || *nil == "1")) {
        return {};
    }
    const auto text = element.text();
    const auto trimmed = element.trimmed_text();
    auto type = element.attribute(kXsi, "type").value_or("");
    if (const auto colon = type.find(':'); colon != std::string_view::npos) {
        type = type.substr(colon + 1);
    }
    if (type == "string") return Value(text);
    if (type == "date") return by_function("date", trimmed);
    if (type == "time") return by_function("time", trimmed);
    if (type == "dateTime") return by_function("date and time", trimmed);
    if (type == "duration" || type == "dayTimeDuration" || type == "yearMonthDuration") {
        return by_function("duration", trimmed);
    }
    if (type == "boolean" || type.empty()) {
        if (trimmed == "true" || (trimmed == "1" && !type.empty())) return true;
        if (trimmed == "false" || (trimmed == "0" && !type.empty())) return false;
    }
    if (type != "boolean") {
        if (const auto number = Decimal::parse(trimmed)) return Value(*number);
    }
    return type.empty() ? Value(text) : Value();
}

Value value_of(xml::Element holder) {
    if (const auto value = holder.child("value")) return simple_value(value);
    if (const auto list = holder.child("list")) {
        if (list.attribute(kXsi, "nil") == "true") return {};
        Value::List items;
        for (const auto item : list.children()) {
            if (item.name() == "item") items.push_back(value_of(item));
        }
        return Value::list(std::move(items));
    }
    if (holder.child("component")) {
        feel::ContextBuilder out;
        for (const auto component : holder.children()) {
            if (component.name() != "component") continue;
            out.set(component.attribute_or("name", ""), value_of(component));
        }
        return out.build();
    }
    return {};
}

bool same(const Value& expected, const Value& actual) {
    if (expected.is_number() && actual.is_number()) {
        const auto difference = subtract(expected.as_number(), actual.as_number());
        static const Decimal kTolerance = Decimal::scaled(1, -8);
        return difference && difference->abs() <= kTolerance;
    }
    if (expected.is_list() && actual.is_list()) {
        const auto a = expected.as_list();
        const auto b = actual.as_list();
        return std::equal(a.begin(), a.end(), b.begin(), b.end(), same);
    }
    if (expected.is_context() && actual.is_context()) {
        const auto& a = expected.as_context();
        const auto& b = actual.as_context();
        if (a.size() != b.size()) return false;
        return std::all_of(a.begin(), a.end(), [&](const auto& entry) {
            const auto* other = b.find(entry.key);
            return other != nullptr && same(entry.value, *other);
        });
    }
    if (expected == actual) return true;
    return expected.kind() == actual.kind() && !expected.is_null() &&
           feel::equal(expected, actual).value_or(false);
}

// The invocable a test names, first in the namespace of its model.
std::optional<std::size_t> find_in(const Program& program, std::string_view name_space,
                                   std::string_view name) {
    auto found = program.find(fmt::format("{}#{}", name_space, name));
    if (!found) found = program.find(name);
    return found ? std::optional(*found) : std::nullopt;
}

TckTest test_of(xml::Element test, const Result<Program>& program, std::string_view name_space) {
    TckTest out;
    out.id = test.attribute_or("id", "");
    feel::ContextBuilder input;
    const auto invocable = test.attribute("invocableName");
    for (const auto child : test.children()) {
        const auto name = child.attribute_or("name", "");
        if (child.name() == "inputNode") {
            if (const auto other = child.attribute("namespace")) {
                feel::ContextBuilder one;
                one.set(name, value_of(child));
                out.inputs_of_namespace.emplace_back(*other, one.build());
            } else {
                input.set(name, value_of(child));
            }
        } else if (child.name() == "resultNode") {
            TckNode node;
            node.name = name;
            node.expected = value_of(child.child("expected"));
            node.error_expected = child.attribute_or("errorResult", "false") == "true";
            if (program) {
                node.invocable = find_in(*program, name_space, invocable ? *invocable : name);
                node.is_part = invocable && node.invocable &&
                               program->invocables()[*node.invocable].outputs > 1;
            }
            out.nodes.push_back(std::move(node));
        }
    }
    out.input = input.build();
    return out;
}

Result<> visit_file(const std::filesystem::path& path, const std::function<void(TckFile&)>& visit,
                    const LoadLimits& limits) {
    SCHWARM_TRY(file, read_file(path));
    auto parsed = xml::Document::parse(std::move(file.text), file.name);
    if (!parsed) return parsed.error();
    const auto root = parsed->root();
    if (root.name() != "testCases") return {};
    const auto folder = path.parent_path();
    auto model = read_file(folder / root.child("modelName").trimmed_text());
    std::string name_space;
    if (model) {
        if (const auto document = xml::Document::parse(model->text, model->name)) {
            name_space = document->root().attribute_or("namespace", "");
        }
    }
    TckFile out{
        model ? Program::load(std::move(*model), resolver_beside(folder), limits) : model.error(),
        {}};
    for (const auto child : root.children()) {
        if (child.name() != "testCase") continue;
        out.tests.push_back(test_of(child, out.program, name_space));
        out.tests.back().folder = (folder.parent_path().filename() / folder.filename()).string();
        out.tests.back().file = path.stem().string();
    }
    visit(out);
    return {};
}

}  // namespace

Result<> visit_tck(const std::filesystem::path& folder,
                   const std::function<bool(const std::filesystem::path&)>& wanted,
                   const std::function<void(TckFile&)>& visit, const LoadLimits& limits) {
    std::vector<std::filesystem::path> paths;
    std::error_code error;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, error)) {
        if (entry.path().extension() != ".xml") continue;
        if (wanted && !wanted(entry.path().parent_path())) continue;
        paths.push_back(entry.path());
    }
    if (error) return fail(ErrorCode::not_found, "the folder cannot be read", folder.string());
    std::sort(paths.begin(), paths.end());
    for (const auto& path : paths) SCHWARM_TRY_VOID(visit_file(path, visit, limits));
    return {};
}

Value tck_result(const TckNode& node, const Value& value) {
    return node.is_part && value.is_context() ? value.get(node.name) : value;
}

bool tck_equal(const Value& expected, const Value& actual) {
    return same(expected, actual);
}

}  // namespace schwarm::dmn
