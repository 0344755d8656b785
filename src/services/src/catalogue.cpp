#include "schwarm/services/catalogue.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <utility>

#include "schwarm/base/utf8.hpp"
#include "schwarm/html/i18n.hpp"
#include "schwarm/services/store.hpp"

namespace schwarm::services {
namespace {

constexpr std::size_t kKeyDigits = 32;
constexpr std::size_t kVersionDigitsMin = 16;

struct Version {
    std::shared_ptr<const Package> package;
    Instant deployed{};
};

struct Member {
    std::string_view name;
    std::string Authority::*field;
};
constexpr std::array<Member, 9> kAuthorityMembers = {{
    {"name", &Authority::name},
    {"office", &Authority::office},
    {"street", &Authority::street},
    {"postal_code", &Authority::postal_code},
    {"town", &Authority::town},
    {"phone", &Authority::phone},
    {"email", &Authority::email},
    {"reference", &Authority::reference},
    {"objection_office", &Authority::objection_office},
}};
// The same in the order of kAuthorityMembers, as templates name them.
constexpr std::array<std::string_view, 9> kGermanNames = {
    "name", "amt", "strasse", "plz", "ort", "telefon", "email", "zeichen", "widerspruchsstelle"};

// Lower case; ä ö ü ß as ae oe ue ss.
std::string folded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        const auto c = utf8::next(text, i);
        switch (c) {
            case U'ä':
            case U'Ä':
                out += "ae";
                break;
            case U'ö':
            case U'Ö':
                out += "oe";
                break;
            case U'ü':
            case U'Ü':
                out += "ue";
                break;
            case U'ß':
            case U'ẞ':
                out += "ss";
                break;
            default:
                if (c >= U'A' && c <= U'Z') {
                    out += static_cast<char>(c - U'A' + U'a');
                } else {
                    utf8::append(out, c);
                }
        }
    }
    return out;
}

std::vector<std::string> words_of(std::string_view query) {
    std::vector<std::string> words;
    if (!utf8::is_valid(query)) return words;
    std::string word;
    for (const char c : folded(query) + " ") {
        if (c == ' ' || c == ',' || c == '-' || c == '.') {
            if (!word.empty()) words.push_back(std::move(word));
            word.clear();
        } else {
            word += c;
        }
    }
    return words;
}

std::string in_both(const Package& package, std::string_view key) {
    return folded(package.text(key, "de") + " " + package.text(key, "en"));
}

// How well a service answers a query; 0: a word is missing.
int score(const Package& package, const std::vector<std::string>& words) {
    const auto title = in_both(package, "title");
    const auto keywords = in_both(package, "keywords");
    const auto summary = in_both(package, "summary");
    int total = 1;
    for (const auto& word : words) {
        const bool hit_title = title.find(word) != std::string::npos;
        const bool hit_keywords = keywords.find(word) != std::string::npos;
        const bool hit_summary = summary.find(word) != std::string::npos;
        if (!hit_title && !hit_keywords && !hit_summary) return 0;
        total += hit_title ? 10 : hit_keywords ? 5 : 1;
    }
    return total;
}

}  // namespace

feel::Value Authority::to_feel() const {
    feel::ContextBuilder out;
    for (std::size_t i = 0; i < kAuthorityMembers.size(); ++i) {
        const auto& text = this->*kAuthorityMembers.at(i).field;
        out.set(kGermanNames.at(i), text.empty() ? feel::Value() : feel::Value(text));
    }
    return out.build();
}

