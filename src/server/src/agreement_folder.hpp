// Finished agreements that an operator has laid down for the node (agreement_administration.hpp).
#pragma once

#include <filesystem>
#include <set>
#include <string>

#include "network_directory.hpp"
#include "schwarm/exchange/cryptography.hpp"
#include "schwarm/server/log.hpp"

namespace schwarm::server {

// Used by one thread. Borrows what it is given.
class AgreementFolder {
  public:
    AgreementFolder(std::filesystem::path folder, NetworkDirectory& directory,
                    const exchange::Cryptography& cryptography, const Clock& clock, Log& log)
        : folder_(std::move(folder)),
          directory_(directory),
          cryptography_(cryptography),
          clock_(clock),
          log_(log) {}

    // Enters each whose tenants the directory knows and have signed it into the own chain, and
    // renames its file: `.entered`, or `.refused` if it will never do. The others stay.
    void look();

  private:
    enum class Fate : std::uint8_t { waits, entered, refused };

    Fate enter(const std::filesystem::path& file, std::string& why);
    // False: its tenant's key is not known yet. crypto_failed, invalid_input: not signed by it.
    Result<bool> has_signed(const exchange::Address& tenant, const std::string& signature) const;

    const std::filesystem::path folder_;
    NetworkDirectory& directory_;
    const exchange::Cryptography& cryptography_;
    const Clock& clock_;
    Log& log_;
    std::set<std::string> said_;  // that they wait
};

}  // namespace schwarm::server
