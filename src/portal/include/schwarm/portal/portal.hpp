// The pages for people: citizens, clerks, operators. Request -> response over app; no sockets, no
// storage of its own. Works without JavaScript; every POST carries a CSRF token and is answered
// by a redirect (or by the page again, filled in, where an answer was wrong).
//
//   Portal portal({.app = app, .sessions = sessions, .identities = identities, .clock = clock});
//   portal.add_routes(router);
//
// Thread-safe after construction. The Portal and what it borrows must outlive the router and all
// requests under way.
#pragma once

#include <memory>
#include <string>

#include "schwarm/app/app.hpp"
#include "schwarm/app/session.hpp"
#include "schwarm/base/clock.hpp"
#include "schwarm/http/router.hpp"
#include "schwarm/portal/pdf_renderer.hpp"

namespace schwarm::portal {

// All borrowed.
struct Ports {
    app::App& app;
    const app::Sessions& sessions;
    const app::IdentityProvider& identities;
    const Clock& clock;
    PdfRenderer* pdf = nullptr;  // null: documents are offered as pages only
};

class Portal {
  public:
    // Compiles the embedded templates; CHECKs that they are in order (tests see to that).
    explicit Portal(const Ports& ports);
    ~Portal();
    Portal(const Portal&) = delete;
    Portal& operator=(const Portal&) = delete;

    // Adds "/", "/dienste", "/antrag", "/vorgaenge", "/aufgaben", "/betrieb",
    // "/datenschutzcockpit",
    // "/anmelden", "/abmelden", "/sprache", "/static" and what is below them, and pages for errors
    // of routing (problem+json stays for clients that do not ask for HTML).
    void add_routes(http::Router& router) const;

    struct Impl;

  private:
    std::unique_ptr<Impl> impl_;
};

}  // namespace schwarm::portal
