// What the API says, as JSON.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schwarm/app/app.hpp"
#include "schwarm/http/message.hpp"

namespace schwarm::api {

http::Response receipt_response(const app::Receipt& receipt);
// 422 with a JSON pointer for each wrong answer; `base` is where the answers lie in the body.
http::Response field_problem(const std::vector<forms::FieldError>& errors, std::string_view base,
                             std::string_view request_id);
http::Response deployed_response(std::string_view service, const services::Deployed& deployed,
                                 std::string_view request_id);
std::string cases_json(const std::vector<app::CaseEntry>& cases);
std::string case_json(const app::CaseView& view);
std::string document_entry_json(const app::DocumentEntry& entry);
std::string document_json(const app::RenderedDocument& document);
// A whole page around the document's body.
std::string document_html(const app::RenderedDocument& document);
std::string services_json(const std::vector<app::ServiceEntry>& services);
std::string tasks_json(const std::vector<app::TaskEntry>& tasks);
std::string retrievals_json(const std::vector<app::OpenRetrieval>& retrievals);
std::string cockpit_json(const std::vector<app::CockpitRegister>& registers);
std::string network_json(const app::NetworkView& view);
std::string task_json(const app::TaskView& view);

}  // namespace schwarm::api
