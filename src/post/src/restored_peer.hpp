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
    // Gives a restored address again what it had receipted since a time, without having been
    // asked: how many messages.
    using Given = std::function<void(Result<std::uint64_t>)>;
    void give_all(const TenantId& tenant, const std::string& to, Instant since, const Given& done);

  private:
    using Done = std::function<void(Result<std::string>)>;
    struct Page {
        std::uint64_t count = 0;  // deliveries that were opened
        std::string last;         // key of the last row
        bool full = false;
    };
    // Where a page begins: in the rows of a tenant.
    struct Place {
        std::size_t tenant = 0;  // number of it
        std::string key;         // the last one of the page before; empty: none
    };
    Result<Place> read_place(std::string_view after) const;
    std::string next_place(const Place& place, const std::string& last, bool full) const;

    void give_again(const std::string& to, const RestoredQuestion& question, const Done& done);
    void give_from(const TenantId& tenant, const std::string& to, Instant since, std::string after,
                   std::uint64_t before, const Given& done);
    Result<Page> give_page(runtime::WriteBatch& batch, const std::string& to, Instant since,
                           const std::string& after);
    Result<void> renew_under_way(runtime::WriteBatch& batch, const std::string& to) const;
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
