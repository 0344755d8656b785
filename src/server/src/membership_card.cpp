#include "schwarm/server/membership_card.hpp"

#include <algorithm>
#include <set>

#include "federation.hpp"
#include "open_place.hpp"
#include "operator_key.hpp"
#include "private_file.hpp"
#include "schwarm/crypto/encode.hpp"
#include "schwarm/exchange/jose_cryptography.hpp"
#include "schwarm/json/json.hpp"
#include "schwarm/runtime/audit_view.hpp"
#include "schwarm/server/directory_administration.hpp"
#include "schwarm/services/store.hpp"
#include "tls_keys.hpp"

namespace schwarm::server {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kCardType = "schwarm-card+jws";
constexpr std::size_t kCardBytes = 16 * 1024;
constexpr json::Limits kCardLimits{kCardBytes, 5, 40};

Error wrong(std::string reason, std::string place = {}) {
    return fail(ErrorCode::invalid_input, std::move(reason), std::move(place));
}

json::Value card_value(const MembershipCard& card) {
    json::Value out = json::Value::object();
    out.set("member", card.member.value());
    out.set("organisation", card.organisation);
    out.set("address", card.address);
    out.set("tls", card.tls);
    out.set("origin", card.origin);
    // Written by this program or read from a card.
    out.set("key", std::move(json::parse(card.key.jwk).value()));
    return out;
}

bool only(const json::Value& value, std::initializer_list<std::string_view> names) {
    return value.is_object() && value.members().size() == names.size() &&
           std::all_of(names.begin(), names.end(),
                       [&](std::string_view name) { return value.find(name) != nullptr; });
}

bool is_hex_key(const std::string& text) {
    return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

// What a node that has run holds; nothing if it has not.
Result<std::optional<exchange::KeyPair>> stored_operator_key(const Place& place) {
    std::error_code ec;
    if (!fs::exists(place.database, ec)) return std::optional<exchange::KeyPair>();
    SCHWARM_TRY(storage, open_beside(place));
    SCHWARM_TRY(key, read_node_key(place));
    const auto view = runtime::open_view(*storage, key, services::node_tenant());
    if (view.has_error()) return std::optional<exchange::KeyPair>();
    return read_operator_key(view.value());
}

}  // namespace

std::string write_card(const MembershipCard& card, const std::string& signature) {
    json::Value out = json::Value::object();
    out.set("card", card_value(card));
    out.set("signature", signature);
    return json::to_pretty_string(out) + "\n";
}

Result<std::string> make_card(const Config& config) {
    if (!config.network) return wrong("the configuration has no 'network'");
    const Place place = place_of(config);
    SCHWARM_TRY(stored, stored_operator_key(place));
    if (!stored || read_tls_key(config.data).has_error()) {
        SCHWARM_TRY_VOID(prepare_member(config, config.network->member));
        SCHWARM_TRY(made, stored_operator_key(place));
        stored = made;
    }
    if (!stored) return fail(ErrorCode::internal, "the operator key was not made");
    SCHWARM_TRY(tls, read_tls_key(config.data));
    MembershipCard card;
    card.member = exchange::MemberId(config.network->member);
    card.organisation = config.network->organisation;
    card.address = config.network->announced;
    card.tls = crypto::hex_encode(crypto::bytes_of(tls));
    card.key = stored->public_key;
    card.origin = card.key.kid;
    const auto network = read_network(place, Trusted::checkpoint);
    if (network.has_value()) {
        const exchange::Chain* chain = network.value()->directory->chain(card.member);
        if (chain != nullptr) card.origin = chain->origin();
    }
    const SystemClock clock;
    const exchange::JoseCryptography cryptography(clock);
    SCHWARM_TRY(signature,
                cryptography.sign(*stored, kCardType, json::to_string(card_value(card))));
    return write_card(card, signature);
}

Result<MembershipCard> read_card(std::string_view text) {
    SCHWARM_TRY(value, json::parse(text, kCardLimits));
    const json::Value* shown = value.find("card");
    if (!only(value, {"card", "signature"}) ||
        !only(*shown, {"member", "organisation", "address", "tls", "origin", "key"})) {
        return wrong("this is no card of a member");
    }
    const SystemClock clock;
    const exchange::JoseCryptography cryptography(clock);
    MembershipCard out;
    SCHWARM_TRY(member, exchange::parse_member(shown->string_or("member", "")));
    SCHWARM_TRY(
        key, cryptography.read_key(exchange::KeyUse::sign, json::to_string(*shown->find("key"))));
    out.member = member;
    out.key = key;
    out.organisation = shown->string_or("organisation", "");
    out.address = shown->string_or("address", "");
    out.tls = shown->string_or("tls", "");
    out.origin = shown->string_or("origin", "");
    if (out.organisation.empty() || out.address.find(':') == std::string::npos ||
        !is_hex_key(out.tls) || out.origin.empty()) {
        return wrong("organisation, address, key for TLS or first key are missing", "card");
    }
    SCHWARM_TRY(signed_text, cryptography.verify(key, kCardType, value.string_or("signature", "")));
    if (signed_text != json::to_string(card_value(out))) {
        return fail(ErrorCode::crypto_failed, "what the card shows is not what is signed");
    }
    return out;
}

Result<MembershipCard> load_card(const fs::path& file) {
    std::error_code ec;
    const auto size = fs::file_size(file, ec);
    if (ec) return fail(ErrorCode::not_found, "the file cannot be read", file.string());
    if (size > kCardBytes) return wrong("this is no card of a member", file.string());
    SCHWARM_TRY(text, read_file(file));
    auto card = read_card(text);
    if (card.has_error()) return fail(card.error().code, card.error().text(), file.string());
    return card;
}

Result<std::string> found_network(std::vector<MembershipCard> cards) {
    if (cards.empty()) return wrong("a network begins with at least one member");
    std::sort(cards.begin(), cards.end(),
              [](const auto& a, const auto& b) { return a.member < b.member; });
    exchange::EpochContent content;
    content.time = SystemClock().now();
    std::set<std::string> keys;
    for (const MembershipCard& card : cards) {
        if (!content.members.empty() && content.members.back().member == card.member) {
            return fail(ErrorCode::conflict, "two cards are of the member " + card.member.value());
        }
        if (!keys.insert(card.key.kid).second) {
            return fail(ErrorCode::conflict,
                        card.member.value() + " has the operator key of another member");
        }
        if (card.origin != card.key.kid) {
            return fail(ErrorCode::conflict, card.member.value() +
                                                 " belongs to a network and has exchanged its "
                                                 "operator key: it cannot found another one");
        }
        content.members.push_back({card.member, card.origin, card.key, 0, {}});
    }
    std::string text = exchange::write_content(content);
    SCHWARM_TRY_VOID(exchange::read_founding(text));
    return text;
}

std::string write_peers(const std::vector<MembershipCard>& cards) {
    json::Value out = json::Value::array();
    for (const MembershipCard& card : cards) {
        json::Value peer = json::Value::object();
        peer.set("member", card.member.value());
        peer.set("address", card.address);
        peer.set("key", card.tls);
        out.push_back(std::move(peer));
    }
    return json::to_pretty_string(out) + "\n";
}

}  // namespace schwarm::server
