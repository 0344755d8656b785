#include "schwarm/feel/evaluation.hpp"

#include <algorithm>

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
    if (diagnostic.subject.empty()) diagnostic.subject = subject_;
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

Evaluation::Evaluation(Diagnostics* diagnostics, const Clock* clock, const EvaluationLimits& limits)
    : diagnostics_(diagnostics),
      clock_(clock),
      limits_(limits),
      stack_base_(__builtin_frame_address(0)) {}

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

bool Evaluation::exhausted() {
    if (!exhausted_) {
        exhausted_ = true;
        limit_reached("the evaluation took more than " + std::to_string(limits_.max_steps) +
                      " steps");
    }
    return false;
}

// An error wherever it happens: what follows is not what the expression says.
void Evaluation::limit_reached(std::string reason) {
    const bool before = std::exchange(null_is_fine_, false);
    record(std::move(reason), Diagnostic::Severity::error);
    null_is_fine_ = before;
}

Value Evaluation::null(std::string reason) {
    record(std::move(reason), Diagnostic::Severity::error);
    return {};
}

void Evaluation::record(std::string reason, Diagnostic::Severity severity) {
    if (diagnostics_ == nullptr) return;
    Diagnostic diagnostic;
    diagnostic.reason = std::move(reason);
    diagnostic.severity = null_is_fine_ ? Diagnostic::Severity::note : severity;
    if (!source_.empty()) {
        const std::string_view before = source_.substr(0, std::min(offset_, source_.size()));
        diagnostic.line =
            static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')) + 1;
        diagnostic.column = utf8::length(before.substr(before.rfind('\n') + 1)) + 1;
    }
    diagnostics_->add(std::move(diagnostic));
}

}  // namespace schwarm::feel
