#include "time_zone.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <map>
#include <memory>
#include <mutex>

#include "schwarm/base/calendar.hpp"
#include "schwarm/base/check.hpp"

namespace schwarm {
namespace zone {
namespace {

std::uint64_t big_endian(std::string_view bytes) {
    std::uint64_t out = 0;
    for (const char c : bytes) out = (out << 8) | static_cast<std::uint8_t>(c);
    return out;
}

struct Header {
    std::size_t isutcnt = 0;
    std::size_t isstdcnt = 0;
    std::size_t leapcnt = 0;
    std::size_t timecnt = 0;
    std::size_t typecnt = 0;
    std::size_t charcnt = 0;
    char version = 0;
    std::size_t data_size(std::size_t time_size) const {
        return timecnt * time_size + timecnt + typecnt * 6 + charcnt + leapcnt * (time_size + 4) +
               isstdcnt + isutcnt;
    }
};

constexpr std::size_t kHeaderSize = 44;

std::optional<Header> read_header(std::string_view bytes) {
    if (bytes.size() < kHeaderSize || bytes.substr(0, 4) != "TZif") return std::nullopt;
    const auto count = [&](std::size_t i) {
        return static_cast<std::size_t>(big_endian(bytes.substr(20 + 4 * i, 4)));
    };
    Header h;
    h.version = bytes[4];
    h.isutcnt = count(0);
    h.isstdcnt = count(1);
    h.leapcnt = count(2);
    h.timecnt = count(3);
    h.typecnt = count(4);
    h.charcnt = count(5);
    return h;
}

// Reads the POSIX form piece by piece; `text` shrinks.
bool skip_name(std::string_view& text) {
    std::size_t n = 0;
    if (!text.empty() && text[0] == '<') {
        n = text.find('>');
        if (n == std::string_view::npos) return false;
        ++n;
    } else {
        while (n < text.size() &&
               ((text[n] >= 'A' && text[n] <= 'Z') || (text[n] >= 'a' && text[n] <= 'z'))) {
            ++n;
        }
        if (n < 3) return false;
    }
    text.remove_prefix(n);
    return true;
}

std::optional<int> read_int(std::string_view& text) {
    std::size_t n = 0;
    int value = 0;
    while (n < text.size() && n < 4 && text[n] >= '0' && text[n] <= '9') {
        value = value * 10 + (text[n++] - '0');
    }
    if (n == 0) return std::nullopt;
    text.remove_prefix(n);
    return value;
}

bool take(std::string_view& text, char c) {
    if (text.empty() || text[0] != c) return false;
    text.remove_prefix(1);
    return true;
}

// "[-+]h[:mm[:ss]]" in seconds
std::optional<std::int32_t> read_hms(std::string_view& text) {
    bool negative = false;
    if (!take(text, '+')) negative = take(text, '-');
    const auto hours = read_int(text);
    if (!hours) return std::nullopt;
    std::int32_t total = *hours * 3600;
    for (const int unit : {60, 1}) {
        if (!take(text, ':')) break;
        const auto part = read_int(text);
        if (!part) return std::nullopt;
        total += *part * unit;
    }
    return negative ? -total : total;
}

std::optional<Rule> read_rule(std::string_view& text) {
    Rule rule;
    if (take(text, 'M')) {
        const auto month = read_int(text);
        if (!month || !take(text, '.')) return std::nullopt;
        const auto week = read_int(text);
        if (!week || !take(text, '.')) return std::nullopt;
        const auto day = read_int(text);
        if (!day || *month < 1 || *month > 12 || *week < 1 || *week > 5 || *day > 6) {
            return std::nullopt;
        }
        rule.month = *month;
        rule.week = *week;
        rule.day = *day;
    } else {
        rule.form = take(text, 'J') ? Rule::Form::julian : Rule::Form::day_of_year;
        const auto day = read_int(text);
        if (!day || *day > 366) return std::nullopt;
        rule.day = *day;
    }
    if (take(text, '/')) {
        const auto time = read_hms(text);
        if (!time) return std::nullopt;
        rule.time = *time;
    }
    return rule;
}

// Local seconds since 1970 at which the rule acts in a year.
std::int64_t local_moment(const Rule& rule, std::int64_t year) {
    const std::int64_t january = Date::from_civil(year, 1, 1)->days;
    std::int64_t day = january;
    switch (rule.form) {
        case Rule::Form::julian:
            day += rule.day - 1 + (is_leap_year(year) && rule.day >= 60 ? 1 : 0);
            break;
        case Rule::Form::day_of_year:
            day += rule.day;
            break;
        case Rule::Form::month_week_day: {
            const Date first = *Date::from_civil(year, rule.month, 1);
            const int wanted = rule.day == 0 ? 7 : rule.day;
            int of_month = (wanted - first.weekday() + 7) % 7 + (rule.week - 1) * 7;
            while (of_month >= days_in_month(year, rule.month)) of_month -= 7;
            day = first.days + of_month;
            break;
        }
    }
    return day * kSecondsPerDay + rule.time;
}

}  // namespace

std::optional<PosixZone> PosixZone::parse(std::string_view text) {
    PosixZone out;
    if (!skip_name(text)) return std::nullopt;
    const auto standard = read_hms(text);
    if (!standard) return std::nullopt;
    out.standard_offset = -*standard;
    if (text.empty()) return out;
    if (!skip_name(text)) return std::nullopt;
    out.daylight_offset = out.standard_offset + 3600;
    if (!text.empty() && text[0] != ',') {
        const auto daylight = read_hms(text);
        if (!daylight) return std::nullopt;
        out.daylight_offset = -*daylight;
    }
    if (!take(text, ',')) return std::nullopt;
    const auto start = read_rule(text);
    if (!start || !take(text, ',')) return std::nullopt;
    const auto end = read_rule(text);
    if (!end || !text.empty()) return std::nullopt;
    out.start = *start;
    out.end = *end;
    return out;
}

std::int32_t PosixZone::offset_at(std::int64_t utc_seconds) const {
    if (!daylight_offset) return standard_offset;
    std::int64_t days = (utc_seconds + standard_offset) / kSecondsPerDay;
    if ((utc_seconds + standard_offset) % kSecondsPerDay < 0) --days;
    const std::int64_t year = std::clamp(Date{days}.civil().year, -kMaxYear, kMaxYear);
    const std::int64_t begins = local_moment(start, year) - standard_offset;
    const std::int64_t ends = local_moment(end, year) - *daylight_offset;
    const bool daylight = begins < ends ? utc_seconds >= begins && utc_seconds < ends
                                        : utc_seconds >= begins || utc_seconds < ends;
    return daylight ? *daylight_offset : standard_offset;
}

std::optional<ZoneData> ZoneData::parse(std::string_view bytes) {
    const auto first = read_header(bytes);
    if (!first || first->version < '2') return std::nullopt;
    const std::size_t skip = kHeaderSize + first->data_size(4);
    if (skip > bytes.size()) return std::nullopt;
    bytes.remove_prefix(skip);
    const auto header = read_header(bytes);
    if (!header || header->typecnt == 0) return std::nullopt;
    const std::size_t size = kHeaderSize + header->data_size(8);
    if (size > bytes.size()) return std::nullopt;
    const std::string_view times = bytes.substr(kHeaderSize);
    const std::string_view indexes = times.substr(header->timecnt * 8);
    const std::string_view types = indexes.substr(header->timecnt);
    const auto offset_of_type = [&](std::size_t type) {
        return static_cast<std::int32_t>(
            static_cast<std::uint32_t>(big_endian(types.substr(type * 6, 4))));
    };
    ZoneData out;
    out.first_offset = offset_of_type(0);
    for (std::size_t i = 0; i < header->timecnt; ++i) {
        const auto type = static_cast<std::uint8_t>(indexes[i]);
        if (type >= header->typecnt) return std::nullopt;
        out.transitions.push_back(static_cast<std::int64_t>(big_endian(times.substr(i * 8, 8))));
        out.offsets.push_back(offset_of_type(type));
    }
    if (!std::is_sorted(out.transitions.begin(), out.transitions.end())) return std::nullopt;
    std::string_view footer = bytes.substr(size);
    if (footer.size() >= 2 && footer.front() == '\n') {
        footer = footer.substr(1, footer.find('\n', 1) - 1);
        if (!footer.empty()) {
            out.rule = PosixZone::parse(footer);
            if (!out.rule) return std::nullopt;
        }
    }
    return out;
}

std::int32_t ZoneData::offset_at(std::int64_t utc_seconds) const {
    if (rule && (transitions.empty() || utc_seconds >= transitions.back())) {
        return rule->offset_at(utc_seconds);
    }
    const auto after = std::upper_bound(transitions.begin(), transitions.end(), utc_seconds);
    if (after == transitions.begin()) return first_offset;
    return offsets[static_cast<std::size_t>(after - transitions.begin()) - 1];
}

namespace {

// Zones stay loaded for the life of the program; readers need no lock, since an id is only
// handed out after its entry was published.
class Registry {
  public:
    static Registry& instance() {
        static Registry registry;
        return registry;
    }

