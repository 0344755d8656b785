// Ordered lists of names and texts: header fields, query parameters, form fields, cookies.
// Plain values; distinct objects may be used by distinct threads.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace schwarm::http {

// Names are compared exactly (query, forms, cookies).
class Fields {
  public:
    using Field = std::pair<std::string, std::string>;

    void add(std::string name, std::string value) {
        fields_.emplace_back(std::move(name), std::move(value));
    }
    // The first value of that name; nullptr if there is none.
    const std::string* find(std::string_view name) const;
    // The first value, or `fallback`.
    std::string_view get(std::string_view name, std::string_view fallback = {}) const;
    bool has(std::string_view name) const { return find(name) != nullptr; }
    // Every value of that name, in order (check boxes).
    std::vector<std::string_view> all(std::string_view name) const;

    std::size_t size() const { return fields_.size(); }
    bool empty() const { return fields_.empty(); }
    auto begin() const { return fields_.begin(); }
    auto end() const { return fields_.end(); }

  private:
    std::vector<Field> fields_;
};

// Names are compared without regard to case (RFC 9110 clause 5.1).
class Headers {
  public:
    using Field = std::pair<std::string, std::string>;

    void add(std::string name, std::string value) {
        fields_.emplace_back(std::move(name), std::move(value));
    }
    // Replaces every field of that name.
    void set(std::string_view name, std::string value);
    const std::string* find(std::string_view name) const;
    std::string_view get(std::string_view name, std::string_view fallback = {}) const;
    bool has(std::string_view name) const { return find(name) != nullptr; }

    std::size_t size() const { return fields_.size(); }
    bool empty() const { return fields_.empty(); }
    auto begin() const { return fields_.begin(); }
    auto end() const { return fields_.end(); }

  private:
    std::vector<Field> fields_;
};

// ASCII, as HTTP compares names and tokens.
bool equal_ignoring_case(std::string_view a, std::string_view b);

}  // namespace schwarm::http
