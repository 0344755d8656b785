#include "schwarm/bpmn/diagram.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace schwarm::bpmn {
namespace {

std::string model(const std::string& drawn) {
    return R"(<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI"
 xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
 xmlns:p="http://www.omg.org/spec/DD/20100524/DI" id="d">
<collaboration id="c"><participant id="wir" name="Wir" processRef="p"/>
 <participant id="die" name="Die anderen"/>
 <messageFlow id="m" name="frage" sourceRef="e" targetRef="die"/></collaboration>
<process id="p" isExecutable="true">
 <laneSet><lane id="bahn" name="Bahn"/></laneSet>
 <startEvent id="s" name="Anfang"/><userTask id="t" name="Prüfen"/><endEvent id="e"/>
 <sequenceFlow id="f1" sourceRef="s" targetRef="t"/>
 <sequenceFlow id="f2" sourceRef="t" targetRef="e"/>
 <textAnnotation id="a"><text> Ein Wort </text></textAnnotation>
</process>
<di:BPMNDiagram><di:BPMNPlane bpmnElement="c">)" +
           drawn + "</di:BPMNPlane></di:BPMNDiagram></definitions>";
}
std::string shape(const std::string& of, const std::string& bounds, const std::string& more = {}) {
    return "<di:BPMNShape bpmnElement=\"" + of + "\"" + more + "><dc:Bounds " + bounds +
           "/></di:BPMNShape>";
}
std::string edge(const std::string& of, const std::string& points) {
    return "<di:BPMNEdge bpmnElement=\"" + of + "\">" + points + "</di:BPMNEdge>";
}
std::string at(const std::string& x, const std::string& y) {
    return "<p:waypoint x=\"" + x + "\" y=\"" + y + "\"/>";
}
constexpr const char* kBox = R"(x="10" y="20" width="100" height="80")";

Diagram read(const std::string& xml) {
    const Import import = import_model(xml, "bild.bpmn");
    EXPECT_TRUE(import.model);
    return import.model ? diagram_of(*import.model) : Diagram();
}

TEST(Diagram, WhatIsDrawnIsReadWithItsElements) {
    const Diagram out =
        read(model(shape("wir", R"(x="0" y="0" width="400" height="200")") +
                   shape("die", R"(x="0" y="250.5" width="400" height="60")") +
                   shape("bahn", kBox, " isHorizontal=\"false\"") + shape("t", kBox) +
                   shape("s", R"(x="-40" y="20" width="36" height="36")") + shape("a", kBox) +
                   edge("f1", at("-4", "38") + at("10", "38")) +
                   edge("m", at("200", "100") + at("200", "250.5"))));
    ASSERT_EQ(out.shapes.size(), 6U);
    EXPECT_EQ(out.shapes[0].kind, ShapeKind::pool);
    EXPECT_FALSE(out.shapes[0].black_box);
    EXPECT_TRUE(out.shapes[1].black_box);
    EXPECT_EQ(out.shapes[1].name, "Die anderen");
    EXPECT_EQ(out.shapes[2].kind, ShapeKind::lane);
    EXPECT_FALSE(out.shapes[2].horizontal);
    EXPECT_EQ(out.shapes[3].node, NodeKind::user_task);
    EXPECT_EQ(out.shapes[3].name, "Prüfen");
    EXPECT_EQ(out.shapes[4].node, NodeKind::start_event);
    EXPECT_EQ(out.shapes[5].kind, ShapeKind::annotation);
    EXPECT_EQ(out.shapes[5].name, "Ein Wort");
    ASSERT_EQ(out.edges.size(), 2U);
    EXPECT_EQ(out.edges[0].kind, EdgeKind::sequence);
    EXPECT_EQ(out.edges[1].kind, EdgeKind::message);
    EXPECT_EQ(out.edges[1].target, "die");
    EXPECT_DOUBLE_EQ(out.bounds.x, -40);
    EXPECT_DOUBLE_EQ(out.bounds.width, 440);
    EXPECT_DOUBLE_EQ(out.bounds.height, 310.5);
    EXPECT_FALSE(out.cut);
}

TEST(Diagram, WhatCannotBeDrawnIsLeftOut) {
    for (const char* bounds :
         {"x=\"0\" y=\"0\"", R"(x="nan" y="0" width="1" height="1")",
          R"(x="0" y="0" width="inf" height="9")", R"(x="0" y="0" width="-5" height="9")",
          R"(x="0" y="0" width="0" height="9")", R"(x="1e300" y="0" width="9" height="9")",
          R"(x="0&quot;/&gt;" y="0" width="9" height="9")"}) {
        EXPECT_TRUE(read(model(shape("t", bounds))).empty()) << bounds;
    }
    EXPECT_TRUE(read(model(shape("nichts", kBox))).empty());
    EXPECT_TRUE(read(model(shape("p", kBox) + shape("f1", kBox))).empty());
    const Diagram one =
        read(model(shape("t", kBox) + edge("f1", at("1", "1")) + edge("t", at("1", "1"))));
    EXPECT_TRUE(one.edges.empty());
    EXPECT_TRUE(read(model("")).empty());
}

TEST(Diagram, ThereAreLimits) {
    std::string many;
    for (std::size_t i = 0; i < kDiagramElements + 10; ++i) many += shape("t", kBox);
    const Diagram shapes = read(model(many));
    EXPECT_EQ(shapes.shapes.size(), kDiagramElements);
    EXPECT_TRUE(shapes.cut);
    std::string points;
    for (std::size_t i = 0; i < kDiagramPoints + 10; ++i) points += at("1", "1");
    const Diagram edges = read(model(shape("t", kBox) + edge("f1", points)));
    ASSERT_EQ(edges.edges.size(), 1U);
    EXPECT_EQ(edges.edges[0].points.size(), kDiagramPoints);
    EXPECT_TRUE(edges.cut);
}

// What a package draws is drawn completely.
TEST(Diagram, OfThePackages) {
    for (const std::string package : {"ikfz", "wohnsitz", "wegzug", "wohngeld"}) {
        std::ifstream in(std::string(SCHWARM_SOURCE_DIR) + "/packages/" + package +
                         "/process.bpmn");
        std::stringstream bytes;
        bytes << in.rdbuf();
        const Import import = import_model(bytes.str(), package + ".bpmn");
        ASSERT_TRUE(import.model) << package;
        const Diagram out = diagram_of(*import.model);
        std::size_t nodes = 0;
        for (const Shape& one : out.shapes) nodes += one.kind == ShapeKind::node ? 1 : 0;
        std::size_t flows = 0;
        for (const Edge& one : out.edges) flows += one.kind == EdgeKind::sequence ? 1 : 0;
        for (const auto& process : import.model->processes()) {
            EXPECT_EQ(nodes, process->nodes.size() - 1) << package;
            EXPECT_EQ(flows, process->flows.size()) << package;
        }
    }
}

}  // namespace
}  // namespace schwarm::bpmn
