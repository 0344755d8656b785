#include "scan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace schwarm::xml::detail {

std::string place(std::string_view source, std::string_view file, std::size_t offset) {
    offset = std::min(offset, source.size());
    std::size_t line = 1;
    std::size_t column = 1;
    for (std::size_t i = 0; i < offset; ++i) {
        const auto byte = static_cast<unsigned char>(source[i]);
        if (byte == '\n') {
            ++line;
            column = 1;
        } else if ((byte & 0xC0U) != 0x80U) {
            ++column;
        }
    }
    return fmt::format("{}:{}:{}", file, line, column);
}

namespace {

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool is_xml_char(std::uint32_t c) {
    return c == 9 || c == 10 || c == 13 || (c >= 0x20 && c <= 0xD7FF) ||
           (c >= 0xE000 && c <= 0xFFFD) || (c >= 0x10000 && c <= 0x10FFFF);
}

class Scanner {
  public:
    Scanner(std::string_view source, std::string_view file, const Limits& limits)
        : source_(source), file_(file), limits_(limits) {}

    Result<std::vector<Extent>> run() {
        SCHWARM_TRY_VOID(check_characters());
        if (source_.starts_with("\xEF\xBB\xBF")) at_ = 3;
        while (at_ < source_.size()) SCHWARM_TRY_VOID(step());
        if (!open_.empty()) {
            return error(ErrorCode::not_well_formed, "this element is not closed",
                         extents_[open_.back()].begin);
        }
        if (extents_.empty()) {
            return error(ErrorCode::not_well_formed, "there is no element", source_.size());
        }
        return std::move(extents_);
    }

  private:
    Error error(ErrorCode code, std::string message, std::size_t offset) const {
        return fail(code, std::move(message), place(source_, file_, offset));
    }
    Error malformed(std::string message, std::size_t offset) const {
        return error(ErrorCode::not_well_formed, std::move(message), offset);
    }

    Result<> check_characters() const {
        for (std::size_t i = 0; i < source_.size();) {
            const auto byte = static_cast<unsigned char>(source_[i]);
            if (byte >= 0x20 && byte < 0x80) {
                ++i;
                continue;
            }
            std::size_t length = 1;
            std::uint32_t code = byte;
            std::uint32_t least = 0;
            if (byte >= 0xC2 && byte <= 0xDF) {
                length = 2, code = byte & 0x1FU, least = 0x80;
            } else if (byte >= 0xE0 && byte <= 0xEF) {
                length = 3, code = byte & 0x0FU, least = 0x800;
            } else if (byte >= 0xF0 && byte <= 0xF4) {
                length = 4, code = byte & 0x07U, least = 0x10000;
            } else if (byte >= 0x80) {
                return malformed("this is not UTF-8", i);
            }
            if (i + length > source_.size()) return malformed("this is not UTF-8", i);
            for (std::size_t k = 1; k < length; ++k) {
                const auto next = static_cast<unsigned char>(source_[i + k]);
                if ((next & 0xC0U) != 0x80U) return malformed("this is not UTF-8", i);
                code = (code << 6U) | (next & 0x3FU);
            }
            if (code < least) return malformed("this is not UTF-8", i);
            if (!is_xml_char(code)) {
                return malformed(fmt::format("the character U+{:04X} is not allowed in XML", code),
                                 i);
            }
            i += length;
        }
        return {};
    }

    Result<> skip(std::string_view open, std::string_view close, const char* what) {
        const auto end = source_.find(close, at_ + open.size());
        if (end == std::string_view::npos) {
            return malformed(fmt::format("this {} does not end", what), at_);
        }
        at_ = end + close.size();
        return {};
    }

    Result<> step() {
        const char c = source_[at_];
        if (c == '&') return reference();
        if (c != '<') {
            if (open_.empty() && !is_space(c)) {
                return malformed("text outside the root element", at_);
            }
            const auto next = source_.find_first_of(open_.empty() ? "<&\"" : "<&", at_ + 1);
            if (open_.empty()) {
                ++at_;
            } else {
                at_ = next == std::string_view::npos ? source_.size() : next;
            }
            return {};
        }
        const auto rest = source_.substr(at_);
        if (rest.starts_with("<!--")) return skip("<!--", "-->", "comment");
        if (rest.starts_with("<![CDATA[")) {
            if (open_.empty()) return malformed("text outside the root element", at_);
            return skip("<![CDATA[", "]]>", "CDATA section");
        }
        if (rest.starts_with("<?")) return skip("<?", "?>", "processing instruction");
        if (rest.starts_with("<!")) {
            return error(ErrorCode::unsupported, "document type declarations are not accepted",
                         at_);
        }
        if (rest.starts_with("</")) return end_tag();
        return start_tag();
    }

    // The five entities of XML and character references; there are no others without a DTD.
    Result<> reference() {
        const auto end = source_.substr(at_, 16).find(';');
        const auto name =
            end == std::string_view::npos ? std::string_view() : source_.substr(at_ + 1, end - 1);
        if (name.starts_with('#')) {
            const bool hex = name.starts_with("#x");
            std::uint32_t code = 0;
            const auto digits = name.substr(hex ? 2 : 1);
            bool good = !digits.empty() && digits.size() <= 8;
            for (const char d : digits) {
                const int value = d >= '0' && d <= '9'          ? d - '0'
                                  : hex && d >= 'a' && d <= 'f' ? d - 'a' + 10
                                  : hex && d >= 'A' && d <= 'F' ? d - 'A' + 10
                                                                : -1;
                if (value < 0) good = false;
                code = code * (hex ? 16U : 10U) + static_cast<std::uint32_t>(std::max(value, 0));
            }
            if (!good || !is_xml_char(code)) {
                return malformed("this character reference names no character", at_);
            }
        } else {
            constexpr std::array<std::string_view, 5> kKnown = {"lt", "gt", "amp", "quot", "apos"};
            if (std::find(kKnown.begin(), kKnown.end(), name) == kKnown.end()) {
                return malformed(name.empty() ? "a bare '&' must be written &amp;"
                                              : fmt::format("the entity '{}' is unknown", name),
                                 at_);
            }
        }
        at_ += end + 1;
        return {};
    }

