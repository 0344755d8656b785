#include "schwarm/post/message_line.hpp"

#include <algorithm>

#include "schwarm/crypto/encode.hpp"

namespace schwarm::post {
namespace {

constexpr std::string_view kPostActor = "system:post";
constexpr std::string_view kHash = "sha256:";

std::string hash_text(const crypto::Hash& content) {
    return std::string(kHash) + crypto::base64url_encode(crypto::bytes_of(content));
}

// The word before the next separator; takes both off.
std::string_view take_word(std::string_view& text, std::string_view separator) {
    const std::size_t at = text.find(separator);
    const std::string_view word = text.substr(0, at);
    text.remove_prefix(at == std::string_view::npos ? text.size() : at + separator.size());
    return word;
}

std::string content_in(std::string_view word) {
    return word.starts_with(kHash) ? std::string(word.substr(kHash.size())) : std::string();
}

using Lines = std::vector<MessageLine>;

Lines lines_of(const exchange::AuditProof& proof) {
    Lines out;
    for (const exchange::ProvenLine& line : proof.lines) {
        if (!line.text) continue;
        if (auto read = read_message_line(*line.text)) out.push_back(std::move(*read));
    }
    return out;
}

void compare(const exchange::Address& from, const Lines& sent, const exchange::Address& to,
             const Lines& received, std::vector<ComparedMessage>& out) {
    for (const MessageLine& line : sent) {
        if (!line.sent || line.partner != to.text()) continue;
        ComparedMessage one{from, to, line, ComparedMessage::Verdict::one_sided};
        // More than one if a node was restored in between and took it again.
        for (const MessageLine& theirs : received) {
            if (theirs.sent || theirs.state != "processed" || theirs.id != line.id ||
                theirs.partner != from.text()) {
                continue;
            }
            const bool known = !line.content.empty() && !theirs.content.empty();
            one.verdict = !known ? ComparedMessage::Verdict::unknown
                          : line.content == theirs.content && line.type == theirs.type
                              ? ComparedMessage::Verdict::same
                              : ComparedMessage::Verdict::differs;
            if (one.verdict == ComparedMessage::Verdict::same) break;
        }
        out.push_back(std::move(one));
    }
}

}  // namespace

std::string sent_line(std::string_view type, std::string_view id, std::string_view to,
                      const crypto::Hash& content) {
    std::string out(type);
    for (const std::string_view word : {id, to}) out.append(" ").append(word);
    return out + " " + hash_text(content);
}

std::string received_line(const exchange::Envelope& envelope,
                          const std::optional<crypto::Hash>& content, std::string_view reason) {
    std::string out = envelope.type + " " + envelope.id;
    if (content) out += " " + hash_text(*content);
    out += ", " + envelope.purpose + ", " + envelope.legal_basis;
    if (!reason.empty()) out.append(": ").append(reason);
    return out;
}

std::optional<MessageLine> read_message_line(const exchange::AuditText& line) {
    const bool sent = line.actor == kPostActor && line.action == "processed";
    if (!sent && line.actor.find('@') == std::string::npos) return std::nullopt;
    std::string_view rest = line.detail;
    MessageLine out;
    out.type = std::string(take_word(rest, " "));
    if (std::count(out.type.begin(), out.type.end(), '/') != 2) return std::nullopt;
    out.sent = sent;
    out.state = line.action;
    if (sent) {
        out.id = std::string(take_word(rest, " "));
        out.partner = std::string(take_word(rest, " "));
        out.content = content_in(rest);
        return out;
    }
    out.partner = line.actor;
    std::string_view named = take_word(rest, ", ");
    out.id = std::string(take_word(named, " "));
    out.content = content_in(named);
    // Purpose and legal basis may hold commas, but no colon with a blank.
    if (line.action == "refused") {
        take_word(rest, ": ");
        out.reason = std::string(rest);
    }
    return out;
}

std::vector<ComparedMessage> compare_messages(const exchange::AuditProof& a,
                                              const exchange::AuditProof& b) {
    const Lines ours = lines_of(a);
    const Lines theirs = lines_of(b);
    std::vector<ComparedMessage> out;
    compare(a.tenant, ours, b.tenant, theirs, out);
    compare(b.tenant, theirs, a.tenant, ours, out);
    return out;
}

}  // namespace schwarm::post
