// What the parts of the simulation share.
#pragma once

#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "member.hpp"

namespace schwarm::sim {

enum class What { envelopes, question, directory, membership };

struct Stage {
    const Setup& setup;
    Timeline& time;
    std::mt19937_64& dice;
    const exchange::Cryptography& cryptography;
    std::vector<std::unique_ptr<Member>>& nodes;  // honest ones; the newcomer; the liar
    std::function<void(const char* fault)> met;
    std::function<void(std::string)> violated;
    // Over the links. What comes back is forgotten.
    std::function<void(std::size_t from, std::size_t to, What, std::string)> send;

    bool happens(double probability) const {
        return std::uniform_real_distribution<double>(0, 1)(dice) < probability;
    }
    std::size_t honest() const { return nodes.size() - (setup.liar ? 1 : 0); }
    bool lies(std::size_t index) const { return setup.liar && index + 1 == nodes.size(); }
    Member& liar() const { return *nodes.back(); }
};

}  // namespace schwarm::sim
