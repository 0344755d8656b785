// Documents beside messages: two nodes of the simulation (tests/sim/node.hpp) on a wire that the
// test holds, and a sender that the test plays itself.
#include <gtest/gtest.h>

#include "attachments.hpp"
#include "schwarm/exchange/documents.hpp"
#include "schwarm/storage/key.hpp"
#include "two_nodes.hpp"

namespace schwarm::post {
namespace {

using exchange::Address;

constexpr std::size_t kGroup = 3;  // segments at once, as the simulation has it

std::string bytes_of_length(std::size_t length) {
    std::string out;
    for (std::size_t i = 0; out.size() < length; ++i) out += "Zeile " + std::to_string(i) + "\n";
    out.resize(length);
    return out;
}

class PostDocuments : public TwoNodes {
  protected:
    void fetch(const MemberId& from, std::string text,
               std::function<void(Result<std::string>)> done) override {
        const Question question = Question::parse(text).value();
        questions_.push_back(question);
        done(answer_ ? answer_(question) : node(from).post().segments(question.to.member, text));
    }

    CaseId ask(const std::vector<std::string>& names,
               const std::map<std::string, std::string>& documents) {
        feel::Value::List list;
        for (const std::string& name : names) list.emplace_back(name);
        runtime::Submission submission;
        submission.tenant = here_.tenant();
        submission.command.actor = "person";
        engine::CreateCase create;
        create.definition = engine::DefinitionKey("sim/anfragen@1");
        create.variables = engine::Variables{{"nummer", feel::Value(Decimal(7))},
                                             {"bezirk", there_.name},
                                             {"dokumente", feel::Value::list(std::move(list))}};
        submission.command.body = std::move(create);
        submission.also = [&documents](runtime::WriteBatch& batch, CaseId id) -> Result<void> {
            for (const auto& [name, content] : documents) {
                SCHWARM_TRY_VOID(batch.put_document(id, name, content));
            }
            return {};
        };
        return here_.runtime().submit_and_wait(std::move(submission)).value().case_id;
    }

    std::vector<runtime::CaseRow> cases(Node& node) { return view(node).cases({}).value().rows; }
    std::string incident(CaseId id) {
        const auto state = view(here_).case_state(id).value();
        return state.incidents.empty() ? std::string() : state.incidents.front().reason;
    }
    void resolve_all(CaseId id) {
        for (const engine::Incident& one : view(here_).case_state(id).value().incidents) {
            runtime::Submission submission;
            submission.tenant = here_.tenant();
            submission.case_id = id;
            submission.command.actor = "sachbearbeiter";
            submission.command.body = engine::ResolveIncident{one.key};
            EXPECT_TRUE(here_.runtime().submit_and_wait(std::move(submission)).has_value());
        }
    }
    std::uint64_t stored_segments(Node& node) {
        std::uint64_t out = 0;
        const auto reader = std::move(node.disk().begin_read().value());
        const std::string prefix = storage::KeyBuilder(node.tenant()).number(0).take();
        EXPECT_TRUE(reader
                        ->scan(storage::Space::documents, storage::prefix_range(prefix),
                               [&](std::string_view, std::string_view) {
                                   ++out;
                                   return true;
                               })
                        .has_value());
        return out;
    }

