#include "schwarm/app/app.hpp"

#include <algorithm>
#include <charconv>

#include "impl.hpp"
#include "schwarm/crypto/encode.hpp"
#include "schwarm/crypto/hash.hpp"
#include "schwarm/feel/codec.hpp"
#include "schwarm/services/identification.hpp"

namespace schwarm::app {
namespace {

constexpr std::size_t kNumberDigits = 7;
constexpr std::size_t kSamplesMax = 64;

}  // namespace

std::string case_number(std::string_view prefix, int year, CaseId id) {
    auto digits = std::to_string(id.value());
    if (digits.size() < kNumberDigits) digits.insert(0, kNumberDigits - digits.size(), '0');
    std::string number(prefix);
    number += '-';
    number += std::to_string(year);
    number += '-';
    number += digits;
    return number;
}

std::optional<CaseId> parse_case_number(std::string_view text) {
    if (const auto dash = text.rfind('-'); dash != std::string_view::npos) {
        const auto front = text.substr(0, dash);
        const auto first = front.find('-');
        if (first == std::string_view::npos || first == 0 || first > 4) return std::nullopt;
        const auto year = front.substr(first + 1);
        if (front.substr(0, first).find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") !=
                std::string_view::npos ||
            year.size() != 4 || year.find_first_not_of("0123456789") != std::string_view::npos) {
            return std::nullopt;
        }
        text.remove_prefix(dash + 1);
    }
    if (text.empty() || text.size() > 18) return std::nullopt;
    std::uint64_t id = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), id);
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || id == 0) {
        return std::nullopt;
    }
    return CaseId(id);
}

void MinuteRate::add(Instant now, std::uint64_t n) {
    const auto second = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    const std::scoped_lock lock(mutex_);
    auto& slot = seconds_.at(static_cast<std::size_t>(second) % seconds_.size());
    if (slot.second != second) slot = {second, 0};
    slot.count += n;
}

std::uint64_t MinuteRate::sum(Instant now) const {
    const auto second = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    const std::scoped_lock lock(mutex_);
    std::uint64_t total = 0;
    for (const auto& slot : seconds_) {
        if (slot.second > second - 60 && slot.second <= second) total += slot.count;
    }
    return total;
}

std::string_view language_of(forms::Lang lang) {
    return lang == forms::Lang::en ? "en" : "de";
}

std::string draft_id(const Principal& principal, const ServiceId& service) {
    return crypto::hex_encode(
        crypto::bytes_of(crypto::sha256("draft\n" + principal.subject + "\n" + service.value())));
}

std::string command_id(const Principal& principal, std::string_view intent, std::string_view key) {
    if (key.empty()) return {};
    std::string text(principal.subject);
    text += '\n';
    text += intent;
    text += '\n';
    text += key;
    return crypto::base64url_encode(crypto::bytes_of(crypto::sha256(text)));
}

App::App(runtime::Runtime& runtime, services::Registry& registry, const Clock& clock,
         Random& random, const Limits& limits, Network* network, Evidence* evidence)
    : impl_(std::make_unique<Impl>(runtime, registry, clock, random, limits, network, evidence)) {}
App::~App() = default;

namespace {
std::vector<std::string> groups_of(const LoadedCase& loaded, std::optional<ElementKey> task) {
    if (task) {
        // A task that is no longer open belongs to the service as a whole.
        const auto* open = loaded.state.user_task(*task);
        return open != nullptr ? open->candidate_groups : loaded.package->groups;
    }
    auto groups = loaded.package->groups;
    for (const auto& open : loaded.state.user_tasks) {
        groups.insert(groups.end(), open.candidate_groups.begin(), open.candidate_groups.end());
    }
    return groups;
}
}  // namespace

Result<LoadedCase> App::Impl::load(const Principal& principal, Action action,
                                   const TenantId& tenant, CaseId id,
                                   std::optional<ElementKey> task) const {
    LoadedCase loaded;
    loaded.tenant = registry.tenant(tenant);
    if (!loaded.tenant) return fail(ErrorCode::not_found, "");
    SCHWARM_TRY(view, runtime.read(tenant));
    auto state = view.case_state(id);
    if (!state) {
        // Nothing tells any more whose a deleted case was; and who may not see a case does not
        // learn whether there is one.
        const ErrorCode code = state.error().code;
        if (code == ErrorCode::gone || code == ErrorCode::not_found) {
            return fail(ErrorCode::not_found, "");
        }
        return state.error();
    }
    loaded.state = std::move(*state);
    if (loaded.state.definitions.empty()) return fail(ErrorCode::not_found, "");
    loaded.package = registry.package_of_definition(
        loaded.state.definitions.at(loaded.state.definition).value());
    if (!loaded.package) {
        return fail(ErrorCode::corrupt, "the package version of the case is missing");
    }
    Object object;
    object.tenant = tenant;
    object.owner = loaded.state.started_by;
    const auto groups = groups_of(loaded, task);
    object.groups = groups;
    object.required = loaded.package->assurance;
    SCHWARM_TRY_VOID(decide_access(principal, action, object));
    loaded.number = number_of(*loaded.package, loaded.state.created, id);
    return loaded;
}

