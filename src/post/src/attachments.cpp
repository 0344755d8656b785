#include "attachments.hpp"

#include <algorithm>

#include "schwarm/base/media_type.hpp"
#include "schwarm/json/json.hpp"

namespace schwarm::post {

using storage::Space;

namespace {

constexpr std::size_t kQuestionBytes = 4096;

// Without its name: that may name a person.
std::string nth(std::size_t index) {
    return "document " + std::to_string(index + 1) + " of the message";
}

bool is_same(const runtime::DocumentInfo& info, const exchange::Document& document) {
    return info.length == document.length && info.sha256 == document.sha256;
}

Error no_such_document() {
    return fail(ErrorCode::gone, "there is no such document for this member");
}

}  // namespace

std::string Question::text() const {
    json::Writer out;
    out.begin_object();
    out.member("from", from.text());
    out.member("to", to.text());
    out.member("conversation", conversation);
    out.member("message", message);
    out.member("document", document);
    out.member("segment", segment);
    out.end_object();
    return out.take();
}

Result<Question> Question::parse(std::string_view text) {
    json::Limits limits;
    limits.max_bytes = kQuestionBytes;
    limits.max_depth = 1;
    SCHWARM_TRY(value, json::parse(text, limits));
    if (!value.is_object()) return fail(ErrorCode::invalid_input, "a question is an object");
    Question out;
    SCHWARM_TRY(from, exchange::parse_address(value.string_or("from", "")));
    SCHWARM_TRY(to, exchange::parse_address(value.string_or("to", "")));
    out.from = from;
    out.to = to;
    out.conversation = value.string_or("conversation", "");
    out.message = value.string_or("message", "");
    out.document = value.string_or("document", "");
    const json::Value* segment = value.find("segment");
    const auto number = segment == nullptr ? std::nullopt : segment->as_int64();
    if (!number || *number < 0) {
        return fail(ErrorCode::invalid_input, "a segment has a number from 0", "/segment");
    }
    out.segment = static_cast<std::uint64_t>(*number);
    return out;
}

Result<Manifest> Attachments::manifest(const runtime::ReadView& view, const Delivery& delivery,
                                       CaseId case_id, const std::string& to,
                                       std::size_t most) const {
    const std::size_t limit = std::min(most, exchange::kMaxEnvelopeDocuments);
    if (delivery.documents.size() > limit) {
        return fail(ErrorCode::limit_exceeded,
                    "the contract allows " + std::to_string(limit) + " documents");
    }
    SCHWARM_TRY(stored, view.get_sealed(keys::manifest(case_id, delivery.id)));
    Manifest out;
    if (stored) {
        SCHWARM_TRY(decoded, Manifest::decode(*stored));
        out = std::move(decoded);
        out.stored = out.to == to;
    }
    out.to = to;
    for (std::size_t i = 0; i < delivery.documents.size(); ++i) {
        const std::string& name = delivery.documents[i];
        const auto info = view.document_info(case_id, name);
        if (info.has_error()) {
            if (info.error().code != ErrorCode::not_found) return info.error();
            return fail(ErrorCode::invalid_input, nth(i) + " is not in the case");
        }
        if (stored) {
            if (i < out.documents.size() && is_same(info.value(), out.documents[i])) continue;
            return fail(ErrorCode::invalid_input, nth(i) + " was changed after it was sent");
        }
        if (info.value().length > exchange::kMaxDocumentBytes) {
            return fail(ErrorCode::limit_exceeded, nth(i) + " has more than 100 MB");
        }
        std::string type = info.value().type;
        if (type.empty()) {
            SCHWARM_TRY(begin, view.document_bytes(case_id, name, 0, 16));
            type = media_type_of(begin);
            if (type.empty()) type = "application/octet-stream";
        }
        out.documents.push_back({std::to_string(i + 1), std::move(type), info.value().length,
                                 info.value().sha256, crypto::Key::random(environment_.random)});
        out.names.push_back(name);
    }
    return out;
}

Result<std::string> Attachments::segments(const exchange::MemberId& asker,
                                          const Question& question) const {
    if (question.from.member != environment_.member || question.to.member != asker) {
        return no_such_document();
    }
    const auto view = runtime_->read(question.from.tenant);
    if (view.has_error()) {
        return view.error().code == ErrorCode::not_found ? no_such_document() : view.error();
    }
    SCHWARM_TRY(row, view->get(Space::exchange, keys::conversation(question.conversation)));
    if (!row) return no_such_document();
    SCHWARM_TRY(conversation, Conversation::decode(*row));
    const CaseId case_id = conversation.case_id;
    SCHWARM_TRY(bytes, view->get_sealed(keys::manifest(case_id, question.message)));
    if (!bytes) return no_such_document();
    SCHWARM_TRY(manifest, Manifest::decode(*bytes));
    const auto found =
        std::find_if(manifest.documents.begin(), manifest.documents.end(),
                     [&](const exchange::Document& one) { return one.id == question.document; });
    if (manifest.to != question.to.text() || found == manifest.documents.end()) {
        return no_such_document();
    }
    const std::uint64_t count = exchange::segment_count(found->length);
    if (question.segment >= count) {
        return fail(ErrorCode::invalid_input, "the document has no such segment", "/segment");
    }
    const std::string& name =
        manifest.names[static_cast<std::size_t>(found - manifest.documents.begin())];
    const auto info = view->document_info(case_id, name);
    if (info.has_error()) {
        return info.error().code == ErrorCode::not_found ? no_such_document() : info.error();
    }
    // Other bytes under the same key would betray both.
    if (!is_same(info.value(), *found)) return no_such_document();
    const std::uint64_t end =
        std::min<std::uint64_t>(count, question.segment + options_.segments_at_once);
    exchange::DocumentSealer sealer(*found, question.segment);
    std::string out;
    SCHWARM_TRY(plain,
                view->document_bytes(case_id, name, question.segment * exchange::kSegmentBytes,
                                     (end - question.segment) * exchange::kSegmentBytes));
    out.reserve(plain.size() + (end - question.segment) * crypto::kTagSize);
    std::string_view rest = plain;
    while (sealer.number() < end) {
        const std::size_t length = exchange::segment_bytes(found->length, sealer.number());
        SCHWARM_TRY(sealed, sealer.next(rest.substr(0, length)));
        rest.remove_prefix(length);
        out += sealed;
    }
    return out;
}

}  // namespace schwarm::post
