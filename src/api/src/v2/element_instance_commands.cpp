// Variables of an element instance, and what an ad-hoc subprocess is to begin.
#include <array>

#include "commands.hpp"
#include "routes.hpp"

namespace schwarm::api::v2 {
namespace {

constexpr std::string_view kTag = "Element instance";

void put_variables(const Call& call, const Answer& answer) {
    const auto body = json_body(call);
    if (!body) return answer.problem(body.error());
    const auto place = place_param(call, "elementInstanceKey", "active element instance");
    if (!place) return answer.problem(place.error());
    if (body->find("variables") == nullptr) {
        return answer.problem(fail(ErrorCode::invalid_input, "this must be given", "variables"));
    }
    auto variables = set_variables(*body);
    if (!variables) return answer.problem(variables.error());
    const auto local = flag_member(*body, "local");
    if (!local) return answer.problem(local.error());
    carry_out(call, answer, place->case_id,
              engine::UpdateVariables{ElementKey(place->local), std::move(*variables),
                                      local->value_or(false)});
}

Result<engine::ActivateAdHoc> read_activation(const json::Value& body, const Place& place) {
    engine::ActivateAdHoc out;
    out.ad_hoc = ElementKey(place.local);
    SCHWARM_TRY(elements, objects_member(body, "elements"));
    if (elements.empty()) {
        return fail(ErrorCode::invalid_input, "this must be given", "elements");
    }
    for (const auto& element : elements) {
        SCHWARM_TRY(id, needed_text(element, "elementId"));
        SCHWARM_TRY(variables, set_variables(element));
        out.elements.push_back({std::move(id), std::move(variables)});
    }
    SCHWARM_TRY(cancels, flag_member(body, "cancelRemainingInstances"));
    out.cancel_remaining = cancels.value_or(false);
    return out;
}

void activate(const Call& call, const Answer& answer) {
    const auto body = json_body(call);
    if (!body) return answer.problem(body.error());
    const auto place =
        place_param(call, "adHocSubProcessInstanceKey", "active ad-hoc subprocess instance");
    if (!place) return answer.problem(place.error());
    auto command = read_activation(*body, *place);
    if (!command) return answer.problem(command.error());
    carry_out(call, answer, place->case_id, std::move(*command));
}

using http::Method;
constexpr auto kOperate = app::Action::operate_process;
constexpr std::array kRoutes = {
    Route{Method::put, "/element-instances/{elementInstanceKey}/variables",
          "createElementInstanceVariables", kTag, "Set variables, with local in this very scope",
          kOperate, put_variables, "SetVariableRequest", "", 204},
    Route{Method::post,
          "/element-instances/ad-hoc-activities/{adHocSubProcessInstanceKey}/activation",
          "activateAdHocSubProcessActivities", "Ad-hoc sub-process",
          "Begin elements of an ad-hoc subprocess", kOperate, activate,
          "AdHocSubProcessActivateActivitiesInstruction", "", 204},
};

}  // namespace

std::span<const Route> element_instance_command_routes() {
    return kRoutes;
}

}  // namespace schwarm::api::v2
