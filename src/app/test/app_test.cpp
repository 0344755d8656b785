// The use cases over the real runtime with storage in memory and the test package of services.
#include "schwarm/app/app.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "app_fixture.hpp"

namespace schwarm::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class AppTest : public testing::Test, protected AppFixture {};

TEST_F(AppTest, CatalogueShowsWhatTenantsOffer) {
    const auto all = *app_.services(nobody_, {}, "", forms::Lang::de);
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].title, "Bewohnerparkausweis");
    EXPECT_EQ(all[0].tenant_name, "Stadt Leipzig");
    EXPECT_EQ((*app_.services(nobody_, {}, "", forms::Lang::en))[0].title,
              "Resident parking permit");
    EXPECT_TRUE(app_.services(nobody_, {}, "Wohngeld", forms::Lang::de)->empty());
    const auto page = app_.service(nobody_, kLeipzig, kService, forms::Lang::de);
    ASSERT_TRUE(page);
    EXPECT_TRUE(page->withdrawable);
    EXPECT_EQ(app_.service(nobody_, TenantId("halle"), kService, forms::Lang::de).error().code,
              ErrorCode::not_found);
}

TEST_F(AppTest, SubmitDecidesAndAnswersAfterTheCommit) {
    const auto receipt = submit(erika_, answers());
    EXPECT_EQ(receipt.case_number, "PA-2026-0000001");
    EXPECT_TRUE(receipt.completed);
    const auto view = app_.view_case(erika_, kLeipzig, receipt.case_id, forms::Lang::de);
    ASSERT_TRUE(view) << view.error().text();
    EXPECT_EQ(view->decision, "erteilt");
    EXPECT_EQ(view->amount->to_string(), "30.7");
    EXPECT_EQ(view->entry.status, "Der Ausweis ist erteilt.");
    ASSERT_EQ(view->documents.size(), 1U);
    EXPECT_EQ(view->documents[0].title, "Bescheid über den Parkausweis");
    EXPECT_FALSE(view->may_withdraw);
    const auto notice = app_.document(erika_, kLeipzig, receipt.case_id, view->documents[0].id);
    ASSERT_TRUE(notice) << notice.error().text();
    EXPECT_THAT(notice->body_html, HasSubstr("Erika Mustermann darf mit L-AB 123"));
    EXPECT_THAT(notice->body_html, HasSubstr("PA-2026-0000001"));
    EXPECT_THAT(notice->body_html, HasSubstr("Stadt Leipzig"));
}

TEST_F(AppTest, AClerkSeesWhichRulesMatched) {
    const auto id = submit(erika_, answers()).case_id;
    const auto view = app_.view_case(clerk_, kLeipzig, id, forms::Lang::de);
    ASSERT_TRUE(view) << view.error().text();
    ASSERT_EQ(view->decisions.size(), 1U);
    const auto& decision = view->decisions[0];
    EXPECT_EQ(decision.title, "Gebuehr");
    EXPECT_EQ(decision.at, clock_.now());
    ASSERT_EQ(decision.explanation.tables.size(), 1U);
    const auto& table = decision.explanation.tables[0];
    using Pairs = std::vector<std::pair<std::string, std::string>>;
    EXPECT_EQ(table.name, "Gebühr");
    EXPECT_EQ(table.rules, std::vector<std::size_t>{2});
    EXPECT_EQ(table.inputs, (Pairs{{"Ermäßigt", "nein"}}));
    EXPECT_EQ(table.outputs, (Pairs{{"Gebühr", "30,7"}}));
    EXPECT_EQ(table.annotations, std::vector<std::string>{"§ 1 der Gebührenordnung"});
    // The applicant has the notice.
    EXPECT_TRUE(app_.view_case(erika_, kLeipzig, id, forms::Lang::de)->decisions.empty());
}

