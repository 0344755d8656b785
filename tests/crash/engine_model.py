"""The processes of engine_crash_test.py, and what BPMN says an undisturbed run of them leaves."""
from collections import Counter

ITEMS = [10, 20, 30]     # of the multi-instance task
REMINDERS = 2            # firings of the boundary timer that does not interrupt
RETRIES = 3              # of the task that fails

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="crash">
"""


def _flows(*pairs):
    return "".join(f'<sequenceFlow id="{a}-{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in pairs)


def _service(name, more=""):
    return (f'<serviceTask id="{name}"><extensionElements><zeebe:taskDefinition type="{name.lower()}" '
            f'retries="{RETRIES}"/></extensionElements>{more}</serviceTask>')


def _message(ident, name, key=""):
    inner = ("" if not key else "<extensionElements><zeebe:subscription "
             f'correlationKey="{key}"/></extensionElements>')
    return f'<message id="{ident}" name="{name}">{inner}</message>'


def _after(kind, value):
    return f"<timerEventDefinition><{kind}>{value}</{kind}></timerEventDefinition>"


MAIN = _HEAD + _message("Kept", "kept", "=reference") + _message("Late", "late", "=reference") \
    + _message("Asked", "asked", "=reference") + _message("Never", "never", "=reference") \
    + _message("File", "file") + """
<error id="Broken" errorCode="broken"/>
<signal id="Counted" name="counted"/>
<process id="Main" isExecutable="true">
 <startEvent id="Start"/>
 <parallelGateway id="Fork"/>
""" + _service("Work") + """
 <boundaryEvent id="Caught" attachedToRef="Work"><errorEventDefinition errorRef="Broken"/></boundaryEvent>
""" + _service("Repair") + """
 <exclusiveGateway id="Merge"/>
 <intermediateCatchEvent id="Pause">""" + _after("timeDuration", "PT0.2S") + """</intermediateCatchEvent>
 <intermediateCatchEvent id="CatchKept"><messageEventDefinition messageRef="Kept"/></intermediateCatchEvent>
 <intermediateCatchEvent id="CatchLate"><messageEventDefinition messageRef="Late"/></intermediateCatchEvent>
 <receiveTask id="Receive" messageRef="Asked"/>
 <boundaryEvent id="Reminder" attachedToRef="Receive" cancelActivity="false">
""" + _after("timeCycle", f"R{REMINDERS}/PT0.1S") + """</boundaryEvent>
""" + _service("Remind") + """
 <endEvent id="Reminded"/>
 <serviceTask id="Item"><extensionElements><zeebe:taskDefinition type="item" retries="3"/></extensionElements>
  <multiInstanceLoopCharacteristics><extensionElements>
   <zeebe:loopCharacteristics inputCollection="=items" inputElement="item" outputCollection="results"
    outputElement="=item + 1"/></extensionElements></multiInstanceLoopCharacteristics></serviceTask>
 <receiveTask id="Wait" messageRef="Never"/>
 <boundaryEvent id="Overdue" attachedToRef="Wait">""" + _after("timeDuration", "PT0.15S") + """</boundaryEvent>
 <userTask id="Decide"><extensionElements><zeebe:userTask/></extensionElements></userTask>
 <parallelGateway id="Join"/>
 <callActivity id="Call"><extensionElements>
  <zeebe:calledElement processId="Called" propagateAllParentVariables="false" propagateAllChildVariables="true"/>
  <zeebe:ioMapping><zeebe:input source="=nr" target="nr"/></zeebe:ioMapping></extensionElements></callActivity>
 <intermediateThrowEvent id="Signal"><extensionElements><zeebe:ioMapping>
  <zeebe:input source="=nr" target="nr"/></zeebe:ioMapping></extensionElements>
  <signalEventDefinition signalRef="Counted"/></intermediateThrowEvent>
 <endEvent id="End"><extensionElements><zeebe:ioMapping>
  <zeebe:input source="=nr" target="nr"/></zeebe:ioMapping></extensionElements>
  <messageEventDefinition messageRef="File"/></endEvent>