Result<Tenant> parse_tenant(const json::Value& value) {
    if (!value.is_object()) return fail(ErrorCode::invalid_input, "a tenant must be an object");
    Tenant tenant;
    for (const auto& [name, member] : value.members()) {
        const auto wrong = [&, &text = name](std::string_view reason) {
            return fail(ErrorCode::invalid_input, std::string(reason), "tenant member " + text);
        };
        if (name == "services") {
            if (!member.is_object()) return wrong("must be an object");
            for (const auto& [service, settings] : member.members()) {
                tenant.services.push_back({ServiceId(service), settings});
            }
            continue;
        }
        if (name == "registers") {
            if (!member.is_object()) return wrong("must be an object");
            for (const auto& [id, settings] : member.members()) {
                if (!settings.is_object()) return wrong("must be an object of objects");
                tenant.registers.push_back({id, settings});
            }
            continue;
        }
        if (!member.is_string()) return wrong("must be a text");
        const auto known =
            std::find_if(kAuthorityMembers.begin(), kAuthorityMembers.end(),
                         [&, &text = name](const Member& m) { return m.name == text; });
        if (name == "id") {
            tenant.id = TenantId(member.as_string());
        } else if (name == "land") {
            tenant.land = member.as_string();
        } else if (known != kAuthorityMembers.end()) {
            tenant.authority.*known->field = member.as_string();
        } else {
            return wrong("a tenant has no such member");
        }
    }
    const auto& id = tenant.id.value();
    if (id == kNodeTenant) {
        return fail(ErrorCode::invalid_input, "'schwarm' is the node itself", "tenant member id");
    }
    if (id.empty() || id.size() > 63 ||
        id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != std::string::npos) {
        return fail(ErrorCode::invalid_input,
                    "must have 1 to 63 lower-case letters, digits and '-'", "tenant member id");
    }
    if (tenant.authority.name.empty()) {
        return fail(ErrorCode::invalid_input, "is missing", "tenant member name");
    }
    return tenant;
}

struct Registry::Impl {
    mutable std::mutex mutex;
    // service -> version -> package; versions are never dropped.
    std::map<std::string, std::map<std::string, Version, std::less<>>, std::less<>> versions;
    std::map<std::string, std::shared_ptr<const Package>, std::less<>> current;
    std::map<std::string, std::shared_ptr<const Package>, std::less<>> by_definition;
    std::map<std::string, std::shared_ptr<const Tenant>, std::less<>> tenants;
    std::map<std::pair<std::string, std::string>, Offer> offers;  // tenant, service
    VersionSource source;
    std::atomic<std::uint64_t> revision{1};

    static Result<Offer> make_offer(const std::shared_ptr<const Tenant>& tenant,
                                    const OfferedService& service,
                                    const std::shared_ptr<const Package>& package) {
        auto settings = resolve_settings(*package, service.settings);
        if (!settings) {
            auto error = settings.error();
            error.where = "tenant " + tenant->id.value() + " " + error.where;
            return error;
        }
        return Offer{tenant, package, std::move(*settings)};
    }

    std::shared_ptr<const Package> find_version(std::string_view service,
                                                std::string_view start) const {
        const auto found = versions.find(service);
        if (found == versions.end()) return nullptr;
        const auto version = found->second.lower_bound(start);
        if (version == found->second.end() || !version->first.starts_with(start)) return nullptr;
        return version->second.package;
    }
};

Registry::Registry() : impl_(std::make_unique<Impl>()) {}
Registry::~Registry() = default;

Result<void> Registry::add(std::shared_ptr<const Package> package, Instant deployed, bool current) {
    const std::scoped_lock lock(impl_->mutex);
    const std::string id = package->id.value();
    std::vector<Offer> offers;
    if (current) {
        for (const auto& [name, tenant] : impl_->tenants) {
            for (const auto& service : tenant->services) {
                if (service.id != package->id) continue;
                SCHWARM_TRY(offer, Impl::make_offer(tenant, service, package));
                offers.push_back(std::move(offer));
            }
        }
    }
    auto& versions = impl_->versions[id];
    const auto known = versions.find(package->version);
    if (known != versions.end()) {
        package = known->second.package;  // running cases hold on to this one
        for (auto& offer : offers) offer.package = package;
    } else {
        versions.emplace(package->version, Version{package, deployed});
        impl_->by_definition.emplace(definition_key(*package), package);
    }
    if (current) {
        impl_->current[id] = package;
        for (auto& offer : offers) {
            impl_->offers.insert_or_assign({offer.tenant->id.value(), id}, std::move(offer));
        }
    }
    ++impl_->revision;
    return {};
}

Result<void> Registry::check_settings(const Package& package) const {
    const std::scoped_lock lock(impl_->mutex);
    for (const auto& [name, tenant] : impl_->tenants) {
        for (const auto& service : tenant->services) {
            if (service.id != package.id) continue;
            const auto settings = resolve_settings(package, service.settings);
            if (settings.has_error()) {
                return fail(settings.error().code, settings.error().message,
                            "tenant " + name + " " + settings.error().where);
            }
        }
    }
    return {};
}

std::uint64_t Registry::revision() const {
    return impl_->revision;
}

