// The documents of a message: as rows, and where the segments of one that arrives lie.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schwarm/base/binary.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/exchange/envelope.hpp"
#include "schwarm/runtime/write_batch.hpp"

namespace schwarm::post {

void put(ByteWriter& out, const std::vector<exchange::Document>& documents);
// Damage is answered by in.ok().
std::vector<exchange::Document> documents(ByteReader& in);

// What a sent message has: for whom, and under which names the case keeps it.
struct Manifest {
    std::string to;  // address
    std::vector<exchange::Document> documents;
    std::vector<std::string> names;  // as many
    bool stored = false;             // read from its row

    std::string encode() const;
    static Result<Manifest> decode(std::string_view bytes);
};

// How the collecting of a message's documents ended.
struct Collected {
    std::string reason;  // why not; empty: all are there

    std::string encode() const;
    static Result<Collected> decode(std::string_view bytes);
};

// runtime::WriteBatch::put_segment.
std::string store_of(const exchange::Envelope& envelope, const exchange::Document& document);

// What only a held message needs; and the segments, if no case got them.
Result<void> forget_documents(runtime::WriteBatch& batch, const exchange::Envelope& envelope,
                              bool given);

}  // namespace schwarm::post
