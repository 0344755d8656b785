// What an evaluation needs besides the expression: variables, limits, the clock, and where the
// reasons of nulls are collected.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
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
    // error: an operation or a function was given what it has no result for (DMN 1.5 clauses
    // 10.3.2.15 and 10.3.2.16). note: null is the ordinary answer there,
    // said because it may surprise (no item at this position, "true and null"), or the null went
    // into a condition for which null counts like false (if, filter).
    enum class Severity : std::uint8_t { error, note };
    std::string reason;
    Severity severity = Severity::error;
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
    // Whether any was an error, those dropped included.
    bool has_errors() const { return has_errors_; }
    std::size_t dropped() const { return dropped_; }
    void clear() {
        items_.clear();
        dropped_ = 0;
        has_errors_ = false;
    }
    // Written into every diagnostic added from now on. The text must stay in place until the next
    // call.
    void set_subject(std::string_view subject) { subject_ = subject; }
    std::string_view subject() const { return subject_; }
    // Hands out what was collected and starts anew.
    std::vector<Diagnostic> take() {
        dropped_ = 0;
        has_errors_ = false;
        return std::exchange(items_, {});
    }
    // One line each: "1:5: reason"; notes as "1:5: note: reason".
    std::string text() const;

  private:
    std::vector<Diagnostic> items_;
    std::string_view subject_;
    std::size_t dropped_ = 0;
    bool has_errors_ = false;
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

// Says that an evaluation is to be given up: a deadline, a node that stops. Asked now and then (at
// least every 4,096 steps) from the evaluating thread.
class Interrupt {
  public:
    virtual ~Interrupt() = default;
    virtual bool wanted() const = 0;
};

struct EvaluationLimits {
    // Work: an item produced or visited, a call, eight nodes evaluated, 64 bytes of text.
    std::uint64_t max_steps = 10'000'000;
    std::uint32_t max_depth = 256;            // nested function calls
    std::size_t max_stack_bytes = 2'000'000;  // of the machine's stack, below the Evaluation
    std::size_t max_items = 1'000'000;        // of one list or string built
    std::size_t max_bytes = 256U << 20;       // of all values alive that the evaluation made
    const Interrupt* interrupt = nullptr;     // outlives the evaluation
};

// Working memory of one evaluation: frames, arguments and rows as a stack of values in blocks that
// never move. One thread at a time.
class Arena {
  public:
    Arena() = default;
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;

    // n nulls; to be given back in reverse order.
    Value* take(std::size_t n) {
        if (static_cast<std::size_t>(end_ - top_) < n) grow(n);
        Value* const out = top_;
        for (std::size_t i = 0; i < n; ++i) new (out + i) Value();
        top_ += n;
        return out;
    }
    void give_back(Value* values, std::size_t n) {
        for (std::size_t i = 0; i < n; ++i) values[i].~Value();
        top_ = values;
        if (values == begin_ && !blocks_.empty()) shrink();
    }

  private:
    static constexpr std::size_t kFirst = 256;
    struct Block {
        std::unique_ptr<std::byte[]> memory;
        std::size_t size;
        Value* begin_before;
        Value* top_before;
        Value* end_before;
    };
    void grow(std::size_t n);
    void shrink();

    alignas(Value) std::byte first_[kFirst * sizeof(Value)];
    Value* begin_ = reinterpret_cast<Value*>(first_);
    Value* top_ = begin_;
    Value* end_ = begin_ + kFirst;
    std::vector<Block> blocks_;
    Block spare_{};  // the block given back last: going to and fro over a border allocates once
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
    // Without a source of randomness uuid() and random number() are null. It must outlive the
    // evaluation.
    void set_random(Random* random) { random_ = random; }
    Random* random() const { return random_; }

    // Counts work; false once a limit is reached (with a diagnostic the first time).
    bool step(std::uint64_t n = 1) {
        steps_ += n;
        return (steps_ < next_look_ && value_bytes <= max_value_bytes_) || look();
    }
    std::uint64_t steps() const { return steps_; }
    // Enters a function call; false if too deep. Each true needs a leave().
    bool enter();
    void leave() { --depth_; }

    Arena& arena() { return arena_; }

    // Records the reason and answers null.
    Value null(std::string reason);
    Value null(std::string_view reason) { return null(std::string(reason)); }
    Value null(const char* reason) {
        return diagnostics_ == nullptr ? Value() : null(std::string(reason));
    }
    // The same for a null that is no error: Diagnostic::Severity::note.
    Value note(std::string reason) {
        record(std::move(reason), Diagnostic::Severity::note);
        return {};
    }

    // While one of these exists, errors are recorded as notes: for conditions in which null is an
    // answer like false (DMN 1.5 clause 10.3.2.15: "if", filters).
    class NullIsFine {
      public:
        explicit NullIsFine(Evaluation& evaluation)
            : evaluation_(evaluation), before_(evaluation.null_is_fine_) {
            evaluation.null_is_fine_ = true;
        }
        ~NullIsFine() { evaluation_.null_is_fine_ = before_; }
        NullIsFine(const NullIsFine&) = delete;
        NullIsFine& operator=(const NullIsFine&) = delete;

      private:
        Evaluation& evaluation_;
        bool before_;
    };

    // Place in the source (byte offset) that diagnostics name; set by the evaluator. The text must
    // stay in place while the evaluation runs.
    void set_position(std::string_view source, std::size_t offset) {
        source_ = source;
        offset_ = offset;
    }

  private:
    bool look();
    bool give_up(std::string reason);
    void limit_reached(std::string reason);
    void record(std::string reason, Diagnostic::Severity severity);

    Diagnostics* diagnostics_;
    const Clock* clock_;
    Random* random_ = nullptr;
    EvaluationLimits limits_;
    std::uint64_t steps_ = 0;
    std::uint64_t next_look_ = 0;
    std::uint32_t depth_ = 0;
    bool exhausted_ = false;
    bool null_is_fine_ = false;
    std::string_view source_;
    std::size_t offset_ = 0;
    const void* stack_base_ = nullptr;
    std::int64_t max_value_bytes_;
    Arena arena_;
};

// Values of the evaluation's arena, null at first, for as long as this object lives. The last one
// made must be the first to go.
class Slots {
  public:
    Slots(Evaluation& evaluation, std::size_t size)
        : arena_(evaluation.arena()), data_(arena_.take(size)), size_(size) {}
    Slots(const Slots&) = delete;
    Slots& operator=(const Slots&) = delete;
    ~Slots() { arena_.give_back(data_, size_); }
    Value* data() { return data_; }
    Value& operator[](std::size_t i) { return data_[i]; }
    operator std::span<Value>() { return {data_, size_}; }
    operator std::span<const Value>() const { return {data_, size_}; }

  private:
    Arena& arena_;
    Value* data_;
    std::size_t size_;
};

}  // namespace schwarm::feel
