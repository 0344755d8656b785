#include "schwarm/base/binary.hpp"

namespace schwarm {

void ByteWriter::u32(std::uint32_t value) {
    for (int i = 0; i < 4; ++i) u8(static_cast<std::uint8_t>(value >> (8 * i)));
}
void ByteWriter::u64(std::uint64_t value) {
    for (int i = 0; i < 8; ++i) u8(static_cast<std::uint8_t>(value >> (8 * i)));
}
void ByteWriter::varint(std::uint64_t value) {
    while (value >= 0x80) {
        u8(static_cast<std::uint8_t>(value | 0x80));
        value >>= 7;
    }
    u8(static_cast<std::uint8_t>(value));
}

std::uint8_t ByteReader::u8() {
    const std::string_view one = raw(1);
    return one.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(one[0]);
}
std::uint32_t ByteReader::u32() {
    std::uint32_t out = 0;
    const std::string_view four = raw(4);
    for (std::size_t i = 0; i < four.size(); ++i) {
        out |= static_cast<std::uint32_t>(static_cast<std::uint8_t>(four[i])) << (8 * i);
    }
    return out;
}
std::uint64_t ByteReader::u64() {
    std::uint64_t out = 0;
    const std::string_view eight = raw(8);
    for (std::size_t i = 0; i < eight.size(); ++i) {
        out |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(eight[i])) << (8 * i);
    }
    return out;
}
std::uint64_t ByteReader::varint() {
    std::uint64_t out = 0;
    for (int shift = 0; shift < 64; shift += 7) {
        const std::uint8_t byte = u8();
        if (!ok_) return 0;
        if (shift == 63 && byte > 1) break;
        out |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0) return out;
    }
    ok_ = false;
    return 0;
}
std::string_view ByteReader::bytes() {
    const std::uint64_t size = varint();
    if (!ok_ || size > remaining()) {
        ok_ = false;
        return {};
    }
    return raw(static_cast<std::size_t>(size));
}
std::string_view ByteReader::raw(std::size_t size) {
    if (!ok_ || size > remaining()) {
        ok_ = false;
        return {};
    }
    const std::string_view out = data_.substr(position_, size);
    position_ += size;
    return out;
}

}  // namespace schwarm
