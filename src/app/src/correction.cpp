// Corrections: a case that waits for better answers gets those of a draft that began as its own.
#include <utility>

#include "impl.hpp"

namespace schwarm::app {
namespace {

// Beside the answers of a draft: the case they correct. No form has a field of this name.
const feel::Key& corrects() {
    static const feel::Key key("vorgang.berichtigen");
    return key;
}

Error not_waiting() {
    return fail(ErrorCode::conflict, "the case does not wait for corrected answers");
}

}  // namespace

std::optional<CaseId> corrected_case(const feel::Value& answers) {
    const auto* number = answers.is_context() ? answers.as_context().find(corrects()) : nullptr;
    if (number == nullptr || !number->is_number()) return std::nullopt;
    const auto id = number->as_number().to_int64();
    if (!id || *id <= 0) return std::nullopt;
    return CaseId(static_cast<std::uint64_t>(*id));
}

void App::begin_correction(const Principal& principal, const TenantId& tenant, CaseId id,
                           Callback<ServiceId> done) {
    auto loaded = impl_->load(principal, Action::upload_document, tenant, id);
    if (!loaded) return done(loaded.error());
    const auto* answers = loaded->state.variables.find("antrag");
    if (!waits_for(loaded->state, loaded->package->correction_message) || answers == nullptr ||
        !answers->is_context()) {
        return done(not_waiting());
    }
    const auto service = loaded->package->id;
    const auto draft = load_draft(principal, tenant, service);
    if (draft) {
        // Gone on with where it was left; what was begun for something else is not thrown away.
        if (corrected_case(draft->answers) == id) return done(service);
        return done(fail(ErrorCode::conflict, "there is a draft of another application"));
    }
    if (draft.error().code != ErrorCode::not_found) return done(draft.error());
    feel::ContextBuilder begun(answers->as_context());
    begun.set(corrects(), feel::Value(static_cast<std::int64_t>(id.value())));
    save_draft(principal, tenant, service, begun.build(),
               [service, done = std::move(done)](Result<Draft> saved) {
                   if (saved.has_error()) return done(saved.error());
                   done(service);
               });
}

void App::Impl::correct(const Principal& principal, CaseId id, SubmitRequest request,
                        Callback<SubmitReply> done) {
    auto loaded = load(principal, Action::upload_document, request.tenant, id);
    if (!loaded) return done(loaded.error());
    const auto& package = *loaded->package;
    if (package.id != request.service || !waits_for(loaded->state, package.correction_message)) {
        return done(not_waiting());
    }
    forms::Context context;
    context.lang = request.lang;
    context.clock = &clock;
    auto judged = package.form().validate(request.answers, context);
    if (!judged.ok()) {
        SubmitReply reply;
        reply.field_errors = std::move(judged.errors);
        return done(std::move(reply));
    }
    schwarm::runtime::Submission submission;
    submission.tenant = request.tenant;
    submission.case_id = id;
    submission.command.id =
        command_id(principal, "correct " + std::to_string(id.value()), request.idempotency_key);
    submission.command.actor = principal.subject;
    engine::Variables corrected;
    corrected.set("antrag", judged.cleaned);
    submission.command.body =
        engine::CorrelateMessage{package.correction_message, std::nullopt, std::move(corrected)};
    if (request.delete_draft && !principal.subject.empty()) {
        submission.also = [draft = draft_id(principal, request.service)](
                              schwarm::runtime::WriteBatch& batch, CaseId) -> Result<void> {
            auto erased = batch.erase_draft(draft);
            if (erased.has_error() && erased.error().code != ErrorCode::not_found) return erased;
            return {};
        };
    }
    Receipt receipt;
    receipt.case_number = loaded->number;
    receipt.case_id = id;
    receipt.tenant = request.tenant;
    receipt.service = package.id;
    receipt.received = clock.now();
    receipt.corrected = true;
    runtime.submit(std::move(submission), [receipt = std::move(receipt), done = std::move(done)](
                                              Result<schwarm::runtime::Reply> reply) mutable {
        if (reply.has_error()) return done(reply.error());
        receipt.status = std::string(engine::name_of(reply->status));
        receipt.completed = reply->status == engine::CaseStatus::completed;
        receipt.repeated = reply->duplicate;
        SubmitReply out;
        out.receipt = std::move(receipt);
        done(std::move(out));
    });
}

}  // namespace schwarm::app
