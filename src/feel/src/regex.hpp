// Regular expressions of XPath (XQuery 1.0 and XPath 2.0 Functions and Operators, clause 7.6) by
// PCRE2, with limits on matching so that no pattern can hold up the evaluation.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/base/result.hpp"

namespace schwarm::feel {

class Regex {
  public:
    struct Match {
        std::size_t start = 0;
        std::size_t end = 0;
        // Offsets of groups 1, 2, ...; npos where a group took no part.
        std::vector<std::pair<std::size_t, std::size_t>> groups;
    };

    // flags: s m i x q. The compiled expression is kept for the next call of the same thread.
    static Result<std::shared_ptr<const Regex>> get(std::string_view pattern,
                                                    std::string_view flags);
    static Result<std::shared_ptr<const Regex>> compile(std::string_view pattern,
                                                        std::string_view flags);
    // The first match at or behind `from`; nullopt if there is none. An error if a limit is
    // reached.
    Result<std::optional<Match>> find(std::string_view text, std::size_t from) const;
    std::size_t group_count() const { return group_count_; }

    Regex(const Regex&) = delete;
    Regex& operator=(const Regex&) = delete;
    ~Regex();

  private:
    explicit Regex(void* code);
    void* code_;
    std::size_t group_count_ = 0;
};

// The pattern in PCRE2's syntax; an error where XPath does not allow it.
Result<std::string> translate_xpath_regex(std::string_view pattern, bool ignore_space, bool dot_all,
                                          bool caseless);

}  // namespace schwarm::feel
