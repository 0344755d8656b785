#include "documents.hpp"

#include <fstream>
#include <functional>
#include <future>
#include <iostream>

#include "breaking_link.hpp"
#include "demo_server.hpp"
#include "disk.hpp"
#include "exchange_world.hpp"
#include "schwarm/exchange/documents.hpp"
#include "schwarm/json/writer.hpp"
#include "schwarm/server/stopwatch.hpp"

namespace schwarm::bench {
namespace {

constexpr std::uint64_t kMegabyte = std::uint64_t{1} << 20;
constexpr double kTargetMegabytes = 32;
constexpr auto kLongest = std::chrono::minutes(10);
constexpr std::uint64_t kSegmentsAtOnce = 16;
constexpr const char* kName = "gutachten.pdf";

// --- memory ----------------------------------------------------------------------------------

// Of /proc/self/status, in kilobytes; 0 where there is none.
std::uint64_t memory(std::string_view name) {
    std::ifstream in("/proc/self/status");
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with(name)) return std::strtoull(line.c_str() + name.size(), nullptr, 10);
    }
    return 0;
}

void forget_peak() {
    std::ofstream("/proc/self/clear_refs") << "5";
}

// --- the document ------------------------------------------------------------------------------

// The bytes of one segment; no two are equal.
std::string segment(std::uint64_t number, std::size_t length) {
    std::string out(length, '\0');
    std::uint64_t state = number * 0x9e3779b97f4a7c15ULL + 1;
    for (char& c : out) {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        c = static_cast<char>(state >> 56U);
    }
    return out;
}

// Puts it into the sender's database, a few segments a write.
Result<runtime::SegmentedDocument> store(ExchangeNode& node, std::uint64_t length) {
    SystemRandom random;
    std::string name(runtime::kStoreNameBytes, '\0');
    random.fill(std::as_writable_bytes(std::span(name)));
    runtime::SegmentedDocument out{
        name, length, "application/pdf", {}, crypto::Key::random(random)};
    crypto::Sha256 hash;
    const std::uint64_t count = exchange::segment_count(length);
    for (std::uint64_t i = 0; i < count;) {
        std::vector<std::string> sealed;
        const std::uint64_t first = i;
        for (; i < count && sealed.size() < kSegmentsAtOnce; ++i) {
            const std::string plain = segment(i, exchange::segment_bytes(length, i));
            hash.update(plain);
            SCHWARM_TRY(one, crypto::seal_segment(out.key, i, i + 1 == count, plain));
            sealed.push_back(std::move(one));
        }
        SCHWARM_TRY_VOID(node.runtime().write_and_wait(
            node.tenant(), [&](runtime::WriteBatch& batch) -> Result<void> {
                for (std::size_t k = 0; k < sealed.size(); ++k) {
                    batch.put_segment(out.store, first + k, sealed[k]);
                }
                return {};
            }));
    }
    out.sha256 = hash.finish();
    return out;
}

// The provider's newest case has it, byte for byte.
Result<void> check_received(ExchangeNode& provider, std::uint64_t length) {
    SCHWARM_TRY(view, provider.runtime().read(provider.tenant()));
    SCHWARM_TRY(page, view.cases({}));
    if (page.rows.empty()) return fail(ErrorCode::internal, "there is no case");
    SCHWARM_TRY(names, view.document_names(page.rows[0].id));
    if (names.size() != 1) return fail(ErrorCode::internal, "the case has not one document");
    for (std::uint64_t i = 0; i < exchange::segment_count(length); ++i) {
        SCHWARM_TRY(bytes,
                    view.document_bytes(page.rows[0].id, names[0], i * exchange::kSegmentBytes,
                                        exchange::kSegmentBytes));
        if (bytes != segment(i, exchange::segment_bytes(length, i))) {
            return fail(ErrorCode::internal, "segment " + std::to_string(i) + " is another one");
        }
    }
    return {};
}

// --- the exchange ------------------------------------------------------------------------------

// A case asks, with the document beside it; until it is answered.
Result<void> ask(ExchangeNode& requester, std::int64_t number,
                 const runtime::SegmentedDocument& document) {
    runtime::Submission request = evidence_request(requester.tenant(), number, "register");
    auto& create = std::get<engine::CreateCase>(request.command.body);
    create.variables.set("dokumente", feel::Value::list({feel::Value(kName)}));
    request.also = [&document](runtime::WriteBatch& batch, CaseId id) {
        return batch.put_segmented(id, kName, document);
    };
    SCHWARM_TRY(reply, requester.runtime().submit_and_wait(std::move(request)));
    std::promise<Result<runtime::CaseRow>> ended;
    requester.runtime().await_case(
        requester.tenant(), reply.case_id, kLongest,
        [&ended](Result<runtime::CaseRow> row) { ended.set_value(std::move(row)); });
    SCHWARM_TRY(row, ended.get_future().get());
    if (row.status == engine::CaseStatus::completed) return {};
    return fail(ErrorCode::internal, "the request was not answered");
}

