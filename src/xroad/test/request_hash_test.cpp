// Expected values were computed with Python's hashlib from the inputs as they are spelled out.
#include "request_hash.hpp"

#include <gtest/gtest.h>

namespace schwarm::xroad {
namespace {

TEST(Base64, Pads) {
    EXPECT_EQ(base64(""), "");
    EXPECT_EQ(base64("f"), "Zg==");
    EXPECT_EQ(base64("fo"), "Zm8=");
    EXPECT_EQ(base64("foo"), "Zm9v");
    EXPECT_EQ(base64("\xFF\xEF\xBE"), "/+++");
}

TEST(RequestHash, WithoutBody) {
    http::Headers headers;
    headers.add("Host", "node.example:8443");
    headers.add("X-Road-Client", "SCHWARM/GOV/halle/wohngeld");
    headers.add("accept", "application/json");
    headers.add("User-Agent", "curl/8");
    headers.add("X-Custom", "a");
    headers.add("X-Custom", "b");
    headers.add("x-road-request-id", "of the client");
    headers.add("X-Road-Request-Hash", "of the client");
    headers.add("X-Road-Id", "fa2e18a5-c2cb-4d09-b994-f57727f7c3fb");
    headers.add("Connection", "keep-alive");
    const std::string text = request_text("GET",
                                          "/r1/SCHWARM/GOV/lecos/meldeamt/meldebescheinigung"
                                          "?familienname=M%C3%BCller&geburtsdatum=1990-01-31",
                                          headers, {"f92591a3-6bf0-49b1-987b-0dd78c034cc3", ""});
    EXPECT_EQ(text,
              "GET\r\n"
              "/r1/SCHWARM/GOV/lecos/meldeamt/meldebescheinigung"
              "?familienname=M%C3%BCller&geburtsdatum=1990-01-31\r\n"
              "X-Road-Client:SCHWARM/GOV/halle/wohngeld\r\n"
              "accept:application/json\r\n"
              "X-Custom:a\r\n"
              "X-Custom:b\r\n"
              "X-Road-Id:fa2e18a5-c2cb-4d09-b994-f57727f7c3fb\r\n"
              "x-road-request-id:f92591a3-6bf0-49b1-987b-0dd78c034cc3\r\n");
    EXPECT_EQ(request_hash(text, ""),
              "UDfkTiKwy3i+Z+lMTQ/SRRLhPxjegKF9T9W3mPrX92KM0Kt9bIjd0p+f0icM27k2m/"
              "bY3BN6Nzul3dH/fZyowQ==");
}

TEST(RequestHash, WithBodyAndWhatWasAdded) {
    http::Headers headers;
    headers.add("X-Road-Client", "SCHWARM/GOV/halle/wohngeld");
    headers.add("Content-Type", "application/json");
    headers.add("Content-Length", "25");
    const std::string text = request_text(
        "POST", "/r1/SCHWARM/GOV/lecos/meldeamt/meldebescheinigung", headers,
        {"f92591a3-6bf0-49b1-987b-0dd78c034cc3", "SCHWARM-00010203-0405-4607-8809-0a0b0c0d0e0f"});
    EXPECT_EQ(text,
              "POST\r\n"
              "/r1/SCHWARM/GOV/lecos/meldeamt/meldebescheinigung\r\n"
              "X-Road-Client:SCHWARM/GOV/halle/wohngeld\r\n"
              "Content-Type:application/json\r\n"
              "x-road-request-id:f92591a3-6bf0-49b1-987b-0dd78c034cc3\r\n"
              "x-road-id:SCHWARM-00010203-0405-4607-8809-0a0b0c0d0e0f\r\n");
    EXPECT_EQ(request_hash(text, "{\"familienname\":\"M\xC3\xBCller\"}"),
              "JF79UOwJFTfciH6LlVDsdLmJlS95N1CDc2+kOtzOETGso/"
              "3W0a4i16yEdoo0gOYKvgkCWWh0KSU3ywJF/ewfzQ==");
}

}  // namespace
}  // namespace schwarm::xroad
