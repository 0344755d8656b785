#include "restored_texts.hpp"

#include <array>

#include "restored_rows.hpp"
#include "schwarm/exchange/envelope.hpp"
#include "schwarm/json/json.hpp"

namespace schwarm::post {
namespace {

constexpr json::Limits kLimits{std::size_t{12} << 20, 6, 500'000};
constexpr std::string_view kBegin = R"({"restored":)";
constexpr std::array<std::string_view, 3> kAsks = {"again", "conversations", "open"};
constexpr std::size_t kToldMax = 1000;

void write_told(json::Writer& out, const std::vector<ToldConversation>& told) {
    out.name("conversations").begin_array();
    for (const ToldConversation& one : told) {
        out.begin_object().member("id", one.id).member("expected", one.expected);
        out.member("received", one.received).member("next", one.next);
        out.name("open").begin_array();
        for (const std::uint64_t sequence : one.open) out.value(sequence);
        out.end_array().end_object();
    }
    out.end_array();
}

Error wrong(std::string_view where) {
    return fail(ErrorCode::invalid_input, "not what is said after a restore", std::string(where));
}

Result<std::uint64_t> sequence(const json::Value& value) {
    const auto number = value.as_int64();
    if (!number || *number < 0 ||
        static_cast<std::uint64_t>(*number) >= exchange::kMaxSequence / 2) {
        return wrong("/sequence");
    }
    return static_cast<std::uint64_t>(*number);
}

Result<std::uint64_t> sequence(const json::Value& object, std::string_view name) {
    const json::Value* value = object.find(name);
    if (value == nullptr) return wrong(name);
    return sequence(*value);
}

Result<std::vector<ToldConversation>> read_told(const json::Value& value) {
    std::vector<ToldConversation> out;
    const json::Value* list = value.find("conversations");
    if (list == nullptr) return out;
    if (!list->is_array() || list->items().size() > kToldMax) return wrong("/conversations");
    for (const json::Value& item : list->items()) {
        if (!item.is_object()) return wrong("/conversations");
        ToldConversation one;
        one.id = item.string_or("id", "");
        SCHWARM_TRY(expected, sequence(item, "expected"));
        SCHWARM_TRY(received, sequence(item, "received"));
        SCHWARM_TRY(next, sequence(item, "next"));
        one.expected = expected;
        one.received = received;
        one.next = next;
        const json::Value* open = item.find("open");
        if (one.id.empty() || open == nullptr || !open->is_array() ||
            open->items().size() > kOpenMax) {
            return wrong("/conversations/open");
        }
        for (const json::Value& number : open->items()) {
            SCHWARM_TRY(n, sequence(number));
            if (!one.open.empty() && n <= one.open.back()) return wrong("/conversations/open");
            one.open.push_back(n);
        }
        out.push_back(std::move(one));
    }
    return out;
}

Instant read_since(const json::Value& value) {
    const std::int64_t since = value.int_or("since", 0);
    return Instant(std::chrono::milliseconds(std::max<std::int64_t>(since, 0)));
}

Result<json::Value> read_inner(std::string_view text) {
    SCHWARM_TRY(value, json::parse(text, kLimits));
    json::Value* inner = value.find("restored");
    if (inner == nullptr || !inner->is_object()) return wrong("/restored");
    return std::move(*inner);
}

}  // namespace

bool is_restored_question(std::string_view text) {
    return text.starts_with(kBegin);
}

std::string RestoredQuestion::write() const {
    json::Writer out;
    out.begin_object().name("restored").begin_object();
    out.member("ask", kAsks.at(static_cast<std::size_t>(ask))).member("tenant", tenant.value());
    if (ask == Ask::again) {
        out.member("since", static_cast<std::int64_t>(since.time_since_epoch().count()));
    }
    if (ask == Ask::open) {
        out.member("of", of.value());
        write_told(out, told);
    } else {
        out.member("after", after);
    }
    out.end_object().end_object();
    return out.take();
}

Result<RestoredQuestion> RestoredQuestion::read(std::string_view text) {
    SCHWARM_TRY(value, read_inner(text));
    RestoredQuestion out;
    const std::string ask = value.string_or("ask", "");
    const auto* const kind = std::find(kAsks.begin(), kAsks.end(), ask);
    if (kind == kAsks.end()) return wrong("/restored/ask");
    out.ask = static_cast<Ask>(kind - kAsks.begin());
    out.tenant = TenantId(value.string_or("tenant", ""));
    out.of = TenantId(value.string_or("of", ""));
    out.after = value.string_or("after", "");
    out.since = read_since(value);
    SCHWARM_TRY(told, read_told(value));
    out.told = std::move(told);
    return out;
}

std::string RestoredAnswer::write() const {
    json::Writer out;
    out.begin_object().name("restored").begin_object();
    out.member("next", next).member("count", count).member("of", of.value());
    if (since) out.member("since", static_cast<std::int64_t>(since->time_since_epoch().count()));
    write_told(out, told);
    out.end_object().end_object();
    return out.take();
}

Result<RestoredAnswer> RestoredAnswer::read(std::string_view text) {
    SCHWARM_TRY(value, read_inner(text));
    RestoredAnswer out;
    out.next = value.string_or("next", "");
    out.of = TenantId(value.string_or("of", ""));
    const std::int64_t count = value.int_or("count", 0);
    out.count = count < 0 ? 0 : static_cast<std::uint64_t>(count);
    if (value.find("since") != nullptr) out.since = read_since(value);
    SCHWARM_TRY(told, read_told(value));
    out.told = std::move(told);
    return out;
}

}  // namespace schwarm::post