TEST_F(AppTest, OthersDoNotSeeACase) {
    const auto id = submit(erika_, answers()).case_id;
    for (const auto& who : {max_, nobody_, admin_, clerk_of_other_group()}) {
        const Error hidden = app_.view_case(who, kLeipzig, id, forms::Lang::de).error();
        EXPECT_EQ(hidden.code, ErrorCode::not_found);
        // As if there were none.
        EXPECT_EQ(hidden.text(),
                  app_.view_case(who, kLeipzig, CaseId(99), forms::Lang::de).error().text());
        EXPECT_EQ(app_.document(who, kLeipzig, id, DocumentId(1)).error().code,
                  ErrorCode::not_found);
    }
    EXPECT_EQ(app_.view_case(erika_, kLeipzig, CaseId(99), forms::Lang::de).error().code,
              ErrorCode::not_found);
    EXPECT_EQ(app_.my_cases(erika_, forms::Lang::de)->size(), 1U);
    EXPECT_TRUE(app_.my_cases(max_, forms::Lang::de)->empty());
}

TEST_F(AppTest, ClerksSeeWhatCameFromOtherAuthorities) {
    const auto id = submit(erika_, heavy()).case_id;
    const auto written = wait<void>([&](auto done) {
        runtime_->submit_write(
            kLeipzig,
            [id](runtime::WriteBatch& batch) -> Result<void> {
                SCHWARM_TRY_VOID(batch.put_document(id, "eingang-1", "%PDF-1.7"));
                return batch.put_document(id, "eingang-x", "no number");
            },
            done);
    });
    ASSERT_TRUE(written);
    const auto view = app_.view_case(clerk_, kLeipzig, id, forms::Lang::de);
    ASSERT_TRUE(view);
    ASSERT_EQ(view->documents.size(), 1U);
    const DocumentEntry& entry = view->documents[0];
    EXPECT_EQ(entry.name, "received");
    EXPECT_EQ(entry.title, "eingang-1.bin");  // nobody said what it is
    EXPECT_EQ(app_.uploaded_file(clerk_, kLeipzig, id, entry.id)->bytes, "%PDF-1.7");
    EXPECT_EQ(
        app_.uploaded_file(clerk_, kLeipzig, id, DocumentId(entry.id.value() + 1)).error().code,
        ErrorCode::not_found);
    EXPECT_TRUE(app_.view_case(erika_, kLeipzig, id, forms::Lang::de)->documents.empty());
    EXPECT_EQ(app_.uploaded_file(erika_, kLeipzig, id, entry.id).error().code,
              ErrorCode::not_found);
}

TEST_F(AppTest, WrongAnswersComeBackWithTheirFields) {
    auto wrong = answers({{"kennzeichen", feel::Value("123")}});
    const auto reply = try_submit(erika_, wrong);
    ASSERT_TRUE(reply);
    EXPECT_FALSE(reply->receipt);
    ASSERT_EQ(reply->field_errors.size(), 1U);
    EXPECT_EQ(reply->field_errors[0].path, "kennzeichen");
    EXPECT_TRUE(app_.my_cases(erika_, forms::Lang::de)->empty());
}

TEST_F(AppTest, TheSameIdempotencyKeyGivesTheSameCase) {
    const auto first = submit(erika_, answers(), "key-1");
    const auto again = submit(erika_, answers(), "key-1");
    EXPECT_FALSE(first.repeated);
    EXPECT_TRUE(again.repeated);
    EXPECT_EQ(first.case_number, again.case_number);
    EXPECT_EQ(again.status, first.status);
    EXPECT_NE(submit(erika_, answers(), "key-2").case_id, first.case_id);
    EXPECT_NE(submit(max_, answers(), "key-1").case_id, first.case_id);
}

