#include "schwarm/server/audit.hpp"

#include <algorithm>
#include <fstream>

#include "open_place.hpp"
#include "operator_key.hpp"
#include "private_file.hpp"
#include "schwarm/base/calendar.hpp"
#include "schwarm/crypto/encode.hpp"
#include "schwarm/exchange/directory_export.hpp"
#include "schwarm/exchange/jose_cryptography.hpp"
#include "schwarm/json/json.hpp"
#include "schwarm/post/audit_log.hpp"
#include "schwarm/services/store.hpp"
#include "schwarm/storage/key.hpp"

namespace schwarm::server {
namespace {

namespace fs = std::filesystem;
using exchange::Directory;
using services::node_tenant;
using storage::Space;

// Plain rows: no key is needed.
class StoredRows final : public exchange::DirectoryRows {
  public:
    explicit StoredRows(storage::Reader& reader)
        : reader_(reader), prefix_(storage::KeyBuilder(node_tenant()).take()) {}
    Result<std::optional<std::string>> get(std::string_view key) const override {
        return reader_.get(Space::directory, prefix_ + std::string(key));
    }
    Result<void> scan(std::string_view prefix, const Visitor& visit) const override {
        Result<void> result;
        SCHWARM_TRY_VOID(reader_.scan(Space::directory,
                                      storage::prefix_range(prefix_ + std::string(prefix)),
                                      [&](std::string_view key, std::string_view value) {
                                          result = visit(key.substr(prefix_.size()), value);
                                          return result.has_value();
                                      }));
        return result;
    }

