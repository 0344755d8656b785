#include "schwarm/api/api.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "schwarm/base/calendar.hpp"
#include "schwarm/feel/codec.hpp"
#include "schwarm/http/form.hpp"
#include "schwarm/http/negotiate.hpp"
#include "schwarm/json/json.hpp"
#include "v2/routes.hpp"
#include "views.hpp"

namespace schwarm::api {
namespace {

using app::Principal;

constexpr json::Limits kBodyLimits{http::kBodyBytesMax, 16, 20'000};

// The lists that fields such as "haushalt.2.name" speak of, as Form::merge wants to be told:
// "haushalt:3". Lists the sender named itself are left alone.
void add_row_counts(forms::Posted& posted) {
    std::map<std::string, unsigned long> rows;
    for (const auto& [name, value] : posted) {
        if (name == "_rows") return;
        for (auto dot = name.find('.'); dot != std::string::npos; dot = name.find('.', dot + 1)) {
            unsigned index = 0;
            const char* const end = name.data() + name.size();
            const auto parsed = std::from_chars(name.data() + dot + 1, end, index);
            if (parsed.ec != std::errc() || (parsed.ptr != end && *parsed.ptr != '.')) continue;
            auto& count = rows[name.substr(0, dot)];
            count = std::max(count, index + 1UL);
        }
    }
    for (const auto& [path, count] : rows) {
        posted.emplace_back("_rows", path + ":" + std::to_string(count));
    }
}

// Who asks, and a cookie to set if a guest's session was begun.
struct Asker {
    Principal principal;
    std::optional<std::string> new_session;
};

class Api {
  public:
    explicit Api(const Dependencies& dependencies) : d_(dependencies) {}

    void add_routes(http::Router& router, const std::shared_ptr<Api>& self) const {
        const auto bind = [&self](auto member) {
            return [self, member](const http::Request& request, http::Respond respond) {
                ((*self).*member)(request, std::move(respond));
            };
        };
        const http::RouteOptions uploads{http::kUploadBytesMax};
        router.post("/applications", bind(&Api::submit));
        router.get("/applications", bind(&Api::my_cases));
        router.get("/applications/{tenant}/{case}", bind(&Api::view_case));
        router.del("/applications/{tenant}/{case}", bind(&Api::delete_case));
        router.post("/applications/{tenant}/{case}/withdrawal", bind(&Api::withdraw));
        router.post("/applications/{tenant}/{case}/documents", bind(&Api::upload), uploads);
        router.get("/applications/{tenant}/{case}/documents/{id}", bind(&Api::document));
        router.get("/applications/{tenant}/{case}/retrievals", bind(&Api::retrievals));
        router.post("/applications/{tenant}/{case}/retrievals/{id}", bind(&Api::decide_retrieval));
        router.get("/cockpit", bind(&Api::cockpit));
        router.get("/services", bind(&Api::services));
        router.get("/tasks", bind(&Api::tasks));
        router.get("/tasks/{tenant}/{case}/{task}", bind(&Api::task));
        router.post("/tasks/{tenant}/{case}/{task}/completion", bind(&Api::complete));
        router.post("/packages", bind(&Api::deploy), uploads);
        router.get("/network", bind(&Api::network));
        router.post("/network/admissions", bind(&Api::admit));
        router.post("/network/removals", bind(&Api::remove));
        router.post("/network/choices", bind(&Api::choose));
    }

  private:
    // --- who and where ---------------------------------------------------------------------

    Result<Principal> principal_of(const http::Request& request) const {
        if (const auto basic = v2::basic_credentials(request)) {
            return d_.identities.by_secret(basic->first, basic->second);
        }
        if (const auto header = request.header("authorization"); !header.empty()) {
            constexpr std::string_view kBearer = "Bearer ";
            if (header.starts_with(kBearer)) {
                if (auto known = d_.identities.by_token(header.substr(kBearer.size()))) {
                    return std::move(*known);
                }
            }
            return fail(ErrorCode::unauthenticated, "the token is not valid");
        }
        if (const auto cookie = request.cookie(app::Sessions::kCookie)) {
            if (auto session = d_.sessions.open(*cookie)) return std::move(session->principal);
        }
        return Principal{};
    }

    // As principal_of, but a nobody becomes a guest with a session, so that the case can be
    // looked at afterwards.
    Result<Asker> asker_of(const http::Request& request) const {
        SCHWARM_TRY(principal, principal_of(request));
        Asker asker{std::move(principal), std::nullopt};
        if (!asker.principal.signed_in() && asker.principal.subject.empty()) {
            auto session = d_.sessions.begin(Principal{});
            SCHWARM_TRY(sealed, d_.sessions.seal(session));
            asker.principal = std::move(session.principal);
            asker.new_session = std::move(sealed);
        }
        return asker;
    }

    struct Place {
        Principal principal;
        TenantId tenant;
        CaseId id;
    };
    Result<Place> place_of(const http::Request& request) const {
        SCHWARM_TRY(principal, principal_of(request));
        const auto id = app::parse_case_number(request.param("case"));
        if (!id) return fail(ErrorCode::not_found, "");
        return Place{std::move(principal), TenantId(std::string(request.param("tenant"))), *id};
    }

    static std::optional<std::uint64_t> number_in(std::string_view text) {
        std::uint64_t value = 0;
        const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
        if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) {
            return std::nullopt;
        }
        return value;
    }

    static forms::Lang language_of(const http::Request& request) {
        const auto header = request.header("accept-language");
        return header.starts_with("en") ? forms::Lang::en : forms::Lang::de;
    }

    static http::Response error(const Error& error, const http::Request& request) {
        return http::problem(error, request.id);
    }

    // Answers 204 or the error.
    // JSON only: no form of another site can send it.
    static Result<json::Value> json_body(const http::Request& request) {
        if (request.content_type() != "application/json") {
            return fail(ErrorCode::unsupported, "the body must be application/json");
        }
        return json::parse(request.body, kBodyLimits);
    }

    static app::Callback<void> answer_empty(const http::Request& request, http::Respond respond) {
        return [id = request.id, respond = std::move(respond)](Result<void> done) {
            respond(done.has_error() ? http::problem(done.error(), id) : http::Response::empty());
        };
    }

    // --- applications ----------------------------------------------------------------------

    // {tenant, service, answers} as JSON or as form fields.
    Result<app::SubmitRequest> submit_request(const http::Request& request,
                                              const Principal& principal) const {
        app::SubmitRequest out;
        out.lang = language_of(request);
        out.idempotency_key = std::string(request.header("idempotency-key"));
        if (out.idempotency_key.size() > 200) {
            return fail(ErrorCode::invalid_input, "the Idempotency-Key is longer than 200 bytes");
        }
        const auto type = request.content_type();
        if (type == "application/json") {
            SCHWARM_TRY(body, feel::from_json_text(request.body, kBodyLimits));
            const auto tenant = body.get("tenant");
            const auto service = body.get("service");
            out.answers = body.get("answers");
            if (!tenant.is_string() || !service.is_string() || !out.answers.is_context()) {
                return fail(ErrorCode::invalid_input,
                            "the body must be {\"tenant\": text, \"service\": text, "
                            "\"answers\": object}");
            }
            out.tenant = TenantId(std::string(tenant.as_string()));
            out.service = ServiceId(std::string(service.as_string()));
            return out;
        }
        if (type != "application/x-www-form-urlencoded") {
            return fail(ErrorCode::unsupported,
                        "the body must be application/json or application/x-www-form-urlencoded");
        }
        SCHWARM_TRY(fields, http::parse_urlencoded(request.body));
        out.tenant = TenantId(std::string(fields.get("tenant")));
        out.service = ServiceId(std::string(fields.get("service")));
        SCHWARM_TRY(page, d_.app.service(principal, out.tenant, out.service, out.lang));
        forms::Posted posted;
        for (const auto& [name, value] : fields) {
            if (name != "tenant" && name != "service") posted.emplace_back(name, value);
        }
        add_row_counts(posted);
        const auto& form = page.package->form();
        out.answers = feel::Value::context({});
        for (const auto& part : form.pages()) {
            SCHWARM_TRY(merged, form.merge(out.answers, part, posted));
            out.answers = std::move(merged);
        }
        return out;
    }

    void submit(const http::Request& request, http::Respond respond) {
        auto asker = asker_of(request);
        if (!asker) return respond(error(asker.error(), request));
        auto wanted = submit_request(request, asker->principal);
        if (!wanted) return respond(error(wanted.error(), request));
        d_.app.submit(
            asker->principal, std::move(*wanted),
            [id = request.id, secure = request.secure, session = std::move(asker->new_session),
             respond = std::move(respond)](Result<app::SubmitReply> reply) {
                if (reply.has_error()) return respond(http::problem(reply.error(), id));
                if (!reply->receipt) {
                    return respond(field_problem(reply->field_errors, "/answers", id));
                }
                auto response = receipt_response(*reply->receipt);
                if (session) {
                    http::Cookie cookie;
                    cookie.name = std::string(app::Sessions::kCookie);
                    cookie.value = *session;
                    cookie.secure = secure;
                    response.set_cookie(cookie);
                }
                respond(std::move(response));
            });
    }

    void my_cases(const http::Request& request, http::Respond respond) {
        auto principal = principal_of(request);
        if (!principal) return respond(error(principal.error(), request));
        auto cases = d_.app.my_cases(*principal, language_of(request));
        if (!cases) return respond(error(cases.error(), request));
        respond(http::Response::json(cases_json(*cases)));
    }

    void view_case(const http::Request& request, http::Respond respond) {
        auto place = place_of(request);
        if (!place) return respond(error(place.error(), request));
        auto view =
            d_.app.view_case(place->principal, place->tenant, place->id, language_of(request));
        if (!view) return respond(error(view.error(), request));
        respond(http::Response::json(case_json(*view)));
    }

    void delete_case(const http::Request& request, http::Respond respond) {
        auto place = place_of(request);
        if (!place) return respond(error(place.error(), request));
        auto query = request.query_fields();
        if (!query) return respond(error(query.error(), request));
        d_.app.delete_case(place->principal, place->tenant, place->id,
                           std::string(query->get("rule")), answer_empty(request, respond));
    }

    void withdraw(const http::Request& request, http::Respond respond) {
        auto place = place_of(request);
        if (!place) return respond(error(place.error(), request));
        d_.app.withdraw(place->principal, place->tenant, place->id,
                        std::string(request.header("idempotency-key")),
                        answer_empty(request, respond));
    }

    void retrievals(const http::Request& request, http::Respond respond) {
        auto place = place_of(request);
        if (!place) return respond(error(place.error(), request));
        auto open = d_.app.retrievals(place->principal, place->tenant, place->id);
        if (!open) return respond(error(open.error(), request));
        respond(not_kept(http::Response::json(retrievals_json(*open))));
    }

    void decide_retrieval(const http::Request& request, http::Respond respond) {
        auto place = place_of(request);
        if (!place) return respond(error(place.error(), request));
        auto body = json_body(request);
        if (!body) return respond(error(body.error(), request));
        const json::Value* use = body->find("use");
        if (use == nullptr || !use->is_boolean()) {
            return respond(error(
                fail(ErrorCode::invalid_input, "true or false is needed", "body /use"), request));
        }
        d_.app.decide_retrieval(place->principal, place->tenant, place->id, request.param("id"),
                                use->as_boolean(), answer_empty(request, respond));
    }

    void cockpit(const http::Request& request, http::Respond respond) {
        auto principal = principal_of(request);
        if (!principal) return respond(error(principal.error(), request));
        d_.app.cockpit(*principal, [id = request.id, respond = std::move(respond)](
                                       const Result<std::vector<app::CockpitRegister>>& registers) {
            if (registers.has_error()) {
                return respond(http::problem(registers.error(), id));
            }
            respond(not_kept(http::Response::json(cockpit_json(*registers))));
        });
    }
    static http::Response not_kept(http::Response response) {
        response.header("Cache-Control", "no-store");
        return response;
    }

    void upload(const http::Request& request, http::Respond respond) {
        auto place = place_of(request);
        if (!place) return respond(error(place.error(), request));
        auto form = http::parse_form(request);
        if (!form) return respond(error(form.error(), request));
        if (form->files.size() != 1) {
            return respond(error(
                fail(ErrorCode::invalid_input, "the form must have exactly one file"), request));
        }
        const auto& file = form->files.front();
        d_.app.upload(
            place->principal, place->tenant, place->id, {file.file_name, std::string(file.content)},
            [id = request.id, respond = std::move(respond)](Result<app::DocumentEntry> entry) {
                if (entry.has_error()) return respond(http::problem(entry.error(), id));
                respond(http::Response::json(document_entry_json(*entry), 201));
            });
    }

    void document(const http::Request& request, http::Respond respond) {
        auto place = place_of(request);
        if (!place) return respond(error(place.error(), request));
        const auto id = number_in(request.param("id"));
        if (!id) return respond(error(fail(ErrorCode::not_found, ""), request));
        auto document =
            d_.app.document(place->principal, place->tenant, place->id, DocumentId(*id));
        if (document) {
            const bool html = request.header("accept").find("text/html") != std::string_view::npos;
            return d_.app.open_document(
                place->principal, place->tenant, place->id, DocumentId(*id),
                [html, id = request.id,
                 respond = std::move(respond)](const Result<app::RenderedDocument>& opened) {
                    if (opened.has_error()) return respond(http::problem(opened.error(), id));
                    respond(html ? http::Response::html(document_html(*opened))
                                 : http::Response::json(document_json(*opened)));
                });
        }
        auto file =
            d_.app.uploaded_file(place->principal, place->tenant, place->id, DocumentId(*id));
        if (!file) return respond(error(document.error(), request));
        auto response = http::Response::make(200, file->entry.media_type, std::move(file->bytes));
        response.header("Content-Disposition", "attachment");
        respond(std::move(response));
    }

    void services(const http::Request& request, http::Respond respond) {
        auto principal = principal_of(request);
        if (!principal) return respond(error(principal.error(), request));
        auto query = request.query_fields();
        if (!query) return respond(error(query.error(), request));
        auto found = d_.app.services(*principal, TenantId(std::string(query->get("tenant"))),
                                     query->get("q"), language_of(request));
        if (!found) return respond(error(found.error(), request));
        respond(http::Response::json(services_json(*found)));
    }

    // --- tasks -----------------------------------------------------------------------------

    void tasks(const http::Request& request, http::Respond respond) {
        auto principal = principal_of(request);
        if (!principal) return respond(error(principal.error(), request));
        auto found = d_.app.tasks(*principal, language_of(request));
        if (!found) return respond(error(found.error(), request));
        respond(http::Response::json(tasks_json(*found)));
    }

    void task(const http::Request& request, http::Respond respond) {
        auto place = place_of(request);
        if (!place) return respond(error(place.error(), request));
        const auto key = number_in(request.param("task"));
        if (!key) return respond(error(fail(ErrorCode::not_found, ""), request));
        auto view = d_.app.task(place->principal, place->tenant, place->id, ElementKey(*key),
                                language_of(request));
        if (!view) return respond(error(view.error(), request));
        respond(http::Response::json(task_json(*view)));
    }

    void complete(const http::Request& request, http::Respond respond) {
        auto place = place_of(request);
        if (!place) return respond(error(place.error(), request));
        const auto key = number_in(request.param("task"));
        if (!key) return respond(error(fail(ErrorCode::not_found, ""), request));
        auto body = feel::from_json_text(request.body, kBodyLimits);
        if (!body) return respond(error(body.error(), request));
        app::CompleteRequest wanted;
        wanted.tenant = place->tenant;
        wanted.case_id = place->id;
        wanted.task = ElementKey(*key);
        wanted.answers = body->get("answers");
        wanted.idempotency_key = std::string(request.header("idempotency-key"));
        wanted.lang = language_of(request);
        if (!wanted.answers.is_context()) {
            return respond(error(
                fail(ErrorCode::invalid_input, "the body must be {\"answers\": object}"), request));
        }
        d_.app.complete(
            place->principal, std::move(wanted),
            [id = request.id, respond = std::move(respond)](Result<app::CompleteReply> reply) {
                if (reply.has_error()) {
                    return respond(http::problem(reply.error(), id));
                }
                if (!reply->field_errors.empty()) {
                    return respond(field_problem(reply->field_errors, "/answers", id));
                }
                respond(http::Response::empty());
            });
    }

    // --- packages --------------------------------------------------------------------------

    struct Parcel {
        std::string service;
        services::PackageFiles files;
    };

    // A multipart form: field "service", and the files with their paths as field names. Or JSON
    // {"service": "wohngeld"}: the folder of that name in the configured directory.
    Result<Parcel> parcel_of(const http::Request& request) const {
        Parcel parcel;
        if (request.content_type() == "application/json") {
            SCHWARM_TRY(body, json::parse(request.body, kBodyLimits));
            parcel.service = body.string_or("service", "");
            if (d_.packages_directory.empty()) {
                return fail(ErrorCode::unsupported, "no package directory is configured");
            }
            if (parcel.service.empty() ||
                parcel.service.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") !=
                    std::string::npos) {
                return fail(ErrorCode::invalid_input, "the service id is not valid");
            }
            const auto folder = std::filesystem::path(d_.packages_directory) / parcel.service;
            SCHWARM_TRY(files, services::read_folder(folder.string()));
            parcel.files = std::move(files);
            return parcel;
        }
        http::FormLimits limits;
        limits.files_max = services::PackageLimits().files_max;
        SCHWARM_TRY(form, http::parse_form(request, limits));
        parcel.service = std::string(form.fields.get("service"));
        for (const auto& file : form.files) {
            if (!parcel.files.emplace(file.name, std::string(file.content)).second) {
                return fail(ErrorCode::invalid_input, "the file is there twice", file.name);
            }
        }
        return parcel;
    }

    void deploy(const http::Request& request, http::Respond respond) {
        auto principal = principal_of(request);
        if (!principal) return respond(error(principal.error(), request));
        // Asked before the body is looked at, so that nobody else learns anything from it.
        if (auto allowed = app::decide_access(*principal, app::Action::deploy_package, {});
            allowed.has_error()) {
            return respond(error(allowed.error(), request));
        }
        auto parcel = parcel_of(request);
        if (!parcel) return respond(error(parcel.error(), request));
        d_.app.deploy(*principal, parcel->service, std::move(parcel->files),
                      [id = request.id, service = parcel->service,
                       respond = std::move(respond)](Result<services::Deployed> deployed) {
                          if (deployed.has_error()) {
                              return respond(http::problem(deployed.error(), id));
                          }
                          respond(deployed_response(service, *deployed, id));
                      });
    }

    // --- network ---------------------------------------------------------------------------

    void network(const http::Request& request, http::Respond respond) {
        auto principal = principal_of(request);
        if (!principal) return respond(error(principal.error(), request));
        auto view = d_.app.network(*principal);
        if (!view) return respond(error(view.error(), request));
        respond(http::Response::json(network_json(*view)));
    }

    // Takes these texts out of the body and answers what `change` answers.
    void change_network(
        const http::Request& request, http::Respond respond,
        const std::function<Result<void>(const Principal&, const json::Value&)>& change) {
        auto principal = principal_of(request);
        if (!principal) return respond(error(principal.error(), request));
        if (auto allowed = app::decide_access(*principal, app::Action::manage_network, {});
            allowed.has_error()) {
            return respond(error(allowed.error(), request));
        }
        auto body = json_body(request);
        if (!body) return respond(error(body.error(), request));
        answer_empty(request, std::move(respond))(change(*principal, *body));
    }

    void admit(const http::Request& request, http::Respond respond) {
        change_network(request, std::move(respond),
                       [this](const Principal& principal, const json::Value& body) {
                           return d_.app.admit_member(principal, body.string_or("member", ""),
                                                      body.string_or("key", ""));
                       });
    }
    void remove(const http::Request& request, http::Respond respond) {
        change_network(request, std::move(respond),
                       [this](const Principal& principal, const json::Value& body) {
                           return d_.app.remove_member(principal, body.string_or("member", ""));
                       });
    }
    void choose(const http::Request& request, http::Respond respond) {
        change_network(request, std::move(respond),
                       [this](const Principal& principal, const json::Value& body) {
                           return d_.app.choose_epoch(principal, body.string_or("epoch", ""));
                       });
    }

    Dependencies d_;
};

}  // namespace

void add_routes(http::Router& router, const Dependencies& dependencies) {
    const auto api = std::make_shared<Api>(dependencies);
    api->add_routes(router, api);
}

}  // namespace schwarm::api
