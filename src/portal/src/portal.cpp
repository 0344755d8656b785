#include "schwarm/portal/portal.hpp"

#include "schwarm/http/negotiate.hpp"
#include "visit.hpp"

namespace schwarm::portal {

Portal::Portal(const Ports& ports) : impl_(std::make_unique<Impl>(ports)) {}
Portal::~Portal() = default;

void Portal::add_routes(http::Router& router) const {
    impl_->add_public(router);
    impl_->add_forms(router);
    impl_->add_cases(router);
    impl_->add_staff(router);
    router.on_error([this](const http::Request& request, const Error& error, int status) {
        if (!http::accepts_html(request.header("Accept"))) {
            return http::problem(error, request.id, status);
        }
        const Visit visit(*impl_, request, http::Respond([](http::Response) {}));
        return visit.error_response(status, error);
    });
}

}  // namespace schwarm::portal
