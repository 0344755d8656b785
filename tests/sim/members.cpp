#include "members.hpp"

#include <algorithm>

#include "schwarm/exchange/directory_rows.hpp"
#include "schwarm/exchange/directory_sync.hpp"
#include "schwarm/json/json.hpp"

namespace schwarm::sim {
namespace {

constexpr auto kAdministratorsLook = seconds(30);
// Of two nodes whose clocks are skewed.
constexpr auto kClocksApart = std::chrono::minutes(10);

// What of a directory must be the same everywhere: the newest epoch and the chains.
std::string picture(const exchange::Directory& directory) {
    exchange::DirectorySummary summary = directory.summary();
    summary.lies.clear();
    return exchange::write_summary(summary);
}

bool knows_a_lie_of(const exchange::Directory& directory, const exchange::MemberId& member) {
    const auto lies = directory.lies();
    return std::any_of(lies.begin(), lies.end(),
                       [&](const exchange::Lie& lie) { return lie.member == member; });
}

}  // namespace

void Members::found(Surroundings& around) {
    const std::size_t honest = stage_.honest();
    if (stage_.setup.newcomer) newcomer_ = honest - 1;
    if (stage_.setup.removal) {
        const std::size_t founders = honest - (newcomer_ ? 1 : 0);
        removed_ = stage_.setup.liar ? stage_.nodes.size() - 1 : stage_.dice() % founders;
    }
    exchange::EpochContent content;
    content.time = stage_.time.now();
    for (std::size_t i = 0; i < stage_.nodes.size(); ++i) {
        Member& node = *stage_.nodes[i];
        exchange::EpochMember member = node.prepare(around.cryptography);
        around.peers.push_back({node.name, node.name + ".example:9443", node.tls_key()});
        if (newcomer_ != i) content.members.push_back(std::move(member));
    }
    std::sort(content.members.begin(), content.members.end(),
              [](const auto& a, const auto& b) { return a.member < b.member; });
    around.founding = exchange::write_content(content);
}

void Members::plan(milliseconds troubles) {
    const auto at = [&](double from, double to, std::function<void()> what) {
        const double part = std::uniform_real_distribution<double>(from, to)(stage_.dice);
        stage_.time.after(
            milliseconds(static_cast<std::int64_t>(part * static_cast<double>(troubles.count()))),
            std::move(what));
    };
    if (newcomer_) at(0.05, 0.6, [this] { to_admit_ = true; });
    if (removed_) at(0.2, 0.8, [this] { to_remove_ = true; });
    for (int i = 0; i < 6; ++i) at(0, 1, [this] { change_an_entry(); });
    for (int i = 0; i < 8; ++i) at(0, 1, [this] { order_keys(); });
    ask_administrators();
}

// Each says what is to be; again if that was lost with its disk.
void Members::ask_administrators() {
    stage_.time.after(kAdministratorsLook, [this] { ask_administrators(); });
    for (std::size_t i = 0; i < stage_.nodes.size(); ++i) {
        Member& node = *stage_.nodes[i];
        if (!node.up() || stage_.happens(0.5)) continue;
        if (to_admit_ && !joins(i)) {
            const Member& newcomer = *stage_.nodes[*newcomer_];
            if (!node.knows(newcomer.member()) && !node.directory().awaits(newcomer.member())) {
                node.note(node.directory().consent_to_admit(newcomer.member(),
                                                            newcomer.operator_key.public_key.kid));
            }
        }
        if (to_remove_ && !leaves(i)) {
            const exchange::MemberId removed = stage_.nodes[*removed_]->member();
            const auto consents = node.directory().now()->consents();
            const bool agreed = std::any_of(consents.begin(), consents.end(),
                                            [&](const auto& one) { return one.member == removed; });
            if (node.knows(removed) && !agreed) {
                node.note(node.directory().consent_to_remove(removed));
            }
        }
    }
}

void Members::change_an_entry() {
    const std::size_t index = stage_.dice() % stage_.honest();
    Member& node = *stage_.nodes[index];
    ++node.edition;
    // Else it is entered at the next start, or after the restore.
    if (!node.up() || node.directory().restored()) return;
    const auto entered = node.enter_changes(0);
    node.note(entered);
    if (entered.has_value()) stage_.met("entry changed");
}

// Half of the exchanges are planned; else a key was lost, of now or of before.
void Members::order_keys() {
    Member& node = *stage_.nodes[stage_.dice() % stage_.honest()];
    if (!node.up()) return;
    Member::KeyOrder order;
    order.lost = stage_.happens(0.5);
    order.key = node.post().current_key(node.tenant()).value().kid;
    const auto had = node.directory().now()->signing_keys(node.address());
    if (order.lost && !had.empty() && stage_.happens(0.3)) {
        order.key = had[stage_.dice() % had.size()].kid;
    }
    node.orders.push_back(std::move(order));
}

// Who counts signs with a key that everybody takes, and nobody takes one that was lost.
void Members::check_keys() const {
    for (std::size_t i = 0; i < stage_.honest(); ++i) {
        Member& node = *stage_.nodes[i];
        if (!counts(i) || !node.up()) continue;
        const std::string signs = node.post().current_key(node.tenant()).value().kid;
        for (std::size_t j = 0; j < stage_.honest(); ++j) {
            if (!counts(j) || !stage_.nodes[j]->up()) continue;
            const auto directory = stage_.nodes[j]->directory().now();
            const Instant now = stage_.nodes[j]->clock.now() + kClocksApart;
            for (const auto& key : directory->signing_keys(node.address())) {
                const bool good = directory->signing_key(node.address(), key.kid, now).has_value();
                if (good == key.withdrawn.has_value()) {
                    stage_.violated(stage_.nodes[j]->name + (good ? " takes" : " does not take") +
                                    " a key of " + node.name);
                }
                if (key.kid == signs && !good) {
                    stage_.violated(node.name + " signs with a key that nobody takes");
                }
            }
        }
        const auto had = node.directory().now()->signing_keys(node.address());
        for (std::size_t k = 1; k < had.size(); ++k) stage_.met("keys exchanged");
        for (const auto& key : had) {
            if (key.withdrawn) stage_.met("lost key withdrawn");
        }
    }
}

Member& Members::reference() const {
    std::size_t index = 0;
    while (leaves(index) || joins(index)) ++index;
    return *stage_.nodes[index];
}

bool Members::counts(std::size_t index) const {
    if (stage_.lies(index)) return false;
    const Member& reference_node = reference();
    if (!reference().up()) return !leaves(index) && !joins(index);
    return &reference_node == stage_.nodes[index].get() ||
           reference().knows(stage_.nodes[index]->member());
}

void Members::check_heard(Member& at, const Member& from, bool heard, bool directory) const {
    const bool known =
        at.knows(from.member()) || (directory && at.directory().awaits(from.member()));
    if (heard && !known) {
        stage_.violated(at.name + " has heard " + from.name + ", which is no member there");
    }
    if (!heard && known) {
        stage_.violated(at.name + " has not heard its member " + from.name);
    }
    if (!heard && removed_ && from.name == stage_.nodes[*removed_]->name) {
        stage_.met("removed member not heard");
    }
}

void Members::check_vote(Member& from, const std::string& text) {
    if (text.find(R"("statement")") == std::string::npos) return;
    const auto message = json::parse(text).value();
    const std::string jws = message.string_or("statement", "");
    const auto first = jws.find('.') + 1;
    const auto payload =
        crypto::base64url_decode(jws.substr(first, jws.rfind('.') - first)).value();
    const auto vote = exchange::read_vote(payload).value();
    if (vote.member != from.member()) return;  // handed on
    if (vote.kind != exchange::VoteKind::proposal && !from.has_stored_vote(vote, jws)) {
        stage_.violated(from.name + " has sent a vote that is not durable");
    }
    if (!seen_.insert(crypto::sha256(jws)).second) return;
    const std::string place = from.name + " " + std::string(exchange::name_of(vote.kind)) + " " +
                              exchange::row_key::vote(vote.predecessor) + " " +
                              std::to_string(vote.round);
    std::string said = payload;
    if (vote.kind == exchange::VoteKind::proposal) said = vote.content_text;
    const auto [before, fresh] = voted_.emplace(place, said);
    if (!fresh && before->second != said) stage_.violated("two votes: " + place);
}

std::optional<std::string> Members::difference() const {
    std::string first;
    std::string name;
    for (std::size_t i = 0; i < stage_.nodes.size(); ++i) {
        Member& node = *stage_.nodes[i];
        if (!counts(i)) continue;
        if (!node.up()) return node.name + " is down";
        const std::string mine = picture(*node.directory().now());
        if (first.empty()) {
            first = mine;
            name = node.name;
        }
        if (mine != first) {
            return name + " and " + node.name + " have different directories: " + first + " and " +
                   mine;
        }
    }
    return std::nullopt;
}

std::optional<std::string> Members::undone() const {
    // Who is to go does not vote for its own removal, a liar perhaps for nothing: too few may be
    // left.
    const std::size_t abstain = (removed_ ? 1U : 0U) + (stage_.setup.liar ? 1U : 0U);
    const std::size_t members = reference().directory().now()->tip().content.members.size();
    if (3 * (members - std::min(members, abstain)) > 2 * members) {
        if (newcomer_ && !reference().knows(stage_.nodes[*newcomer_]->member())) {
            return "the newcomer is no member";
        }
        if (removed_ && reference().knows(stage_.nodes[*removed_]->member())) {
            return "who was to be removed is still a member";
        }
    }
    if (!stage_.setup.liar) return std::nullopt;
    const exchange::MemberId liar = stage_.liar().member();
    const auto convinced = [&](std::size_t i) {
        return knows_a_lie_of(*stage_.nodes[i]->directory().now(), liar);
    };
    const bool proven = convinced(0);
    for (std::size_t i = 0; i < stage_.honest(); ++i) {
        if (counts(i) && convinced(i) != proven) return "a proof of a lie is not everywhere";
    }
    return std::nullopt;
}

bool Members::settled() const {
    return reference().up() && !difference() && !undone();
}

void Members::check() const {
    if (const auto differs = difference()) stage_.violated(*differs);
    if (const auto missing = undone()) stage_.violated(*missing);
    const auto met_if = [&](bool is, const char* what) {
        if (is) stage_.met(what);
    };
    met_if(newcomer_ && reference().knows(stage_.nodes[*newcomer_]->member()), "admission");
    met_if(removed_ && !reference().knows(stage_.nodes[*removed_]->member()), "removal");
    for (std::uint64_t i = 0; i < reference().directory().now()->tip().content.epoch; ++i) {
        stage_.met("epoch");
    }
    for (const auto& node : stage_.nodes) {
        for (std::uint64_t i = 0; i < node->not_stored; ++i) stage_.met("directory not stored");
        for (std::uint64_t i = 0; i < node->older_keys; ++i) stage_.met("older keys restored");
        for (const std::string& complaint : node->complaints) {
            stage_.violated(node->name + " complains: " + complaint);
        }
    }
    check_keys();
    check_slander();
    check_alarms();
}

// Nobody holds a proof against an honest member, and nothing is in dispute.
void Members::check_slander() const {
    for (const auto& node : stage_.nodes) {
        if (!node->up()) continue;
        const auto directory = node->directory().now();
        if (directory->disputed()) stage_.violated(node->name + " knows two epochs");
        for (std::size_t i = 0; i < stage_.honest(); ++i) {
            const exchange::MemberId member = stage_.nodes[i]->member();
            const exchange::Chain* chain = directory->chain(member);
            if (chain != nullptr && chain->fork()) {
                stage_.violated(node->name + " holds that " + member.value() + " has forked");
            }
            if (knows_a_lie_of(*directory, member)) {
                stage_.violated(node->name + " holds that " + member.value() + " has lied");
            }
        }
    }
}

// What is proven of the liar every honest member has told its operator.
void Members::check_alarms() const {
    if (!stage_.setup.liar) return;
    const exchange::MemberId liar = stage_.liar().member();
    bool forked = false;
    bool lied = false;
    for (std::size_t i = 0; i < stage_.honest(); ++i) {
        if (!counts(i)) continue;
        const Member& node = *stage_.nodes[i];
        const auto directory = stage_.nodes[i]->directory().now();
        const auto told = [&](const std::string& what) {
            return std::any_of(node.alarms.begin(), node.alarms.end(), [&](const auto& line) {
                return line.starts_with(liar.value() + what);
            });
        };
        const exchange::Chain* chain = directory->chain(liar);
        if (chain != nullptr && chain->fork()) {
            forked = true;
            if (!told(" has forked")) stage_.violated(node.name + " raised no alarm of a fork");
        }
        if (knows_a_lie_of(*directory, liar)) {
            lied = true;
            if (!told(" has lied")) stage_.violated(node.name + " raised no alarm of a lie");
        }
    }
    if (forked) stage_.met("fork proven");
    if (lied) stage_.met("double vote proven");
}

}  // namespace schwarm::sim
