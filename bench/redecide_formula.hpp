// The amount of a household computed directly, without DMN and FEEL: what the benchmark's decisions
// are compared with. Written from the statute (§§ 9, 11 to 19 WoGG, Anlagen 1 to 3; § 6 WoGV) for
// the circumstances that the made-up households have. Only the tables' numbers come from the model.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "redecide_cases.hpp"
#include "schwarm/base/decimal.hpp"
#include "schwarm/base/result.hpp"

namespace schwarm::bench {

class Formula {
  public:
    // The parameters of hoehe.dmn that hold on a day.
    static Result<Formula> read(const std::string& model, Date day);

    // Monthly, in whole euro, before § 21 no. 1 (the least amount).
    Decimal amount(const Household& household, int level) const;

  private:
    Decimal rent(const Household& household, int level) const;

    std::array<std::array<Decimal, 7>, 5> most_{};  // Anlage 1 by members and level
    std::array<Decimal, 7> most_more_{};
    std::array<std::array<Decimal, 3>, 5> heating_{};  // relief, heating, climate
    std::array<Decimal, 3> heating_more_{};
    std::array<std::array<Decimal, 3>, 12> abc_{};    // Anlage 2
    std::array<std::array<Decimal, 2>, 12> least_{};  // Anlage 3 no. 1: M, Y
    Decimal factor_;
};

// The first day of the period (§ 25 (2)), which decides ages and the law of the first part.
Date first_day(const Household& household);

}  // namespace schwarm::bench
