#include <fmt/format.h>

#include "field_codec.hpp"
#include "schwarm/engine/event.hpp"
#include "schwarm/engine/state_text.hpp"

namespace schwarm::engine {
namespace {

// " name=value" for each field that is not empty.
class Printer {
  public:
    explicit Printer(std::string& out) : out_(out) {}
    template <class T>
    void operator()(std::string_view name, const T& value) {
        const std::string text = print(value);
        if (!text.empty()) fmt::format_to(std::back_inserter(out_), " {}={}", name, text);
    }

  private:
    static std::string print(bool v) { return v ? "true" : "false"; }
    template <std::unsigned_integral T>
    static std::string print(T v) {
        return v == 0 || v == bpmn::kNoFlow ? "" : std::to_string(v);
    }
    static std::string print(std::int32_t v) { return std::to_string(v); }
    static std::string print(Instant v) {
        return DateTime::from_instant(v, Zone::utc()).to_string();
    }
    static std::string print(const std::string& v) { return v; }
    static std::string print(const feel::Value& v) { return v.is_null() ? "" : v.to_feel(); }
    static std::string print(const Variables& v) { return v.to_context().to_feel(); }
    static std::string print(CaseStatus v) { return std::string(name_of(v)); }
    static std::string print(SubscriptionKind v) { return std::string(name_of(v)); }
    static std::string print(IncidentKind v) { return std::string(name_of(v)); }
    static std::string print(ElementPhase v) {
        return v == ElementPhase::activating ? "activating"
               : v == ElementPhase::active   ? "active"
                                             : "completing";
    }
    static std::string print(JobStatus v) { return v == JobStatus::open ? "open" : "failed"; }
    static std::string print(JobKind v) { return std::string(name_of(v)); }
    static std::string print(bpmn::ListenerEvent v) { return std::string(bpmn::name_of(v)); }
    template <class Tag, class Rep>
    static std::string print(const StrongId<Tag, Rep>& v) {
        return print(v.value());
    }
    template <class T>
    static std::string print(const std::optional<T>& v) {
        return v ? print(*v) : "";
    }
    template <class T, class Memory>
    static std::string print(const std::vector<T, Memory>& v) {
        if (v.empty()) return {};
        std::string out = "[";
        for (const T& item : v) {
            if (out.size() > 1) out += ", ";
            out += print(item);
        }
        return out + "]";
    }
    static std::string print(const std::shared_ptr<const LoopState>& v) {
        return v ? print(*v) : "";
    }
    template <class T>
    requires requires(const T& t, Printer& p) { visit_fields(t, p); }
    static std::string print(const T& v) {
        std::string out;
        visit_fields(v, Printer(out));
        return "{" + (out.empty() ? out : out.substr(1)) + "}";
    }

    std::string& out_;
};

// A line for each field that is not empty; of a list of records a line for each.
class StatePrinter {
  public:
    explicit StatePrinter(std::string& out) : out_(out) {}
    template <class T>
    void operator()(std::string_view name, const T& value) {
        const std::size_t before = out_.size();
        Printer{out_}(name, value);
        if (out_.size() > before) line_from(before);
    }
    template <class T, class Memory>
    requires requires(const T& t, Printer& p) { visit_fields(t, p); }
    void operator()(std::string_view name, const std::vector<T, Memory>& values) {
        for (const T& value : values) {
            const std::size_t before = out_.size();
            Printer{out_}(name, value);
            line_from(before);
        }
    }

  private:
    void line_from(std::size_t at) {
        out_.erase(at, 1);
        out_ += '\n';
    }

    std::string& out_;
};

}  // namespace

std::string text_of(const CaseState& state) {
    std::string out;
    StatePrinter printer(out);
    visit_fields(state, printer);
    return out;
}

std::string text_of(const Event& event) {
    std::string out(name_of(event));
    std::visit([&out](const auto& record) { visit_fields(record, Printer(out)); }, event);
    return out;
}

}  // namespace schwarm::engine
