#include "schwarm/server/network_orders.hpp"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "network_directory.hpp"
#include "own_member.hpp"
#include "private_file.hpp"
#include "schwarm/base/calendar.hpp"
#include "schwarm/crypto/encode.hpp"
#include "schwarm/json/json.hpp"
#include "schwarm/server/directory_administration.hpp"
#include "tls_keys.hpp"

namespace schwarm::server {
namespace {

namespace fs = std::filesystem;

// Files that come into a folder, from the moment of its making on.
class Arrivals {
  public:
    explicit Arrivals(const fs::path& folder) : fd_(inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
        if (fd_ >= 0) inotify_add_watch(fd_, folder.c_str(), IN_MOVED_TO | IN_DELETE);
    }
    ~Arrivals() {
        if (fd_ >= 0) close(fd_);
    }
    Arrivals(const Arrivals&) = delete;
    Arrivals& operator=(const Arrivals&) = delete;

    // Until something has come, or so long.
    void wait(std::chrono::milliseconds time) {
        pollfd watched{fd_, POLLIN, 0};
        if (poll(&watched, 1, static_cast<int>(time.count())) <= 0) return;
        std::array<char, 4096> events{};
        while (read(fd_, events.data(), events.size()) > 0) continue;
    }

  private:
    int fd_;
};

// The directory beside the node, and whom the node is in it.
struct Beside {
    std::unique_ptr<StoredNetwork> network;
    exchange::MemberId self;
    const exchange::Directory& directory() const { return *network->directory; }
    Instant now() const { return network->clock.now(); }
};

Result<Beside> look_beside(const Place& place) {
    auto network = read_network(place, Trusted::checkpoint);
    if (network.has_error() && network.error().code == ErrorCode::not_found) {
        return fail(ErrorCode::not_found, "this node belongs to no network, or was never started");
    }
    if (network.has_error()) return network.error();
    SCHWARM_TRY(self, own_member(place, *network.value()->directory));
    return Beside{std::move(network.value()), self};
}

json::Value order_of(std::string_view kind) {
    json::Value out = json::Value::object();
    out.set("order", kind);
    return out;
}

Result<exchange::TenantEntry> own_tenant(const Beside& beside, const std::string& tenant) {
    const auto found = beside.directory().tenant({TenantId(tenant), beside.self}, beside.now());
    if (found.has_value()) return found;
    return fail(ErrorCode::not_found,
                "this node, " + beside.self.value() + ", has entered no tenant '" + tenant + "'");
}

}  // namespace

Result<json::Value> order_tenant_keys(const Place& place, const std::string& tenant) {
    SCHWARM_TRY(beside, look_beside(place));
    SCHWARM_TRY(entry, own_tenant(beside, tenant));
    json::Value out = order_of("tenant-keys");
    out.set("tenant", tenant);
    out.set("from", entry.signing.kid);
    return out;
}

Result<json::Value> order_lost_key(const Place& place, const std::string& tenant,
                                   const std::string& key) {
    SCHWARM_TRY(beside, look_beside(place));
    SCHWARM_TRY(entry, own_tenant(beside, tenant));
    const std::string& kid = key.empty() ? entry.signing.kid : key;
    const auto named = beside.directory().key_entry({TenantId(tenant), beside.self}, kid);
    if (!named) {
        return fail(ErrorCode::not_found, tenant + " never had a signing key " + kid.substr(0, 60));
    }
    if (named->withdrawn) {
        return fail(ErrorCode::conflict, "the key " + kid + " is withdrawn already");
    }
    json::Value out = order_of("lost-key");
    out.set("tenant", tenant);
    out.set("key", kid);
    return out;
}

Result<json::Value> order_operator_key(const Place& place) {
    SCHWARM_TRY(beside, look_beside(place));
    json::Value out = order_of("operator-key");
    out.set("from", beside.directory().chain(beside.self)->key()->kid);
    return out;
}

Result<json::Value> order_tls_key(const Place& place) {
    SCHWARM_TRY(beside, look_beside(place));
    const fs::path data = place.database.parent_path();
    SCHWARM_TRY(key, read_tls_key(data));
    if (tls_key_is_exchanged(data)) {
        return fail(ErrorCode::conflict,
                    "the TLS key is being exchanged already; wait until every member knows the "
                    "new one");
    }
    json::Value out = order_of("tls-key");
    out.set("from", crypto::hex_encode(crypto::bytes_of(key)));
    return out;
}

Result<json::Value> order_withdrawal(const Place& place, const AgreementChoice& choice,
                                     const std::string& reason) {
    SCHWARM_TRY(beside, look_beside(place));
    if (choice.client.member != beside.self && choice.provider.member != beside.self) {
        return fail(ErrorCode::invalid_input,
                    "neither of the two is a tenant of this node, " + beside.self.value());
    }
    std::vector<exchange::Agreement> found;
    for (const exchange::CheckedAgreement& one : beside.directory().check_agreements()) {
        const exchange::Agreement& a = one.agreement;
        if (!one.good || one.withdrawn || a.until <= beside.now() || a.client != choice.client ||
            a.provider != choice.provider ||
            (!choice.evidence.empty() && a.evidence != choice.evidence) ||
            (!choice.service.empty() && a.service != choice.service) ||
            std::find(found.begin(), found.end(), a) != found.end()) {
            continue;
        }
        found.push_back(a);
    }
    if (found.empty()) {
        return fail(ErrorCode::not_found, "no such agreement between " + choice.client.text() +
                                              " and " + choice.provider.text() + " is in force");
    }
    if (found.size() > 1) {
        return fail(ErrorCode::conflict,
                    std::to_string(found.size()) + " agreements fit; name evidence and service");
    }
    SCHWARM_TRY(terms, json::parse(exchange::agreement_text(found.front())));
    json::Value out = order_of("withdraw");
    out.set("agreement", std::move(terms));
    out.set("reason", reason);
    return out;
}

Result<json::Value> order_suspension(const Place& place, const std::string& tenant,
                                     bool suspended) {
    SCHWARM_TRY(beside, look_beside(place));
    SCHWARM_TRY(entry, own_tenant(beside, tenant));
    if (entry.suspended == suspended) {
        return fail(ErrorCode::conflict,
                    tenant + (suspended ? " is suspended already" : " is not suspended"));
    }
    json::Value out = order_of("suspend");
    out.set("tenant", tenant);
    out.set("suspended", suspended);
    return out;
}

Result<json::Value> order_admission(const Place& place, const std::string& member,
                                    const std::string& key) {
    SCHWARM_TRY(id, exchange::parse_member(member));
    SCHWARM_TRY_VOID(check_kid(key));
    SCHWARM_TRY(beside, look_beside(place));
    if (beside.directory().admitted(id)) {
        return fail(ErrorCode::conflict, member + " is a member already");
    }
    json::Value out = order_of("admit");
    out.set("member", member);
    out.set("key", key);
    return out;
}

Result<json::Value> order_admission(const Place& place, const MembershipCard& card) {
    SCHWARM_TRY(out, order_admission(place, card.member.value(), card.origin));
    out.set("address", card.address);
    out.set("tls", card.tls);
    return out;
}

Result<json::Value> order_removal(const Place& place, const std::string& member) {
    SCHWARM_TRY(id, exchange::parse_member(member));
    SCHWARM_TRY(beside, look_beside(place));
    const auto consents = beside.directory().consents();
    const bool known = beside.directory().admitted(id) ||
                       std::any_of(consents.begin(), consents.end(),
                                   [&](const auto& c) { return c.member == id; });
    if (!known) return fail(ErrorCode::not_found, member + " is no member of the network");
    json::Value out = order_of("remove");
    out.set("member", member);
    return out;
}

Result<json::Value> order_choice(const Place& place, const std::string& epoch) {
    SCHWARM_TRY(hash, parse_hash(epoch));
    SCHWARM_TRY(beside, look_beside(place));
    const auto sides = beside.directory().successors(beside.directory().tip().hash);
    if (!beside.directory().disputed() ||
        std::find(sides.begin(), sides.end(), hash) == sides.end()) {
        return fail(ErrorCode::not_found, "no epoch in dispute has this hash");
    }
    json::Value out = order_of("choose");
    out.set("epoch", epoch);
    return out;
}

fs::path order_folder(const Place& place) {
    return place.database.parent_path() / "orders";
}

Result<OrderOutcome> give_order(const Place& place, const json::Value& order,
                                std::chrono::milliseconds patience) {
    const fs::path folder = order_folder(place);
    std::error_code ec;
    fs::create_directories(folder, ec);
    fs::permissions(folder, fs::perms::owner_all, ec);
    SystemRandom random;
    // In the order in which they were given.
    const std::string name = std::to_string(SystemClock().now().time_since_epoch().count()) + "-" +
                             order.string_or("order", "") + "-" + crypto::random_token(random, 4) +
                             ".json";
    OrderOutcome out;
    out.file = folder / name;
    Arrivals arrivals(folder);
    SCHWARM_TRY_VOID(write_private_json(out.file, order));
    const auto end = std::chrono::steady_clock::now() + patience;
    for (;;) {
        for (const auto& [suffix, state] :
             {std::pair(kOrderEntered, OrderOutcome::State::entered),
              std::pair(kOrderRefused, OrderOutcome::State::refused)}) {
            const fs::path file = out.file.string() + suffix;
            if (!fs::exists(file, ec)) continue;
            SCHWARM_TRY(read, read_private_json(file));
            out.state = state;
            out.sentence = read.string_or("outcome", "");
            return out;
        }
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            end - std::chrono::steady_clock::now());
        if (left <= std::chrono::milliseconds(0)) return out;
        arrivals.wait(left);
    }
}

}  // namespace schwarm::server
