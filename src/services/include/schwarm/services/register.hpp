// A register that gives evidence to other authorities, or the rules of a tenant that checks claims
// for others (docs/formats/register.md): a package whose folder holds register.json.
//
// A Register is immutable and shared between threads.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/dmn/program.hpp"
#include "schwarm/json/schema.hpp"
#include "schwarm/json/value.hpp"
#include "schwarm/services/package.hpp"
#include "schwarm/services/scenario.hpp"

namespace schwarm::services {

// Where the records are. A tenant's configuration may name another one.
struct RegisterSource {
    enum class Kind : std::uint8_t { none, file, table, http };
    Kind kind = Kind::none;
    std::string file;   // of records (JSON list of objects), or the SQLite database; absolute
    std::string table;  // its columns are the members of a record
    // Over TLS: the request is a JSON object of the attributes, the answer a list of records.
    std::string host;
    std::uint16_t port = 0;
    std::string path;
    std::string key;  // SHA-256 of the SubjectPublicKeyInfo of its certificate, hexadecimal
};

// What a policy says.
struct PolicyVerdict {
    bool allowed = false;
    std::string reason;  // of a refusal
    // The asker must not learn whether there is a record (§ 34a Abs. 5 BMG): it reads as if none
    // were found; only the own log says why.
    bool neutral = false;
};

class Register {
  public:
    // invalid_input, not_found, not_well_formed: names file and member.
    static Result<std::shared_ptr<const Register>> load(std::string_view id,
                                                        const PackageFiles& files,
                                                        const std::string& folder);

    std::string id;
    std::string title;
    // Kind of evidence; empty: it judges claims for others and keeps no records.
    std::string evidence;
    std::vector<std::string> legal_bases;
    std::vector<std::string> match;  // members of a record; all of them are to be given
    AssuranceLevel assurance = AssuranceLevel::none;
    bool preview = false;
    Retention retention;  // of its log
    RegisterSource source;
    json::Value schema;  // of what is given out; its `properties` say which members leave
    bool checks_claims() const { return evidence.empty(); }

    // The record reduced to what the schema names. invalid_input: it does not fit the schema.
    Result<json::Value> give_out(const json::Value& record) const;
    // Asks the policy's decision with these input data; what is no verdict is a refusal.
    PolicyVerdict judge(const feel::Value& inputs, const Clock& clock) const;

  private:
    std::shared_ptr<const dmn::Program> policy_;
    std::string decision_;
    std::shared_ptr<const json::Schema> check_;
};
using RegisterPtr = std::shared_ptr<const Register>;

// Asks the policy as the folder's faelle.json says, one result a case (docs/formats/register.md).
// invalid_input: there are none, or one is not as it must be.
Result<std::vector<ScenarioResult>> run_cases(const Register& rules, const PackageFiles& files);

// All folders with a register.json below `folder`, by id. The first that cannot be loaded is the
// error.
Result<std::map<std::string, RegisterPtr, std::less<>>> load_registers(const std::string& folder);

// The member `source` of register.json or of a tenant's configuration. Relative files lie in
// `folder`. invalid_input names the member.
Result<RegisterSource> read_source(const json::Value& value, const std::string& folder);

}  // namespace schwarm::services
