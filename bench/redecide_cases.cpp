#include "redecide_cases.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "redecide_models.hpp"

namespace schwarm::bench {
namespace {

using feel::Value;

// splitmix64: repeatable everywhere, unlike the distributions of the library.
class Dice {
  public:
    Dice(std::uint64_t seed, std::uint64_t number)
        : state_(seed ^ (number + 1) * 0xD1B5'4A32'D192'ED03ULL) {
        static_cast<void>(next());
    }
    std::uint64_t next() {
        state_ += 0x9E37'79B9'7F4A'7C15ULL;
        auto z = state_;
        z = (z ^ (z >> 30U)) * 0xBF58'476D'1CE4'E5B9ULL;
        z = (z ^ (z >> 27U)) * 0x94D0'49BB'1331'11EBULL;
        return z ^ (z >> 31U);
    }
    std::int64_t between(std::int64_t from, std::int64_t to) {
        return from + static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(to - from + 1));
    }
    bool chance(int percent) { return between(1, 100) <= percent; }

  private:
    std::uint64_t state_;
};

// Of 1,000 households, by size from 1 to 12.
constexpr std::array<int, 12> kSizes = {520, 150, 95, 110, 72, 30, 12, 5, 3, 1, 1, 1};

std::size_t size_of(Dice& dice) {
    auto left = dice.between(1, 1000);
    for (std::size_t i = 0; i < kSizes.size(); ++i) {
        left -= kSizes[i];
        if (left <= 0) return i + 1;
    }
    return 1;
}

Date birthday(Dice& dice, const Date& received, std::int64_t from_age, std::int64_t to_age) {
    return Date{received.days - 365 * dice.between(from_age, to_age) - dice.between(30, 360)};
}

void give_work(Dice& dice, Person& person, std::int64_t from, std::int64_t to) {
    person.wage_cents = dice.between(from, to) * 100 + dice.between(0, 99);
    person.deductions = dice.chance(85) ? 3 : 2;
}

Person applicant(Dice& dice, const Household& household, bool retired, std::size_t size) {
    Person out;
    out.relation = "antragstellend";
    if (retired) {
        out.born = birthday(dice, household.received, 66, 92);
        out.pension_cents = dice.between(620, 1'450) * 100 + dice.between(0, 99);
        out.deductions = dice.chance(20) ? 2 : 1;
        if (dice.chance(10)) out.mini_job_cents = dice.between(100, 538) * 100;
        if (dice.chance(8)) out.disability = 100;
        return out;
    }
    out.born = birthday(dice, household.received, 24, 62);
    const auto more = static_cast<std::int64_t>(size - 1) * 260;
    give_work(dice, out, 950 + more, 1'900 + more);
    if (dice.chance(3)) out.disability = 100;
    return out;
}

Person partner(Dice& dice, const Household& household, bool retired) {
    Person out;
    out.relation = dice.chance(80) ? "ehegatte" : "partner";
    if (retired) {
        out.born = birthday(dice, household.received, 60, 90);
        out.pension_cents = dice.between(0, 900) * 100;
        out.deductions = 1;
        return out;
    }
    out.born = birthday(dice, household.received, 22, 60);
    if (dice.chance(35)) out.mini_job_cents = dice.between(150, 556) * 100;
    if (dice.chance(25)) give_work(dice, out, 500, 1'200);
    return out;
}

Person child(Dice& dice, const Household& household) {
    Person out;
    out.relation = "kind";
    out.born = birthday(dice, household.received, 0, 20);
    out.child_benefit = true;
    if (household.received.days - out.born.days > 16 * 366 && dice.chance(30)) {
        out.wage_cents = dice.between(400, 1'050) * 100;
        out.deductions = 2;
    }
    return out;
}

Value money(std::int64_t cents) {
    return cents % 100 == 0 ? Value(cents / 100) : Value(Decimal::scaled(cents, -2));
}

Value person_value(const Person& person, std::uint64_t number, std::size_t place) {
    static constexpr std::array<std::string_view, 3> kDeductions = {"steuern", "kranken", "rente"};
    feel::ContextBuilder out;
    out.set("vorname", fmt::format("Vorname{}", place + 1));
    out.set("nachname", fmt::format("Muster-{}", number));
    out.set("geburtsdatum", person.born.to_string());
    out.set("geschlecht", place % 2 == 0 ? "weiblich" : "männlich");
    out.set("staatsangehoerigkeit", "deutsch");
    out.set("lebensmittelpunkt", "ja");
    out.set("ausbildung", "nein");
    if (place > 0) out.set("verhaeltnis", person.relation);
    if (person.child_benefit) out.set("kindergeld", true);
    if (person.wage_cents > 0) out.set("lohn", money(person.wage_cents));
    if (person.mini_job_cents > 0) out.set("minijob", money(person.mini_job_cents));
    if (person.pension_cents > 0) out.set("rente", money(person.pension_cents));
    if (person.disability > 0) out.set("gdb", std::int64_t{person.disability});
    Value::List deductions;
    for (int i = 0; i < person.deductions; ++i) {
        // Health insurance is what pensioners pay.
        const auto at = person.deductions == 1 ? 1U : static_cast<std::size_t>(i);
        deductions.emplace_back(kDeductions[at]);
    }
    if (!deductions.empty()) out.set("abzuege", Value::list(std::move(deductions)));
    out.set("leistung", "keine");
    return out.build();
}

Value rent_value(const Household& household) {
    feel::ContextBuilder out;
    out.set("gesamt", money(household.rent_cents));
    if (household.heating_cents >= 0) {
        out.set("enthalten", Value::list({"heizung"}));
        if (household.heating_cents > 0) out.set("heizung_betrag", money(household.heating_cents));
    }
    return out.build();
}

}  // namespace

Result<std::vector<Place>> places_of(const std::string& model) {
    std::vector<Place> out;
    for (const auto& cells : rows_of_table(model, "Mietenstufe_Tabelle")) {
        if (cells.size() != 5 || cells[2] != "\"Gemeinde\"" || cells[4].size() != 1) continue;
        const auto unquoted = [](const std::string& text) {
            return text.substr(1, text.size() - 2);
        };
        // Texts with FEEL escapes would have to be read as FEEL.
        if (cells[3].find('\\') != std::string::npos) continue;
        out.push_back({unquoted(cells[1]), unquoted(cells[3]), cells[4][0] - '0'});
    }
    if (out.empty()) {
        return fail(ErrorCode::not_found, "mietenstufen.dmn has no table Mietenstufe_Tabelle");
    }
    return out;
}

Household household_of(std::uint64_t seed, std::uint64_t number, std::size_t places) {
    Dice dice(seed, number);
    Household out;
    out.number = number;
    out.place = static_cast<std::size_t>(dice.next() % places);
    // So that the period of twelve months reaches beyond 1 January 2027.
    const auto first = Date::from_civil(2026, 2, 1)->days;
    out.received = Date{first + dice.between(0, 310)};
    const auto size = size_of(dice);
    const bool retired = size <= 2 && dice.chance(52);
    out.persons.push_back(applicant(dice, out, retired, size));
    const bool couple = retired ? size == 2 : size >= 2 && dice.chance(size == 2 ? 45 : 78);
    if (couple) out.persons.push_back(partner(dice, out, retired));
    while (out.persons.size() < size) out.persons.push_back(child(dice, out));
    const auto members = static_cast<std::int64_t>(size);
    out.rent_cents = (dice.between(330, 560) + members * dice.between(70, 130)) * 100 +
                     (dice.chance(40) ? dice.between(0, 99) : 0);
    out.area = 30 + members * dice.between(10, 22);
    if (dice.chance(60))
        out.heating_cents = dice.chance(70) ? out.area * 100 + dice.between(0, 99) : 0;
    return out;
}

Value application_of(const Household& household, const std::vector<Place>& places) {
    const auto& place = places[household.place];
    Value::List others;
    for (std::size_t i = 1; i < household.persons.size(); ++i) {
        others.push_back(person_value(household.persons[i], household.number, i));
    }
    feel::ContextBuilder out;
    out.set("antragsart", "erst");
    out.set("ort", Value::context({{"land", place.land}, {"gemeinde", place.name}}));
    out.set("wohnung",
            Value::context({{"strasse", "Lindenstraße"},
                            {"hausnummer", std::to_string(household.number % 200 + 1)},
                            {"plz", fmt::format("{:05}", 1'000 + household.number % 98'000)},
                            {"ort", place.name},
                            {"einzug", "2021-05-01"},
                            {"nutzung", "miete"},
                            {"flaeche", household.area}}));
    out.set("weitere_wohnung", "nein");
    out.set("person", person_value(household.persons[0], household.number, 0));
    if (!others.empty()) out.set("mitglieder", Value::list(std::move(others)));
    out.set("miete", rent_value(household));
    out.set("vermoegen", std::int64_t{2500});
    out.set("aenderungen", "nein");
    out.set("konto", Value::context({{"inhaber", fmt::format("Muster-{}", household.number)},
                                     {"iban", "DE02120300000000202051"}}));
    out.set("nachweise", Value::list({"mietvertrag", "lohn"}));
    out.set(
        "erklaerung",
        Value::context(
            {{"richtig", true}, {"mitteilung", true}, {"datenabgleich", true}, {"abruf", true}}));
    return out.build();
}

}  // namespace schwarm::bench
