#include "schwarm/exchange/directory_rows.hpp"

#include "schwarm/crypto/encode.hpp"

namespace schwarm::exchange {

namespace row_key {
namespace {
std::string hex(std::uint64_t number) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string out(16, '0');
    for (std::size_t i = 16; i-- > 0; number >>= 4) out[i] = kDigits[number & 15];
    return out;
}
std::string hex(const crypto::Hash& hash) {
    return crypto::hex_encode(crypto::bytes_of(hash));
}
}  // namespace

std::string epoch(std::uint64_t number, const crypto::Hash& hash) {
    return "epoch/" + hex(number) + "/" + hex(hash);
}
std::string entry(const MemberId& member, std::uint64_t number) {
    return "entry/" + member.value() + "/" + hex(number);
}
std::string fork(const MemberId& member, std::uint64_t number) {
    return "fork/" + member.value() + "/" + hex(number);
}
std::string lie(const crypto::Hash& hash) {
    return "lie/" + hex(hash);
}
std::string consent(const MemberId& member) {
    return "consent/" + member.value();
}
std::string choice(std::uint64_t number) {
    return "choice/" + hex(number);
}
std::string vote(const crypto::Hash& predecessor) {
    return "vote/" + hex(predecessor);
}
}  // namespace row_key

}  // namespace schwarm::exchange
