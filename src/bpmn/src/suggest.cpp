#include "schwarm/bpmn/suggest.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <utility>

#include "reader.hpp"
#include "schwarm/xml/document.hpp"
#include "vocabulary.hpp"

namespace schwarm::bpmn {
namespace {

constexpr std::string_view kFeel = "https://www.omg.org/spec/DMN/20191111/FEEL/";
constexpr std::string_view kZeebeDeclaration =
    R"( xmlns:zeebe="http://camunda.org/schema/zeebe/1.0")";

// Bytes of the source to be replaced.
struct Splice {
    std::size_t begin = 0;
    std::size_t size = 0;
    std::string text;
};

// A name a FEEL expression can use: "Service type" -> "Service_type", "Successful?" ->
// "Successful".
std::string as_name(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto u = static_cast<unsigned char>(c);
        if (std::isalnum(u) != 0 || u >= 0x80) {
            out += c;
        } else if (!out.empty() && out.back() != '_') {
            out += '_';
        }
    }
    while (out.ends_with('_')) out.pop_back();
    return out;
}

bool is_condition_or_time(std::string_view name) {
    static constexpr std::array<std::string_view, 6> kNames = {
        "conditionExpression", "completionCondition",
        "timeDuration",        "timeDate",
        "timeCycle",           "condition"};
    return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

// An attribute of another engine, whatever its namespace.
std::string_view foreign(xml::Element e, std::string_view name) {
    for (const auto& attribute : e.attributes()) {
        if (!attribute.ns.empty() && attribute.ns != kBpmnNs && attribute.name == name) {
            return attribute.value;
        }
    }
    return {};
}

class Suggester {
  public:
    explicit Suggester(const xml::Document& document)
        : document_(document), language_(document.root().attribute_or("expressionLanguage", "")) {}

    Result<Suggestions> run() {
        const auto source = document_.root().source();
        const auto& bytes = document_.source();
        if (source.data() < bytes.data() || source.data() > bytes.data() + bytes.size()) {
            return fail(ErrorCode::unsupported, "the file is not in UTF-8");
        }
        for (const xml::Element e : document_.root().children()) {
            if (e.is(kBpmnNs, "process") && e.attribute_or("isExecutable", "") == "true") scope(e);
        }
        out_.model = spliced();
        return std::move(out_);
    }

  private:
    void scope(xml::Element element) {
        std::map<std::string, xml::Element, std::less<>> nodes;
        std::map<std::string, int, std::less<>> leaving;
        bool empty = true;
        for (const xml::Element e : element.children()) {
            if (e.ns() != kBpmnNs) continue;
            nodes[std::string(e.attribute_or("id", ""))] = e;
            if (e.name() == "sequenceFlow") ++leaving[std::string(e.attribute_or("sourceRef", ""))];
            empty = empty && !node_kind_of(e.name());
        }
        if (empty && element.name() == "subProcess") {
            const auto id = std::string(element.attribute_or("id", "")) + "_start";
            add_last(element, "<" + prefixed(element, "startEvent") + " id=\"" + id + "\"/>");
            suggestion(element, "", "").proposed = "startEvent '" + id + "'";
            out_.items.back().reason = "nothing is drawn in it: it is passed through";
        }
        for (const xml::Element e : element.children()) {
            if (e.ns() != kBpmnNs) continue;
            if (e.name() == "sequenceFlow") {
                const auto from = std::string(e.attribute_or("sourceRef", ""));
                flow(e, nodes[from], leaving[from]);
            }
            if (e.name() == "serviceTask" || e.name() == "sendTask") delegate(e);
            if (e.name() == "userTask") assignment(e);
            expressions(e);
            if (node_kind_of(e.name()) && e.child("startEvent")) scope(e);
            if (e.name() == "subProcess" && !e.child("startEvent")) scope(e);
        }
    }

    Suggestion& suggestion(xml::Element e, std::string written, std::string_view language) {
        Suggestion s;
        s.line = static_cast<int>(e.position().line);
        s.element_id = std::string(e.attribute_or("id", ""));
        if (s.element_id.empty()) s.element_id = std::string(e.parent().attribute_or("id", ""));
        s.element = std::string(e.name());
        s.written = std::move(written);
        s.language = std::string(language);
        out_.items.push_back(std::move(s));
        return out_.items.back();
    }

    // Those directly below a node: conditions, times of its event definitions, ends of its loop.
    void expressions(xml::Element element) {
        for (const xml::Element e : element.children()) {
            if (e.ns() != kBpmnNs || e.name() == "extensionElements") continue;
            if (is_condition_or_time(e.name())) {
                expression(e);
            } else if (!node_kind_of(e.name()) && e.name() != "sequenceFlow") {
                expressions(e);
            }
        }
    }

    void expression(xml::Element e) {
        const auto text = e.trimmed_text();
        const auto own = e.attribute_or("language", "");
        const auto declared = own.empty() ? language_ : own;
        const bool juel = text.starts_with("${") || text.starts_with("#{");
        const bool xpath = declared.find("XPath") != std::string_view::npos;
        const bool time = e.name().starts_with("time");
        if (text.empty() || text.front() == '=' || (!juel && !xpath)) return;
        if (time && !juel && own.empty()) return;  // a constant, which FEEL reads as well
        const auto language = juel ? ForeignLanguage::juel : ForeignLanguage::xpath;
        auto& s = suggestion(e, text, name_of(language));
        if (time && !juel &&
            (text.front() == 'P' || text.front() == 'R' ||
             std::isdigit(static_cast<unsigned char>(text.front())) != 0)) {
            s.proposed = text;
            s.reason = "a constant; its language is put right";
        } else {
            const auto feel = to_feel(text, language);
            if (feel.has_error()) {
                s.reason = feel.error().message;
                return;
            }
            s.proposed = "=" + feel.value();
        }
        replace_text(e, s.proposed, !own.empty());
    }

    // An exclusive decision of which only the names say what is meant.
    void flow(xml::Element e, xml::Element from, int leaving) {
        const bool decides =
            from && (from.name() == "exclusiveGateway" || from.name() == "inclusiveGateway");
        if (!decides || leaving < 2 || e.child(kBpmnNs, "conditionExpression") ||
            from.attribute_or("default", "") == e.attribute_or("id", "")) {
            return;
        }
        auto& s = suggestion(e, "", "");
        const auto name = as_name(from.attribute_or("name", ""));
        const auto value = e.attribute_or("name", "");
        if (name.empty() || value.empty() || value.find('"') != std::string_view::npos) {
            s.reason = "neither a condition nor names from which one could be made";
            return;
        }
        s.proposed = "=" + name + " = \"" + std::string(value) + "\"";
        s.reason = "made of the names of gateway and flow";
        const auto tag = prefixed(e, "conditionExpression");
        add_last(e, "<" + tag + ">" + xml::escape(s.proposed) + "</" + tag + ">");
    }

    // A task that Java code does becomes a job of that name.
    void delegate(xml::Element e) {
        if (zeebe_child(e, "taskDefinition")) return;
        std::string written;
        std::string type(foreign(e, "topic"));
        if (const auto expression = foreign(e, "delegateExpression");
            type.empty() && !expression.empty()) {
            written = std::string(expression);
            const auto feel = to_feel(expression, ForeignLanguage::juel);
            if (feel.has_value()) type = feel.value();
        }
        if (const auto name = foreign(e, "class"); type.empty() && !name.empty()) {
            written = std::string(name);
            type = written.substr(written.rfind('.') + 1);
        }
        if (type.empty() && e.name() == "sendTask") return;
        auto& s = suggestion(e, written, "");
        if (type.empty() || type.find_first_of(" \"<&(") != std::string::npos) {
            s.reason = "what does this task is not said by a name";
            return;
        }
        s.proposed = "zeebe:taskDefinition type=\"" + type + "\"";
        s.reason = "a worker takes the place of the code";
        extend(e, "<zeebe:taskDefinition" + std::string(kZeebeDeclaration) + " type=\"" + type +
                      "\"/>");
    }

    void assignment(xml::Element e) {
        if (zeebe_child(e, "assignmentDefinition")) return;
        std::string attributes;
        for (const std::string_view name : {"assignee", "candidateGroups", "candidateUsers"}) {
            const auto written = foreign(e, name);
            if (written.empty()) continue;
            const bool juel = written.starts_with("${") || written.starts_with("#{");
            const auto feel = juel ? to_feel(written, ForeignLanguage::juel)
                                   : Result<std::string>(std::string(written));
            auto& s = suggestion(e, std::string(written), juel ? "JUEL" : "");
            if (feel.has_error()) {
                s.reason = feel.error().message;
                continue;
            }
            s.proposed = "zeebe:assignmentDefinition " + std::string(name) + "=\"" +
                         (juel ? "=" : "") + feel.value() + "\"";
            attributes += " " + std::string(name) + "=\"" +
                          xml::escape((juel ? "=" : "") + feel.value()) + "\"";
        }
        if (attributes.empty()) return;
        extend(e,
               "<zeebe:assignmentDefinition" + std::string(kZeebeDeclaration) + attributes + "/>");
    }

    // --- writing ---------------------------------------------------------------------------

    // A name in the namespace of `e`, written as `e` is.
    static std::string prefixed(xml::Element e, std::string_view name) {
        const auto qualified = e.qualified_name();
        const auto colon = qualified.find(':');
        return (colon == std::string_view::npos ? std::string()
                                                : std::string(qualified.substr(0, colon + 1))) +
               std::string(name);
    }

    std::size_t offset(xml::Element e) const {
        return static_cast<std::size_t>(e.source().data() - document_.source().data());
    }

    // Where the start tag ends, behind its '>'; quotes may hold one.
    static std::size_t tag_end(std::string_view source) {
        char quote = 0;
        for (std::size_t i = 0; i < source.size(); ++i) {
            if (quote != 0) {
                if (source[i] == quote) quote = 0;
            } else if (source[i] == '"' || source[i] == '\'') {
                quote = source[i];
            } else if (source[i] == '>') {
                return i + 1;
            }
        }
        return source.size();
    }

    // Text becomes the content's beginning or end; an empty tag is opened for it.
    void add(xml::Element e, std::string text, bool last) {
        const auto source = e.source();
        const auto end = tag_end(source);
        if (source[end - 2] == '/') {
            text = ">" + text + "</" + std::string(e.qualified_name()) + ">";
            splices_.push_back({offset(e) + end - 2, 2, std::move(text)});
            return;
        }
        splices_.push_back({offset(e) + (last ? source.rfind("</") : end), 0, std::move(text)});
    }
    void add_last(xml::Element e, std::string text) { add(e, std::move(text), true); }

    // Into the extension elements, which stand behind the documentation.
    void extend(xml::Element e, std::string text) {
        if (const auto known = e.child(kBpmnNs, "extensionElements")) {
            return add(known, std::move(text), false);
        }
        const auto tag = prefixed(e, "extensionElements");
        text = "<" + tag + ">" + text + "</" + tag + ">";
        xml::Element behind;
        for (const xml::Element c : e.children()) {
            if (c.is(kBpmnNs, "documentation")) behind = c;
        }
        if (!behind) return add(e, std::move(text), false);
        splices_.push_back({offset(behind) + behind.source().size(), 0, std::move(text)});
    }

    void replace_text(xml::Element e, std::string_view text, bool has_language) {
        const auto source = e.source();
        const auto end = tag_end(source);
        const auto close = source.rfind("</");
        splices_.push_back({offset(e) + end, close - end, xml::escape(text)});
        if (!has_language) return;
        const auto at = source.find("language=");
        if (at == std::string_view::npos || at > end) return;
        const char quote = source[at + 9];
        const auto value = at + 10;
        splices_.push_back(
            {offset(e) + value, source.find(quote, value) - value, std::string(kFeel)});
    }

    std::string spliced() {
        std::stable_sort(splices_.begin(), splices_.end(),
                         [](const Splice& a, const Splice& b) { return a.begin < b.begin; });
        const std::string_view source = document_.source();
        std::string out;
        std::size_t done = 0;
        for (const auto& splice : splices_) {
            out += source.substr(done, splice.begin - done);
            out += splice.text;
            done = splice.begin + splice.size;
        }
        return out.append(source.substr(done));
    }

    const xml::Document& document_;
    std::string_view language_;
    Suggestions out_;
    std::vector<Splice> splices_;
};

}  // namespace

std::string Suggestion::text() const {
    std::string out = std::to_string(line) + ": " + element + " '" + element_id + "': ";
    if (!written.empty()) out += written + (language.empty() ? "" : " (" + language + ")") + " ";
    if (!proposed.empty()) out += "-> " + proposed;
    if (proposed.empty()) return out + "no proposal: " + reason;
    return reason.empty() ? out : out + "  (" + reason + ")";
}

Result<Suggestions> suggest(std::string_view bytes, std::string file) {
    SCHWARM_TRY(document, xml::Document::parse(std::string(bytes), std::move(file)));
    return Suggester(document).run();
}

}  // namespace schwarm::bpmn