TEST_F(AppTest, DraftsBelongToOnePersonAndGoWithTheSubmission) {
    const auto draft = feel::Value::context({{"name", feel::Value("Er")}});
    ASSERT_TRUE(wait<Draft>(
        [&](auto done) { app_.save_draft(erika_, kLeipzig, kService, draft, std::move(done)); }));
    const auto loaded = app_.load_draft(erika_, kLeipzig, kService);
    ASSERT_TRUE(loaded) << loaded.error().text();
    EXPECT_EQ(loaded->answers, draft);
    EXPECT_EQ(loaded->expires - loaded->saved, std::chrono::hours(24 * 30));
    EXPECT_EQ(app_.load_draft(max_, kLeipzig, kService).error().code, ErrorCode::not_found);
    SubmitRequest request;
    request.tenant = kLeipzig;
    request.service = kService;
    request.answers = answers();
    request.delete_draft = true;
    ASSERT_TRUE(
        wait<SubmitReply>([&](auto done) { app_.submit(erika_, request, std::move(done)); }));
    EXPECT_EQ(app_.load_draft(erika_, kLeipzig, kService).error().code, ErrorCode::not_found);
}

TEST_F(AppTest, DraftsExpire) {
    ASSERT_TRUE(wait<Draft>([&](auto done) {
        app_.save_draft(erika_, kLeipzig, kService, feel::Value::context({}), std::move(done));
    }));
    clock_.set(clock_.now() + std::chrono::hours(24 * 30));
    EXPECT_EQ(app_.load_draft(erika_, kLeipzig, kService).error().code, ErrorCode::not_found);
}

TEST_F(AppTest, AClerkWorksATask) {
    const auto id = submit(erika_, heavy()).case_id;
    const auto tasks = *app_.tasks(clerk_, forms::Lang::de);
    ASSERT_EQ(tasks.size(), 1U);
    EXPECT_EQ(tasks[0].case_number, "PA-2026-0000001");
    EXPECT_EQ(tasks[0].title, "Schweres Fahrzeug prüfen");
    EXPECT_FALSE(tasks[0].taken);
    const auto stranger = clerk_of_other_group();
    EXPECT_TRUE(app_.tasks(stranger, forms::Lang::de)->empty());
    EXPECT_EQ(app_.task(stranger, kLeipzig, id, tasks[0].key, forms::Lang::de).error().code,
              ErrorCode::not_found);
    EXPECT_EQ(complete(stranger, id, tasks[0].key, "ja").error().code, ErrorCode::not_found);

    const auto view = app_.task(clerk_, kLeipzig, id, tasks[0].key, forms::Lang::de);
    ASSERT_TRUE(view) << view.error().text();
    ASSERT_EQ(view->reasons.size(), 1U);
    EXPECT_EQ(view->reasons[0].rule, "§ 12 Abs. 3a StVO");
    ASSERT_NE(view->form, nullptr);
    EXPECT_EQ(view->form->id(), "pruefung");
    EXPECT_FALSE(view->application.empty());

    ASSERT_TRUE(wait<void>([&](auto done) {
        app_.claim(clerk_, kLeipzig, id, tasks[0].key, false, std::move(done));
    }));
    EXPECT_TRUE((*app_.tasks(clerk_, forms::Lang::de))[0].mine);
    auto colleague = clerk_;
    colleague.subject = "demo:kollege";
    EXPECT_TRUE((*app_.tasks(colleague, forms::Lang::de))[0].taken);
    EXPECT_EQ(complete(colleague, id, tasks[0].key, "ja").error().code, ErrorCode::conflict);

    const auto wrong = complete(clerk_, id, tasks[0].key, "vielleicht");
    ASSERT_TRUE(wrong);
    EXPECT_EQ(wrong->field_errors.size(), 1U);
    ASSERT_TRUE(complete(clerk_, id, tasks[0].key, "ja"));
    EXPECT_TRUE(app_.tasks(clerk_, forms::Lang::de)->empty());
    EXPECT_EQ(app_.view_case(erika_, kLeipzig, id, forms::Lang::de)->entry.milestone, "erteilt");
    EXPECT_EQ(complete(clerk_, id, tasks[0].key, "ja").error().code, ErrorCode::not_found);
}

