// The side of App of the person concerned: what registers gave for the own case, and what they
// gave out about oneself at all.
#include "impl.hpp"

namespace schwarm::app {

Result<std::vector<OpenRetrieval>> App::retrievals(const Principal& principal,
                                                   const TenantId& tenant, CaseId id) const {
    SCHWARM_TRY(loaded, impl_->load(principal, Action::view_case, tenant, id));
    if (impl_->evidence == nullptr) return std::vector<OpenRetrieval>();
    SCHWARM_TRY(open, impl_->evidence->open(tenant, id));
    Object object;
    object.tenant = tenant;
    object.owner = loaded.state.started_by;
    object.required = loaded.package->assurance;
    // Until the person has agreed, nobody else reads it.
    if (decide_access(principal, Action::decide_retrieval, object).has_error()) {
        for (auto& retrieval : open) retrieval.data = feel::Value();
    }
    return open;
}

void App::decide_retrieval(const Principal& principal, const TenantId& tenant, CaseId id,
                           std::string_view retrieval, bool use, Callback<void> done) {
    const auto loaded = impl_->load(principal, Action::decide_retrieval, tenant, id);
    if (!loaded) return done(loaded.error());
    if (impl_->evidence == nullptr) return done(fail(ErrorCode::not_found, ""));
    impl_->evidence->decide(
        tenant, id, retrieval, use, [done = std::move(done)](Result<void> decided) {
            // It is the own case: that the retrieval is over is no secret, and a second press of
            // the button is no wrong address.
            if (decided.has_error() && decided.error().code == ErrorCode::not_found) {
                return done(
                    fail(ErrorCode::conflict, "the retrieval does not wait for the person"));
            }
            done(std::move(decided));
        });
}

bool App::offers_cockpit(const Principal& principal) const {
    return impl_->evidence != nullptr && principal.kind == PrincipalKind::citizen;
}

void App::cockpit(const Principal& principal, Callback<std::vector<CockpitRegister>> done) {
    if (impl_->evidence == nullptr)
        return done(fail(ErrorCode::not_found, "the node stands alone"));
    Object object;
    object.required = AssuranceLevel::high;
    if (const auto access = decide_access(principal, Action::view_retrievals, object); !access) {
        // That there is a cockpit is no secret; who signs in may see it.
        if (!principal.signed_in()) {
            return done(fail(ErrorCode::unauthenticated, "the cockpit needs a sign-in"));
        }
        return done(access.error());
    }
    if (!principal.person) {
        return done(fail(ErrorCode::unauthenticated,
                         "the sign-in does not say who the person is; registers cannot be asked"));
    }
    impl_->evidence->cockpit(*principal.person,
                             [done = std::move(done)](std::vector<CockpitRegister> registers) {
                                 done(std::move(registers));
                             });
}

}  // namespace schwarm::app
