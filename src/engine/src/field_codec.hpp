// Encoding and decoding of the field types that events and states are made of. The order and
// form of the bytes are a contract: README, "Format".
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "schwarm/base/binary.hpp"
#include "schwarm/engine/event.hpp"
#include "schwarm/engine/state.hpp"
#include "schwarm/feel/codec.hpp"

namespace schwarm::engine {

// Fields of the parts of a state, in the order in which they are encoded.
template <class T, class S>
concept Same = std::same_as<std::remove_const_t<T>, S>;

template <Same<UserTask> T, class F>
void visit_fields(T& r, F&& f) {
    f("key", r.key), f("created", r.created), f("form_id", r.form_id);
    f("assignee", r.assignee), f("candidate_groups", r.candidate_groups);
    f("candidate_users", r.candidate_users), f("due", r.due), f("follow_up", r.follow_up);
    f("priority", r.priority);
}
template <Same<TimerV1> T, class F>
void visit_fields(T& r, F&& f) {
    f("key", r.key), f("host", r.host), f("definition", r.definition), f("node", r.node);
    f("due", r.due), f("repetitions", r.repetitions), f("cycle", r.cycle);
}
template <Same<Timer> T, class F>
void visit_fields(T& r, F&& f) {
    f("key", r.key), f("host", r.host), f("definition", r.definition), f("node", r.node);
    f("due", r.due), f("repetitions", r.repetitions), f("cycle", r.cycle), f("part", r.part);
}
template <Same<SubscriptionV1> T, class F>
void visit_fields(T& r, F&& f) {
    f("key", r.key), f("host", r.host), f("definition", r.definition), f("node", r.node);
    f("message_name", r.message_name), f("correlation_key", r.correlation_key);
}
template <Same<Subscription> T, class F>
void visit_fields(T& r, F&& f) {
    f("key", r.key), f("host", r.host), f("definition", r.definition), f("node", r.node);
    f("message_name", r.message_name), f("correlation_key", r.correlation_key);
    f("kind", r.kind), f("part", r.part);
}
template <Same<HeldTrigger> T, class F>
void visit_fields(T& r, F&& f) {
    f("host", r.host), f("definition", r.definition), f("node", r.node), f("part", r.part);
    f("variables", r.variables);
}
template <Same<Job> T, class F>
void visit_fields(T& r, F&& f) {
    f("key", r.key), f("element", r.element), f("type", r.type), f("retries", r.retries);
    f("status", r.status), f("not_before", r.not_before), f("message", r.message);
    f("kind", r.kind), f("listener_event", r.listener_event), f("priority", r.priority);
}
template <Same<TaskAction> T, class F>
void visit_fields(T& r, F&& f) {
    f("task", r.task), f("event", r.event), f("done", r.done), f("proposed", r.proposed);
    f("variables", r.variables), f("action", r.action);
}
template <Same<Compensable> T, class F>
void visit_fields(T& r, F&& f) {
    f("key", r.key), f("activity", r.activity), f("scope", r.scope);
    f("definition", r.definition), f("node", r.node), f("loop_counter", r.loop_counter);
    f("inner", r.inner), f("by_scope", r.by_scope), f("thrower", r.thrower);
    f("handler", r.handler), f("variables", r.variables);
}
template <Same<GatewayReset> T, class F>
void visit_fields(T& r, F&& f) {
    f("scope", r.scope), f("definition", r.definition), f("node", r.node);
    f("consumed", r.consumed);
}
template <Same<Incident> T, class F>
void visit_fields(T& r, F&& f) {
    f("key", r.key), f("element", r.element), f("kind", r.kind), f("reason", r.reason);
    f("created", r.created), f("job", r.job);
}
template <Same<Document> T, class F>
void visit_fields(T& r, F&& f) {
    f("id", r.id), f("element", r.element), f("document", r.document), f("title", r.title);
    f("created", r.created), f("data", r.data);
}
template <Same<DecisionRecord> T, class F>
void visit_fields(T& r, F&& f) {
    f("element", r.element), f("decision_id", r.decision_id), f("version", r.version);
    f("at", r.at);
}
template <Same<Milestone> T, class F>
void visit_fields(T& r, F&& f) {
    f("definition", r.definition), f("node", r.node), f("at", r.at);
}
template <Same<WaitingTokens> T, class F>
void visit_fields(T& r, F&& f) {
    f("scope", r.scope), f("definition", r.definition), f("flow", r.flow), f("count", r.count);
}
template <Same<LoopState> T, class F>
void visit_fields(T& r, F&& f) {
    f("items", r.items), f("outputs", r.outputs), f("next", r.next), f("finished", r.finished);
}
template <Same<ElementInstance> T, class F>
void visit_fields(T& r, F&& f) {
    f("key", r.key), f("scope", r.scope), f("definition", r.definition), f("node", r.node);
    f("phase", r.phase), f("loop_counter", r.loop_counter), f("children", r.children);
    f("via", r.via), f("inner", r.inner), f("listeners", r.listeners);
    f("variables", r.variables), f("loop", r.loop);
}
template <Same<CaseState> T, class F>
void visit_fields(T& r, F&& f) {
    f("id", r.id), f("tenant", r.tenant), f("status", r.status), f("started_by", r.started_by);
    f("created", r.created), f("changed", r.changed), f("ended", r.ended);
    f("next_key", r.next_key), f("next_document", r.next_document);
    f("business_id", r.business_id), f("tags", r.tags);
    f("definitions", r.definitions), f("definition", r.definition), f("elements", r.elements),
        f("variables", r.variables);
    f("waiting", r.waiting), f("user_tasks", r.user_tasks), f("timers", r.timers);
    f("subscriptions", r.subscriptions), f("held", r.held), f("jobs", r.jobs);
    f("incidents", r.incidents);
    f("documents", r.documents), f("decisions", r.decisions), f("milestones", r.milestones);
    f("compensables", r.compensables), f("gateway_resets", r.gateway_resets);
    f("task_actions", r.task_actions);
    f("recent_commands", r.recent_commands), f("archived", r.archived);
    f("retention_until", r.retention_until);
}

class FieldEncoder {
  public:
    explicit FieldEncoder(ByteWriter& out) : out_(out) {}

