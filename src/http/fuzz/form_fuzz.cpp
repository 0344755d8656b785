// Forms, targets, cookies and negotiation read what strangers send.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "schwarm/http/form.hpp"
#include "schwarm/http/negotiate.hpp"
#include "schwarm/http/url.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    static_cast<void>(schwarm::http::parse_urlencoded(text));
    static_cast<void>(schwarm::http::parse_multipart("multipart/form-data; boundary=x", text));
    static_cast<void>(
        schwarm::http::parse_multipart(text.substr(0, size / 2), text.substr(size / 2)));
    static_cast<void>(schwarm::http::parse_target(text));
    schwarm::http::Request request;
    request.headers.add("Cookie", std::string(text));
    static_cast<void>(request.cookie("x"));
    static constexpr std::string_view kBoth[] = {"de", "en"};
    static_cast<void>(schwarm::http::negotiate_language(text, kBoth));
    return 0;
}
