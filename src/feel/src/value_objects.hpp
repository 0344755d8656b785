// The shared objects behind values.
#pragma once

#include <string>
#include <vector>

#include "schwarm/feel/value.hpp"

namespace schwarm::feel {

struct StringObject final : Shared {
    explicit StringObject(std::string t) : text(std::move(t)) { weigh_text(text.size()); }
    const std::string text;
};

struct ListObject final : Shared {
    explicit ListObject(Value::List i) : items(std::move(i)) {
        weigh(items.size());
        for (const Value& item : items) hold(item);
    }
    const Value::List items;
};

struct RangeObject final : Shared {
    explicit RangeObject(Range r) : range(std::move(r)) {
        hold(range.start);
        hold(range.end);
    }
    const Range range;
};

}  // namespace schwarm::feel
