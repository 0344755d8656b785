// The table of built-in functions (DMN 1.5 clause 10.3.4).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/feel/evaluation.hpp"
#include "schwarm/feel/function.hpp"
#include "schwarm/feel/value.hpp"

namespace schwarm::feel {

using Arguments = std::span<const Value>;

struct Builtin {
    std::string_view name;
    // Parameter names for named arguments: "string,start position,length?|..." with '?' after
    // optional ones, "..." after one that takes any number, '|' between alternatives.
    std::string_view signatures;
    Value (*call)(Arguments arguments, Evaluation& evaluation);
    // The same arguments always give the same value, cheaply: may be computed when compiling.
    bool foldable = false;
};

std::span<const Builtin> conversion_builtins();
std::span<const Builtin> temporal_builtins();
std::span<const Builtin> string_builtins();
std::span<const Builtin> number_builtins();
std::span<const Builtin> list_builtins();
std::span<const Builtin> statistics_builtins();
std::span<const Builtin> context_builtins();
std::span<const Builtin> range_builtins();
std::span<const Builtin> camunda_builtins();

// nullptr if there is none.
const Builtin* find_builtin(std::string_view name);
// Whether DMN does not know it, only Camunda does.
bool is_extension(const Builtin& builtin);
// Whether its first argument is asked for being null, so that what is missing is no error.
bool asks_for_null(const Builtin& builtin);
// All names, for the parser.
const std::vector<std::string_view>& builtin_names();
// The function as a value.
Value builtin_value(const Builtin& builtin);

// Whether any signature takes this many positional arguments.
bool accepts_count(const Builtin& builtin, std::size_t count);
// For each given name its place in the first signature that fits; nullopt if none fits.
struct NamedPlace {
    std::size_t position;
    bool must_be_string;
};
std::optional<std::vector<NamedPlace>> match_names(const Builtin& builtin,
                                                   const std::vector<std::string>& names);

}  // namespace schwarm::feel
