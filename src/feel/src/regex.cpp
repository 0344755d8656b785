#include "regex.hpp"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <algorithm>
#include <map>

#include "schwarm/feel/evaluation.hpp"

namespace schwarm::feel {
namespace {

pcre2_code* code_of(void* code) {
    return static_cast<pcre2_code*>(code);
}

struct FreeMatchData {
    void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
};
struct FreeMatchContext {
    void operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }
};

pcre2_match_context* limited_context() {
    constexpr std::uint32_t kMaxHeapKibibytes = 4'096;
    thread_local const std::unique_ptr<pcre2_match_context, FreeMatchContext> kContext = [] {
        std::unique_ptr<pcre2_match_context, FreeMatchContext> context(
            pcre2_match_context_create(nullptr));
        pcre2_set_heap_limit(context.get(), kMaxHeapKibibytes);
        return context;
    }();
    return kContext.get();
}

// PCRE2's own limit of matching starts afresh at each letter, and its compiled code does not count
// letters repeated. So the pattern calls back before each of its parts, and here the parts and the
// letters passed in between are counted.
struct Work {
    std::uint64_t done = 0;
    std::uint64_t allowed = 0;
    std::uint64_t each = 0;  // for what a part may do without being seen
    std::size_t position = 0;
};
constexpr std::uint64_t kWorkOfStep = 64;
constexpr std::uint64_t kWorkOfPart = 16;

int count_work(pcre2_callout_block* block, void* data) {
    Work& work = *static_cast<Work*>(data);
    const std::size_t here = block->current_position;
    work.done += work.each + (here > work.position ? here - work.position : 0);
    work.position = here;
    return work.done <= work.allowed ? 0 : PCRE2_ERROR_CALLOUT;
}

// The largest number in braces: "{3,1000}".
std::uint64_t largest_quantity(std::string_view pattern) {
    std::uint64_t largest = 0;
    std::uint64_t number = 0;
    for (const char c : pattern) {
        number =
            c >= '0' && c <= '9' ? std::min<std::uint64_t>(number * 10 + (c - '0'), 65'535) : 0;
        largest = std::max(largest, number);
    }
    return largest;
}

Error too_long() {
    return fail(ErrorCode::limit_exceeded, "the pattern takes too long to match");
}

}  // namespace

Regex::Regex(void* code, std::string_view pattern)
    : code_(code), work_of_part_(kWorkOfPart + largest_quantity(pattern)) {
    std::uint32_t back_references = 0;
    pcre2_pattern_info(code_of(code_), PCRE2_INFO_BACKREFMAX, &back_references);
    has_back_references_ = back_references != 0;
    std::uint32_t count = 0;
    pcre2_pattern_info(code_of(code_), PCRE2_INFO_CAPTURECOUNT, &count);
    group_count_ = count;
}

Regex::~Regex() {
    pcre2_code_free(code_of(code_));
}

Result<std::shared_ptr<const Regex>> Regex::compile(std::string_view pattern,
                                                    std::string_view flags) {
    // A reference to a group that took no part matches the empty string.
    std::uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C |
                            PCRE2_MATCH_UNSET_BACKREF | PCRE2_AUTO_CALLOUT;
    bool ignore_space = false;
    bool literal = false;
    bool dot_all = false;
    for (const char flag : flags) {
        switch (flag) {
            case 's':
                dot_all = true;
                break;
            case 'm':
                options |= PCRE2_MULTILINE;
                break;
            case 'i':
                options |= PCRE2_CASELESS;
                break;
            case 'x':
                ignore_space = true;
                break;
            case 'q':
                literal = true;
                break;
            default:
                return fail(ErrorCode::invalid_input, std::string("unknown flag \"") + flag + "\"");
        }
    }
    std::string translated(pattern);
    if (literal) {
        options |= PCRE2_LITERAL;
        options &= ~(PCRE2_AUTO_CALLOUT | PCRE2_MULTILINE | PCRE2_DOLLAR_ENDONLY |
                     PCRE2_NEVER_BACKSLASH_C | PCRE2_UCP | PCRE2_MATCH_UNSET_BACKREF);
    } else {
        const bool caseless = (options & PCRE2_CASELESS) != 0;
        SCHWARM_TRY(text, translate_xpath_regex(pattern, ignore_space, dot_all, caseless));
        translated = std::move(text);
    }
    int error = 0;
    PCRE2_SIZE offset = 0;
    pcre2_code* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(translated.data()),
                                     translated.size(), options, &error, &offset, nullptr);
    if (code == nullptr) {
        PCRE2_UCHAR message[200];
        pcre2_get_error_message(error, message, sizeof message);
        return fail(ErrorCode::invalid_input, reinterpret_cast<const char*>(message),
                    "pattern character " + std::to_string(offset));
    }
    pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
    return std::shared_ptr<const Regex>(new Regex(code, pattern));
}