Result<services::Offer> App::Impl::offer(const Principal& principal, Action action,
                                         const TenantId& tenant, const ServiceId& service) const {
    auto found = registry.offer(tenant, service);
    // Whoever applies does not meet what other parties start by message.
    if (!found || found->package->started_by_message) return fail(ErrorCode::not_found, "");
    Object object;
    object.tenant = tenant;
    object.required = found->package->assurance;
    if (action == Action::keep_draft) object.owner = principal.subject;
    SCHWARM_TRY_VOID(decide_access(principal, action, object));
    return std::move(*found);
}

std::string App::Impl::number_of(const services::Package& package, Instant received,
                                 CaseId id) const {
    const auto year = static_cast<int>(services::local_day(received).civil().year);
    return case_number(package.case_prefix, year, id);
}

void App::Impl::sample_metrics() {
    const auto now = clock.now();
    const std::scoped_lock lock(samples_mutex);
    if (!samples.empty() && now - samples.back().at < std::chrono::seconds(1)) return;
    const auto metrics = runtime.metrics();
    samples.push_back({now, metrics.commits, metrics.commands});
    while (samples.size() > kSamplesMax ||
           (samples.size() > 1 && now - samples.front().at > std::chrono::minutes(1))) {
        samples.pop_front();
    }
}

// --- catalogue ---------------------------------------------------------------------------------

namespace {
ServiceEntry entry_of(const services::Offer& offer, std::string_view language) {
    ServiceEntry entry;
    entry.id = offer.package->id;
    entry.tenant = offer.tenant->id;
    entry.tenant_name = offer.tenant->authority.name;
    entry.title = offer.package->text("title", language);
    entry.summary = offer.package->text("summary", language);
    return entry;
}
}  // namespace

Result<std::vector<ServiceEntry>> App::services(const Principal& principal, const TenantId& tenant,
                                                std::string_view query, forms::Lang lang) const {
    Object object;
    object.tenant = tenant;
    SCHWARM_TRY_VOID(decide_access(principal, Action::list_services, object));
    std::vector<ServiceEntry> entries;
    for (const auto& offer : impl_->registry.search(tenant, query)) {
        if (entries.size() >= impl_->limits.list_max) break;
        entries.push_back(entry_of(offer, language_of(lang)));
    }
    return entries;
}

Result<ServicePage> App::service(const Principal& principal, const TenantId& tenant,
                                 const ServiceId& service, forms::Lang lang) const {
    SCHWARM_TRY(offer, impl_->offer(principal, Action::view_service, tenant, service));
    const auto language = language_of(lang);
    const auto& package = *offer.package;
    ServicePage page;
    page.entry = entry_of(offer, language);
    page.description = package.text("description", language);
    page.audience = package.text("audience", language);
    page.cost = package.text("cost", language);
    page.duration = package.text("duration", language);
    page.evidence = package.text("evidence", language);
    page.next = package.text("next", language);
    page.contact = package.text("contact", language);
    page.legal_basis = package.legal_basis;
    page.assurance = package.assurance;
    page.withdrawable = !package.withdrawal_message.empty();
    page.package = offer.package;
    return page;
}

// --- drafts ------------------------------------------------------------------------------------

void App::save_draft(const Principal& principal, const TenantId& tenant, const ServiceId& service,
                     feel::Value answers, Callback<Draft> done) {
    auto offer = impl_->offer(principal, Action::keep_draft, tenant, service);
    if (!offer) return done(offer.error());
    Draft draft;
    draft.answers = std::move(answers);
    draft.saved = impl_->clock.now();
    draft.expires = draft.saved + std::chrono::hours(24 * offer->package->draft_days);
    impl_->runtime.submit_write(
        tenant,
        [id = draft_id(principal, service), content = feel::encode(draft.answers),
         expires = draft.expires](runtime::WriteBatch& batch) {
            return batch.put_draft(id, content, expires);
        },
        [draft, done = std::move(done)](Result<void> written) {
            if (written.has_error()) return done(written.error());
            done(draft);
        });
}

