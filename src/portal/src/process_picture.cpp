#include "process_picture.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <set>

#include "picture_symbols.hpp"
#include "schwarm/base/utf8.hpp"
#include "schwarm/html/escape.hpp"

namespace schwarm::portal {
namespace {

using app::MessageState;
using app::StepState;
using bpmn::Bounds;
using bpmn::NodeKind;
using bpmn::Point;
using bpmn::ShapeKind;

constexpr double kMargin = 20;
constexpr double kHeaderWidth = 30;  // of the strip of a pool that holds its name
constexpr double kLabelWidth = 110;
constexpr double kBadgeAway = 26;  // of a message's mark from the other side's pool

// Advance of a character of Fira Sans at the size of the text, roughly.
double width_of(char32_t c) {
    if (std::u32string_view(U"iljtfrI.,:;'|()[] ").find(c) != std::u32string_view::npos) return 3.4;
    if (std::u32string_view(U"mwMW_@").find(c) != std::u32string_view::npos) return 9;
    return c < 0x80 && c >= 'A' && c <= 'Z' ? 7 : 6;
}

// As many bytes as fit, whole characters and at least one; up to a hyphen if there is one, and so
// that no scrap of a word is left.
std::size_t fitting(std::string_view word, double width) {
    constexpr std::size_t kScrap = 4;
    std::vector<std::size_t> ends;  // of the characters that fit
    double used = 0;
    for (std::size_t at = 0; at < word.size();) {
        used += width_of(utf8::next(word, at));
        if (used > width && !ends.empty()) break;
        ends.push_back(at);
    }
    const std::size_t mark = word.substr(0, ends.back()).find_last_of("-_/");
    if (mark != std::string_view::npos && mark > 0) return mark + 1;
    const std::size_t left = utf8::length(word.substr(ends.back()));
    if (left > 0 && left < kScrap && ends.size() > 2 * kScrap) {
        return ends[ends.size() - 1 - (kScrap - left)];
    }
    return ends.back();
}

double width_of(std::string_view text) {
    double used = 0;
    for (std::size_t at = 0; at < text.size();) used += width_of(utf8::next(text, at));
    return used;
}

std::string_view mark_of(StepState state) {
    return app::name_of(state);
}

// How a message is doing, as one of the marks of steps; empty: nothing has happened yet.
std::string_view mark_of(MessageState state) {
    switch (state) {
        case MessageState::not_sent:
        case MessageState::not_received:
            return {};
        case MessageState::sent:
        case MessageState::processed:
        case MessageState::received:
            return "passed";
        case MessageState::waiting:
        case MessageState::delivered:
        case MessageState::expected:
        case MessageState::arrived:
            return "active";
        case MessageState::expired:
        case MessageState::refused:
        case MessageState::rejected:
            return "incident";
    }
    return {};
}

class Picture {
  public:
    Picture(const app::CaseProgress& progress, Lang lang, const Site& site)
        : progress_(progress), lang_(lang), site_(site) {
        for (std::size_t i = 0; i < progress.steps.size(); ++i) {
            steps_.emplace(progress.steps[i].element, i);
        }
        taken_.insert(progress.taken.begin(), progress.taken.end());
    }

    std::string draw(int percent) {
        const Bounds& all = progress_.diagram.bounds;
        const double width = all.width + 2 * kMargin;
        const double height = all.height + 2 * kMargin;
        out_ =
            "<svg class=\"s-bpmn\" role=\"img\" aria-labelledby=\"bild-titel bild-text\" "
            "viewBox=\"" +
            decimal(all.x - kMargin) + ' ' + decimal(all.y - kMargin) + ' ' + decimal(width) + ' ' +
            decimal(height) + "\" ";
        if (percent > 0) {
            out_ += "width=\"" + decimal(width * percent / 100) + "\" height=\"" +
                    decimal(height * percent / 100) + "\">";
        } else {
            out_ += "width=\"100%\">";
        }
        element("title", text("progress.picture_title") + ": " + progress_.title, "bild-titel");
        element("desc", text("progress.picture_text"), "bild-text");
        out_ += "<g lang=\"de\">";
        // Flows lie over pools, lanes and opened subprocesses and below everything else.
        for (const auto& shape : progress_.diagram.shapes) {
            if (is_ground(shape)) draw_shape(shape);
        }
        for (const auto& edge : progress_.diagram.edges) draw_edge(edge);
        for (const auto& shape : progress_.diagram.shapes) {
            if (!is_ground(shape)) draw_shape(shape);
        }
        for (const auto& edge : progress_.diagram.edges) keep_free(edge);
        for (const auto& edge : progress_.diagram.edges) label_edge(edge);
        out_ += "</g></svg>";
        return std::move(out_);
    }

