#include "schwarm/app/api_clients.hpp"

#include <array>
#include <map>
#include <mutex>
#include <optional>

#include "schwarm/app/session.hpp"
#include "schwarm/base/binary.hpp"
#include "schwarm/crypto/encode.hpp"
#include "schwarm/crypto/hash.hpp"
#include "schwarm/crypto/password.hpp"
#include "schwarm/services/store.hpp"
#include "schwarm/storage/key.hpp"

namespace schwarm::app {
namespace {

constexpr auto kSpace = storage::Space::settings;
constexpr std::uint8_t kFormat = 1;
constexpr std::string_view kRowPrefix = "client/";
constexpr std::string_view kSubjectPrefix = "client:";
constexpr std::size_t kNameBytesMax = 200;
constexpr std::size_t kSecretBytesMax = 200;
constexpr std::chrono::seconds kSecretRemembered{60};
constexpr std::chrono::seconds kRowRemembered{5};
constexpr std::chrono::seconds kFailureWindow{60};
constexpr std::size_t kRememberedMax = 1'000;

struct RoleName {
    PrincipalKind role;
    std::string_view name;
};
constexpr std::array kRoles = {RoleName{PrincipalKind::worker, "worker"},
                               RoleName{PrincipalKind::deployer, "deployer"},
                               RoleName{PrincipalKind::process_operator, "operator"},
                               RoleName{PrincipalKind::administrator, "administrator"}};

struct Row {
    ApiClient client;
    std::string secret_hash;
};

std::string row_key(const TenantId& tenant, std::string_view id) {
    return storage::KeyBuilder(tenant).raw(std::string(kRowPrefix) + std::string(id)).take();
}

// The tenant in an id; nothing for a text that is no id.
std::optional<TenantId> tenant_in(std::string_view id) {
    const auto dot = id.rfind('.');
    if (dot == std::string_view::npos || id.size() > 100) return std::nullopt;
    TenantId tenant(std::string(id.substr(0, dot)));
    if (storage::check_tenant(tenant).has_error()) return std::nullopt;
    return tenant;
}

std::string encode(const Row& row) {
    ByteWriter out;
    out.u8(kFormat);
    out.bytes(row.client.id);
    out.bytes(role_name(row.client.role));
    out.bytes(row.client.name);
    out.svarint(row.client.created.time_since_epoch().count());
    out.bytes(row.secret_hash);
    return out.take();
}

Result<Row> decode(std::string_view bytes) {
    ByteReader in(bytes);
    Row row;
    const auto format = in.u8();
    row.client.id = std::string(in.bytes());
    const auto role = parse_role(in.bytes());
    row.client.name = std::string(in.bytes());
    row.client.created = Instant(std::chrono::milliseconds(in.svarint()));
    row.secret_hash = std::string(in.bytes());
    const auto tenant = tenant_in(row.client.id);
    if (!in.ok() || !in.at_end() || format != kFormat || !role || !tenant) {
        return fail(ErrorCode::corrupt, "the row of an API client is damaged");
    }
    row.client.role = *role;
    row.client.tenant = *tenant;
    return row;
}

Result<std::optional<Row>> read_row(storage::Storage& storage, std::string_view id) {
    const auto tenant = tenant_in(id);
    if (!tenant) return std::optional<Row>();
    SCHWARM_TRY(reader, storage.begin_read());
    SCHWARM_TRY(bytes, reader->get(kSpace, row_key(*tenant, id)));
    if (!bytes) return std::optional<Row>();
    SCHWARM_TRY(row, decode(*bytes));
    return std::optional<Row>(std::move(row));
}

Error refused() {
    return fail(ErrorCode::unauthenticated, "the client or its secret is not known");
}

}  // namespace

Principal ApiClient::principal() const {
    Principal out;
    out.kind = role;
    const bool of_node = role == PrincipalKind::administrator && tenant == services::node_tenant();
    if (!of_node) out.tenant = tenant;
    out.subject = std::string(kSubjectPrefix) + id;
    out.name = name.empty() ? id : name;
    return out;
}

std::string_view role_name(PrincipalKind role) {
    for (const auto& one : kRoles) {
        if (one.role == role) return one.name;
    }
    return name_of(role);
}

Result<PrincipalKind> parse_role(std::string_view name) {
    for (const auto& one : kRoles) {
        if (one.name == name) return one.role;
    }
    return fail(ErrorCode::invalid_input, "a role is worker, deployer, operator or administrator",
                std::string(name));
}

Result<NewApiClient> add_api_client(storage::Storage& storage, const TenantId& tenant,
                                    PrincipalKind role, std::string name, Instant now,
                                    Random& random) {
    SCHWARM_TRY_VOID(storage::check_tenant(tenant));
    if (name.size() > kNameBytesMax) {
        return fail(ErrorCode::invalid_input, "the name of a client is too long");
    }
    std::array<std::byte, 6> bytes{};
    random.fill(bytes);
    NewApiClient out;
    out.client.id = tenant.value() + "." +
                    crypto::hex_encode({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    out.client.tenant = tenant;
    out.client.role = role;
    out.client.name = std::move(name);
    out.client.created = now;
    out.secret = crypto::random_token(random);
    SCHWARM_TRY(hash, crypto::hash_password(out.secret, random));
    SCHWARM_TRY(transaction, storage.begin_write());
    SCHWARM_TRY_VOID(transaction->put(kSpace, row_key(tenant, out.client.id),
                                      encode({out.client, std::move(hash)})));
    SCHWARM_TRY_VOID(transaction->commit());
    return out;
}

Result<std::vector<ApiClient>> list_api_clients(storage::Storage& storage, const TenantId& tenant) {
    SCHWARM_TRY(reader, storage.begin_read());
    std::vector<ApiClient> out;
    std::optional<Error> damage;
    const auto visit = [&](std::string_view, std::string_view bytes) {
        auto row = decode(bytes);
        if (!row) {
            damage = row.error();
            return false;
        }
        out.push_back(std::move(row->client));
        return true;
    };
    SCHWARM_TRY_VOID(reader->scan(kSpace, storage::prefix_range(row_key(tenant, {})), visit));
    if (damage) return *damage;
    return out;
}

Result<void> remove_api_client(storage::Storage& storage, std::string_view id) {
    SCHWARM_TRY(row, read_row(storage, id));
    if (!row) return fail(ErrorCode::not_found, "there is no such client", std::string(id));
    SCHWARM_TRY(transaction, storage.begin_write());
    SCHWARM_TRY_VOID(transaction->erase(kSpace, row_key(row->client.tenant, id)));
    return transaction->commit();
}

struct ApiClients::Impl {
    Impl(storage::Storage& s, const crypto::Key& token_key, std::string secret_key, const Clock& c,
         Random& r, const Limits& l)
        : storage(s),
          clock(c),
          limits(l),
          remember_key(std::move(secret_key)),
          tokens(token_key, c, r,
                 std::chrono::duration_cast<std::chrono::minutes>(kTokenLifetime)) {}

    struct Known {
        std::optional<Row> row;
        Instant until{};
    };
    struct Failures {
        Instant since{};
        std::size_t count = 0;
    };

    // The client's row, at most some seconds old.
    Result<std::optional<Row>> row(std::string_view id) {
        const auto now = clock.now();
        {
            const std::scoped_lock lock(mutex);
            const auto found = rows.find(id);
            if (found != rows.end() && found->second.until > now) return found->second.row;
        }
        SCHWARM_TRY(fresh, read_row(storage, id));
        const std::scoped_lock lock(mutex);
        if (rows.size() >= kRememberedMax) rows.clear();
        if (fresh) rows.insert_or_assign(std::string(id), Known{fresh, now + kRowRemembered});
        return fresh;
    }

    bool remembers(const std::string& proof) {
        const std::scoped_lock lock(mutex);
        const auto found = proofs.find(proof);
        return found != proofs.end() && found->second > clock.now();
    }
    void remember(const std::string& proof) {
        const std::scoped_lock lock(mutex);
        if (proofs.size() >= kRememberedMax) proofs.clear();
        proofs[proof] = clock.now() + kSecretRemembered;
    }

    static std::size_t& count_in(Failures& failures, Instant now) {
        if (now - failures.since >= kFailureWindow || now < failures.since) failures = {now, 0};
        return failures.count;
    }
    bool must_wait(const std::string& id) {
        const std::scoped_lock lock(mutex);
        const auto now = clock.now();
        return count_in(failures[id], now) >= limits.failures_per_client ||
               count_in(all_failures, now) >= limits.failures;
    }
    void failed(const std::string& id) {
        const std::scoped_lock lock(mutex);
        const auto now = clock.now();
        ++count_in(failures[id], now);
        ++count_in(all_failures, now);
    }

    storage::Storage& storage;
    const Clock& clock;
    Limits limits;
    std::string remember_key;
    Sessions tokens;
    std::mutex comparing;  // one secret at a time: each takes 19 MiB
    std::mutex mutex;
    std::map<std::string, Known, std::less<>> rows;         // existing clients by id
    std::map<std::string, Instant, std::less<>> proofs;     // keyed hash of id and secret: until
    std::map<std::string, Failures, std::less<>> failures;  // existing clients by id
    Failures all_failures;
};

namespace {

crypto::Key derived(const crypto::Key& node_key, std::string_view purpose) {
    return *crypto::Key::from_bytes(
        crypto::hkdf_sha256(node_key.bytes(), "", purpose, crypto::kKeySize));
}

}  // namespace

ApiClients::ApiClients(storage::Storage& storage, const crypto::Key& node_key, const Clock& clock,
                       Random& random, const Limits& limits)
    : impl_(std::make_unique<Impl>(
          storage, derived(node_key, "schwarm api client tokens"),
          std::string(derived(node_key, "schwarm api client secrets").bytes()), clock, random,
          limits)) {}
ApiClients::~ApiClients() = default;

Result<Principal> ApiClients::by_secret(std::string_view id, std::string_view secret) const {
    SCHWARM_TRY(row, impl_->row(id));
    if (!row || secret.empty() || secret.size() > kSecretBytesMax) return refused();
    const auto mac =
        crypto::hmac_sha256(impl_->remember_key, row->secret_hash + "\n" + std::string(secret));
    const std::string proof(crypto::bytes_of(mac));
    if (impl_->remembers(proof)) return row->client.principal();
    if (impl_->must_wait(row->client.id)) {
        return fail(ErrorCode::too_many_requests, "too many wrong secrets, wait a minute");
    }
    bool right = false;
    {
        const std::scoped_lock lock(impl_->comparing);
        right = crypto::password_matches(row->secret_hash, secret);
    }
    if (!right) {
        impl_->failed(row->client.id);
        return refused();
    }
    impl_->remember(proof);
    return row->client.principal();
}

Result<std::string> ApiClients::issue_token(const Principal& client) const {
    return impl_->tokens.seal(impl_->tokens.begin(client));
}

Result<Principal> ApiClients::by_token(std::string_view token) const {
    const auto unknown = [] {
        return fail(ErrorCode::unauthenticated, "the token is not valid, or no longer");
    };
    const auto session = impl_->tokens.open(token);
    if (!session || !session->principal.subject.starts_with(kSubjectPrefix)) return unknown();
    SCHWARM_TRY(
        row,
        impl_->row(std::string_view(session->principal.subject).substr(kSubjectPrefix.size())));
    if (!row) return unknown();
    return row->client.principal();
}

}  // namespace schwarm::app
