#include "job_broker.hpp"

#include <algorithm>

namespace schwarm::runtime {
namespace {

constexpr std::size_t kMaxJobs = 1000;
constexpr std::size_t kStreamJobs = 32;  // pushed at once
constexpr auto kStreamRetry = std::chrono::seconds(1);

Result<void> check(const JobRequest& request) {
    if (request.tenants.empty() || request.type.empty() || request.lock.count() <= 0 ||
        request.max_jobs == 0 || request.max_jobs > kMaxJobs) {
        return fail(ErrorCode::invalid_input,
                    "a request for jobs names a tenant, a type, a lock of more than 0 ms and 1 to "
                    "1000 jobs");
    }
    return {};
}

}  // namespace

JobBroker::JobBroker(const Environment& environment, const Options& options, Submit submit,
                     std::function<void()> notify)
    : environment_(environment),
      options_(options),
      submit_(std::move(submit)),
      notify_(std::move(notify)) {}

void JobBroker::request(JobRequest request, JobsCallback done) {
    if (const auto checked = check(request); checked.has_error()) {
        done(checked.error());
        return;
    }
    const auto asker = std::make_shared<Asker>();
    const auto wait = request.wait.count() == 0 ? options_.job_wait : request.wait;
    asker->deadline = environment_.clock.now() + std::max(wait, std::chrono::milliseconds(0));
    asker->request = std::move(request);
    asker->done = std::move(done);
    {
        const std::lock_guard lock(mutex_);
        asker->ticket = next_ticket_++;
    }
    ask(asker, true);
}

StreamId JobBroker::open_stream(JobStream stream, JobSink sink) {
    const auto asker = std::make_shared<Asker>();
    asker->request.tenants = std::move(stream.tenants);
    asker->request.type = std::move(stream.type);
    asker->request.worker = std::move(stream.worker);
    asker->request.lock = stream.lock;
    asker->request.fetch_variables = std::move(stream.fetch_variables);
    asker->sink = std::move(sink);
    const std::lock_guard lock(mutex_);
    asker->ticket = next_ticket_++;
    asker->stream = next_stream_++;
    streams_.emplace(asker->stream, asker);
    return asker->stream;
}

void JobBroker::add_credit(StreamId stream, std::size_t jobs) {
    AskerPtr asker;
    {
        const std::lock_guard lock(mutex_);
        const auto it = streams_.find(stream);
        if (it == streams_.end() || jobs == 0) return;
        // With credit it is parked or asking already.
        const bool idle = it->second->credit == 0;
        it->second->credit += jobs;
        if (!idle) return;
        asker = it->second;
    }
    ask(asker, false);
}

void JobBroker::close_stream(StreamId stream) {
    const std::lock_guard lock(mutex_);
    const auto it = streams_.find(stream);
    if (it == streams_.end()) return;
    it->second->closed = true;
    unpark(it->second);
    streams_.erase(it);
}

std::size_t JobBroker::wanted(const Asker& asker) const {
    const std::lock_guard lock(mutex_);
    if (stopping_ || asker.closed) return 0;
    return asker.stream == 0 ? asker.request.max_jobs : std::min(asker.credit, kStreamJobs);
}

void JobBroker::ask(const AskerPtr& asker, bool bounded) {
    {
        const std::lock_guard lock(mutex_);
        asker->asked_at = generation_;
    }
    ask_tenant(asker, 0, bounded);
}

void JobBroker::ask_tenant(const AskerPtr& asker, std::size_t index, bool bounded) {
    const auto jobs = std::make_shared<std::vector<ActivatedJob>>();
    Job job;
    job.tenant = asker->request.tenants.at(index);
    job.run = [this, asker, jobs](Writer& writer, Stage& stage) -> Result<Reply> {
        jobs->clear();
        const std::size_t most = wanted(*asker);
        if (most == 0 || (asker->request.wanted && !asker->request.wanted())) return Reply{};
        SCHWARM_TRY_VOID(writer.activate(stage, asker->request, most, *jobs));
        return Reply{};
    };
    job.done = [this, asker, index, jobs](Result<Reply> reply) {
        Result<void> result;
        if (reply.has_error()) result = reply.error();
        answered(asker, index, std::move(result), std::move(*jobs));
    };
    submit_(std::move(job), bounded);
}

void JobBroker::answered(const AskerPtr& asker, std::size_t index, Result<void> result,
                         std::vector<ActivatedJob> jobs) {
    const Line line{asker->request.tenants.at(index), asker->request.type};
    if (result.has_error()) {
        deliver(asker, result.error());
        available(line.first, line.second);
        return;
    }
    if (!jobs.empty()) {
        // There may be more; then the next one is served.
        deliver(asker, std::move(jobs));
        available(line.first, line.second);
        return;
    }
    if (index + 1 < asker->request.tenants.size() && wanted(*asker) > 0) {
        ask_tenant(asker, index + 1, false);
        return;
    }
    round_is_over(asker);
}

void JobBroker::deliver(const AskerPtr& asker, Result<std::vector<ActivatedJob>> jobs) {
    if (asker->stream == 0) {
        asker->done(std::move(jobs));
        return;
    }
    bool again = false;
    {
        const std::lock_guard lock(mutex_);
        if (jobs.has_error()) {
            asker->deadline = environment_.clock.now() + kStreamRetry;
            if (!asker->closed && !stopping_) park(asker);
        } else {
            asker->credit -= std::min(asker->credit, jobs.value().size());
            asker->ticket = next_ticket_++;
            again = asker->credit > 0 && !asker->closed && !stopping_;
        }
    }
    if (jobs.has_value()) asker->sink(std::move(jobs.value()));
    if (again) ask(asker, false);
    notify_();
}

// Nothing was found for it: it waits, unless jobs came while it asked, or its time is over.
void JobBroker::round_is_over(const AskerPtr& asker) {
    enum class Next { wait, again, empty, refuse, stop, nothing };
    Next next = Next::wait;
    {
        const std::lock_guard lock(mutex_);
        const auto missed = [&](const TenantId& tenant) {
            const auto it = available_at_.find({tenant, asker->request.type});
            return it != available_at_.end() && it->second > asker->asked_at;
        };
        const auto& tenants = asker->request.tenants;
        if (stopping_) {
            next = Next::stop;
        } else if (asker->closed) {
            next = Next::nothing;
        } else if (std::any_of(tenants.begin(), tenants.end(), missed)) {
            next = Next::again;
        } else if (asker->deadline <= environment_.clock.now() ||
                   (asker->request.wanted && !asker->request.wanted())) {
            next = Next::empty;
        } else if (asker->stream == 0 && parked_.size() >= options_.waiting_max) {
            next = Next::refuse;
        } else {
            park(asker);
        }
    }
    if (next == Next::wait) notify_();
    if (next == Next::again) ask(asker, false);
    if (asker->stream != 0) return;
    if (next == Next::empty) asker->done(std::vector<ActivatedJob>());
    if (next == Next::stop) asker->done(fail(ErrorCode::unavailable, "the node is stopping"));
    if (next == Next::refuse) {
        asker->done(fail(ErrorCode::too_many_requests, "too many requests wait for jobs"));
    }
}

void JobBroker::park(const AskerPtr& asker) {
    asker->parked = true;
    parked_.emplace(asker->ticket, asker);
    for (const TenantId& tenant : asker->request.tenants) {
        lines_[{tenant, asker->request.type}].emplace(asker->ticket, asker);
    }
    if (asker->deadline != Instant::max()) {
        deadlines_.emplace(std::pair(asker->deadline, asker->ticket), asker);
    }
}

void JobBroker::unpark(const AskerPtr& asker) {
    if (!asker->parked) return;
    asker->parked = false;
    parked_.erase(asker->ticket);
    for (const TenantId& tenant : asker->request.tenants) {
        const auto line = lines_.find({tenant, asker->request.type});
        if (line == lines_.end()) continue;
        line->second.erase(asker->ticket);
        if (line->second.empty()) lines_.erase(line);
    }
    deadlines_.erase({asker->deadline, asker->ticket});
    if (asker->stream != 0) asker->deadline = Instant::max();
}

void JobBroker::available(const TenantId& tenant, const std::string& type) {
    AskerPtr first;
    {
        const std::lock_guard lock(mutex_);
        available_at_[{tenant, type}] = ++generation_;
        const auto line = lines_.find({tenant, type});
        if (line == lines_.end() || stopping_) return;
        first = line->second.begin()->second;
        unpark(first);
    }
    ask(first, false);
}

Instant JobBroker::next_deadline() const {
    const std::lock_guard lock(mutex_);
    return deadlines_.empty() ? Instant::max() : deadlines_.begin()->first.first;
}

std::vector<std::function<void()>> JobBroker::expired(Instant now) {
    std::vector<std::function<void()>> answers;
    const std::lock_guard lock(mutex_);
    while (!deadlines_.empty() && deadlines_.begin()->first.first <= now) {
        const AskerPtr asker = deadlines_.begin()->second;
        unpark(asker);
        if (asker->stream != 0) {
            answers.push_back([this, asker] { ask(asker, false); });
        } else {
            answers.push_back([asker] { asker->done(std::vector<ActivatedJob>()); });
        }
    }
    return answers;
}

void JobBroker::stop() {
    std::map<Ticket, AskerPtr> left;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        left.swap(parked_);
        lines_.clear();
        deadlines_.clear();
    }
    for (const auto& [ticket, asker] : left) {
        if (asker->done) asker->done(fail(ErrorCode::unavailable, "the node is stopping"));
    }
}

std::size_t JobBroker::waiting() const {
    const std::lock_guard lock(mutex_);
    return parked_.size();
}

}  // namespace schwarm::runtime
