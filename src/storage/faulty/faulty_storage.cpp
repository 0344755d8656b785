#include "schwarm/storage/faulty.hpp"

#include <vector>

namespace schwarm::storage {
namespace {

struct Undo {
    Space space;
    std::string key;
    std::optional<std::string> before;
};

struct Shared {
    Storage& inner;
    FaultPlan& plan;
    std::vector<Undo> undo;  // of commits that are not really durable, in order
};

Error broken() {
    return fail(ErrorCode::storage_failed, "the disk failed (on purpose)");
}

bool fails_now(FaultPlan& plan) {
    return ++plan.calls == plan.fail_call;
}

class FaultyReader final : public Reader {
  public:
    FaultyReader(FaultPlan& plan, std::unique_ptr<Reader> inner)
        : plan_(plan), inner_(std::move(inner)) {}
    Result<std::optional<std::string>> get(Space space, std::string_view key) override {
        if (fails_now(plan_)) return broken();
        return inner_->get(space, key);
    }
    Result<void> scan(Space space, const ScanRange& range, const Visitor& visit) override {
        if (fails_now(plan_)) return broken();
        return inner_->scan(space, range, visit);
    }

  private:
    FaultPlan& plan_;
    std::unique_ptr<Reader> inner_;
};

class FaultyWrite final : public WriteTransaction {
  public:
    FaultyWrite(Shared& shared, std::unique_ptr<WriteTransaction> inner)
        : shared_(shared), inner_(std::move(inner)) {}

    Result<std::optional<std::string>> get(Space space, std::string_view key) override {
        if (fails_now(shared_.plan)) return broken();
        return inner_->get(space, key);
    }
    Result<void> scan(Space space, const ScanRange& range, const Visitor& visit) override {
        if (fails_now(shared_.plan)) return broken();
        return inner_->scan(space, range, visit);
    }
    Result<void> put(Space space, std::string_view key, std::string_view value) override {
        if (fails_now(shared_.plan)) return broken();
        SCHWARM_TRY_VOID(remember(space, key));
        return inner_->put(space, key, value);
    }
    Result<void> erase(Space space, std::string_view key) override {
        if (fails_now(shared_.plan)) return broken();
        SCHWARM_TRY_VOID(remember(space, key));
        return inner_->erase(space, key);
    }

    Result<void> commit() override {
        FaultPlan& plan = shared_.plan;
        const std::uint64_t number = ++plan.commits;
        const bool fails = fails_now(plan) || number == plan.fail_commit ||
                           (plan.fail_from_commit != 0 && number >= plan.fail_from_commit);
        if (fails || number == plan.drop_commit) {
            inner_.reset();
            inner_ = nullptr;
            over_ = true;
            return fails ? broken() : unknown();
        }
        if (over_) return broken();
        over_ = true;
        SCHWARM_TRY_VOID(inner_->commit());
        if (plan.disk_lies) {
            shared_.undo.insert(shared_.undo.end(), undo_.begin(), undo_.end());
        } else {
            // One honest sync makes everything before it durable as well.
            shared_.undo.clear();
        }
        if (number == plan.lose_answer_of_commit) return unknown();
        return {};
    }

  private:
    static Error unknown() {
        return fail(ErrorCode::maybe_done, "the disk did not answer (on purpose)");
    }

    Result<void> remember(Space space, std::string_view key) {
        if (!shared_.plan.disk_lies) return {};
        SCHWARM_TRY(before, inner_->get(space, key));
        undo_.push_back({space, std::string(key), std::move(before)});
        return {};
    }

    Shared& shared_;
    std::unique_ptr<WriteTransaction> inner_;
    std::vector<Undo> undo_;
    bool over_ = false;
};

class FaultyStorageImpl final : public FaultyStorage {
  public:
    FaultyStorageImpl(Storage& inner, FaultPlan& plan) : shared_{inner, plan, {}} {}

    Result<std::unique_ptr<Reader>> begin_read() override {
        if (fails_now(shared_.plan)) return broken();
        SCHWARM_TRY(inner, shared_.inner.begin_read());
        return std::unique_ptr<Reader>(
            std::make_unique<FaultyReader>(shared_.plan, std::move(inner)));
    }
    Result<std::unique_ptr<WriteTransaction>> begin_write() override {
        if (fails_now(shared_.plan)) return broken();
        SCHWARM_TRY(inner, shared_.inner.begin_write());
        return std::unique_ptr<WriteTransaction>(
            std::make_unique<FaultyWrite>(shared_, std::move(inner)));
    }
    Result<void> scrub() override {
        if (fails_now(shared_.plan)) return broken();
        return shared_.inner.scrub();
    }

    Result<void> power_cut() override {
        SCHWARM_TRY(write, shared_.inner.begin_write());
        for (auto it = shared_.undo.rbegin(); it != shared_.undo.rend(); ++it) {
            if (it->before) {
                SCHWARM_TRY_VOID(write->put(it->space, it->key, *it->before));
            } else {
                SCHWARM_TRY_VOID(write->erase(it->space, it->key));
            }
        }
        shared_.undo.clear();
        return write->commit();
    }

  private:
    Shared shared_;
};

}  // namespace

std::unique_ptr<FaultyStorage> make_faulty_storage(Storage& inner, FaultPlan& plan) {
    return std::make_unique<FaultyStorageImpl>(inner, plan);
}

}  // namespace schwarm::storage
