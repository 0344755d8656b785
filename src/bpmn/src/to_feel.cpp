// JUEL and XPath into FEEL: one grammar, since what both can say of variables is nearly the same.
#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "schwarm/bpmn/suggest.hpp"
#include "schwarm/feel/feel.hpp"

namespace schwarm::bpmn {
namespace {

constexpr std::size_t kDepthMax = 100;

enum class Kind { end, name, number, text, sign };

struct Token {
    Kind kind = Kind::end;
    std::string text;
};

bool is_name_char(char c) {
    const auto u = static_cast<unsigned char>(c);
    return std::isalnum(u) != 0 || c == '_' || u >= 0x80;
}

// Unknown characters become signs that no rule takes.
std::vector<Token> tokens_of(std::string_view source) {
    static constexpr std::array<std::string_view, 6> kLong = {"==", "!=", "<=", ">=", "&&", "||"};
    std::vector<Token> out;
    for (std::size_t i = 0; i < source.size();) {
        const char c = source[i];
        const auto begin = i;
        if (std::isspace(static_cast<unsigned char>(c)) != 0) {
            ++i;
        } else if (c == '\'' || c == '"') {
            const auto close = std::min(source.find(c, i + 1), source.size());
            out.push_back({Kind::text, std::string(source.substr(i + 1, close - i - 1))});
            i = close + 1;
        } else if (std::isdigit(static_cast<unsigned char>(c)) != 0) {
            while (i < source.size() &&
                   (std::isdigit(static_cast<unsigned char>(source[i])) != 0 || source[i] == '.')) {
                ++i;
            }
            out.push_back({Kind::number, std::string(source.substr(begin, i - begin))});
        } else if (is_name_char(c)) {
            // A hyphen or a colon belongs to the names of XPath: starts-with, bpmn:getDataObject.
            while (i < source.size() &&
                   (is_name_char(source[i]) ||
                    ((source[i] == '-' || source[i] == ':') && i + 1 < source.size() &&
                     std::isalpha(static_cast<unsigned char>(source[i + 1])) != 0))) {
                ++i;
            }
            out.push_back({Kind::name, std::string(source.substr(begin, i - begin))});
        } else {
            const auto two = source.substr(i, 2);
            const bool is_long = std::find(kLong.begin(), kLong.end(), two) != kLong.end();
            out.push_back({Kind::sign, std::string(source.substr(i, is_long ? 2 : 1))});
            i += is_long ? 2 : 1;
        }
    }
    out.push_back({});
    return out;
}

struct Operator {
    std::string_view written;
    std::string_view feel;
};
constexpr std::array<Operator, 2> kOr = {{{"||", "or"}, {"or", "or"}}};
constexpr std::array<Operator, 2> kAnd = {{{"&&", "and"}, {"and", "and"}}};
constexpr std::array<Operator, 13> kCompare = {{{"==", "="},
                                                {"=", "="},
                                                {"!=", "!="},
                                                {"<=", "<="},
                                                {">=", ">="},
                                                {"<", "<"},
                                                {">", ">"},
                                                {"eq", "="},
                                                {"ne", "!="},
                                                {"le", "<="},
                                                {"ge", ">="},
                                                {"lt", "<"},
                                                {"gt", ">"}}};
constexpr std::array<Operator, 2> kAdd = {{{"+", "+"}, {"-", "-"}}};
constexpr std::array<Operator, 3> kMultiply = {{{"*", "*"}, {"/", "/"}, {"div", "/"}}};

// Functions that are called the same or have another name in FEEL.
constexpr std::array<Operator, 11> kFunctions = {{{"contains", "contains"},
                                                  {"starts-with", "starts with"},
                                                  {"ends-with", "ends with"},
                                                  {"string-length", "string length"},
                                                  {"count", "count"},
                                                  {"sum", "sum"},
                                                  {"floor", "floor"},
                                                  {"ceiling", "ceiling"},
                                                  {"number", "number"},
                                                  {"string", "string"},
                                                  {"not", "not"}}};
// Those that read a variable by its name.
constexpr std::array<std::string_view, 6> kReaders = {"getDataObject",       "getDataInput",
                                                      "getDataOutput",       "getProcessProperty",
                                                      "getActivityProperty", "getVariable"};

class Translator {
  public:
    explicit Translator(std::string_view source) : tokens_(tokens_of(source)) {}

