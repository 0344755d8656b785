#include "schwarm/storage/key.hpp"

#include <algorithm>

#include "schwarm/base/check.hpp"

namespace schwarm::storage {

KeyBuilder::KeyBuilder(const TenantId& tenant) {
    CHECK(tenant.value().find('\0') == std::string::npos, "a tenant has no zero byte");
    key_.reserve(tenant.value().size() + 32);
    key_ = tenant.value();
    key_ += '\0';
}

KeyBuilder& KeyBuilder::number(std::uint64_t value) {
    for (int shift = 56; shift >= 0; shift -= 8) {
        key_ += static_cast<char>((value >> shift) & 0xFFU);
    }
    return *this;
}

KeyBuilder& KeyBuilder::text(std::string_view value) {
    for (const char c : value) {
        key_ += c;
        if (c == '\0') key_ += '\xFF';
    }
    key_.append(2, '\0');
    return *this;
}

KeyBuilder& KeyBuilder::raw(std::string_view bytes) {
    key_ += bytes;
    return *this;
}

TenantId KeyReader::tenant() {
    const std::size_t end = rest_.find('\0');
    if (!ok_ || end == std::string_view::npos) {
        ok_ = false;
        return {};
    }
    TenantId out{std::string(rest_.substr(0, end))};
    rest_.remove_prefix(end + 1);
    return out;
}

std::uint64_t KeyReader::number() {
    const std::string_view bytes = raw(8);
    std::uint64_t out = 0;
    for (const char c : bytes) out = (out << 8) | static_cast<unsigned char>(c);
    return out;
}

std::string KeyReader::text() {
    std::string out;
    for (std::size_t i = 0; ok_ && i < rest_.size(); ++i) {
        if (rest_[i] != '\0') {
            out += rest_[i];
            continue;
        }
        if (i + 1 >= rest_.size()) break;
        if (rest_[i + 1] == '\0') {
            rest_.remove_prefix(i + 2);
            return out;
        }
        if (rest_[i + 1] != '\xFF') break;
        out += '\0';
        ++i;
    }
    ok_ = false;
    return {};
}

std::string_view KeyReader::raw(std::size_t size) {
    if (!ok_ || rest_.size() < size) {
        ok_ = false;
        return {};
    }
    const std::string_view out = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return out;
}

Result<void> check_tenant(const TenantId& tenant) {
    const std::string& text = tenant.value();
    const bool good =
        !text.empty() && text.size() <= 63 && std::all_of(text.begin(), text.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
        });
    if (!good) {
        return fail(ErrorCode::invalid_input,
                    "a tenant's name has 1 to 63 of the characters a-z, 0-9 and '-'");
    }
    return {};
}

}  // namespace schwarm::storage
