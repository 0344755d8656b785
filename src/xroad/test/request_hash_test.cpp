// Expected values were computed with Python's hashlib from the inputs as they are spelled out.
#include "request_hash.hpp"

#include <gtest/gtest.h>

#include "schwarm/crypto/encode.hpp"

namespace schwarm::xroad {
namespace {

std::string hex(std::string_view data) {
    return crypto::hex_encode(sha512(data));
}

TEST(Sha512, KnownValues) {
    EXPECT_EQ(hex(""),
              "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
              "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e");
    EXPECT_EQ(hex("abc"),
              "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
              "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
    EXPECT_EQ(hex(std::string(1'000'000, 'a')),
              "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973eb"
              "de0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b");
}

TEST(Sha512, AroundTheEndOfABlock) {
    const std::pair<std::size_t, const char*> expected[] = {
        {111, "fa9121c7b32b9e01733d034cfc78cbf67f926c7ed83e8220"},
        {112, "c01d080efd492776a1c43bd23dd99d0a2e626d481e16782e"},
        {113, "55ddd8ac210a6e18ba1ee055af84c966e0dbff091c43580a"},
        {127, "828613968b501dc00a97e08c73b118aa8876c26b8aac93df"},
        {128, "b73d1929aa615934e61a871596b3f3b33359f42b8175602e"},
        {129, "4f681e0bd53cda4b5a2041cc8a06f2eabde44fb16c951fbd"},
        {240, "4c296d90c61052a62ffb1dd196f1b7b09373b1f93e71836b"},
    };
    for (const auto& [size, begin] : expected) {
        EXPECT_EQ(hex(std::string(size, 'a')).substr(0, 48), begin) << size;
    }
}

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

TEST(Target, IsEncodedAgain) {
    http::Request request;
    request.path = "/r1/A/GOV/lecos/amt/f\xC3\xBChrungszeugnis (kurz)";
    request.query = "a=%2F&b";
    EXPECT_EQ(target_of(request), "/r1/A/GOV/lecos/amt/f%C3%BChrungszeugnis%20(kurz)?a=%2F&b");
    request.path = "/r1/A/";
    request.query = "";
    EXPECT_EQ(target_of(request), "/r1/A/");
}

}  // namespace
}  // namespace schwarm::xroad