    std::optional<std::uint16_t> find(std::string_view name) {
        const std::lock_guard lock(mutex_);
        if (const auto known = ids_.find(name); known != ids_.end()) return known->second;
        if (count_ == zones_.size()) return std::nullopt;
        auto data = load(name);
        if (data == nullptr) return std::nullopt;
        const auto id = static_cast<std::uint16_t>(count_++);
        owned_.push_back(std::move(data));
        zones_[id].store(owned_.back().get(), std::memory_order_release);
        ids_.emplace(std::string(name), id);
        return id;
    }

    const ZoneData& get(std::uint16_t id) const {
        const ZoneData* data =
            id < zones_.size() ? zones_[id].load(std::memory_order_acquire) : nullptr;
        CHECK(data != nullptr, "unknown time zone id");
        return *data;
    }

  private:
    static bool is_safe_name(std::string_view name) {
        if (name.empty() || name.size() > 64 || name.front() == '/' || name.back() == '/') {
            return false;
        }
        for (const char c : name) {
            const bool allowed = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                                 (c >= '0' && c <= '9') || c == '_' || c == '+' || c == '-' ||
                                 c == '/';
            if (!allowed) return false;
        }
        return !name.starts_with("right/") && !name.starts_with("posix/");
    }

    static std::unique_ptr<ZoneData> load(std::string_view name) {
        if (!is_safe_name(name)) return nullptr;
        const std::string path = "/usr/share/zoneinfo/" + std::string(name);
        struct Close {
            void operator()(std::FILE* f) const { std::fclose(f); }
        };
        const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "rb"));
        if (file == nullptr) return nullptr;
        std::string bytes(64 * 1024, '\0');
        bytes.resize(std::fread(bytes.data(), 1, bytes.size(), file.get()));
        auto data = ZoneData::parse(bytes);
        if (!data) return nullptr;
        data->name = std::string(name);
        return std::make_unique<ZoneData>(std::move(*data));
    }