    Result<std::string> run() {
        SCHWARM_TRY(out, choice());
        if (now().kind != Kind::end) return no("'" + now().text + "'");
        return out;
    }

  private:
    const Token& now() const { return tokens_[at_]; }
    bool take(std::string_view text) {
        if ((now().kind != Kind::sign && now().kind != Kind::name) || now().text != text) {
            return false;
        }
        ++at_;
        return true;
    }
    static Error no(std::string what) {
        return fail(ErrorCode::unsupported, "there is no FEEL for " + std::move(what));
    }

    Result<std::string> choice() {
        if (++depth_ > kDepthMax) return no("an expression this deep");
        SCHWARM_TRY(condition, disjunction());
        --depth_;
        if (!take("?")) return condition;
        SCHWARM_TRY(yes, choice());
        if (!take(":")) return no("'?' without ':'");
        SCHWARM_TRY(otherwise, choice());
        return "if " + condition + " then " + yes + " else " + otherwise;
    }

    template <std::size_t N, class Next>
    Result<std::string> chain(const std::array<Operator, N>& operators, Next next) {
        SCHWARM_TRY(out, next());
        for (bool more = true; more;) {
            more = false;
            for (const auto& one : operators) {
                if (!take(one.written)) continue;
                SCHWARM_TRY(right, next());
                out += " " + std::string(one.feel) + " " + right;
                more = true;
            }
        }
        return out;
    }

    Result<std::string> disjunction() {
        return chain(kOr, [this] { return conjunction(); });
    }
    Result<std::string> conjunction() {
        return chain(kAnd, [this] { return comparison(); });
    }
    Result<std::string> comparison() {
        return chain(kCompare, [this] { return addition(); });
    }
    Result<std::string> addition() {
        return chain(kAdd, [this] { return product(); });
    }
    Result<std::string> product() {
        return chain(kMultiply, [this] { return unary(); });
    }

    Result<std::string> unary() {
        if (take("!")) {
            SCHWARM_TRY(inner, unary());
            return "not(" + inner + ")";
        }
        if (now().text == "not" && tokens_[at_ + 1].text != "(" && take("not")) {
            SCHWARM_TRY(inner, unary());
            return "not(" + inner + ")";
        }
        if (take("-")) {
            SCHWARM_TRY(inner, unary());
            return "-" + inner;
        }
        if (now().kind == Kind::name && now().text == "empty") {
            ++at_;
            SCHWARM_TRY(inner, unary());
            return "(" + inner + " = null or " + inner + " = \"\" or " + inner + " = [])";
        }
        return primary();
    }

    Result<std::string> primary() {
        const Token token = now();
        if (token.kind == Kind::number) {
            ++at_;
            return token.text;
        }
        if (token.kind == Kind::text) {
            ++at_;
            return quoted(token.text);
        }
        if (take("(")) {
            SCHWARM_TRY(inner, choice());
            if (!take(")")) return no("an open bracket");
            return "(" + inner + ")";
        }
        take("$");
        take("/");
        if (now().kind != Kind::name) {
            return no(now().kind == Kind::end ? "an expression that ends here"
                                              : "'" + now().text + "'");
        }
        auto name = std::exchange(tokens_[at_++].text, {});
        if (now().text == "(" && now().kind == Kind::sign) return call(name);
        // Names with spaces, as people write them.
        while (now().kind == Kind::name && !is_word_operator(now().text)) {
            name += "_" + std::exchange(tokens_[at_++].text, {});
        }
        return path(std::move(name));
    }