  private:
    std::string text(std::string_view key) const { return site_.text(lang_, key); }

    void element(std::string_view name, std::string_view content, std::string_view id = {}) {
        out_ += '<';
        out_ += name;
        if (!id.empty()) out_ += " id=\"" + std::string(id) + '"';
        out_ += '>' + html::escape(content) + "</";
        out_ += name;
        out_ += '>';
    }

    static bool is_scope(const bpmn::Shape& shape) {
        return shape.kind == ShapeKind::node &&
               (shape.node == NodeKind::sub_process || shape.node == NodeKind::transaction ||
                shape.node == NodeKind::event_sub_process ||
                shape.node == NodeKind::ad_hoc_sub_process);
    }
    static bool is_ground(const bpmn::Shape& shape) {
        return shape.kind == ShapeKind::pool || shape.kind == ShapeKind::lane ||
               shape.kind == ShapeKind::group || (is_scope(shape) && shape.expanded);
    }

    void draw_shape(const bpmn::Shape& shape) {
        const auto found = steps_.find(shape.element);
        const app::StepProgress* step =
            found == steps_.end() ? nullptr : &progress_.steps[found->second];
        const std::string mark = step == nullptr ? "" : std::string(mark_of(step->state));
        out_ += "<g";
        if (step != nullptr) out_ += " id=\"schritt-" + std::to_string(found->second + 1) + '"';
        out_ += mark.empty() ? std::string(" class=\"s-bpmn__item\">")
                             : " class=\"s-bpmn__item s-bpmn__item--" + mark + "\">";
        if (step != nullptr) {
            element("title", (shape.name.empty() ? shape.element : shape.name) + ": " +
                                 text("progress.step." + mark));
        }
        switch (shape.kind) {
            case ShapeKind::pool:
            case ShapeKind::lane:
                strip(shape);
                break;
            case ShapeKind::group:
                rectangle(shape.bounds, 10, "s-bpmn__group");
                break;
            case ShapeKind::annotation:
                annotation(shape);
                break;
            case ShapeKind::data:
                rectangle(shape.bounds, 0, "s-bpmn__shape");
                outer_label(shape);
                break;
            case ShapeKind::node:
                node(shape);
                break;
        }
        if (!mark.empty()) {
            const Bounds& b = shape.bounds;
            // Of gateways the corner of the box is far from the figure.
            const bool corner = shape.bounds.width > 60;
            badge({b.x + b.width - (corner ? 2 : 4), b.y + (corner ? 2 : 4)}, mark);
        }
        out_ += "</g>";
    }

    void rectangle(const Bounds& b, double radius, std::string_view style) {
        out_ += "<rect class=\"" + std::string(style) + "\" x=\"" + decimal(b.x) + "\" y=\"" +
                decimal(b.y) + "\" width=\"" + decimal(b.width) + "\" height=\"" +
                decimal(b.height) + "\" rx=\"" + decimal(radius) + "\"/>";
    }

    // Lines around a middle.
    void lines(const std::vector<std::string>& all, Point middle, std::string_view style,
               bool turned = false) {
        if (all.empty()) return;
        out_ += "<text class=\"" + std::string(style) + '"';
        if (turned) {
            out_ +=
                " transform=\"rotate(-90 " + decimal(middle.x) + ' ' + decimal(middle.y) + ")\"";
        }
        out_ += '>';
        double y = middle.y - static_cast<double>(all.size() - 1) * kLineHeight / 2 + kBaseline;
        for (const std::string& line : all) {
            out_ += "<tspan x=\"" + decimal(middle.x) + "\" y=\"" + decimal(y) + "\">" +
                    html::escape(line) + "</tspan>";
            y += kLineHeight;
        }
        out_ += "</text>";
    }

