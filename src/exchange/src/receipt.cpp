#include "schwarm/exchange/receipt.hpp"

#include <array>

#include "schwarm/crypto/encode.hpp"
#include "schwarm/json/json.hpp"

namespace schwarm::exchange {
namespace {

constexpr std::string_view kType = "schwarm-receipts";
constexpr std::size_t kReceiptsMax = 1'000;
constexpr std::size_t kReasonMax = 1'000;
constexpr std::array<std::string_view, 4> kStates = {"delivered", "processed", "refused", "closed"};

Error wrong(std::string what, std::string where) {
    return fail(ErrorCode::invalid_input, std::move(what), "receipts /" + std::move(where));
}

json::Value to_json(const Receipt& receipt) {
    json::Value out = json::Value::object();
    out.set("id", receipt.id);
    out.set("sha256", crypto::hex_encode(crypto::bytes_of(receipt.envelope)));
    out.set("state", name_of(receipt.state));
    if (!receipt.reason.empty()) out.set("reason", receipt.reason.substr(0, kReasonMax));
    return out;
}

Result<Receipt> read_receipt(const json::Value& value, const std::string& where) {
    Receipt out;
    out.id = value.string_or("id", "");
    if (out.id.empty() || out.id.size() > 64)
        return wrong("an id has 1 to 64 bytes", where + "/id");
    const auto hash = crypto::hex_decode(value.string_or("sha256", ""));
    if (hash.has_error() || hash.value().size() != out.envelope.size()) {
        return wrong("64 hexadecimal digits are needed", where + "/sha256");
    }
    out.envelope = crypto::hash_from_bytes(hash.value());
    const std::string state = value.string_or("state", "");
    std::size_t index = 0;
    while (index < kStates.size() && kStates.at(index) != state) ++index;
    if (index == kStates.size()) return wrong("an unknown state", where + "/state");
    out.state = static_cast<ReceiptState>(index);
    out.reason = value.string_or("reason", "");
    if (out.reason.size() > kReasonMax) return wrong("longer than 1000 bytes", where + "/reason");
    return out;
}

}  // namespace

std::string_view name_of(ReceiptState state) {
    return kStates.at(static_cast<std::size_t>(state));
}

Result<std::string> sign_receipts(const ReceiptList& list, const KeyPair& key,
                                  const Cryptography& cryptography) {
    json::Value receipts = json::Value::array();
    for (const Receipt& receipt : list.receipts) receipts.push_back(to_json(receipt));
    json::Value out = json::Value::object();
    out.set("version", 1);
    out.set("from", list.from.text());
    out.set("to", list.to.text());
    out.set("time", static_cast<std::int64_t>(list.time.time_since_epoch().count()));
    out.set("receipts", std::move(receipts));
    return cryptography.sign(key, kType, json::to_string(out));
}

Result<ReceiptList> read_receipts(std::string_view jws, const SigningKeySource& keys,
                                  const Cryptography& cryptography) {
    SCHWARM_TRY(peeked, peek_jws(jws));
    json::Limits limits;
    limits.max_depth = 4;
    SCHWARM_TRY(claimed, json::parse(peeked.payload, limits));
    SCHWARM_TRY(from, parse_address(claimed.string_or("from", "")));
    SCHWARM_TRY(key, keys(from, peeked.kid));
    SCHWARM_TRY(payload, cryptography.verify(key, kType, jws));
    SCHWARM_TRY(value, json::parse(payload, limits));
    if (value.int_or("version", 0) != 1) return wrong("only version 1 is known", "version");
    ReceiptList out;
    out.from = from;
    SCHWARM_TRY(to, parse_address(value.string_or("to", "")));
    out.to = to;
    out.time = Instant(std::chrono::milliseconds(value.int_or("time", 0)));
    const json::Value* receipts = value.find("receipts");
    if (receipts == nullptr || !receipts->is_array() || receipts->items().size() > kReceiptsMax) {
        return wrong("a list of at most 1000 is needed", "receipts");
    }
    for (std::size_t i = 0; i < receipts->items().size(); ++i) {
        SCHWARM_TRY(receipt, read_receipt(receipts->items()[i], "receipts/" + std::to_string(i)));
        out.receipts.push_back(std::move(receipt));
    }
    return out;
}

}  // namespace schwarm::exchange
