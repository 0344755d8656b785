#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "directory/fields.hpp"
#include "directory/simulation.hpp"
#include "schwarm/crypto/encode.hpp"
#include "schwarm/exchange/jose_cryptography.hpp"
#include "schwarm/json/json.hpp"

namespace schwarm::exchange::test {
namespace {

constexpr std::int64_t kChaosMs = 45'000;
constexpr std::int64_t kHealedMs = 400'000;
constexpr std::int64_t kStepMs = 1'000;
constexpr MembershipSettings kSettings{std::chrono::milliseconds(5'000),
                                       std::chrono::milliseconds(1'000), 3600};

std::string payload_of(const std::string& jws) {
    const auto first = jws.find('.');
    return crypto::base64url_decode(jws.substr(first + 1, jws.rfind('.') - first - 1)).value();
}

}  // namespace

Simulation::Simulation(unsigned seed, const Cryptography& cryptography)
    : dice_(seed), cryptography_(cryptography), random_(seed) {
    members = 4 + pick(7);
    liars = chance(50) ? 1 + pick((members - 1) / 3) : 0;
    loss_ = static_cast<unsigned>(pick(45));
    crash_ = static_cast<unsigned>(pick(6));
    // An epoch that nobody honest remembers cannot be protected.
    if (chance(50)) restores_max_ = pick(members * 2 / 3 + 1 - liars);
    EpochContent content;
    content.time = kStart;
    for (std::size_t i = 0; i < members; ++i) {
        Author& a = authors_.emplace_back(std::string("m") + static_cast<char>('a' + i),
                                          cryptography_, random_);
        content.members.push_back({a.member, a.key.public_key.kid, a.key.public_key, 0, {}});
    }
    founding_ = write_content(content);
    // Who lies is spread over the list, since its order decides who owns which round.
    std::set<std::size_t> lying;
    while (lying.size() < liars) lying.insert(pick(members));
    std::size_t index = 0;
    for (Author& a : authors_) {
        const bool liar = lying.contains(index++);
        for (int twin = 0; twin < (liar ? 2 : 1); ++twin) {
            Node& node = *nodes_.emplace_back(std::make_unique<Node>());
            node.author = &a;
            node.liar = liar;
            node.random = std::make_unique<SeededRandom>(dice_());
            DirectoryAnswer answer;
            Directory::found(cryptography_, founding_, answer).value();
            node.rows.store(answer.rows);
            start(node);
        }
    }
    for (Author& a : authors_) {
        const std::string jws = a.enter(a.node());
        for (auto& node : nodes_) {
            if (node->author == &a || chance(60)) {
                node->rows.store(node->directory->accept_own(jws, node->rows).rows);
            }
        }
    }
}

void Simulation::start(Node& node) {
    auto loaded = Directory::load(cryptography_, node.rows, nullptr);
    ASSERT_TRUE(loaded.has_value()) << loaded.error().text();
    node.membership.reset();
    node.directory.emplace(std::move(loaded.value()));
    node.membership.emplace(cryptography_, *node.directory, *node.random, node.author->member,
                            kSettings);
    node.up = true;
    if (chaos_ && !node.liar && chance(50)) restore(node);
    follow(node);
}

// With the entries and epochs that it has learned again, and old votes.
void Simulation::restore(Node& node) {
    if (!node.restored && restored == restores_max_) return;
    if (!node.restored) ++restored;
    node.restored = true;
    const Epoch& tip = node.directory->tip();
    const auto row = node.membership->forgotten(tip, std::nullopt, now());
    ASSERT_TRUE(row.has_value()) << row.error().text();
    node.rows.store({row.value()});
}

void Simulation::crash(Node& node) {
    ++crashes;
    node.up = false;
    node.membership.reset();
    node.directory.reset();
}

void Simulation::follow(Node& node) {
    const Epoch& tip = node.directory->tip();
    const auto stored = node.rows.get(row_key::vote(tip.hash)).value();
    auto answer = node.membership->follow(tip, node.author->key, stored);
    ASSERT_TRUE(answer.has_value()) << answer.error().text();
    node.following = tip.hash;
    node.rows.store(answer.value().rows);
}

void Simulation::apply(Node& node, MembershipAnswer answer) {
    if (chaos_ && pick(1000) < crash_) return crash(node);
    node.rows.store(answer.rows);
    for (const Lie& lie : answer.lies) node.rows.store(node.directory->accept_lie(lie).rows);
    if (answer.decided) node.rows.store(node.directory->accept_epoch(*answer.decided).rows);
    DirectoryBatch batch;
    batch.epochs = std::move(answer.epochs);
    node.rows.store(node.directory->accept(batch, node.rows).rows);
    for (const MembershipMessage& message : answer.messages) watch(message.text);
    if (chaos_ && pick(1000) < crash_) return crash(node);
    for (MembershipMessage& message : answer.messages) post(node, std::move(message));
    if (node.directory->tip().hash != node.following) follow(node);
}

bool Simulation::connected(const Node& a, const MemberId& to) const {
    return !chaos_ || island_.contains(a.author->member) == island_.contains(to);
}

void Simulation::post(Node& node, MembershipMessage message) {
    if (node.liar) lie(node, message);
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        if (nodes_[i]->author->member != message.to) continue;
        const unsigned copies = chaos_ && chance(5) ? 2 : 1;
        for (unsigned copy = 0; copy < copies; ++copy) {
            if (!connected(node, message.to) || (chaos_ && chance(loss_)) ||
                (nodes_[i]->liar && chance(30))) {
                ++lost;
                continue;
            }
            const auto delay = static_cast<std::int64_t>(pick(chaos_ && chance(10) ? 8'000 : 400));
            letters_.push_back({ms_ + delay, ++order_, node.author->member, i, message.text});
            std::push_heap(letters_.begin(), letters_.end(), std::greater<>());
        }
    }
}

// Every signature that leaves a node or would have left it counts, whether it arrives or not.
void Simulation::watch(const std::string& text) {
    if (text.find(R"("type":"signature")") == std::string::npos) return;
    const auto message = json::parse(text).value();
    const auto vote = read_vote(payload_of(message.string_or("statement", ""))).value();
    signed_[{vote.predecessor, vote.round, vote.content}].insert(vote.member);
}

std::string Simulation::forge(const Node& node, Vote vote) {
    vote.member = node.author->member;
    return sign_vote(cryptography_, node.author->key, vote).value();
}

void Simulation::lie(Node& node, MembershipMessage& message) {
    if (!chance(30)) return;
    auto value = json::parse(message.text).value();
    const std::string type = value.string_or("type", "");
    if (value.find("statement") == nullptr) return;
    Vote vote = read_vote(payload_of(value.string_or("statement", ""))).value();
    if (type == "promise") {
        if (chance(20)) {
            value = json::Value::object({{"type", "forgotten"},
                                         {"predecessor", detail::hash_text(vote.predecessor)},
                                         {"round", static_cast<std::int64_t>(vote.round)}});
            message.text = json::to_string(value);
            return;
        }
        if (chance(50)) {
            vote.locked.reset();  // conceals what it signed
        } else {
            const std::string content = write_content(node.directory->next_content(now()));
            vote.locked =
                Locked{vote.round - 1, crypto::sha256(content), certificate_hash({"a.b.c"})};
            value.set("content", content);
            value.set("certificate", json::Value::array({"a.b.c"}));
        }
    } else if (type == "proposal") {
        EpochContent content = node.directory->next_content(now());
        content.time += std::chrono::milliseconds(1 + pick(1000));
        vote.content_text = write_content(content);  // another one than to the others
        if (chance(30)) vote.certificate.clear();
        if (chance(30)) vote.promises.pop_back();
    } else if (type == "assent" || type == "signature") {
        vote.content = some_hash(std::to_string(pick(3)));
        // The truth to the one who asked, something else to another.
        const std::string text = message.text;
        value.set("statement", forge(node, vote));
        message.to = std::next(authors_.begin(), static_cast<int>(pick(members)))->member;
        message.text = json::to_string(value);
        watch(message.text);
        return;
    }
    value.set("statement", forge(node, vote));
    message.text = json::to_string(value);
}

// A liar's chain has two entries of one number; half of the others get one, half the other.
void Simulation::enter(Node& node) {
    Author& a = *node.author;
    if (!node.liar) {
        const std::string jws = a.enter(a.tenant("t" + std::to_string(pick(3))));
        node.rows.store(node.directory->accept_own(jws, node.rows).rows);
        return;
    }
    const Chain* own = node.directory->chain(a.member);
    if (own->fork() || own->length() == 0) return;
    DirectoryEntry entry{a.member, own->length() + 1, own->head(), std::max(a.now, own->time()),
                         a.tenant("t" + std::to_string(pick(3)))};
    node.rows.store(node.directory->accept_own(a.sign(entry), node.rows).rows);
}

void Simulation::sync(Node& a, Node& b) {
    const auto summary = read_summary(write_summary(b.directory->summary()));
    ASSERT_TRUE(summary.has_value()) << summary.error().text();
    const auto missing = a.directory->missing(summary.value(), a.rows);
    ASSERT_TRUE(missing.has_value()) << missing.error().text();
    if (missing.value().empty()) return;
    const auto batch = read_batch(write_batch(missing.value()));
    ASSERT_TRUE(batch.has_value() && batch.value() == missing.value());
    b.rows.store(b.directory->accept(batch.value(), b.rows).rows);
    if (b.directory->tip().hash != b.following) follow(b);
}

void Simulation::step() {
    const std::int64_t end = ms_ + kStepMs;
    while (!letters_.empty() && letters_.front().due <= end) {
        std::pop_heap(letters_.begin(), letters_.end(), std::greater<>());
        const Letter letter = std::move(letters_.back());
        letters_.pop_back();
        ms_ = letter.due;
        Node& node = *nodes_[letter.to];
        if (node.up) apply(node, node.membership->handle(letter.from, letter.text, now()));
    }
    ms_ = end;
    if (chaos_ && chance(5)) {
        island_.clear();
        for (const Author& a : authors_) {
            if (chance(30)) island_.insert(a.member);
        }
    }
    for (auto& held : nodes_) {
        Node& node = *held;
        if (!node.up) {
            if (!chaos_ || chance(20)) start(node);
            continue;
        }
        if (chaos_ && chance(2)) enter(node);
        const bool wants = node.directory->tip().content.epoch < (chaos_ ? 3 : 1);
        if (wants && !node.membership->proposing() && chance(chaos_ ? 10 : 30)) {
            apply(node, node.membership->propose(node.directory->next_content(now()), now()));
            continue;
        }
        apply(node, node.membership->tick(now()));
    }
    for (auto& held : nodes_) {
        Node& a = *held;
        Node& b = *nodes_[pick(nodes_.size())];
        if (&a == &b || !chance(10) || !a.up || !b.up || !connected(a, b.author->member)) continue;
        sync(a, b);
    }
}

void Simulation::run() {
    while (ms_ < kChaosMs && !testing::Test::HasFatalFailure()) step();
    chaos_ = false;
    const bool before = all_decided();
    while (ms_ < kHealedMs && !testing::Test::HasFatalFailure()) {
        step();
        // A little longer, so that proofs reach somebody.
        if (all_decided() && (liars == 0 || before || ms_ > kChaosMs + 10'000)) break;
    }
}

bool Simulation::two_valid_epochs() const {
    std::map<crypto::Hash, crypto::Hash> valid;
    for (const auto& [key, who] : signed_) {
        const auto& [predecessor, round, content] = key;
        // Every epoch here has the same members.
        if (who.size() < members * 2 / 3 + 1) continue;
        const auto [at, fresh] = valid.emplace(predecessor, content);
        if (!fresh && at->second != content) return true;
    }
    return false;
}

std::size_t Simulation::decided() const {
    return static_cast<std::size_t>(
        std::count_if(nodes_.begin(), nodes_.end(), [](const auto& node) {
            return !node->liar && node->up && node->directory->tip().content.epoch > 0;
        }));
}

bool Simulation::all_decided() const {
    return decided() == members - liars;
}

std::set<LieKind> Simulation::proven_lies() const {
    std::set<LieKind> kinds;
    for (const auto& node : nodes_) {
        if (node->liar || !node->up) continue;
        for (const Lie& lie : node->directory->lies()) kinds.insert(lie.kind);
    }
    return kinds;
}

bool Simulation::proven_forks() const {
    return std::any_of(nodes_.begin(), nodes_.end(), [this](const auto& node) {
        return !node->liar && node->up &&
               std::any_of(authors_.begin(), authors_.end(), [&](const Author& a) {
                   return node->directory->chain(a.member)->fork().has_value();
               });
    });
}

std::optional<std::string> Simulation::slandered() const {
    std::set<MemberId> honest;
    for (const auto& node : nodes_) {
        if (!node->liar) honest.insert(node->author->member);
    }
    for (const auto& node : nodes_) {
        if (!node->up) continue;
        for (const Lie& lie : node->directory->lies()) {
            // What it signed in the moment of the loss may be known to nobody it has asked.
            const bool forgot = lie.kind == LieKind::broken_promise && was_restored(lie.member);
            if (honest.contains(lie.member) && !forgot) return write_lie(lie);
        }
        for (const MemberId& member : honest) {
            if (node->directory->chain(member)->fork()) return member.value() + " forked";
        }
    }
    return std::nullopt;
}

bool Simulation::was_restored(const MemberId& member) const {
    return std::any_of(nodes_.begin(), nodes_.end(), [&](const auto& node) {
        return node->author->member == member && node->restored;
    });
}

bool Simulation::disputed() const {
    return std::any_of(nodes_.begin(), nodes_.end(),
                       [](const auto& node) { return node->up && node->directory->disputed(); });
}

namespace {

struct Totals {
    std::set<LieKind> lies;
    std::size_t forks = 0;
    std::size_t crashes = 0;
    std::size_t lost = 0;
    std::size_t restored = 0;
    std::size_t with_liars = 0;
};

void run_seed(unsigned seed, Totals& totals,
              const Cryptography& cryptography = FakeCryptography()) {
    SCOPED_TRACE("seed " + std::to_string(seed) +
                 ": repeat it alone with SCHWARM_SEED=" + std::to_string(seed));
    Simulation s(seed, cryptography);
    s.run();
    if (testing::Test::HasFatalFailure()) return;
    EXPECT_FALSE(s.two_valid_epochs()) << s.members << " members, " << s.liars << " liars";
    EXPECT_FALSE(s.disputed());
    EXPECT_EQ(s.slandered().value_or(""), "");
    if (s.liars == 0) {
        EXPECT_TRUE(s.all_decided()) << s.decided() << " of " << s.members;
    }
    totals.lies.merge(s.proven_lies());
    totals.forks += s.proven_forks() ? 1 : 0;
    totals.crashes += s.crashes;
    totals.lost += s.lost;
    totals.restored += s.restored;
    totals.with_liars += s.liars > 0 ? 1 : 0;
}

// SCHWARM_SEEDS=N runs N seeds, SCHWARM_SEED=N that one.
TEST(MembershipProperty, NeverTwoEpochsWhateverGoesWrong) {
    Totals totals;
    if (const char* only = std::getenv("SCHWARM_SEED")) {
        run_seed(static_cast<unsigned>(std::strtoul(only, nullptr, 10)), totals);
        return;
    }
    const char* wanted = std::getenv("SCHWARM_SEEDS");
    const auto last =
        wanted == nullptr ? 300u : static_cast<unsigned>(std::strtoul(wanted, nullptr, 10));
    for (unsigned seed = 1; seed <= last && !HasFailure(); ++seed) run_seed(seed, totals);
    if (HasFailure() || last < 100) return;
    // What the test claims to try has been tried.
    EXPECT_EQ(totals.lies.size(), 4u) << "a kind of lie that nobody proved";
    EXPECT_GT(totals.forks, 0u);
    EXPECT_GT(totals.crashes, last / 10);
    EXPECT_GT(totals.lost, last);
    EXPECT_GT(totals.restored, last / 4);
    EXPECT_GT(totals.with_liars, last / 4);
}

TEST(MembershipProperty, WithRealSignatures) {
    const SystemClock clock;
    const JoseCryptography cryptography(clock);
    Totals totals;
    for (unsigned seed = 1; seed <= 4; ++seed) run_seed(seed, totals, cryptography);
}

}  // namespace
}  // namespace schwarm::exchange::test