    void strip(const bpmn::Shape& shape) {
        const Bounds& b = shape.bounds;
        rectangle(b, 0, shape.black_box ? "s-bpmn__pool s-bpmn__pool--other" : "s-bpmn__pool");
        if (shape.black_box) {
            // As wide as the process of the own pool: the name again and again, so that it is
            // seen wherever one is.
            constexpr double kEvery = 1000;
            const auto count = std::max(1.0, std::min(50.0, std::floor(b.width / kEvery)));
            for (double i = 0; i < count; ++i) {
                const double part = b.width / count;
                lines(wrap_label(shape.name, part - 40, 2),
                      {b.x + part * (i + 0.5), b.y + b.height / 2}, "s-bpmn__text");
            }
            return;
        }
        if (shape.horizontal) {
            rectangle({b.x, b.y, std::min(kHeaderWidth, b.width), b.height}, 0, "s-bpmn__pool");
            lines(wrap_label(shape.name, b.height - 10, 2),
                  {b.x + kHeaderWidth / 2, b.y + b.height / 2}, "s-bpmn__text", true);
        } else {
            rectangle({b.x, b.y, b.width, std::min(kHeaderWidth, b.height)}, 0, "s-bpmn__pool");
            lines(wrap_label(shape.name, b.width - 10, 2),
                  {b.x + b.width / 2, b.y + kHeaderWidth / 2}, "s-bpmn__text");
        }
    }

    void annotation(const bpmn::Shape& shape) {
        const Bounds& b = shape.bounds;
        line({{b.x + 12, b.y}, {b.x, b.y}, {b.x, b.y + b.height}, {b.x + 12, b.y + b.height}},
             "s-bpmn__line");
        const auto fit = static_cast<std::size_t>(std::max(1.0, b.height / kLineHeight));
        lines(wrap_label(shape.name, b.width - 10, fit), {b.x + b.width / 2, b.y + b.height / 2},
              "s-bpmn__text");
    }

    void line(const std::vector<Point>& points, std::string_view style) {
        out_ += "<polyline class=\"" + std::string(style) + "\" points=\"";
        for (const Point& point : points) out_ += decimal(point.x) + ',' + decimal(point.y) + ' ';
        out_.back() = '"';
        out_ += "/>";
    }

    void node(const bpmn::Shape& shape) {
        const Bounds& b = shape.bounds;
        switch (shape.node) {
            case NodeKind::start_event:
            case NodeKind::end_event:
            case NodeKind::intermediate_catch_event:
            case NodeKind::intermediate_throw_event:
            case NodeKind::boundary_event:
                out_ += event_symbol(shape);
                outer_label(shape);
                return;
            case NodeKind::exclusive_gateway:
            case NodeKind::parallel_gateway:
            case NodeKind::inclusive_gateway:
            case NodeKind::event_based_gateway:
            case NodeKind::complex_gateway:
                out_ += gateway_symbol(shape);
                outer_label(shape);
                return;
            default:
                break;
        }
        const bool bold = shape.node == NodeKind::call_activity;
        const bool dotted = shape.node == NodeKind::event_sub_process;
        rectangle(b, 8,
                  bold     ? "s-bpmn__shape s-bpmn__shape--bold"
                  : dotted ? "s-bpmn__shape s-bpmn__shape--dotted"
                           : "s-bpmn__shape");
        if (shape.node == NodeKind::transaction) {
            rectangle({b.x + 3, b.y + 3, b.width - 6, b.height - 6}, 6, "s-bpmn__line");
        }
        if (is_scope(shape) && shape.expanded) {
            lines(wrap_label(shape.name, b.width - 20, 1), {b.x + b.width / 2, b.y + 14},
                  "s-bpmn__text");
            return;
        }
        out_ += task_symbol(shape);
        const auto fit = static_cast<std::size_t>(std::max(1.0, (b.height - 22) / kLineHeight));
        lines(wrap_label(shape.name, b.width - 10, fit),
              {b.x + b.width / 2, b.y + b.height / 2 + 4}, "s-bpmn__text");
    }

    void outer_label(const bpmn::Shape& shape) {
        if (shape.name.empty()) return;
        const Bounds& b = shape.bounds;
        const auto all = wrap_label(
            shape.name, shape.label ? std::max(shape.label->width, 80.0) : kLabelWidth, 4);
        const double half = static_cast<double>(all.size()) * kLineHeight / 2;
        Point middle{b.x + b.width / 2, b.y + b.height + 4 + half};
        if (shape.label) {
            middle = {shape.label->x + shape.label->width / 2,
                      shape.label->y + shape.label->height / 2};
        }
        labels_.push_back(around(all, middle));
        lines(all, middle, "s-bpmn__text s-bpmn__text--outer");
    }

