// What happens when the same message comes more than once.
#include <gtest/gtest.h>

#include <algorithm>

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
    exchange::Receipt hand_over(const std::string& number, std::chrono::seconds later = {}) {
        exchange::Envelope envelope = first_message();
        envelope.time += later;
        envelope.expires += later;
        envelope.body = json::Value::object({{"nummer", json::parse(number).value()}});
        const std::string sealed = here_.post().seal(envelope).value();
        json::Writer request;
        request.begin_object().name("envelopes").begin_array().value(sealed).end_array();
        request.end_object();
        std::string answer;
        there_.post().receive(MemberId(here_.name), request.take(),
                              [&](const Result<std::string>& text) { answer = text.value(); });
        there_.runtime().run();
        return receipt_in(answer);
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
