#include "network_directory.hpp"

#include <algorithm>
#include <iterator>

#include "operator_key.hpp"
#include "schwarm/crypto/encode.hpp"
#include "schwarm/json/json.hpp"
#include "schwarm/services/store.hpp"
#include "schwarm/storage/storage.hpp"
#include "stored_directory.hpp"

namespace schwarm::server {

using exchange::Directory;
using exchange::DirectoryAnswer;
using exchange::DirectoryRow;
using exchange::MembershipMessage;
using services::node_tenant;
using storage::Space;

namespace {

// A key that only those match who are responsible everywhere.
constexpr std::string_view kEverywhere = "00000000";
constexpr std::size_t kMessageBytes = exchange::kBatchBytesMax + exchange::kSummaryBytesMax;

}  // namespace

// Each question sees what is committed at that moment.
class NetworkDirectory::Rows final : public exchange::DirectoryRows {
  public:
    explicit Rows(const runtime::Runtime& runtime) : runtime_(runtime) {}
    Result<std::optional<std::string>> get(std::string_view key) const override {
        SCHWARM_TRY(view, runtime_.read(node_tenant()));
        return StoredDirectory(view).get(key);
    }
    Result<void> scan(std::string_view prefix, const Visitor& visit) const override {
        SCHWARM_TRY(view, runtime_.read(node_tenant()));
        return StoredDirectory(view).scan(prefix, visit);
    }

  private:
    const runtime::Runtime& runtime_;
};

// Membership asks the directory as it is at that moment.
class Judge final : public exchange::MembershipJudge {
  public:
    explicit Judge(const std::optional<Directory>& directory) : directory_(directory) {}
    exchange::Judgement judge(const exchange::Epoch& before, const exchange::EpochContent& proposed,
                              Instant now) const override {
        if (!directory_) return exchange::Judgement::wait;
        return directory_->judge(before, proposed, now);
    }

