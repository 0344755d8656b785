// From the regular expressions of XPath (XML Schema Part 2, appendix F, with anchors, reluctant
// quantifiers and back-references) to those of PCRE2.
#include <algorithm>
#include <array>
#include <utility>

#include "char_ranges.hpp"
#include "regex.hpp"

namespace schwarm::feel {
namespace {

constexpr std::array<std::string_view, 36> kCategories = {
    "L",  "Lu", "Ll", "Lt", "Lm", "Lo", "M",  "Mn", "Mc", "Me", "N",  "Nd",
    "Nl", "No", "P",  "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Z",  "Zs",
    "Zl", "Zp", "S",  "Sm", "Sc", "Sk", "So", "C",  "Cc", "Cf", "Co", "Cn",
};

struct PatternError {
    std::string reason;
};

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// The x flag: white space goes, except inside of character classes.
std::string without_space(std::string_view pattern) {
    std::string out;
    int depth = 0;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const char c = pattern[i];
        if (depth == 0 && is_space(c)) continue;
        out += c;
        if (c == '\\' && depth > 0 && i + 1 < pattern.size()) {
            out += pattern[++i];
        } else if (c == '\\') {
            while (i + 1 < pattern.size() && is_space(pattern[i + 1])) ++i;
            if (i + 1 < pattern.size()) out += pattern[++i];
        } else if (c == '[') {
            ++depth;
        } else if (c == ']' && depth > 0) {
            --depth;
        }
    }
    return out;
}

class Translator {
  public:
    Translator(std::string_view pattern, bool dot_all, bool caseless)
        : text_(pattern), dot_all_(dot_all), caseless_(caseless) {}

    std::string run() {
        while (!at_end()) piece();
        if (!open_groups_.empty()) throw PatternError{"a \"(\" is not closed"};
        return std::move(out_);
    }

  private:
    bool at_end() const { return at_ >= text_.size(); }
    char peek() const { return at_end() ? '\0' : text_[at_]; }

    void piece() {
        const char c = text_[at_++];
        switch (c) {
            case '(':
                open_group();
                return;
            case '|':
                out_ += '|';
                return;
            case '^':
                out_ += '^';
                return;
            case '$':
                out_ += '$';
                return;
            case ')':
                close_group();
                break;
            case '[':
                out_ += char_class(0);
                break;
            case '\\':
                out_ += escape();
                break;
            case '.':
                out_ += dot_all_ ? "(?s:.)" : "[^\\n\\r]";
                break;
            case '*':
            case '+':
            case '?':
            case '{':
            case '}':
            case ']':
                throw PatternError{std::string("unexpected \"") + c + "\""};
            default:
                out_ += c == '#' || is_space(c) ? std::string("\\") + c : std::string(1, c);
        }
        quantifier();
    }

    void open_group() {
        if (peek() == '?') {
            if (text_.substr(at_, 2) != "?:") throw PatternError{"\"(?\" is not allowed"};
            at_ += 2;
            out_ += "(?:";
            open_groups_.push_back(0);
            return;
        }
        out_ += '(';
        open_groups_.push_back(++groups_);
    }

    void close_group() {
        if (open_groups_.empty()) throw PatternError{"a \")\" without \"(\""};
        if (open_groups_.back() != 0) closed_.push_back(open_groups_.back());
        open_groups_.pop_back();
        out_ += ')';
    }

    void quantifier() {
        const char c = peek();
        if (c == '{') {
            const std::size_t close = text_.find('}', at_);
            if (close == std::string_view::npos) throw PatternError{"a \"{\" is not closed"};
            const std::string_view count = text_.substr(at_ + 1, close - at_ - 1);
            bool comma = false;
            for (std::size_t i = 0; i < count.size(); ++i) {
                const bool digit = count[i] >= '0' && count[i] <= '9';
                if (!digit && (count[i] != ',' || comma || i == 0)) {
                    throw PatternError{"a quantity is not a number"};
                }
                comma = comma || count[i] == ',';
            }
            if (count.empty()) throw PatternError{"a quantity is missing"};
            out_ += text_.substr(at_, close - at_ + 1);
            at_ = close + 1;
        } else if (c == '*' || c == '+' || c == '?') {
            out_ += c;
            ++at_;
        } else {
            return;
        }
        if (peek() == '?') {
            out_ += '?';
            ++at_;
        }
        const char after = peek();
        if (after == '*' || after == '+' || after == '?' || after == '{') {
            throw PatternError{"two quantifiers follow one another"};
        }
    }

    // One character: what stands inside of "[...]", and whether the i flag leaves it alone.
    struct Set {
        std::string members;
        bool fixed = false;
    };

    static Set set_of(const CharRanges& ranges, bool negated) {
        return {class_members(negated ? complement(ranges) : ranges), true};
    }

    static std::string alone(const Set& set) {
        return (set.fixed ? "(?-i:[" : "[") + set.members + (set.fixed ? "])" : "]");
    }

