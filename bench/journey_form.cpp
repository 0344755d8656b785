#include <array>
#include <optional>

#include "journey.hpp"
#include "schwarm/http/url.hpp"

namespace schwarm::bench {
namespace {

std::string unescape(std::string_view text) {
    static constexpr std::array<std::pair<std::string_view, char>, 5> kReferences{
        {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#39;", '\''}}};
    std::string out;
    while (!text.empty()) {
        bool replaced = false;
        if (text.front() == '&') {
            for (const auto& [reference, character] : kReferences) {
                if (!text.starts_with(reference)) continue;
                out += character;
                text.remove_prefix(reference.size());
                replaced = true;
                break;
            }
        }
        if (!replaced) {
            out += text.front();
            text.remove_prefix(1);
        }
    }
    return out;
}

// The value of an attribute in a start tag, unescaped.
std::string attribute(std::string_view tag, std::string_view name) {
    const std::string wanted = " " + std::string(name) + "=\"";
    const auto at = tag.find(wanted);
    if (at == std::string_view::npos) return {};
    const auto begin = at + wanted.size();
    return unescape(tag.substr(begin, tag.find('"', begin) - begin));
}

// "mitglieder.0.name" in the answers.
const json::Value* answer_at(const json::Value& answers, std::string_view path) {
    const json::Value* value = &answers;
    while (value != nullptr && !path.empty()) {
        const auto dot = path.find('.');
        const std::string_view part = path.substr(0, dot);
        path = dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1);
        value = value->find(part);
    }
    return value;
}

std::string text_of(const json::Value& value) {
    if (value.is_string()) return value.as_string();
    if (value.is_number()) return value.number_text();
    if (value.is_boolean()) return value.as_boolean() ? "true" : "";
    return {};
}

bool chosen(const json::Value* answer, std::string_view option) {
    if (answer == nullptr) return false;
    if (!answer->is_array()) return text_of(*answer) == option;
    for (const json::Value& item : answer->items()) {
        if (text_of(item) == option) return true;
    }
    return false;
}

// Dates are three fields: name.tag, name.monat, name.jahr.
std::optional<std::string> date_part(const json::Value& answers, std::string_view name) {
    static constexpr std::array<std::pair<std::string_view, std::pair<std::size_t, std::size_t>>, 3>
        kParts{{{".tag", {8, 2}}, {".monat", {5, 2}}, {".jahr", {0, 4}}}};
    for (const auto& [suffix, place] : kParts) {
        if (!name.ends_with(suffix)) continue;
        const json::Value* answer = answer_at(answers, name.substr(0, name.size() - suffix.size()));
        if (answer != nullptr && answer->is_string() && answer->as_string().size() == 10) {
            return answer->as_string().substr(place.first, place.second);
        }
    }
    return std::nullopt;
}

void add(std::string& body, std::string_view name, std::string_view value) {
    if (!body.empty()) body += '&';
    body += http::percent_encode(name);
    body += '=';
    body += http::percent_encode(value);
}

void add_field(std::string& body, std::string_view tag, const json::Value& answers) {
    const std::string name = attribute(tag, "name");
    if (name.empty()) return;
    const std::string type = attribute(tag, "type");
    if (type == "hidden") {
        add(body, name, attribute(tag, "value"));
    } else if (type == "radio" || type == "checkbox") {
        const std::string value = attribute(tag, "value");
        if (chosen(answer_at(answers, name), value)) add(body, name, value);
    } else if (const auto part = date_part(answers, name)) {
        add(body, name, *part);
    } else {
        const json::Value* answer = answer_at(answers, name);
        add(body, name, answer != nullptr ? text_of(*answer) : "");
    }
}

}  // namespace

Result<FilledForm> fill_form(std::string_view html, const json::Value& answers) {
    std::size_t at = 0;
    std::string_view start;
    while (true) {
        at = html.find("<form", at);
        if (at == std::string_view::npos) {
            return fail(ErrorCode::invalid_input, "the page has no form");
        }
        start = html.substr(at, html.find('>', at) - at);
        if (attribute(start, "class") == "s-form") break;
        at += start.size();
    }
    html = html.substr(at, html.find("</form>", at) - at);
    FilledForm out;
    out.action = attribute(start, "action");
    for (at = start.size(); (at = html.find('<', at)) != std::string_view::npos; ++at) {
        const std::string_view rest = html.substr(at);
        if (rest.starts_with("<input") || rest.starts_with("<select") ||
            rest.starts_with("<textarea")) {
            add_field(out.body, rest.substr(0, rest.find('>')), answers);
        }
    }
    if (html.find("id=\"weiter\"") != std::string_view::npos) add(out.body, "_action", "weiter");
    return out;
}

}  // namespace schwarm::bench