    void badge(Point at, std::string_view mark) { out_ += badge_symbol(at, mark); }

    void draw_edge(const bpmn::Edge& edge) {
        std::string style = "s-bpmn__line";
        if (edge.kind == bpmn::EdgeKind::association) {
            line(edge.points, style + " s-bpmn__line--dotted");
            return;
        }
        const bool message = edge.kind == bpmn::EdgeKind::message;
        std::string mark;
        if (message) {
            style += " s-bpmn__line--message";
            if (const auto* one = main_message(progress_.messages, edge.element)) {
                mark = mark_of(one->state);
            }
        } else if (taken_.contains(edge.element)) {
            mark = "passed";
        }
        if (!mark.empty()) style += " s-bpmn__line--" + mark;
        line(edge.points, style);
        out_ += arrow_head(edge.points[edge.points.size() - 2], edge.points.back(), message, mark);
        if (message) {
            const Point& from = edge.points.front();
            out_ += "<circle class=\"s-bpmn__open\" cx=\"" + decimal(from.x) + "\" cy=\"" +
                    decimal(from.y) + "\" r=\"4\"/>";
        }
    }

    void label_edge(const bpmn::Edge& edge) {
        if (edge.kind == bpmn::EdgeKind::message) label_message(edge);
        if (edge.kind != bpmn::EdgeKind::sequence || edge.name.empty()) return;
        const auto all = wrap_label(edge.name, kLabelWidth, 2);
        // At the beginning, where it is decided which way is taken; where several ways begin
        // together, behind the last corner.
        Point middle;
        for (const std::size_t part : {std::size_t{0}, edge.points.size() - 2}) {
            const Point& a = edge.points[part];
            const Point& b = edge.points[part + 1];
            const bool level = std::abs(b.y - a.y) < std::abs(b.x - a.x);
            const double step = std::min(40.0, std::hypot(b.x - a.x, b.y - a.y) / 2);
            middle = level ? Point{a.x + (b.x < a.x ? -step : step), a.y - 4 - half(all)}
                           : Point{a.x, a.y + (b.y < a.y ? -step : step)};
            if (is_free(around(all, middle))) break;
        }
        labels_.push_back(around(all, middle));
        lines(all, middle, "s-bpmn__text s-bpmn__text--outer");
    }

    static double half(const std::vector<std::string>& all) {
        return static_cast<double>(all.size()) * kLineHeight / 2;
    }
    static double width(const std::vector<std::string>& all) {
        double out = 0;
        for (const std::string& line : all) out = std::max(out, width_of(std::string_view(line)));
        return out;
    }
    static Bounds around(const std::vector<std::string>& all, Point middle) {
        return {middle.x - width(all) / 2, middle.y - half(all), width(all), 2 * half(all)};
    }
    bool is_free(const Bounds& b) const {
        return std::none_of(labels_.begin(), labels_.end(), [&](const Bounds& other) {
            return b.x < other.x + other.width && other.x < b.x + b.width &&
                   b.y < other.y + other.height && other.y < b.y + b.height;
        });
    }

    // Where a flow meets the other side's pool, and in which direction (1 down, -1 up) it leaves
    // it.
    static std::pair<Point, double> pool_end(const bpmn::Edge& edge, bool outgoing) {
        const Point end = outgoing ? edge.points.back() : edge.points.front();
        const Point next = outgoing ? edge.points[edge.points.size() - 2] : edge.points[1];
        return {end, next.y > end.y ? 1 : -1};
    }
    // For the marks of messages.
    void keep_free(const bpmn::Edge& edge) {
        if (edge.kind != bpmn::EdgeKind::message) return;
        const auto* message = main_message(progress_.messages, edge.element);
        if (message == nullptr || mark_of(message->state).empty()) return;
        const auto [end, away] = pool_end(edge, message->outgoing);
        labels_.push_back({end.x - 9, end.y + away * kBadgeAway - 9, 18, 18});
    }