Result<std::shared_ptr<const Regex>> Regex::get(std::string_view pattern, std::string_view flags,
                                                Evaluation& evaluation) {
    constexpr std::size_t kMaxPattern = 10'000;
    if (pattern.size() > kMaxPattern) {
        return fail(ErrorCode::limit_exceeded, "it has more than 10000 bytes");
    }
    // The same whether it is known already or not, so that the same evaluation counts the same.
    constexpr std::uint64_t kStepsToCompile = 20;
    if (!evaluation.step(kStepsToCompile + pattern.size())) return too_long();
    using Cache = std::map<std::string, std::shared_ptr<const Regex>, std::less<>>;
    constexpr std::size_t kMaxCached = 256;
    thread_local Cache cache;
    std::string key(flags);
    key += '/';
    key += pattern;
    if (const auto known = cache.find(key); known != cache.end()) return known->second;
    SCHWARM_TRY(regex, compile(pattern, flags));
    if (cache.size() >= kMaxCached) cache.clear();
    cache.emplace(std::move(key), regex);
    return regex;
}

Result<std::optional<Regex::Match>> Regex::find(std::string_view text, std::size_t from,
                                                Evaluation& evaluation) const {
    const std::unique_ptr<pcre2_match_data, FreeMatchData> data(
        pcre2_match_data_create_from_pattern(code_of(code_), nullptr));
    constexpr std::uint64_t kMaxWork = 16'000'000;
    const std::size_t rest = text.size() - from;
    if (!evaluation.step(rest / 64)) return too_long();
    const std::uint64_t left = evaluation.limits().max_steps - evaluation.steps();
    Work work;
    work.allowed = std::min(kMaxWork + rest, std::min(left, kMaxWork) * kWorkOfStep);
    // A back-reference may compare as much as there is text.
    work.each = work_of_part_ + (has_back_references_ ? rest / 16 : 0);
    work.position = from;
    pcre2_match_context* context = limited_context();
    pcre2_set_callout(context, count_work, &work);
    const int count = pcre2_match(code_of(code_), reinterpret_cast<PCRE2_SPTR>(text.data()),
                                  text.size(), from, PCRE2_NO_UTF_CHECK, data.get(), context);
    if (!evaluation.step(1 + work.done / kWorkOfStep)) return too_long();
    if (count == PCRE2_ERROR_NOMATCH) return std::optional<Match>();
    if (count < 0) return too_long();
    const PCRE2_SIZE* offsets = pcre2_get_ovector_pointer(data.get());
    Match match;
    match.start = offsets[0];
    match.end = offsets[1];
    for (std::size_t i = 1; i <= group_count_; ++i) {
        const bool set = i < static_cast<std::size_t>(count) && offsets[2 * i] != PCRE2_UNSET;
        match.groups.emplace_back(set ? offsets[2 * i] : std::string::npos,
                                  set ? offsets[2 * i + 1] : std::string::npos);
    }
    return std::optional<Match>(std::move(match));
}

}  // namespace schwarm::feel
