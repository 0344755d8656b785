// What an evaluation needs besides the expression: variables, limits, the clock, and where the
// reasons of nulls are collected.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schwarm/base/clock.hpp"
#include "schwarm/feel/value.hpp"

namespace schwarm::feel {

// Why a part of an expression became null.
struct Diagnostic {
    std::string reason;
    std::size_t line = 0;    // from 1; 0 if unknown
    std::size_t column = 0;  // from 1, in code points
    std::string subject;     // what was evaluated, as the caller named it ("decision Rent")
};

// Collects at most kMax diagnostics and counts the rest. Not thread-safe.
class Diagnostics {
  public:
    static constexpr std::size_t kMax = 100;
    void add(Diagnostic diagnostic);
    const std::vector<Diagnostic>& items() const { return items_; }
    bool empty() const { return items_.empty(); }
    std::size_t dropped() const { return dropped_; }
    void clear() {
        items_.clear();
        dropped_ = 0;
    }
    // Written into every diagnostic added from now on.
    void set_subject(std::string subject) { subject_ = std::move(subject); }
    const std::string& subject() const { return subject_; }
    // One line each: "1:5: reason".
    std::string text() const;

  private:
    std::vector<Diagnostic> items_;
    std::string subject_;
    std::size_t dropped_ = 0;
};

// Variables by name. The values must stay in place while an evaluation runs.
class Environment {
  public:
    virtual ~Environment() = default;
    // nullptr if there is no such variable.
    virtual const Value* find(const Key& name) const = 0;
};

// The entries of a context as variables; anything else has none.
class ContextEnvironment final : public Environment {
  public:
    explicit ContextEnvironment(Value context) : context_(std::move(context)) {}
    const Value* find(const Key& name) const override {
        return context_.is_context() ? context_.as_context().find(name) : nullptr;
    }

  private:
    Value context_;
};

struct EvaluationLimits {
    // Work: an item produced or visited, a call, eight nodes evaluated, 64 bytes of text.
    std::uint64_t max_steps = 10'000'000;
    std::uint32_t max_depth = 256;            // nested function calls
    std::size_t max_stack_bytes = 2'000'000;  // of the machine's stack, below the Evaluation
    std::size_t max_items = 1'000'000;        // of one list or string built
};

// The state of one evaluation, shared by everything it calls (models call expressions that call
// functions of other models), so that the limits hold for the whole. One thread at a time.
class Evaluation {
  public:
    explicit Evaluation(Diagnostics* diagnostics = nullptr, const Clock* clock = nullptr,
                        const EvaluationLimits& limits = {});
    Evaluation(const Evaluation&) = delete;
    Evaluation& operator=(const Evaluation&) = delete;

    Diagnostics* diagnostics() const { return diagnostics_; }
    // Without a clock now() and today() are null.
    const Clock* clock() const { return clock_; }
    const EvaluationLimits& limits() const { return limits_; }

    // Counts work; false once the limit is reached (with a diagnostic the first time).
    bool step(std::uint64_t n = 1) {
        steps_ += n;
        return steps_ <= limits_.max_steps || exhausted();
    }
    std::uint64_t steps() const { return steps_; }
    // Enters a function call; false if too deep. Each true needs a leave().
    bool enter();
    void leave() { --depth_; }

    // Records the reason and answers null.
    Value null(std::string reason);
    Value null(std::string_view reason) { return null(std::string(reason)); }
    Value null(const char* reason) {
        return diagnostics_ == nullptr ? Value() : null(std::string(reason));
    }

    // Place in the source (byte offset) that diagnostics name; set by the evaluator. The text must
    // stay in place while the evaluation runs.
    void set_position(std::string_view source, std::size_t offset) {
        source_ = source;
        offset_ = offset;
    }

  private:
    bool exhausted();

    Diagnostics* diagnostics_;
    const Clock* clock_;
    EvaluationLimits limits_;
    std::uint64_t steps_ = 0;
    std::uint32_t depth_ = 0;
    bool exhausted_ = false;
    std::string_view source_;
    std::size_t offset_ = 0;
    const void* stack_base_ = nullptr;
};

}  // namespace schwarm::feel
