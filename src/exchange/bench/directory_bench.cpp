// How long a start takes and how long it takes to verify everything, beside the signatures alone.
//   directory_bench [ENTRIES]     of three members; a tenth of the entries are tenants
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <map>
#include <string>
#include <vector>

#include "../test/directory/rows.hpp"
#include "schwarm/base/check.hpp"
#include "schwarm/exchange/directory.hpp"
#include "schwarm/exchange/jose_cryptography.hpp"

namespace {

using namespace schwarm;
using namespace schwarm::exchange;

using Rows = exchange::test::MemoryRows;

// Of processor time: the work is one thread's and waits for nothing.
template <class Work>
double seconds(Work work) {
    const std::clock_t start = std::clock();
    work();
    return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

TenantEntry tenant(const Cryptography& cryptography, Random& random, std::size_t number,
                   Instant until) {
    TenantEntry e;
    e.tenant = TenantId("t" + std::to_string(number));
    e.name = "Authority number " + std::to_string(number);
    e.signing = cryptography.make_key(KeyUse::sign, random).value().public_key;
    e.sealing = cryptography.make_key(KeyUse::seal, random).value().public_key;
    e.signing_until = e.sealing_until = until;
    e.roles = {{"registration-authority", {"14713000"}}};
    return e;
}

}  // namespace

int main(int argc, char** argv) {
    const std::size_t wanted = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 100'000;
    constexpr std::size_t kMembers = 3;
    const std::size_t tenants = wanted / 10 / kMembers + 1;
    SystemRandom random;
    const SystemClock clock;
    const Instant now = clock.now();
    const JoseCryptography cryptography(clock);
    EpochContent content;
    content.time = now;
    std::vector<KeyPair> keys;
    for (std::size_t i = 0; i < kMembers; ++i) {
        keys.push_back(cryptography.make_key(KeyUse::sign, random).value());
        const PublicKey& key = keys.back().public_key;
        content.members.push_back({MemberId("member-" + std::to_string(i)), key.kid, key, 0, {}});
    }
    Rows rows;
    DirectoryAnswer answer;
    rows.store([&] {
        CHECK(Directory::found(cryptography, write_content(content), answer).has_value(), "");
        return answer.rows;
    }());
    // Written without accepting each: that is what is measured.
    std::vector<std::pair<PublicKey, std::string>> signatures;
    for (std::size_t i = 0; i < kMembers; ++i) {
        Chain chain(content.members[i].member, keys[i].public_key.kid);
        for (std::size_t n = 0; n < wanted / kMembers; ++n) {
            EntryBody body = ServiceEntry{TenantId("t" + std::to_string(n % tenants)),
                                          "collaboration-" + std::to_string(n),
                                          "1",
                                          "authority",
                                          {{"request", {}}, {"answer", {}}, {"receipt", {}}}};
            if (n == 0) {
                body = NodeEntry{
                    "Organisation", keys[i].public_key, 1, {crypto::Hash{}}, {"node.example:7443"}};
            } else if (n <= tenants) {
                body = tenant(cryptography, random, n % tenants, now + std::chrono::hours(9000));
            }
            const DirectoryEntry entry{chain.member(), n + 1, chain.head(), now, std::move(body)};
            const std::string jws = sign_entry(cryptography, keys[i], entry).value();
            chain.append(cryptography, jws, Trust::checked_before).value();
            rows.rows[row_key::entry(chain.member(), n + 1)] = jws;
            signatures.emplace_back(keys[i].public_key, jws);
        }
    }
    Directory::LoadReport report;
    const auto first = Directory::load(cryptography, rows, nullptr, &report);
    CHECK(first.has_value(), first.has_error() ? first.error().text() : "");
    rows.store({first.value().checkpoint(keys[0], now).value()});
    // The median of five, the two turn by turn, since other work on the machine disturbs both.
    std::vector<double> starts;
    std::vector<double> alls;
    std::vector<double> alones;
    for (int run = 0; run < 5; ++run) {
        alones.push_back(seconds([&] {
            for (const auto& [key, jws] : signatures) {
                CHECK(cryptography.verify(key, kEntryType, jws).has_value(), "a signature");
            }
        }));
        alls.push_back(seconds([&] {
            CHECK(Directory::load(cryptography, rows, nullptr).has_value(), "verify all");
        }));
        starts.push_back(seconds([&] {
            CHECK(Directory::load(cryptography, rows, &keys[0].public_key).has_value(), "start");
        }));
    }
    const auto median = [](std::vector<double>& runs) {
        std::sort(runs.begin(), runs.end());
        return runs[runs.size() / 2];
    };
    const double alone = median(alones);
    const double all = median(alls);
    std::printf("entries                       %9llu\n",
                static_cast<unsigned long long>(report.entries));
    std::printf("start with a checkpoint       %9.3f s\n", median(starts));
    std::printf("signatures of entries alone   %9.3f s\n", alone);
    std::printf("verify all                    %9.3f s   %.2f times\n", all, all / alone);
    return 0;
}
