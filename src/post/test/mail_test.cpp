// What is read about a case out of rows and log lines as Outgoing and Incoming write them.
#include "mail.hpp"

#include <gtest/gtest.h>

#include "process_models.hpp"
#include "rows.hpp"
#include "schwarm/runtime/runtime.hpp"
#include "schwarm/storage/memory.hpp"

namespace schwarm::post {
namespace {

using storage::Space;

constexpr const char* kModel = R"(<definitions
 xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d"><process id="p" isExecutable="true">
 <startEvent id="s"/><userTask id="t"/><endEvent id="e"/>
 <sequenceFlow id="f1" sourceRef="s" targetRef="t"/>
 <sequenceFlow id="f2" sourceRef="t" targetRef="e"/></process></definitions>)";

class Mail : public testing::Test {
  protected:
    Mail() {
        runtime::Environment environment{
            .storage = *storage_,
            .clock = clock_,
            .random = random_,
            .node_key = crypto::Key::random(random_),
            .definitions = [this](const TenantId&) { return process_.definitions(); }};
        runtime::Options options;
        options.threads = false;
        runtime_ = std::move(runtime::Runtime::open(std::move(environment), options).value());
        EXPECT_TRUE(runtime_->ensure_tenant(tenant_).has_value());
        runtime::Submission submission;
        submission.tenant = tenant_;
        submission.command.actor = "erika";
        engine::CreateCase create;
        create.definition = engine::DefinitionKey("d/p@1");
        submission.command.body = std::move(create);
        id_ = runtime_->submit_and_wait(std::move(submission)).value().case_id;
    }

    void write(const runtime::WriteFunction& how) {
        const auto written = runtime_->write_and_wait(tenant_, how);
        ASSERT_TRUE(written.has_value()) << written.error().text();
    }
    Result<void> deliver(runtime::WriteBatch& batch, std::uint64_t number, const std::string& id,
                         const std::string& participant,
                         std::optional<DeliveryState> open = std::nullopt,
                         const std::string& reason = {}) const {
        Delivery delivery;
        delivery.id = id;
        delivery.conversation = "K1";
        delivery.participant = participant;
        delivery.contract = "umzug";
        delivery.version = "1";
        delivery.message = "frage";
        delivery.created = Instant(std::chrono::milliseconds(number));
        SCHWARM_TRY_VOID(batch.put_sealed(keys::delivery(id_, number), id_, delivery.encode()));
        if (open) {
            OpenDelivery row;
            row.case_id = id_;
            row.id = id;
            row.to = "amt@drueben";
            row.state = *open;
            row.reason = reason;
            batch.put(Space::exchange, keys::open_delivery(number), row.encode());
        }
        return {};
    }
    CaseMail read() {
        const auto view = runtime_->read(tenant_).value();
        auto mail = read_mail(view, id_);
        EXPECT_TRUE(mail.has_value());
        return std::move(mail.value());
    }

