// Reader of the system's compiled time zone files (TZif, RFC 8536) with their POSIX footer, so
// that rules hold beyond the last listed transition.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace schwarm::zone {

// When daylight saving time starts or ends in a year: "M3.5.0/2".
struct Rule {
    enum class Form : std::uint8_t { month_week_day, julian, day_of_year };
    Form form = Form::month_week_day;
    int month = 1;
    int week = 1;
    int day = 0;
    std::int64_t time = 7200;  // seconds after local midnight
};

// "CET-1CEST,M3.5.0,M10.5.0/3"
struct PosixZone {
    std::int32_t standard_offset = 0;
    std::optional<std::int32_t> daylight_offset;
    Rule start;
    Rule end;

    static std::optional<PosixZone> parse(std::string_view text);
    std::int32_t offset_at(std::int64_t utc_seconds) const;
};

struct ZoneData {
    std::string name;
    std::int32_t first_offset = 0;
    std::vector<std::int64_t> transitions;  // UTC seconds, ascending
    std::vector<std::int32_t> offsets;      // after each transition
    std::optional<PosixZone> rule;

    // Bytes of a TZif file, version 2 or later.
    static std::optional<ZoneData> parse(std::string_view bytes);
    std::int32_t offset_at(std::int64_t utc_seconds) const;
};

}  // namespace schwarm::zone
