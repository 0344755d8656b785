// Characters of FEEL source (DMN 1.5 clause 10.3.1.2, grammar rules 28 to 32 and 61, 62).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace schwarm::feel {

bool is_space(char32_t c);
bool is_name_start(char32_t c);
bool is_name_part(char32_t c);
// ". / - ' + *": allowed inside names that are known.
bool is_name_symbol(char32_t c);

// Position behind white space and comments.
std::size_t skip_space(std::string_view text, std::size_t at);
// End of the simple name (one word) at `at`; `at` itself if there is none.
std::size_t simple_name_end(std::string_view text, std::size_t at);
// End of `name` where it stands at `at`, a space in it matching any white space; npos if it does
// not stand there or goes on as a longer word.
std::size_t match_name(std::string_view text, std::size_t at, std::string_view name);
// One space between words, none around.
std::string normalize_name(std::string_view name);

}  // namespace schwarm::feel