    const TenantId tenant_{"hier"};
    ManualClock clock_{Instant(std::chrono::milliseconds(1'767'225'600'000))};
    SeededRandom random_{7};
    test::ProcessModels process_{{kModel}, "d/", "@1"};
    std::unique_ptr<storage::Storage> storage_ = storage::make_memory_storage();
    std::unique_ptr<runtime::Runtime> runtime_;
    CaseId id_;
};

TEST_F(Mail, OpenDeliveriesSayHowTheyAreAndProcessedOnesComeFromTheLog) {
    write([&](runtime::WriteBatch& batch) -> Result<void> {
        SCHWARM_TRY_VOID(deliver(batch, 11, "neu", "Amt", DeliveryState::delivered));
        SCHWARM_TRY_VOID(
            deliver(batch, 12, "nein", "Amt", DeliveryState::refused, "not like this"));
        SCHWARM_TRY_VOID(deliver(batch, 10, "da", "Amt"));
        SCHWARM_TRY_VOID(deliver(batch, 13, "eigene", ""));  // of the node itself
        SCHWARM_TRY_VOID(
            batch.audit("system:post", "processed", id_, "umzug/1/frage da amt@drueben"));
        SCHWARM_TRY_VOID(
            batch.audit("system:post", "processed", id_, "umzug/1/alt vorbei amt@drueben"));
        SCHWARM_TRY_VOID(batch.audit("system:post", "refused", id_, "umzug/1/frage nein x@y"));
        return batch.audit("sabine", "view_task", id_, "");
    });
    const CaseMail mail = read();
    ASSERT_EQ(mail.sent.size(), 4U);
    EXPECT_EQ(mail.sent[0].id, "vorbei");  // only the log knows it
    EXPECT_EQ(mail.sent[0].type, "umzug/1/alt");
    EXPECT_EQ(mail.sent[0].to, "amt@drueben");
    EXPECT_FALSE(mail.sent[0].sent);
    EXPECT_EQ(mail.sent[0].processed, clock_.now());
    EXPECT_EQ(mail.sent[1].id, "da");
    EXPECT_FALSE(mail.sent[1].open);
    EXPECT_EQ(mail.sent[1].processed, clock_.now());
    EXPECT_EQ(mail.sent[1].participant, "Amt");
    EXPECT_EQ(mail.sent[2].open, DeliveryState::delivered);
    EXPECT_EQ(mail.sent[3].open, DeliveryState::refused);
    EXPECT_EQ(mail.sent[3].reason, "not like this");
    EXPECT_TRUE(mail.received.empty());
    EXPECT_TRUE(mail.complete);
}

TEST_F(Mail, WhatWasReceivedAndWithWhomTheCaseTalks) {
    write([&](runtime::WriteBatch& batch) -> Result<void> {
        Conversation row;
        row.case_id = id_;
        row.participant = "Amt";
        row.peer = "amt@drueben";
        row.next_sent = 3;
        row.next_expected = 2;
        batch.put(Space::exchange, keys::conversation("K1"), row.encode());
        batch.put(Space::exchange, keys::partner(id_, "Amt"), "K1");
        SCHWARM_TRY_VOID(batch.put_sealed(keys::held("K1", 5), CaseId(), "x"));
        SCHWARM_TRY_VOID(
            batch.audit("amt@drueben", "processed", id_, "umzug/1/antwort m1, Umzug, § 23a BMG"));
        return batch.audit("amt@drueben", "refused", id_,
                           "umzug/1/antwort m2, Umzug, § 23a BMG, § 24: member 'a': missing");
    });
    const CaseMail mail = read();
    ASSERT_EQ(mail.conversations.size(), 1U);
    EXPECT_EQ(mail.conversations[0].id, "K1");
    EXPECT_EQ(mail.conversations[0].participant, "Amt");
    EXPECT_EQ(mail.conversations[0].peer, "amt@drueben");
    EXPECT_EQ(mail.conversations[0].sent, 2U);
    EXPECT_EQ(mail.conversations[0].received, 1U);
    EXPECT_EQ(mail.conversations[0].held, 1U);
    ASSERT_EQ(mail.received.size(), 2U);
    EXPECT_EQ(mail.received[0].id, "m1");
    EXPECT_EQ(mail.received[0].state, "processed");
    EXPECT_EQ(mail.received[1].state, "refused");
    EXPECT_EQ(mail.received[1].reason, "member 'a': missing");
    const auto view = runtime_->read(tenant_).value();
    EXPECT_EQ(case_of_conversation(view, "K1").value(), id_);
    EXPECT_FALSE(case_of_conversation(view, "K2").value());
}

TEST_F(Mail, NothingOfAnotherCase) {
    const auto view = runtime_->read(tenant_).value();
    EXPECT_EQ(read_mail(view, CaseId(99)).error().code, ErrorCode::not_found);
    EXPECT_TRUE(read().sent.empty());
}

}  // namespace
}  // namespace schwarm::post
