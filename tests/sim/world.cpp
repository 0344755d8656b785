#include "world.hpp"

#include <algorithm>
#include <random>

#include "../../src/exchange/test/fake_cryptography.hpp"
#include "forger.hpp"
#include "liar.hpp"
#include "members.hpp"
#include "schwarm/exchange/jose_cryptography.hpp"
#include "schwarm/post/message_line.hpp"

namespace schwarm::sim {
namespace {

constexpr auto kTroubles = std::chrono::minutes(20);
constexpr auto kHealing = std::chrono::minutes(40);
constexpr auto kRequestTimeout = seconds(15);
constexpr auto kSynchroniseEvery = seconds(3);  // less often in large federations: cheaper
constexpr const char* kSecret = "GEHEIMZEICHEN";

class World {
  public:
    explicit World(const Setup& setup)
        : setup_(setup), dice_(setup.seed), right_clock_(time_), jose_(right_clock_) {
        for (std::size_t i = 0; i < setup.nodes; ++i) {
            const std::string name = "knoten" + std::to_string(i);
            nodes_.push_back(std::make_unique<Member>(name, i, time_, dice_()));
            transports_.push_back(std::make_unique<Link>(*this, i));
        }
        members_.found(around_);
    }

    Outcome run() {
        weather_ = {chance(0, 0.3), chance(0, 0.3), chance(0, 0.2),
                    milliseconds(1 + dice_() % 5'000)};
        for (std::size_t i = 0; i < nodes_.size(); ++i) start(i);
        plan_requests();
        plan_troubles();
        members_.plan(kTroubles);
        forger_.plan(kTroubles);
        const Instant begin = time_.now();
        while (time_.now() < begin + kTroubles) advance();
        heal();
        while (time_.now() < begin + kTroubles + kHealing && !settled()) advance();
        check();
        return std::move(out_);
    }

  private:
    struct Accepted {
        std::size_t from = 0;
        std::size_t to = 0;
        CaseId case_id;
        std::uint64_t at = 0;  // counts up
    };

    // The way from one node to the others.
    class Link final : public post::Transport {
      public:
        Link(World& world, std::size_t from) : world_(world), from_(from) {}
        void send(const exchange::MemberId& to, std::string request,
                  std::function<void(Result<std::string>)> done) override {
            world_.carry(from_, to.value(), What::envelopes, std::move(request), std::move(done));
        }
        void fetch(const exchange::MemberId& from, std::string question,
                   std::function<void(Result<std::string>)> done) override {
            world_.carry(from_, from.value(), What::question, std::move(question), std::move(done));
        }

      private:
        World& world_;
        const std::size_t from_;
    };

    double chance(double from, double to) {
        return std::uniform_real_distribution<double>(from, to)(dice_);
    }
    bool happens(double probability) { return chance(0, 1) < probability; }
    milliseconds delay() {
        return milliseconds(1 + dice_() % static_cast<std::uint64_t>(weather_.delay_max.count()));
    }
    void met(const char* fault) { ++out_.faults[fault]; }
    void violated(std::string what) {
        if (out_.violations.size() < 20) out_.violations.push_back(std::move(what));
    }
    const exchange::Cryptography& cryptography() const {
        if (setup_.real_cryptography) return jose_;
        return fake_;
    }

    // --- nodes -----------------------------------------------------------------------------------

    void start(std::size_t index) {
        Member& node = *nodes_[index];
        node.plan.fail_from_commit = 0;
        node.plan.lose_answer_of_commit = 0;
        node.plan.drop_commit = 0;
        node.crash_at_commit = 0;
        const auto ask = [this, index](const exchange::MemberId& to, std::string question) {
            ask_directory(index, to, std::move(question));
        };
        if (!node.start(around_, *transports_[index], ask)) return;
        touched_.insert(index);
    }

    void ask_directory(std::size_t from, const exchange::MemberId& to, std::string question) {
        carry(from, to.value(), What::directory, std::move(question),
              [this, from, to](const Result<std::string>& answer) {
                  if (answer.has_error()) return;
                  Member& node = *nodes_[from];
                  node.post().heard_of(to);
                  node.note(node.exchange().answered(to, answer.value()));
              });
    }

    void deliver(std::size_t from, std::vector<exchange::MembershipMessage> messages) {
        for (exchange::MembershipMessage& message : messages) {
            if (!stage_.lies(from)) members_.check_vote(*nodes_[from], message.text);
            carry(from, message.to.value(), What::membership, std::move(message.text),
                  [](const Result<std::string>&) {});
        }
    }

    // What happened since the backup is gone with the disk. People whose applications are lost come
    // again.
    void restore(std::size_t index) {
        Member& node = *nodes_[index];
        if (!node.has_backup() || stage_.lies(index) || members_.leaves(index)) return;
        met("restored");
        node.restored = true;
        node.restore();
        // Their case may have been there, without the person having seen a receipt.
        const std::size_t honest = nodes_.size() - (setup_.liar ? 1 : 0);
        for (std::size_t number = 1; number <= setup_.requests; ++number) {
            if (number % honest == index && !accepted_.contains(number)) ++lost_[number];
        }
        for (auto it = accepted_.begin(); it != accepted_.end();) {
            if (it->second.from != index || it->second.at <= node.backup_number) {
                ++it;
                continue;
            }
            ++lost_[it->first];
            time_.after(seconds(60 + dice_() % 60), [this, n = it->first] { request(n, 0); });
            it = accepted_.erase(it);
        }
        time_.after(seconds(10 + dice_() % 50), [this, index] {
            if (!nodes_[index]->up()) start(index);
        });
    }

    // Lets a node do what there is to do; afterwards it may lie dead.
    void work(std::size_t index) {
        Member& node = *nodes_[index];
        if (!node.up()) return;
        node.runtime().run();
        node.post().tick();
        node.runtime().run();
        if (node.crash_at_commit != 0 && node.plan.commits >= node.crash_at_commit) {
            met("crash at a commit");
            crash(index);
        }
    }

    void crash(std::size_t index) {
        nodes_[index]->stop();
        time_.after(seconds(1 + dice_() % 60), [this, index] {
            if (!nodes_[index]->up()) start(index);
        });
    }

    void advance() {
        const Instant until = time_.now() + seconds(1);
        while (time_.step(until)) {
            for (const std::size_t index : std::exchange(touched_, {})) work(index);
        }
        for (std::size_t i = 0; i < nodes_.size(); ++i) synchronise(i);
        for (std::size_t i = 0; i < nodes_.size(); ++i) work(i);
    }

    void synchronise(std::size_t index) {
        Member& node = *nodes_[index];
        if (!node.up() || time_.now() < node.synchronise_at) return;
        node.synchronise_at = time_.now() + std::max(kSynchroniseEvery, seconds(nodes_.size() / 3));
        deliver(index, node.synchronise());
    }

    // --- links -----------------------------------------------------------------------------------

    bool cut(std::size_t a, std::size_t b) const {
        return partition_.contains(a) != partition_.contains(b);
    }

    void carry(std::size_t from, const std::string& to, What what, std::string request,
               std::function<void(Result<std::string>)> done) {
        look_for_secrets(request, nodes_[from]->name);
        std::size_t target = 0;
        while (target < nodes_.size() && nodes_[target]->name != to) ++target;
        if (target == nodes_.size()) return;  // the stranger
        // Called once, and only if the node that asked has not crashed meanwhile.
        const std::uint64_t generation = nodes_[from]->generation;
        auto answered = std::make_shared<bool>(false);
        const auto answer = [this, from, generation, answered,
                             done = std::move(done)](Result<std::string> result) {
            if (*answered) return;
            *answered = true;
            Member& node = *nodes_[from];
            if (!node.up() || node.generation != generation) return;
            touched_.insert(from);
            done(std::move(result));
        };
        time_.after(kRequestTimeout,
                    [answer] { answer(fail(ErrorCode::unavailable, "no answer in time")); });
        if (stage_.lies(target) && what == What::envelopes) {
            time_.after(delay(), [this, answer, request] { answer(liar_.answer(request)); });
            return;
        }
        int copies = 1;
        if (happens(weather_.duplicate)) {
            ++copies;
            met("duplicate");
        }
        for (int i = 0; i < copies; ++i) {
            if (happens(weather_.lose)) {
                met("request lost");
                continue;
            }
            time_.after(delay(), [this, from, target, what, answer, request] {
                arrive(from, target, what, request, answer);
            });
        }
        if (setup_.liar) liar_.overhear(what, request);
    }

    void arrive(std::size_t from, std::size_t target, What what, const std::string& request,
                const std::function<void(Result<std::string>)>& answer) {
        Member& node = *nodes_[target];
        if (cut(from, target)) {
            met(what == What::membership ? "epoch under partition" : "partition");
            return;
        }
        if (!node.up()) {
            met("node away");
            answer(fail(ErrorCode::unavailable, "the node is away"));
            return;
        }
        const auto asker = node.exchange().sender(nodes_[from]->tls_key(), what == What::directory);
        members_.check_heard(node, *nodes_[from], asker.has_value(), what == What::directory);
        touched_.insert(target);
        if (!asker) {
            knock(node, *nodes_[from], what, request);
            answer(fail(ErrorCode::unavailable, "not a member of the network"));
            return;
        }
        node.post().heard_of(*asker);
        const auto back = [this, from, target, answer](Result<std::string> result) {
            if (happens(weather_.lose) || cut(from, target)) {
                met("answer lost");
                return;
            }
            time_.after(delay(), [answer, result = std::move(result)] { answer(result); });
        };
        handle(target, *asker, what, request, back);
    }

    void handle(std::size_t target, const exchange::MemberId& asker, What what,
                const std::string& request, const std::function<void(Result<std::string>)>& back) {
        Member& node = *nodes_[target];
        if (what == What::envelopes) {
            node.post().receive(asker, request, back);
            node.runtime().run();
        } else if (what == What::question) {
            auto result = node.post().segments(asker, request);
            if (result.has_value()) spoil(result.value());
            back(std::move(result));
        } else if (what == What::directory) {
            auto result = node.directory().answer(asker, request);
            node.note(result);
            if (result.has_value() && stage_.lies(target)) {
                result = forger_.answer(std::move(result.value()));
            }
            back(std::move(result));
        } else {
            deliver(target, node.directory().handle(asker, request));
            back(std::string("{}"));
        }
    }

    // Who is no member gets past the first door; the second one is shut, too.
    void knock(Member& node, const Member& from, What what, const std::string& request) {
        if (what != What::envelopes) return;
        const std::uint64_t before = node.post().metrics().received;
        node.post().receive(from.member(), request, [](const Result<std::string>&) {});
        node.runtime().run();
        if (node.post().metrics().received != before) {
            violated(node.name + " took a message of " + from.name + ", which is no member");
        }
    }

    // What a segment meets on the way; seen by everybody whose key it is not.
    void spoil(std::string& segments) {
        look_for_secrets(segments, "somebody who hands out a document");
        if (segments.empty() || !happens(weather_.spoil)) return;
        if (happens(0.5)) {
            met("altered segment");
            segments[dice_() % segments.size()] ^= 1;
        } else {
            met("segments cut");
            segments.resize(dice_() % segments.size());
        }
    }

    void look_for_secrets(const std::string& bytes, const std::string& where) {
        if (bytes.find(kSecret) != std::string::npos) {
            violated("plaintext on a link of " + where);
        }
    }

    // --- what happens ----------------------------------------------------------------------------

    void plan_requests() {
        for (std::size_t i = 0; i < setup_.requests; ++i) {
            const milliseconds when(dice_() %
                                    static_cast<std::uint64_t>(milliseconds(kTroubles).count()));
            time_.after(when, [this, number = i + 1] { request(number, 0); });
        }
    }

    // Up to three documents of a request: none, short ones, and some of several groups of segments.
    static std::map<std::string, std::string> documents_of(std::size_t number) {
        constexpr std::array<std::size_t, 7> kLengths = {0,       20, 65'536,   65'537,
                                                         300'000, 10, 1'200'000};
        std::map<std::string, std::string> out;
        for (std::size_t i = 0; i < number % (Contracts::kDocumentsMax + 1); ++i) {
            const std::size_t length = kLengths.at((number + i) % kLengths.size());
            std::string content;
            for (std::size_t block = 0; content.size() < length; ++block) {
                content += kSecret + std::to_string(number * 1'000'000 + i * 100'000 + block);
            }
            content.resize(length);
            out["anlage-" + std::to_string(i)] = std::move(content);
        }
        return out;
    }
    static feel::Value names_of(const std::map<std::string, std::string>& documents) {
        feel::Value::List out;
        for (const auto& [name, content] : documents) out.emplace_back(name);
        return feel::Value::list(std::move(out));
    }

    // The documents that a case was sent, from the one with this number on.
    void check_documents(std::size_t index, CaseId id, std::size_t request, std::size_t first) {
        const auto open = view(index);
        for (const auto& [name, content] : documents_of(request)) {
            const std::string received = "eingang-" + std::to_string(first++);
            const auto found = open.document(id, received);
            if (found.has_error() || found.value() != content) {
                violated("request " + std::to_string(request) + ": " + received + " of case " +
                         std::to_string(id.value()) + " at " + nodes_[index]->name +
                         (found.has_error() ? ": " + found.error().text() : " is another one"));
            }
        }
    }

    // The person tries again when the node is away or the disk is full; the command's id makes
    // that harmless.
    void request(std::size_t number, int attempt) {
        const std::size_t honest = nodes_.size() - (setup_.liar ? 1 : 0);
        const std::size_t from = number % honest;
        const std::size_t to = (from + 1 + number / honest % (nodes_.size() - 1)) % nodes_.size();
        Member& node = *nodes_[from];
        const auto again = [this, number, attempt] {
            time_.after(seconds(5), [this, number, attempt] { request(number, attempt + 1); });
        };
        if (!node.up()) {
            again();
            return;
        }
        runtime::Submission submission;
        submission.tenant = node.tenant();
        submission.command.id = "anfrage-" + std::to_string(number);
        submission.command.actor = "person";
        engine::CreateCase create;
        create.definition = engine::DefinitionKey("sim/anfragen@1");
        create.variables =
            engine::Variables{{"nummer", feel::Value(Decimal(static_cast<std::int64_t>(number)))},
                              {"bezirk", nodes_[to]->district},
                              {"geheim", kSecret},
                              {"dokumente", names_of(documents_of(number))}};
        submission.command.body = std::move(create);
        submission.also = [number](runtime::WriteBatch& batch, CaseId id) -> Result<void> {
            for (const auto& [name, content] : documents_of(number)) {
                SCHWARM_TRY_VOID(batch.put_document(id, name, content));
            }
            return {};
        };
        touched_.insert(from);
        const auto reply = node.runtime().submit_and_wait(std::move(submission));
        if (reply.has_error()) {
            again();
            return;
        }
        accepted_[number] = {from, to, reply.value().case_id, ++accepted_so_far_};
    }

    void plan_troubles() {
        const auto at_random = [this](std::size_t times, const std::function<void()>& what) {
            for (std::size_t i = 0; i < times; ++i) {
                const auto span = static_cast<std::uint64_t>(milliseconds(kTroubles).count());
                time_.after(milliseconds(dice_() % span), what);
            }
        };
        at_random(4, [this] {
            const std::size_t index = dice_() % nodes_.size();
            if (!nodes_[index]->up()) return;
            met("crash");
            crash(index);
        });
        at_random(6, [this] { arm(dice_() % nodes_.size()); });
        at_random(2, [this] {
            Member& node = *nodes_[dice_() % nodes_.size()];
            if (node.crash_at_commit != 0) return;
            met("disk full");
            node.plan.fail_from_commit = node.plan.commits + 1;
            time_.after(seconds(20), [&node] {
                if (node.crash_at_commit == 0) node.plan.fail_from_commit = 0;
            });
        });
        if (setup_.restores) {
            at_random(3, [this] { plan_restore(dice_() % nodes_.size()); });
        }
        at_random(2, [this] {
            met("skewed clock");
            nodes_[dice_() % nodes_.size()]->clock.skew =
                milliseconds(dice_() % 240'000) - seconds(120);
        });
        at_random(3, [this] {
            partition_.clear();
            for (std::size_t i = 0; i < nodes_.size(); ++i) {
                if (happens(0.5)) partition_.insert(i);
            }
            time_.after(seconds(30 + dice_() % 300), [this] { partition_.clear(); });
        });
        if (setup_.liar) at_random(20, [this] { liar_.attack(); });
        if (setup_.liar) at_random(20, [this] { liar_.ask_for_documents(); });
    }

    void plan_restore(std::size_t index) {
        Member& node = *nodes_[index];
        if (node.has_backup() || !node.up() || !node.knows(node.member())) return;
        node.back_up();
        node.backup_number = accepted_so_far_;
        time_.after(seconds(20 + dice_() % 600), [this, index] { restore(index); });
    }

    // The node dies at one of its next commits: before it, or after it without having seen the
    // answer. Nothing is durable any more until it is started again.
    void arm(std::size_t index) {
        Member& node = *nodes_[index];
        if (!node.up() || node.crash_at_commit != 0) return;
        const std::uint64_t commit = node.plan.commits + 1 + dice_() % 5;
        node.crash_at_commit = commit;
        node.plan.fail_from_commit = commit + 1;
        if (happens(0.5)) {
            node.plan.lose_answer_of_commit = commit;
        } else {
            node.plan.drop_commit = commit;
        }
    }

    void heal() {
        weather_ = {};
        partition_.clear();
        for (std::size_t i = 0; i < nodes_.size(); ++i) {
            Member& node = *nodes_[i];
            node.clock.skew = milliseconds(0);
            if (node.crash_at_commit != 0) node.stop();
            node.plan.fail_from_commit = 0;
            if (!node.up()) start(i);
        }
    }

    // --- invariants ------------------------------------------------------------------------------

    bool settled() {
        if (accepted_.size() < setup_.requests) return false;
        for (const auto& node : nodes_) {
            if (!node->up()) return false;
        }
        for (const auto& [number, request] : accepted_) {
            const auto row = view(request.from).case_row(request.case_id);
            if (row.value().status == engine::CaseStatus::active &&
                row.value().open_incidents == 0) {
                return false;
            }
        }
        return recovered() && members_.settled();
    }

    // Nobody waits for an honest member's word after a restore, nor for a receipt of it.
    bool recovered() {
        const auto honest = [&](const std::string& name) {
            for (std::size_t i = 0; i < nodes_.size(); ++i) {
                if (nodes_[i]->name == name) return members_.counts(i);
            }
            return false;
        };
        for (const auto& node : nodes_) {
            if (!setup_.restores) break;
            if (!honest(node->name)) continue;
            if (node->directory().restored()) return false;
            for (const post::Awaited& one : node->post().awaited()) {
                if (honest(one.member.value())) return false;
            }
            for (const post::Waiting& one : node->post().waiting(node->tenant(), 10'000)) {
                const bool open = one.state == post::DeliveryState::waiting ||
                                  one.state == post::DeliveryState::delivered;
                if (open && honest(one.to.substr(one.to.rfind('@') + 1))) return false;
            }
        }
        return true;
    }

    runtime::ReadView view(std::size_t index) {
        Member& node = *nodes_[index];
        return std::move(node.runtime().read(node.tenant()).value());
    }

    void check() {
        members_.check();
        forger_.check();
        if (std::any_of(nodes_.begin(), nodes_.end(),
                        [](const auto& node) { return !node->up(); })) {
            violated("a node does not start");
            return;
        }
        if (accepted_.size() != setup_.requests) violated("a request was never accepted");
        std::map<std::size_t, std::size_t> served = count_answering_cases();
        for (const auto& [number, request] : accepted_) {
            const std::string name = "request " + std::to_string(number);
            const auto state = view(request.from).case_state(request.case_id).value();
            if (served[number] > 1 + lost_[number]) violated(name + " was taken twice");
            if (state.status == engine::CaseStatus::completed) {
                ++out_.completed;
                if (served[number] == 0 && !parted(request.from, request.to) &&
                    !refused_again(request)) {
                    violated(name + " was answered by nobody");
                }
                const auto value = [&](const char* variable) {
                    const feel::Value* found = state.variables.find(variable);
                    return found == nullptr ? std::string("nothing") : found->to_string();
                };
                if (value("doppelt") != std::to_string(number * 2) ||
                    value("dreifach") != std::to_string(number * 3)) {
                    violated(name + " has the answer " + value("doppelt") + ", " +
                             value("dreifach"));
                }
                check_documents(request.from, request.case_id, number, 1);
                continue;
            }
            const bool said = std::any_of(
                state.incidents.begin(), state.incidents.end(),
                [](const auto& i) { return i.kind == engine::IncidentKind::undelivered; });
            if (said) {
                ++out_.undelivered;
            } else if (!answer_failed(number) && !parted(request.from, request.to)) {
                violated(name + " of " + nodes_[request.from]->name + " to " +
                         nodes_[request.to]->name +
                         " is neither answered nor does its case say why not");
            }
        }
        for (std::size_t i = 0; i < nodes_.size(); ++i) look_for_refusals(i);
        compare_logs();
        for (std::size_t i = 0; i < nodes_.size(); ++i) look_into_disk(i);
    }

    // Who had answered was restored, and what it lost came too late there: its documents did not
    // arrive before the message's time was over. The log says so, the case has ended.
    bool refused_again(const Accepted& request) {
        const auto lines = view(request.from).audit(100'000).value();
        return nodes_[request.to]->restored &&
               std::any_of(lines.begin(), lines.end(), [&](const auto& line) {
                   return line.case_id == request.case_id &&
                          (line.action == "refused" || line.action == "expired");
               });
    }

    // By the number that the request carried.
    std::map<std::size_t, std::size_t> count_answering_cases() {
        std::map<std::size_t, std::size_t> out;
        for (std::size_t i = 0; i < nodes_.size(); ++i) {
            each_case(i, [&](const engine::CaseState& state) {
                if (state.definitions.at(0).value() != "sim/antworten@1") return;
                const std::size_t number = std::stoul(state.variables.find("nummer")->to_string());
                ++out[number];
                // With the request, and with the addition once that has come.
                check_documents(i, state.id, number, 1);
                if (state.status == engine::CaseStatus::completed) {
                    check_documents(i, state.id, number, documents_of(number).size() + 1);
                }
            });
        }
        return out;
    }

    // The provider's answer did not arrive: its case says so, and the requester waits.
    bool answer_failed(std::size_t number) {
        bool out = false;
        for (std::size_t i = 0; i < nodes_.size(); ++i) {
            each_case(i, [&](const engine::CaseState& state) {
                if (state.definitions.at(0).value() != "sim/antworten@1") return;
                if (state.variables.find("nummer")->to_string() != std::to_string(number)) return;
                out = out || !state.incidents.empty() || has_open_delivery(i, state.id);
            });
        }
        return out;
    }

    bool has_open_delivery(std::size_t index, CaseId id) {
        const auto waiting = nodes_[index]->post().waiting(nodes_[index]->tenant(), 10'000);
        return std::any_of(waiting.begin(), waiting.end(), [&](const post::Waiting& one) {
            return one.case_id == id && one.state != post::DeliveryState::waiting;
        });
    }

    void each_case(std::size_t index, const std::function<void(const engine::CaseState&)>& visit) {
        const auto open = view(index);
        runtime::CaseFilter filter;
        filter.limit = 500;
        for (const auto& row : open.cases(filter).value().rows) {
            visit(open.case_state(row.id).value());
        }
    }

    // Every message here is one that an honest node takes: a refusal would contradict what has
    // taken effect.
    void look_for_refusals(std::size_t index) {
        each_case(index, [&](const engine::CaseState& state) {
            // Nothing of it has taken effect, and the sender is told instead of left waiting; what
            // was sent after it has nothing to belong to.
            const bool late = std::any_of(
                state.incidents.begin(), state.incidents.end(), [](const engine::Incident& one) {
                    return one.reason.ends_with("documents did not come in time") ||
                           one.reason.find("was not taken in time") != std::string::npos;
                });
            for (const engine::Incident& incident : state.incidents) {
                if (incident.reason.find("was refused by") == std::string::npos) continue;
                if (late) continue;
                if (setup_.liar && incident.reason.find(nodes_.back()->name) != std::string::npos) {
                    continue;
                }
                // The case of one side is lost, or has ended without what came again.
                if (std::any_of(nodes_.begin(), nodes_.end(), [&](const auto& node) {
                        return node->restored && (node->name == nodes_[index]->name ||
                                                  names(incident.reason, node->name));
                    })) {
                    continue;
                }
                violated("an honest node refused: " + incident.reason);
            }
        });
    }

    static bool names(const std::string& reason, const std::string& node) {
        return (reason + " ").find("@" + node + " ") != std::string::npos ||
               reason.find("@" + node + ":") != std::string::npos;
    }

    // One of them was restored and could not be given again what it lost, since the other is no
    // member any more.
    bool parted(std::size_t a, std::size_t b) const {
        return (nodes_[a]->restored || nodes_[b]->restored) &&
               (!members_.counts(a) || !members_.counts(b));
    }
    std::size_t index_of(std::string_view name) const {
        std::size_t out = 0;
        while (nodes_[out]->name != name) ++out;
        return out;
    }

    // What a sender notes as processed its receiver has noted as well.
    void compare_logs() {
        // What receivers say of their contents. One that was restored may have taken a message a
        // second time, under another number, and lost the line of the first.
        std::map<std::string, std::set<std::string>> taken;
        std::set<std::string>
            undone;  // later: its case was lost, or it did not arrive again in time
        for (std::size_t i = 0; i < nodes_.size(); ++i) {
            for (const auto& line : view(i).audit(100'000).value()) {
                const auto read = post::read_message_line({line.actor, line.action, line.detail});
                if (read && !read->sent && read->state == "processed") {
                    taken[read->id].insert(read->content);
                }
                // Whoever was restored: no number is given to two messages.
                if (line.action == "refused" && line.detail.ends_with("this sequence")) {
                    violated("a sequence was used again: " + line.detail);
                }
                // Also with the receiver, if the sender was restored since and lost that.
                if (line.action == "refused" || line.action == "expired") {
                    undone.insert(id_in(line.detail));
                }
            }
        }
        for (std::size_t i = 0; i < nodes_.size(); ++i) {
            for (const auto& line : view(i).audit(100'000).value()) {
                const auto read = post::read_message_line({line.actor, line.action, line.detail});
                if (!read || !read->sent) continue;
                const auto there = taken.find(read->id);
                const std::size_t receiver =
                    index_of(read->partner.substr(read->partner.rfind('@') + 1));
                if (there != taken.end()) {
                    if (!there->second.contains(read->content) && !nodes_[receiver]->restored) {
                        violated("the two logs differ in what was said: " + line.detail);
                    }
                } else if (!undone.contains(read->id) && !parted(i, receiver)) {
                    violated("only the sender's log knows " + line.detail);
                }
            }
        }
    }

    // "type id ..."
    static std::string id_in(const std::string& detail) {
        const auto from = detail.find(' ') + 1;
        return detail.substr(from, detail.find_first_of(" ,", from) - from);
    }

    void look_into_disk(std::size_t index) {
        const auto reader = std::move(nodes_[index]->disk().begin_read().value());
        for (std::size_t s = 0; s < storage::kSpaceCount; ++s) {
            const auto scanned =
                reader->scan(static_cast<storage::Space>(s), {},
                             [&](std::string_view key, std::string_view value) {
                                 if (key.find(kSecret) != std::string_view::npos ||
                                     value.find(kSecret) != std::string_view::npos) {
                                     violated("plaintext on the disk of " + nodes_[index]->name);
                                 }
                                 return true;
                             });
            if (scanned.has_error()) violated("a disk cannot be read");
        }
    }

    const Setup setup_;
    std::mt19937_64 dice_;
    Timeline time_;
    exchange::test::FakeCryptography fake_;
    SkewedClock right_clock_;
    exchange::JoseCryptography jose_;
    test::ProcessModels models_ = pools();
    Contracts contracts_;
    Weather weather_;
    std::set<std::size_t> partition_;  // those on the one side
    std::vector<std::unique_ptr<Link>> transports_;
    std::vector<std::unique_ptr<Member>> nodes_;
    Surroundings around_{cryptography(), contracts_, models_, {}, {}};
    const Stage stage_{setup_,
                       time_,
                       dice_,
                       cryptography(),
                       nodes_,
                       [this](const char* fault) { met(fault); },
                       [this](std::string what) { violated(std::move(what)); },
                       [this](std::size_t from, std::size_t to, What what, std::string text) {
                           carry(from, nodes_[to]->name, what, std::move(text),
                                 [](const Result<std::string>&) {});
                       }};
    Members members_{stage_};
    Forger forger_{stage_};
    Liar liar_{stage_};
    std::set<std::size_t> touched_;  // nodes to which something has happened
    std::map<std::size_t, Accepted> accepted_;
    std::uint64_t accepted_so_far_ = 0;
    std::map<std::size_t, std::size_t> lost_;  // how often a request was lost with a disk
    Outcome out_;
};

}  // namespace

Outcome simulate(const Setup& setup) {
    return World(setup).run();
}

}  // namespace schwarm::sim
