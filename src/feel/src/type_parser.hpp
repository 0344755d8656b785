// Reads a type where it stands in a text.
#pragma once

#include <cstddef>
#include <string_view>

#include "schwarm/feel/type.hpp"

namespace schwarm::feel {

class TypeParser {
  public:
    TypeParser(std::string_view text, std::size_t at, const Type::Resolver* resolver)
        : text_(text), at_(at), resolver_(resolver) {}
    // nullptr if no type stands here; the position is then where it failed.
    TypePtr parse();
    std::size_t position() const { return at_; }
    bool at_end();

  private:
    bool take(std::string_view symbol);
    TypePtr parse_structured(std::string_view name);
    TypePtr parse_context();
    TypePtr parse_function();
    TypePtr parse_named();

    std::string_view text_;
    std::size_t at_;
    const Type::Resolver* resolver_;
    int depth_ = 0;
};

}  // namespace schwarm::feel
