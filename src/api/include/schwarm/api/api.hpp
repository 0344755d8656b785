// The JSON interface of a node for machines and scripts: request -> response over app. Sans-IO;
// docs/formats/api.md describes each route.
//
//   POST   /applications                                  submit; 201 after the commit
//   GET    /applications                                  the asker's cases
//   GET    /applications/{tenant}/{case}                  status, decision, documents
//   DELETE /applications/{tenant}/{case}?rule=...         deletion by law (administrator)
//   POST   /applications/{tenant}/{case}/withdrawal
//   POST   /applications/{tenant}/{case}/documents        upload (multipart)
//   GET    /applications/{tenant}/{case}/documents/{id}   JSON, or HTML by Accept
//   GET    /services?tenant=&q=                           catalogue
//   GET    /tasks                                         a clerk's open tasks
//   GET    /tasks/{tenant}/{case}/{task}
//   POST   /tasks/{tenant}/{case}/{task}/completion
//   POST   /packages                                      deploy (administrator of the node)
//   GET    /network                                       directory and waiting messages (operator)
//   POST   /network/admissions                            {"member", "key"} (operator of the node)
//   POST   /network/removals                              {"member"}
//   POST   /network/choices                               {"epoch"}
//
// The asker is the bearer token's ("Authorization: Bearer"), else the session cookie's, else
// nobody. Cookies are SameSite=Lax, so that another site cannot make a browser submit with them.
// Errors are application/problem+json; wrong answers of a form are 422 with "errors", each with a
// JSON pointer into the body.
#pragma once

#include <string>

#include "schwarm/app/app.hpp"
#include "schwarm/app/session.hpp"
#include "schwarm/http/router.hpp"

namespace schwarm::api {

// Borrowed; must outlive the router.
struct Dependencies {
    app::App& app;
    const app::Sessions& sessions;
    const app::IdentityProvider& identities;
    // Where POST /packages {"service": "..."} finds folders; empty: only uploads are taken.
    std::string packages_directory;
};

// CHECKs that none of the routes exists yet.
void add_routes(http::Router& router, const Dependencies& dependencies);

}  // namespace schwarm::api