    std::vector<Question> questions_;
    std::function<Result<std::string>(const Question&)> answer_;
};

TEST_F(PostDocuments, BecomeThoseOfTheOtherCase) {
    const std::map<std::string, std::string> documents = {
        {"klein.txt", "%PDF-1.7"}, {"leer", ""}, {"gross.txt", bytes_of_length(1'500'000)}};
    const CaseId asked = ask({"klein.txt", "leer", "gross.txt"}, documents);
    run();
    ASSERT_EQ(cases(there_).size(), 1U);
    const CaseId id = cases(there_)[0].id;
    EXPECT_EQ(view(there_).document(id, "eingang-1").value(), "%PDF-1.7");
    EXPECT_EQ(view(there_).document_info(id, "eingang-1").value().type, "application/pdf");
    EXPECT_EQ(view(there_).document(id, "eingang-2").value(), "");
    EXPECT_EQ(view(there_).document(id, "eingang-3").value(), documents.at("gross.txt"));
    // And back with the answer.
    EXPECT_EQ(view(here_).case_row(asked).value().status, engine::CaseStatus::completed);
    EXPECT_EQ(view(here_).document(asked, "eingang-3").value(), documents.at("gross.txt"));
    const auto state = view(there_).case_state(id).value();
    const feel::Value* names = state.variables.find("dokumente");
    ASSERT_TRUE(names != nullptr && names->is_list());
    EXPECT_EQ(names->as_list()[0].as_string(), "eingang-4");  // of the addition, which came last
}

TEST_F(PostDocuments, ARestartGoesOnWhereItBroke) {
    answer_ = [this](const Question& question) -> Result<std::string> {
        if (questions_.size() == 3) return fail(ErrorCode::unavailable, "the link broke");
        return here_.post().segments(MemberId("dort"), question.text());
    };
    ask({"a"}, {{"a", bytes_of_length(exchange::kSegmentBytes * 10)}});
    while (questions_.size() < 3) run(std::chrono::seconds(1));
    EXPECT_EQ(cases(there_).size(), 0U);
    EXPECT_EQ(stored_segments(there_), 2 * kGroup);
    there_.stop();
    start(there_);
    run();
    ASSERT_EQ(cases(there_).size(), 1U);
    EXPECT_EQ(questions_[2].segment, 2 * kGroup);
    EXPECT_EQ(questions_[3].segment, 2 * kGroup);
    EXPECT_EQ(questions_[4].segment, 3 * kGroup);
}

TEST_F(PostDocuments, AlteredExchangedAndShortSegmentsAreAskedForAgain) {
    std::size_t spoilt = 0;
    answer_ = [&](const Question& question) -> Result<std::string> {
        SCHWARM_TRY(out, here_.post().segments(MemberId("dort"), question.text()));
        switch (questions_.size()) {
            case 1:
                ++spoilt;
                out[5] ^= 1;
                break;
            case 2:
                ++spoilt;
                out.resize(100);
                break;
            case 3: {  // the second group instead of the first
                ++spoilt;
                Question another = question;
                another.segment += kGroup;
                return here_.post().segments(MemberId("dort"), another.text());
            }
            case 4:
                ++spoilt;
                out += "und mehr";
                break;
            default:
                break;
        }
        return out;
    };
    const std::string content = bytes_of_length(exchange::kSegmentBytes * 8 + 9);
    ask({"a"}, {{"a", content}});
    run(std::chrono::seconds(300));
    EXPECT_EQ(spoilt, 4U);
    ASSERT_EQ(cases(there_).size(), 1U);
    EXPECT_EQ(view(there_).document(cases(there_)[0].id, "eingang-1").value(), content);
    EXPECT_GE(there_.post().metrics().rejected, 3U);
}

TEST_F(PostDocuments, WhatTheSenderHasNoMoreIsRefusedWithTheReason) {
    answer_ = [this](const Question& question) -> Result<std::string> {
        if (questions_.size() > 1) return fail(ErrorCode::gone, "there is no such document");
        return here_.post().segments(MemberId("dort"), question.text());
    };
    const CaseId asked = ask({"a"}, {{"a", bytes_of_length(exchange::kSegmentBytes * 8)}});
    run();
    EXPECT_TRUE(cases(there_).empty());
    EXPECT_NE(incident(asked).find("the sender has document 1 no more"), std::string::npos);
    EXPECT_EQ(stored_segments(there_), 0U);
}

TEST_F(PostDocuments, WhatTheCaseHasNotIsAnIncidentAndNotSent) {
    const CaseId asked = ask({"a", "b"}, {{"a", "x"}});
    run();
    EXPECT_NE(incident(asked).find("document 2 of the message is not in the case"),
              std::string::npos);
    EXPECT_TRUE(cases(there_).empty());
    EXPECT_TRUE(questions_.empty());
}

// Nothing has been sent of what could not be sealed; and what the receiver refused it has passed
// over.
TEST_F(PostDocuments, WhatWasMissingIsAddedAndSentAgain) {
    answer_ = [this](const Question& question) -> Result<std::string> {
        if (questions_.size() == 1) return fail(ErrorCode::gone, "there is no such document");
        return node(question.from.member).post().segments(question.to.member, question.text());
    };
    const CaseId asked = ask({"a"}, {});
    run();
    for (const char* reason : {"is not in the case", "has document 1 no more"}) {
        ASSERT_NE(incident(asked).find(reason), std::string::npos) << incident(asked);
        ASSERT_TRUE(here_.runtime()
                        .write_and_wait(here_.tenant(),
                                        [&](runtime::WriteBatch& batch) {
                                            return batch.put_document(asked, "a", "Inhalt");
                                        })
                        .has_value());
        resolve_all(asked);
        run();
    }
    ASSERT_EQ(cases(there_).size(), 1U);
    EXPECT_EQ(view(there_).document(cases(there_)[0].id, "eingang-1").value(), "Inhalt");
    EXPECT_EQ(view(here_).case_row(asked).value().status, engine::CaseStatus::completed)
        << incident(asked);
}

TEST_F(PostDocuments, MoreThanTheContractAllowsIsAnIncidentAndNotSent) {
    const CaseId asked = ask({"a", "a", "a", "a"}, {{"a", "x"}});
    run();
    EXPECT_NE(incident(asked).find("the contract allows 3 documents"), std::string::npos);
    EXPECT_TRUE(cases(there_).empty());
}

TEST_F(PostDocuments, NobodyElseIsGivenThem) {
    ask({"a"}, {{"a", "Inhalt"}});
    run();
    ASSERT_FALSE(questions_.empty());
    const Question right = questions_[0];
    EXPECT_TRUE(here_.post().segments(MemberId("dort"), right.text()).has_value());
    const auto refused = [&](const MemberId& asker, const Question& question) {
        return here_.post().segments(asker, question.text()).error().code;
    };
    EXPECT_EQ(refused(MemberId("dritter"), right), ErrorCode::gone);
    Question wrong = right;
    wrong.to.member = MemberId("dritter");
    EXPECT_EQ(refused(MemberId("dritter"), wrong), ErrorCode::gone);
    wrong = right;
    wrong.to.tenant = TenantId("anderes-amt");
    EXPECT_EQ(refused(MemberId("dort"), wrong), ErrorCode::gone);
    wrong = right;
    wrong.from.tenant = TenantId("anderes-amt");
    EXPECT_EQ(refused(MemberId("dort"), wrong), ErrorCode::gone);
    for (std::string Question::*member :
         {&Question::conversation, &Question::message, &Question::document}) {
        wrong = right;
        wrong.*member += "x";
        EXPECT_EQ(refused(MemberId("dort"), wrong), ErrorCode::gone);
    }
    wrong = right;
    wrong.segment = 1;
    EXPECT_EQ(refused(MemberId("dort"), wrong), ErrorCode::invalid_input);
    for (const char* text : {"", "[]", "{}", R"({"from":"a@b","to":"c@d","segment":-1})"}) {
        EXPECT_FALSE(here_.post().segments(MemberId("dort"), text).has_value()) << text;
    }
}

// Other bytes under the key that the receiver knows would betray both.
TEST_F(PostDocuments, OneThatWasChangedAfterItWasSentIsNotHandedOut) {
    answer_ = [](const Question&) { return fail(ErrorCode::unavailable, "the link broke"); };
    const CaseId asked = ask({"a"}, {{"a", "Inhalt"}});
    run(std::chrono::seconds(5));
    ASSERT_FALSE(questions_.empty());
    ASSERT_TRUE(here_.runtime()
                    .write_and_wait(here_.tenant(),
                                    [&](runtime::WriteBatch& batch) {
                                        return batch.put_document(asked, "a", "Anders");
                                    })
                    .has_value());
    EXPECT_EQ(here_.post().segments(MemberId("dort"), questions_[0].text()).error().code,
              ErrorCode::gone);
}

// A sender that lies about what it sends: the test's own, with keys that the directory knows.
class LyingSender : public PostDocuments {
  protected:
    LyingSender() {
        keys_ = cryptography_.make_key(exchange::KeyUse::sign, random_).value();
        table_.signing[keys_.public_key.kid] = keys_.public_key;
    }
    exchange::ReceiptState sent(std::vector<exchange::Document> documents) {
        exchange::Envelope envelope = first_message();
        envelope.from = from_;
        envelope.expires = envelope.time + std::chrono::minutes(10);
        envelope.body = json::parse(R"({"nummer":1})").value();
        envelope.documents = std::move(documents);
        const std::string jwe =
            exchange::make_envelope(envelope, keys_, table_.sealing.at(envelope.to), cryptography_,
                                    random_)
                .value();
        exchange::ReceiptState state{};
        for (int i = 0; i < 2; ++i) {
            there_.post().receive(
                MemberId("fremd"), R"({"envelopes":[")" + jwe + R"("]})",
                [&](const Result<std::string>& answer) { state = state_in(answer.value()); });
            run(std::chrono::seconds(20));
        }
        return state;
    }
    exchange::ReceiptState state_in(const std::string& answer) {
        const exchange::Receipt receipt = receipt_in(answer);
        reason_ = receipt.reason;
        return receipt.state;
    }

