// One request to the portal: who asks, in which language, and the ways to answer.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "pages.hpp"
#include "schwarm/http/form.hpp"
#include "schwarm/http/message.hpp"
#include "schwarm/portal/portal.hpp"
#include "site.hpp"

namespace schwarm::portal {

struct Portal::Impl {
    explicit Impl(const Ports& p) : ports(p) {}
    Ports ports;
    Site site;

    void add_public(http::Router& router) const;
    void add_forms(http::Router& router) const;
    void add_cases(http::Router& router) const;
    void add_staff(http::Router& router) const;
};

// Shared by the callbacks of one request; answers once. Thread-safe after construction.
class Visit {
  public:
    Visit(const Portal::Impl& portal, const http::Request& request, http::Respond respond);

    const Portal::Impl& portal() const { return portal_; }
    app::App& app() const { return portal_.ports.app; }
    const Site& site() const { return portal_.site; }
    Lang lang() const { return lang_; }
    const app::Principal& who() const { return session_.principal; }
    bool guest() const { return !who().signed_in(); }
    const std::string& path() const { return path_; }
    std::string csrf() const { return portal_.ports.sessions.csrf_token(session_); }
    const app::Session& session() const { return session_; }
    bool pdf() const { return portal_.ports.pdf != nullptr; }
    bool secure() const { return secure_; }
    std::string text(std::string_view key, std::vector<html::Parameter> parameters = {}) const {
        return site().text(lang_, key, std::move(parameters));
    }

    Frame frame(std::string title, std::string section) const;
    void page(std::string_view name, const Data& data, const Frame& frame, int status = 200) const;
    void redirect(std::string location) const;
    void respond(http::Response response) const;
    // For answers that set the session cookie themselves.
    void respond_signed(http::Response response) const { respond_(std::move(response)); }
    // A page that says what happened and what to do.
    void error(const Error& error) const;
    void error_page(int status, const Error& error) const;
    http::Response error_response(int status, const Error& error) const;

  private:
    void add_session(http::Response& response) const;

    const Portal::Impl& portal_;
    http::Respond respond_;
    Lang lang_ = Lang::de;
    app::Session session_;
    bool fresh_session_ = false;
    std::string path_;
    std::string request_id_;
    bool secure_ = false;
};
using VisitPtr = std::shared_ptr<const Visit>;

// Handlers of the portal get a Visit; those of POST also the form, whose CSRF token was checked.
using GetHandler = std::function<void(const VisitPtr&, const http::Request&)>;
using PostHandler = std::function<void(const VisitPtr&, const http::Request&, const http::Form&)>;
http::Handler on_get(const Portal::Impl& portal, GetHandler handler);
http::Handler on_post(const Portal::Impl& portal, PostHandler handler);

// The parts of an address; nullopt (and a 404) where they cannot be such an id.
std::optional<CaseId> case_id(const http::Request& request);
std::optional<ElementKey> task_key(const http::Request& request);
TenantId tenant_id(const http::Request& request);
ServiceId service_id(const http::Request& request);
std::optional<std::uint64_t> number(std::string_view text);

// A path of this site, or "/".
std::string local_path(std::string_view wanted);
// The text of a known message key in the query ("?meldung=..."), else "".
std::string notice_of(const Visit& visit, const http::Request& request);
std::string query_value(const http::Request& request, std::string_view name);

}  // namespace schwarm::portal
