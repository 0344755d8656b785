#include "schwarm/bpmn/diagram.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <unordered_map>

#include "model_impl.hpp"
#include "reader.hpp"
#include "vocabulary.hpp"

namespace schwarm::bpmn {
namespace {

constexpr std::string_view kDiagramNs = "http://www.omg.org/spec/BPMN/20100524/DI";
constexpr std::string_view kBoundsNs = "http://www.omg.org/spec/DD/20100524/DC";
constexpr std::string_view kPointsNs = "http://www.omg.org/spec/DD/20100524/DI";
constexpr double kCoordinateMax = 1e6;
constexpr double kSizeMin = 1;

std::optional<double> number(xml::Element element, std::string_view name) {
    const std::string_view text = element.attribute_or(name, "");
    double value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || read.ec != std::errc() || read.ptr != text.data() + text.size() ||
        !std::isfinite(value) || std::abs(value) > kCoordinateMax) {
        return std::nullopt;
    }
    return value;
}

std::optional<Bounds> bounds_in(xml::Element element) {
    const xml::Element bounds = element.child(kBoundsNs, "Bounds");
    const auto x = number(bounds, "x");
    const auto y = number(bounds, "y");
    const auto width = number(bounds, "width");
    const auto height = number(bounds, "height");
    if (!x || !y || !width || !height || *width < kSizeMin || *height < kSizeMin) {
        return std::nullopt;
    }
    return Bounds{*x, *y, *width, *height};
}

bool is_data(std::string_view name) {
    return name == "dataObjectReference" || name == "dataObject" || name == "dataInput" ||
           name == "dataOutput" || name == "dataStoreReference";
}

class DiagramReader {
  public:
    explicit DiagramReader(const Model& model, xml::Element root) : model_(model), root_(root) {
        index(root);
    }

    Diagram read() {
        const xml::Element plane =
            root_.child(kDiagramNs, "BPMNDiagram").child(kDiagramNs, "BPMNPlane");
        for (const xml::Element e : plane.children()) {
            if (e.ns() != kDiagramNs || (e.name() != "BPMNShape" && e.name() != "BPMNEdge")) {
                continue;
            }
            if (out_.shapes.size() + out_.edges.size() == kDiagramElements) {
                out_.cut = true;
                break;
            }
            const auto of =
                elements_.find(std::string(without_prefix(e.attribute_or("bpmnElement", ""))));
            if (of == elements_.end()) continue;
            e.name() == "BPMNShape" ? shape(e, of->second) : edge(e, of->second);
        }
        surround();
        return std::move(out_);
    }

  private:
    void index(xml::Element element) {
        for (const xml::Element e : element.children()) {
            if (e.ns() != kBpmnNs || e.name() == "extensionElements") continue;
            if (const auto id = e.attribute("id")) elements_.emplace(std::string(*id), e);
            index(e);
        }
    }

    void shape(xml::Element drawn, xml::Element of) {
        const auto bounds = bounds_in(drawn);
        if (!bounds) return;
        Shape out;
        out.element = std::string(of.attribute_or("id", ""));
        out.name = std::string(of.attribute_or("name", ""));
        out.bounds = *bounds;
        out.label = bounds_in(drawn.child(kDiagramNs, "BPMNLabel"));
        out.horizontal = drawn.attribute_or("isHorizontal", "true") != "false";
        out.expanded = drawn.attribute_or("isExpanded", "true") != "false";
        const std::string_view name = of.name();
        if (name == "participant") {
            out.kind = ShapeKind::pool;
            out.black_box = of.attribute_or("processRef", "").empty();
        } else if (name == "lane") {
            out.kind = ShapeKind::lane;
        } else if (name == "textAnnotation") {
            out.kind = ShapeKind::annotation;
            out.name = of.child(kBpmnNs, "text").trimmed_text();
        } else if (name == "group") {
            out.kind = ShapeKind::group;
        } else if (is_data(name)) {
            out.kind = ShapeKind::data;
        } else if (!node(out)) {
            return;
        }
        out_.shapes.push_back(std::move(out));
    }

    bool node(Shape& out) const {
        for (const auto& process : model_.processes()) {
            const NodeIndex at = process->find(out.element);
            if (at == kNoNode || at == kProcessNode) continue;
            const Node& node = process->node(at);
            out.kind = ShapeKind::node;
            out.node = node.kind;
            out.event = node.event;
            out.interrupting = node.interrupting;
            return true;
        }
        return false;
    }

    void edge(xml::Element drawn, xml::Element of) {
        Edge out;
        if (of.name() == "sequenceFlow") {
            out.kind = EdgeKind::sequence;
        } else if (of.name() == "messageFlow") {
            out.kind = EdgeKind::message;
        } else if (of.name() == "association" || of.name() == "dataInputAssociation" ||
                   of.name() == "dataOutputAssociation") {
            out.kind = EdgeKind::association;
        } else {
            return;
        }
        out.element = std::string(of.attribute_or("id", ""));
        out.name = std::string(of.attribute_or("name", ""));
        out.source = std::string(without_prefix(of.attribute_or("sourceRef", "")));
        out.target = std::string(without_prefix(of.attribute_or("targetRef", "")));
        for (const xml::Element e : drawn.children()) {
            if (!e.is(kPointsNs, "waypoint")) continue;
            const auto x = number(e, "x");
            const auto y = number(e, "y");
            if (!x || !y) continue;
            if (out.points.size() == kDiagramPoints) {
                out_.cut = true;
                break;
            }
            out.points.push_back({*x, *y});
        }
        if (out.points.size() > 1) out_.edges.push_back(std::move(out));
    }

    void surround() {
        if (out_.shapes.empty()) return;
        double left = kCoordinateMax * 2;
        double top = left;
        double right = -left;
        double bottom = -left;
        const auto add = [&](double x, double y) {
            left = std::min(left, x);
            top = std::min(top, y);
            right = std::max(right, x);
            bottom = std::max(bottom, y);
        };
        const auto add_bounds = [&](const Bounds& b) {
            add(b.x, b.y);
            add(b.x + b.width, b.y + b.height);
        };
        for (const Shape& shape : out_.shapes) {
            add_bounds(shape.bounds);
            if (shape.label) add_bounds(*shape.label);
        }
        for (const Edge& edge : out_.edges) {
            for (const Point& point : edge.points) add(point.x, point.y);
        }
        out_.bounds = {left, top, right - left, bottom - top};
    }

    const Model& model_;
    xml::Element root_;
    std::unordered_map<std::string, xml::Element> elements_;
    Diagram out_;
};

}  // namespace

Diagram diagram_of(const Model& model) {
    return DiagramReader(model, model.impl().document.root()).read();
}

}  // namespace schwarm::bpmn
