#include "builtins.hpp"

#include <algorithm>
#include <unordered_map>

#include "schwarm/feel/feel.hpp"

namespace schwarm::feel {
namespace {

struct ParameterSpec {
    std::string_view name;
    bool optional = false;
    bool variadic = false;
    bool must_be_string = false;
};
using Signature = std::vector<ParameterSpec>;

std::vector<Signature> parse_signatures(std::string_view text) {
    std::vector<Signature> out(1);
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of(",|"), text.size());
        ParameterSpec spec;
        spec.name = text.substr(0, end);
        if (spec.name.ends_with('?')) {
            spec.optional = true;
            spec.name.remove_suffix(1);
        } else if (spec.name.ends_with("...")) {
            spec.variadic = true;
            spec.name.remove_suffix(3);
        } else if (spec.name.ends_with(":string")) {
            spec.must_be_string = true;
            spec.name.remove_suffix(7);
        }
        if (!spec.name.empty()) out.back().push_back(spec);
        if (end < text.size() && text[end] == '|') out.emplace_back();
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

bool accepts(const Signature& signature, std::size_t count) {
    std::size_t required = 0;
    for (const ParameterSpec& p : signature) {
        if (p.variadic) return count >= required;
        required += p.optional ? 0 : 1;
    }
    return count >= required && count <= signature.size();
}

std::optional<std::vector<NamedPlace>> match(const Signature& signature,
                                             const std::vector<std::string>& names) {
    std::vector<NamedPlace> places;
    std::vector<bool> given(signature.size(), false);
    for (const std::string& name : names) {
        const auto found = std::find_if(signature.begin(), signature.end(),
                                        [&](const ParameterSpec& p) { return p.name == name; });
        if (found == signature.end()) return std::nullopt;
        const auto at = static_cast<std::size_t>(found - signature.begin());
        if (given[at]) return std::nullopt;
        given[at] = true;
        places.push_back({at, found->must_be_string});
    }
    for (std::size_t i = 0; i < signature.size(); ++i) {
        if (!given[i] && !signature[i].optional) return std::nullopt;
    }
    return places;
}

class BuiltinFunction final : public Function {
  public:
    explicit BuiltinFunction(const Builtin& builtin) : builtin_(builtin) {
        const std::vector<Signature> signatures = parse_signatures(builtin.signatures);
        for (const ParameterSpec& p : signatures.front()) {
            if (!p.optional) parameters_.push_back({std::string(p.name), Type::any()});
        }
    }
    std::span<const Parameter> parameters() const override { return parameters_; }
    std::string name() const override { return std::string(builtin_.name); }
    Value call(std::span<const Value> arguments, Evaluation& evaluation) const override {
        if (!accepts_count(builtin_, arguments.size())) {
            return evaluation.null("wrong number of arguments for " + name());
        }
        return builtin_.call(arguments, evaluation);
    }
    bool is_variadic() const override { return true; }
    bool checks_arguments() const override { return true; }
    const Builtin& builtin() const { return builtin_; }

  private:
    const Builtin& builtin_;
    std::vector<Parameter> parameters_;
};

using Table = std::unordered_map<std::string_view, const Builtin*>;

const Table& table() {
    static const Table kTable = [] {
        Table out;
        for (const auto group : {conversion_builtins(), temporal_builtins(), string_builtins(),
                                 number_builtins(), list_builtins(), statistics_builtins(),
                                 context_builtins(), range_builtins(), camunda_builtins()}) {
            for (const Builtin& builtin : group) out.emplace(builtin.name, &builtin);
        }
        return out;
    }();
    return kTable;
}

}  // namespace

const Builtin* find_builtin(std::string_view name) {
    const auto found = table().find(name);
    return found == table().end() ? nullptr : found->second;
}

bool is_extension(const Builtin& builtin) {
    const auto extensions = camunda_builtins();
    return std::any_of(extensions.begin(), extensions.end(),
                       [&](const Builtin& one) { return one.name == builtin.name; });
}

bool asks_for_null(const Builtin& builtin) {
    return builtin.name == "is defined" || builtin.name == "get or else";
}

const std::vector<std::string_view>& builtin_names() {
    static const std::vector<std::string_view> kNames = [] {
        std::vector<std::string_view> out;
        for (const auto& [name, builtin] : table()) out.push_back(name);
        return out;
    }();
    return kNames;
}

Value builtin_value(const Builtin& builtin) {
    return Value(std::unique_ptr<Function>(std::make_unique<BuiltinFunction>(builtin)));
}

Value builtin_function(std::string_view name) {
    const Builtin* builtin = find_builtin(name);
    return builtin == nullptr ? Value() : builtin_value(*builtin);
}

bool accepts_count(const Builtin& builtin, std::size_t count) {
    const auto signatures = parse_signatures(builtin.signatures);
    return std::any_of(signatures.begin(), signatures.end(),
                       [&](const Signature& s) { return accepts(s, count); });
}

std::optional<std::vector<NamedPlace>> match_names(const Builtin& builtin,
                                                   const std::vector<std::string>& names) {
    for (const Signature& signature : parse_signatures(builtin.signatures)) {
        if (auto places = match(signature, names)) return places;
    }
    return std::nullopt;
}

}  // namespace schwarm::feel
