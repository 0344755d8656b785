// How long the cases of packages are kept, as the runtime is told.
#include <gtest/gtest.h>

#include "schwarm/bpmn/timer_text.hpp"
#include "schwarm/services/bindings.hpp"
#include "schwarm/services/definitions.hpp"
#include "test_package.hpp"

namespace schwarm::services {
namespace {

using std::chrono::hours;

const TenantId kLeipzig("leipzig");
const Instant kCreated(std::chrono::milliseconds(1'773'478'800'000));  // 2026-03-14T09:00:00Z

class RetentionOfPackages : public testing::Test {
  protected:
    std::shared_ptr<const Package> add(const std::string& more,
                                       const std::string& rule = "Aktenordnung") {
        auto files = test_files();
        std::string& text = files.at("service.json");
        const std::string before = R"("rule": "Aktenordnung")";
        text.replace(text.find(before), before.size(), R"("rule": ")" + rule + "\"" + more);
        auto loaded = load_package("parkausweis", files);
        EXPECT_TRUE(loaded.package);
        EXPECT_TRUE(registry_.add(loaded.package, kCreated));
        return loaded.package;
    }
    // An hour after it was created.
    static runtime::CaseRow ended(const Package& package) {
        runtime::CaseRow row;
        row.definition = engine::DefinitionKey(definition_key(package));
        row.created = kCreated;
        row.ended = kCreated + hours(1);
        return row;
    }
    std::optional<runtime::Retention> ask(const runtime::CaseRow& row) const {
        return bindings_.retention(kLeipzig, row, bpmn::Period::parse("P1D"));
    }

    Registry registry_;
    Bindings bindings_{registry_};
};

TEST_F(RetentionOfPackages, IsTheAuthoritysOrderUnlessThePackageSaysOtherwise) {
    EXPECT_FALSE(ask(ended(*add(""))));
    EXPECT_FALSE(ask(ended(*add(R"(, "deletion": "order")"))));
}

TEST_F(RetentionOfPackages, CountsFromTheEndAndForTheLogFromTheBeginning) {
    const auto package = add(R"(, "deletion": "automatic", "log": "P6M")", "§ 18 Abs. 3 FZV");
    auto row = ended(*package);
    const auto whole = ask(row);
    ASSERT_TRUE(whole);
    EXPECT_EQ(whole->until, *row.ended + hours(24 * 731));  // to 14 March 2028
    EXPECT_EQ(whole->log_until, kCreated + hours(24 * 184));
    EXPECT_EQ(whole->rule, "§ 18 Abs. 3 FZV");
    // What schwarm:archive has set is exact.
    row.retention_until = kCreated + std::chrono::minutes(90);
    EXPECT_EQ(ask(row)->until, kCreated + std::chrono::minutes(90));
    row.ended.reset();
    EXPECT_FALSE(ask(row));
}

TEST_F(RetentionOfPackages, IsThatOfTheVersionOfTheCase) {
    const auto old = add(R"(, "deletion": "automatic")", "§ 1");
    const auto now = add(R"(, "deletion": "automatic", "log": "P90D")", "§ 2");
    EXPECT_EQ(ask(ended(*old))->rule, "§ 1");
    EXPECT_FALSE(ask(ended(*old))->log_until);
    EXPECT_EQ(ask(ended(*now))->rule, "§ 2");
    EXPECT_EQ(ask(ended(*now))->log_until, kCreated + hours(24 * 90));
}

TEST_F(RetentionOfPackages, OfADeployedProcessTheNodeSaysItAndNoRule) {
    runtime::CaseRow row;
    row.definition = definition_key_of(7);
    row.created = kCreated;
    row.ended = kCreated;
    const auto kept = ask(row);
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->until, kCreated + hours(24));
    EXPECT_EQ(kept->rule, "");
    EXPECT_FALSE(kept->log_until);
    row.retention_until = kCreated;
    EXPECT_FALSE(ask(row));
}

}  // namespace
}  // namespace schwarm::services
