#include "schwarm/server/agreement_administration.hpp"

#include <gtest/gtest.h>

#include "schwarm/exchange/jose_cryptography.hpp"

namespace schwarm::server {
namespace {

class AgreementFiles : public testing::Test {
  protected:
    AgreementFiles() {
        file_.agreement = {{TenantId("parken"), exchange::MemberId("a")},
                           {TenantId("meldeamt"), exchange::MemberId("b")},
                           "bewohnerparken",
                           "Prüfung der Meldung",
                           "§ 34 BMG",
                           "meldestatus",
                           Instant(std::chrono::hours(1000)),
                           Instant(std::chrono::hours(2000))};
        file_.client_signature = signature(file_.agreement);
    }
    std::string signature(const exchange::Agreement& agreement) {
        const auto key = cryptography_.make_key(exchange::KeyUse::sign, random_);
        return cryptography_
            .sign(*key, exchange::kAgreementType, exchange::agreement_text(agreement))
            .value();
    }
    static std::string why(std::string_view text) {
        const auto read = read_agreement_file(text);
        return read.has_error() ? read.error().text() : "read";
    }

    SystemClock clock_;
    SystemRandom random_;
    exchange::JoseCryptography cryptography_{clock_};
    AgreementFile file_;
};

TEST_F(AgreementFiles, ReadAsWritten) {
    auto read = read_agreement_file(write_agreement_file(file_));
    ASSERT_TRUE(read.has_value()) << read.error().text();
    EXPECT_EQ(read->agreement, file_.agreement);
    EXPECT_EQ(read->client_signature, file_.client_signature);
    EXPECT_FALSE(read->complete());
    file_.provider_signature = signature(file_.agreement);
    read = read_agreement_file(write_agreement_file(file_));
    ASSERT_TRUE(read.has_value()) << read.error().text();
    EXPECT_TRUE(read->complete());
}

TEST_F(AgreementFiles, WhatIsShownIsWhatIsSigned) {
    AgreementFile other = file_;
    other.agreement.purpose = "something else";
    EXPECT_NE(why(write_agreement_file(other)).find("what is shown is not what is signed"),
              std::string::npos);
    // Both halves, each for itself.
    file_.provider_signature = signature(other.agreement);
    EXPECT_NE(why(write_agreement_file(file_)).find("what is shown is not what is signed"),
              std::string::npos);
}

TEST_F(AgreementFiles, OthersAreRefused) {
    for (const char* text : {"", "[]", "{}", "{\"client\": \"x\"}", "{\"agreement\": {}}",
                             "{\"agreement\": []}", "{\"agreement\": {}, \"more\": 1}"}) {
        EXPECT_NE(why(text), "read") << text;
    }
    std::string text = write_agreement_file(file_);
    text.replace(text.find("\"service\""), 9, "\"servus\"");
    EXPECT_NE(why(text), "read");
    EXPECT_NE(why(std::string(40'000, ' ') + "{}"), "read");
}

}  // namespace
}  // namespace schwarm::server
