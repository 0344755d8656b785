// A compiled expression with everything its evaluation needs.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "node.hpp"
#include "schwarm/feel/feel.hpp"

namespace schwarm::feel {

// Something that can be said without running: a part that is always null, and why.
struct Note {
    std::size_t position;
    std::string reason;
    bool operator==(const Note&) const = default;
};

struct Program {
    std::string text;
    NodePtr root;
    std::size_t frame_size = 0;  // locals; slot 0 is "?" of unary tests
    std::uint64_t cost = 0;      // steps that one evaluation counts at least
    std::vector<std::string> references;
    std::vector<Key> reference_keys;
    std::vector<bool> reference_required;  // false: only an entry of a filtered item, perhaps
    bool is_unary_tests = false;
    Expression::TestShape shape = Expression::TestShape::general;
    std::vector<Value> test_values;
    std::vector<Note> notes;
    // Of tests that are constants, where the shape does not say it; negated: within not(...).
    std::vector<Value> constant_tests;
    bool negated = false;
    std::vector<Value> constants;  // of the whole tree, bodies of functions included
};

}  // namespace schwarm::feel
