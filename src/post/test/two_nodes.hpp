// Two nodes of the simulation and a link that can be cut, without a simulated world.
#pragma once

#include <gtest/gtest.h>

#include "../../../tests/sim/node.hpp"
#include "../../exchange/test/fake_cryptography.hpp"
#include "key_table.hpp"
#include "schwarm/exchange/envelope.hpp"
#include "schwarm/exchange/receipt.hpp"
#include "schwarm/json/json.hpp"

namespace schwarm::post {

using exchange::MemberId;
using sim::Node;

class TwoNodes : public testing::Test, public Transport {
  protected:
    // `retention` of both nodes.
    explicit TwoNodes(runtime::RetentionSource retention = {})
        : here_("hier", time_, 1), there_("dort", time_, 2) {
        here_.retention = there_.retention = std::move(retention);
        start(here_);
        start(there_);
    }
    void start(Node& node) {
        ASSERT_TRUE(node.start(cryptography_, table_, contracts_, *this, models_));
        table_.enter(node);
    }
    Node& node(const MemberId& member) { return member == MemberId("hier") ? here_ : there_; }

    // Transport
    void send(const MemberId& to, std::string request,
              std::function<void(Result<std::string>)> done) override {
        Node& target = node(to);
        const Node& from = &target == &here_ ? there_ : here_;
        sent_.push_back(request);
        if (cut_ || !target.up()) return done(fail(ErrorCode::unavailable, "cut off"));
        if (answers_lost_) {
            done(fail(ErrorCode::unavailable, "cut off before the answer"));
            done = [](const Result<std::string>&) {};
        }
        target.post().receive(MemberId(from.name), request, std::move(done));
    }
    void fetch(const MemberId&, std::string,
               std::function<void(Result<std::string>)> done) override {
        done(fail(ErrorCode::gone, "no documents"));
    }
    void run(std::chrono::seconds span = std::chrono::seconds(60)) {
        const Instant end = time_.now() + span;
        while (time_.now() < end) {
            for (Node* one : {&here_, &there_}) {
                if (!one->up()) continue;
                one->runtime().run();
                one->post().tick();
                one->runtime().run();
            }
            time_.step(time_.now() + std::chrono::milliseconds(500));
        }
    }
    CaseId ask() {
        engine::CreateCase create;
        create.definition = engine::DefinitionKey("sim/anfragen@1");
        create.variables =
            engine::Variables{{"nummer", feel::Value(Decimal(7))}, {"bezirk", there_.name}};
        return submit({}, std::move(create));
    }
    CaseId submit(CaseId id, engine::CommandBody body) {
        runtime::Submission submission;
        submission.tenant = here_.tenant();
        submission.case_id = id;
        submission.command.actor = "person";
        submission.command.body = std::move(body);
        return here_.runtime().submit_and_wait(std::move(submission)).value().case_id;
    }
    // Not sent yet; the first message of a conversation.
    exchange::Envelope first_message() const {
        exchange::Envelope out;
        out.from = here_.address();
        out.to = there_.address();
        out.type = "anfrage/1/anfrage";
        out.conversation = "gespraech-1234567890";
        out.id = "nachricht-1234567890";
        out.sequence = 1;
        out.time = time_.now();
        out.expires = out.time + std::chrono::hours(1);
        out.purpose = "Simulation";
        out.legal_basis = "§ 1 Sim";
        out.body = json::Value::object();
        return out;
    }
    // The only one in the answer to a request.
    exchange::Receipt receipt_in(const std::string& answer) {
        const auto lists = json::parse(answer).value();
        const std::string jws(lists.find("receipts")->items().at(0).as_string());
        const auto key = [this](const exchange::Address& from, std::string_view kid) {
            return table_.signing_key(from, kid, time_.now());
        };
        return exchange::read_receipts(jws, key, cryptography_).value().receipts.at(0);
    }
    static runtime::ReadView view(Node& node) {
        return std::move(node.runtime().read(node.tenant()).value());
    }
    bool answered(CaseId id) {
        return view(here_).case_row(id).value().status == engine::CaseStatus::completed;
    }
    std::size_t taken() { return view(there_).cases({}).value().rows.size(); }
    static std::string signs(Node& node) {
        const auto jws = node.post().sign(node.tenant(), "test", "text");
        return exchange::peek_jws(jws.value()).value().kid;
    }

    sim::Timeline time_;
    exchange::test::FakeCryptography cryptography_;
    test::ProcessModels models_ = sim::pools();
    sim::Contracts contracts_;
    KeyTable table_;
    Node here_;
    Node there_;
    bool cut_ = false;
    bool answers_lost_ = false;
    std::vector<std::string> sent_;
};

}  // namespace schwarm::post
