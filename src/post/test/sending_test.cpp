// What happens when the same message comes more than once.
#include <gtest/gtest.h>

#include <algorithm>

#include "schwarm/exchange/receipt.hpp"
#include "schwarm/json/json.hpp"
#include "two_nodes.hpp"

namespace schwarm::post {
namespace {

TEST_F(TwoNodes, AMessageWhoseAnswerWasLostIsSealedAnewAndTakenOnce) {
    answers_lost_ = true;
    const CaseId id = ask();
    run(std::chrono::seconds(5));
    EXPECT_EQ(taken(), 1U);
    const std::string first = sent_.front();
    answers_lost_ = false;
    run();
    EXPECT_TRUE(answered(id));
    EXPECT_EQ(taken(), 1U);
    EXPECT_EQ(std::count(sent_.begin(), sent_.end(), first), 1);
    EXPECT_GT(there_.post().metrics().repeated, 0U);
}

class Repeated : public TwoNodes {
  protected:
    // The state in the receipt for a first message with this id.
    exchange::Receipt hand_over(const std::string& number, std::chrono::seconds later = {}) {
        exchange::Envelope envelope;
        envelope.from = here_.address();
        envelope.to = there_.address();
        envelope.type = "anfrage/1/anfrage";
        envelope.conversation = "gespraech-1234567890";
        envelope.id = "nachricht-1234567890";
        envelope.sequence = 1;
        envelope.time = here_.clock.now() + later;
        envelope.expires = envelope.time + std::chrono::hours(1);
        envelope.purpose = "Simulation";
        envelope.legal_basis = "§ 1 Sim";
        envelope.body = json::Value::object({{"nummer", json::parse(number).value()}});
        const std::string sealed = here_.post().seal(envelope).value();
        json::Writer request;
        request.begin_object().name("envelopes").begin_array().value(sealed).end_array();
        request.end_object();
        std::string answer;
        there_.post().receive(MemberId(here_.name), request.take(),
                              [&](const Result<std::string>& text) { answer = text.value(); });
        there_.runtime().run();
        const auto lists = json::parse(answer).value();
        const std::string jws(lists.find("receipts")->items().at(0).as_string());
        const auto key = [this](const exchange::Address& from, std::string_view kid) {
            return table_.signing_key(from, kid, time_.now());
        };
        return exchange::read_receipts(jws, key, cryptography_).value().receipts.at(0);
    }
};

TEST_F(Repeated, SealedAnewItIsAnsweredWithWhatIsStored) {
    EXPECT_EQ(hand_over("7").state, exchange::ReceiptState::processed);
    EXPECT_EQ(hand_over("7", std::chrono::seconds(9)).state, exchange::ReceiptState::processed);
    EXPECT_EQ(taken(), 1U);
}

TEST_F(Repeated, WithOtherContentItIsNoReceiptForThat) {
    EXPECT_EQ(hand_over("7").state, exchange::ReceiptState::processed);
    const exchange::Receipt other = hand_over("8");
    EXPECT_EQ(other.state, exchange::ReceiptState::refused);
    EXPECT_EQ(other.reason, "another message had this id");
    EXPECT_EQ(hand_over("7").state, exchange::ReceiptState::processed) << "what is stored stays";
    EXPECT_EQ(taken(), 1U);
}

}  // namespace
}  // namespace schwarm::post