TEST_F(AppTest, DocumentsAreAskedForAndHandedIn) {
    const auto id = submit(erika_, heavy()).case_id;
    const auto task = (*app_.tasks(clerk_, forms::Lang::de))[0].key;
    ASSERT_TRUE(complete(clerk_, id, task, "unterlagen"));
    auto view = *app_.view_case(erika_, kLeipzig, id, forms::Lang::de);
    ASSERT_EQ(view.messages.size(), 1U);
    EXPECT_EQ(view.messages[0].text, "Bitte senden Sie den Fahrzeugschein für L-AB 123.");
    EXPECT_TRUE(view.may_upload);

    const auto upload = [&](const Principal& who, std::string name, std::string bytes) {
        return wait<DocumentEntry>([&](auto done) {
            app_.upload(who, kLeipzig, id, {name, bytes}, std::move(done));
        });
    };
    EXPECT_EQ(upload(erika_, "a.exe", "MZ").error().code, ErrorCode::invalid_input);
    EXPECT_EQ(upload(max_, "a.pdf", "%PDF-1.7").error().code, ErrorCode::not_found);
    EXPECT_EQ(upload(erika_, "a.pdf", "%PDF-" + std::string(11U << 20, 'x')).error().code,
              ErrorCode::limit_exceeded);
    const auto file = upload(erika_, "C:\\Bilder\\Schein\n.pdf", "%PDF-1.7 Inhalt");
    ASSERT_TRUE(file) << file.error().text();
    EXPECT_EQ(file->title, "Schein.pdf");
    EXPECT_EQ(file->media_type, "application/pdf");
    EXPECT_EQ(app_.uploaded_file(clerk_, kLeipzig, id, file->id)->bytes, "%PDF-1.7 Inhalt");
    EXPECT_EQ(app_.uploaded_file(max_, kLeipzig, id, file->id).error().code, ErrorCode::not_found);

    ASSERT_TRUE(wait<void>(
        [&](auto done) { app_.documents_complete(erika_, kLeipzig, id, std::move(done)); }));
    EXPECT_EQ(app_.tasks(clerk_, forms::Lang::de)->size(), 1U);
    view = *app_.view_case(erika_, kLeipzig, id, forms::Lang::de);
    EXPECT_FALSE(view.may_upload);
    ASSERT_EQ(view.documents.size(), 1U);
    EXPECT_TRUE(view.documents[0].uploaded);
}

TEST_F(AppTest, WithdrawalOnlyByTheApplicantAndOnlyOnce) {
    const auto id = submit(erika_, heavy()).case_id;
    const auto withdraw = [&](const Principal& who, std::string key) {
        return wait<void>(
            [&](auto done) { app_.withdraw(who, kLeipzig, id, key, std::move(done)); });
    };
    EXPECT_TRUE(app_.view_case(erika_, kLeipzig, id, forms::Lang::de)->may_withdraw);
    EXPECT_EQ(withdraw(max_, "").error().code, ErrorCode::not_found);
    ASSERT_TRUE(withdraw(erika_, "w1"));
    EXPECT_TRUE(withdraw(erika_, "w1"));
    EXPECT_EQ(withdraw(erika_, "w2").error().code, ErrorCode::conflict);
    const auto view = *app_.view_case(erika_, kLeipzig, id, forms::Lang::de);
    EXPECT_EQ(view.entry.milestone, "zurueckgezogen");
    EXPECT_TRUE(app_.tasks(clerk_, forms::Lang::de)->empty());
}

