// The data protection cockpit: what registers gave out about a person (§ 10 OZG).
#include <algorithm>

#include "impl.hpp"
#include "schwarm/crypto/encode.hpp"

namespace schwarm::evidence {

namespace {

constexpr std::size_t kShown = 500;
constexpr auto kQuestionLives = std::chrono::minutes(1);

exchange::Envelope letter(const Environment& env, const exchange::Address& from,
                          const exchange::Address& to) {
    exchange::Envelope out;
    out.from = from;
    out.to = to;
    out.id = crypto::random_token(env.random, 16);
    out.sequence = 1;
    out.time = env.clock.now();
    out.expires = out.time + kQuestionLives;
    out.purpose = "Datenschutzcockpit";
    out.legal_basis = "§ 10 OZG";
    out.body = json::Value::object();
    return out;
}

}  // namespace

void Evidence::Impl::Gathering::answer(std::size_t index, Result<std::vector<LogEntry>> entries) {
    bool complete = false;
    {
        const std::lock_guard lock(mutex);
        if (!done) return;
        CockpitAnswer& one = answers[index];
        one.answered = entries.has_value();
        if (entries.has_value()) {
            one.reason.clear();
            one.entries = std::move(entries.value());
        } else {
            one.reason = entries.error().message;
        }
        complete = --open == 0;
    }
    if (complete) give_up();
}

void Evidence::Impl::Gathering::give_up() {
    std::function<void(std::vector<CockpitAnswer>)> call;
    std::vector<CockpitAnswer> out;
    {
        const std::lock_guard lock(mutex);
        call.swap(done);
        out = answers;
    }
    if (call) call(std::move(out));
}

void Evidence::cockpit(const json::Value& person, Instant deadline,
                       std::function<void(std::vector<CockpitAnswer>)> done) {
    const Environment& env = impl_->env_;
    const auto own =
        std::find_if(env.cockpits.begin(), env.cockpits.end(), [&](const exchange::Address& one) {
            return one.member == env.member &&
                   std::find(impl_->tenants_.begin(), impl_->tenants_.end(), one.tenant) !=
                       impl_->tenants_.end();
        });
    const auto gathering = std::make_shared<Impl::Gathering>();
    for (const auto& provider : env.directory()->all_evidence(env.clock.now())) {
        gathering->answers.push_back({provider, false, "no answer in time", {}});
    }
    if (own == env.cockpits.end() || gathering->answers.empty()) {
        for (CockpitAnswer& one : gathering->answers) {
            one.reason = "no tenant of this node may ask";
        }
        done(std::move(gathering->answers));
        return;
    }
    gathering->deadline = deadline;
    gathering->open = gathering->answers.size();
    gathering->done = std::move(done);
    {
        const std::lock_guard lock(impl_->mutex_);
        impl_->gatherings_.push_back(gathering);
    }
    if (env.wake) env.wake();
    const std::vector<CockpitAnswer> asked = gathering->answers;
    for (std::size_t i = 0; i < asked.size(); ++i) {
        const exchange::EvidenceProvider& provider = asked[i].provider;
        exchange::Envelope question = letter(env, *own, provider.provider);
        question.type = exchange::kCockpitQuestion;
        question.conversation = question.id;
        question.body.set("evidence", provider.evidence.type);
        question.body.set("person", person);
        const auto sealed = env.post.seal(question);
        if (sealed.has_error()) {
            gathering->answer(i, sealed.error());
            continue;
        }
        env.ask(provider.provider.member, sealed.value(),
                [this, gathering, i, to = provider.provider,
                 id = question.id](Result<std::string> answer) {
                    const auto entries = [&]() -> Result<std::vector<LogEntry>> {
                        if (answer.has_error()) return answer.error();
                        SCHWARM_TRY(envelope, impl_->env_.post.unseal(answer.value(), to.member));
                        if (envelope.from != to || envelope.conversation != id ||
                            envelope.type != exchange::kCockpitAnswer) {
                            return fail(ErrorCode::invalid_input,
                                        "the answer is not one to this question");
                        }
                        std::vector<LogEntry> out;
                        const json::Value* list = envelope.body.find("entries");
                        if (list == nullptr || !list->is_array()) return out;
                        for (const json::Value& item : list->items()) {
                            SCHWARM_TRY(entry, log_entry(item));
                            out.push_back(std::move(entry));
                        }
                        return out;
                    };
                    gathering->answer(i, entries());
                });
    }
}

Result<std::string> Evidence::answer_cockpit(const exchange::MemberId& from,
                                             std::string_view question) {
    const Environment& env = impl_->env_;
    SCHWARM_TRY(envelope, env.post.unseal(question, from));
    if (envelope.type != exchange::kCockpitQuestion) {
        return fail(ErrorCode::invalid_input, "only the cockpit asks here");
    }
    if (std::find(env.cockpits.begin(), env.cockpits.end(), envelope.from) == env.cockpits.end()) {
        return fail(ErrorCode::not_found, envelope.from.text() + " is no cockpit for this node");
    }
    const std::string evidence = envelope.body.string_or("evidence", "");
    const json::Value* person = envelope.body.find("person");
    const std::string key =
        person == nullptr ? std::string() : impl_->person_key(envelope.to.tenant, *person);
    if (key.empty()) return fail(ErrorCode::invalid_input, "the person is missing", "/person");
    SCHWARM_TRY(entries, impl_->log(envelope.to.tenant, keys::about(key), true, kShown));
    json::Value list = json::Value::array();
    for (const LogEntry& entry : entries) {
        if (entry.claim.evidence == evidence) list.push_back(to_json(entry));
    }
    exchange::Envelope answer = letter(env, envelope.to, envelope.from);
    answer.type = exchange::kCockpitAnswer;
    answer.conversation = envelope.conversation;
    answer.body.set("entries", std::move(list));
    return env.post.seal(answer);
}

}  // namespace schwarm::evidence
