// Regular expressions of XPath (XQuery 1.0 and XPath 2.0 Functions and Operators, clause 7.6) by
// PCRE2, with limits on matching so that no pattern can hold up the evaluation.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/base/result.hpp"

namespace schwarm::feel {

class Evaluation;

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
                                                    std::string_view flags, Evaluation& evaluation);
    static Result<std::shared_ptr<const Regex>> compile(std::string_view pattern,
                                                        std::string_view flags);
    // The first match at or behind `from`; nullopt if there is none. An error if a limit is
    // reached. The work is counted in steps.
    Result<std::optional<Match>> find(std::string_view text, std::size_t from,
                                      Evaluation& evaluation) const;
    std::size_t group_count() const { return group_count_; }

    Regex(const Regex&) = delete;
    Regex& operator=(const Regex&) = delete;
    ~Regex();

  private:
    Regex(void* code, std::string_view pattern);
    void* code_;
    std::uint64_t work_of_part_;
    bool has_back_references_ = false;
    std::size_t group_count_ = 0;
};

// The pattern in PCRE2's syntax; an error where XPath does not allow it.
Result<std::string> translate_xpath_regex(std::string_view pattern, bool ignore_space, bool dot_all,
                                          bool caseless);

}  // namespace schwarm::feel