    template <class T>
    void operator()(std::string_view, const T& value) {
        put(value);
    }

    void put(bool v) { out_.u8(v ? 1 : 0); }
    void put(std::uint16_t v) { out_.varint(v); }
    void put(std::uint32_t v) { out_.varint(v); }
    void put(std::uint64_t v) { out_.varint(v); }
    void put(std::int32_t v) { out_.svarint(v); }
    void put(Instant v) { out_.svarint(v.time_since_epoch().count()); }
    void put(const std::string& v) { out_.bytes(v); }
    void put(const feel::Value& v) { out_.bytes(feel::encode(v)); }
    void put(const Variables& v) {
        out_.varint(v.size());
        for (const Variables::Entry& entry : v) {
            out_.bytes(entry.name.text());
            put(entry.value);
        }
    }
    template <class Tag, class Rep>
    void put(const StrongId<Tag, Rep>& v) {
        put(v.value());
    }
    template <class E>
    requires std::is_enum_v<E>
    void put(E v) { out_.u8(static_cast<std::uint8_t>(v)); }
    template <class T>
    void put(const std::optional<T>& v) {
        put(v.has_value());
        if (v) put(*v);
    }
    template <class T, class Memory>
    void put(const std::vector<T, Memory>& v) {
        out_.varint(v.size());
        for (const T& item : v) put(item);
    }
    void put(const std::shared_ptr<const LoopState>& v) {
        put(v != nullptr);
        if (v) put(*v);
    }
    template <class T>
    requires requires(const T& t, FieldEncoder& e) { visit_fields(t, e); }
    void put(const T& v) { visit_fields(v, *this); }

