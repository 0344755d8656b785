#include "schwarm/server/demo.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <system_error>

#include "federation.hpp"
#include "schwarm/json/json.hpp"
#include "schwarm/server/agreement_administration.hpp"

namespace schwarm::server {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kNodes = 3;

// Invented contact data; the names of authorities are real ones so that the Mietenstufe is found.
constexpr const char* kTenants = R"([
  {"id": "leipzig", "name": "Stadt Leipzig", "land": "Sachsen",
   "office": "Sozialamt, Abteilung Wohngeld", "street": "Musterstraße 1",
   "postal_code": "04109", "town": "Leipzig", "phone": "0341 0000-0",
   "email": "wohngeld@leipzig.example", "reference": "50.21",
   "objection_office": "Stadt Leipzig, Sozialamt, Musterstraße 1, 04109 Leipzig"},
  {"id": "musterstadt", "name": "Stadt Musterstadt", "land": "Sachsen",
   "office": "Bürgeramt", "street": "Rathausplatz 1", "postal_code": "01234",
   "town": "Musterstadt", "phone": "0351 0000-0", "email": "buergeramt@musterstadt.example",
   "reference": "32.1",
   "objection_office": "Stadt Musterstadt, Rathausplatz 1, 01234 Musterstadt"}
])";

// The nodes of the demonstration network. Roles and jurisdictions are those of the contracts in
// packages/contracts; the keys are those of the municipalities.
constexpr const char* kNetwork = R"json([
  {"member": "lecos", "organisation": "Lecos (Demonstration)", "packages": ".",
   "tenants": [
     {"id": "kfz-leipzig", "name": "Stadt Leipzig", "land": "Sachsen",
      "office": "Ordnungsamt, Kfz-Zulassungsbehörde", "street": "Musterstraße 2",
      "postal_code": "04109", "town": "Leipzig", "phone": "0341 0000-1",
      "email": "zulassung@leipzig.example", "reference": "32.4",
      "objection_office": "Stadt Leipzig, Ordnungsamt, Musterstraße 2, 04109 Leipzig",
      "offers": ["ikfz", "adresse-kfz"],
      "roles": [{"role": "zulassungsbehoerde", "jurisdictions": ["14713"]}]},
     {"id": "meldebehoerde-leipzig", "name": "Stadt Leipzig, Meldebehörde", "land": "Sachsen",
      "office": "Bürgeramt", "street": "Musterstraße 3", "postal_code": "04109",
      "town": "Leipzig", "phone": "0341 0000-2", "email": "meldebehoerde@leipzig.example",
      "reference": "33.1",
      "objection_office": "Stadt Leipzig, Bürgeramt, Musterstraße 3, 04109 Leipzig",
      "offers": ["wohnsitz"],
      "roles": [{"role": "zuzugsbehoerde", "jurisdictions": ["14713"]}]},
     {"id": "wohngeld-leipzig", "name": "Stadt Leipzig, Wohngeldbehörde", "land": "Sachsen",
      "office": "Sozialamt, Abteilung Wohngeld", "street": "Musterstraße 1",
      "postal_code": "04109", "town": "Leipzig", "phone": "0341 0000-0",
      "email": "wohngeld@leipzig.example", "reference": "50.21",
      "objection_office": "Stadt Leipzig, Sozialamt, Musterstraße 1, 04109 Leipzig",
      "offers": ["adresse-wohngeld"],
      "roles": [{"role": "wohngeldbehoerde", "jurisdictions": ["14713"]}]},
     {"id": "parken-leipzig", "name": "Stadt Leipzig, Bewohnerparken", "land": "Sachsen",
      "office": "Ordnungsamt", "street": "Musterstraße 2", "postal_code": "04109",
      "town": "Leipzig", "phone": "0341 0000-3", "email": "parken@leipzig.example",
      "reference": "32.5",
      "objection_office": "Stadt Leipzig, Ordnungsamt, Musterstraße 2, 04109 Leipzig",
      "offers": ["adresse-parkausweis"],
      "roles": [{"role": "parkausweisbehoerde", "jurisdictions": ["14713"]}]}]},
  {"member": "regio-it", "organisation": "regio iT (Demonstration)", "packages": ".",
   "tenants": [
     {"id": "kfz-aachen", "name": "Stadt Aachen", "land": "Nordrhein-Westfalen",
      "office": "Straßenverkehrsamt, Kfz-Zulassungsbehörde", "street": "Musterweg 3",
      "postal_code": "52062", "town": "Aachen", "phone": "0241 0000-0",
      "email": "zulassung@aachen.example", "reference": "36.1",
      "objection_office": "Stadt Aachen, Straßenverkehrsamt, Musterweg 3, 52062 Aachen",
      "offers": ["ikfz"],
      "roles": [{"role": "zulassungsbehoerde", "jurisdictions": ["05334"]}]},
     {"id": "meldebehoerde-aachen", "name": "Stadt Aachen, Meldebehörde",
      "land": "Nordrhein-Westfalen", "office": "Bürgerservice", "street": "Musterweg 4",
      "postal_code": "52062", "town": "Aachen", "phone": "0241 0000-1",
      "email": "meldebehoerde@aachen.example", "reference": "12.1",
      "objection_office": "Stadt Aachen, Bürgerservice, Musterweg 4, 52062 Aachen",
      "offers": ["wegzug"], "registers": {"melderegister": {}, "meldestatus": {}},
      "roles": [{"role": "wegzugsbehoerde", "jurisdictions": ["05334"]}]}]},
  {"member": "simulatoren", "organisation": "Simulatoren (Demonstration)",
   "packages": "simulators",
   "tenants": [
     {"id": "simulator-kba", "name": "Simulator: Kraftfahrt-Bundesamt", "land": "Bund",
      "office": "Simulator", "street": "-", "postal_code": "00000", "town": "-", "phone": "-",
      "email": "kba@simulator.example", "reference": "-", "objection_office": "-",
      "offers": ["kba"],
      "roles": [{"role": "kba-fahrzeugregister", "jurisdictions": ["*"]}]},
     {"id": "simulator-versicherer", "name": "Simulator: Versicherer", "land": "Bund",
      "office": "Simulator", "street": "-", "postal_code": "00000", "town": "-", "phone": "-",
      "email": "versicherer@simulator.example", "reference": "-", "objection_office": "-",
      "offers": ["versicherer"],
      "roles": [{"role": "versicherer-evb", "jurisdictions": ["*"]}]},
     {"id": "simulator-zoll", "name": "Simulator: Zoll", "land": "Bund",
      "office": "Simulator", "street": "-", "postal_code": "00000", "town": "-", "phone": "-",
      "email": "zoll@simulator.example", "reference": "-", "objection_office": "-",
      "offers": ["zoll"],
      "roles": [{"role": "zoll-kfzsteuer", "jurisdictions": ["*"]}]},
     {"id": "simulator-land", "name": "Simulator: Land und Behörde", "land": "Bund",
      "office": "Simulator", "street": "-", "postal_code": "00000", "town": "-", "phone": "-",
      "email": "land@simulator.example", "reference": "-", "objection_office": "-",
      "offers": ["gebuehrenrueckstand", "bezahldienst", "fachverfahren"],
      "roles": [{"role": "gebuehrenrueckstand", "jurisdictions": ["*"]},
                {"role": "bezahldienst", "jurisdictions": ["*"]},
                {"role": "fachverfahren-zulassung", "jurisdictions": ["*"]}]},
     {"id": "simulator-vermittlung", "name": "Simulator: Vermittlungsstelle", "land": "Bund",
      "office": "Simulator", "street": "-", "postal_code": "00000", "town": "-", "phone": "-",
      "email": "vermittlung@simulator.example", "reference": "-", "objection_office": "-",
      "offers": [], "registers": {"vermittlungsstelle": {}},
      "roles": [{"role": "vermittlungsstelle", "jurisdictions": ["*"]}]}]}
])json";

