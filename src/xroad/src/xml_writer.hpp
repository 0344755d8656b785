// Writes the few elements that X-Road answers in XML. Values are escaped; what XML 1.0 cannot hold
// becomes U+FFFD. Names are our own. Header-only.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "schwarm/base/utf8.hpp"
#include "schwarm/xml/document.hpp"

namespace schwarm::xroad {

class XmlWriter {
  public:
    using Attribute = std::pair<std::string_view, std::string_view>;

    XmlWriter() : out_("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n") {}

    void begin(std::string_view name, std::initializer_list<Attribute> attributes = {}) {
        out_ += '<';
        out_ += name;
        for (const auto& [key, value] : attributes) {
            out_ += ' ';
            out_ += key;
            out_ += "=\"";
            out_ += text(value);
            out_ += '"';
        }
        out_ += '>';
    }
    void end(std::string_view name) {
        out_ += "</";
        out_ += name;
        out_ += '>';
    }
    void element(std::string_view name, std::string_view value) {
        begin(name);
        out_ += text(value);
        end(name);
    }
    std::string take() { return std::move(out_); }

  private:
    static std::string text(std::string_view value) {
        if (!utf8::is_valid(value)) return "\xEF\xBF\xBD";
        std::string clean;
        for (std::size_t at = 0; at < value.size();) {
            const char32_t c = utf8::next(value, at);
            const bool allowed =
                c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c != 0xFFFE && c != 0xFFFF);
            utf8::append(clean, allowed ? c : U'\uFFFD');
        }
        return xml::escape(clean);
    }

    std::string out_;
};

}  // namespace schwarm::xroad
