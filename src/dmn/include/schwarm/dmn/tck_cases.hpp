// The test cases of the DMN TCK (testCases.xsd), read and bound to their compiled models: for the
// test runner (tck.hpp) and for measuring.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "schwarm/base/result.hpp"
#include "schwarm/dmn/program.hpp"
#include "schwarm/feel/value.hpp"

namespace schwarm::dmn {

// One result a test expects.
struct TckNode {
    std::string name;
    feel::Value expected;
    bool error_expected = false;           // errorResult="true"
    std::optional<std::size_t> invocable;  // nothing if the model has none of this name
    bool is_part = false;                  // the entry of this name in the result of a service
};

struct TckTest {
    std::string folder;  // "compliance-level-3/0068-feel-equality"
    std::string file;    // "0068-feel-equality-test-01"
    std::string id;
    feel::Value input;
    std::vector<std::pair<std::string, feel::Value>> inputs_of_namespace;
    std::vector<TckNode> nodes;
};

// The tests of one file with the model they name.
struct TckFile {
    Result<Program> program;
    std::vector<TckTest> tests;
};

// Reads all test files below the folder in the order of their paths, one after the other; `wanted`
// says which folders. Errors: not_found, and those of reading a test file.
Result<> visit_tck(const std::filesystem::path& folder,
                   const std::function<bool(const std::filesystem::path&)>& wanted,
                   const std::function<void(TckFile&)>& visit, const LoadLimits& limits = {});

// What the node's invocable gave, as the node expects it.
feel::Value tck_result(const TckNode& node, const feel::Value& value);

// Whether a result is the expected one: numbers within 1e-8, as in the TCK's own runners.
bool tck_equal(const feel::Value& expected, const feel::Value& actual);

}  // namespace schwarm::dmn
