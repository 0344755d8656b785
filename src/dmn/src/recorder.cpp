#include "recorder.hpp"

#include <fmt/format.h>

namespace schwarm::dmn {

std::string_view name_of(StepKind kind) {
    switch (kind) {
        case StepKind::decision:
            return "decision";
        case StepKind::decision_service:
            return "decision service";
        case StepKind::knowledge_model:
            return "business knowledge model";
    }
    return "";
}

std::string to_string(const Place& place) {
    std::string out(place.file);
    if (place.line != 0) out += fmt::format(":{}", place.line);
    if (!place.element.empty()) out += fmt::format(" {}", place.element);
    if (place.rule != 0) out += fmt::format(" rule {}", place.rule);
    if (place.number != 0) {
        const bool input =
            place.part == Place::Part::input || place.part == Place::Part::input_entry;
        out += fmt::format(" {} {}", input ? "input" : "output", place.number);
    }
    if (!place.column.empty()) out += fmt::format(" ({})", place.column);
    return out;
}

namespace detail {

std::string_view Places::keep(std::string_view text) {
    const auto known = texts_.find(text);
    return known != texts_.end() ? std::string_view(*known)
                                 : std::string_view(*texts_.emplace(text).first);
}

Place* Places::add(xml::Element element, std::string_view file) {
    Place place;
    place.file = keep(file);
    place.line = element.position().line;
    for (auto at = element; at; at = at.parent()) {
        if (const auto id = at.attribute("id")) {
            place.element = keep(*id);
            break;
        }
    }
    places_.push_back(place);
    return &places_.back();
}

void Recorder::settle() {
    const auto& items = diagnostics_.items();
    for (; seen_ < items.size(); ++seen_) {
        const auto& item = items[seen_];
        auto& nulls = step_ != nullptr ? step_->nulls : nulls_;
        // What an element itself says has no position in an expression.
        const auto place = place_ != nullptr ? *place_ : Place();
        const bool positioned = place.part != Place::Part::element;
        nulls.push_back(
            {item.reason, positioned ? item.line : 0, positioned ? item.column : 0, place});
    }
}

bool Recorder::take() {
    if (left_ == 0) {
        ++dropped_;
        return false;
    }
    --left_;
    return true;
}

void At::begin(const Place* place) {
    recorder_->settle();
    before_ = recorder_->place_;
    recorder_->place_ = place;
}

void At::end() {
    recorder_->settle();
    recorder_->place_ = before_;
}

Recording::Recording(Recorder& recorder, StepKind kind, std::string_view name, std::string_view id,
                     const Place* place)
    : recorder_(recorder),
      outer_step_(recorder.step_),
      outer_steps_(recorder.steps_),
      kept_(recorder.take()) {
    step_.kind = kind;
    step_.name = name;
    step_.id = id;
    step_.place = *place;
    recorder.settle();
    outer_place_ = recorder.place_;
    recorder.place_ = place;
    if (!kept_) return;
    recorder.step_ = &step_;
    recorder.steps_ = &step_.calls;
}

void Recording::set_inputs(std::span<const feel::Function::Parameter> parameters,
                           std::span<const feel::Value> arguments) {
    feel::ContextBuilder inputs;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        inputs.set(feel::Key(parameters[i].name), arguments[i]);
    }
    set_inputs(inputs.build());
}

Recording::~Recording() {
    recorder_.settle();
    recorder_.place_ = outer_place_;
    if (!kept_) return;
    recorder_.step_ = outer_step_;
    recorder_.steps_ = outer_steps_;
    outer_steps_->push_back(std::move(step_));
}

}  // namespace detail
}  // namespace schwarm::dmn
