// Event definitions (BPMN 2.0.2 clause 10.5.5): of events, and what receive tasks wait for.
#include "reader.hpp"
#include "schwarm/bpmn/timer_text.hpp"
#include "vocabulary.hpp"

namespace schwarm::bpmn {
namespace {

using Style = Reader::Style;

class EventReader {
  public:
    EventReader(Reader& reader, xml::Element element, Node& node)
        : reader_(reader), element_(element), node_(node) {}

    void read() {
        std::vector<EventDefinition> found;
        for (xml::Element e : element_.children()) {
            if (e.ns() != kBpmnNs) continue;
            if (e.name() == "eventDefinitionRef") {
                const std::string target = e.trimmed_text();
                const xml::Element global = reader_.global_event_definition(target);
                if (!global) {
                    reader_.report(ProblemKind::unresolved_reference, e,
                                   "eventDefinitionRef '" + target + "' points to nothing");
                    continue;
                }
                e = global;
            }
            if (const auto kind = event_kind_of(e.name())) found.push_back(definition(e, *kind));
        }
        if (node_.kind == NodeKind::start_event) {
            node_.interrupting = element_.attribute_or("isInterrupting", "true") != "false";
        }
        for (EventDefinition& d : found) d.interrupting = node_.interrupting;
        if (found.size() > 1) {
            node_.details.parts = std::move(found);
            node_.details.event.kind = EventKind::multiple;
            node_.details.parallel_multiple =
                element_.attribute_or("parallelMultiple", "false") == "true";
        } else if (found.size() == 1) {
            node_.details.event = std::move(found.front());
        }
        node_.event = node_.details.event.kind;
        node_.details.event.interrupting = node_.interrupting;
    }

  private:
    EventDefinition definition(xml::Element e, EventKind kind) {
        EventDefinition out;
        out.kind = kind;
        switch (kind) {
            case EventKind::timer:
                read_timer(e, out.timer);
                break;
            case EventKind::message:
                read_message_reference(reader_, e, out);
                break;
            case EventKind::error:
                resolve(e, "errorRef", out.error, &Reader::error);
                break;
            case EventKind::escalation:
                resolve(e, "escalationRef", out.escalation, &Reader::escalation);
                break;
            case EventKind::signal:
                if (e.attribute_or("signalRef", "").empty()) {
                    reader_.report(ProblemKind::unresolved_reference, e, "signalRef is missing");
                }
                resolve(e, "signalRef", out.signal, &Reader::signal);
                break;
            case EventKind::conditional:
                read_condition(e, out.condition);
                break;
            case EventKind::link:
                out.link = std::string(e.attribute_or("name", ""));
                break;
            default:
                break;
        }
        return out;
    }

    template <class Definition, class Find>
    void resolve(xml::Element e, std::string_view attribute, Definition& out, Find find) {
        const std::string target(e.attribute_or(attribute, ""));
        if (target.empty()) return;
        if (const Definition* found = (reader_.*find)(target)) {
            out = *found;
        } else {
            reader_.report(ProblemKind::unresolved_reference, e,
                           std::string(attribute) + " '" + target + "' points to nothing");
        }
    }

    void read_condition(xml::Element e, ConditionDefinition& out) {
        const auto c = e.child(kBpmnNs, "condition");
        if (!c || c.trimmed_text().empty()) {
            reader_.report(ProblemKind::invalid_model, e, "the condition is missing");
            return;
        }
        out.condition =
            reader_.expression(c, c.text(), Style::required, c.attribute_or("language", ""));
        auto filter = zeebe_child(e, "conditionalFilter");
        if (!filter) filter = zeebe_child(element_, "conditionalFilter");
        out.variables = words(filter.attribute_or("variableNames", ""));
        if (out.variables.empty() && out.condition.compiled) {
            const auto read = out.condition.compiled.references();
            out.variables.assign(read.begin(), read.end());
        }
        const std::vector<std::string> events = words(filter.attribute_or("variableEvents", ""));
        if (events.empty()) return;
        out.on_create = out.on_update = false;
        for (const std::string& event : events) {
            if (event == "create") {
                out.on_create = true;
            } else if (event == "update") {
                out.on_update = true;
            } else {
                reader_.report(ProblemKind::invalid_model, filter,
                               "variableEvents may be 'create' and 'update', not '" + event + "'");
            }
        }
    }

    // "a, b"
    static std::vector<std::string> words(std::string_view text) {
        std::vector<std::string> out;
        while (!text.empty()) {
            const auto comma = text.find(',');
            std::string_view word = text.substr(0, comma);
            while (word.starts_with(' ')) word.remove_prefix(1);
            while (word.ends_with(' ')) word.remove_suffix(1);
            if (!word.empty()) out.emplace_back(word);
            if (comma == std::string_view::npos) break;
            text.remove_prefix(comma + 1);
        }
        return out;
    }

    void read_timer(xml::Element e, TimerDefinition& timer) {
        xml::Element value;
        for (const xml::Element child : e.children()) {
            if (child.name() == "timeDate")
                timer.kind = TimerKind::date;
            else if (child.name() == "timeDuration")
                timer.kind = TimerKind::duration;
            else if (child.name() == "timeCycle")
                timer.kind = TimerKind::cycle;
            else
                continue;
            value = child;
        }
        if (value) {
            timer.value = reader_.expression(value, value.text(), Style::prefixed,
                                             value.attribute_or("language", ""));
        }
        if (!timer.value.present()) {
            if (!value || value.trimmed_text().empty()) {
                reader_.report(ProblemKind::invalid_model, e,
                               "the timer has no timeDate, timeDuration or timeCycle");
            }
            return;
        }
        if (!timer.value.is_static) return;
        const std::string& text = timer.value.source;
        const bool good = timer.kind == TimerKind::date       ? parse_instant(text).has_value()
                          : timer.kind == TimerKind::duration ? Period::parse(text).has_value()
                                                              : is_cycle(text);
        if (!good) {
            reader_.report(ProblemKind::invalid_expression, value,
                           "'" + text + "' is not an ISO 8601 " +
                               (timer.kind == TimerKind::date       ? "date and time"
                                : timer.kind == TimerKind::duration ? "duration"
                                                                    : "repeating interval, nor a "
                                                                      "cron expression"));
        }
    }

    Reader& reader_;
    xml::Element element_;
    Node& node_;
};

}  // namespace

void read_message_reference(Reader& reader, xml::Element element, EventDefinition& event) {
    const std::string target(element.attribute_or("messageRef", ""));
    if (target.empty()) return;
    if (const auto* found = reader.message(target)) {
        event.message = *found;
    } else {
        reader.report(ProblemKind::unresolved_reference, element,
                      "messageRef '" + target + "' points to nothing");
    }
}

void read_events(Reader& reader, xml::Element element, Node& node) {
    EventReader(reader, element, node).read();
    const bool instantiates = element.attribute_or("instantiate", "false") == "true";
    if (node.kind == NodeKind::receive_task) {
        node.event = EventKind::message;
        node.details.event.kind = EventKind::message;
        node.instantiates = instantiates;
        read_message_reference(reader, element, node.details.event);
    }
    if (node.kind == NodeKind::event_based_gateway) {
        node.instantiates = instantiates;
        node.parallel_events = element.attribute_or("eventGatewayType", "Exclusive") == "Parallel";
    }
}

}  // namespace schwarm::bpmn
