// Takes down the trace of one evaluation. What runs asks current_recorder(), which is null unless
// somebody wants a trace.
#pragma once

#include <deque>
#include <set>
#include <span>
#include <string>

#include "schwarm/dmn/trace.hpp"
#include "schwarm/feel/evaluation.hpp"
#include "schwarm/feel/function.hpp"
#include "schwarm/xml/document.hpp"

namespace schwarm::dmn::detail {

// Owns the places of a program and the texts they name.
class Places {
  public:
    // Of the element, or of the nearest around it that has an id.
    Place* add(xml::Element element, std::string_view file);
    std::string_view keep(std::string_view text);

  private:
    std::deque<Place> places_;
    std::set<std::string, std::less<>> texts_;
};

class Recorder {
  public:
    // steps, nulls: of the whole evaluation; what arises outside every step goes to nulls.
    Recorder(const feel::Diagnostics& diagnostics, std::vector<TraceStep>& steps,
             std::vector<TracedNull>& nulls, std::size_t max, bool full)
        : diagnostics_(diagnostics), steps_(&steps), nulls_(nulls), left_(max), full_(full) {}

    // The nulls since the last call belong to the place and step that were current till now.
    void settle();
    // False if the trace is full.
    bool take();
    // The step that is being evaluated; null before the first.
    TraceStep* step() { return step_; }
    std::size_t dropped() const { return dropped_; }
    // EvaluationOptions::trace_rules_only is not set.
    bool full() const { return full_; }

  private:
    friend class At;
    friend class Recording;
    const feel::Diagnostics& diagnostics_;
    std::vector<TraceStep>* steps_;  // where a step goes when it has ended
    std::vector<TracedNull>& nulls_;
    TraceStep* step_ = nullptr;
    const Place* place_ = nullptr;
    std::size_t seen_ = 0;
    std::size_t left_;
    bool full_;
    std::size_t dropped_ = 0;
};

// A pointer per thread, because functions of the model are called through FEEL, which knows
// nothing of it.
inline constinit thread_local Recorder* the_recorder = nullptr;
inline Recorder*& current_recorder() {
    return the_recorder;
}

// While it lives, nulls belong to this place, which must live as long.
class At {
  public:
    // Null: the place stays.
    explicit At(const Place* place) : recorder_(place != nullptr ? current_recorder() : nullptr) {
        if (recorder_ != nullptr) begin(place);
    }
    At(const At&) = delete;
    At& operator=(const At&) = delete;
    ~At() {
        if (recorder_ != nullptr) end();
    }

  private:
    void begin(const Place* place);
    void end();
    Recorder* recorder_;
    const Place* before_ = nullptr;
};

// While it lives, what happens belongs to this step. Only for a recorder that is not null.
class Recording {
  public:
    Recording(Recorder& recorder, StepKind kind, std::string_view name, std::string_view id,
              const Place* place);
    Recording(const Recording&) = delete;
    Recording& operator=(const Recording&) = delete;
    ~Recording();
    void set_result(const feel::Value& result) { step_.result = result; }
    void set_inputs(feel::Value inputs) { step_.inputs = std::move(inputs); }
    // Of a call: as many arguments as parameters at most.
    void set_inputs(std::span<const feel::Function::Parameter> parameters,
                    std::span<const feel::Value> arguments);

  private:
    Recorder& recorder_;
    TraceStep step_;
    TraceStep* outer_step_;
    std::vector<TraceStep>* outer_steps_;
    const Place* outer_place_;
    bool kept_;
};

}  // namespace schwarm::dmn::detail
