#include "rows.hpp"

#include <array>

#include "schwarm/crypto/encode.hpp"
#include "schwarm/json/json.hpp"
#include "schwarm/storage/key.hpp"

namespace schwarm::evidence {
namespace {

using storage::KeyBuilder;

constexpr std::array<std::string_view, 4> kWaiting = {"authority", "approval", "answer", "person"};

Error damaged(std::string_view what) {
    return fail(ErrorCode::corrupt, "a damaged row of the exchange", std::string(what));
}

Result<json::Value> read(std::string_view text, std::string_view what) {
    auto value = json::parse(text);
    if (value.has_error() || !value.value().is_object()) return damaged(what);
    return value;
}

std::int64_t milliseconds(Instant at) {
    return at.time_since_epoch().count();
}
Instant instant(const json::Value& value, std::string_view name) {
    return Instant(std::chrono::milliseconds(value.int_or(name, 0)));
}
bool flag(const json::Value& value, std::string_view name) {
    const json::Value* member = value.find(name);
    return member != nullptr && member->is_boolean() && member->as_boolean();
}
json::Value member(const json::Value& value, std::string_view name) {
    const json::Value* found = value.find(name);
    return found == nullptr ? json::Value() : *found;
}

exchange::Address address(const json::Value& value, std::string_view name) {
    const auto read = exchange::parse_address(value.string_or(name, ""));
    return read.has_value() ? read.value() : exchange::Address{};
}

// As stored: the provider may still be missing.
exchange::EvidenceClaim claim_from(const json::Value& value) {
    return {address(value, "client"), address(value, "provider"), value.string_or("evidence", ""),
            value.string_or("purpose", ""), value.string_or("legal_basis", "")};
}

}  // namespace

std::string_view name_of(Waiting waiting) {
    return kWaiting.at(static_cast<std::size_t>(waiting));
}

std::string Ask::encode() const {
    json::Value out = json::Value::object();
    out.set("id", id);
    out.set("case", static_cast<std::int64_t>(case_id.value()));
    out.set("job", static_cast<std::int64_t>(job.value()));
    out.set("claim", exchange::to_json(claim));
    out.set("authority", authority);
    out.set("procedure", procedure);
    out.set("requested", requested);
    out.set("assurance", assurance);
    out.set("attributes", attributes);
    out.set("waiting", name_of(waiting));
    out.set("since", milliseconds(since));
    out.set("data", data);
    return json::to_string(out);
}

Result<Ask> Ask::decode(std::string_view text) {
    SCHWARM_TRY(value, read(text, "ask"));
    Ask out;
    out.id = value.string_or("id", "");
    out.case_id = CaseId(static_cast<std::uint64_t>(value.int_or("case", 0)));
    out.job = engine::JobKey(static_cast<std::uint64_t>(value.int_or("job", 0)));
    out.claim = claim_from(member(value, "claim"));
    out.authority = value.string_or("authority", "");
    out.procedure = value.string_or("procedure", "");
    out.requested = flag(value, "requested");
    out.assurance = value.string_or("assurance", "");
    out.attributes = member(value, "attributes");
    out.since = instant(value, "since");
    out.data = member(value, "data");
    const std::string waiting = value.string_or("waiting", "");
    for (std::size_t i = 0; i < kWaiting.size(); ++i) {
        if (kWaiting.at(i) != waiting) continue;
        out.waiting = static_cast<Waiting>(i);
        return out;
    }
    return damaged("ask");
}

std::string Request::encode() const {
    json::Value out = json::Value::object();
    out.set("from", from);
    out.set("message", message);
    out.set("body", body);
    return json::to_string(out);
}

Result<Request> Request::decode(std::string_view text) {
    SCHWARM_TRY(value, read(text, "request"));
    return Request{value.string_or("from", ""), value.string_or("message", ""),
                   member(value, "body")};
}

std::string Check::encode() const {
    json::Value out = json::Value::object();
    out.set("checker", checker);
    out.set("approval", approval);
    out.set("granted", granted);
    out.set("reason", reason);
    out.set("until", milliseconds(until));
    return json::to_string(out);
}

Result<Check> Check::decode(std::string_view text) {
    SCHWARM_TRY(value, read(text, "check"));
    return Check{value.string_or("checker", ""), value.string_or("approval", ""),
                 flag(value, "granted"), value.string_or("reason", ""), instant(value, "until")};
}

void note_data(LogEntry& entry, const json::Value& data) {
    if (!data.is_object()) return;
    entry.hash = crypto::hex_encode(crypto::bytes_of(exchange::data_hash(data)));
    for (const auto& [name, value] : data.members()) entry.fields.push_back(name);
}

json::Value to_json(const LogEntry& entry) {
    json::Value fields = json::Value::array();
    for (const std::string& name : entry.fields) fields.push_back(name);
    json::Value out = json::Value::object();
    out.set("at", milliseconds(entry.at));
    out.set("gave", entry.gave);
    out.set("claim", exchange::to_json(entry.claim));
    out.set("procedure", entry.procedure);
    out.set("result", entry.result);
    out.set("reason", entry.reason);
    out.set("hash", entry.hash);
    out.set("fields", std::move(fields));
    return out;
}

Result<LogEntry> log_entry(const json::Value& value) {
    const json::Value* fields = value.find("fields");
    const json::Value* claim = value.find("claim");
    if (fields == nullptr || !fields->is_array() || claim == nullptr || !claim->is_object()) {
        return damaged("log of retrievals");
    }
    LogEntry out;
    out.at = instant(value, "at");
    out.gave = flag(value, "gave");
    out.claim = claim_from(*claim);
    out.procedure = value.string_or("procedure", "");
    out.result = value.string_or("result", "");
    out.reason = value.string_or("reason", "");
    out.hash = value.string_or("hash", "");
    for (const json::Value& name : fields->items()) {
        if (name.is_string()) out.fields.push_back(name.as_string());
    }
    return out;
}

namespace keys {

std::string ask(CaseId case_id, std::string_view id) {
    return KeyBuilder().raw("F").number(case_id.value()).text(id).take();
}
std::string asks_of(CaseId case_id) {
    return KeyBuilder().raw("F").number(case_id.value()).take();
}
std::string open_ask(std::string_view id) {
    return KeyBuilder().raw(kAskPrefix).text(id).take();
}
std::string of_job(CaseId case_id, engine::JobKey job) {
    return KeyBuilder().raw("Nj").number(case_id.value()).number(job.value()).take();
}
std::string waiting_for(const crypto::Hash& claim) {
    return KeyBuilder().raw("Nw").raw(crypto::bytes_of(claim)).take();
}
std::string waits_for(const crypto::Hash& claim, std::string_view id) {
    return KeyBuilder().raw("Nw").raw(crypto::bytes_of(claim)).text(id).take();
}
std::string check(const crypto::Hash& claim) {
    return KeyBuilder().raw("Nf").raw(crypto::bytes_of(claim)).take();
}
std::string request(std::string_view from, std::string_view id) {
    return KeyBuilder().raw(kRequestPrefix).text(from).text(id).take();
}
std::string log(Instant at, std::string_view id) {
    return KeyBuilder()
        .raw(kLogPrefix)
        .number(static_cast<std::uint64_t>(milliseconds(at)))
        .text(id)
        .take();
}
std::string about(std::string_view person) {
    return KeyBuilder().raw("Ni").raw(person).take();
}
std::string of_person(std::string_view person, Instant at, std::string_view id) {
    return KeyBuilder()
        .raw("Ni")
        .raw(person)
        .number(static_cast<std::uint64_t>(milliseconds(at)))
        .text(id)
        .take();
}

}  // namespace keys

}  // namespace schwarm::evidence
