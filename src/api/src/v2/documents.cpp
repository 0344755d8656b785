// Documents: files that processes refer to. Each is sealed under a key of its own, which is
// destroyed with it (the runtime's drafts).
#include <array>

#include "members.hpp"
#include "routes.hpp"
#include "schwarm/base/binary.hpp"
#include "schwarm/crypto/encode.hpp"
#include "schwarm/crypto/hash.hpp"
#include "schwarm/http/form.hpp"

namespace schwarm::api::v2 {
namespace {

constexpr std::string_view kTag = "Document";
constexpr std::string_view kStore = "schwarm";
constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kIdBytesMax = 100;
constexpr std::size_t kMetadataBytesMax = 16 * 1024;
constexpr std::size_t kFilesMax = 20;
// A document without an end of its own.
constexpr std::chrono::hours kKept{24 * 365 * 100};

struct Document {
    std::string id;
    std::string metadata;  // JSON object as it is answered
    std::string bytes;
    std::string hash;  // SHA-256, hexadecimal
    std::string file_name;
    std::string media_type;
    Instant expires{};
};

std::string place_of(std::string_view id) {
    return "api-document/" + std::string(id);
}

std::string encode(const Document& document) {
    ByteWriter out;
    out.u8(kFormat);
    out.bytes(document.media_type);
    out.bytes(document.metadata);
    out.bytes(document.bytes);
    return out.take();
}

Result<Document> decode(std::string id, std::string_view bytes) {
    ByteReader in(bytes);
    Document document;
    const auto format = in.u8();
    document.id = std::move(id);
    document.media_type = std::string(in.bytes());
    document.metadata = std::string(in.bytes());
    document.bytes = std::string(in.bytes());
    if (!in.ok() || !in.at_end() || format != kFormat) {
        return fail(ErrorCode::corrupt, "a stored document is damaged");
    }
    document.hash = crypto::hex_encode(crypto::bytes_of(crypto::sha256(document.bytes)));
    return document;
}

bool is_id(std::string_view id) {
    return !id.empty() && id.size() <= kIdBytesMax &&
           id.find_first_not_of(
               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") ==
               std::string_view::npos;
}

bool is_media_type(std::string_view text) {
    return text.size() <= 200 && text.find('/') != std::string_view::npos &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < '\x7f'; });
}

// What the client said about the file, completed.
Result<void> read_metadata(const json::Value& given, Instant now, Document& document) {
    if (!given.is_object()) {
        return fail(ErrorCode::invalid_input, "this must be an object", "metadata");
    }
    SCHWARM_TRY(name, text_member(given, "fileName"));
    SCHWARM_TRY(type, text_member(given, "contentType"));
    SCHWARM_TRY(expires, text_member(given, "expiresAt"));
    if (!name.empty()) document.file_name = std::move(name);
    if (!type.empty()) document.media_type = std::move(type);
    if (!is_media_type(document.media_type)) document.media_type = "application/octet-stream";
    document.expires = now + kKept;
    if (!expires.empty()) {
        const auto at = parse_time(expires);
        if (!at || *at <= now) {
            return fail(ErrorCode::invalid_input, "this must be a time to come", "expiresAt");
        }
        document.expires = *at;
    }
    json::Writer out;
    out.begin_object()
        .member("contentType", document.media_type)
        .member("fileName", document.file_name)
        .member("size", document.bytes.size());
    write_text_or_null(out, "expiresAt", expires);
    SCHWARM_TRY(process, text_member(given, "processDefinitionId"));
    SCHWARM_TRY(instance, key_member(given, "processInstanceKey"));
    write_text_or_null(out, "processDefinitionId", process);
    write_key_or_null(out, "processInstanceKey", instance.value_or(0));
    const auto* properties = given.find("customProperties");
    out.name("customProperties");
    if (properties != nullptr && properties->is_object()) {
        json::write(*properties, out);
    } else {
        out.begin_object().end_object();
    }
    document.metadata = out.end_object().take();
    if (document.metadata.size() > kMetadataBytesMax) {
        return fail(ErrorCode::limit_exceeded, "what is said about the file is too long");
    }
    return {};
}

Result<Document> read_document(const Call& call, const http::FormFile& file,
                               const json::Value& metadata) {
    Document document;
    document.id = crypto::random_token(call.api.random, 18);
    document.bytes = std::string(file.content);
    document.hash = crypto::hex_encode(crypto::bytes_of(crypto::sha256(document.bytes)));
    document.file_name = file.file_name;
    document.media_type = file.content_type;
    SCHWARM_TRY_VOID(read_metadata(metadata, call.api.clock.now(), document));
    return document;
}

void write_reference(const Document& document, json::Writer& out) {
    out.begin_object()
        .member("camunda.document.type", "camunda")
        .member("storeId", kStore)
        .member("documentId", document.id)
        .member("contentHash", document.hash)
        .name("metadata")
        .raw(document.metadata)
        .end_object();
}

Result<http::Form> read_form(const Call& call) {
    if (call.request.content_type() != "multipart/form-data") {
        return fail(ErrorCode::unsupported, "the body must be multipart/form-data");
    }
    http::FormLimits limits;
    limits.files_max = 2 * kFilesMax;
    return http::parse_form(call.request, limits);
}

// A part that is JSON: clients send it as a field, or as a file "blob" of type application/json.
Result<json::Value> json_part(const http::Form& form, std::string_view name, json::Value fallback) {
    std::string_view text = form.fields.get(name);
    for (const auto& file : form.files) {
        if (file.name == name) text = file.content;
    }
    if (text.empty()) return fallback;
    return json::parse(text, {.max_bytes = 64 * 1024});
}

// One commit for all.
void store(const Call& call, std::vector<Document> documents, bool may_exist,
           const std::function<void(const Result<void>&, const std::vector<Document>&)>& done) {
    auto kept = std::make_shared<const std::vector<Document>>(std::move(documents));
    if (!may_exist) {
        const auto view = call.api.runtime.read(call.tenant());
        if (!view) return done(view.error(), *kept);
        for (const auto& document : *kept) {
            if (view->draft(place_of(document.id))) {
                return done(fail(ErrorCode::conflict, "there is a document with this id"), *kept);
            }
        }
    }
    call.api.runtime.submit_write(
        call.tenant(),
        [kept](runtime::WriteBatch& batch) -> Result<void> {
            for (const auto& document : *kept) {
                SCHWARM_TRY_VOID(
                    batch.put_draft(place_of(document.id), encode(document), document.expires));
            }
            return {};
        },
        [kept, done](const Result<void>& written) { done(written, *kept); });
}

void create(const Call& call, const Answer& answer) {
    const auto form = read_form(call);
    if (!form) return answer.problem(form.error());
    const auto metadata = json_part(*form, "metadata", json::Value::object());
    if (!metadata) return answer.problem(metadata.error());
    const http::FormFile* file = nullptr;
    for (const auto& one : form->files) {
        if (one.name == "file") file = &one;
    }
    if (file == nullptr) return answer.problem(400, "INVALID_ARGUMENT", "file: it is missing");
    auto document = read_document(call, *file, *metadata);
    if (!document) return answer.problem(document.error());
    const auto query = call.request.query_fields();
    if (!query) return answer.problem(query.error());
    const bool named = query->has("documentId");
    if (named) document->id = std::string(query->get("documentId"));
    if (!is_id(document->id)) {
        return answer.problem(400, "INVALID_ARGUMENT", "documentId: this is no id of a document");
    }
    store(call, {std::move(*document)}, !named,
          [answer](const Result<void>& written, const std::vector<Document>& documents) {
              if (!written) return answer.problem(written.error());
              json::Writer out;
              write_reference(documents.front(), out);
              answer.json(out.take(), 201);
          });
}

void create_batch(const Call& call, const Answer& answer) {
    const auto form = read_form(call);
    if (!form) return answer.problem(form.error());
    const auto list = json_part(*form, "metadataList", json::Value::array());
    if (!list) return answer.problem(list.error());
    std::vector<Document> documents;
    for (const auto& file : form->files) {
        if (file.name != "files") continue;
        const bool listed = list->is_array() && documents.size() < list->items().size();
        auto document = read_document(
            call, file, listed ? list->items()[documents.size()] : json::Value::object());
        if (!document) return answer.problem(document.error());
        documents.push_back(std::move(*document));
    }
    const bool fits =
        list->is_array() && (list->items().empty() || list->items().size() == documents.size());
    if (documents.empty() || documents.size() > kFilesMax || !fits) {
        return answer.problem(400, "INVALID_ARGUMENT",
                              "there must be 1 to 20 files, and as many metadata as files");
    }
    store(call, std::move(documents), true,
          [answer](const Result<void>& written, const std::vector<Document>& stored) {
              if (!written) return answer.problem(written.error());
              json::Writer out;
              out.begin_object().name("createdDocuments").begin_array();
              for (const auto& document : stored) write_reference(document, out);
              out.end_array().name("failedDocuments").begin_array().end_array().end_object();
              answer.json(out.take(), 201);
          });
}

Result<Document> find(const Call& call) {
    const std::string id(call.request.param("documentId"));
    SCHWARM_TRY(view, call.api.runtime.read(call.tenant()));
    const auto draft = view.draft(place_of(id));
    if (!draft && draft.error().code != ErrorCode::not_found) return draft.error();
    if (!draft || draft->expires <= call.api.clock.now()) {
        return fail(ErrorCode::not_found, "there is no document with the id '" + id + "'");
    }
    return decode(id, draft->content);
}

void get(const Call& call, const Answer& answer) {
    auto document = find(call);
    if (!document) return answer.problem(document.error());
    const auto query = call.request.query_fields();
    if (!query) return answer.problem(query.error());
    if (query->has("contentHash") && query->get("contentHash") != document->hash) {
        return answer.problem(400, "INVALID_ARGUMENT",
                              "contentHash: the document has another content");
    }
    // Never shown by a browser as a page of this site.
    auto response = http::Response::make(200, document->media_type, std::move(document->bytes));
    response.header("Content-Disposition", "attachment");
    answer.response(std::move(response));
}

void remove(const Call& call, const Answer& answer) {
    const auto document = find(call);
    if (!document) return answer.problem(document.error());
    call.api.runtime.submit_write(
        call.tenant(),
        [place = place_of(document->id)](runtime::WriteBatch& batch) {
            return batch.erase_draft(place);
        },
        [answer](const Result<void>& erased) {
            if (!erased) return answer.problem(erased.error());
            answer.empty();
        });
}

using http::Method;
constexpr auto kAction = app::Action::manage_documents;
constexpr std::string_view kForm = "multipart/form-data";
constexpr std::string_view kJson = "application/json";
constexpr std::array kRoutes = {
    Route{Method::post, "/documents", "createDocument", kTag, "Store a file", kAction, create,
          "DocumentRequest", "DocumentReference", 201, kForm, kJson, http::kUploadBytesMax},
    Route{Method::post, "/documents/batch", "createDocuments", kTag, "Store several files", kAction,
          create_batch, "DocumentBatchRequest", "DocumentCreationBatchResponse", 201, kForm, kJson,
          http::kUploadBytesMax},
    Route{Method::get, "/documents/{documentId}", "getDocument", kTag, "The file", kAction, get, "",
          "Content", 200, kJson, "application/octet-stream"},
    Route{Method::del, "/documents/{documentId}", "deleteDocument", kTag, "Delete the file",
          kAction, remove, "", "", 204},
};

}  // namespace

std::span<const Route> document_routes() {
    return kRoutes;
}

}  // namespace schwarm::api::v2
