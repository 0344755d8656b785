// From what the use cases answer to the data of the templates. Pure functions: no requests, no
// sessions, so that each page can be made in a test.
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "schwarm/app/app.hpp"
#include "site.hpp"

namespace schwarm::portal {

// --- addresses ---
std::string service_path(const TenantId& tenant, const ServiceId& service);
std::string application_path(const TenantId& tenant, const ServiceId& service);
std::string page_path(const TenantId& tenant, const ServiceId& service, std::string_view page);
std::string case_path(const TenantId& tenant, CaseId id);
std::string progress_path(const TenantId& tenant, CaseId id);
std::string task_path(const TenantId& tenant, CaseId id, ElementKey task);

// --- forms ---
Data field_data(const forms::FieldView& view, Lang lang, const Site& site);
// `heading` stands above already and is not repeated by a group of the same name.
Data fields_data(const std::vector<forms::FieldView>& views, Lang lang, const Site& site,
                 std::string_view heading = {});
// Entries for the error summary, linking to the first input of each field.
Data errors_data(const std::vector<forms::FieldError>& errors,
                 const std::vector<forms::FieldView>& views);
// `change` answers the address for changing a page, empty for none.
Data sections_data(const std::vector<forms::SummarySection>& sections,
                   const std::function<std::string(const std::string& page)>& change);
std::string element_id(std::string_view field_name);
// The names of the fields a posted page had.
std::unordered_set<std::string> seen_fields(const forms::Posted& posted);
// The first field that an answer on the same page has brought up and that nobody has seen yet;
// empty if there is none.
std::string first_unseen(const std::vector<forms::FieldView>& views,
                         const std::unordered_set<std::string>& seen);

// --- pages ---
Data start_data(const std::vector<app::ServiceEntry>& services, std::string_view query, Lang lang,
                const Site& site);
Data service_data(const app::ServicePage& page, const app::Draft* draft, bool may_start,
                  std::string_view csrf, Lang lang, const Site& site);
Data cases_data(const std::vector<app::CaseEntry>& cases, bool guest, Lang lang, const Site& site);
Data case_data(const app::CaseView& view, std::string_view csrf, bool pdf,
               std::string_view upload_error, Lang lang, const Site& site);
Data receipt_data(const app::CaseView& view, std::string_view next, bool guest, Lang lang);
Data document_data(const app::RenderedDocument& document, std::string_view path, bool pdf);
Data tasks_data(const std::vector<app::TaskEntry>& tasks, Lang lang);
Data task_data(const app::TaskView& view, const std::vector<forms::FieldView>& fields,
               std::string_view csrf, Lang lang, const Site& site);
// `own`: for the applicant, who decides; else for a clerk. `path`: of the case.
Data retrievals_data(const std::vector<app::OpenRetrieval>& retrievals, bool own,
                     const std::string& path, Lang lang, const Site& site);
Data cockpit_data(const app::IdentifiedPerson& person,
                  const std::vector<app::CockpitRegister>& registers, Lang lang, const Site& site);
// `zoom`: percent, or 0 for as wide as the page.
Data progress_data(const app::CaseProgress& progress, int zoom, Lang lang, const Site& site);
Data operation_data(const app::Overview& overview, std::string_view csrf, Lang lang,
                    const Site& site);

// The whole document for the PDF maker: the same body as the page, with the print style sheet.
std::string print_page(const app::RenderedDocument& document);

}  // namespace schwarm::portal
