#include "schwarm/feel/evaluation.hpp"

#include <algorithm>

#include "schwarm/base/utf8.hpp"

namespace schwarm::feel {

void Diagnostics::add(Diagnostic diagnostic) {
    if (items_.size() >= kMax) {
        ++dropped_;
        return;
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
        null("function calls are nested too deep");
        return false;
    }
    ++depth_;
    return true;
}

bool Evaluation::exhausted() {
    if (!exhausted_) {
        exhausted_ = true;
        null("the evaluation took more than " + std::to_string(limits_.max_steps) + " steps");
    }
    return false;
}

Value Evaluation::null(std::string reason) {
    if (diagnostics_ == nullptr) return {};
    // Only counted: finding the line takes as long as the text before it.
    if (diagnostics_->items().size() >= Diagnostics::kMax) {
        diagnostics_->add({});
        return {};
    }
    Diagnostic diagnostic;
    diagnostic.reason = std::move(reason);
    if (!source_.empty()) {
        const std::string_view before = source_.substr(0, std::min(offset_, source_.size()));
        diagnostic.line =
            static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')) + 1;
        diagnostic.column = utf8::length(before.substr(before.rfind('\n') + 1)) + 1;
    }
    diagnostics_->add(std::move(diagnostic));
    return {};
}

}  // namespace schwarm::feel
