// Building blocks of our own binary encodings: little-endian fixed integers, LEB128 variable
// integers, length-prefixed bytes. A reader never reads past its input; the first failure sticks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace schwarm {

// Appends to a string it owns. Not thread-safe.
class ByteWriter {
  public:
    void u8(std::uint8_t value) { out_.push_back(static_cast<char>(value)); }
    void u32(std::uint32_t value);
    void u64(std::uint64_t value);
    void varint(std::uint64_t value);
    // Zigzag.
    void svarint(std::int64_t value) {
        varint((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
    }
    // Length as varint, then the bytes.
    void bytes(std::string_view value) {
        varint(value.size());
        out_.append(value);
    }
    void raw(std::string_view value) { out_.append(value); }

    const std::string& data() const { return out_; }
    std::string take() { return std::move(out_); }
    std::size_t size() const { return out_.size(); }

  private:
    std::string out_;
};

// Reads from bytes it does not own. After a failure every read answers 0 or empty and ok() is
// false; check ok() before trusting what was read.
class ByteReader {
  public:
    explicit ByteReader(std::string_view data) : data_(data) {}
    std::uint8_t u8();
    std::uint32_t u32();
    std::uint64_t u64();
    std::uint64_t varint();
    std::int64_t svarint() {
        const std::uint64_t v = varint();
        return static_cast<std::int64_t>(v >> 1) ^ -static_cast<std::int64_t>(v & 1);
    }
    // A view into the input.
    std::string_view bytes();
    std::string_view raw(std::size_t size);

    bool ok() const { return ok_; }
    bool at_end() const { return position_ == data_.size(); }
    std::size_t position() const { return position_; }
    std::size_t remaining() const { return data_.size() - position_; }
    void set_failed() { ok_ = false; }

  private:
    std::string_view data_;
    std::size_t position_ = 0;
    bool ok_ = true;
};

}  // namespace schwarm