    // Beside the other side's pool, where flows do not cross what is in the own one.
    void label_message(const bpmn::Edge& edge) {
        const auto* message = main_message(progress_.messages, edge.element);
        if (message == nullptr) return;
        const auto [end, away] = pool_end(edge, message->outgoing);
        const std::string state = message_state(message->state, lang_, site_);
        std::vector<std::string> all = wrap_label(message->name, 190, 1);
        all.push_back(state);
        const auto at = message->settled ? message->settled : message->at;
        if (at) all.push_back(show_time(*at, lang_));
        const Bounds place = free_place(all, end, away);
        labels_.push_back(place);
        out_ += "<g class=\"s-bpmn__item\">";
        element("title", message->name + ": " + state);
        if (const auto mark = mark_of(message->state); !mark.empty()) {
            badge({end.x, end.y + away * kBadgeAway}, mark);
        }
        out_ += "<text class=\"s-bpmn__text s-bpmn__text--message\">";
        double y = place.y + kLineHeight / 2 + kBaseline;
        for (const std::string& line : all) {
            out_ += "<tspan x=\"" + decimal(place.x) + "\" y=\"" + decimal(y) + "\">" +
                    html::escape(line) + "</tspan>";
            y += kLineHeight;
        }
        out_ += "</text></g>";
    }

    // To the right of the end of a flow or to its left, else further away from the pool.
    Bounds free_place(const std::vector<std::string>& all, Point end, double away) const {
        constexpr int kStepsMax = 6;
        const double height = 2 * half(all);
        Bounds first;
        for (int step = 0; step < kStepsMax; ++step) {
            for (const bool right : {true, false}) {
                const double middle = end.y + away * (kBadgeAway + step * (height + 2));
                const Bounds place{right ? end.x + 12 : end.x - 12 - width(all),
                                   middle - height / 2, width(all), height};
                if (step == 0 && right) first = place;
                if (is_free(place)) return place;
            }
        }
        return first;
    }

    const app::CaseProgress& progress_;
    const Lang lang_;
    const Site& site_;
    std::map<std::string, std::size_t, std::less<>> steps_;
    std::set<std::string, std::less<>> taken_;
    std::vector<Bounds> labels_;  // where there is text or a mark already
    std::string out_;
};

int urgency(MessageState state) {
    const auto mark = mark_of(state);
    return mark == "incident" ? 2 : mark == "active" ? 1 : 0;
}

}  // namespace

std::vector<std::string> wrap_label(std::string_view text, double width, std::size_t lines_max) {
    constexpr std::size_t kCharactersMax = 400;
    std::vector<std::string> out;
    text = text.substr(0, utf8::offset_of(text, kCharactersMax));
    std::string current;
    const auto push = [&](std::string line) {
        if (out.size() < lines_max) {
            out.push_back(std::move(line));
            return true;
        }
        // Something is left over: the last line says so.
        if (!out.empty() && !out.back().ends_with("…")) out.back() += "…";
        return false;
    };
    while (!text.empty()) {
        const std::size_t space = std::min(text.find_first_of(" \n\t\r"), text.size());
        std::string_view word = text.substr(0, space);
        text.remove_prefix(std::min(space + 1, text.size()));
        if (word.empty()) continue;
        const std::string joined =
            current.empty() ? std::string(word) : current + ' ' + std::string(word);
        if (width_of(std::string_view(joined)) <= width) {
            current = joined;
            continue;
        }
        if (!current.empty() && !push(std::move(current))) return out;
        current.clear();
        while (width_of(word) > width) {
            const std::size_t part = fitting(word, width - 5);
            if (part >= word.size()) break;
            const bool at_mark =
                std::string_view("-_/").find(word[part - 1]) != std::string_view::npos;
            if (!push(std::string(word.substr(0, part)) + (at_mark ? "" : "-"))) return out;
            word.remove_prefix(part);
        }
        current = word;
    }
    if (!current.empty()) push(std::move(current));
    return out;
}

std::string message_state(MessageState state, Lang lang, const Site& site) {
    return site.text(lang, "progress.message." + std::string(app::name_of(state)));
}

const app::MessageProgress* main_message(const std::vector<app::MessageProgress>& messages,
                                         std::string_view flow) {
    const app::MessageProgress* best = nullptr;
    for (const auto& one : messages) {
        if (one.flow != flow) continue;
        if (best == nullptr || urgency(one.state) >= urgency(best->state)) best = &one;
    }
    return best;
}

std::string process_picture(const app::CaseProgress& progress, int percent, Lang lang,
                            const Site& site) {
    if (progress.diagram.empty()) return {};
    return Picture(progress, lang, site).draw(percent);
}

}  // namespace schwarm::portal
