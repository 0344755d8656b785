#include "schwarm/base/calendar.hpp"

#include <gtest/gtest.h>

#include "schwarm/base/binary.hpp"
#include "schwarm/base/utf8.hpp"

namespace schwarm {
namespace {

TEST(Date, ReadsAndPrints) {
    for (const char* text : {"2026-03-01", "0000-01-01", "-0044-03-15", "999999999-12-31",
                             "-999999999-01-01", "1970-01-01", "2024-02-29"}) {
        ASSERT_TRUE(Date::parse(text).has_value()) << text;
        EXPECT_EQ(Date::parse(text)->to_string(), text);
    }
    for (const char* text : {"998-12-31", "01211-12-31", "+2012-01-01", "2012/12/25", "2023-02-29",
                             "2012-13-01", "2012-1-1", "1000000000-01-01", "2012-01-01 ", ""}) {
        EXPECT_FALSE(Date::parse(text).has_value()) << text;
    }
    EXPECT_EQ(Date::parse("1970-01-01")->days, 0);
    EXPECT_EQ(Date::parse("2000-03-01")->days, 11017);
}

TEST(Date, KnowsWeeks) {
    EXPECT_EQ(Date::parse("2026-11-24")->weekday(), 2);
    EXPECT_EQ(Date::parse("2005-01-01")->week_of_year(), 53);
    EXPECT_EQ(Date::parse("2008-12-29")->week_of_year(), 1);
    EXPECT_EQ(Date::parse("2024-12-31")->day_of_year(), 366);
}

TEST(Date, EveryDayOfFourCenturiesRoundTrips) {
    for (std::int64_t day = -80'000; day < 80'000; ++day) {
        const CivilDate c = Date{day}.civil();
        ASSERT_EQ(Date::from_civil(c.year, c.month, c.day)->days, day);
    }
}

TEST(Time, ReadsAndPrints) {
    for (const char* text :
         {"10:30:00", "00:00:00Z", "10:30:00.123456789", "10:30:00+02:00", "11:59:45+02:45:55",
          "11:59:45.5-18:00", "10:30:00@Europe/Berlin", "10:30:00@Etc/UTC"}) {
        ASSERT_TRUE(Time::parse(text).has_value()) << text;
        EXPECT_EQ(Time::parse(text)->to_string(), text);
    }
    EXPECT_EQ(Time::parse("10:30:00-00:00")->to_string(), "10:30:00Z");
    EXPECT_EQ(Time::parse("10:30:00.500")->to_string(), "10:30:00.5");
    for (const char* text :
         {"24:00:01", "10:60:00", "10:30:60", "10:30", "1:30:00", "10:30:00+19:00",
          "10:30:00@Europe/Atlantis", "10:30:00@../../etc/passwd", "10:30:00."}) {
        EXPECT_FALSE(Time::parse(text).has_value()) << text;
    }
}

TEST(Duration, ReadsAndPrints) {
    EXPECT_EQ(DaysTime::parse("P1DT2H3M4.5S")->to_string(), "P1DT2H3M4.5S");
    EXPECT_EQ(DaysTime::parse("-PT90M")->to_string(), "-PT1H30M");
    EXPECT_EQ(DaysTime::parse("PT0S")->to_string(), "PT0S");
    EXPECT_EQ(DaysTime::parse("-PT0.5S")->to_string(), "-PT0.5S");
    EXPECT_EQ(DaysTime::parse("P400D")->to_string(), "P400D");
    EXPECT_EQ(YearsMonths::parse("P1Y14M")->to_string(), "P2Y2M");
    EXPECT_EQ(YearsMonths::parse("-P3M")->to_string(), "-P3M");
    EXPECT_EQ(YearsMonths::parse("P0Y")->to_string(), "P0M");
    for (const char* text : {"P", "PT", "P1DT", "1D", "P1H", "PT1D", "P1M1Y", "PT1M1H", "P-1D",
                             "PTS", "PT.S", "P1Y1D"}) {
        EXPECT_FALSE(DaysTime::parse(text).has_value()) << text;
        EXPECT_FALSE(YearsMonths::parse(text).has_value()) << text;
    }
}

TEST(Zone, KnowsDaylightSavingBeyondTheLastListedTransition) {
    const auto offset = [](const char* text) {
        const DateTime at = DateTime::parse(text).value();
        return offset_for_local(at.time.zone, at.local_seconds());
    };
    EXPECT_EQ(offset("2026-01-15T12:00:00@Europe/Berlin"), 3600);
    EXPECT_EQ(offset("2026-07-15T12:00:00@Europe/Berlin"), 7200);
    EXPECT_EQ(offset("2099-07-15T12:00:00@Europe/Berlin"), 7200);
    EXPECT_EQ(offset("2099-12-15T12:00:00@Europe/Berlin"), 3600);
    EXPECT_EQ(offset("2099-12-15T12:00:00@Australia/Sydney"), 11 * 3600);
    EXPECT_EQ(offset("2099-06-15T12:00:00@Australia/Sydney"), 10 * 3600);
    EXPECT_EQ(offset("1900-01-01T12:00:00@Europe/Berlin"), 3600);
    EXPECT_EQ(offset("2050-01-01T12:00:00@Asia/Kathmandu"), 5 * 3600 + 45 * 60);
    // Overlap at the end of summer: the offset before holds; so it does in the gap.
    EXPECT_EQ(offset("2026-10-25T02:30:00@Europe/Berlin"), 7200);
    EXPECT_EQ(offset("2026-03-29T02:30:00@Europe/Berlin"), 3600);
}

TEST(DateTime, AddsAndSubtracts) {
    const DateTime at = DateTime::parse("2024-01-31T23:00:00").value();
    EXPECT_EQ(add(at, YearsMonths{1})->to_string(), "2024-02-29T23:00:00");
    EXPECT_EQ(add(at, DaysTime{7200, 0})->to_string(), "2024-02-01T01:00:00");
    EXPECT_EQ(add(Time::parse("23:00:00").value(), DaysTime{7200, 0}).to_string(), "01:00:00");
    const DateTime berlin = DateTime::parse("2026-03-28T12:00:00@Europe/Berlin").value();
    EXPECT_EQ(add(berlin, DaysTime{86'400, 0})->to_string(), "2026-03-29T13:00:00@Europe/Berlin");
    EXPECT_EQ(difference(DateTime::parse("2026-03-29T13:00:00+02:00").value(), berlin)->to_string(),
              "P1D");
    EXPECT_EQ(months_between(*Date::parse("2013-08-24"), *Date::parse("2017-12-15")).to_string(),
              "P4Y3M");
    EXPECT_EQ(DateTime::parse("2021-12-31T24:00:00Z")->to_string(), "2022-01-01T00:00:00Z");
    EXPECT_FALSE(DateTime::parse("2021-12-31T24:00:01").has_value());
    EXPECT_FALSE(add_months(*Date::parse("999999999-12-31"), 1).has_value());
    EXPECT_FALSE(add_days(*Date::parse("-999999999-01-01"), -1).has_value());
    const Instant just_before(std::chrono::milliseconds(-1));
    EXPECT_EQ(DateTime::from_instant(just_before, Zone::utc()).to_string(),
              "1969-12-31T23:59:59.999Z");
    EXPECT_EQ(berlin.in_zone(Zone::utc())->to_string(), "2026-03-28T11:00:00Z");
}

TEST(Binary, RoundTripsAndRefusesShortInput) {
    ByteWriter w;
    w.varint(300);
    w.svarint(-7);
    w.u64(UINT64_MAX);
    w.bytes("abc");
    ByteReader r(w.data());
    EXPECT_EQ(r.varint(), 300U);
    EXPECT_EQ(r.svarint(), -7);
    EXPECT_EQ(r.u64(), UINT64_MAX);
    EXPECT_EQ(r.bytes(), "abc");
    EXPECT_TRUE(r.ok() && r.at_end());
    EXPECT_EQ(r.u8(), 0);
    EXPECT_FALSE(r.ok());
    for (std::size_t n = 0; n < w.size(); ++n) {
        ByteReader cut(std::string_view(w.data()).substr(0, n));
        cut.varint();
        cut.svarint();
        cut.u64();
        cut.bytes();
        EXPECT_FALSE(cut.ok()) << n;
    }
}

TEST(Utf8, ChecksAndCounts) {
    EXPECT_TRUE(utf8::is_valid("Straße \U0001F4A9"));
    EXPECT_EQ(utf8::length("ß\U0001F4A9x"), 3U);
    EXPECT_EQ(utf8::offset_of("ß\U0001F4A9x", 2), 6U);
    for (const char* bad :
         {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "a\x80"}) {
        EXPECT_FALSE(utf8::is_valid(bad));
    }
}

}  // namespace
}  // namespace schwarm
