#include "demo_clients.hpp"

#include <algorithm>

#include "private_file.hpp"
#include "schwarm/app/api_clients.hpp"

namespace schwarm::server {

Result<void> ensure_demo_clients(const std::filesystem::path& file, storage::Storage& storage,
                                 const std::vector<TenantId>& tenants, Instant now,
                                 Random& random) {
    SCHWARM_TRY(known, read_private_json(file));
    bool changed = false;
    for (const auto& tenant : tenants) {
        const auto* entry = known.find(tenant.value());
        const auto id = entry == nullptr ? std::string() : entry->string_or("client_id", "");
        SCHWARM_TRY(clients, app::list_api_clients(storage, tenant));
        const bool there = std::any_of(clients.begin(), clients.end(),
                                       [&](const app::ApiClient& one) { return one.id == id; });
        if (there) continue;
        SCHWARM_TRY(added,
                    app::add_api_client(storage, tenant, app::PrincipalKind::process_operator,
                                        "Demo", now, random));
        auto member = json::Value::object();
        member.set("client_id", added.client.id);
        member.set("client_secret", added.secret);
        known.set(tenant.value(), std::move(member));
        changed = true;
    }
    if (!changed) return {};
    return write_private_json(file, known);
}

}  // namespace schwarm::server