// Who checks claims of evidence, and whose portals may ask what registers gave out.
constexpr const char* kChecker = "simulator-vermittlung@simulatoren";
constexpr std::array kCockpits = {"meldebehoerde-leipzig@lecos", "meldebehoerde-aachen@regio-it"};

// What an application of the parking office may ask over X-Road without a person's request.
constexpr const char* kXroadInstance = "SCHWARM";
constexpr const char* kXroadClient = "parken-leipzig";
constexpr auto kAgreementHolds = std::chrono::hours(24 * 365 * 5);

exchange::Agreement parking_agreement(Instant from) {
    return {{TenantId(kXroadClient), exchange::MemberId("lecos")},
            {TenantId("meldebehoerde-aachen"), exchange::MemberId("regio-it")},
            "bewohnerparken",
            "Bewohnerparken: Prüfung der Meldung",
            "§ 34a BMG",
            "meldestatus",
            from,
            from + kAgreementHolds};
}

// As `directory agree offer` and `accept` would, before the nodes have ever run.
Result<void> agree(const Config& client, const Config& provider, Instant now) {
    AgreementFile file;
    file.agreement = parking_agreement(now);
    SCHWARM_TRY(asked,
                sign_agreement(place_of(client), file.agreement.client.tenant, file.agreement));
    SCHWARM_TRY(given,
                sign_agreement(place_of(provider), file.agreement.provider.tenant, file.agreement));
    file.client_signature = std::move(asked);
    file.provider_signature = std::move(given);
    return lay_down(agreement_folder(place_of(provider)), file);
}

