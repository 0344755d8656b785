// Topology, license, status, the own identity and tenant.
#include <array>

#include "routes.hpp"
#include "search.hpp"

namespace schwarm::api::v2 {
namespace {

constexpr std::string_view kTag = "Cluster";

// Where the asker reached this node.
struct Reached {
    std::string host = "localhost";
    int port = 8080;
};
Reached reached_at(const http::Request& request) {
    Reached out;
    const auto header = request.header("host");
    const auto colon = header.rfind(':');
    const bool has_port = colon != std::string_view::npos && !header.ends_with(']');
    if (!header.empty()) out.host = std::string(header.substr(0, has_port ? colon : header.size()));
    out.port = request.secure ? 443 : 80;
    if (const auto port = parse_key(has_port ? header.substr(colon + 1) : std::string_view());
        port && *port <= 65'535) {
        out.port = static_cast<int>(*port);
    }
    return out;
}

void topology(const Call& call, const Answer& answer) {
    const auto [host, port] = reached_at(call.request);
    const bool healthy = call.api.runtime.health().healthy;
    json::Writer out;
    out.begin_object().name("brokers").begin_array().begin_object();
    out.member("nodeId", 0).member("host", host).member("port", port);
    out.name("partitions").begin_array().begin_object();
    out.member("partitionId", 1)
        .member("role", "leader")
        .member("health", healthy ? "healthy" : "unhealthy");
    out.end_object().end_array().member("version", call.api.version).end_object().end_array();
    out.member("clusterSize", 1)
        .member("partitionsCount", 1)
        .member("replicationFactor", 1)
        .member("gatewayVersion", call.api.version)
        .member("lastCompletedChangeId", "")
        .end_object();
    answer.json(out.take());
}

void license(const Call&, const Answer& answer) {
    json::Writer out;
    out.begin_object()
        .member("validLicense", true)
        .member("licenseType", "production")
        .member("isCommercial", false)
        .end_object();
    answer.json(out.take());
}

void status(const Call& call, const Answer& answer) {
    const auto health = call.api.runtime.health();
    if (!health.healthy) return answer.problem(503, "UNAVAILABLE", "the node is not healthy");
    answer.empty();
}

struct TenantRow {
    std::string id;
    std::string name;
};

void write_tenant(const TenantRow& tenant, json::Writer& out) {
    out.begin_object()
        .member("name", tenant.name)
        .member("tenantId", tenant.id)
        .member("description", "")
        .end_object();
}

// The own tenant and no other.
std::vector<TenantRow> tenants_of(const Call& call) {
    const auto tenant = call.api.registry.tenant(call.tenant());
    if (!tenant) return {};
    return {{tenant->id.value(), tenant->authority.name}};
}

// A subject without the kind of its identity ("client:"), as clients know it.
std::string_view user_name(std::string_view subject) {
    const auto colon = subject.rfind(':');
    return colon == std::string_view::npos ? subject : subject.substr(colon + 1);
}

void me(const Call& call, const Answer& answer) {
    const auto& principal = call.principal;
    json::Writer out;
    out.begin_object()
        .member("username", user_name(principal.subject))
        .member("displayName", principal.name)
        .name("email")
        .null()
        .name("authorizedComponents")
        .begin_array()
        .end_array()
        .name("tenants")
        .begin_array();
    for (const auto& tenant : tenants_of(call)) write_tenant(tenant, out);
    out.end_array().name("groups").begin_array().end_array().name("roles").begin_array();
    out.value(app::role_name(principal.kind)).end_array();
    out.member("salesPlanType", "")
        .name("c8Links")
        .begin_object()
        .end_object()
        .member("canLogout", false)
        .end_object();
    answer.json(out.take());
}

constexpr std::array kTenantColumns = {
    Column<TenantRow>{"tenantId", FieldType::text,
                      [](const TenantRow& row) { return text_field(row.id); }},
    Column<TenantRow>{"name", FieldType::text,
                      [](const TenantRow& row) { return text_field(row.name); }}};

void search_tenants(const Call& call, const Answer& answer) {
    search<TenantRow>(call, answer, tenants_of(call), kTenantColumns, write_tenant);
}

void tenant(const Call& call, const Answer& answer) {
    const auto own = tenants_of(call);
    if (own.empty() || own.front().id != call.request.param("tenantId")) {
        return answer.problem(404, "NOT_FOUND", "there is no such tenant");
    }
    json::Writer out;
    write_tenant(own.front(), out);
    answer.json(out.take());
}

using http::Method;
constexpr auto kView = app::Action::view_cluster;
constexpr std::array kRoutes = {
    Route{Method::get, "/topology", "getTopology", kTag, "Nodes and partitions", kView, topology,
          "", "TopologyResponse"},
    Route{Method::get, "/status", "getStatus", kTag, "204 if the node works, else 503",
          std::nullopt, status, "", "", 204},
    Route{Method::get, "/license", "getLicense", "License", "No license is needed", std::nullopt,
          license, "", "LicenseResponse"},
    Route{Method::get, "/authentication/me", "getAuthentication", "Authentication",
          "Who the asker is", kView, me, "", "CamundaUserResult"},
    Route{Method::post, "/tenants/search", "searchTenants", "Tenant", "The own tenant", kView,
          search_tenants, "TenantSearchQuery", "TenantSearchQueryResult"},
    Route{Method::get, "/tenants/{tenantId}", "getTenant", "Tenant", "The own tenant", kView,
          tenant, "", "TenantResult"},
};

}  // namespace

std::span<const Route> cluster_routes() {
    return kRoutes;
}

}  // namespace schwarm::api::v2
