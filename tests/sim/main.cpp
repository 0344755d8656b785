// sim [FROM TO]: runs the federation with the seeds FROM to TO (default 1 to 20); one line a seed
// that failed, then a summary. 1: something did not hold, or a kind of fault was never met.
#include <cstdlib>
#include <iostream>

#include "world.hpp"

namespace {

schwarm::sim::Setup setup_of(std::uint64_t seed) {
    schwarm::sim::Setup out;
    out.seed = seed;
    // One in ten is large.
    out.nodes = seed % 10 == 0 ? 5 + seed * 7 % 48 : 5 + seed % 4;
    out.requests = 20 + seed % 20;
    out.liar = seed % 2 == 0;
    out.restores = seed % 3 != 0;
    out.newcomer = seed % 4 != 0;
    out.removal = seed % 3 == 0 || seed % 7 == 0;
    out.real_cryptography = seed % 20 == 7;
    return out;
}

constexpr const char* kFaults[] = {"admission",
                                   "altered envelope",
                                   "altered segment",
                                   "answer lost",
                                   "crash",
                                   "crash at a commit",
                                   "directory not stored",
                                   "disk full",
                                   "double vote",
                                   "double vote proven",
                                   "duplicate",
                                   "entry changed",
                                   "epoch",
                                   "epoch under partition",
                                   "false entry",
                                   "false epoch",
                                   "foreign question",
                                   "forged directory",
                                   "fork",
                                   "fork proven",
                                   "keys exchanged",
                                   "lost key withdrawn",
                                   "misaddressed envelope",
                                   "node away",
                                   "older keys restored",
                                   "outsider",
                                   "partition",
                                   "removal",
                                   "removed member not heard",
                                   "replay",
                                   "request lost",
                                   "restored",
                                   "rolled-back directory",
                                   "segments cut",
                                   "skewed clock",
                                   "wrong receipt"};

}  // namespace

int main(int count, char** arguments) {
    const std::uint64_t from = count > 1 ? std::strtoull(arguments[1], nullptr, 10) : 1;
    const std::uint64_t to = count > 2 ? std::strtoull(arguments[2], nullptr, 10) : from + 19;
    std::uint64_t failed = 0;
    std::uint64_t completed = 0;
    std::uint64_t undelivered = 0;
    schwarm::sim::Faults faults;
    for (std::uint64_t seed = from; seed <= to; ++seed) {
        const auto outcome = schwarm::sim::simulate(setup_of(seed));
        completed += outcome.completed;
        undelivered += outcome.undelivered;
        for (const auto& [name, times] : outcome.faults) faults[name] += times;
        if (outcome.violations.empty()) continue;
        ++failed;
        std::cout << "seed " << seed << " (alone: sim " << seed << " " << seed << "):\n";
        for (const std::string& violation : outcome.violations) {
            std::cout << "  " << violation << "\n";
        }
        std::cout << std::flush;
    }
    std::cout << to - from + 1 << " seeds, " << failed << " failed; " << completed
              << " requests answered, " << undelivered << " said why not\n";
    bool all = true;
    for (const char* name : kFaults) {
        std::cout << "  " << name << ": " << faults[name] << "\n";
        all = all && (faults[name] > 0 || to - from < 19);
    }
    if (!all) std::cout << "a kind of fault was never met\n";
    return failed == 0 && all ? 0 : 1;
}
