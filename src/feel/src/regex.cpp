#include "regex.hpp"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <map>

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
    constexpr std::uint32_t kMaxSteps = 1'000'000;
    constexpr std::uint32_t kMaxHeapKibibytes = 4'096;
    thread_local const std::unique_ptr<pcre2_match_context, FreeMatchContext> kContext = [] {
        std::unique_ptr<pcre2_match_context, FreeMatchContext> context(
            pcre2_match_context_create(nullptr));
        pcre2_set_match_limit(context.get(), kMaxSteps);
        pcre2_set_heap_limit(context.get(), kMaxHeapKibibytes);
        return context;
    }();
    return kContext.get();
}

}  // namespace

Regex::Regex(void* code) : code_(code) {
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
                            PCRE2_MATCH_UNSET_BACKREF;
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
        options &= ~(PCRE2_MULTILINE | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C | PCRE2_UCP |
                     PCRE2_MATCH_UNSET_BACKREF);
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
    return std::shared_ptr<const Regex>(new Regex(code));
}

Result<std::shared_ptr<const Regex>> Regex::get(std::string_view pattern, std::string_view flags) {
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

Result<std::optional<Regex::Match>> Regex::find(std::string_view text, std::size_t from) const {
    const std::unique_ptr<pcre2_match_data, FreeMatchData> data(
        pcre2_match_data_create_from_pattern(code_of(code_), nullptr));
    const int count =
        pcre2_match(code_of(code_), reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), from,
                    PCRE2_NO_UTF_CHECK, data.get(), limited_context());
    if (count == PCRE2_ERROR_NOMATCH) return std::optional<Match>();
    if (count < 0) return fail(ErrorCode::limit_exceeded, "the pattern takes too long to match");
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
