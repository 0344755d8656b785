#include "demo_tokens.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <sstream>

#include "schwarm/crypto/hash.hpp"
#include "schwarm/json/json.hpp"

namespace schwarm::server {
namespace {

std::string random_token(Random& random) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::array<std::byte, 24> bytes{};
    random.fill(bytes);
    std::string out;
    for (const std::byte b : bytes) {
        out.push_back(kDigits[std::to_integer<unsigned>(b) >> 4]);
        out.push_back(kDigits[std::to_integer<unsigned>(b) & 15]);
    }
    return out;
}

// Looked up by hash, so that the time of a look-up says nothing about a token.
std::string token_hash(std::string_view token) {
    return std::string(crypto::bytes_of(crypto::sha256(token)));
}

Result<json::Value> read_tokens(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) return json::Value::object();
    std::ostringstream text;
    text << in.rdbuf();
    json::Limits limits;
    limits.max_bytes = 1U << 20;
    auto value = json::parse(text.str(), limits);
    if (value.has_error() || !value->is_object()) {
        return fail(ErrorCode::corrupt, "the file of the demo tokens is damaged; delete it",
                    file.string());
    }
    return value;
}

Result<void> write_tokens(const std::filesystem::path& file, const json::Value& tokens) {
    const std::string temporary = file.string() + ".new";
    const int fd = open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const std::string text = json::to_pretty_string(tokens) + "\n";
    bool good = fd >= 0 &&
                write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                fsync(fd) == 0;
    if (fd >= 0) close(fd);
    if (good) good = rename(temporary.c_str(), file.c_str()) == 0;
    if (!good) {
        return fail(ErrorCode::unavailable, "the demo tokens cannot be written", file.string());
    }
    return {};
}

}  // namespace

Result<std::unique_ptr<DemoTokens>> DemoTokens::load_or_create(
    const std::filesystem::path& file, const std::vector<app::DemoIdentities::DemoTenant>& tenants,
    Random& random) {
    std::unique_ptr<DemoTokens> out(new DemoTokens(tenants));
    SCHWARM_TRY(tokens, read_tokens(file));
    bool changed = false;
    for (const Choice& choice : out->choices()) {
        std::string token = tokens.string_or(choice.id, "");
        if (token.empty()) {
            token = random_token(random);
            tokens.set(choice.id, token);
            changed = true;
        }
        out->identity_by_token_hash_[token_hash(token)] = choice.id;
    }
    if (changed) SCHWARM_TRY_VOID(write_tokens(file, tokens));
    return out;
}

std::optional<app::Principal> DemoTokens::by_token(std::string_view token) const {
    const auto found = identity_by_token_hash_.find(token_hash(token));
    if (found == identity_by_token_hash_.end()) return std::nullopt;
    return people_.sign_in(found->second);
}

}  // namespace schwarm::server