Result<Draft> App::load_draft(const Principal& principal, const TenantId& tenant,
                              const ServiceId& service) const {
    SCHWARM_TRY(offer, impl_->offer(principal, Action::keep_draft, tenant, service));
    SCHWARM_TRY(view, impl_->runtime.read(tenant));
    SCHWARM_TRY(stored, view.draft(draft_id(principal, service)));
    if (stored.expires <= impl_->clock.now()) return fail(ErrorCode::not_found, "");
    Draft draft;
    SCHWARM_TRY(answers, feel::decode(stored.content));
    draft.answers = std::move(answers);
    draft.saved = stored.saved;
    draft.expires = stored.expires;
    return draft;
}

void App::delete_draft(const Principal& principal, const TenantId& tenant, const ServiceId& service,
                       Callback<void> done) {
    auto offer = impl_->offer(principal, Action::keep_draft, tenant, service);
    if (!offer) return done(offer.error());
    impl_->runtime.submit_write(
        tenant,
        [id = draft_id(principal, service)](runtime::WriteBatch& batch) {
            return batch.erase_draft(id);
        },
        std::move(done));
}

// --- submit ------------------------------------------------------------------------------------

void App::submit(const Principal& principal, SubmitRequest request, Callback<SubmitReply> done) {
    auto offer = impl_->offer(principal, Action::submit, request.tenant, request.service);
    if (!offer) return done(offer.error());
    if (const auto id = corrected_case(request.answers)) {
        return impl_->correct(principal, *id, std::move(request), std::move(done));
    }
    forms::Context context;
    context.lang = request.lang;
    context.clock = &impl_->clock;
    auto judged = offer->package->form().validate(request.answers, context);
    if (!judged.ok()) {
        SubmitReply reply;
        reply.field_errors = std::move(judged.errors);
        return done(std::move(reply));
    }
    const auto now = impl_->clock.now();
    runtime::Submission submission;
    submission.tenant = request.tenant;
    submission.command.id =
        command_id(principal, "submit " + request.service.value(), request.idempotency_key);
    submission.command.actor = principal.subject;
    engine::CreateCase create;
    create.definition = engine::DefinitionKey(services::definition_key(*offer->package));
    create.variables = services::start_variables(*offer->package, judged.cleaned, offer->settings,
                                                 now, crypto::random_token(impl_->random, 12));
    submission.command.body = std::move(create);
    const bool drafted = request.delete_draft && !principal.subject.empty();
    submission.also = [draft = drafted ? draft_id(principal, request.service) : std::string(),
                       person = principal.person](runtime::WriteBatch& batch,
                                                  CaseId id) -> Result<void> {
        if (person) {
            SCHWARM_TRY_VOID(batch.index_person(
                id, services::kIdentifiedField,
                services::identified_text(person->family_name, person->given_names,
                                          person->birth_date)));
        }
        if (draft.empty()) return {};
        auto erased = batch.erase_draft(draft);
        if (erased.has_error() && erased.error().code != ErrorCode::not_found) return erased;
        return {};
    };
    impl_->runtime.submit(
        std::move(submission),
        [impl = impl_.get(), package = offer->package, tenant = std::move(request.tenant), now,
         done = std::move(done)](Result<runtime::Reply> reply) {
            if (reply.has_error()) return done(reply.error());
            Receipt receipt;
            receipt.case_id = reply->case_id;
            receipt.tenant = tenant;
            receipt.service = package->id;
            receipt.received = now;
            receipt.repeated = reply->duplicate;
            if (reply->duplicate) {
                // The year in the number is that of the first time.
                if (auto view = impl->runtime.read(tenant)) {
                    if (auto row = view->case_row(reply->case_id)) {
                        receipt.received = row->created;
                        reply->status = row->status;
                    }
                }
            } else {
                impl->cases.add(now);
                impl->sample_metrics();
            }
            receipt.status = std::string(engine::name_of(reply->status));
            receipt.completed = reply->status == engine::CaseStatus::completed;
            receipt.case_number = impl->number_of(*package, receipt.received, reply->case_id);
            SubmitReply out;
            out.receipt = std::move(receipt);
            done(std::move(out));
        });
}

}  // namespace schwarm::app
