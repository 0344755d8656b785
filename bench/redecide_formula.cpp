#include "redecide_formula.hpp"

#include <algorithm>

#include "redecide_models.hpp"

namespace schwarm::bench {
namespace {

Decimal rounded(const Decimal& value, int digits) {
    return *value.round(digits, Rounding::half_up);
}
Decimal euro(std::int64_t cents) {
    return Decimal::scaled(cents, -2);
}
Decimal at_least(const Decimal& a, const Decimal& b) {
    return a < b ? b : a;
}
Decimal at_most(const Decimal& a, const Decimal& b) {
    return a < b ? a : b;
}

// The rows of a table that hold on a day: of each key the first whose day has come, as FIRST says.
Result<std::vector<std::vector<Decimal>>> rows(const std::string& model, const char* table,
                                               Date day, std::size_t cells) {
    std::vector<std::vector<Decimal>> out;
    std::string newest;
    for (const auto& texts : rows_of_table(model, table)) {
        if (texts.size() != cells) return fail(ErrorCode::invalid_input, "a row is odd", table);
        const std::string head = ">= date(\"";
        const auto from = texts[0].starts_with(head)
                              ? Date::parse(std::string_view(texts[0]).substr(head.size(), 10))
                              : std::nullopt;
        if (!from) return fail(ErrorCode::invalid_input, "a row has no day", table);
        if (*from > day || (!newest.empty() && texts[0] != newest)) continue;
        newest = texts[0];
        std::vector<Decimal> row;
        for (std::size_t i = 1; i < texts.size(); ++i) {
            const auto number = Decimal::parse(texts[i]);
            if (!number) return fail(ErrorCode::invalid_input, "a cell is no number", table);
            row.push_back(*number);
        }
        out.push_back(std::move(row));
    }
    if (out.empty()) return fail(ErrorCode::not_found, "no row holds on that day", table);
    return out;
}

// A key of a row as a position from 0.
Result<std::size_t> position(const Decimal& key, std::size_t size) {
    const auto number = key.to_int64().value_or(0);
    if (number < 1 || static_cast<std::size_t>(number) > size) {
        return fail(ErrorCode::invalid_input, "a row's key is out of range");
    }
    return static_cast<std::size_t>(number - 1);
}

std::int64_t years(const Date& born, const Date& day) {
    return months_between(born, day).months / 12;
}

// § 14 with § 9a EStG, § 16: the yearly income of one person.
Decimal yearly_income(const Person& person) {
    const Decimal twelve(12);
    const Decimal nothing;
    const auto wage = at_least(twelve * euro(person.wage_cents) - Decimal(1230), nothing);
    const auto pension = at_least(twelve * euro(person.pension_cents) - Decimal(102), nothing);
    const auto sum = wage + twelve * euro(person.mini_job_cents) + pension;
    return sum - sum * Decimal::scaled(person.deductions, -1);
}

// §§ 13, 17: monthly.
Decimal income(const Household& household) {
    const auto day = first_day(household);
    Decimal sum;
    bool alone = household.persons.size() > 1;
    bool minor = false;
    for (const auto& person : household.persons) {
        sum = sum + yearly_income(person);
        const bool child = person.relation == "kind";
        const auto age = years(person.born, day);
        if (person.disability >= 100) sum = sum - Decimal(1800);
        const auto earned = Decimal(12) * euro(person.wage_cents + person.mini_job_cents);
        if (child && age < 25 && !earned.is_zero()) sum = sum - at_most(earned, Decimal(1200));
        alone = alone && (child || person.relation == "antragstellend");
        minor = minor || (child && age < 18 && person.child_benefit);
    }
    if (alone && minor) sum = sum - Decimal(1320);
    return rounded(*divide(at_least(sum, Decimal()), Decimal(12)), 10);
}

}  // namespace

Date first_day(const Household& household) {
    const auto civil = household.received.civil();
    return *Date::from_civil(civil.year, civil.month, 1);
}

Result<Formula> Formula::read(const std::string& model, Date day) {
    Formula out;
    SCHWARM_TRY(most, rows(model, "Hoechstbetrag_Tabelle", day, 4));
    for (const auto& row : most) {
        SCHWARM_TRY(members, position(row[0], 5));
        SCHWARM_TRY(level, position(row[1], 7));
        out.most_[members][level] = row[2];
    }
    SCHWARM_TRY(more, rows(model, "Mehrbetrag_Tabelle", day, 3));
    for (const auto& row : more) {
        SCHWARM_TRY(level, position(row[0], 7));
        out.most_more_[level] = row[1];
    }
    SCHWARM_TRY(heating, rows(model, "Heizkosten_und_Klima_Tabelle", day, 5));
    for (const auto& row : heating) {
        SCHWARM_TRY(members, position(row[0], 5));
        out.heating_[members] = {row[1], row[2], row[3]};
    }
    SCHWARM_TRY(heating_more, rows(model, "Heizkosten_und_Klima_je_weiteres_Tabelle", day, 4));
    out.heating_more_ = {heating_more[0][0], heating_more[0][1], heating_more[0][2]};
    SCHWARM_TRY(abc, rows(model, "Formelwerte_Tabelle", day, 5));
    for (const auto& row : abc) {
        SCHWARM_TRY(members, position(row[0], 12));
        out.abc_[members] = {row[1], row[2], row[3]};
    }
    SCHWARM_TRY(least, rows(model, "Mindestwerte_Tabelle", day, 4));
    for (const auto& row : least) {
        SCHWARM_TRY(members, position(row[0], 12));
        out.least_[members] = {row[1], row[2]};
    }
    SCHWARM_TRY(others, rows(model, "Weitere_Groessen_Tabelle", day, 3));
    out.factor_ = others[0][0];
    return out;
}

// §§ 9, 11, 12: the rent to be considered.
Decimal Formula::rent(const Household& household, int level) const {
    const auto members = household.persons.size();
    const auto row = std::min<std::size_t>(members, 5) - 1;
    const auto column = static_cast<std::size_t>(level - 1);
    const Decimal further(static_cast<std::int64_t>(members > 5 ? members - 5 : 0));
    auto paid = euro(household.rent_cents);
    if (household.heating_cents > 0) paid = paid - euro(household.heating_cents);
    if (household.heating_cents == 0) {
        paid = paid - Decimal::scaled(125, -2) * Decimal(household.area);
    }
    paid = at_least(paid, Decimal());
    const auto climate = heating_[row][2] + further * heating_more_[2];
    const auto limit = most_[row][column] + further * most_more_[column] + climate;
    const auto relief =
        heating_[row][0] + heating_[row][1] + further * (heating_more_[0] + heating_more_[1]);
    return rounded(at_most(paid, limit) + relief, 10);
}

// § 19 (1) and (2) with the steps of Anlage 3 no. 2 and 3, for at most twelve members.
Decimal Formula::amount(const Household& household, int level) const {
    const auto row = household.persons.size() - 1;
    const auto rent_m = at_least(rent(household, level), least_[row][0]);
    const auto income_y = at_least(income(household), least_[row][1]);
    const auto& [a, b, c] = abc_[row];
    const auto z1 = rounded(a + b * rent_m + c * income_y, 10);
    const auto z2 = rounded(z1 * income_y, 10);
    const auto z3 = rounded(rent_m - z2, 10);
    const auto z4 = rounded(factor_ * z3, 10);
    return at_least(rounded(z4, 0), Decimal());
}

}  // namespace schwarm::bench
