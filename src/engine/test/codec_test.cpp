#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "world.hpp"

namespace schwarm::engine::test {
namespace {

std::string hex(std::string_view bytes) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string out;
    for (const char c : bytes) {
        const auto b = static_cast<unsigned char>(c);
        out += kDigits[b >> 4];
        out += kDigits[b & 15];
        if (out.size() % 101 == 100) out += '\n';
    }
    return out + "\n";
}

// A record with every field set to something.
struct Filler {
    std::uint64_t n = 0;
    template <class T>
    void operator()(std::string_view, T& value) {
        fill(value);
    }
    void fill(bool& v) { v = true; }
    void fill(std::string& v) { v = "s" + std::to_string(++n); }
    void fill(Instant& v) { v = Instant(std::chrono::milliseconds(1'767'225'600'000 + ++n)); }
    void fill(feel::Value& v) {
        v = feel::Value::context({{"a", 1}, {"b", feel::Value::list({"x", true, nullptr})}});
    }
    void fill(Variables& v) { v = Variables{{"name", "Meier"}, {"miete", 650}}; }
    template <std::integral T>
    void fill(T& v) {
        v = static_cast<T>(++n);
    }
    template <class T>
    requires std::is_enum_v<T>
    void fill(T& v) { v = static_cast<T>(1); }
    template <class Tag, class Rep>
    void fill(StrongId<Tag, Rep>& v) {
        Rep value{};
        fill(value);
        v = StrongId<Tag, Rep>(value);
    }
    template <class T>
    void fill(std::optional<T>& v) {
        v.emplace();
        fill(*v);
    }
    template <class T, class Memory>
    void fill(std::vector<T, Memory>& v) {
        v.emplace_back();
        fill(v.back());
    }
    void fill(UserTask& v) {
        v.key = ElementKey(++n);
        fill(v.form_id);
        fill(v.candidate_groups);
        fill(v.due);
    }
    template <class T>
    requires std::same_as<T, Timer> || std::same_as<T, TimerV1>
    void fill(T& v) {
        v.key = TimerKey(++n);
        v.repetitions = -1;
        fill(v.cycle);
        fill(v.due);
    }
    template <class T>
    requires std::same_as<T, Subscription> || std::same_as<T, SubscriptionV1>
    void fill(T& v) {
        v.key = SubscriptionKey(++n);
        fill(v.message_name);
        fill(v.correlation_key);
    }
    void fill(Incident& v) {
        v.key = IncidentKey(++n);
        v.kind = IncidentKind::decision;
        fill(v.reason);
    }
};

// One event of every record of the table.
std::vector<Event> every_event() {
    std::vector<Event> out;
    Filler filler;
#define SCHWARM_RECORD(type, record, version, tag) \
    {                                              \
        type event;                                \
        visit_fields(event, filler);               \
        out.emplace_back(std::move(event));        \
    }
#define SCHWARM_FIELD(type, name)
#define SCHWARM_END
#include "schwarm/engine/records.def"
#undef SCHWARM_RECORD
#undef SCHWARM_FIELD
#undef SCHWARM_END
    return out;
}

CaseState rich_state() {
    World w;
    w.deploy(process_xml(start() + element("parallelGateway", "f") + user("t") + job("j") +
                         element("intermediateCatchEvent", "c", "", timer("timeDuration", "P1D")) +
                         element("receiveTask", "r", "", "", R"(messageRef="Withdraw")") +
                         script("bad", "1", "x") + element("exclusiveGateway", "x") + end() +
                         flow("start", "f") + flow("f", "t") + flow("f", "j") + flow("f", "c") +
                         flow("f", "r") + flow("f", "bad") + flow("t", "end") + flow("j", "end") +
                         flow("c", "end") + flow("r", "end") + flow("bad", "x") +
                         flow("x", "end", "missing") + flow("x", "t", "missing")));
    w.create({{"name", "Meier"}, {"miete", 650}, {"kinder", feel::Value::list({1, 2})}});
    return w.state;
}

// Compares with tests/golden; SCHWARM_BLESS=1 writes the file instead.
void expect_golden(const std::string& name, const std::string& bytes) {
    const std::string path = std::string(SCHWARM_SOURCE_DIR) + "/src/engine/test/golden/" + name;
    if (std::getenv("SCHWARM_BLESS") != nullptr) {
        std::ofstream(path) << hex(bytes);
        return;
    }
    std::ifstream in(path);
    std::ostringstream text;
    text << in.rdbuf();
    EXPECT_EQ(text.str(), hex(bytes))
        << name << ": the bytes of version 1 must never change; add a new version instead";
}

TEST(Codec, EveryRecordSurvivesAndIsGolden) {
    const std::vector<Event> events = every_event();
    EXPECT_EQ(events.size(), std::variant_size_v<Event>);
    const std::string bytes = encode_events(events);
    const auto decoded = decode_events(bytes);
    ASSERT_TRUE(decoded.has_value()) << decoded.error().text();
    EXPECT_EQ(encode_events(*decoded), bytes);
    for (std::size_t i = 0; i < events.size(); ++i) {
        EXPECT_EQ(text_of((*decoded)[i]), text_of(events[i]));
    }
    expect_golden("events_v1.hex", bytes);
}

TEST(Codec, TagsAndNamesAreUnique) {
    std::set<int> tags;
    std::set<std::string> names;
    for (const Event& event : every_event()) {
        std::visit(
            [&](const auto& record) {
                EXPECT_TRUE(tags.insert(record.kTag).second) << record.kName;
                const std::string name =
                    std::string(record.kName) + " " + std::to_string(record.kVersion);
                EXPECT_TRUE(names.insert(name).second) << name;
            },
            event);
    }
}

TEST(Codec, StateIsGolden) {
    const std::string bytes = encode_state(rich_state());
    expect_golden("state_v1.hex", bytes);
}

TEST(Codec, DamagedBytesAreAnsweredNotBelieved) {
    const std::string row = encode_events(every_event());
    const std::string state = encode_state(rich_state());
    for (const std::string& good : {row, state}) {
        const bool is_row = &good == &row || good == row;
        for (std::size_t n = 0; n < good.size(); ++n) {
            const std::string cut = good.substr(0, n);
            const bool ok = is_row ? decode_events(cut).has_value() : decode_state(cut).has_value();
            EXPECT_FALSE(ok) << "cut at " << n;
        }
        for (std::size_t n = 0; n < good.size(); ++n) {
            std::string changed = good;
            changed[n] = static_cast<char>(changed[n] ^ 0x55);
            if (is_row)
                static_cast<void>(decode_events(changed));
            else
                static_cast<void>(decode_state(changed));
        }
        EXPECT_FALSE(is_row ? decode_events(good + "x").has_value()
                            : decode_state(good + "x").has_value());
    }
}

TEST(Codec, ARowIsSmall) {
    World w;
    w.deploy(process_xml(start() + element("task", "a") + end() + flow("start", "a") +
                         flow("a", "end")));
    w.create();
    EXPECT_LT(encode_events(w.history).size(), 160U);
}

}  // namespace
}  // namespace schwarm::engine::test