// The test package, with a case that waits until its notice is retrieved.
std::shared_ptr<const services::Package> package_with_retrieval() {
    auto files = services::test_files();
    const auto replace = [&](const char* file, const std::string& from, const std::string& to) {
        auto& text = files.at(file);
        const auto at = text.find(from);
        if (at == std::string::npos) throw std::runtime_error("no " + from);
        text.replace(at, from.size(), to);
    };
    replace("service.json", R"("legal_basis")",
            R"("retrieval": {"document": "bescheid", "message": "abruf"}, "legal_basis")");
    replace("process.bpmn", R"(<bpmn:process )",
            R"(<bpmn:message id="Message_abruf" name="abruf"><bpmn:extensionElements>
               <zeebe:subscription correlationKey="=vorgang_id" /></bpmn:extensionElements>
               </bpmn:message><bpmn:process )");
    replace("process.bpmn", R"(sourceRef="Papier" targetRef="Ablegen" />)",
            R"(sourceRef="Papier" targetRef="Abruf" />
               <bpmn:intermediateCatchEvent id="Abruf"><bpmn:incoming>F_ohne</bpmn:incoming>
               <bpmn:outgoing>F_abruf</bpmn:outgoing>
               <bpmn:messageEventDefinition id="MED_a" messageRef="Message_abruf" />
               </bpmn:intermediateCatchEvent>
               <bpmn:sequenceFlow id="F_abruf" sourceRef="Abruf" targetRef="Ablegen" />)");
    replace("process.bpmn", R"(<bpmn:incoming>F_ohne</bpmn:incoming><bpmn:incoming>F9)",
            R"(<bpmn:incoming>F_abruf</bpmn:incoming><bpmn:incoming>F9)");
    auto loaded = services::load_package("parkausweis", files);
    if (!loaded.package) throw std::runtime_error(loaded.problems.front().text());
    return loaded.package;
}

TEST_F(AppTest, ACaseIsToldThatItsNoticeWasRetrievedByTheApplicant) {
    require(registry_.add(package_with_retrieval(), clock_.now()));
    const auto id = submit(erika_, answers()).case_id;
    const auto active = [&] {
        return app_.view_case(erika_, kLeipzig, id, forms::Lang::de)->entry.open;
    };
    const auto before = *app_.view_case(erika_, kLeipzig, id, forms::Lang::de);
    ASSERT_EQ(before.documents.size(), 1U);
    const auto open = [&](const Principal& who) {
        return wait<RenderedDocument>([&](auto done) {
            app_.open_document(who, kLeipzig, id, before.documents[0].id, std::move(done));
        });
    };
    EXPECT_EQ(open(max_).error().code, ErrorCode::not_found);
    // Looking at the document as a clerk, or rendering it for other purposes, is no retrieval.
    ASSERT_TRUE(open(clerk_));
    ASSERT_TRUE(app_.document(erika_, kLeipzig, id, before.documents[0].id));
    EXPECT_TRUE(active());
    const auto notice = open(erika_);
    ASSERT_TRUE(notice) << notice.error().text();
    EXPECT_THAT(notice->body_html, HasSubstr("Erika Mustermann"));
    EXPECT_FALSE(active());
    EXPECT_TRUE(open(erika_));
}

