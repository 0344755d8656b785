#include "schwarm/html/i18n.hpp"

#include "schwarm/html/escape.hpp"
#include "schwarm/json/json.hpp"

namespace schwarm::html {

Result<Catalogue> Catalogue::load(std::string language, std::string_view json,
                                  std::string_view name, const Catalogue* fallback) {
    Catalogue catalogue;
    catalogue.language_ = std::move(language);
    catalogue.fallback_ = fallback;
    auto document = json::parse(json);
    if (document.has_error()) {
        Error error = document.error();
        error.where = std::string(name) + (error.where.empty() ? "" : ":" + error.where);
        return error;
    }
    if (!document->is_object()) {
        return fail(ErrorCode::invalid_input, "translations must be one object", std::string(name));
    }
    for (const auto& [key, value] : document->members()) {
        Entry entry;
        if (value.is_string()) {
            entry.other = value.as_string();
        } else if (value.is_object() && value.find("other") && value.find("other")->is_string()) {
            entry.other = value.find("other")->as_string();
            entry.one = value.string_or("one", entry.other);
        } else {
            return fail(ErrorCode::invalid_input,
                        "'" + key + "' must be a text, or an object with one and other",
                        std::string(name));
        }
        catalogue.entries_.emplace(key, std::move(entry));
    }
    return catalogue;
}

Result<std::string_view> Catalogue::find(std::string_view key, std::string_view number) const {
    const auto found = entries_.find(key);
    if (found == entries_.end()) {
        if (fallback_) {
            return fallback_->find(key, number);
        }
        return fail(ErrorCode::unresolved, "no translation for '" + std::string(key) + "'");
    }
    const Entry& entry = found->second;
    const bool one = !entry.one.empty() && number == "1";
    return std::string_view(one ? entry.one : entry.other);
}

std::string Catalogue::text(std::string_view key, std::vector<Parameter> parameters) const {
    std::string_view number;
    for (const Parameter& parameter : parameters) {
        if (parameter.name == "n") {
            number = parameter.text;
        }
    }
    const auto found = find(key, number);
    if (found.has_error()) {
        return std::string(key);
    }
    return fill(*found, parameters, false);
}

std::vector<std::string> Catalogue::keys() const {
    std::vector<std::string> keys;
    for (const auto& [key, entry] : entries_) {
        keys.push_back(key);
    }
    return keys;
}

std::string fill(std::string_view text, const std::vector<Parameter>& parameters, bool markup) {
    std::string out;
    while (!text.empty()) {
        const std::size_t open = text.find('{');
        const std::string_view plain = text.substr(0, open);
        markup ? escape_to(out, plain) : void(out.append(plain));
        if (open == std::string_view::npos) {
            break;
        }
        const std::size_t close = text.find('}', open);
        const Parameter* found = nullptr;
        if (close != std::string_view::npos) {
            const std::string_view name = text.substr(open + 1, close - open - 1);
            for (const Parameter& parameter : parameters) {
                if (parameter.name == name) {
                    found = &parameter;
                }
            }
        }
        if (found) {
            markup ? escape_to(out, found->text) : void(out.append(found->text));
            text.remove_prefix(close + 1);
        } else {
            out += '{';
            text.remove_prefix(open + 1);
        }
    }
    return out;
}

}  // namespace schwarm::html