    static bool is_word_operator(std::string_view text) {
        const auto is = [&](const Operator& one) { return one.written == text; };
        return std::any_of(kOr.begin(), kOr.end(), is) ||
               std::any_of(kAnd.begin(), kAnd.end(), is) ||
               std::any_of(kCompare.begin(), kCompare.end(), is) || text == "div" || text == "mod";
    }

    static std::string quoted(std::string_view text) {
        std::string out = "\"";
        for (const char c : text) {
            if (c == '"' || c == '\\') out += '\\';
            out += c;
        }
        return out + "\"";
    }

    // a.b, a['b'], a/b; "execution.getVariable('a')" is a.
    Result<std::string> path(std::string name) {
        for (;;) {
            if (take("[")) {
                if (now().kind != Kind::text) return no("an index that is no name");
                name += "." + std::exchange(tokens_[at_++].text, {});
                if (!take("]")) return no("an open bracket");
                continue;
            }
            const bool step = now().kind == Kind::sign &&
                              (now().text == "." || now().text == "/") &&
                              tokens_[at_ + 1].kind == Kind::name;
            if (!step) return name;
            ++at_;
            const auto member = std::exchange(tokens_[at_++].text, {});
            if (now().kind != Kind::sign || now().text != "(") {
                name += "." + member;
                continue;
            }
            if (member == "getVariable") return call(member);
            if (member != "size" && member != "length") {
                return no("the call of Java '" + name + "." + member + "(...)'");
            }
            ++at_;
            if (!take(")")) return no("'" + member + "' with arguments");
            return (member == "size" ? "count(" : "string length(") + name + ")";
        }
    }

    Result<std::string> call(std::string function) {
        const auto colon = function.find(':');
        if (colon != std::string::npos) function = function.substr(colon + 1);
        std::vector<std::string> arguments;
        const auto first = tokens_[at_ + 1];
        take("(");
        while (!take(")")) {
            if (!arguments.empty() && !take(",")) return no("an open bracket");
            SCHWARM_TRY(argument, choice());
            arguments.push_back(std::move(argument));
        }
        const bool reads = std::find(kReaders.begin(), kReaders.end(), function) != kReaders.end();
        if (reads && arguments.size() == 1 && first.kind == Kind::text) return path(first.text);
        if ((function == "true" || function == "false") && arguments.empty()) return function;
        if (function == "concat") return joined(arguments, " + ");
        for (const auto& known : kFunctions) {
            if (known.written == function && !arguments.empty()) {
                return std::string(known.feel) + "(" + joined(arguments, ", ") + ")";
            }
        }
        return no("the function '" + function + "'");
    }

    static std::string joined(const std::vector<std::string>& parts, std::string_view between) {
        std::string out;
        for (const auto& part : parts) {
            if (!out.empty()) out += between;
            out += part;
        }
        return out;
    }

    std::vector<Token> tokens_;
    std::size_t at_ = 0;
    std::size_t depth_ = 0;
};

}  // namespace

std::string_view name_of(ForeignLanguage language) {
    return language == ForeignLanguage::juel ? "JUEL" : "XPath";
}

Result<std::string> to_feel(std::string_view expression, ForeignLanguage language) {
    if (language == ForeignLanguage::juel) {
        const bool framed = (expression.starts_with("${") || expression.starts_with("#{")) &&
                            expression.find('}') == expression.size() - 1;
        if (!framed) {
            return fail(ErrorCode::unsupported, "there is no FEEL for text with parts in it");
        }
        expression = expression.substr(2, expression.size() - 3);
    }
    SCHWARM_TRY(out, Translator(expression).run());
    feel::NameScope open;
    open.set_open();
    if (feel::compile_expression(out, open).has_error()) {
        return fail(ErrorCode::unsupported, "there is no FEEL for a name in it: " + out);
    }
    return out;
}

}  // namespace schwarm::bpmn
