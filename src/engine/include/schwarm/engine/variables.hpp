// The variables of one scope: FEEL values by name, sorted by name.
//
// A value type with shared storage: copying is one reference count, the first change after a
// copy copies the entries (the values themselves are shared anyway). Not thread-safe for writing.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schwarm/feel/value.hpp"

namespace schwarm::engine {

class Variables {
  public:
    struct Entry {
        feel::Key name;
        feel::Value value;
    };

    Variables() = default;
    Variables(std::initializer_list<std::pair<std::string_view, feel::Value>> entries);
    // Keys of the context become names. A value that is not a context gives no variables.
    static Variables from_context(const feel::Value& context);
    feel::Value to_context() const;

    bool empty() const { return !data_ || data_->empty(); }
    std::size_t size() const { return data_ ? data_->size() : 0; }
    const feel::Value* find(std::string_view name) const;  // null if there is none
    void set(std::string_view name, feel::Value value) { set(feel::Key(name), std::move(value)); }
    void set(const feel::Key& name, feel::Value value);
    const Entry* begin() const { return data_ ? data_->data() : nullptr; }
    const Entry* end() const { return data_ ? data_->data() + data_->size() : nullptr; }

  private:
    std::shared_ptr<std::vector<Entry>> data_;
};

bool operator==(const Variables& a, const Variables& b);

}  // namespace schwarm::engine
