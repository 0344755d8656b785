#include "schwarm/feel/evaluation.hpp"

#include <algorithm>
#include <utility>

#include "schwarm/base/utf8.hpp"

namespace schwarm::feel {

void Diagnostics::add(Diagnostic diagnostic) {
    has_errors_ = has_errors_ || diagnostic.severity == Diagnostic::Severity::error;
    if (items_.size() >= kMax) {
        ++dropped_;
        if (diagnostic.severity == Diagnostic::Severity::note) return;
        // A filter over many items leaves many notes; an error takes the place of the last one.
        const auto note = std::find_if(items_.rbegin(), items_.rend(), [](const Diagnostic& item) {
            return item.severity == Diagnostic::Severity::note;
        });
        if (note == items_.rend()) return;
        items_.erase(std::next(note).base());
    }
    if (diagnostic.subject.empty()) diagnostic.subject = std::string(subject_);
    items_.push_back(std::move(diagnostic));
}

std::string Diagnostics::text() const {
    std::string out;
    for (const Diagnostic& item : items_) {
        if (!item.subject.empty()) out += item.subject + ": ";
        if (item.line != 0) {
            out += std::to_string(item.line) + ":" + std::to_string(item.column) + ": ";
        }
        if (item.severity == Diagnostic::Severity::note) out += "note: ";
        out += item.reason + "\n";
    }
    if (dropped_ != 0) out += "and " + std::to_string(dropped_) + " more\n";
    return out;
}

void Arena::grow(std::size_t n) {
    const std::size_t size = std::max(n, static_cast<std::size_t>(end_ - begin_) * 2);
    Block block = std::exchange(spare_, {});
    if (block.size < size) {
        block.memory.reset(new std::byte[size * sizeof(Value)]);
        block.size = size;
    }
    block.begin_before = begin_;
    block.top_before = top_;
    block.end_before = end_;
    begin_ = reinterpret_cast<Value*>(block.memory.get());
    top_ = begin_;
    end_ = begin_ + block.size;
    blocks_.push_back(std::move(block));
}

void Arena::shrink() {
    spare_ = std::move(blocks_.back());
    blocks_.pop_back();
    begin_ = spare_.begin_before;
    top_ = spare_.top_before;
    end_ = spare_.end_before;
}

namespace {

constexpr std::uint64_t kStepsBetweenLooks = 4'096;
constexpr std::size_t kMostBytes = INT64_MAX / 2;

}  // namespace

Evaluation::Evaluation(Diagnostics* diagnostics, const Clock* clock, const EvaluationLimits& limits)
    : diagnostics_(diagnostics),
      clock_(clock),
      limits_(limits),
      next_look_(std::min(limits.max_steps, kStepsBetweenLooks)),
      stack_base_(__builtin_frame_address(0)),
      max_value_bytes_(value_bytes + static_cast<std::int64_t>(
                                         std::min<std::size_t>(limits.max_bytes, kMostBytes))) {}

bool Evaluation::enter() {
    const char* here = static_cast<const char*>(__builtin_frame_address(0));
    const char* base = static_cast<const char*>(stack_base_);
    const auto used = static_cast<std::size_t>(here < base ? base - here : here - base);
    if (depth_ >= limits_.max_depth || used > limits_.max_stack_bytes) {
        limit_reached("function calls are nested too deep");
        return false;
    }
    ++depth_;
    return true;
}

bool Evaluation::give_up(std::string reason) {
    if (!exhausted_) {
        exhausted_ = true;
        next_look_ = 0;
        limit_reached(std::move(reason));
    }
    return false;
}

// An error wherever it happens: what follows is not what the expression says.
void Evaluation::limit_reached(std::string reason) {
    const bool before = std::exchange(null_is_fine_, false);
    record(std::move(reason), Diagnostic::Severity::error);
    null_is_fine_ = before;
}

bool Evaluation::look() {
    if (exhausted_) return false;
    if (value_bytes > max_value_bytes_) {
        return give_up("the evaluation needs more than " + std::to_string(limits_.max_bytes >> 10) +
                       " KiB of memory");
    }
    if (steps_ > limits_.max_steps) {
        return give_up("the evaluation took more than " + std::to_string(limits_.max_steps) +
                       " steps");
    }
    if (limits_.interrupt != nullptr && limits_.interrupt->wanted()) {
        return give_up("the evaluation was interrupted: it took too long");
    }
    next_look_ = std::min(limits_.max_steps, steps_ + kStepsBetweenLooks);
    return true;
}

Value Evaluation::null(std::string reason) {
    record(std::move(reason), Diagnostic::Severity::error);
    return {};
}

void Evaluation::record(std::string reason, Diagnostic::Severity severity) {
    if (diagnostics_ == nullptr) return;
    // Only counted: finding the line takes as long as the text before it.
    Diagnostic diagnostic;
    diagnostic.severity = null_is_fine_ ? Diagnostic::Severity::note : severity;
    const auto& items = diagnostics_->items();
    const auto is_note = [](const Diagnostic& item) {
        return item.severity == Diagnostic::Severity::note;
    };
    if (items.size() >= Diagnostics::kMax &&
        (is_note(diagnostic) || std::none_of(items.begin(), items.end(), is_note))) {
        diagnostics_->add(std::move(diagnostic));
        return;
    }
    diagnostic.reason = std::move(reason);
    if (!source_.empty()) {
        const std::string_view before = source_.substr(0, std::min(offset_, source_.size()));
        diagnostic.line =
            static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')) + 1;
        diagnostic.column = utf8::length(before.substr(before.rfind('\n') + 1)) + 1;
    }
    diagnostics_->add(std::move(diagnostic));
}

}  // namespace schwarm::feel