bool holds_packages(const fs::path& folder) {
    std::error_code ec;
    for (const auto& entry : fs::directory_iterator(folder, ec)) {
        std::error_code ignored;
        if (fs::is_regular_file(entry.path() / "service.json", ignored)) return true;
    }
    return false;
}

// The folders with a service.json whose name begins so.
json::Value services_named(const fs::path& packages, std::string_view begins_with) {
    json::Value services = json::Value::object();
    std::error_code ec;
    for (const auto& entry : fs::directory_iterator(packages, ec)) {
        if (!fs::is_regular_file(entry.path() / "service.json", ec)) continue;
        const std::string name = entry.path().filename().string();
        if (name.starts_with(begins_with)) services.set(name, json::Value::object());
    }
    return services;
}

// Between a service of a member of the network and the demonstration of one node: those that need
// others are not offered without them.
bool needs_network(std::string_view service) {
    constexpr std::array<std::string_view, 4> kPrefixes = {"ikfz", "wohnsitz", "wegzug",
                                                           "adresse-"};
    return std::any_of(kPrefixes.begin(), kPrefixes.end(),
                       [&](std::string_view prefix) { return service.starts_with(prefix); });
}

json::Value all_services(const fs::path& packages) {
    json::Value services = json::Value::object();
    const json::Value all = services_named(packages, "");
    for (const auto& [name, settings] : all.members()) {
        if (!needs_network(name)) services.set(name, settings);
    }
    return services;
}

json::Value without(const json::Value& object, std::initializer_list<std::string_view> names) {
    json::Value out = json::Value::object();
    for (const auto& [name, value] : object.members()) {
        if (std::find(names.begin(), names.end(), name) == names.end()) out.set(name, value);
    }
    return out;
}

// Adds the tenants of a node to its configuration.
Result<void> add_tenants(const json::Value& node, Config& config) {
    for (const json::Value& tenant : node.find("tenants")->items()) {
        json::Value one = without(tenant, {"offers", "roles"});
        json::Value services = json::Value::object();
        for (const json::Value& offer : tenant.find("offers")->items()) {
            const json::Value offered = services_named(config.packages, offer.as_string());
            for (const auto& [name, settings] : offered.members()) services.set(name, settings);
        }
        one.set("services", std::move(services));
        config.tenants.push_back(std::move(one));
        std::vector<NetworkRole> roles;
        for (const json::Value& role : tenant.find("roles")->items()) {
            NetworkRole played{role.string_or("role", ""), {}};
            for (const json::Value& item : role.find("jurisdictions")->items()) {
                played.jurisdictions.push_back(item.as_string());
            }
            roles.push_back(std::move(played));
        }
        config.network->tenants.emplace_back(tenant.string_or("id", ""), std::move(roles));
    }
    return {};
}

Result<void> write_founding(const fs::path& file, const exchange::EpochContent& content) {
    std::ofstream out(file, std::ios::binary);
    out << exchange::write_content(content);
    out.close();
    if (!out) {
        return fail(ErrorCode::unavailable, "the founding file cannot be written", file.string());
    }
    return {};
}

}  // namespace