    const Address from_{TenantId("amt"), MemberId("fremd")};
    SystemRandom random_;
    exchange::KeyPair keys_;
    std::string reason_;
};

TEST_F(LyingSender, BytesThatAreNotThoseOfTheManifestAreRefused) {
    const exchange::Document document{"1", "text/plain", 5, crypto::sha256("wahr!"),
                                      crypto::Key::random(random_)};
    answer_ = [document](const Question& question) {
        return exchange::DocumentSealer(document, question.segment).next("luege");
    };
    EXPECT_EQ(sent({document}), exchange::ReceiptState::refused);
    EXPECT_NE(reason_.find("not those that the manifest names"), std::string::npos);
    EXPECT_TRUE(cases(there_).empty());
    EXPECT_EQ(stored_segments(there_), 0U);
}

TEST_F(LyingSender, MoreThanTheContractAllowsIsRefusedAndNotFetched) {
    std::vector<exchange::Document> documents;
    for (const char* id : {"1", "2", "3", "4"}) {
        documents.push_back({id, "text/plain", exchange::kMaxDocumentBytes, crypto::sha256("x"),
                             crypto::Key::random(random_)});
    }
    EXPECT_EQ(sent(documents), exchange::ReceiptState::refused);
    EXPECT_TRUE(questions_.empty());
}

TEST_F(LyingSender, WhatNeverComesIsRefusedWhenTheMessageIsOver) {
    const exchange::Document document{"1", "text/plain", 5, crypto::sha256("wahr!"),
                                      crypto::Key::random(random_)};
    answer_ = [](const Question&) { return fail(ErrorCode::unavailable, "nobody is there"); };
    EXPECT_EQ(sent({document}), exchange::ReceiptState::delivered);
    const std::size_t asked = questions_.size();
    run(std::chrono::minutes(12));
    EXPECT_GT(questions_.size(), asked);
    EXPECT_TRUE(cases(there_).empty());
    const std::size_t after = questions_.size();
    run(std::chrono::minutes(5));
    EXPECT_EQ(questions_.size(), after);
}

}  // namespace
}  // namespace schwarm::post