    // "{Lu}" behind \p or \P.
    Set property(bool negated) {
        const std::size_t close = text_.find('}', at_);
        if (peek() != '{' || close == std::string_view::npos) {
            throw PatternError{"a category is missing"};
        }
        const std::string_view name = text_.substr(at_ + 1, close - at_ - 1);
        at_ = close + 1;
        if (name.starts_with("Is")) {
            const auto block = unicode_block(name.substr(2));
            if (!block) throw PatternError{"unknown block \"" + std::string(name) + "\""};
            return set_of(*block, negated);
        }
        if (std::find(kCategories.begin(), kCategories.end(), name) == kCategories.end()) {
            throw PatternError{"unknown category \"" + std::string(name) + "\""};
        }
        return {(negated ? "\\P{" : "\\p{") + std::string(name) + "}", false};
    }

    Set shared_escape(char c) {
        switch (c) {
            case 'n':
            case 'r':
            case 't':
                return {std::string("\\") + c, false};
            case 's':
            case 'S':
                return set_of(xml_space(), c == 'S');
            case 'd':
                return {"\\p{Nd}", false};
            case 'D':
                return {"\\P{Nd}", false};
            case 'w':
                return {"\\p{L}\\p{M}\\p{N}\\p{S}", false};
            case 'W':
                return {"\\p{P}\\p{Z}\\p{C}", false};
            case 'i':
            case 'I':
                return set_of(xml_name_start(), c == 'I');
            case 'c':
            case 'C':
                return set_of(xml_name(), c == 'C');
            case 'p':
                return property(false);
            case 'P':
                return property(true);
            default:
                break;
        }
        if (std::string_view("\\|.?*+(){}-[]^$").find(c) != std::string_view::npos && c != '\0') {
            return {std::string("\\") + c, false};
        }
        throw PatternError{std::string("unknown escape \"\\") + c + "\""};
    }

    std::string escape() {
        if (at_end()) throw PatternError{"a backslash stands at the end"};
        const char c = text_[at_++];
        if (c < '1' || c > '9') return alone(shared_escape(c));
        std::size_t group = static_cast<std::size_t>(c - '0');
        while (peek() >= '0' && peek() <= '9') {
            const std::size_t longer = group * 10 + static_cast<std::size_t>(peek() - '0');
            if (longer > groups_) break;
            group = longer;
            ++at_;
        }
        bool closed = false;
        for (const std::size_t done : closed_) closed = closed || done == group;
        if (!closed) throw PatternError{"a reference to a group that does not exist yet"};
        return "(?:\\g{" + std::to_string(group) + "})";
    }

    // Behind "[". [a-z-[aeiou]] becomes (?:(?![aeiou])[a-z]).
    std::string char_class(int depth) {
        constexpr int kMaxDepth = 20;
        if (depth > kMaxDepth) throw PatternError{"classes are nested too deep"};
        const bool negated = peek() == '^';
        if (negated) ++at_;
        std::string members;
        std::string fixed;
        std::string excluded;
        const std::size_t first = at_;
        while (true) {
            if (at_end()) throw PatternError{"a \"[\" is not closed"};
            const char c = text_[at_++];
            if (c == ']') break;
            if (c == '-' && peek() == '[' && at_ - 1 > first) {
                ++at_;
                excluded = char_class(depth + 1);
                if (peek() != ']') throw PatternError{"a subtraction must end its class"};
                ++at_;
                break;
            }
            if (c == '[') throw PatternError{"\"[\" inside of a class"};
            if (c == '\\') {
                if (at_end()) throw PatternError{"a backslash stands at the end"};
                const Set set = shared_escape(text_[at_++]);
                (set.fixed ? fixed : members) += set.members;
            } else {
                members += c == '^' ? std::string("\\^") : std::string(1, c);
            }
        }
        if (at_ - 1 == first) throw PatternError{"an empty class"};
        const std::string all = union_of(members, fixed, negated);
        return excluded.empty() ? all : "(?:(?!" + excluded + ")" + all + ")";
    }

    // What the i flag leaves alone stands apart, but only where there is that flag.
    std::string union_of(const std::string& members, const std::string& fixed, bool negated) const {
        if (fixed.empty() || !caseless_) {
            return (negated ? "[^" : "[") + members + fixed + "]";
        }
        std::string either = alone({fixed, true});
        if (!members.empty()) either = "(?:[" + members + "]|" + either + ")";
        return negated ? "(?:(?!" + either + ")(?s:.))" : either;
    }

    std::string_view text_;
    bool dot_all_;
    bool caseless_;
    std::size_t at_ = 0;
    std::size_t groups_ = 0;
    std::vector<std::size_t> open_groups_;
    std::vector<std::size_t> closed_;
    std::string out_;
};

}  // namespace

Result<std::string> translate_xpath_regex(std::string_view pattern, bool ignore_space, bool dot_all,
                                          bool caseless) {
    const std::string stripped = ignore_space ? without_space(pattern) : std::string();
    try {
        return Translator(ignore_space ? std::string_view(stripped) : pattern, dot_all, caseless)
            .run();
    } catch (const PatternError& e) {
        return fail(ErrorCode::invalid_input, e.reason);
    }
}

}  // namespace schwarm::feel
