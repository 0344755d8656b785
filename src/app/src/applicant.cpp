// The applicant's side of App: cases, documents, uploads, withdrawal.
#include <algorithm>
#include <array>
#include <charconv>

#include "impl.hpp"
#include "schwarm/base/media_type.hpp"
#include "schwarm/base/utf8.hpp"
#include "schwarm/html/i18n.hpp"
#include "schwarm/json/json.hpp"
#include "schwarm/services/document.hpp"

namespace schwarm::app {
namespace {

constexpr std::string_view kMetaEnding = ".meta";
constexpr std::size_t kFileNameMax = 120;

struct UploadMeta {
    std::string file_name;
    std::string media_type;
    Instant at{};
};

std::string upload_name(std::uint64_t number) {
    auto digits = std::to_string(number);
    if (digits.size() < 6) digits.insert(0, 6 - digits.size(), '0');
    return std::string(kUploadPrefix) + digits;
}

std::string encode_meta(const UploadMeta& meta) {
    json::Writer out;
    out.begin_object()
        .member("file_name", meta.file_name)
        .member("media_type", meta.media_type)
        .member("at", meta.at.time_since_epoch().count())
        .end_object();
    return out.take();
}

Result<UploadMeta> decode_meta(std::string_view bytes) {
    SCHWARM_TRY(value, json::parse(bytes));
    UploadMeta meta;
    meta.file_name = value.string_or("file_name", "");
    meta.media_type = value.string_or("media_type", "");
    meta.at = Instant(std::chrono::milliseconds(value.int_or("at", 0)));
    return meta;
}

DocumentEntry upload_entry(std::uint64_t number, const UploadMeta& meta) {
    DocumentEntry entry;
    entry.id = DocumentId(kUploadIdBase + number);
    entry.name = "upload";
    entry.title = meta.file_name;
    entry.created = meta.at;
    entry.uploaded = true;
    entry.media_type = meta.media_type;
    return entry;
}

// A type that a browser may be told: it is what another authority says.
std::string received_type(const std::string& type) {
    static constexpr std::array<std::string_view, 6> kKnown = {
        "application/pdf", "image/jpeg",       "image/png",
        "text/plain",      "application/json", "application/xml"};
    if (std::find(kKnown.begin(), kKnown.end(), type) != kKnown.end()) return type;
    return "application/octet-stream";
}

DocumentEntry received_entry(std::uint64_t number, const runtime::DocumentInfo& info) {
    DocumentEntry entry;
    entry.id = DocumentId(kReceivedIdBase + number);
    entry.name = "received";
    entry.media_type = received_type(info.type);
    const std::string& type = entry.media_type;
    const std::string ending = type == "application/octet-stream" ? "bin"
                               : type == "text/plain"             ? "txt"
                               : type == "image/jpeg"             ? "jpg"
                                                                  : type.substr(type.find('/') + 1);
    entry.title = std::string(runtime::kReceivedPrefix) + std::to_string(number) + "." + ending;
    entry.uploaded = true;
    return entry;
}

// The number in "eingang-7"; nothing for another name.
std::optional<std::uint64_t> received_number(std::string_view name) {
    if (!name.starts_with(runtime::kReceivedPrefix)) return std::nullopt;
    name.remove_prefix(runtime::kReceivedPrefix.size());
    std::uint64_t number = 0;
    const auto parsed = std::from_chars(name.data(), name.data() + name.size(), number);
    if (parsed.ec != std::errc() || parsed.ptr != name.data() + name.size()) return std::nullopt;
    return number;
}

// The last part of a path, without control characters, shortened.
std::string clean_file_name(std::string_view name) {
    if (const auto slash = name.find_last_of("/\\"); slash != std::string_view::npos) {
        name.remove_prefix(slash + 1);
    }
    std::string out;
    if (!utf8::is_valid(name)) return "Dokument";
    for (std::size_t i = 0; i < name.size() && out.size() < kFileNameMax;) {
        const auto c = utf8::next(name, i);
        if (c >= 0x20 && c != 0x7F) utf8::append(out, c);
    }
    return out.empty() ? "Dokument" : out;
}

DocumentEntry notice_entry(const LoadedCase& loaded, const engine::Document& document) {
    DocumentEntry entry;
    entry.id = document.id;
    entry.name = document.document;
    entry.title = loaded.package->text("document." + document.document);
    if (entry.title.empty()) entry.title = document.title;
    entry.created = document.created;
    entry.media_type = "text/html";
    return entry;
}

std::vector<MessageEntry> messages_of(const LoadedCase& loaded, const runtime::ReadView& view,
                                      forms::Lang lang) {
    std::vector<MessageEntry> entries;
    auto inbox = view.inbox(loaded.state.started_by, 200);
    if (!inbox) return entries;
    const auto& texts = loaded.package->texts(language_of(lang));
    for (const auto& message : *inbox) {
        if (message.case_id != loaded.state.id) continue;
        std::vector<html::Parameter> parameters;
        if (message.payload.is_context()) {
            for (const auto& entry : message.payload.as_context()) {
                parameters.push_back({entry.key.text(), services::display_text(entry.value)});
            }
        }
        entries.push_back({texts.text(message.name, std::move(parameters)), message.created});
    }
    return entries;
}

}  // namespace

bool waits_for(const engine::CaseState& state, std::string_view message) {
    return !message.empty() && state.status == engine::CaseStatus::active &&
           std::any_of(state.subscriptions.begin(), state.subscriptions.end(), [&](const auto& s) {
               return s.kind == engine::SubscriptionKind::message && s.message_name == message;
           });
}

CaseEntry case_entry(const LoadedCase& loaded, forms::Lang lang) {
    const auto language = language_of(lang);
    CaseEntry entry;
    entry.number = loaded.number;
    entry.id = loaded.state.id;
    entry.tenant = loaded.tenant->id;
    entry.tenant_name = loaded.tenant->authority.name;
    entry.service = loaded.package->id;
    entry.title = loaded.package->text("title", language);
    entry.milestone = services::current_milestone(*loaded.package, loaded.state);
    if (!entry.milestone.empty()) {
        entry.status = loaded.package->text("milestone." + entry.milestone, language);
    }
    entry.open = loaded.state.status == engine::CaseStatus::active;
    entry.received = loaded.state.created;
    entry.ended = loaded.state.ended;
    return entry;
}

std::vector<MilestoneView> milestones_of(const LoadedCase& loaded, forms::Lang lang) {
    std::vector<MilestoneView> views;
    const auto& process = *loaded.package->process;
    for (const auto& passed : loaded.state.milestones) {
        if (passed.definition != 0 || passed.node >= process.nodes.size()) continue;
        const std::string name(loaded.package->milestone(process.node(passed.node).id));
        if (name.empty()) continue;
        views.push_back(
            {name, loaded.package->text("milestone." + name, language_of(lang)), passed.at});
    }
    // What the case waits in now has no event of its own in this list.
    const auto current = services::current_milestone(*loaded.package, loaded.state);
    if (!current.empty() && (views.empty() || views.back().name != current)) {
        views.push_back({current, loaded.package->text("milestone." + current, language_of(lang)),
                         loaded.state.changed});
    }
    return views;
}

Result<std::vector<DocumentEntry>> documents_of(const Principal& principal,
                                                const LoadedCase& loaded,
                                                const runtime::ReadView& view) {
    std::vector<DocumentEntry> entries;
    for (const auto& document : loaded.state.documents) {
        entries.push_back(notice_entry(loaded, document));
    }
    SCHWARM_TRY(names, view.document_names(loaded.state.id));
    for (const auto& name : names) {
        if (const auto number = received_number(name)) {
            if (principal.kind != PrincipalKind::clerk) continue;
            SCHWARM_TRY(info, view.document_info(loaded.state.id, name));
            entries.push_back(received_entry(*number, info));
            continue;
        }
        if (!name.starts_with(kUploadPrefix) || !name.ends_with(kMetaEnding)) continue;
        std::uint64_t number = 0;
        std::from_chars(name.data() + kUploadPrefix.size(), name.data() + name.size(), number);
        SCHWARM_TRY(bytes, view.document(loaded.state.id, name));
        SCHWARM_TRY(meta, decode_meta(bytes));
        entries.push_back(upload_entry(number, meta));
    }
    return entries;
}

Result<std::vector<CaseEntry>> App::my_cases(const Principal& principal, forms::Lang lang) const {
    SCHWARM_TRY_VOID(decide_access(principal, Action::list_own_cases, Object{}));
    std::vector<CaseEntry> entries;
    for (const auto& tenant : impl_->registry.tenants()) {
        SCHWARM_TRY(view, impl_->runtime.read(tenant->id));
        runtime::CaseFilter filter;
        filter.applicant = principal.subject;
        filter.limit = impl_->limits.list_max;
        SCHWARM_TRY(page, view.cases(filter));
        for (const auto& row : page.rows) {
            if (row.deleted) continue;
            auto loaded = impl_->load(principal, Action::view_case, tenant->id, row.id);
            if (loaded) entries.push_back(case_entry(*loaded, lang));
        }
    }
    std::stable_sort(entries.begin(), entries.end(), [](const CaseEntry& a, const CaseEntry& b) {
        return a.received > b.received;
    });
    if (entries.size() > impl_->limits.list_max) entries.resize(impl_->limits.list_max);
    return entries;
}

Result<CaseView> App::view_case(const Principal& principal, const TenantId& tenant, CaseId id,
                                forms::Lang lang) const {
    SCHWARM_TRY(loaded, impl_->load(principal, Action::view_case, tenant, id));
    SCHWARM_TRY(view, impl_->runtime.read(tenant));
    CaseView out;
    out.entry = case_entry(loaded, lang);
    // While a person may still decide otherwise, what the decisions worked out is no outcome.
    if (loaded.state.ended) {
        auto outcome = loaded.package->outcome(loaded.state.variables.to_context());
        if (!outcome.decision.empty()) {
            out.decision_text =
                loaded.package->text("outcome." + outcome.decision, language_of(lang));
            if (out.decision_text.empty()) out.decision_text = outcome.decision;
        }
        out.decision = std::move(outcome.decision);
        out.amount = outcome.amount;
    }
    out.milestones = milestones_of(loaded, lang);
    SCHWARM_TRY(documents, documents_of(principal, loaded, view));
    out.documents = std::move(documents);
    out.messages = messages_of(loaded, view, lang);
    if (principal.kind == PrincipalKind::clerk) {
        SCHWARM_TRY(decisions, decisions_of(loaded, view));
        out.decisions = std::move(decisions);
    }
    const bool owner = principal.subject == loaded.state.started_by;
    out.may_withdraw = owner && waits_for(loaded.state, loaded.package->withdrawal_message);
    out.may_correct = owner && waits_for(loaded.state, loaded.package->correction_message);
    out.may_upload = owner && waits_for(loaded.state, loaded.package->documents_message);
    return out;
}

Result<RenderedDocument> App::document(const Principal& principal, const TenantId& tenant,
                                       CaseId id, DocumentId document) const {
    SCHWARM_TRY(loaded, impl_->load(principal, Action::view_case, tenant, id));
    const auto* found = loaded.state.document(document);
    if (found == nullptr) return fail(ErrorCode::not_found, "");
    services::DocumentPlace place{loaded.number, services::local_day(loaded.state.created),
                                  &loaded.tenant->authority};
    SCHWARM_TRY(html, services::render_document(*loaded.package, *found, place));
    RenderedDocument out;
    out.entry = notice_entry(loaded, *found);
    out.case_number = loaded.number;
    out.body_html = std::move(html);
    out.data = found->data;
    return out;
}

namespace {

Result<UploadedFile> received_file(const Principal& principal, const runtime::ReadView& view,
                                   CaseId id, std::uint64_t number, std::size_t max) {
    if (principal.kind != PrincipalKind::clerk) return fail(ErrorCode::not_found, "");
    const std::string name = std::string(runtime::kReceivedPrefix) + std::to_string(number);
    SCHWARM_TRY(info, view.document_info(id, name));
    if (info.length > max) {
        return fail(ErrorCode::limit_exceeded,
                    "the document is larger than " + std::to_string(max >> 20U) + " MB");
    }
    SCHWARM_TRY(bytes, view.document(id, name));
    return UploadedFile{received_entry(number, info), std::move(bytes)};
}

}  // namespace

Result<UploadedFile> App::uploaded_file(const Principal& principal, const TenantId& tenant,
                                        CaseId id, DocumentId document) const {
    SCHWARM_TRY(loaded, impl_->load(principal, Action::view_case, tenant, id));
    if (document.value() <= kUploadIdBase) return fail(ErrorCode::not_found, "");
    SCHWARM_TRY(view, impl_->runtime.read(tenant));
    if (document.value() > kReceivedIdBase) {
        return received_file(principal, view, id, document.value() - kReceivedIdBase,
                             impl_->limits.received_bytes_max);
    }
    const auto number = document.value() - kUploadIdBase;
    const auto name = upload_name(number);
    SCHWARM_TRY(meta_bytes, view.document(id, name + std::string(kMetaEnding)));
    SCHWARM_TRY(meta, decode_meta(meta_bytes));
    SCHWARM_TRY(bytes, view.document(id, name));
    return UploadedFile{upload_entry(number, meta), std::move(bytes)};
}

void App::upload(const Principal& principal, const TenantId& tenant, CaseId id, Upload file,
                 Callback<DocumentEntry> done) {
    auto loaded = impl_->load(principal, Action::upload_document, tenant, id);
    if (!loaded) return done(loaded.error());
    if (loaded->state.status != engine::CaseStatus::active) {
        return done(fail(ErrorCode::conflict, "the case is closed"));
    }
    if (file.bytes.size() > impl_->limits.upload_bytes_max) {
        return done(fail(ErrorCode::limit_exceeded,
                         "the file is larger than " +
                             std::to_string(impl_->limits.upload_bytes_max >> 20U) + " MB"));
    }
    UploadMeta meta;
    meta.media_type = std::string(media_type_of(file.bytes));
    if (meta.media_type.empty()) {
        return done(fail(ErrorCode::invalid_input, "only PDF, JPEG and PNG files are accepted"));
    }
    meta.file_name = clean_file_name(file.file_name);
    meta.at = impl_->clock.now();
    auto number = std::make_shared<std::uint64_t>(0);
    auto write =
        [id, meta, number, bytes = std::move(file.bytes), who = principal.subject,
         max = impl_->limits.uploads_per_case_max](runtime::WriteBatch& batch) -> Result<void> {
        SCHWARM_TRY(next,
                    batch.next_number(std::string(kUploadPrefix) + std::to_string(id.value())));
        if (next > max) {
            return fail(ErrorCode::limit_exceeded,
                        "a case takes at most " + std::to_string(max) + " files");
        }
        *number = next;
        const auto name = upload_name(next);
        SCHWARM_TRY_VOID(batch.put_document(id, name, bytes));
        SCHWARM_TRY_VOID(
            batch.put_document(id, name + std::string(kMetaEnding), encode_meta(meta)));
        return batch.audit(who, "upload_document", id, name);
    };
    impl_->runtime.submit_write(tenant, std::move(write),
                                [meta, number, done = std::move(done)](Result<void> written) {
                                    if (written.has_error()) return done(written.error());
                                    done(upload_entry(*number, meta));
                                });
}

namespace {
void correlate(runtime::Runtime& runtime, const Principal& principal, const TenantId& tenant,
               CaseId id, const std::string& message, std::string command, Callback<void> done) {
    runtime::Submission submission;
    submission.tenant = tenant;
    submission.case_id = id;
    submission.command.id = std::move(command);
    submission.command.actor = principal.subject;
    submission.command.body = engine::CorrelateMessage{message, std::nullopt, {}};
    runtime.submit(std::move(submission), [done = std::move(done)](Result<runtime::Reply> reply) {
        if (reply.has_error()) return done(reply.error());
        done({});
    });
}
}  // namespace

void App::open_document(const Principal& principal, const TenantId& tenant, CaseId id,
                        DocumentId document, Callback<RenderedDocument> done) {
    auto rendered = this->document(principal, tenant, id, document);
    if (!rendered) return done(rendered.error());
    auto loaded = impl_->load(principal, Action::view_case, tenant, id);
    if (!loaded) return done(loaded.error());
    const auto& package = *loaded->package;
    if (principal.subject != loaded->state.started_by ||
        rendered->entry.name != package.retrieved_document ||
        !waits_for(loaded->state, package.retrieval_message)) {
        return done(std::move(rendered));
    }
    // The case may have gone on meanwhile, by a timer or the same page in another window.
    auto show = [rendered = std::move(*rendered),
                 done = std::move(done)](Result<void> told) mutable {
        if (told.has_error() && told.error().code != ErrorCode::not_found &&
            told.error().code != ErrorCode::conflict) {
            return done(told.error());
        }
        done(std::move(rendered));
    };
    correlate(impl_->runtime, principal, tenant, id, package.retrieval_message, {},
              std::move(show));
}

void App::documents_complete(const Principal& principal, const TenantId& tenant, CaseId id,
                             Callback<void> done) {
    auto loaded = impl_->load(principal, Action::upload_document, tenant, id);
    if (!loaded) return done(loaded.error());
    const auto& message = loaded->package->documents_message;
    if (!waits_for(loaded->state, message)) {
        return done(fail(ErrorCode::conflict, "the case does not wait for documents"));
    }
    correlate(impl_->runtime, principal, tenant, id, message, {}, std::move(done));
}

void App::withdraw(const Principal& principal, const TenantId& tenant, CaseId id,
                   std::string idempotency_key, Callback<void> done) {
    auto loaded = impl_->load(principal, Action::withdraw, tenant, id);
    if (!loaded) return done(loaded.error());
    const auto& message = loaded->package->withdrawal_message;
    auto command = command_id(principal, "withdraw " + std::to_string(id.value()), idempotency_key);
    if (!command.empty() && loaded->state.has_seen(command)) return done({});
    if (!waits_for(loaded->state, message)) {
        return done(fail(ErrorCode::conflict, "the case cannot be withdrawn any more"));
    }
    correlate(impl_->runtime, principal, tenant, id, message, std::move(command), std::move(done));
}

}  // namespace schwarm::app
