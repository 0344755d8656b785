// The subcommands of `schwarm directory` that have files of their own.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "commands.hpp"
#include "schwarm/base/calendar.hpp"
#include "schwarm/base/clock.hpp"

namespace schwarm::cli {

void add_agree(CLI::App& directory, Action& action);   // agree offer|show|accept|withdraw
void add_orders(CLI::App& directory, Action& action);  // rotate, suspend, resume, admit, ...
void add_cards(CLI::App& directory, Action& action);   // card, found, peers

inline std::string date_of(Instant at) {
    return DateTime::from_instant(at, Zone::utc()).date.to_string();
}

}  // namespace schwarm::cli
