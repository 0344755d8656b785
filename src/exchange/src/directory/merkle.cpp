#include "schwarm/exchange/directory_merkle.hpp"

#include <bit>
#include <string>

#include "directory/fields.hpp"
#include "schwarm/base/check.hpp"

namespace schwarm::exchange {
namespace {

crypto::Hash node(const crypto::Hash& left, const crypto::Hash& right) {
    std::string text(1, '\x01');
    text.append(crypto::bytes_of(left)).append(crypto::bytes_of(right));
    return crypto::sha256(text);
}

// The largest power of two below `size` (at least 2).
std::size_t split(std::size_t size) {
    return std::bit_floor(size - 1);
}

}  // namespace

crypto::Hash merkle_leaf(const MemberId& member, std::uint64_t number, const crypto::Hash& head) {
    json::Writer w;
    w.begin_array().value(member.value()).value(number).value(detail::hash_text(head)).end_array();
    return crypto::sha256(std::string(1, '\0') + w.take());
}

crypto::Hash merkle_root(std::span<const crypto::Hash> leaves) {
    if (leaves.empty()) return crypto::sha256("");
    if (leaves.size() == 1) return leaves[0];
    const std::size_t k = split(leaves.size());
    return node(merkle_root(leaves.first(k)), merkle_root(leaves.subspan(k)));
}

std::vector<crypto::Hash> merkle_proof(std::span<const crypto::Hash> leaves, std::size_t index) {
    CHECK(index < leaves.size(), "no leaf of this number");
    if (leaves.size() == 1) return {};
    const std::size_t k = split(leaves.size());
    const bool left = index < k;
    auto path =
        left ? merkle_proof(leaves.first(k), index) : merkle_proof(leaves.subspan(k), index - k);
    path.push_back(merkle_root(left ? leaves.subspan(k) : leaves.first(k)));
    return path;
}

bool merkle_includes(const crypto::Hash& root, const crypto::Hash& leaf, std::size_t index,
                     std::size_t size, std::span<const crypto::Hash> proof) {
    if (index >= size) return false;
    std::size_t at = index;
    std::size_t last = size - 1;
    crypto::Hash hash = leaf;
    for (const crypto::Hash& sibling : proof) {
        if (last == 0) return false;
        if ((at & 1) != 0 || at == last) {
            hash = node(sibling, hash);
            while ((at & 1) == 0 && at != 0) {
                at >>= 1;
                last >>= 1;
            }
        } else {
            hash = node(hash, sibling);
        }
        at >>= 1;
        last >>= 1;
    }
    return last == 0 && hash == root;
}

}  // namespace schwarm::exchange
