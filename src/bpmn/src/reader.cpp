#include "reader.hpp"

#include "vocabulary.hpp"

namespace schwarm::bpmn {
namespace {

bool is_feel(std::string_view language) {
    return language.find("FEEL") != std::string_view::npos || language == "feel";
}

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

}  // namespace

std::string_view without_prefix(std::string_view qname) {
    const auto colon = qname.rfind(':');
    return colon == std::string_view::npos ? qname : qname.substr(colon + 1);
}

xml::Element zeebe_child(xml::Element element, std::string_view local_name) {
    return element.child(kBpmnNs, "extensionElements").child(kZeebeNs, local_name);
}

Reader::Reader(const xml::Document& document, std::string file, const ImportLimits& limits,
               Problems& problems)
    : document_(document), file_(std::move(file)), limits_(limits), problems_(problems) {
    names_.set_open();
    default_language_ = std::string(document.root().attribute_or("expressionLanguage", ""));
    scan_names(document.root());
    read_roots();
}

void Reader::report(ProblemKind kind, xml::Element at, std::string reason) {
    report(kind, severity_, at, std::move(reason));
}

void Reader::report(ProblemKind kind, Severity severity, xml::Element at, std::string reason) {
    Problem p;
    p.severity = severity;
    p.kind = kind;
    p.file = file_;
    p.line = static_cast<int>(at.position().line);
    p.element = std::string(at.name());
    // Parts without an id of their own (mappings, conditions) are named by what contains them.
    for (xml::Element e = at; e; e = e.parent()) {
        const auto id = e.attribute("id");
        if (id && (e == at || e.ns() == kBpmnNs)) {
            p.element_id = std::string(*id);
            break;
        }
    }
    p.reason = std::move(reason);
    problems_.push_back(std::move(p));
}

// The modeller may name variables with spaces ("Days Remaining"); FEEL needs to know those.
void Reader::scan_names(xml::Element element) {
    const auto add = [this](std::string_view name) {
        name = name.substr(0, name.find('.'));
        if (name.empty() || name.front() == '_' || !known_names_.emplace(name).second) return;
        names_.add(name);
    };
    for (const xml::Element child : element.children()) {
        const std::string_view name = child.name();
        if (child.ns() == kBpmnNs &&
            (name == "dataObject" || name == "dataObjectReference" || name == "dataInput" ||
             name == "dataOutput" || name == "property" || name == "dataStoreReference")) {
            add(child.attribute_or("name", ""));
        } else if (child.ns() == kZeebeNs) {
            add(child.attribute_or("target", ""));
            add(child.attribute_or("resultVariable", ""));
            add(child.attribute_or("inputElement", ""));
            add(child.attribute_or("outputCollection", ""));
        }
        scan_names(child);
    }
}

void Reader::read_roots() {
    for (const xml::Element e : document_.root().children()) {
        if (e.ns() != kBpmnNs) continue;
        const std::string id(e.attribute_or("id", ""));
        if (e.name() == "message") {
            MessageDefinition m;
            m.id = id;
            m.name = expression(e, e.attribute_or("name", ""), Style::prefixed);
            if (const auto subscription = zeebe_child(e, "subscription")) {
                m.correlation_key = expression(
                    subscription, subscription.attribute_or("correlationKey", ""), Style::required);
            }
            messages_.emplace(id, std::move(m));
        } else if (e.name() == "error") {
            ErrorDefinition d{id, std::string(e.attribute_or("name", "")), {}, {}};
            read_code(e, "errorCode", d.code, d.code_value);
            errors_.emplace(id, std::move(d));
        } else if (e.name() == "signal") {
            signals_.emplace(id, SignalDefinition{id, expression(e, e.attribute_or("name", ""),
                                                                 Style::prefixed)});
        } else if (e.name() == "escalation") {
            EscalationDefinition d{id, std::string(e.attribute_or("name", "")), {}, {}};
            read_code(e, "escalationCode", d.code, d.code_value);
            escalations_.emplace(id, std::move(d));
        } else if (event_kind_of(e.name())) {
            event_definitions_.emplace(id, e);
        }
    }
}

void Reader::read_code(xml::Element at, std::string_view attribute, std::string& code,
                       Expression& value) {
    Expression read = expression(at, at.attribute_or(attribute, ""), Style::prefixed);
    if (read.compiled)
        value = std::move(read);
    else
        code = std::move(read.source);
}

namespace {

template <class Map>
const typename Map::mapped_type* find(const Map& map, std::string_view reference) {
    auto at = map.find(reference);
    if (at == map.end()) at = map.find(without_prefix(reference));
    return at == map.end() ? nullptr : &at->second;
}

}  // namespace

const MessageDefinition* Reader::message(std::string_view reference) const {
    return find(messages_, reference);
}

const ErrorDefinition* Reader::error(std::string_view reference) const {
    return find(errors_, reference);
}

const SignalDefinition* Reader::signal(std::string_view reference) const {
    return find(signals_, reference);
}

const EscalationDefinition* Reader::escalation(std::string_view reference) const {
    return find(escalations_, reference);
}

xml::Element Reader::global_event_definition(std::string_view reference) const {
    const xml::Element* found = find(event_definitions_, reference);
    return found == nullptr ? xml::Element() : *found;
}

Expression Reader::expression(xml::Element at, std::string_view text, Style style,
                              std::string_view language) {
    Expression out;
    text = trim(text);
    if (text.empty()) return out;
    const bool declared = !language.empty();
    const bool prefixed = text.front() == '=';
    if (declared && !is_feel(language)) {
        report(ProblemKind::unsupported_language, at,
               "the expression is written in " + std::string(language) + "; only FEEL is executed");
        return out;
    }
    if (!prefixed && text.size() > 2 && (text.starts_with("${") || text.starts_with("#{"))) {
        report(ProblemKind::unsupported_language, at,
               "'" + std::string(text.substr(0, 80)) +
                   "' is written in JUEL; only FEEL is executed, with a leading '='");
        return out;
    }
    const bool means_feel =
        prefixed || (style == Style::required && (declared || is_feel(default_language_)));
    if (!means_feel && style == Style::required) {
        if (!default_language_.empty()) {
            report(ProblemKind::unsupported_language, at,
                   "the file declares " + default_language_ +
                       " as its expression language; only FEEL is executed, with a leading '='");
        } else {
            report(ProblemKind::invalid_expression, at,
                   "expected a FEEL expression with a leading '='");
        }
        return out;
    }
    if (!means_feel) {
        out.source = std::string(text);
        out.is_static = true;
        return out;
    }
    out.source = std::string(prefixed ? trim(text.substr(1)) : text);
    auto compiled = feel::compile_expression(out.source, names_);
    if (compiled.has_error()) {
        std::string reason = "the expression does not parse: " + compiled.error().message;
        if (!compiled.error().where.empty()) reason += " (" + compiled.error().where + ")";
        report(ProblemKind::invalid_expression, at, std::move(reason));
        return out;
    }
    out.compiled = std::move(compiled.value());
    return out;
}

}  // namespace schwarm::bpmn