TEST_F(AppTest, AnswersAreCorrectedWhileTheCaseWaitsForIt) {
    auto files = services::test_files();
    auto& json = files.at("service.json");
    const std::string from = R"("documents": "unterlagen")";
    json.replace(json.find(from), from.size(), R"("correction": "unterlagen")");
    auto loaded = services::load_package("parkausweis", files);
    ASSERT_TRUE(loaded.package);
    require(registry_.add(loaded.package, clock_.now()));
    const auto id = submit(erika_, heavy()).case_id;
    const auto begin = [&](const Principal& who) {
        return wait<ServiceId>(
            [&](auto done) { app_.begin_correction(who, kLeipzig, id, std::move(done)); });
    };
    EXPECT_EQ(begin(erika_).error().code, ErrorCode::conflict);
    const auto tasks = *app_.tasks(clerk_, forms::Lang::de);
    ASSERT_EQ(tasks.size(), 1U);
    ASSERT_TRUE(complete(clerk_, id, tasks[0].key, "unterlagen"));
    EXPECT_TRUE(app_.view_case(erika_, kLeipzig, id, forms::Lang::de)->may_correct);
    EXPECT_EQ(begin(max_).error().code, ErrorCode::not_found);
    // A draft of something else is not thrown away.
    ASSERT_TRUE(wait<Draft>([&](auto done) {
        app_.save_draft(erika_, kLeipzig, kService, answers(), std::move(done));
    }));
    EXPECT_EQ(begin(erika_).error().code, ErrorCode::conflict);
    ASSERT_TRUE(wait<void>(
        [&](auto done) { app_.delete_draft(erika_, kLeipzig, kService, std::move(done)); }));
    ASSERT_TRUE(begin(erika_));
    ASSERT_TRUE(begin(erika_));
    auto draft = *app_.load_draft(erika_, kLeipzig, kService);
    EXPECT_EQ(draft.answers.get("gewicht").to_string(), "3000");

    const auto send = [&](const Principal& who, const feel::Value& changed) {
        feel::ContextBuilder all(draft.answers.as_context());
        for (const auto& entry : changed.as_context()) all.set(entry.key, entry.value);
        SubmitRequest request;
        request.tenant = kLeipzig;
        request.service = kService;
        request.answers = all.build();
        request.delete_draft = true;
        return wait<SubmitReply>(
            [&](auto done) { app_.submit(who, std::move(request), std::move(done)); });
    };
    EXPECT_EQ(send(max_, answers()).error().code, ErrorCode::not_found);
    const auto wrong = send(erika_, answers({{"gewicht", feel::Value(1)}}));
    ASSERT_TRUE(wrong);
    EXPECT_EQ(wrong->field_errors.size(), 1U);
    const auto sent = send(erika_, answers({{"gewicht", feel::Value(2900)}}));
    ASSERT_TRUE(sent) << sent.error().text();
    EXPECT_EQ(sent->receipt->case_id, id);
    EXPECT_TRUE(sent->receipt->corrected);
    EXPECT_EQ(app_.load_draft(erika_, kLeipzig, kService).error().code, ErrorCode::not_found);
    EXPECT_EQ(app_.my_cases(erika_, forms::Lang::de)->size(), 1U);
    const auto again = *app_.tasks(clerk_, forms::Lang::de);
    ASSERT_EQ(again.size(), 1U);
    const auto view = app_.task(clerk_, kLeipzig, id, again[0].key, forms::Lang::de);
    EXPECT_EQ(view->variables.get("antrag").get("gewicht").to_string(), "2900");
    EXPECT_EQ(send(erika_, answers()).error().code, ErrorCode::conflict);
}

TEST_F(AppTest, OverviewCountsAndNamesThePrintQueue) {
    submit(erika_, answers());
    submit(erika_, heavy());
    EXPECT_EQ(app_.overview(clerk_).error().code, ErrorCode::not_found);
    const auto overview = app_.overview(admin_);
    ASSERT_TRUE(overview) << overview.error().text();
    ASSERT_EQ(overview->tenants.size(), 1U);
    EXPECT_EQ(overview->tenants[0].open, 1U);
    EXPECT_EQ(overview->tenants[0].ended, 1U);
    EXPECT_EQ(overview->tenants[0].tasks, 1U);
    EXPECT_EQ(overview->cases_last_minute, 2U);
    EXPECT_EQ(overview->recent.size(), 2U);
    EXPECT_TRUE(overview->healthy);
    auto other = admin_;
    other.tenant = TenantId("halle");
    EXPECT_TRUE(app_.overview(other)->tenants.empty());
}

