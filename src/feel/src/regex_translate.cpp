// From the regular expressions of XPath (XML Schema Part 2, appendix F, with anchors, reluctant
// quantifiers and back-references) to those of PCRE2.
#include <array>
#include <utility>

#include "regex.hpp"

namespace schwarm::feel {
namespace {

constexpr std::string_view kNameStart =
    "_:A-Za-z\\x{C0}-\\x{D6}\\x{D8}-\\x{F6}\\x{F8}-\\x{2FF}\\x{370}-\\x{37D}\\x{37F}-\\x{1FFF}"
    "\\x{200C}\\x{200D}\\x{2070}-\\x{218F}\\x{2C00}-\\x{2FEF}\\x{3001}-\\x{D7FF}"
    "\\x{F900}-\\x{FDCF}\\x{FDF0}-\\x{FFFD}\\x{10000}-\\x{EFFFF}";
constexpr std::string_view kNameRest = "\\-.0-9\\x{B7}\\x{300}-\\x{36F}\\x{203F}\\x{2040}";

struct Block {
    std::string_view name;
    std::string_view range;
};
constexpr std::array kBlocks = {
    Block{"BasicLatin", "\\x{0}-\\x{7F}"},
    Block{"Latin-1Supplement", "\\x{80}-\\x{FF}"},
    Block{"LatinExtended-A", "\\x{100}-\\x{17F}"},
    Block{"LatinExtended-B", "\\x{180}-\\x{24F}"},
    Block{"IPAExtensions", "\\x{250}-\\x{2AF}"},
    Block{"SpacingModifierLetters", "\\x{2B0}-\\x{2FF}"},
    Block{"CombiningDiacriticalMarks", "\\x{300}-\\x{36F}"},
    Block{"Greek", "\\x{370}-\\x{3FF}"},
    Block{"GreekandCoptic", "\\x{370}-\\x{3FF}"},
    Block{"Cyrillic", "\\x{400}-\\x{4FF}"},
    Block{"Armenian", "\\x{530}-\\x{58F}"},
    Block{"Hebrew", "\\x{590}-\\x{5FF}"},
    Block{"Arabic", "\\x{600}-\\x{6FF}"},
    Block{"Syriac", "\\x{700}-\\x{74F}"},
    Block{"Thaana", "\\x{780}-\\x{7BF}"},
    Block{"Devanagari", "\\x{900}-\\x{97F}"},
    Block{"Bengali", "\\x{980}-\\x{9FF}"},
    Block{"Gurmukhi", "\\x{A00}-\\x{A7F}"},
    Block{"Gujarati", "\\x{A80}-\\x{AFF}"},
    Block{"Oriya", "\\x{B00}-\\x{B7F}"},
    Block{"Tamil", "\\x{B80}-\\x{BFF}"},
    Block{"Telugu", "\\x{C00}-\\x{C7F}"},
    Block{"Kannada", "\\x{C80}-\\x{CFF}"},
    Block{"Malayalam", "\\x{D00}-\\x{D7F}"},
    Block{"Sinhala", "\\x{D80}-\\x{DFF}"},
    Block{"Thai", "\\x{E00}-\\x{E7F}"},
    Block{"Lao", "\\x{E80}-\\x{EFF}"},
    Block{"Tibetan", "\\x{F00}-\\x{FFF}"},
    Block{"Myanmar", "\\x{1000}-\\x{109F}"},
    Block{"Georgian", "\\x{10A0}-\\x{10FF}"},
    Block{"HangulJamo", "\\x{1100}-\\x{11FF}"},
    Block{"Ethiopic", "\\x{1200}-\\x{137F}"},
    Block{"Cherokee", "\\x{13A0}-\\x{13FF}"},
    Block{"Khmer", "\\x{1780}-\\x{17FF}"},
    Block{"Mongolian", "\\x{1800}-\\x{18AF}"},
    Block{"LatinExtendedAdditional", "\\x{1E00}-\\x{1EFF}"},
    Block{"GreekExtended", "\\x{1F00}-\\x{1FFF}"},
    Block{"GeneralPunctuation", "\\x{2000}-\\x{206F}"},
    Block{"SuperscriptsandSubscripts", "\\x{2070}-\\x{209F}"},
    Block{"CurrencySymbols", "\\x{20A0}-\\x{20CF}"},
    Block{"LetterlikeSymbols", "\\x{2100}-\\x{214F}"},
    Block{"NumberForms", "\\x{2150}-\\x{218F}"},
    Block{"Arrows", "\\x{2190}-\\x{21FF}"},
    Block{"MathematicalOperators", "\\x{2200}-\\x{22FF}"},
    Block{"MiscellaneousTechnical", "\\x{2300}-\\x{23FF}"},
    Block{"BoxDrawing", "\\x{2500}-\\x{257F}"},
    Block{"BlockElements", "\\x{2580}-\\x{259F}"},
    Block{"GeometricShapes", "\\x{25A0}-\\x{25FF}"},
    Block{"MiscellaneousSymbols", "\\x{2600}-\\x{26FF}"},
    Block{"Dingbats", "\\x{2700}-\\x{27BF}"},
    Block{"CJKSymbolsandPunctuation", "\\x{3000}-\\x{303F}"},
    Block{"Hiragana", "\\x{3040}-\\x{309F}"},
    Block{"Katakana", "\\x{30A0}-\\x{30FF}"},
    Block{"CJKUnifiedIdeographs", "\\x{4E00}-\\x{9FFF}"},
    Block{"HangulSyllables", "\\x{AC00}-\\x{D7A3}"},
    Block{"PrivateUse", "\\x{E000}-\\x{F8FF}"},
    Block{"ArabicPresentationForms-A", "\\x{FB50}-\\x{FDFF}"},
    Block{"ArabicPresentationForms-B", "\\x{FE70}-\\x{FEFE}"},
    Block{"HalfwidthandFullwidthForms", "\\x{FF00}-\\x{FFEF}"},
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
    Translator(std::string_view pattern, bool dot_all) : text_(pattern), dot_all_(dot_all) {}

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

    // "{Lu}" behind \p or \P.
    std::string property(bool negated, bool in_class) {
        const std::size_t close = text_.find('}', at_);
        if (peek() != '{' || close == std::string_view::npos) {
            throw PatternError{"a category is missing"};
        }
        const std::string_view name = text_.substr(at_ + 1, close - at_ - 1);
        at_ = close + 1;
        if (name.starts_with("Is")) {
            for (const Block& block : kBlocks) {
                if (block.name != name.substr(2)) continue;
                if (!in_class) {
                    return (negated ? "[^" : "[") + std::string(block.range) + "]";
                }
                if (negated) throw PatternError{"a negated block inside of a class"};
                return std::string(block.range);
            }
            throw PatternError{"unknown block \"" + std::string(name) + "\""};
        }
        const bool known = !name.empty() && name.size() <= 2 &&
                           std::string_view("LMNPZSC").find(name[0]) != std::string_view::npos;
        if (!known) throw PatternError{"unknown category \"" + std::string(name) + "\""};
        return std::string(negated ? "\\P{" : "\\p{") + std::string(name) + "}";
    }

    static std::string set(std::string_view members, bool negated, bool in_class) {
        if (in_class && negated) throw PatternError{"a negated name class inside of a class"};
        if (in_class) return std::string(members);
        return (negated ? "[^" : "[") + std::string(members) + "]";
    }

    std::string shared_escape(char c, bool in_class) {
        constexpr std::string_view kWord = "\\p{L}\\p{M}\\p{N}\\p{S}";
        constexpr std::string_view kNoWord = "\\p{P}\\p{Z}\\p{C}";
        switch (c) {
            case 'n':
            case 'r':
            case 't':
                return std::string("\\") + c;
            case 's':
                return set(" \\t\\n\\r", false, in_class);
            case 'S':
                return in_class ? "\\S" : "[^ \\t\\n\\r]";
            case 'd':
                return "\\p{Nd}";
            case 'D':
                return "\\P{Nd}";
            case 'w':
                return set(kWord, false, in_class);
            case 'W':
                return set(kNoWord, false, in_class);
            case 'i':
                return set(kNameStart, false, in_class);
            case 'I':
                return set(kNameStart, true, in_class);
            case 'c':
            case 'C':
                return set(std::string(kNameStart) + std::string(kNameRest), c == 'C', in_class);
            case 'p':
                return property(false, in_class);
            case 'P':
                return property(true, in_class);
            default:
                break;
        }
        if (std::string_view("\\|.?*+(){}-[]^$").find(c) != std::string_view::npos && c != '\0') {
            return std::string("\\") + c;
        }
        throw PatternError{std::string("unknown escape \"\\") + c + "\""};
    }

    std::string escape() {
        if (at_end()) throw PatternError{"a backslash stands at the end"};
        const char c = text_[at_++];
        if (c < '1' || c > '9') return shared_escape(c, false);
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
        std::string members = "[";
        if (peek() == '^') {
            members += '^';
            ++at_;
        }
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
                const char escaped = text_[at_++];
                members += shared_escape(escaped, true);
            } else {
                members += c;
            }
        }
        if (at_ - 1 == first) throw PatternError{"an empty class"};
        members += ']';
        if (excluded.empty()) return members;
        return "(?:(?!" + excluded + ")" + members + ")";
    }

    std::string_view text_;
    bool dot_all_;
    std::size_t at_ = 0;
    std::size_t groups_ = 0;
    std::vector<std::size_t> open_groups_;
    std::vector<std::size_t> closed_;
    std::string out_;
};

}  // namespace

Result<std::string> translate_xpath_regex(std::string_view pattern, bool ignore_space,
                                          bool dot_all) {
    const std::string stripped = ignore_space ? without_space(pattern) : std::string();
    try {
        return Translator(ignore_space ? std::string_view(stripped) : pattern, dot_all).run();
    } catch (const PatternError& e) {
        return fail(ErrorCode::invalid_input, e.reason);
    }
}

}  // namespace schwarm::feel
