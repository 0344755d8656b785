// How a model is drawn: the diagram interchange of its file (BPMN 2.0.2 clause 12), as plain
// geometry. Only what can be drawn is there: elements that the file has, with finite numbers.
//
// diagram_of() is pure and thread-safe. Coordinates are those of the file (y downwards, 1 = one
// pixel of a modeller); limits: kDiagramElements shapes and edges, kDiagramPoints of an edge.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "schwarm/bpmn/model.hpp"

namespace schwarm::bpmn {

inline constexpr std::size_t kDiagramElements = 5'000;
inline constexpr std::size_t kDiagramPoints = 64;

struct Point {
    double x = 0;
    double y = 0;
};
struct Bounds {
    double x = 0;
    double y = 0;
    double width = 0;
    double height = 0;
};

enum class ShapeKind : std::uint8_t { pool, lane, node, data, annotation, group };
struct Shape {
    ShapeKind kind = ShapeKind::node;
    std::string element;  // its id in the model
    std::string name;     // text of an annotation
    Bounds bounds;
    std::optional<Bounds> label;  // where the file says
    bool horizontal = true;       // pools and lanes
    bool expanded = true;         // subprocesses
    bool black_box = false;       // a pool without process
    // Of nodes:
    NodeKind node = NodeKind::task;
    EventKind event = EventKind::none;
    bool interrupting = true;
};

enum class EdgeKind : std::uint8_t { sequence, message, association };
struct Edge {
    EdgeKind kind = EdgeKind::sequence;
    std::string element;
    std::string name;
    std::string source;
    std::string target;
    std::vector<Point> points;  // two at least
};

// In the order of the file, which is that of drawing: what is inside comes later.
struct Diagram {
    Bounds bounds;  // around everything
    std::vector<Shape> shapes;
    std::vector<Edge> edges;
    bool cut = false;  // there was more than the limits allow

    bool empty() const { return shapes.empty(); }
};

// The first diagram of the file; empty if it has none.
Diagram diagram_of(const Model& model);

}  // namespace schwarm::bpmn
