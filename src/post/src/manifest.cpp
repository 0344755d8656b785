#include "manifest.hpp"

#include "rows.hpp"
#include "schwarm/runtime/documents.hpp"
#include "schwarm/storage/key.hpp"

namespace schwarm::post {
namespace {

constexpr std::uint8_t kFormat = 1;

Result<void> check(const ByteReader& in) {
    if (in.ok() && in.at_end()) return {};
    return fail(ErrorCode::corrupt, "a damaged row of the exchange", "documents");
}

}  // namespace

void put(ByteWriter& out, const std::vector<exchange::Document>& documents) {
    out.varint(documents.size());
    for (const exchange::Document& document : documents) {
        out.bytes(document.id);
        out.bytes(document.type);
        out.varint(document.length);
        out.raw(crypto::bytes_of(document.sha256));
        out.raw(document.key.bytes());
    }
}

std::vector<exchange::Document> documents(ByteReader& in) {
    std::vector<exchange::Document> out;
    const std::uint64_t count = in.varint();
    for (std::uint64_t i = 0; in.ok() && i < count; ++i) {
        const std::string id(in.bytes());
        const std::string type(in.bytes());
        const std::uint64_t length = in.varint();
        const std::string_view hash = in.raw(crypto::Hash{}.size());
        const std::string_view bytes = in.raw(crypto::kKeySize);
        if (!in.ok()) break;
        const auto key = crypto::Key::from_bytes(bytes);
        if (key.has_error()) {
            in.set_failed();
            break;
        }
        out.push_back({id, type, length, crypto::hash_from_bytes(hash), key.value()});
    }
    return out;
}

std::string Manifest::encode() const {
    ByteWriter out;
    out.u8(kFormat);
    out.bytes(to);
    put(out, documents);
    for (const std::string& name : names) out.bytes(name);
    return out.take();
}

Result<Manifest> Manifest::decode(std::string_view bytes) {
    ByteReader in(bytes);
    if (in.u8() != kFormat) {
        return fail(ErrorCode::unsupported, "documents of a message in an unknown format");
    }
    Manifest out;
    out.to = std::string(in.bytes());
    out.documents = post::documents(in);
    for (std::size_t i = 0; i < out.documents.size(); ++i) out.names.emplace_back(in.bytes());
    SCHWARM_TRY_VOID(check(in));
    return out;
}

std::string Collected::encode() const {
    ByteWriter out;
    out.u8(kFormat);
    out.bytes(reason);
    return out.take();
}

Result<Collected> Collected::decode(std::string_view bytes) {
    ByteReader in(bytes);
    if (in.u8() != kFormat) {
        return fail(ErrorCode::unsupported, "collected documents in an unknown format");
    }
    Collected out{std::string(in.bytes())};
    SCHWARM_TRY_VOID(check(in));
    return out;
}

std::string store_of(const exchange::Envelope& envelope, const exchange::Document& document) {
    const std::string place =
        storage::KeyBuilder().text(envelope.from.text()).text(envelope.id).text(document.id).take();
    return std::string(crypto::bytes_of(crypto::sha256(place)).substr(0, runtime::kStoreNameBytes));
}

Result<void> forget_documents(runtime::WriteBatch& batch, const exchange::Envelope& envelope,
                              bool given) {
    if (envelope.documents.empty()) return {};
    batch.erase(storage::Space::exchange, keys::collected(envelope.from.text(), envelope.id));
    if (given) return {};
    for (const exchange::Document& document : envelope.documents) {
        SCHWARM_TRY_VOID(batch.erase_segments(store_of(envelope, document)));
    }
    return {};
}

}  // namespace schwarm::post