  private:
    storage::Reader& reader_;
    const std::string prefix_;
};

exchange::DatedKeySource keys_of(const std::optional<Directory>& directory) {
    return [&directory](const exchange::Address& tenant, std::string_view kid,
                        Instant at) -> Result<exchange::PublicKey> {
        if (!directory) return fail(ErrorCode::unresolved, "there is no directory");
        return directory->signing_key(tenant, kid, at);
    };
}

// What the node knows of its network; empty if it stands alone. Which member it is follows from
// its own operator key, which nobody replaces without the node key.
struct Known {
    std::optional<Directory> directory;
    std::optional<exchange::MemberId> self;
};

Result<Known> load_known(storage::Storage& storage, const crypto::Key& key,
                         const exchange::Cryptography& cryptography) {
    Known out;
    SCHWARM_TRY(reader, storage.begin_read());
    const StoredRows rows(*reader);
    SCHWARM_TRY(founding, rows.get("founding"));
    if (!founding) return out;
    SCHWARM_TRY(view, runtime::open_view(storage, key, node_tenant()));
    SCHWARM_TRY(own, read_operator_key(view));
    SCHWARM_TRY(directory, Directory::load(cryptography, rows, own ? &own->public_key : nullptr));
    out.directory = std::move(directory);
    if (!own) return out;
    for (const exchange::EpochMember& one : out.directory->tip().content.members) {
        const auto member = out.directory->member(one.member);
        if (member.has_value() && member->operator_key == own->public_key) out.self = one.member;
    }
    return out;
}

// Who signs the log of a tenant; nobody if the directory does not name it.
std::optional<exchange::MemberId> signer_of(const Known& known, const TenantId& tenant,
                                            Instant now) {
    if (!known.self) return std::nullopt;
    const auto entry = known.directory->tenant({tenant, *known.self}, now);
    if (entry.has_error() && entry.error().code == ErrorCode::unresolved) return std::nullopt;
    return known.self;
}

std::string time_text(Instant at) {
    return DateTime::from_instant(at, Zone::utc()).to_string();
}

std::string signatures_of(const post::SignedLog& log, bool in_network) {
    if (!in_network) return "not signed: no directory of a network names this tenant";
    if (log.signed_to == 0) return "not signed: there is no checkpoint";
    return "signed up to audit line " + std::to_string(log.signed_to) + " (" +
           time_text(log.signed_at) + ", " + std::to_string(log.checkpoints) + " checkpoints), " +
           std::to_string(log.unsigned_lines) + " lines after it";
}

std::string line_text(const runtime::AuditLine& line) {
    json::Writer w;
    w.begin_object().member("number", line.number).member("time", time_text(line.at));
    w.member("case", line.case_id.value()).member("deleted", line.deleted);
    if (!line.deleted) {
        w.member("actor", line.actor).member("action", line.action).member("detail", line.detail);
    }
    w.end_object();
    return w.take();
}

Result<Directory> load_directory(const fs::path& place,
                                 const exchange::Cryptography& cryptography) {
    std::error_code ec;
    if (!fs::is_directory(place, ec)) {
        std::ifstream in(place, std::ios::binary);
        if (!in) return fail(ErrorCode::not_found, "the file cannot be read", place.string());
        return exchange::import_directory(cryptography, in);
    }
    SCHWARM_TRY(storage, open_beside(place_in(place)));
    SCHWARM_TRY(reader, storage->begin_read());
    return Directory::load(cryptography, StoredRows(*reader), nullptr);
}

Result<CheckedProof> check_proof(const fs::path& proof, const Directory& directory,
                                 const exchange::DatedKeySource& keys,
                                 const exchange::Cryptography& cryptography) {
    SCHWARM_TRY(text, read_file(proof));
    CheckedProof out;
    SCHWARM_TRY(read, exchange::read_audit_proof(text));
    out.proof = std::move(read);
    SCHWARM_TRY(checkpoints, exchange::check_audit_proof(out.proof, keys, cryptography));
    out.checkpoints = std::move(checkpoints);
    out.network = crypto::hex_encode(crypto::bytes_of(directory.founding().hash));
    return out;
}

}  // namespace

Result<std::vector<TenantVerification>> verify_audit(const Place& place) {
    SCHWARM_TRY(key, read_node_key(place));
    SCHWARM_TRY(storage, open_beside(place));
    SCHWARM_TRY(tenants, tenants_in(*storage));
    const SystemClock clock;
    const exchange::JoseCryptography cryptography(clock);
    SCHWARM_TRY(known, load_known(*storage, key, cryptography));
    std::vector<TenantVerification> out;
    for (const TenantId& tenant : tenants) {
        const auto member = signer_of(known, tenant, clock.now());
        SCHWARM_TRY(log, post::verify_signed_log(*storage, tenant, member, keys_of(known.directory),
                                                 cryptography));
        SCHWARM_TRY(replay, runtime::verify_replay(*storage, key, tenant));
        TenantVerification one;
        one.tenant = tenant.value();
        one.rows = log.chain.rows + replay.rows;
        one.deleted = std::max(log.chain.deleted, replay.deleted);
        one.findings = log.chain.findings;
        one.findings.insert(one.findings.end(), replay.findings.begin(), replay.findings.end());
        one.signatures = signatures_of(log, member.has_value());
        out.push_back(std::move(one));
    }
    return out;
}

Result<std::string> prove_audit(const Place& place, const std::string& tenant, std::uint64_t number,
                                bool with_texts) {
    SCHWARM_TRY(key, read_node_key(place));
    SCHWARM_TRY(storage, open_beside(place));
    SCHWARM_TRY(view, runtime::AuditView::open(*storage, key, TenantId(tenant)));
    SCHWARM_TRY(proof, post::prove_case(
                           view, CaseId(number),
                           with_texts ? post::ProofTexts::opened : post::ProofTexts::withheld));
    return exchange::write_audit_proof(proof);
}

Result<void> export_audit(const Place& place, const std::string& tenant,
                          const std::function<void(std::string_view)>& write) {
    SCHWARM_TRY(key, read_node_key(place));
    SCHWARM_TRY(storage, open_beside(place));
    SCHWARM_TRY(view, runtime::AuditView::open(*storage, key, TenantId(tenant)));
    Result<void> opened;
    SCHWARM_TRY_VOID(runtime::audit_rows(view.reader(), view.tenant(), 1, UINT64_MAX,
                                         [&](const runtime::AuditRow& row) {
                                             const auto line = view.open_line(row);
                                             if (line.has_error()) {
                                                 opened = line.error();
                                                 return false;
                                             }
                                             write(line_text(line.value()));
                                             return true;
                                         }));
    return opened;
}

Result<std::vector<CheckedProof>> check_proofs(const std::vector<fs::path>& proofs,
                                               const fs::path& directory) {
    const SystemClock clock;
    const exchange::JoseCryptography cryptography(clock);
    SCHWARM_TRY(loaded, load_directory(directory, cryptography));
    const std::optional<Directory> known = std::move(loaded);
    std::vector<CheckedProof> out;
    for (const fs::path& proof : proofs) {
        auto checked = check_proof(proof, *known, keys_of(known), cryptography);
        if (checked.has_error()) {
            Error error = checked.error();
            if (error.where != proof) {
                error.where = proof.string() + (error.where.empty() ? "" : ": ") + error.where;
            }
            return error;
        }
        out.push_back(std::move(checked.value()));
    }
    return out;
}

}  // namespace schwarm::server