  private:
    const std::optional<Directory>& directory_;
};

NetworkDirectory::NetworkDirectory(const exchange::Cryptography& cryptography, const Clock& clock,
                                   Random& random, exchange::MemberId self, Log log,
                                   std::function<void()> changed,
                                   exchange::DirectorySettings settings)
    : cryptography_(cryptography),
      clock_(clock),
      random_(random),
      self_(std::move(self)),
      log_(std::move(log)),
      changed_(std::move(changed)),
      settings_(settings),
      judge_(std::make_unique<Judge>(directory_)),
      membership_(cryptography, *judge_, random, self_) {}

NetworkDirectory::~NetworkDirectory() = default;

Result<void> NetworkDirectory::open(runtime::Runtime& runtime,
                                    const exchange::KeyPair& operator_key,
                                    std::string_view founding) {
    const std::lock_guard lock(change_);
    runtime_ = &runtime;
    operator_key_ = operator_key;
    SCHWARM_TRY(view, runtime.read(node_tenant()));
    SCHWARM_TRY(before, read_voting_key(view));
    voting_key_ = std::move(before);
    SCHWARM_TRY_VOID(load_remembered());
    SCHWARM_TRY(row, Rows(runtime).get(kRestoredRow));
    if (row) {
        SCHWARM_TRY(restored, RestoredRow::read(*row));
        if (!restored.done) restored_ = restored;
    }
    SCHWARM_TRY(stored, Rows(runtime).get("founding"));
    if (!stored) {
        DirectoryAnswer answer;
        SCHWARM_TRY(founded, Directory::found(cryptography_, founding, answer, settings_));
        directory_ = std::move(founded);
        SCHWARM_TRY_VOID(keep(answer));
    } else if (*stored != founding) {
        return fail(ErrorCode::conflict,
                    "the founding file is not that of the network this node belongs to");
    } else {
        SCHWARM_TRY_VOID(load());
    }
    // Who is to join begins a chain before it is a member.
    if (!directory_->admitted(self_) && directory_->chain(self_) == nullptr) {
        SCHWARM_TRY_VOID(keep(directory_->consent_to_admit(self_, operator_key.public_key.kid)));
    }
    return follow();
}

Result<void> NetworkDirectory::load() {
    Directory::LoadReport report;
    SCHWARM_TRY(loaded, Directory::load(cryptography_, Rows(*runtime_), &operator_key_.public_key,
                                        &report, settings_));
    directory_ = std::move(loaded);
    show();
    return {};
}

void NetworkDirectory::show() {
    const auto shown = std::make_shared<const Directory>(*directory_);
    const std::lock_guard lock(shown_mutex_);
    shown_ = shown;
}

Result<void> NetworkDirectory::keep(const DirectoryAnswer& answer, std::vector<DirectoryRow> more,
                                    const Also& also) {
    for (const std::string& alarm : answer.alarms) log_("alarm: " + alarm);
    for (const Error& refused : answer.refused) log_("refused: " + refused.text());
    more.insert(more.begin(), answer.rows.begin(), answer.rows.end());
    if (answer.changed()) {
        SCHWARM_TRY(checkpoint, directory_->checkpoint(operator_key_, clock_.now()));
        more.push_back(std::move(checkpoint));
    }
    if (!more.empty()) {
        const auto stored = runtime_->write_and_wait(
            node_tenant(), [&](runtime::WriteBatch& batch) -> Result<void> {
                for (const DirectoryRow& row : more) {
                    batch.put(Space::directory, row.key, row.value);
                }
                return also ? also(batch) : Result<void>();
            });
        if (stored.has_error()) {
            // Nor may membership remember it: it would leave when it is asked for again.
            membership_.stop();
            SCHWARM_TRY_VOID(load());
            SCHWARM_TRY_VOID(follow());
            return stored;
        }
    }
    if (!answer.changed()) return {};
    show();
    changed_();
    return {};
}

Result<void> NetworkDirectory::follow() {
    if (directory_->disputed() || restored_) {
        membership_.stop();
        return {};
    }
    const exchange::Epoch& tip = directory_->tip();
    SCHWARM_TRY(stored, Rows(*runtime_).get(exchange::row_key::vote(tip.hash)));
    const exchange::EpochMember* listed = tip.content.find(self_);
    const bool before = voting_key_ && listed != nullptr && listed->key == voting_key_->public_key;
    SCHWARM_TRY(answer, membership_.follow(tip, before ? *voting_key_ : operator_key_, stored));
    SCHWARM_TRY_VOID(keep({}, std::move(answer.rows)));
    if (!voting_key_ || listed == nullptr || listed->key != operator_key_.public_key) return {};
    SCHWARM_TRY_VOID(runtime_->write_and_wait(node_tenant(), destroy_voting_key));
    voting_key_.reset();
    return {};
}

std::shared_ptr<const Directory> NetworkDirectory::now() const {
    const std::lock_guard lock(shown_mutex_);
    return shown_;
}

Result<exchange::Address> NetworkDirectory::find(std::string_view role,
                                                 std::string_view jurisdiction,
                                                 std::string_view contract,
                                                 std::string_view version) const {
    const auto directory = now();
    const Instant at = clock_.now();
    const bool everywhere = jurisdiction.empty() || jurisdiction == "*";
    SCHWARM_TRY(address, directory->responsible(role, everywhere ? kEverywhere : jurisdiction, at));
    SCHWARM_TRY(service, directory->service(address, contract, version, at));
    return address;
}

bool NetworkDirectory::plays(const exchange::Address& tenant, std::string_view role,
                             std::string_view contract, std::string_view version) const {
    return now()->plays(tenant, role, contract, version, clock_.now());
}

Result<exchange::PublicKey> NetworkDirectory::sealing_key(const exchange::Address& tenant) const {
    const auto directory = now();
    if (directory->standing(clock_.now()) == exchange::Standing::expired) {
        return fail(ErrorCode::unavailable,
                    "the directory is older than it may be: nothing is delivered any more");
    }
    return directory->sealing_key(tenant, clock_.now());
}

Result<exchange::PublicKey> NetworkDirectory::signing_key(const exchange::Address& tenant,
                                                          std::string_view kid, Instant at) const {
    const auto directory = now();
    if (!directory->admitted(tenant.member)) {
        return fail(ErrorCode::not_found, tenant.member.value() + " is no member of the network");
    }
    return directory->signing_key(tenant, kid, at);
}

std::optional<exchange::MemberId> NetworkDirectory::member_of(std::string_view tls_key) const {
    const auto directory = now();
    for (const exchange::EpochMember& one : directory->tip().content.members) {
        const auto info = directory->member(one.member);
        if (info.has_error()) continue;
        for (const crypto::Hash& key : info.value().node.tls) {
            if (crypto::hex_encode(crypto::bytes_of(key)) == tls_key) return one.member;
        }
    }
    return std::nullopt;
}

Result<void> check_kid(std::string_view key) {
    constexpr std::size_t kKeyId = 43;  // base64url of the SHA-256 of RFC 7638
    if (key.size() == kKeyId && crypto::base64url_decode(key).has_value()) return {};
    return fail(ErrorCode::invalid_input, "the id of an operator key has 43 characters");
}

Result<crypto::Hash> parse_hash(std::string_view text) {
    const auto bytes = crypto::hex_decode(text);
    crypto::Hash hash{};
    if (bytes.has_error() || bytes->size() != hash.size()) {
        return fail(ErrorCode::invalid_input, "an epoch is named by 64 hexadecimal digits");
    }
    std::transform(bytes->begin(), bytes->end(), hash.begin(),
                   [](char c) { return static_cast<crypto::Hash::value_type>(c); });
    return hash;
}

Result<void> NetworkDirectory::consent_to_admit(const exchange::MemberId& member,
                                                std::string_view key) {
    SCHWARM_TRY_VOID(check_kid(key));
    const std::lock_guard lock(change_);
    if (directory_->admitted(member)) {
        return fail(ErrorCode::conflict, member.value() + " is a member already");
    }
    const exchange::Chain* chain = directory_->chain(member);
    if (chain != nullptr && chain->length() > 0 && chain->origin() != key) {
        return fail(ErrorCode::conflict, "the chain known of " + member.value() +
                                             " begins with the key " + chain->origin());
    }
    return keep(directory_->consent_to_admit(member, std::string(key)));
}

bool NetworkDirectory::awaits(const exchange::MemberId& member) const {
    const auto consents = now()->consents();
    return std::any_of(consents.begin(), consents.end(), [&](const auto& one) {
        return one.member == member && !one.origin.empty();
    });
}

Result<void> NetworkDirectory::consent_to_remove(const exchange::MemberId& member) {
    const std::lock_guard lock(change_);
    const auto consents = directory_->consents();
    const bool consented = std::any_of(consents.begin(), consents.end(),
                                       [&](const auto& one) { return one.member == member; });
    if (!directory_->admitted(member) && !consented) {
        return fail(ErrorCode::not_found, member.value() + " is no member of the network");
    }
    return keep(directory_->consent_to_remove(member));
}

Result<void> NetworkDirectory::choose(const crypto::Hash& epoch) {
    const std::lock_guard lock(change_);
    SCHWARM_TRY(answer, directory_->choose(epoch));
    SCHWARM_TRY_VOID(keep(answer));
    return follow();
}

namespace {

constexpr std::string_view kPeerRows = "peer/";

}  // namespace

Result<void> NetworkDirectory::remember(const NetworkPeer& peer) {
    const std::lock_guard lock(change_);
    SCHWARM_TRY_VOID(
        keep({}, {{std::string(kPeerRows) + peer.member, peer.address + " " + peer.key}}));
    const std::lock_guard shown(shown_mutex_);
    remembered_.insert_or_assign(peer.member, peer);
    return {};
}

Result<void> NetworkDirectory::load_remembered() {
    return Rows(*runtime_).scan(kPeerRows, [this](auto key, auto value) -> Result<void> {
        const auto space = value.find(' ');
        if (space == std::string_view::npos) {
            return fail(ErrorCode::corrupt, "no address and key", "row " + std::string(key));
        }
        const std::string member(key.substr(kPeerRows.size()));
        const std::lock_guard shown(shown_mutex_);
        remembered_[member] = {member, std::string(value.substr(0, space)),
                               std::string(value.substr(space + 1))};
        return {};
    });
}

std::vector<NetworkPeer> NetworkDirectory::remembered() const {
    std::vector<NetworkPeer> out;
    const std::lock_guard lock(shown_mutex_);
    for (const auto& [member, peer] : remembered_) out.push_back(peer);
    return out;
}

std::optional<RestoredRow> NetworkDirectory::restored() const {
    const std::lock_guard lock(shown_mutex_);
    return restored_;
}

Result<std::uint64_t> NetworkDirectory::next_incarnation() {
    const std::lock_guard lock(change_);
    SCHWARM_TRY_VOID(check_operator_key());
    RestoredRow row = restored_.value_or(RestoredRow{});
    if (row.incarnation == 0) {
        const exchange::Chain* chain = directory_->chain(self_);
        row.incarnation = chain == nullptr ? 1 : chain->incarnation() + 1;
        SCHWARM_TRY_VOID(keep({}, {{std::string(kRestoredRow), row.write()}}));
    }
    const std::lock_guard shown(shown_mutex_);
    restored_ = row;
    return row.incarnation;
}

Result<void> NetworkDirectory::resume() {
    const std::lock_guard lock(change_);
    if (!restored_) return {};
    RestoredRow row = *restored_;
    row.done = true;
    const exchange::Epoch& tip = directory_->tip();
    SCHWARM_TRY(stored, Rows(*runtime_).get(exchange::row_key::vote(tip.hash)));
    SCHWARM_TRY(votes, membership_.forgotten(tip, stored, clock_.now()));
    SCHWARM_TRY_VOID(keep({}, {{std::string(kRestoredRow), row.write()}, std::move(votes)}));
    {
        const std::lock_guard shown(shown_mutex_);
        restored_.reset();
    }
    return follow();
}

Result<void> NetworkDirectory::enter(exchange::EntryBody body) {
    const std::lock_guard lock(change_);
    if (restored_ && restored_->incarnation == 0) {
        return fail(ErrorCode::unavailable, "a restored node enters nothing before it has asked");
    }
    SCHWARM_TRY_VOID(check_operator_key());
    SCHWARM_TRY(jws, next_entry(std::move(body), operator_key_));
    const DirectoryAnswer answer = directory_->accept_own(jws, Rows(*runtime_));
    if (!answer.refused.empty()) return answer.refused.front();
    return keep(answer);
}

Result<std::string> NetworkDirectory::next_entry(exchange::EntryBody body,
                                                 const exchange::KeyPair& key) const {
    const exchange::Chain* chain = directory_->chain(self_);
    exchange::DirectoryEntry entry;
    entry.member = self_;
    entry.time = clock_.now();
    if (chain != nullptr && chain->length() > 0) {
        entry.number = chain->length() + 1;
        entry.previous = chain->head();
        entry.time = std::max(entry.time, chain->time());
    }
    entry.body = std::move(body);
    return exchange::sign_entry(cryptography_, key, entry);
}

Result<void> NetworkDirectory::check_operator_key() const {
    const exchange::Chain* chain = directory_->chain(self_);
    const exchange::PublicKey* key = chain == nullptr ? nullptr : chain->key();
    if (key == nullptr || *key == operator_key_.public_key) return {};
    return fail(ErrorCode::conflict,
                "the operator key of this database is not that of the node's chain, " + key->kid +
                    ": restore with the keys.db of a backup made since the key was exchanged");
}

Result<bool> NetworkDirectory::exchange_operator_key(std::string_view from) {
    const std::lock_guard lock(change_);
    if (operator_key_.public_key.kid != from) return false;
    const exchange::Chain* chain = directory_->chain(self_);
    if (restored_ || chain == nullptr || chain->length() == 0) {
        return fail(ErrorCode::unavailable, "the node has not entered itself into its chain yet");
    }
    SCHWARM_TRY_VOID(check_operator_key());
    const exchange::EpochMember* listed = directory_->tip().content.find(self_);
    if (listed != nullptr && listed->key != operator_key_.public_key) {
        return fail(ErrorCode::unavailable,
                    "the newest epoch does not list the operator key yet that the last exchange "
                    "made");
    }
    SCHWARM_TRY(made, cryptography_.make_key(exchange::KeyUse::sign, random_));
    SCHWARM_TRY(proof,
                cryptography_.sign(made, exchange::kOperatorType,
                                   exchange::operator_proof_text(self_, chain->length() + 1,
                                                                 chain->head(), made.public_key)));
    SCHWARM_TRY(jws, next_entry(exchange::OperatorEntry{made.public_key, proof}, operator_key_));
    const DirectoryAnswer answer = directory_->accept_own(jws, Rows(*runtime_));
    if (!answer.refused.empty()) return answer.refused.front();
    const exchange::KeyPair before = std::exchange(operator_key_, made);
    const auto kept = keep(answer, {}, [&](runtime::WriteBatch& batch) {
        return put_operator_keys(batch, made, before);
    });
    if (kept.has_error()) {
        // Whichever is stored.
        SCHWARM_TRY(view, runtime_->read(node_tenant()));
        const auto stored = read_operator_key(view);
        operator_key_ = stored.has_value() && stored.value() ? *stored.value() : before;
        return kept.error();
    }
    voting_key_ = before;
    return true;
}

std::string NetworkDirectory::operator_kid() const {
    const auto directory = now();
    const exchange::Chain* chain = directory->chain(self_);
    const exchange::PublicKey* key = chain == nullptr ? nullptr : chain->key();
    return key == nullptr ? std::string() : key->kid;
}

std::uint64_t NetworkDirectory::length() const {
    const auto directory = now();
    const exchange::Chain* chain = directory->chain(self_);
    return chain == nullptr ? 0 : chain->length();
}

void NetworkDirectory::note(const exchange::MemberId& peer,
                            const exchange::DirectorySummary& summary) {
    const auto directory = now();
    const exchange::Chain* chain = directory->chain(self_);
    for (const exchange::ChainHead& head : summary.chains) {
        if (head.member != self_ || chain == nullptr || head.number > chain->length() ||
            chain->hash_at(head.number) != head.head) {
            continue;
        }
        const std::lock_guard lock(shown_mutex_);
        std::uint64_t& known = heard_[peer];
        known = std::max(known, head.number);
    }
}

bool NetworkDirectory::known_to_all(std::uint64_t number) const {
    const auto directory = now();
    const std::lock_guard lock(shown_mutex_);
    const auto& members = directory->tip().content.members;
    return std::all_of(members.begin(), members.end(), [&](const exchange::EpochMember& one) {
        if (one.member == self_) return true;
        const auto heard = heard_.find(one.member);
        return heard != heard_.end() && heard->second >= number;
    });
}

std::string NetworkDirectory::question() const {
    json::Writer out;
    out.begin_object().member("summary", exchange::write_summary(now()->summary())).end_object();
    return out.take();
}

Result<void> NetworkDirectory::accept(const exchange::DirectoryBatch& batch) {
    if (batch.empty()) return {};
    const std::lock_guard lock(change_);
    const crypto::Hash tip = directory_->tip().hash;
    const DirectoryAnswer answer = directory_->accept(batch, Rows(*runtime_));
    SCHWARM_TRY_VOID(keep(answer));
    if (directory_->tip().hash != tip || directory_->disputed()) return follow();
    return {};
}

namespace {

Result<json::Value> read_message(std::string_view text) {
    json::Limits limits;
    limits.max_bytes = 2 * kMessageBytes;
    limits.max_depth = 2;
    limits.max_nodes = 8;
    return json::parse(text, limits);
}

}  // namespace

Result<std::string> NetworkDirectory::answer(const exchange::MemberId& from,
                                             std::string_view question) {
    SCHWARM_TRY(value, read_message(question));
    if (const json::Value* pushed = value.find("batch"); pushed != nullptr) {
        SCHWARM_TRY(batch, exchange::read_batch(value.string_or("batch", "")));
        SCHWARM_TRY_VOID(accept(batch));
    }
    SCHWARM_TRY(peer, exchange::read_summary(value.string_or("summary", "")));
    note(from, peer);
    const auto directory = now();
    SCHWARM_TRY(batch, directory->missing(peer, Rows(*runtime_)));
    json::Writer out;
    out.begin_object().member("summary", exchange::write_summary(directory->summary()));
    out.member("batch", exchange::write_batch(batch)).end_object();
    return out.take();
}

Result<NetworkDirectory::Taken> NetworkDirectory::take(const exchange::MemberId& from,
                                                       std::string_view answer) {
    SCHWARM_TRY(value, read_message(answer));
    SCHWARM_TRY(batch, exchange::read_batch(value.string_or("batch", "")));
    SCHWARM_TRY_VOID(accept(batch));
    SCHWARM_TRY(peer, exchange::read_summary(value.string_or("summary", "")));
    note(from, peer);
    const auto directory = now();
    SCHWARM_TRY(lacking, directory->missing(peer, Rows(*runtime_)));
    Taken taken;
    const exchange::Chain* own = directory->chain(self_);
    const std::uint64_t length = own == nullptr ? 0 : own->length();
    // Whatever else it says: what it knows of the own chain is here.
    taken.all = !batch.more && std::none_of(peer.chains.begin(), peer.chains.end(),
                                            [&](const exchange::ChainHead& head) {
                                                return head.member == self_ && head.number > length;
                                            });
    if (taken.all && lacking.empty()) return taken;
    json::Writer out;
    out.begin_object().member("summary", exchange::write_summary(directory->summary()));
    out.member("batch", exchange::write_batch(lacking)).end_object();
    taken.next = out.take();
    return taken;
}

// What must be durable before a message leaves is.
std::vector<MembershipMessage> NetworkDirectory::carry_out(exchange::MembershipAnswer answer) {
    DirectoryAnswer changes;
    const auto add = [&](DirectoryAnswer more) {
        changes.rows.insert(changes.rows.end(), more.rows.begin(), more.rows.end());
        changes.alarms.insert(changes.alarms.end(), more.alarms.begin(), more.alarms.end());
        changes.refused.insert(changes.refused.end(), more.refused.begin(), more.refused.end());
    };
    for (const exchange::Lie& lie : answer.lies) add(directory_->accept_lie(lie));
    if (answer.decided) add(directory_->accept_epoch(*answer.decided));
    if (!answer.epochs.empty()) {
        exchange::DirectoryBatch batch;
        batch.epochs = answer.epochs;
        add(directory_->accept(batch, Rows(*runtime_)));
    }
    const bool moved = answer.decided || !answer.epochs.empty();
    auto kept = keep(changes, std::move(answer.rows));
    if (kept.has_value() && moved) kept = follow();
    if (kept.has_error()) {
        log_("the directory could not be stored: " + kept.error().text());
        return {};
    }
    return std::move(answer.messages);
}

std::vector<MembershipMessage> NetworkDirectory::handle(const exchange::MemberId& from,
                                                        std::string_view text) {
    const std::lock_guard lock(change_);
    if (restored_) return {};
    return carry_out(membership_.handle(from, text, clock_.now()));
}

std::vector<MembershipMessage> NetworkDirectory::tick(bool propose) {
    const std::lock_guard lock(change_);
    if (restored_) return {};
    const Instant now = clock_.now();
    auto out = carry_out(membership_.tick(now));
    if (!propose) {
        membership_.rest();
        return out;
    }
    if (directory_->disputed()) return out;
    // As it is now: what was wanted before may have become untrue.
    const exchange::EpochContent next = directory_->next_content(now);
    if (next.members == directory_->tip().content.members) return out;
    auto more = carry_out(membership_.propose(next, now));
    std::move(more.begin(), more.end(), std::back_inserter(out));
    return out;
}

}  // namespace schwarm::server
