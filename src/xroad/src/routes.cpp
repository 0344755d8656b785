#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>

#include "access.hpp"
#include "attributes.hpp"
#include "call.hpp"
#include "metadata.hpp"
#include "request_hash.hpp"
#include "schwarm/base/check.hpp"
#include "schwarm/crypto/encode.hpp"
#include "schwarm/json/json.hpp"
#include "schwarm/xroad/xroad.hpp"

namespace schwarm::xroad {
namespace {

// RFC 9562, version 4.
std::string make_uuid(Random& random) {
    std::array<std::byte, 16> bytes{};
    random.fill(bytes);
    bytes[6] = (bytes[6] & std::byte{0x0F}) | std::byte{0x40};
    bytes[8] = (bytes[8] & std::byte{0x3F}) | std::byte{0x80};
    std::string text =
        crypto::hex_encode({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    for (const std::size_t at : {8U, 13U, 18U, 23U}) text.insert(at, "-");
    return text;
}

// RFC 9457, as the provider's own answer: without X-Road-Error.
http::Response provider_problem(int status, std::string_view title, std::string_view detail) {
    json::Writer writer;
    writer.begin_object();
    writer.member("type", "about:blank");
    writer.member("title", title);
    writer.member("status", status);
    if (!detail.empty()) writer.member("detail", detail);
    writer.end_object();
    return http::Response::make(status, "application/problem+json", writer.take());
}

http::Response provider_answer(const Answer& answer) {
    switch (answer.outcome) {
        case Outcome::delivered:
            return http::Response::json(json::to_string(answer.data));
        case Outcome::not_found:
            return provider_problem(404, "nicht gefunden", answer.reason);
        case Outcome::refused:
            break;
    }
    return provider_problem(403, "abgelehnt", answer.reason);
}

http::Response wrong_attributes(const Error& error) {
    const int status = error.code == ErrorCode::unsupported ? 415 : 400;
    std::string detail = error.message;
    if (!error.where.empty()) detail += " (" + error.where + ")";
    return provider_problem(status, "die Angaben passen nicht", detail);
}

// One call on its way. The request lives until it is answered, so nothing may touch it afterwards.
class OpenCall {
  public:
    OpenCall(std::shared_ptr<const Dependencies> around, const http::Request& request,
             http::Respond respond)
        : around_(std::move(around)),
          request_(request),
          respond_(std::move(respond)),
          request_id_(make_uuid(around_->random)) {}
    OpenCall(const OpenCall&) = delete;
    OpenCall& operator=(const OpenCall&) = delete;
    // The host lost the question, or is going down: it is not called any more.
    ~OpenCall() {
        if (answered_.exchange(true)) return;
        respond_(fault_response(request_, fault_of(fail(ErrorCode::internal, "")), request_id_));
    }

    static void run(const std::shared_ptr<OpenCall>& self) {
        auto done = self->handle(self);
        if (done.has_error()) self->refuse(done.error());
    }

  private:
    Checked<void> handle(const std::shared_ptr<OpenCall>& self);
    void answer_metaservice(const Parties& parties, std::string_view name);
    Checked<void> answer_open_api(const Parties& parties);
    std::vector<Method> allowed(const Parties& parties) const;
    void refuse(const Fault& fault);
    void answer(http::Response response);
    void report(int status, const Fault* fault) const;

    const std::shared_ptr<const Dependencies> around_;
    const http::Request& request_;
    http::Respond respond_;
    const std::string request_id_;
    Call call_;
    std::optional<TenantId> tenant_;  // the client's, once it is proven
    std::string hash_;
    std::atomic<bool> answered_{false};
};

Checked<void> OpenCall::handle(const std::shared_ptr<OpenCall>& self) {
    SCHWARM_TRY_VOID(read_call(request_, call_));
    SCHWARM_TRY(client, check_client(around_->gateway, around_->settings, request_, call_.client));
    tenant_ = client.tenant;
    SCHWARM_TRY(parties, check_parties(around_->gateway, around_->settings, client, call_));
    const bool has_id = !call_.id.empty();
    if (!has_id) call_.id = around_->settings.instance + "-" + make_uuid(around_->random);
    hash_ = request_hash(
        request_text(http::name_of(request_.method), request_.target, request_.headers,
                     {request_id_, has_id ? std::string_view{} : std::string_view(call_.id)}),
        request_.body);

    const std::string& name = call_.service.service;
    if (name == kListMethods || name == kAllowedMethods || name == kGetOpenApi) {
        if (request_.method != http::Method::get) {
            return Fault{kInvalidHttpMethod, "metaservices are asked by GET"};
        }
        if (name == kGetOpenApi) return answer_open_api(parties);
        answer_metaservice(parties, name);
        return {};
    }

    const Offer* offer = find_offer(parties, name);
    if (offer == nullptr) {
        return Fault{kUnknownService, "Unknown service: " + call_.service.text()};
    }
    SCHWARM_TRY_VOID(check_person(*offer));
    const Instant now = around_->clock.now();
    SCHWARM_TRY(
        agreement,
        choose_agreement(agreements_in_force(around_->gateway, parties, name, now), call_.rest));
    auto attributes = read_attributes(request_, *offer);
    if (attributes.has_error()) {
        answer(wrong_attributes(attributes.error()));
        return {};
    }
    around_->gateway.ask(Question{parties.client, parties.provider, name, std::move(agreement),
                                  call_.id, request_id_, call_.user, call_.issue,
                                  std::move(attributes.value()), now + around_->settings.timeout},
                         [self](Result<Answer> result) {
                             if (result.has_error()) {
                                 self->refuse(fault_of(result.error()));
                             } else {
                                 self->answer(provider_answer(result.value()));
                             }
                         });
    return {};
}

void OpenCall::answer_metaservice(const Parties& parties, std::string_view name) {
    std::vector<Method> methods;
    if (name == kAllowedMethods) {
        methods = allowed(parties);
    } else {
        for (const Offer& offer : parties.offers) methods.push_back({offer.evidence, {"/", "/*"}});
    }
    answer(http::Response::json(method_list(call_.service.subsystem, methods)));
}

// A path is there if exactly one agreement answers to it.
std::vector<Method> OpenCall::allowed(const Parties& parties) const {
    std::vector<Method> methods;
    for (const Offer& offer : parties.offers) {
        if (check_person(offer).has_error()) continue;
        const auto in_force =
            agreements_in_force(around_->gateway, parties, offer.evidence, around_->clock.now());
        Method method{offer.evidence, {}};
        if (in_force.size() == 1) method.paths.emplace_back("/");
        std::map<std::string, int> services;
        for (const auto& one : in_force) ++services[one.service];
        for (const auto& [service, count] : services) {
            if (count == 1 && is_part(service)) method.paths.push_back("/" + escape_part(service));
        }
        if (!method.paths.empty()) methods.push_back(std::move(method));
    }
    return methods;
}

Checked<void> OpenCall::answer_open_api(const Parties& parties) {
    const auto fields = request_.query_fields();
    if (fields.has_error()) return bad_request("the query is not well-formed");
    const auto codes = fields.value().all("serviceCode");
    if (codes.size() != 1 || codes.front().empty()) {
        return Fault{kInvalidRequest, "the query has to name one serviceCode"};
    }
    const Offer* offer = find_offer(parties, codes.front());
    if (offer == nullptr) return Fault{kUnknownService, "the provider has no such service"};
    answer(http::Response::json(open_api(call_.service.subsystem, *offer)));
    return {};
}

void OpenCall::refuse(const Fault& fault) {
    if (answered_.exchange(true)) return;
    http::Response response = fault_response(request_, fault, request_id_);
    report(response.status, &fault);
    respond_(std::move(response));
}

void OpenCall::answer(http::Response response) {
    if (answered_.exchange(true)) return;
    response.header("X-Road-Client", call_.client.text());
    response.header("X-Road-Service", call_.service.text());
    response.header("X-Road-Id", call_.id);
    response.header("X-Road-Request-Id", request_id_);
    response.header("X-Road-Request-Hash", hash_);
    report(response.status, nullptr);
    respond_(std::move(response));
}

void OpenCall::report(int status, const Fault* fault) const {
    Record record;
    record.request_id = request_id_;
    record.tenant = tenant_;
    if (!call_.client.instance.empty()) record.client = call_.client.text();
    if (!call_.service.service.empty()) record.service = call_.service.text();
    record.id = call_.id;
    record.user = call_.user;
    record.issue = call_.issue;
    record.status = status;
    if (fault != nullptr) {
        record.error = fault->type;
        record.reason = fault->message;
    }
    around_->gateway.record(record);
}

http::Response list_clients(const Dependencies& around, const http::Request& request) {
    const auto fields = request.query_fields();
    if (fields.has_error()) {
        return fault_response(request, bad_request("the query is not well-formed"), request.id);
    }
    const std::string* instance = fields.value().find("xRoadInstance");
    if (instance != nullptr && *instance != around.settings.instance) {
        return fault_response(request, bad_request("this node knows no such instance"), request.id);
    }
    const auto clients = around.gateway.clients();
    if (accepts(request, "application/json")) {
        return http::Response::json(client_list_json(around.settings, clients));
    }
    return http::Response::make(200, "text/xml;charset=utf-8",
                                client_list_xml(around.settings, clients));
}

constexpr std::array kEveryMethod = {http::Method::get,     http::Method::head, http::Method::post,
                                     http::Method::put,     http::Method::del,  http::Method::patch,
                                     http::Method::options, http::Method::other};

}  // namespace

void add_routes(http::Router& router, const Dependencies& dependencies) {
    CHECK(is_part(dependencies.settings.instance), "the instance is no identifier of X-Road");
    const auto around = std::make_shared<const Dependencies>(dependencies);
    for (const http::Method method : kEveryMethod) {
        router.add(
            method, "/r1/{path...}",
            [around](const http::Request& request, http::Respond respond) {
                OpenCall::run(std::make_shared<OpenCall>(around, request, std::move(respond)));
            },
            {kBodyBytesMax});
    }
    router.get("/listClients",
               [around](const http::Request& request, const http::Respond& respond) {
                   respond(list_clients(*around, request));
               });
}

http::Response error_page(const http::Request& request, const Error& error, int status) {
    Fault fault = bad_request(error.message);
    if (status == 404) {
        fault.message = "the address is neither /r1/... nor /listClients";
    } else if (status == 405) {
        fault = {kInvalidHttpMethod, error.message};
    } else if (status >= 500) {
        fault = {kClientInternal, "an error of the node"};
    }
    return fault_response(request, fault, request.id);
}

}  // namespace schwarm::xroad
