// decide MODEL.dmn DECISION JSON: evaluates a decision and prints its result as JSON.
#include <iostream>

#include "schwarm/dmn/files.hpp"
#include "schwarm/dmn/program.hpp"
#include "schwarm/feel/codec.hpp"

int main(int count, char** words) {
    using namespace schwarm;
    if (count != 4) return std::cerr << "usage: decide MODEL.dmn DECISION JSON\n", 2;
    const auto complain = [](const Error& error) { return std::cerr << error.text() << '\n', 1; };
    auto file = dmn::read_file(words[1]);
    if (!file) return complain(file.error());
    const auto program = dmn::Program::load(std::move(*file));
    if (!program) return complain(program.error());
    const auto input = feel::from_json_text(words[3]);
    if (!input) return complain(input.error());
    const auto outcome = program->evaluate(words[2], *input);
    if (!outcome) return complain(outcome.error());
    for (const auto& why : outcome->diagnostics)
        std::cerr << why.subject << ": " << why.reason << '\n';
    std::cout << feel::to_json_text(outcome->value) << '\n';
}
