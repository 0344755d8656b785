// SHA-256 and SHA-512 (FIPS 180-4), HMAC (RFC 2104), HKDF (RFC 5869) and the step of a hash chain.
//
// Bytes travel as std::string / std::string_view. All functions may be called from any thread; a
// failure of the library is a programmer's error (CHECK), since none of them depends on input.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace schwarm::crypto {

using Hash = std::array<unsigned char, 32>;

std::string_view bytes_of(const Hash& hash);
// Takes exactly 32 bytes; anything else is a CHECK.
Hash hash_from_bytes(std::string_view bytes);

Hash sha256(std::string_view data);
// 64 bytes. For what others prescribe; Schwarm's own hashes are SHA-256.
std::string sha512(std::string_view data);

// SHA-256 over pieces; update() in order, then finish() once.
class Sha256 {
  public:
    Sha256();
    ~Sha256();
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;
    void update(std::string_view data);
    Hash finish();

  private:
    void* context_;
};

Hash hmac_sha256(std::string_view key, std::string_view data);

// length: 1 to 255 * 32 bytes.
std::string hkdf_sha256(std::string_view input_key, std::string_view salt, std::string_view info,
                        std::size_t length);

// SHA-256(previous || header || ciphertext_hash): one link of a chain that can be checked without
// any key and stays checkable after the ciphertext is gone.
Hash chain_step(const Hash& previous, std::string_view header, const Hash& ciphertext_hash);

// Takes the same time wherever the first difference is; different lengths are unequal.
bool equal_constant_time(std::string_view a, std::string_view b);

}  // namespace schwarm::crypto
