#include "picture_symbols.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace schwarm::portal {
namespace {

using bpmn::Bounds;
using bpmn::EventKind;
using bpmn::NodeKind;
using bpmn::Point;

std::string circle(Point middle, double radius, std::string_view style) {
    return "<circle class=\"" + std::string(style) + "\" cx=\"" + decimal(middle.x) + "\" cy=\"" +
           decimal(middle.y) + "\" r=\"" + decimal(radius) + "\"/>";
}

// A path in units around (0, 0), moved to a middle.
std::string sign(Point middle, std::string_view path, bool filled) {
    return "<path class=\"s-bpmn__sign" + std::string(filled ? " s-bpmn__sign--filled" : "") +
           "\" transform=\"translate(" + decimal(middle.x) + ' ' + decimal(middle.y) + ")\" d=\"" +
           std::string(path) + "\"/>";
}

constexpr std::string_view kEnvelope = "M-8 -5h16v10h-16zM-8 -5l8 6l8 -6";

std::string_view path_of(EventKind kind) {
    switch (kind) {
        case EventKind::message:
            return kEnvelope;
        case EventKind::timer:
            return "M-9 0a9 9 0 1 0 18 0a9 9 0 1 0 -18 0M0 -6v6l4 3";
        case EventKind::error:
            return "M-8 7l4 -12l6 7l6 -10l-4 13l-6 -8z";
        case EventKind::terminate:
            return "M-9 0a9 9 0 1 0 18 0a9 9 0 1 0 -18 0z";
        case EventKind::signal:
            return "M0 -8l8 13h-16z";
        case EventKind::escalation:
            return "M0 -8l6 15l-6 -6l-6 6z";
        case EventKind::conditional:
            return "M-6 -8h12v16h-12zM-4 -4h8M-4 0h8M-4 4h8";
        case EventKind::compensation:
            return "M-8 0l8 -6v12zM0 0l8 -6v12z";
        case EventKind::link:
            return "M-8 -3h8v-4l8 7l-8 7v-4h-8z";
        case EventKind::cancel:
            return "M-7 -7l14 14M7 -7l-14 14";
        case EventKind::multiple:
            return "M0 -9l9 6l-4 10h-10l-4 -10z";
        case EventKind::none:
            break;
    }
    return {};
}

}  // namespace

std::string decimal(double number) {
    std::array<char, 32> buffer{};
    const double rounded = std::round(number * 100) / 100;
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(),
                                   rounded == 0 ? 0.0 : rounded, std::chars_format::fixed);
    return {buffer.data(), end.ptr};
}

std::string event_symbol(const bpmn::Shape& shape) {
    const Bounds& b = shape.bounds;
    const Point middle{b.x + b.width / 2, b.y + b.height / 2};
    const double radius = std::min(b.width, b.height) / 2;
    const bool end = shape.node == NodeKind::end_event;
    const bool start = shape.node == NodeKind::start_event;
    const bool throws = end || shape.node == NodeKind::intermediate_throw_event;
    const std::string dashed = shape.interrupting ? "" : " s-bpmn__shape--dashed";
    std::string out = circle(
        middle, radius, (end ? "s-bpmn__shape s-bpmn__shape--bold" : "s-bpmn__shape") + dashed);
    if (!start && !end && radius > 6) out += circle(middle, radius - 4, "s-bpmn__line" + dashed);
    const auto path = path_of(shape.event);
    if (!path.empty()) out += sign(middle, path, throws);
    return out;
}

