// The side of a restore that has lost nothing: gives again what a restored node had receipted, and
// tells how far the conversations with it are (docs/decisions/0013-restore.md).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "incoming.hpp"
#include "outgoing.hpp"
#include "restored_texts.hpp"

namespace schwarm::post {

// Thread-safe.
class RestoredPeer {
  public:
    RestoredPeer(const Environment& environment, const Options& options, Outgoing& outgoing,
                 Incoming& incoming)
        : environment_(environment), options_(options), outgoing_(outgoing), incoming_(incoming) {}

    void use(runtime::Runtime& runtime, const std::vector<TenantId>& tenants) {
        runtime_ = &runtime;
        tenants_ = tenants;
    }
    // invalid_input: no such question.
    void answer(const exchange::MemberId& from, std::string_view question,
                std::function<void(Result<std::string>)> done);

  private:
    using Done = std::function<void(Result<std::string>)>;
    // Where a page begins: in the rows of a tenant.
    struct Place {
        std::size_t tenant = 0;  // number of it
        std::string key;         // the last one of the page before; empty: none
    };
    Result<Place> read_place(std::string_view after) const;
    std::string next_place(const Place& place, const std::string& last, bool full) const;

    void give_again(const std::string& to, const RestoredQuestion& question, const Done& done);
    Result<void> give_page(runtime::WriteBatch& batch, const std::string& to, Instant since,
                           const Place& place, RestoredAnswer& answer);
    Result<bool> open_again(runtime::WriteBatch& batch, const std::string& to,
                            std::string_view erase_key);
    Result<std::string> tell(const std::string& to, const RestoredQuestion& question) const;
    void pass_over(const std::string& from, const RestoredQuestion& question, const Done& done);

    const Environment& environment_;
    const Options& options_;
    Outgoing& outgoing_;
    Incoming& incoming_;
    runtime::Runtime* runtime_ = nullptr;
    std::vector<TenantId> tenants_;
};

}  // namespace schwarm::post
