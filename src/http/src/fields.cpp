#include "schwarm/http/fields.hpp"

#include <algorithm>

namespace schwarm::http {
namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                              [](char x, char y) { return lower(x) == lower(y); });
}

const std::string* Fields::find(std::string_view name) const {
    for (const auto& [key, value] : fields_) {
        if (key == name) return &value;
    }
    return nullptr;
}

std::string_view Fields::get(std::string_view name, std::string_view fallback) const {
    const std::string* value = find(name);
    return value != nullptr ? std::string_view(*value) : fallback;
}

std::vector<std::string_view> Fields::all(std::string_view name) const {
    std::vector<std::string_view> values;
    for (const auto& [key, value] : fields_) {
        if (key == name) values.emplace_back(value);
    }
    return values;
}

void Headers::set(std::string_view name, std::string value) {
    std::erase_if(fields_, [&](const Field& f) { return equal_ignoring_case(f.first, name); });
    fields_.emplace_back(std::string(name), std::move(value));
}

const std::string* Headers::find(std::string_view name) const {
    for (const auto& [key, value] : fields_) {
        if (equal_ignoring_case(key, name)) return &value;
    }
    return nullptr;
}

std::string_view Headers::get(std::string_view name, std::string_view fallback) const {
    const std::string* value = find(name);
    return value != nullptr ? std::string_view(*value) : fallback;
}

}  // namespace schwarm::http
