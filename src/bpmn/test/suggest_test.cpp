#include "schwarm/bpmn/suggest.hpp"

#include <gtest/gtest.h>

#include "schwarm/bpmn/model.hpp"

namespace schwarm::bpmn {
namespace {

struct Case {
    const char* written;
    ForeignLanguage language;
    const char* feel;  // null: there is none
};

TEST(ToFeel, WhatBothLanguagesSayOfVariables) {
    const auto juel = ForeignLanguage::juel;
    const auto xpath = ForeignLanguage::xpath;
    const Case cases[] = {
        {"${approved}", juel, "approved"},
        {"${!approved}", juel, "not(approved)"},
        {"#{clarified == 'yes'}", juel, "clarified = \"yes\""},
        {"${a >= 3 && (b < 2 || not c)}", juel, "a >= 3 and (b < 2 or not(c))"},
        {"${a gt 3 and b ne null}", juel, "a > 3 and b != null"},
        {"${empty name}", juel, "(name = null or name = \"\" or name = [])"},
        {"${order.customer['name'] == \"A\"}", juel, "order.customer.name = \"A\""},
        {"${execution.getVariable('a') == 1}", juel, "a = 1"},
        {"${items.size() > 0}", juel, "count(items) > 0"},
        {"${a ? 'x' : 'y'}", juel, "if a then \"x\" else \"y\""},
        {"${bean.decide(execution)}", juel, nullptr},
        {"Hello ${name}", juel, nullptr},
        {"${a % 2}", juel, nullptr},
        {"${a == }", juel, nullptr},
        {"bpmn:getDataObject('approved')", xpath, "approved"},
        {"not(bpmn:getDataObject('approved'))", xpath, "not(approved)"},
        {"getDataObject('order')/price >= 10 div 2", xpath, "order.price >= 10 / 2"},
        {"/order/price = 1 or $other = true()", xpath, "order.price = 1 or other = true"},
        {"starts-with(name, 'A')", xpath, "starts with(name, \"A\")"},
        {"Service Level == 'Premium'", xpath, "Service_Level = \"Premium\""},
        {"//order", xpath, nullptr},
        {"translate(a, 'b', 'c')", xpath, nullptr},
    };
    for (const auto& one : cases) {
        const auto feel = to_feel(one.written, one.language);
        if (one.feel == nullptr) {
            EXPECT_TRUE(feel.has_error()) << one.written << " -> " << feel.value();
        } else {
            ASSERT_TRUE(feel.has_value()) << one.written << ": " << feel.error().text();
            EXPECT_EQ(feel.value(), one.feel);
        }
    }
}

constexpr const char* kModel = R"(<?xml version="1.0" encoding="UTF-8"?>
<b:definitions xmlns:b="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="t">
 <b:process id="p" isExecutable="true"><!-- kept -->
  <b:startEvent id="s"/>
  <b:serviceTask id="work" camunda:class="org.example.Archive"/>
  <b:userTask id="check" camunda:assignee="${boss}"><b:documentation>why</b:documentation></b:userTask>
  <b:exclusiveGateway id="g" name="Goods in stock?"/>
  <b:endEvent id="e1"/><b:endEvent id="e2"/>
  <b:sequenceFlow id="f1" sourceRef="s" targetRef="work"/>
  <b:sequenceFlow id="f2" sourceRef="work" targetRef="check"/>
  <b:sequenceFlow id="f3" sourceRef="check" targetRef="g"/>
  <b:sequenceFlow id="yes" name="yes" sourceRef="g" targetRef="e1"/>
  <b:sequenceFlow id="no" sourceRef="g" targetRef="e2">
   <b:conditionExpression>${stock &lt; 1}</b:conditionExpression></b:sequenceFlow>
 </b:process>
</b:definitions>
)";

TEST(Suggest, WritesAModelThatDeploys) {
    EXPECT_FALSE(import_model(kModel, "m.bpmn").deployable());
    const auto made = suggest(kModel, "m.bpmn");
    ASSERT_TRUE(made.has_value());
    EXPECT_EQ(made.value().items.size(), 4U);
    const auto& model = made.value().model;
    EXPECT_NE(model.find("<!-- kept -->"), std::string::npos);
    EXPECT_NE(model.find("<b:conditionExpression>=stock &lt; 1</b:conditionExpression>"),
              std::string::npos)
        << model;
    EXPECT_NE(model.find("</b:documentation><b:extensionElements>"), std::string::npos) << model;
    const auto import = import_model(model, "m.bpmn");
    for (const auto& problem : import.problems) EXPECT_EQ(problem.text(), "");
    EXPECT_TRUE(import.deployable());
    const auto again = suggest(model, "m.bpmn");
    ASSERT_TRUE(again.has_value());
    EXPECT_TRUE(again.value().items.empty());
    EXPECT_EQ(again.value().model, model);
}

TEST(Suggest, SaysWhatItCannot) {
    std::string model = kModel;
    model.replace(model.find("${stock &lt; 1}"), 15, "${bean.ask(stock)}");
    const auto made = suggest(model, "m.bpmn");
    ASSERT_TRUE(made.has_value());
    const auto& last = made.value().items.back();
    EXPECT_EQ(last.element_id, "no");
    EXPECT_EQ(last.proposed, "");
    EXPECT_NE(last.text().find("no proposal: there is no FEEL for the call of Java"),
              std::string::npos)
        << last.text();
}

}  // namespace
}  // namespace schwarm::bpmn