  private:
    ByteWriter& out_;
};

// After a failure everything else is read as empty; ok() of the reader tells.
class FieldDecoder {
  public:
    explicit FieldDecoder(ByteReader& in) : in_(in) {}

    template <class T>
    void operator()(std::string_view, T& value) {
        get(value);
    }

    void get(bool& v) {
        const std::uint8_t b = in_.u8();
        if (b > 1) in_.set_failed();
        v = b == 1;
    }
    void get(std::uint16_t& v) { v = narrow<std::uint16_t>(in_.varint()); }
    void get(std::uint32_t& v) { v = narrow<std::uint32_t>(in_.varint()); }
    void get(std::uint64_t& v) { v = in_.varint(); }
    void get(std::int32_t& v) {
        const std::int64_t n = in_.svarint();
        v = static_cast<std::int32_t>(n);
        if (v != n) in_.set_failed();
    }
    void get(Instant& v) { v = Instant(std::chrono::milliseconds(in_.svarint())); }
    void get(std::string& v) { v = std::string(in_.bytes()); }
    void get(feel::Value& v) {
        auto decoded = feel::decode(in_.bytes());
        if (decoded.has_error())
            in_.set_failed();
        else
            v = std::move(decoded.value());
    }
    void get(Variables& v) {
        std::string last;
        for (std::uint64_t n = count(); n > 0 && in_.ok(); --n) {
            const std::string name(in_.bytes());
            // Sorted and without repetition, so that equal states have equal bytes.
            if (!v.empty() && name <= last) in_.set_failed();
            feel::Value value;
            get(value);
            if (in_.ok()) v.set(name, std::move(value));
            last = name;
        }
    }
    template <class Tag, class Rep>
    void get(StrongId<Tag, Rep>& v) {
        Rep value{};
        get(value);
        v = StrongId<Tag, Rep>(std::move(value));
    }
    void get(CaseStatus& v) { enumerator(v, CaseStatus::cancelled); }
    void get(ElementPhase& v) { enumerator(v, ElementPhase::completing); }
    void get(SubscriptionKind& v) { enumerator(v, SubscriptionKind::condition); }
    void get(JobKind& v) { enumerator(v, JobKind::ad_hoc_sub_process); }
    void get(bpmn::ListenerEvent& v) { enumerator(v, bpmn::ListenerEvent::completing); }
    void get(JobStatus& v) { enumerator(v, JobStatus::failed); }
    void get(IncidentKind& v) { enumerator(v, IncidentKind::undelivered); }
    template <class T>
    void get(std::optional<T>& v) {
        bool present = false;
        get(present);
        if (!present) return;
        v.emplace();
        get(*v);
    }
    template <class T, class Memory>
    void get(std::vector<T, Memory>& v) {
        for (std::uint64_t n = count(); n > 0 && in_.ok(); --n) {
            v.emplace_back();
            get(v.back());
        }
    }
    void get(std::shared_ptr<const LoopState>& v) {
        bool present = false;
        get(present);
        if (!present) return;
        auto loop = std::make_shared<LoopState>();
        get(*loop);
        v = std::move(loop);
    }
    template <class T>
    requires requires(T& t, FieldDecoder& d) { visit_fields(t, d); }
    void get(T& v) { visit_fields(v, *this); }

  private:
    // Every element takes at least one byte.
    std::uint64_t count() {
        const std::uint64_t n = in_.varint();
        if (n > in_.remaining()) in_.set_failed();
        return in_.ok() ? n : 0;
    }
    template <class T>
    T narrow(std::uint64_t n) {
        if (n > std::numeric_limits<T>::max()) in_.set_failed();
        return static_cast<T>(n);
    }
    template <class E>
    void enumerator(E& v, E last) {
        const std::uint8_t b = in_.u8();
        if (b > static_cast<std::uint8_t>(last))
            in_.set_failed();
        else
            v = static_cast<E>(b);
    }

    ByteReader& in_;
};

}  // namespace schwarm::engine