TEST_F(AppTest, DeletionByLawWaitsForTheRetention) {
    const auto id = submit(erika_, answers()).case_id;
    const auto remove = [&](const Principal& who, std::string rule) {
        return wait<void>(
            [&](auto done) { app_.delete_case(who, kLeipzig, id, rule, std::move(done)); });
    };
    EXPECT_EQ(remove(clerk_, "x").error().code, ErrorCode::not_found);
    EXPECT_EQ(remove(admin_, "").error().code, ErrorCode::conflict);
    clock_.set(clock_.now() + std::chrono::hours(24 * 740));
    ASSERT_TRUE(remove(admin_, ""));
    for (const auto& who : {erika_, max_}) {
        EXPECT_EQ(app_.view_case(who, kLeipzig, id, forms::Lang::de).error().code,
                  ErrorCode::not_found);
    }
    EXPECT_TRUE(app_.my_cases(erika_, forms::Lang::de)->empty());
}

TEST_F(AppTest, WhatIsDeletedByItselfIsGoneForThePersonAsOnOrder) {
    const auto before = submit(erika_, answers()).case_id;
    auto files = services::test_files();
    auto& text = files.at("service.json");
    const std::string rule = R"("rule": "Aktenordnung")";
    text.replace(text.find(rule), rule.size(),
                 R"("rule": "Parkordnung § 7", "deletion": "automatic")");
    auto node = admin_;
    node.tenant = TenantId();
    ASSERT_TRUE(wait<services::Deployed>(
        [&](auto done) { app_.deploy(node, "parkausweis", files, std::move(done)); }));
    const auto id = submit(erika_, answers()).case_id;
    EXPECT_EQ(app_.my_cases(erika_, forms::Lang::de)->size(), 2U);
    clock_.set(clock_.now() + std::chrono::hours(24 * 731));
    runtime_->wake();
    runtime_->wait_idle();
    EXPECT_EQ(app_.view_case(erika_, kLeipzig, id, forms::Lang::de).error().code,
              ErrorCode::not_found);
    ASSERT_EQ(app_.my_cases(erika_, forms::Lang::de)->size(), 1U);
    EXPECT_EQ(app_.my_cases(erika_, forms::Lang::de)->front().id, before) << "its version waits";
    const auto line = app_.audit(admin_, kLeipzig, 1)->front();
    EXPECT_EQ(line.actor, "system:retention");
    EXPECT_THAT(line.detail, HasSubstr("Parkordnung § 7"));
}

TEST_F(AppTest, ADeploymentChangesNewCasesOnly) {
    const auto old_case = submit(erika_, heavy()).case_id;
    auto files = services::test_files();
    auto& text = files.at("texts/de.json");
    text.replace(text.find("Ein Mensch prüft Ihren Antrag."), 31, "Wir prüfen. Bitte Geduld haben");
    const auto deploy = [&](const Principal& who, services::PackageFiles parcel) {
        return wait<services::Deployed>(
            [&](auto done) { app_.deploy(who, "parkausweis", parcel, std::move(done)); });
    };
    EXPECT_EQ(deploy(admin_, files).error().code, ErrorCode::not_found);
    auto node = admin_;
    node.tenant = TenantId();
    auto broken = files;
    broken.erase("gebuehr.dmn");
    const auto refused = deploy(node, broken);
    ASSERT_TRUE(refused);
    ASSERT_FALSE(refused->problems.empty());
    EXPECT_THAT(refused->problems[0].text(), HasSubstr("Gebuehr_berechnen"));
    const auto done = deploy(node, files);
    ASSERT_TRUE(done) << done.error().text();
    EXPECT_TRUE(done->problems.empty());
    const auto status = [&](CaseId id) {
        return app_.view_case(erika_, kLeipzig, id, forms::Lang::de)->entry.status;
    };
    EXPECT_EQ(status(old_case), "Ein Mensch prüft Ihren Antrag.");
    EXPECT_THAT(status(submit(erika_, heavy()).case_id), HasSubstr("Wir prüfen."));
    // What was stored can be loaded again.
    services::Registry fresh;
    ASSERT_TRUE(services::load_stored(*storage_, fresh));
    EXPECT_EQ(fresh.package(kService)->version, done->version);
}

}  // namespace
}  // namespace schwarm::app
