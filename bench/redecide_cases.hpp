// Households that apply for Wohngeld, made up from a seed: the same number gives the same household
// on every machine. Sizes, wages, pensions and rents are spread as among recipients; none is a real
// person.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "schwarm/base/calendar.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/feel/value.hpp"

namespace schwarm::bench {

// A municipality of the list of Mietenstufen.
struct Place {
    std::string land;
    std::string name;
    int level = 0;  // 1..7
};

// Of mietenstufen.dmn.
Result<std::vector<Place>> places_of(const std::string& model);

struct Person {
    std::string relation;  // as in the form: "antragstellend", "ehegatte", "partner", "kind"
    Date born;
    std::int64_t wage_cents = 0;  // a month, gross
    std::int64_t mini_job_cents = 0;
    std::int64_t pension_cents = 0;
    int deductions = 0;  // of taxes, health insurance, pension insurance: § 16 WoGG
    int disability = 0;  // degree
    bool child_benefit = false;
};

struct Household {
    std::uint64_t number = 0;
    std::size_t place = 0;
    Date received;
    std::vector<Person> persons;
    std::int64_t rent_cents = 0;      // a month, with what it contains
    std::int64_t heating_cents = -1;  // contained in the rent; -1: nothing, 0: contained, flat rate
    std::int64_t area = 0;            // square metres
};

Household household_of(std::uint64_t seed, std::uint64_t number, std::size_t places);

// The answers of the form, as the portal would have stored them.
feel::Value application_of(const Household& household, const std::vector<Place>& places);

}  // namespace schwarm::bench
