#include "schwarm/runtime/runtime.hpp"

#include "runtime_impl.hpp"

namespace schwarm::runtime {

Runtime::Runtime(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Runtime::~Runtime() = default;

Result<std::unique_ptr<Runtime>> Runtime::open(Environment environment, Options options) {
    if (options.done_kept.count() <= 0 || options.timer_page.count() <= 0 ||
        options.group_commands_max == 0) {
        return fail(ErrorCode::invalid_input, "a limit of the runtime is zero");
    }
    auto impl = std::make_unique<Impl>(std::move(environment), options);
    SCHWARM_TRY_VOID(impl->open());
    return std::unique_ptr<Runtime>(new Runtime(std::move(impl)));
}

Result<void> Runtime::ensure_tenant(const TenantId& tenant) {
    SCHWARM_TRY_VOID(storage::check_tenant(tenant));
    Job job;
    job.kind = Job::Kind::create_tenant;
    job.tenant = tenant;
    return without_reply(impl_->submit_and_wait(std::move(job)));
}

std::vector<TenantId> Runtime::tenants() const {
    return impl_->ring().tenants();
}

namespace {

Job command_job(Submission submission) {
    Job job;
    job.kind = Job::Kind::command;
    job.tenant = submission.tenant;
    if (!std::holds_alternative<engine::CreateCase>(submission.command.body)) {
        job.blamed = submission.case_id;
    }
    job.run = [submission = std::move(submission)](Writer& writer, Stage& stage) mutable {
        return writer.carry_out(stage, submission);
    };
    return job;
}

Job write_job(const TenantId& tenant, WriteFunction write) {
    Job job;
    job.tenant = tenant;
    job.run = [write = std::move(write)](Writer&, Stage& stage) -> Result<Reply> {
        SCHWARM_TRY_VOID(write(stage));
        return Reply{};
    };
    return job;
}

Job deletion_job(const TenantId& tenant, DeletionOrder order) {
    Job job;
    job.tenant = tenant;
    job.run = [order = std::move(order)](Writer& writer, Stage& stage) {
        return writer.delete_case(stage, order);
    };
    return job;
}

}  // namespace

void Runtime::submit(Submission submission, Callback done) {
    Job job = command_job(std::move(submission));
    job.done = std::move(done);
    impl_->submit(std::move(job));
}

void Runtime::submit_write(const TenantId& tenant, WriteFunction write, WriteCallback done) {
    Job job = write_job(tenant, std::move(write));
    job.done = [done = std::move(done)](Result<Reply> reply) { done(without_reply(reply)); };
    impl_->submit(std::move(job));
}

Result<Reply> Runtime::submit_and_wait(Submission submission) {
    return impl_->submit_and_wait(command_job(std::move(submission)));
}

Result<void> Runtime::write_and_wait(const TenantId& tenant, WriteFunction write) {
    return without_reply(impl_->submit_and_wait(write_job(tenant, std::move(write))));
}

namespace {

class Desk final : public CaseDesk {
  public:
    Desk(Writer& writer, Stage& stage, const std::string& actor)
        : stage_(stage), messages_(writer, stage, actor) {}

    Result<std::optional<Reply>> attempt(Submission submission) override {
        return messages_.attempt(std::move(submission));
    }
    Result<Published> publish(const Message& message) override {
        return messages_.publish(message);
    }
    Result<CaseRow> case_row(CaseId id) override {
        SCHWARM_TRY(entry, stage_.touch(id));
        return entry->record.row;
    }

  private:
    Stage& stage_;
    MessageDesk messages_;
};

}  // namespace

void Runtime::submit_desk(const TenantId& tenant, std::string actor, DeskFunction work,
                          WriteCallback done) {
    Job job;
    job.kind = Job::Kind::command;
    job.tenant = tenant;
    job.run = [work = std::move(work), actor = std::move(actor)](Writer& writer,
                                                                 Stage& stage) -> Result<Reply> {
        Desk desk(writer, stage, actor);
        SCHWARM_TRY_VOID(work(stage, desk));
        return Reply{};
    };
    job.done = [done = std::move(done)](Result<Reply> reply) { done(without_reply(reply)); };
    impl_->submit(std::move(job));
}

Result<ReadView> Runtime::read(const TenantId& tenant) const {
    const auto keys = impl_->ring().find(tenant);
    if (keys == nullptr) return fail(ErrorCode::not_found, "there is no such tenant");
    SCHWARM_TRY(reader, impl_->environment().storage.begin_read());
    return ReadView(std::make_unique<ReadView::Access>(tenant, keys, std::move(reader)));
}

Result<void> Runtime::delete_case(const TenantId& tenant, const DeletionOrder& order) {
    return without_reply(impl_->submit_and_wait(deletion_job(tenant, order)));
}

void Runtime::delete_case(const TenantId& tenant, DeletionOrder order, WriteCallback done) {
    Job job = deletion_job(tenant, std::move(order));
    job.done = [done = std::move(done)](Result<Reply> reply) { done(without_reply(reply)); };
    impl_->submit(std::move(job));
}

Result<void> Runtime::release_quarantine(const TenantId& tenant, CaseId case_id,
                                         std::string_view actor) {
    Job job;
    job.tenant = tenant;
    job.run = [case_id, who = std::string(actor)](Writer& writer, Stage& stage) {
        return writer.release(stage, case_id, who);
    };
    return without_reply(impl_->submit_and_wait(std::move(job)));
}

void Runtime::activate_jobs(JobRequest request, JobsCallback done) {
    impl_->broker().request(std::move(request), std::move(done));
}

void Runtime::update_job_timeout(const TenantId& tenant, CaseId case_id, engine::JobKey key,
                                 std::chrono::milliseconds lock, WriteCallback done) {
    Job job;
    job.tenant = tenant;
    job.run = [case_id, key, lock](Writer& writer, Stage& stage) -> Result<Reply> {
        SCHWARM_TRY_VOID(writer.set_job_lock(stage, case_id, key, lock));
        return Reply{};
    };
    job.done = [done = std::move(done)](Result<Reply> reply) { done(without_reply(reply)); };
    impl_->submit(std::move(job));
}

StreamId Runtime::open_job_stream(JobStream stream, JobSink sink) {
    return impl_->broker().open_stream(std::move(stream), std::move(sink));
}

void Runtime::add_job_credit(StreamId stream, std::size_t jobs) {
    impl_->broker().add_credit(stream, jobs);
}

void Runtime::close_job_stream(StreamId stream) {
    impl_->broker().close_stream(stream);
}

namespace {

// What `work(writer, stage)` gives, a Result<T>, goes to `done` after the commit.
template <class T, class Work>
Job answering_job(const TenantId& tenant, Work work, std::function<void(Result<T>)> done) {
    const auto out = std::make_shared<T>();
    Job job;
    job.tenant = tenant;
    job.run = [out, work = std::move(work)](Writer& writer, Stage& stage) -> Result<Reply> {
        SCHWARM_TRY(made, work(writer, stage));
        *out = std::move(made);
        return Reply{};
    };
    job.done = [out, done = std::move(done)](Result<Reply> reply) {
        if (reply.has_error()) {
            done(reply.error());
        } else {
            done(std::move(*out));
        }
    };
    return job;
}

using MessageWork = Result<Published> (MessageDesk::*)(const Message&);

Job message_job(const TenantId& tenant, Message message, std::string actor, MessageCallback done,
                MessageWork work) {
    Job job = answering_job<Published>(
        tenant,
        [work, message = std::move(message), actor = std::move(actor)](Writer& writer,
                                                                       Stage& stage) {
            MessageDesk desk(writer, stage, actor);
            return (desk.*work)(message);
        },
        std::move(done));
    job.kind = Job::Kind::command;
    return job;
}

}  // namespace

void Runtime::publish_message(const TenantId& tenant, Message message, std::string actor,
                              MessageCallback done) {
    impl_->submit(message_job(tenant, std::move(message), std::move(actor), std::move(done),
                              &MessageDesk::publish));
}

void Runtime::correlate_message(const TenantId& tenant, Message message, std::string actor,
                                MessageCallback done) {
    impl_->submit(message_job(tenant, std::move(message), std::move(actor), std::move(done),
                              &MessageDesk::correlate_now));
}

void Runtime::broadcast_signal(const TenantId& tenant, Signal signal, std::string actor,
                               SignalCallback done) {
    Job job = answering_job<std::uint64_t>(
        tenant,
        [signal = std::move(signal), actor = std::move(actor)](Writer& writer, Stage& stage) {
            return SignalDesk(writer, stage).broadcast(signal, actor);
        },
        std::move(done));
    job.kind = Job::Kind::command;
    impl_->submit(std::move(job));
}

void Runtime::deployed(const TenantId& tenant, WriteCallback done) {
    Job job;
    job.tenant = tenant;
    job.run = [](Writer& writer, Stage& stage) -> Result<Reply> {
        writer.forget_starts(stage.tenant());
        SCHWARM_TRY_VOID(TimerStartDesk(writer, stage).arm());
        return Reply{};
    };
    job.done = [done = std::move(done)](Result<Reply> reply) { done(without_reply(reply)); };
    impl_->submit(std::move(job));
}

void Runtime::start_batch(const TenantId& tenant, BatchOrder order, std::string actor,
                          BatchCallback done) {
    impl_->submit(answering_job<std::uint64_t>(
        tenant,
        [order = std::move(order), actor = std::move(actor)](Writer& writer, Stage& stage) {
            return BatchDesk(writer, stage).start(order, actor);
        },
        std::move(done)));
}

namespace {

Job batch_job(const TenantId& tenant, std::uint64_t key, BatchStatus wanted, std::string actor,
              WriteCallback done) {
    Job job;
    job.tenant = tenant;
    job.run = [key, wanted, actor = std::move(actor)](Writer& writer,
                                                      Stage& stage) -> Result<Reply> {
        SCHWARM_TRY_VOID(BatchDesk(writer, stage).set_status(key, wanted, actor));
        return Reply{};
    };
    job.done = [done = std::move(done)](Result<Reply> reply) { done(without_reply(reply)); };
    return job;
}

}  // namespace

void Runtime::suspend_batch(const TenantId& tenant, std::uint64_t key, std::string actor,
                            WriteCallback done) {
    impl_->submit(
        batch_job(tenant, key, BatchStatus::suspended, std::move(actor), std::move(done)));
}

void Runtime::resume_batch(const TenantId& tenant, std::uint64_t key, std::string actor,
                           WriteCallback done) {
    impl_->submit(batch_job(tenant, key, BatchStatus::running, std::move(actor), std::move(done)));
}

void Runtime::cancel_batch(const TenantId& tenant, std::uint64_t key, std::string actor,
                           WriteCallback done) {
    impl_->submit(
        batch_job(tenant, key, BatchStatus::cancelled, std::move(actor), std::move(done)));
}

void Runtime::await_case(const TenantId& tenant, CaseId case_id, std::chrono::milliseconds wait,
                         CaseCallback done) {
    impl_->watch().await(tenant, case_id, wait, std::move(done));
}

void Runtime::wake() {
    impl_->wake();
}
void Runtime::run() {
    impl_->run();
}
void Runtime::wait_idle() {
    impl_->wait_idle();
}
Metrics Runtime::metrics() const {
    return impl_->metrics();
}
Health Runtime::health() const {
    return impl_->health();
}

}  // namespace schwarm::runtime
