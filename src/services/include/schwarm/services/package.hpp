// A service package (docs/formats/package.md): one online service, loaded, checked and compiled.
//
// load_package() is the way from files to a Package; it collects every problem with its place.
// A Package is immutable and shared between threads; running cases hold the version they were
// started with (registry.hpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/base/ids.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/feel/value.hpp"
#include "schwarm/json/value.hpp"

namespace schwarm::bpmn {
class Model;
class Process;
}  // namespace schwarm::bpmn
namespace schwarm::dmn {
class Program;
}
namespace schwarm::forms {
class Form;
}
namespace schwarm::html {
class Catalogue;
}

namespace schwarm::services {

// The files of a package, by path below its folder ("forms/antrag.json"), sorted.
using PackageFiles = std::map<std::string, std::string, std::less<>>;

struct PackageLimits {
    std::size_t files_max = 500;
    std::size_t file_bytes_max = 2U << 20;
    std::size_t total_bytes_max = 8U << 20;
};

// Reads a folder, following no symbolic links. Errors: not_found, limit_exceeded, invalid_input.
Result<PackageFiles> read_folder(const std::string& path, const PackageLimits& limits = {});

// SHA-256 over names and contents, 64 hexadecimal digits: the version of a package.
std::string content_hash(const PackageFiles& files);

// One thing that is wrong. line 0 and empty element where there is none.
struct Problem {
    std::string file;
    int line = 0;
    std::string element_id;
    std::string reason;
    bool warning = false;

    // "process.bpmn:12 element Task_1: reason"
    std::string text() const;
};

enum class SettingType : std::uint8_t { boolean, number, text, date, list, context };
std::string_view name_of(SettingType type);

// What a tenant may set for a service.
struct Setting {
    std::string key;
    SettingType type = SettingType::text;
    feel::Value fallback;
};

enum class AssuranceLevel : std::uint8_t { none, low, substantial, high };
std::string_view name_of(AssuranceLevel level);
// Nothing if no level has this name.
std::optional<AssuranceLevel> assurance_level(std::string_view name);

struct Period {
    std::int64_t months = 0;  // either months or days
    std::int64_t days = 0;
};

struct Retention {
    Period period;
    std::string rule;           // citation
    bool automatic = false;     // the node deletes the case by itself; else somebody orders it
    std::optional<Period> log;  // from the beginning of the case: of the audit lines about it
};

class DocumentTemplate;

class Package {
  public:
    Package();
    ~Package();
    Package(const Package&) = delete;
    Package& operator=(const Package&) = delete;

    ServiceId id;
    std::string version;      // content_hash
    std::string case_prefix;  // "WG"
    std::string leika;
    std::vector<std::string> legal_basis;
    AssuranceLevel assurance = AssuranceLevel::none;
    std::string automation_basis;
    int draft_days = 30;
    Retention retention;
    std::string withdrawal_message;  // empty: cannot be withdrawn online
    std::string documents_message;   // empty: takes no documents later
    std::string correction_message;  // empty: takes no corrected answers
    // The notice whose first opening by the applicant is told to the case, and the message that
    // does it; both empty if none.
    std::string retrieved_document;
    std::string retrieval_message;
    // Its cases begin with a message of another party, not with an application: it has no form and
    // does not stand in the catalogue.
    bool started_by_message = false;
    std::vector<Setting> settings;
    std::vector<std::string> groups;  // candidate groups its user tasks name, each once

    std::shared_ptr<const bpmn::Process> process;
    std::shared_ptr<const dmn::Program> decisions;  // null without *.dmn

    // The application form. Not to be called if started_by_message.
    const forms::Form& form() const { return *application_form; }
    // The whole file of the process: collaboration and layout.
    const bpmn::Model& model() const;
    // Null if there is none.
    const forms::Form* find_form(std::string_view id) const;
    std::shared_ptr<const DocumentTemplate> find_document(std::string_view name) const;

    // A text in a language ("de", "en"; German where it is missing); empty if there is none.
    std::string text(std::string_view key, std::string_view language = "de") const;
    const html::Catalogue& texts(std::string_view language) const;

    // What the outcome expressions of service.json yield over the variables of a case.
    struct Outcome {
        std::string decision;           // empty: not decided yet
        std::optional<Decimal> amount;  // EUR
    };
    Outcome outcome(const feel::Value& variables) const;

    // The milestone a flow node stands for; empty if none.
    std::string_view milestone(std::string_view element_id) const;

    // Set by the loader.
    const forms::Form* application_form = nullptr;
    struct Parts;
    std::unique_ptr<Parts> parts;
};

// package is null exactly if a problem is not a warning. All problems are collected.
struct LoadResult {
    std::shared_ptr<const Package> package;
    std::vector<Problem> problems;
};

// What is asked of decisions: all that dmn/check.hpp finds, before a deployment, where rules that
// overlap against their hit policy are problems and everything else is a warning; or only that
// they load, for versions that were deployed already.
enum class DecisionChecks : std::uint8_t { full, load_only };

// `id` is the folder's name. Pure: reads nothing but `files`. Thread-safe.
LoadResult load_package(std::string_view id, const PackageFiles& files,
                        DecisionChecks checks = DecisionChecks::full);
// read_folder and load_against (contract.hpp); a folder that cannot be read is a problem too.
LoadResult load_package_folder(const std::string& path);

// The settings of a tenant for this service as a FEEL context with every key: `given` (JSON
// object, may be null) over the defaults. invalid_input names a key that is unknown or of the
// wrong type.
Result<feel::Value> resolve_settings(const Package& package, const json::Value& given);

}  // namespace schwarm::services
