// Evidence once only: works the tasks that ask other authorities' registers, has claims approved by
// a third tenant, answers from this node's registers, keeps the log of both sides and answers the
// cockpit (docs/decisions/0012-evidence.md). The header to read first.
//
// Everything that is asked, answered or refused is a row written in the commit in which it came
// about, and travels by the post; after a restart it goes on where it was.
//
// Threads: all functions may be called from any thread. run() does what is due (asks sources, which
// may block) and is called by one thread at a time; `wake` says that it has something to do.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/ids.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/exchange/directory.hpp"
#include "schwarm/exchange/evidence.hpp"
#include "schwarm/post/post.hpp"
#include "schwarm/services/register.hpp"

namespace schwarm::evidence {

// Reads registers; may block. Thread-safe.
class Records {
  public:
    virtual ~Records() = default;
    // At most `most` records whose members equal all of these attributes. unavailable: the register
    // is away; it will be asked again. Every other error refuses the request.
    virtual Result<std::vector<json::Value>> find(const services::RegisterSource& source,
                                                  const json::Value& attributes,
                                                  std::size_t most) = 0;
};

// A register, or rules for checking, of a tenant of this node.
struct Kept {
    TenantId tenant;
    services::RegisterPtr rules;
    services::RegisterSource source;
};

// All references must outlive the Evidence.
struct Environment {
    exchange::MemberId member;
    const Clock& clock;
    Random& random;
    const exchange::Cryptography& cryptography;
    post::Post& post;
    Records& records;
    // The directory as it is now; never null after open().
    std::function<std::shared_ptr<const exchange::Directory>()> directory;
    // The level at which applicants of a service of this node are identified.
    std::function<std::string(std::string_view definition)> assurance;
    // Sends a question to another node directly. `done` is called once, on any thread.
    std::function<void(const exchange::MemberId&, std::string question,
                       std::function<void(Result<std::string>)> done)>
        ask;
    std::function<void()> wake;
    std::function<void(std::string_view)> log;
    // Who may approve claims, the preferred one first; and who may ask for the cockpit.
    std::vector<exchange::Address> checkers;
    std::vector<exchange::Address> cockpits;
};

// What a case waits for.
enum class Waiting : std::uint8_t { authority, approval, answer, person };
std::string_view name_of(Waiting waiting);

struct OpenRetrieval {
    std::string id;
    exchange::EvidenceClaim claim;  // provider: empty names as long as nobody is found
    Waiting waiting = Waiting::authority;
    Instant since;
    json::Value data;  // of Waiting::person; else null
};

// One line of the log of retrievals, of either side.
struct LogEntry {
    Instant at;
    bool gave = false;  // this side is the register's
    exchange::EvidenceClaim claim;
    std::string procedure;
    std::string
        result;  // as EvidenceAnswer::result; of the asker also "verwendet", "nicht_verwendet"
    std::string reason;
    std::string hash;                 // of the data, hexadecimal; empty: none
    std::vector<std::string> fields;  // names of the members that were given out
};

struct CockpitAnswer {
    exchange::EvidenceProvider provider;
    bool answered = false;
    std::string reason;
    std::vector<LogEntry> entries;  // newest first
};

// A question of an information system, without a case (X-Road).
struct Question {
    TenantId client;
    exchange::Address provider;
    std::string evidence;
    std::string purpose;
    std::string legal_basis;
    std::string reference;  // of the call
    json::Value attributes;
    Instant deadline;
};

class Evidence final : public post::NodeMessages {
  public:
    explicit Evidence(Environment environment);
    ~Evidence() override;
    Evidence(const Evidence&) = delete;
    Evidence& operator=(const Evidence&) = delete;

    // After the post was opened. The runtime must outlive all calls after this one.
    Result<void> open(runtime::Runtime& runtime, const std::vector<TenantId>& tenants,
                      std::vector<Kept> kept);
    // No job is taken any more. Before the runtime ends; the object outlives the runtime, which
    // answers what waits when it ends.
    void stop();
    // Does what is due; answers when to be called again at the latest.
    Instant run();
    // The directory is another now.
    void network_changed();

    // post::NodeMessages
    bool owns(std::string_view contract) const override;
    Result<void> take(runtime::WriteBatch& batch, runtime::CaseDesk& desk,
                      const exchange::Envelope& envelope) override;

    Result<std::vector<OpenRetrieval>> open_of(const TenantId& tenant, CaseId id) const;
    // not_found: no such retrieval waits for the person.
    void decide(const TenantId& tenant, CaseId id, std::string_view retrieval, bool use,
                runtime::WriteCallback done);
    // Newest first; both sides.
    Result<std::vector<LogEntry>> log(const TenantId& tenant, std::size_t limit = 100) const;

    // Asks every register of the directory about this person (familienname, vornamen,
    // geburtsdatum); those that do not answer until the deadline are named so.
    void cockpit(const json::Value& person, Instant deadline,
                 std::function<void(std::vector<CockpitAnswer>)> done);
    // A question of another member's cockpit. crypto_failed, invalid_input, not_found: it is not
    // answered.
    Result<std::string> answer_cockpit(const exchange::MemberId& from, std::string_view question);

    // unavailable: no answer until the deadline; the request goes on and is logged.
    void ask(Question question, std::function<void(Result<exchange::EvidenceAnswer>)> done);

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace schwarm::evidence
