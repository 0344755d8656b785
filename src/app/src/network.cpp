// The operator's side of App: the network.
#include "impl.hpp"

namespace schwarm::app {
namespace {

constexpr std::size_t kWaitingMax = 100;  // of each tenant

}  // namespace

Result<NetworkView> App::network(const Principal& principal) const {
    Object own;
    own.tenant = principal.tenant;
    SCHWARM_TRY_VOID(decide_access(principal, Action::view_operation, own));
    if (impl_->network == nullptr) return fail(ErrorCode::not_found, "the node stands alone");
    NetworkView out = impl_->network->view();
    for (const auto& tenant : impl_->registry.tenants()) {
        Object object;
        object.tenant = tenant->id;
        if (decide_access(principal, Action::view_operation, object).has_error()) continue;
        SCHWARM_TRY(view, impl_->runtime.read(tenant->id));
        for (WaitingMessage& message : impl_->network->waiting(tenant->id, kWaitingMax)) {
            const auto row = view.case_row(message.case_id);
            if (row.has_value()) {
                const auto package = impl_->registry.package_of_definition(row->definition.value());
                if (package) {
                    message.case_number = impl_->number_of(*package, row->created, row->id);
                }
            }
            out.waiting.push_back(std::move(message));
        }
    }
    return out;
}

Result<void> App::admit_member(const Principal& principal, std::string_view member,
                               std::string_view key) {
    SCHWARM_TRY_VOID(decide_access(principal, Action::manage_network, Object{}));
    if (impl_->network == nullptr) return fail(ErrorCode::not_found, "the node stands alone");
    return impl_->network->admit(member, key);
}

Result<void> App::remove_member(const Principal& principal, std::string_view member) {
    SCHWARM_TRY_VOID(decide_access(principal, Action::manage_network, Object{}));
    if (impl_->network == nullptr) return fail(ErrorCode::not_found, "the node stands alone");
    return impl_->network->remove(member);
}

Result<void> App::choose_epoch(const Principal& principal, std::string_view hash) {
    SCHWARM_TRY_VOID(decide_access(principal, Action::manage_network, Object{}));
    if (impl_->network == nullptr) return fail(ErrorCode::not_found, "the node stands alone");
    return impl_->network->choose(hash);
}

}  // namespace schwarm::app