""" + _flows(("Start", "Fork"), ("Fork", "Work"), ("Work", "Merge"), ("Caught", "Repair"),
             ("Repair", "Merge"), ("Merge", "Join"), ("Fork", "Pause"), ("Pause", "Join"),
             ("Fork", "CatchKept"), ("CatchKept", "CatchLate"), ("CatchLate", "Join"),
             ("Fork", "Receive"), ("Receive", "Join"), ("Reminder", "Remind"),
             ("Remind", "Reminded"), ("Fork", "Item"), ("Item", "Join"), ("Fork", "Wait"),
             ("Overdue", "Decide"), ("Decide", "Join"), ("Join", "Call"), ("Call", "Signal"),
             ("Signal", "End")) + """
</process></definitions>"""

CALLED = _HEAD + """<process id="Called" isExecutable="true"><startEvent id="Start"/>
 <intermediateCatchEvent id="Pause">""" + _after("timeDuration", "PT0.05S") + "</intermediateCatchEvent>" \
    + _service("Last") + '<endEvent id="End"/>' \
    + _flows(("Start", "Pause"), ("Pause", "Last"), ("Last", "End")) + "</process></definitions>"

# Started by the signal of Main.
COUNTED = _HEAD + """<signal id="Counted" name="counted"/><process id="Listed" isExecutable="true">
 <startEvent id="Start"><signalEventDefinition signalRef="Counted"/></startEvent><endEvent id="End"/>
""" + _flows(("Start", "End")) + "</process></definitions>"


def _started_by_message(process, message, task):
    return _HEAD + _message("M", message) + f"""<process id="{process}" isExecutable="true">
 <startEvent id="Start"><messageEventDefinition messageRef="M"/></startEvent>
{_service(task)}<endEvent id="End"/>""" + _flows(("Start", task), (task, "End")) + "</process></definitions>"


# By the message of Main's end event, and by a message from outside.
FILED = _started_by_message("Filed", "file", "Store")
ARRIVED = _started_by_message("Arrived", "arrive", "Open")

FILES = {"main.bpmn": MAIN, "called.bpmn": CALLED, "counted.bpmn": COUNTED, "filed.bpmn": FILED,
         "arrived.bpmn": ARRIVED}
JOB_TYPES = ("work", "repair", "remind", "item", "last", "store", "open")
STARTED = ("Listed", "Filed", "Arrived")  # one of each to one of Main, and with its number


def breaks(nr):
    """Whether the worker of Work throws the BPMN error."""
    return nr % 5 == 0


def failures(nr):
    """How often the worker of Work fails before that or before it completes."""
    return nr % 3


def elements(process, nr):
    """How often each element was active, and how that ended."""
    done = Counter()
    if process == "Main":
        for name in ("Start", "Fork", "Merge", "Pause", "CatchKept", "CatchLate", "Receive",
                     "Overdue", "Decide", "Join", "Call", "Signal", "End"):
            done[name, "COMPLETED"] = 1
        for name in ("Reminder", "Remind", "Reminded"):
            done[name, "COMPLETED"] = REMINDERS
        done["Item", "COMPLETED"] = len(ITEMS) + 1  # and the body
        done["Wait", "TERMINATED"] = 1
        if breaks(nr):
            done["Work", "TERMINATED"] = done["Caught", "COMPLETED"] = done["Repair", "COMPLETED"] = 1
        else:
            done["Work", "COMPLETED"] = 1
        return done
    names = {"Called": ("Start", "Pause", "Last", "End"), "Listed": ("Start", "End"),
             "Filed": ("Start", "Store", "End"), "Arrived": ("Start", "Open", "End")}[process]
    for name in names:
        done[name, "COMPLETED"] = 1
    return done


def jobs(process, nr):
    """How many jobs of each type there were, and how they ended."""
    if process == "Main":
        made = Counter({("remind", "COMPLETED"): REMINDERS, ("item", "COMPLETED"): len(ITEMS)})
        made["work", "ERROR_THROWN" if breaks(nr) else "COMPLETED"] = 1
        if breaks(nr):
            made["repair", "COMPLETED"] = 1
        return made
    types = {"Called": ["last"], "Listed": [], "Filed": ["store"], "Arrived": ["open"]}[process]
    return Counter({(one, "COMPLETED"): 1 for one in types})


def steps(nr):
    """How many commands of clients one number needs, failures not counted."""
    jobs_of_all = sum(sum(jobs(process, nr).values()) for process in ("Main", "Called") + STARTED)
    return 1 + jobs_of_all + 4 + 1  # the start, jobs, messages, the user task
