#include "schwarm/exchange/directory_sync.hpp"

#include "directory/fields.hpp"

namespace schwarm::exchange {
namespace {

constexpr json::Limits kSummaryLimits{kSummaryBytesMax, 4, 20'000};
constexpr json::Limits kBatchLimits{kBatchBytesMax, 3, 4 * kBatchItemsMax + 10};

void write_list(json::Writer& w, std::string_view name, const std::vector<std::string>& texts) {
    w.name(name).begin_array();
    for (const std::string& text : texts) w.value(text);
    w.end_array();
}

}  // namespace

std::string write_summary(const DirectorySummary& summary) {
    json::Writer w;
    w.begin_object().member("network", detail::hash_text(summary.network));
    w.name("line").begin_array();
    for (const NumberedHash& epoch : summary.line) {
        w.begin_object().member("epoch", epoch.number);
        w.member("hash", detail::hash_text(epoch.hash)).end_object();
    }
    w.end_array().name("chains").begin_array();
    for (const ChainHead& chain : summary.chains) {
        w.begin_object().member("member", chain.member.value()).member("number", chain.number);
        w.member("head", detail::hash_text(chain.head));
        w.member("fork", chain.fork).end_object();
    }
    w.end_array().name("lies").begin_array();
    for (const crypto::Hash& lie : summary.lies) w.value(detail::hash_text(lie));
    w.end_array().end_object();
    return w.take();
}

Result<DirectorySummary> read_summary(std::string_view text) {
    SCHWARM_TRY(value, json::parse(text, kSummaryLimits));
    detail::Fields::Failure failure;
    detail::Fields f(value, "", failure);
    DirectorySummary summary;
    summary.network = f.hash("network");
    for (const json::Value& item : f.list("line", 1, kLineMax)) {
        detail::Fields e(item, "/line", failure);
        NumberedHash epoch;
        epoch.number = static_cast<std::uint64_t>(e.number("epoch", 0));
        epoch.hash = e.hash("hash");
        e.end();
        summary.line.push_back(epoch);
    }
    for (const json::Value& item : f.list("chains", 0, kChainsMax)) {
        detail::Fields c(item, "/chains", failure);
        ChainHead chain;
        chain.member = c.member("member");
        chain.number = static_cast<std::uint64_t>(c.number("number", 0));
        chain.head = c.hash("head");
        chain.fork = static_cast<std::uint64_t>(c.number("fork", 0));
        c.end();
        summary.chains.push_back(std::move(chain));
    }
    for (const std::string& lie : f.texts("lies", 0, kLiesMax * kChainsMax, 43)) {
        const auto hash = detail::read_hash(lie);
        if (hash.has_error()) {
            f.refuse("lies", hash.error().message);
            break;
        }
        summary.lies.push_back(hash.value());
    }
    f.end();
    if (failure.error) return *failure.error;
    return summary;
}

std::string write_batch(const DirectoryBatch& batch) {
    json::Writer w;
    w.begin_object();
    write_list(w, "epochs", batch.epochs);
    write_list(w, "forks", batch.forks);
    write_list(w, "entries", batch.entries);
    write_list(w, "lies", batch.lies);
    w.member("more", batch.more).end_object();
    return w.take();
}

Result<DirectoryBatch> read_batch(std::string_view text) {
    SCHWARM_TRY(value, json::parse(text, kBatchLimits));
    detail::Fields::Failure failure;
    detail::Fields f(value, "", failure);
    DirectoryBatch batch;
    batch.epochs = f.texts("epochs", 0, kBatchItemsMax, kBatchBytesMax);
    batch.forks = f.texts("forks", 0, kBatchItemsMax, kBatchBytesMax);
    batch.entries = f.texts("entries", 0, kBatchItemsMax, kBatchBytesMax);
    batch.lies = f.texts("lies", 0, kBatchItemsMax, kBatchBytesMax);
    batch.more = f.boolean("more");
    f.end();
    if (failure.error) return *failure.error;
    return batch;
}

}  // namespace schwarm::exchange