std::string gateway_symbol(const bpmn::Shape& shape) {
    const Bounds& b = shape.bounds;
    const Point middle{b.x + b.width / 2, b.y + b.height / 2};
    std::string out = "<polygon class=\"s-bpmn__shape\" points=\"" + decimal(middle.x) + ',' +
                      decimal(b.y) + ' ' + decimal(b.x + b.width) + ',' + decimal(middle.y) + ' ' +
                      decimal(middle.x) + ',' + decimal(b.y + b.height) + ' ' + decimal(b.x) + ',' +
                      decimal(middle.y) + "\"/>";
    switch (shape.node) {
        case NodeKind::parallel_gateway:
            return out + sign(middle, "M-10 0h20M0 -10v20", false);
        case NodeKind::inclusive_gateway:
            return out + circle(middle, 10, "s-bpmn__sign");
        case NodeKind::event_based_gateway:
            return out + circle(middle, 12, "s-bpmn__sign") +
                   sign(middle, "M0 -7l7 5l-3 8h-8l-3 -8z", false);
        case NodeKind::complex_gateway:
            return out + sign(middle, "M-9 0h18M0 -9v18M-6 -6l12 12M6 -6l-12 12", false);
        default:
            return out + sign(middle, "M-7 -7l14 14M7 -7l-14 14", false);
    }
}

std::string task_symbol(const bpmn::Shape& shape) {
    const Point at{shape.bounds.x + 14, shape.bounds.y + 12};
    switch (shape.node) {
        case NodeKind::user_task:
            return sign(at, "M-3 -4a3 3 0 1 0 6 0a3 3 0 1 0 -6 0M-6 6c0 -8 12 -8 12 0z", false);
        case NodeKind::manual_task:
            return sign(at, "M-7 -3h9M-7 -3v7h10M2 -3l-4 3M3 4h3M3 1h4", false);
        case NodeKind::service_task:
            return sign(at,
                        "M-2 0a2 2 0 1 0 4 0a2 2 0 1 0 -4 0M-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 "
                        "0M0 -7v2M0 5v2M-7 0h2M5 0h2",
                        false);
        case NodeKind::business_rule_task:
            return sign(at, "M-7 -5h14v10h-14zM-7 -2h14M-2 -5v10", false);
        case NodeKind::script_task:
            return sign(at, "M-5 -6h10v12h-10zM-3 -3h6M-3 0h6M-3 3h6", false);
        case NodeKind::send_task:
            return sign(at, kEnvelope, true);
        case NodeKind::receive_task:
            return sign(at, kEnvelope, false);
        case NodeKind::sub_process:
        case NodeKind::transaction:
        case NodeKind::event_sub_process:
        case NodeKind::ad_hoc_sub_process:
        case NodeKind::call_activity:
            return sign(
                {shape.bounds.x + shape.bounds.width / 2, shape.bounds.y + shape.bounds.height - 9},
                "M-6 -6h12v12h-12zM0 -4v8M-4 0h8", false);
        default:
            return {};
    }
}

std::string badge_symbol(Point at, std::string_view mark) {
    const std::string_view path = mark == "passed"   ? "M-4 0l3 3l5 -6"
                                  : mark == "active" ? "M-2.5 -4l6 4l-6 4z"
                                  : mark == "ended"  ? "M-3 -3l6 6M3 -3l-6 6"
                                                     : "M0 -5v6M0 3v2";
    return circle(at, 8, "s-bpmn__badge s-bpmn__badge--" + std::string(mark)) +
           "<path class=\"s-bpmn__badge-sign\" transform=\"translate(" + decimal(at.x) + ' ' +
           decimal(at.y) + ")\" d=\"" + std::string(path) + "\"/>";
}

std::string arrow_head(Point from, Point to, bool open, std::string_view mark) {
    constexpr double kLength = 9;
    constexpr double kHalf = 4.5;
    const double distance = std::hypot(to.x - from.x, to.y - from.y);
    if (distance < 1) return {};
    const Point way{(to.x - from.x) / distance, (to.y - from.y) / distance};
    const Point foot{to.x - way.x * kLength, to.y - way.y * kLength};
    std::string style = open ? "s-bpmn__open" : "s-bpmn__head";
    if (!mark.empty()) style += " s-bpmn__head--" + std::string(mark);
    return "<polygon class=\"" + style + "\" points=\"" + decimal(to.x) + ',' + decimal(to.y) +
           ' ' + decimal(foot.x - way.y * kHalf) + ',' + decimal(foot.y + way.x * kHalf) + ' ' +
           decimal(foot.x + way.y * kHalf) + ',' + decimal(foot.y - way.x * kHalf) + "\"/>";
}

}  // namespace schwarm::portal
