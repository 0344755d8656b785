// The two pools of the simulated collaboration "anfrage", version 1. Two requests and an addition
// go one way, two answers the other; both sides hold a number that only they may see. The
// documents of the request go there twice and come back with the first answer.
#pragma once

namespace schwarm::sim {

inline constexpr const char* kRequester = R"(<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="t">
<collaboration id="c"><extensionElements><zeebe:properties>
  <zeebe:property name="contract" value="anfrage"/><zeebe:property name="version" value="1"/>
 </zeebe:properties></extensionElements>
 <participant id="amt" processRef="anfragen"/>
 <participant id="stelle"><extensionElements><zeebe:properties>
  <zeebe:property name="role" value="stelle"/><zeebe:property name="jurisdiction" value="=bezirk"/>
 </zeebe:properties></extensionElements></participant>
 <messageFlow id="x1" sourceRef="fragen" targetRef="stelle"/>
 <messageFlow id="x2" sourceRef="nachreichen" targetRef="stelle"/>
 <messageFlow id="x3" sourceRef="stelle" targetRef="bescheid"/>
 <messageFlow id="x4" sourceRef="stelle" targetRef="abschluss"/>
</collaboration>
<message id="m1" name="anfrage"/><message id="m2" name="nachtrag"/>
<message id="m3" name="bescheid"/><message id="m4" name="abschluss"/>
<process id="anfragen" isExecutable="true">
 <startEvent id="s"/>
 <intermediateThrowEvent id="fragen">
  <messageEventDefinition messageRef="m1"/></intermediateThrowEvent>
 <intermediateThrowEvent id="nachreichen">
  <messageEventDefinition messageRef="m2"/></intermediateThrowEvent>
 <intermediateCatchEvent id="bescheid">
  <messageEventDefinition messageRef="m3"/></intermediateCatchEvent>
 <intermediateCatchEvent id="abschluss">
  <messageEventDefinition messageRef="m4"/></intermediateCatchEvent>
 <endEvent id="e"/>
 <sequenceFlow id="f1" sourceRef="s" targetRef="fragen"/>
 <sequenceFlow id="f2" sourceRef="fragen" targetRef="nachreichen"/>
 <sequenceFlow id="f3" sourceRef="nachreichen" targetRef="bescheid"/>
 <sequenceFlow id="f4" sourceRef="bescheid" targetRef="abschluss"/>
 <sequenceFlow id="f5" sourceRef="abschluss" targetRef="e"/>
</process></definitions>)";

inline constexpr const char* kProvider = R"(<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="t">
<collaboration id="c"><extensionElements><zeebe:properties>
  <zeebe:property name="contract" value="anfrage"/><zeebe:property name="version" value="1"/>
 </zeebe:properties></extensionElements>
 <participant id="stelle" processRef="antworten"/>
 <participant id="amt"><extensionElements><zeebe:properties>
  <zeebe:property name="role" value="amt"/></zeebe:properties></extensionElements></participant>
 <messageFlow id="x1" sourceRef="amt" targetRef="anfrage"/>
 <messageFlow id="x2" sourceRef="amt" targetRef="nachtrag"/>
 <messageFlow id="x3" sourceRef="bescheiden" targetRef="amt"/>
 <messageFlow id="x4" sourceRef="abschliessen" targetRef="amt"/>
</collaboration>
<message id="m1" name="anfrage"/><message id="m2" name="nachtrag"/>
<message id="m3" name="bescheid"/><message id="m4" name="abschluss"/>
<process id="antworten" isExecutable="true">
 <startEvent id="anfrage"><messageEventDefinition messageRef="m1"/></startEvent>
 <intermediateCatchEvent id="nachtrag">
  <messageEventDefinition messageRef="m2"/></intermediateCatchEvent>
 <intermediateCatchEvent id="bedenken"><timerEventDefinition>
  <timeDuration>PT20S</timeDuration></timerEventDefinition></intermediateCatchEvent>
 <intermediateThrowEvent id="bescheiden"><extensionElements><zeebe:ioMapping>
   <zeebe:input source="=nummer * 2" target="doppelt"/>
   <zeebe:input source="=dokumente" target="dokumente"/></zeebe:ioMapping></extensionElements>
  <messageEventDefinition messageRef="m3"/></intermediateThrowEvent>
 <endEvent id="abschliessen"><extensionElements><zeebe:ioMapping>
   <zeebe:input source="=nummer * 3" target="dreifach"/></zeebe:ioMapping></extensionElements>
  <messageEventDefinition messageRef="m4"/></endEvent>
 <sequenceFlow id="g1" sourceRef="anfrage" targetRef="nachtrag"/>
 <sequenceFlow id="g2" sourceRef="nachtrag" targetRef="bedenken"/>
 <sequenceFlow id="g3" sourceRef="bedenken" targetRef="bescheiden"/>
 <sequenceFlow id="g4" sourceRef="bescheiden" targetRef="abschliessen"/>
</process></definitions>)";

}  // namespace schwarm::sim
