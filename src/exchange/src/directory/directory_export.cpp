#include "schwarm/exchange/directory_export.hpp"

#include <istream>
#include <map>
#include <ostream>
#include <string>

#include "schwarm/json/json.hpp"

namespace schwarm::exchange {
namespace {

// A line holds one text of at most a batch, in which each character may be escaped.
constexpr std::size_t kLineBytesMax = 2 * kBatchBytesMax + 1024;

std::string line_of(std::string_view name, std::string_view text) {
    json::Writer out;
    out.begin_object().member(name, text).end_object();
    return out.take() + "\n";
}

// Puts texts into batches that are as full as a reader takes them.
class Batches {
  public:
    explicit Batches(std::ostream& out) : out_(out) {}

    void add(std::vector<std::string> DirectoryBatch::*kind, std::string_view text) {
        // Half, since texts are escaped once more within a batch.
        if (items_ == kBatchItemsMax || bytes_ + text.size() > kBatchBytesMax / 2) flush();
        (batch_.*kind).emplace_back(text);
        ++items_;
        bytes_ += text.size();
    }
    void flush() {
        if (items_ == 0) return;
        out_ << line_of("batch", write_batch(batch_));
        batch_ = {};
        items_ = bytes_ = 0;
    }

  private:
    std::ostream& out_;
    DirectoryBatch batch_;
    std::size_t items_ = 0;
    std::size_t bytes_ = 0;
};

class KeptRows final : public DirectoryRows {
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
    void keep(const DirectoryAnswer& answer) {
        for (const DirectoryRow& row : answer.rows) rows_[row.key] = row.value;
    }

  private:
    std::map<std::string, std::string, std::less<>> rows_;
};

Error at_line(std::size_t number, const Error& error) {
    return fail(ErrorCode::invalid_input, error.text(), "line " + std::to_string(number));
}

// The member of this name of the next line's object; nothing at the end of the file.
Result<std::optional<std::string>> next(std::istream& in, std::string_view name) {
    std::string line;
    for (int c = in.get(); c != std::istream::traits_type::eof() && c != '\n'; c = in.get()) {
        if (line.size() == kLineBytesMax) {
            return fail(ErrorCode::limit_exceeded, "the line is too long");
        }
        line += static_cast<char>(c);
    }
    if (line.empty()) return std::optional<std::string>();
    json::Limits limits;
    limits.max_bytes = kLineBytesMax;
    limits.max_depth = 2;
    limits.max_nodes = 4;
    SCHWARM_TRY(value, json::parse(line, limits));
    const json::Value* text = value.find(name);
    if (text == nullptr || !text->is_string()) {
        return fail(ErrorCode::invalid_input, "there is no text " + std::string(name));
    }
    return std::optional(text->as_string());
}

}  // namespace

Result<void> export_directory(const DirectoryRows& rows, std::ostream& out) {
    SCHWARM_TRY(founding, rows.get("founding"));
    if (!founding) return fail(ErrorCode::not_found, "there is no directory yet", "row founding");
    out << line_of("founding", *founding);
    Batches batches(out);
    const auto add_all = [&](std::string_view prefix, auto kind) {
        return rows.scan(prefix, [&](std::string_view, std::string_view text) -> Result<void> {
            batches.add(kind, text);
            return {};
        });
    };
    SCHWARM_TRY_VOID(add_all("epoch/", &DirectoryBatch::epochs));
    SCHWARM_TRY_VOID(add_all("entry/", &DirectoryBatch::entries));
    batches.flush();
    SCHWARM_TRY_VOID(add_all("fork/", &DirectoryBatch::forks));
    SCHWARM_TRY_VOID(add_all("lie/", &DirectoryBatch::lies));
    batches.flush();
    out.flush();
    if (!out) return fail(ErrorCode::unavailable, "the directory could not be written");
    return {};
}

Result<Directory> import_directory(const Cryptography& cryptography, std::istream& in,
                                   DirectorySettings settings) {
    auto founding = next(in, "founding");
    if (founding.has_error()) return at_line(1, founding.error());
    if (!*founding) return fail(ErrorCode::not_well_formed, "there is no founding file", "line 1");
    KeptRows rows;
    DirectoryAnswer answer;
    SCHWARM_TRY(directory, Directory::found(cryptography, **founding, answer, settings));
    rows.keep(answer);
    for (std::size_t line = 2;; ++line) {
        auto text = next(in, "batch");
        if (text.has_error()) return at_line(line, text.error());
        if (!*text) return directory;
        auto batch = read_batch(**text);
        if (batch.has_error()) return at_line(line, batch.error());
        answer = directory.accept(*batch, rows);
        if (!answer.refused.empty()) return at_line(line, answer.refused.front());
        rows.keep(answer);
    }
}

}  // namespace schwarm::exchange