Result<void> Registry::add_tenant(Tenant tenant) {
    const std::scoped_lock lock(impl_->mutex);
    auto shared = std::make_shared<const Tenant>(std::move(tenant));
    std::vector<Offer> offers;
    for (const auto& service : shared->services) {
        const auto package = impl_->current.find(service.id.value());
        if (package == impl_->current.end()) continue;
        SCHWARM_TRY(offer, Impl::make_offer(shared, service, package->second));
        offers.push_back(std::move(offer));
    }
    const auto& id = shared->id.value();
    std::erase_if(impl_->offers, [&](const auto& entry) { return entry.first.first == id; });
    for (auto& offer : offers) {
        impl_->offers.insert_or_assign({id, offer.package->id.value()}, std::move(offer));
    }
    impl_->tenants.insert_or_assign(id, shared);
    ++impl_->revision;
    return {};
}

void Registry::set_version_source(VersionSource source) {
    const std::scoped_lock lock(impl_->mutex);
    impl_->source = std::move(source);
}

std::vector<std::shared_ptr<const Tenant>> Registry::tenants() const {
    const std::scoped_lock lock(impl_->mutex);
    std::vector<std::shared_ptr<const Tenant>> all;
    for (const auto& [id, tenant] : impl_->tenants) all.push_back(tenant);
    return all;
}

std::shared_ptr<const Tenant> Registry::tenant(const TenantId& id) const {
    const std::scoped_lock lock(impl_->mutex);
    const auto found = impl_->tenants.find(id.value());
    return found == impl_->tenants.end() ? nullptr : found->second;
}

std::shared_ptr<const Package> Registry::package(const ServiceId& id,
                                                 std::string_view version) const {
    const std::scoped_lock lock(impl_->mutex);
    if (version.empty()) {
        const auto found = impl_->current.find(id.value());
        return found == impl_->current.end() ? nullptr : found->second;
    }
    if (version.size() < kVersionDigitsMin) return nullptr;
    return impl_->find_version(id.value(), version);
}

std::shared_ptr<const Package> Registry::package_of_definition(std::string_view key) const {
    VersionSource source;
    {
        const std::scoped_lock lock(impl_->mutex);
        const auto found = impl_->by_definition.find(key);
        if (found != impl_->by_definition.end()) return found->second;
        source = impl_->source;
    }
    const auto at = key.find('/');
    if (!source || at == std::string_view::npos) return nullptr;
    const ServiceId id{std::string(key.substr(0, at))};
    auto files = source(id, key.substr(at + 1));
    if (!files) return nullptr;
    auto loaded = load_package(id.value(), *files, DecisionChecks::load_only);
    if (!loaded.package || definition_key(*loaded.package) != key) return nullptr;
    const std::scoped_lock lock(impl_->mutex);
    auto& slot = impl_->by_definition[std::string(key)];
    if (!slot) {
        slot = loaded.package;
        impl_->versions[id.value()].emplace(slot->version, Version{slot, Instant{}});
    }
    return slot;
}

std::vector<DeployedService> Registry::deployed() const {
    const std::scoped_lock lock(impl_->mutex);
    std::vector<DeployedService> all;
    for (const auto& [id, versions] : impl_->versions) {
        const auto current = impl_->current.find(id);
        for (const auto& [version, entry] : versions) {
            all.push_back({ServiceId(id), version, entry.package->text("title"), entry.deployed,
                           current != impl_->current.end() && current->second->version == version});
        }
    }
    return all;
}

std::optional<Offer> Registry::offer(const TenantId& tenant, const ServiceId& service) const {
    const std::scoped_lock lock(impl_->mutex);
    const auto found = impl_->offers.find({tenant.value(), service.value()});
    if (found == impl_->offers.end()) return std::nullopt;
    return found->second;
}

std::vector<Offer> Registry::search(const TenantId& tenant, std::string_view query) const {
    const auto words = words_of(query);
    std::vector<std::pair<int, Offer>> hits;
    {
        const std::scoped_lock lock(impl_->mutex);
        for (const auto& [key, offer] : impl_->offers) {
            if (!tenant.value().empty() && key.first != tenant.value()) continue;
            if (offer.package->started_by_message) continue;
            if (const int points = score(*offer.package, words); points > 0) {
                hits.emplace_back(points, offer);
            }
        }
    }
    std::stable_sort(hits.begin(), hits.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    std::vector<Offer> offers;
    offers.reserve(hits.size());
    for (auto& [points, offer] : hits) offers.push_back(std::move(offer));
    return offers;
}

std::string definition_key(const Package& package) {
    return package.id.value() + "/" + package.version.substr(0, kKeyDigits);
}

}  // namespace schwarm::services