fs::path default_demo_folder() {
    const char* state = std::getenv("XDG_STATE_HOME");
    if (state != nullptr && *state == '/') return fs::path(state) / "schwarm-demo";
    const char* home = std::getenv("HOME");
    if (home != nullptr && *home == '/') return fs::path(home) / ".local/state/schwarm-demo";
    return fs::path("/tmp") / "schwarm-demo";
}

fs::path default_packages() {
    std::error_code ec;
    fs::path folder = fs::read_symlink("/proc/self/exe", ec).parent_path();
    for (int depth = 0; depth < 4 && folder.has_relative_path(); ++depth) {
        if (holds_packages(folder / "packages")) return folder / "packages";
        folder = folder.parent_path();
    }
    return "/usr/share/schwarm/packages";
}

Result<Config> demo_config(const DemoOptions& options) {
    Config config;
    config.data = options.data.empty() ? default_demo_folder() : fs::absolute(options.data);
    config.packages =
        options.packages.empty() ? default_packages() : fs::absolute(options.packages);
    config.node_key = config.data / "node.key";
    config.listen.address = "127.0.0.1";
    config.listen.port = options.port;
    config.listen.hosts = {"127.0.0.1", "localhost"};
    config.log_level = options.log_level;
    config.demo_identities = true;
    SCHWARM_TRY(tenants, json::parse(kTenants));
    const json::Value services = all_services(config.packages);
    for (json::Value& tenant : tenants.items()) {
        tenant.set("services", services);
        config.tenants.push_back(std::move(tenant));
    }
    return config;
}

Result<std::vector<Config>> demo_network(const DemoOptions& options) {
    SCHWARM_TRY(first, demo_config(options));
    SCHWARM_TRY(nodes, json::parse(kNetwork));
    std::vector<Config> configs;
    std::vector<NetworkPeer> peers;
    exchange::EpochContent founders;
    founders.time = SystemClock().now();
    const fs::path founding = first.data / "founding.json";
    std::error_code ec;
    const bool founded = fs::exists(founding, ec);
    for (std::size_t i = 0; i < nodes.items().size(); ++i) {
        const json::Value& node = nodes.items()[i];
        Config config = first;
        Network network;
        network.member = node.string_or("member", "");
        network.organisation = node.string_or("organisation", "");
        network.port = static_cast<std::uint16_t>(options.port + kNodes + i);
        const std::size_t announced =
            options.announced_port == 0 ? network.port : options.announced_port + i;
        network.announced = "127.0.0.1:" + std::to_string(announced);
        network.founding = founding;
        network.checkers = {kChecker};
        network.cockpits.assign(kCockpits.begin(), kCockpits.end());
        config.network = network;
        config.listen.port = static_cast<std::uint16_t>(options.port + i);
        config.packages = (first.packages / node.string_or("packages", "")).lexically_normal();
        if (i == 0) {
            Xroad xroad;
            xroad.instance = kXroadInstance;
            xroad.port = static_cast<std::uint16_t>(options.announced_port == 0
                                                        ? options.port + 2 * kNodes
                                                        : options.announced_port + kNodes);
            xroad.plain_http = true;
            xroad.clients = {{kXroadClient, {}}};
            config.xroad = xroad;
        } else {
            config.xroad.reset();
            config.data = first.data / network.member;
            config.node_key = config.data / "node.key";
            config.tenants.clear();
        }
        SCHWARM_TRY_VOID(add_tenants(node, config));
        std::string tls_key;
        if (founded) {
            SCHWARM_TRY(known, member_tls_key(config));
            tls_key = std::move(known);
        } else {
            SCHWARM_TRY(prepared, prepare_member(config, network.member));
            founders.members.push_back(prepared.member);
            tls_key = prepared.tls_key;
        }
        peers.push_back({network.member, network.announced, tls_key});
        configs.push_back(std::move(config));
    }
    if (!founded) {
        std::sort(founders.members.begin(), founders.members.end(),
                  [](const auto& a, const auto& b) { return a.member < b.member; });
        SCHWARM_TRY_VOID(agree(configs[0], configs[1], founders.time));
        SCHWARM_TRY_VOID(write_founding(founding, founders));
    }
    for (Config& config : configs) config.network->peers = peers;
    return configs;
}

}  // namespace schwarm::server