    std::mutex mutex_;
    std::map<std::string, std::uint16_t, std::less<>> ids_;
    std::vector<std::unique_ptr<ZoneData>> owned_;
    std::array<std::atomic<const ZoneData*>, 2048> zones_{};
    std::size_t count_ = 0;
};

}  // namespace
}  // namespace zone

std::optional<Zone> find_zone(std::string_view name) {
    const auto id = zone::Registry::instance().find(name);
    if (!id) return std::nullopt;
    return Zone{ZoneKind::named, *id, 0};
}

std::string_view zone_name(const Zone& zone) {
    CHECK(zone.kind == ZoneKind::named, "only named zones have names");
    return zone::Registry::instance().get(zone.id).name;
}

std::int32_t offset_for_instant(const Zone& zone, std::int64_t utc_seconds) {
    if (zone.kind == ZoneKind::named) {
        return zone::Registry::instance().get(zone.id).offset_at(utc_seconds);
    }
    return zone.kind == ZoneKind::offset ? zone.offset_seconds : 0;
}

std::int32_t offset_for_local(const Zone& zone, std::int64_t local_seconds) {
    if (zone.kind != ZoneKind::named) return offset_for_instant(zone, local_seconds);
    const zone::ZoneData& data = zone::Registry::instance().get(zone.id);
    const std::int32_t before = data.offset_at(local_seconds - kSecondsPerDay);
    if (data.offset_at(local_seconds - before) == before) return before;
    const std::int32_t after = data.offset_at(local_seconds + kSecondsPerDay);
    if (data.offset_at(local_seconds - after) == after) return after;
    return before;
}

}  // namespace schwarm
