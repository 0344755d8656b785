// External functions (DMN 1.5 clause 10.3.2.13.3). No Java runs here: the methods below are mapped
// natively, by class and signature; every other one is null with a diagnostic.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "schwarm/feel/evaluation.hpp"
#include "schwarm/feel/function.hpp"

namespace schwarm::feel {

namespace {

using Arguments = std::span<const Value>;

std::optional<double> to_double(const Value& value) {
    if (!value.is_number()) return std::nullopt;
    return value.as_number().to_double();
}

// The shortest text that reads back as the same number, as Java prints it.
template <class Float>
Value from_float(Float number, Evaluation& evaluation) {
    std::array<char, 64> buffer;
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
    const auto value = Decimal::parse(
        std::string_view(buffer.data(), static_cast<std::size_t>(end - buffer.data())));
    if (!value) return evaluation.null("the external function's result is no finite number");
    return Value(*value);
}

std::optional<std::int64_t> whole_within(const Value& value, std::int64_t low, std::int64_t high) {
    if (!value.is_number()) return std::nullopt;
    const auto number = value.as_number().to_int64();
    if (!number || *number < low || *number > high) return std::nullopt;
    return number;
}

template <class Integer>
Value whole_number(Arguments arguments, Evaluation& evaluation) {
    using Limits = std::numeric_limits<Integer>;
    const auto number = whole_within(arguments[0], Limits::min(), Limits::max());
    if (!number) return evaluation.null("the argument is out of the range of the Java type");
    return Value(*number);
}

template <class Integer>
Value whole_max(Arguments arguments, Evaluation& evaluation) {
    using Limits = std::numeric_limits<Integer>;
    const auto a = whole_within(arguments[0], Limits::min(), Limits::max());
    const auto b = whole_within(arguments[1], Limits::min(), Limits::max());
    if (!a || !b) return evaluation.null("an argument is out of the range of the Java type");
    return Value(std::max(*a, *b));
}

template <class Float>
Value float_max(Arguments arguments, Evaluation& evaluation) {
    const auto a = to_double(arguments[0]);
    const auto b = to_double(arguments[1]);
    if (!a || !b) return evaluation.null("an argument is not a number");
    return from_float(std::max(static_cast<Float>(*a), static_cast<Float>(*b)), evaluation);
}

template <class Float>
Value float_of_text(Arguments arguments, Evaluation& evaluation) {
    if (!arguments[0].is_string()) return evaluation.null("the argument is not a string");
    const auto text = arguments[0].as_string();
    Float number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) {
        return evaluation.null("the string is not a number");
    }
    return from_float(number, evaluation);
}

Value cosine(Arguments arguments, Evaluation& evaluation) {
    const auto angle = to_double(arguments[0]);
    if (!angle) return evaluation.null("the argument is not a number");
    return from_float(std::cos(*angle), evaluation);
}

Value integer_of_text(Arguments arguments, Evaluation& evaluation) {
    if (!arguments[0].is_string()) return evaluation.null("the argument is not a string");
    auto text = arguments[0].as_string();
    if (text.starts_with('+')) text.remove_prefix(1);
    std::int32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) {
        return evaluation.null("the string is not a whole number");
    }
    return Value(static_cast<std::int64_t>(number));
}

// A Java char is one UTF-16 unit.
Value text_of_char(Arguments arguments, Evaluation& evaluation) {
    if (!arguments[0].is_string()) return evaluation.null("the argument is not a string");
    const auto text = arguments[0].as_string();
    const auto characters = std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    });
    if (characters != 1 || text.size() > 3) {
        return evaluation.null("the string is not one character");
    }
    return arguments[0];
}

// String.format with %s, %n and %% only.
Value format_text(Arguments arguments, Evaluation& evaluation) {
    if (!arguments[0].is_string()) return evaluation.null("the format is not a string");
    const auto values = arguments[1].is_list() ? arguments[1].as_list() : arguments.subspan(1, 1);
    const auto pattern = arguments[0].as_string();
    std::string out;
    std::size_t next = 0;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] != '%') {
            out += pattern[i];
            continue;
        }
        const char kind = ++i < pattern.size() ? pattern[i] : '\0';
        if (kind == '%') {
            out += '%';
        } else if (kind == 'n') {
            out += '\n';
        } else if (kind == 's' && next < values.size()) {
            out += values[next++].to_string();
        } else {
            return evaluation.null("the format is not supported or has too few arguments");
        }
        if (out.size() > evaluation.limits().max_items) {
            return evaluation.null("the string is too long");
        }
    }
    return Value(std::move(out));
}

struct Method {
    std::string_view class_name;
    std::string_view signature;  // without spaces
    std::size_t arity;
    Value (*call)(Arguments, Evaluation&);
};

constexpr std::array<Method, 12> kMethods = {{
    {"java.lang.Math", "cos(double)", 1, cosine},
    {"java.lang.Math", "max(int,int)", 2, whole_max<std::int32_t>},
    {"java.lang.Math", "max(long,long)", 2, whole_max<std::int64_t>},
    {"java.lang.Math", "max(float,float)", 2, float_max<float>},
    {"java.lang.Math", "max(double,double)", 2, float_max<double>},
    {"java.lang.Short", "valueOf(short)", 1, whole_number<std::int16_t>},
    {"java.lang.Byte", "valueOf(byte)", 1, whole_number<std::int8_t>},
    {"java.lang.String", "valueOf(char)", 1, text_of_char},
    {"java.lang.Integer", "valueOf(java.lang.String)", 1, integer_of_text},
    {"java.lang.Float", "valueOf(java.lang.String)", 1, float_of_text<float>},
    {"java.lang.Double", "valueOf(java.lang.String)", 1, float_of_text<double>},
    {"java.lang.String", "format(java.lang.String,[Ljava.lang.Object;)", 2, format_text},
}};

class ExternalFunction final : public Function {
  public:
    ExternalFunction(const Method& method, std::vector<Parameter> parameters)
        : method_(method), parameters_(std::move(parameters)) {}
    std::span<const Parameter> parameters() const override { return parameters_; }
    std::string name() const override {
        return fmt::format("{}.{}", method_.class_name, method_.signature);
    }
    Value call(Arguments arguments, Evaluation& evaluation) const override {
        return method_.call(arguments, evaluation);
    }

  private:
    const Method& method_;
    std::vector<Parameter> parameters_;
};

std::string text_entry(const Context& context, std::string_view name) {
    const auto* found = context.find(name);
    return found != nullptr && found->is_string() ? std::string(found->as_string()) : std::string();
}

}  // namespace

Value external_function(const Value& mapping, std::vector<Function::Parameter> parameters,
                        Evaluation& evaluation) {
    const auto java = mapping.get("java");
    if (!java.is_context()) {
        return evaluation.null("only external functions of the kind 'java' are known");
    }
    const auto class_name = text_entry(java.as_context(), "class");
    auto signature = text_entry(java.as_context(), "method signature");
    std::erase(signature, ' ');
    for (const auto& method : kMethods) {
        if (method.class_name != class_name || method.signature != signature) continue;
        if (method.arity != parameters.size()) {
            return evaluation.null(fmt::format("{} takes {} arguments", signature, method.arity));
        }
        return Value(std::unique_ptr<Function>(
            std::make_unique<ExternalFunction>(method, std::move(parameters))));
    }
    return evaluation.null(
        fmt::format("the external function {}.{} is not available", class_name, signature));
}

}  // namespace schwarm::feel