struct Figures {
    double seconds = 0;
    int breaks = 0;
    std::uint64_t bytes_back = 0;
    std::uint64_t segments = 0;
    // More than before it, of both nodes: of a first document, which also fills the caches of
    // their databases, and of the one that was measured.
    double first_extra_megabytes = 0;
    double extra_megabytes = 0;
};

// Megabytes at the peak, more than before.
Result<double> peak_of(const std::function<Result<void>()>& work) {
    forget_peak();
    const std::uint64_t before = memory("VmHWM:");
    SCHWARM_TRY_VOID(work());
    return static_cast<double>(memory("VmHWM:") - before) / 1024;
}

Result<Figures> measure(const std::filesystem::path& folder, const DocumentsOptions& options) {
    const std::uint64_t length = options.megabytes * kMegabyte;
    SCHWARM_TRY(models, ExchangeModels::load(true));
    const SystemClock clock;
    const CountedCryptography cryptography(clock);
    MemberTable members;
    SCHWARM_TRY(provider, ExchangeNode::prepare(folder / "register", "register", *models,
                                                cryptography, members));
    SCHWARM_TRY(requester,
                ExchangeNode::prepare(folder / "amt", "amt", *models, cryptography, members));
    MemberTable::Member behind_link = *members.find_member("amt");
    SCHWARM_TRY(link, BreakingLink::open(behind_link.port));
    behind_link.port = link->port();
    members.add(std::move(behind_link));
    provider->start();
    requester->start();
    Figures out;
    SCHWARM_TRY(first, store(*requester, length));
    SCHWARM_TRY(first_peak, peak_of([&] { return ask(*requester, 1, first); }));
    out.first_extra_megabytes = first_peak;
    SCHWARM_TRY(document, store(*requester, length));
    const std::uint64_t segments = provider->post().metrics().segments;
    link->break_every(length / static_cast<std::uint64_t>(options.breaks + 1), options.breaks);
    const server::Stopwatch watch;
    SCHWARM_TRY(peak, peak_of([&] { return ask(*requester, 2, document); }));
    out.seconds = watch.seconds();
    out.extra_megabytes = peak;
    out.breaks = link->breaks();
    out.bytes_back = link->bytes_back();
    out.segments = provider->post().metrics().segments - segments;
    SCHWARM_TRY_VOID(check_received(*provider, length));
    return out;
}

}  // namespace

Result<void> bench_documents(const DocumentsOptions& options) {
    SCHWARM_TRY(scratch, ScratchFolder::make(options.folder));
    SCHWARM_TRY(disk, measure_fsync(scratch->path(), 1));
    SCHWARM_TRY(figures, measure(scratch->path(), options));
    const auto megabytes = static_cast<double>(options.megabytes);
    json::Writer out = json::Writer::pretty();
    out.begin_object();
    out.member("benchmark", "documents");
    out.name("megabytes").number(fixed(megabytes, 0));
    out.name("fsync_per_second").number(fixed(disk.fsyncs_per_second, 0));
    out.name("seconds").number(fixed(figures.seconds, 2));
    out.name("megabytes_per_second").number(fixed(megabytes / figures.seconds, 1));
    out.member("breaks", static_cast<std::int64_t>(figures.breaks));
    out.member("segments_taken", figures.segments);
    out.member("segments_of_the_document", exchange::segment_count(options.megabytes * kMegabyte));
    out.name("megabytes_on_the_link")
        .number(fixed(static_cast<double>(figures.bytes_back) / kMegabyte, 1));
    out.name("extra_memory_mb").number(fixed(figures.extra_megabytes, 1));
    out.name("extra_memory_mb_with_caches_empty").number(fixed(figures.first_extra_megabytes, 1));
    out.name("extra_memory_mb_target").number(fixed(kTargetMegabytes, 0));
    out.end_object();
    std::cout << out.take() << std::endl;
    if (figures.breaks < options.breaks) {
        return fail(ErrorCode::internal, "the link did not break as often as it should");
    }
    if (figures.extra_megabytes >= kTargetMegabytes) {
        return fail(ErrorCode::internal, "the document took too much memory");
    }
    return {};
}

}  // namespace schwarm::bench
