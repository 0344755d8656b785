// Wohngeld applications that differ in person, rent and income.
#pragma once

#include <string>
#include <vector>

#include "schwarm/base/result.hpp"
#include "schwarm/json/value.hpp"

namespace schwarm::bench {

// `count` answers of the application form.
Result<std::vector<json::Value>> sample_answers(std::size_t count);

}  // namespace schwarm::bench
