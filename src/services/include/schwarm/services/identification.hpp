// How a case remembers whom the identification of its applicant has shown: as a keyed hash by which
// it is found (runtime::WriteBatch::index_person), so that a retrieval of evidence can be bound to
// that person. Pure.
#pragma once

#include <string>
#include <string_view>

namespace schwarm::services {

inline constexpr std::string_view kIdentifiedField = "identified";

// birth_date: ISO 8601.
inline std::string identified_text(std::string_view family_name, std::string_view given_names,
                                   std::string_view birth_date) {
    std::string out(family_name);
    for (const std::string_view part : {given_names, birth_date}) {
        out += '\0';
        out += part;
    }
    return out;
}

}  // namespace schwarm::services