    Result<> start_tag() {
        const auto begin = at_;
        if (open_.empty() && !extents_.empty()) {
            return malformed("a second root element", begin);
        }
        if (extents_.size() >= limits_.elements) {
            return error(ErrorCode::limit_exceeded,
                         fmt::format("more than {} elements", limits_.elements), begin);
        }
        if (open_.size() >= limits_.depth) {
            return error(ErrorCode::limit_exceeded,
                         fmt::format("more than {} levels of elements", limits_.depth), begin);
        }
        std::size_t attributes = 0;
        for (++at_; at_ < source_.size();) {
            const char c = source_[at_];
            if (c == '>') break;
            if (c == '<') return malformed("'<' inside a tag", at_);
            if (c != '"' && c != '\'') {
                ++at_;
                continue;
            }
            if (++attributes > limits_.attributes_per_element) {
                return error(ErrorCode::limit_exceeded,
                             fmt::format("more than {} attributes", limits_.attributes_per_element),
                             begin);
            }
            SCHWARM_TRY_VOID(attribute_value(c));
        }
        if (at_ >= source_.size()) return malformed("this tag does not end", begin);
        const bool empty = source_[at_ - 1] == '/';
        ++at_;
        extents_.push_back({begin, at_, at_});
        if (!empty) open_.push_back(extents_.size() - 1);
        return {};
    }

    Result<> attribute_value(char quote) {
        const auto begin = at_++;
        while (at_ < source_.size() && source_[at_] != quote) {
            if (source_[at_] == '<') return malformed("'<' inside an attribute's value", at_);
            if (source_[at_] == '&') {
                SCHWARM_TRY_VOID(reference());
            } else {
                ++at_;
            }
        }
        if (at_ >= source_.size()) return malformed("this attribute's value does not end", begin);
        ++at_;
        return {};
    }

    std::string_view name_at(std::size_t offset) const {
        const auto rest = source_.substr(offset);
        return rest.substr(0, rest.find_first_of(" \t\r\n/>"));
    }

    Result<> end_tag() {
        const auto end = source_.find('>', at_);
        if (end == std::string_view::npos) return malformed("this tag does not end", at_);
        if (open_.empty()) return malformed("an end tag without its start tag", at_);
        const auto wanted = name_at(extents_[open_.back()].begin + 1);
        if (name_at(at_ + 2) != wanted) {
            return malformed(fmt::format("</{}> is expected here", wanted), at_);
        }
        at_ = end + 1;
        extents_[open_.back()].end = at_;
        open_.pop_back();
        return {};
    }

    std::string_view source_;
    std::string_view file_;
    const Limits& limits_;
    std::size_t at_ = 0;
    std::vector<Extent> extents_;
    std::vector<std::size_t> open_;
};

}  // namespace

namespace {

// The span of the encoding's name in <?xml version="1.0" encoding="UTF-8"?>.
std::optional<std::pair<std::size_t, std::size_t>> declared_encoding(std::string_view source) {
    const std::size_t start = source.starts_with("\xEF\xBB\xBF") ? 3 : 0;
    if (!source.substr(start).starts_with("<?xml ")) return std::nullopt;
    const auto head = source.substr(0, source.find("?>", start));
    const auto found = head.find("encoding", start);
    if (found == std::string_view::npos) return std::nullopt;
    const auto open = head.find_first_of("\"'", found);
    if (open == std::string_view::npos) return std::nullopt;
    const auto close = head.find(head[open], open + 1);
    if (close == std::string_view::npos) return std::nullopt;
    return std::pair{open + 1, close};
}

}  // namespace

Result<std::optional<std::string>> transcode(std::string_view source, std::string_view file) {
    const auto span = declared_encoding(source);
    if (!span) return std::optional<std::string>();
    std::string name(source.substr(span->first, span->second - span->first));
    std::transform(name.begin(), name.end(), name.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    if (name == "UTF-8" || name == "UTF8" || name == "US-ASCII" || name == "ASCII") {
        return std::optional<std::string>();
    }
    if (name != "ISO-8859-1" && name != "LATIN1") {
        return fail(ErrorCode::unsupported,
                    fmt::format("the encoding {} is not supported; save it as UTF-8", name),
                    place(source, file, span->first));
    }
    std::string out(source.substr(0, span->first));
    out += "UTF-8";
    for (const char c : source.substr(span->second)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x80) {
            out += c;
        } else {
            out += static_cast<char>(0xC0U | (byte >> 6U));
            out += static_cast<char>(0x80U | (byte & 0x3FU));
        }
    }
    return std::optional(std::move(out));
}

Result<std::vector<Extent>> scan(std::string_view source, std::string_view file,
                                 const Limits& limits) {
    return Scanner(source, file, limits).run();
}

}  // namespace schwarm::xml::detail
