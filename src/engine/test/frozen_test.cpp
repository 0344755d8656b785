// What the applier of each record makes of a state is written down in golden/appliers.txt: bytes of
// events, and the lines of the state's text that they take away and add. A section is never
// changed; SCHWARM_BLESS=1 adds those of new records.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "frozen_examples.hpp"
#include "schwarm/engine/engine.hpp"
#include "schwarm/engine/state_text.hpp"

namespace schwarm::engine::test {
namespace {

const std::string kFile = std::string(SCHWARM_SOURCE_DIR) + "/src/engine/test/golden/appliers.txt";

struct Section {
    std::string bytes;
    bool on_nothing = false;
    std::string changes;
};
// By tag; the base is 0.
using Sections = std::map<int, Section>;

std::string hex(std::string_view bytes) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string out;
    for (const char c : bytes) {
        const auto b = static_cast<unsigned char>(c);
        out += kDigits[b >> 4];
        out += kDigits[b & 15];
    }
    return out;
}
std::string unhex(const std::string& text) {
    std::string out;
    for (std::size_t n = 0; n + 1 < text.size(); n += 2) {
        out += static_cast<char>(std::stoi(text.substr(n, 2), nullptr, 16));
    }
    return out;
}

// "[TAG NAME]", "on nothing", "events HEX", lines of changes.
Sections read_sections() {
    Sections all;
    std::ifstream in(kFile);
    Section* section = nullptr;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("[")) {
            section = &all[std::stoi(line.substr(1))];
        } else if (section != nullptr && line.starts_with("events ")) {
            section->bytes = unhex(line.substr(7));
        } else if (section != nullptr && line == "on nothing") {
            section->on_nothing = true;
        } else if (section != nullptr && !line.empty()) {
            section->changes += line + "\n";
        }
    }
    return all;
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}
std::string lines_without(std::vector<std::string> lines, const std::vector<std::string>& others,
                          const char* mark) {
    for (const auto& other : others) {
        const auto found = std::find(lines.begin(), lines.end(), other);
        if (found != lines.end()) lines.erase(found);
    }
    std::string out;
    for (const auto& line : lines) out += mark + line + "\n";
    return out;
}
std::string changes(const CaseState& before, const CaseState& after) {
    const auto old_lines = lines_of(text_of(before));
    const auto new_lines = lines_of(text_of(after));
    return lines_without(old_lines, new_lines, "- ") + lines_without(new_lines, old_lines, "+ ");
}

CaseState applied(CaseState state, const std::vector<Event>& events) {
    for (const auto& event : events) apply(state, event);
    return state;
}

int tag_of(const Event& event) {
    return std::visit([](const auto& record) { return int{record.kTag}; }, event);
}

std::map<int, std::string> records() {
    std::map<int, std::string> all;
#define SCHWARM_RECORD(type, record, version, tag) all[tag] = #record " " #version;
#define SCHWARM_FIELD(type, name)
#define SCHWARM_END
#include "schwarm/engine/records.def"
#undef SCHWARM_RECORD
#undef SCHWARM_FIELD
#undef SCHWARM_END
    return all;
}

void add(std::ostream& out, const std::string& title, const FrozenExample& example,
         const CaseState& before) {
    out << "\n[" << title << "]\n" << (example.on_nothing ? "on nothing\n" : "");
    out << "events " << hex(encode_events(example.events)) << "\n";
    const CaseState start = example.on_nothing ? CaseState() : before;
    out << changes(start, applied(start, example.events));
}

void bless(const Sections& known) {
    std::ofstream out(kFile, std::ios::app);
    CaseState base;
    if (known.contains(0)) {
        base = applied({}, decode_events(known.at(0).bytes).value());
    } else {
        add(out, "0 base", {0, frozen_base(), true}, {});
        base = applied({}, frozen_base());
    }
    const auto names = records();
    for (const auto& example : frozen_examples()) {
        if (known.contains(example.tag)) continue;
        add(out, std::to_string(example.tag) + " " + names.at(example.tag), example, base);
    }
}

class FrozenAppliers : public testing::Test {
  protected:
    void SetUp() override {
        if (std::getenv("SCHWARM_BLESS") != nullptr) bless(read_sections());
        sections_ = read_sections();
        ASSERT_TRUE(sections_.contains(0)) << kFile << " has no base";
    }

    Sections sections_;
};

TEST_F(FrozenAppliers, EachRecordHasAStream) {
    for (const auto& [tag, name] : records()) {
        const auto found = sections_.find(tag);
        if (found == sections_.end()) {
            ADD_FAILURE() << "record " << name << ", tag " << tag << ", has no section in " << kFile
                          << ": add a stream to frozen_examples_test.cpp, then SCHWARM_BLESS=1";
            continue;
        }
        const auto events = decode_events(found->second.bytes);
        ASSERT_TRUE(events.has_value()) << name << ": " << events.error().text();
        EXPECT_TRUE(std::any_of(events->begin(), events->end(),
                                [tag = tag](const Event& event) { return tag_of(event) == tag; }))
            << "the stream of tag " << tag << " does not hold it";
    }
}

TEST_F(FrozenAppliers, EachDoesWhatItAlwaysDid) {
    const auto names = records();
    const auto base = decode_events(sections_.at(0).bytes);
    ASSERT_TRUE(base.has_value()) << base.error().text();
    for (const auto& [tag, section] : sections_) {
        const auto name = tag == 0 ? std::string("base") : names.contains(tag) ? names.at(tag) : "";
        ASSERT_FALSE(name.empty()) << "tag " << tag << " was released and is no longer known";
        const auto events = decode_events(section.bytes);
        ASSERT_TRUE(events.has_value()) << name << ": " << events.error().text();
        EXPECT_EQ(hex(encode_events(*events)), hex(section.bytes)) << name;
        const CaseState before = section.on_nothing ? CaseState() : applied({}, *base);
        EXPECT_EQ(changes(before, applied(before, *events)), section.changes)
            << "the applier of " << name << ", tag " << tag
            << ", is released and never changes: add a new version of the record";
    }
}

}  // namespace
}  // namespace schwarm::engine::test
