// The Wohngeld package's decisions as the process calls them one after the other, under the law in
// force and under parameters that are made up.
//
// The values that hold from 1 January 2027 on are not known yet (§ 43 WoGG). The made-up ones are
// the values in force, changed by a share: Höchstbeträge (Anlage 1) and Mindestwerte (Anlage 3)
// times 1 + share, rounded to whole euro; b and c of Anlage 2 divided by 1 + share, rounded to
// seven decimals. They are put in as the package's README says: new rows on top of the tables of
// hoehe.dmn, one more row in Fortschreibungen of zeitraum.dmn.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/base/decimal.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/dmn/program.hpp"

namespace schwarm::bench {

struct Models {
    std::vector<dmn::SourceFile> files;
    std::string version;  // SHA-256 over the files, hexadecimal
};

Result<Models> read_models(const std::filesystem::path& package);
// share: 0.04 is four percent.
Result<Models> with_made_up_parameters(const Models& models, const Decimal& share);

// The cells of a table's rules as text: inputs, then outputs. Empty if there is no such table.
std::vector<std::vector<std::string>> rows_of_table(std::string_view model, std::string_view id);

// What one case's decisions amount to.
struct Decided {
    std::string result;    // "bewilligt", "abgelehnt"
    std::string section;   // on which it rests
    Decimal first_amount;  // monthly, in the first part of the period
    Decimal last_amount;   // and in the last
    std::size_t parts = 0;
    bool human = false;     // reasons for a human to look at it were found
    feel::Value decisions;  // result of the decision Entscheidung, with the steps of the reasoning
};

// Zeitraum, Mietenstufe, Haushalt, Mietermittlung, Einkommen, Höhe, Entscheidung, each with the
// results of those before it, as the package's process maps them. One thread at a time: the names
// are counted references, which threads would contend for; the program is shared.
class Chain {
  public:
    static Result<Chain> make(const dmn::Program& program);
    struct Request {
        feel::Value application;  // the answers of the form
        feel::Value received;     // days as text, "2026-03-14"
        feel::Value decided_on;
    };
    // In their order. Each decision is taken for a block of requests before the next one, so that
    // the processor's caches keep its model.
    Result<std::vector<Decided>> decide(std::span<const Request> requests) const;

  private:
    explicit Chain(dmn::Program program) : program_(std::move(program)) {}
    enum Step : std::size_t { kPeriod, kLevel, kHousehold, kRent, kIncome, kAmount, kDecision };
    struct Way {
        Request request;
        std::array<feel::Value, 7> results;
    };
    Result<void> take(Step step, Way& way) const;
    Result<feel::Value> ask(
        std::size_t decision,
        std::initializer_list<std::pair<const feel::Key*, feel::Value>> inputs) const;

    dmn::Program program_;
    std::array<std::size_t, 7> decisions_{};
    feel::Value settings_;
    feel::Value municipality_{"Gemeinde"};
    feel::Key application_{"antrag"}, received_{"eingang"}, decided_on_{"entscheidungstag"},
        period_{"zeitraum"}, household_{"haushalt"}, settings_name_{"einstellungen"},
        rent_name_{"miete"}, income_name_{"einkommen"}, amount_name_{"hoehe"}, land_{"Land"},
        kind_{"Art"}, name_{"Name"}, day_{"Stichtag"}, members_{"Haushaltsmitglieder"},
        all_members_{"Haushaltsmitglieder_insgesamt"}, level_{"Mietenstufe"}, rent_{"Miete"},
        income_{"Gesamteinkommen"}, cooperation_{"mitwirkung"}, review_{"pruefung"};
};

}  // namespace schwarm::bench
