#include "schwarm/exchange/directory_file.hpp"

#include "directory/fields.hpp"
#include "schwarm/json/json.hpp"

namespace schwarm::exchange {
namespace {

constexpr json::Limits kLimits{kDirectoryFileBytesMax, 3, 20'000};
constexpr std::string_view kFormat = "schwarm-directory";
constexpr std::size_t kFoundingBytesMax = std::size_t{256} << 10;
constexpr std::size_t kBatchesMax = 10'000;

class RowsInMemory final : public DirectoryRows {
  public:
    Result<std::optional<std::string>> get(std::string_view key) const override {
        const auto at = rows_.find(key);
        return at == rows_.end() ? std::nullopt : std::optional(at->second);
    }
    Result<void> scan(std::string_view prefix, const Visitor& visit) const override {
        for (auto at = rows_.lower_bound(prefix); at != rows_.end(); ++at) {
            if (!at->first.starts_with(prefix)) break;
            SCHWARM_TRY_VOID(visit(at->first, at->second));
        }
        return {};
    }
    void store(const DirectoryAnswer& answer) {
        for (const DirectoryRow& row : answer.rows) rows_[row.key] = row.value;
    }

  private:
    std::map<std::string, std::string, std::less<>> rows_;
};

Result<void> take(Directory& directory, RowsInMemory& rows, const std::string& batch_text) {
    SCHWARM_TRY(batch, read_batch(batch_text));
    const DirectoryAnswer answer = directory.accept(batch, rows);
    if (!answer.refused.empty()) {
        return fail(ErrorCode::corrupt, "the directory does not verify",
                    answer.refused.front().text());
    }
    rows.store(answer);
    return {};
}

}  // namespace

// A new peer is brought up to date, and what it was told is written down.
Result<std::string> export_directory(const Directory& directory, const DirectoryRows& rows,
                                     const Cryptography& cryptography) {
    SCHWARM_TRY(founding, rows.get("founding"));
    if (!founding) return fail(ErrorCode::not_found, "there is no directory");
    DirectoryAnswer answer;
    RowsInMemory peer_rows;
    SCHWARM_TRY(peer, Directory::found(cryptography, *founding, answer));
    peer_rows.store(answer);
    json::Writer w;
    w.begin_object().member("format", kFormat).member("version", std::int64_t{1});
    w.member("founding", *founding).name("batches").begin_array();
    for (;;) {
        SCHWARM_TRY(batch, directory.missing(peer.summary(), rows));
        if (batch.empty()) break;
        const std::string text = write_batch(batch);
        SCHWARM_TRY_VOID(take(peer, peer_rows, text));
        w.value(text);
        if (!batch.more) break;
    }
    w.end_array().end_object();
    return w.take();
}

Result<Directory> import_directory(std::string_view text, const Cryptography& cryptography) {
    SCHWARM_TRY(value, json::parse(text, kLimits));
    detail::Fields::Failure failure;
    detail::Fields fields(value, "directory", failure);
    if (fields.text("format", 40) != kFormat) fields.refuse("format", "not a directory");
    fields.number("version", 1, 1);
    const std::string founding = fields.text("founding", kFoundingBytesMax);
    const auto batches = fields.texts("batches", 0, kBatchesMax, kBatchBytesMax);
    fields.end();
    if (failure.error) return *failure.error;
    DirectoryAnswer answer;
    RowsInMemory rows;
    SCHWARM_TRY(directory, Directory::found(cryptography, founding, answer));
    rows.store(answer);
    for (const std::string& batch : batches) SCHWARM_TRY_VOID(take(directory, rows, batch));
    return directory;
}

}  // namespace schwarm::exchange
