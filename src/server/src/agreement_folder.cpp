#include "agreement_folder.hpp"

#include <algorithm>

#include "schwarm/server/agreement_administration.hpp"

namespace schwarm::server {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kAtOnce = 100;

}  // namespace

void AgreementFolder::look() {
    std::error_code ec;
    std::vector<fs::path> files;
    for (const auto& one : fs::directory_iterator(folder_, ec)) {
        if (one.path().extension() == ".json" && files.size() < kAtOnce) files.push_back(one);
    }
    for (const fs::path& file : files) {
        const std::string name = file.filename().string();
        std::string why;
        const Fate fate = enter(file, why);
        if (fate == Fate::waits) {
            if (said_.insert(name).second) {
                log_.info("agreement", {{"file", name}, {"waits", why}});
            }
            continue;
        }
        const bool entered = fate == Fate::entered;
        fs::rename(file, file.string() + (entered ? ".entered" : ".refused"), ec);
        said_.erase(name);
        if (entered) {
            log_.info("agreement", {{"file", name}, {"entered", why}});
        } else {
            log_.warning("agreement", {{"file", name}, {"refused", why}});
        }
        // What cannot be renamed would be entered again and again.
        if (ec) {
            log_.error("agreement", {{"file", name}, {"message", ec.message()}});
            return;
        }
    }
}

Result<bool> AgreementFolder::has_signed(const exchange::Address& tenant,
                                         const std::string& signature) const {
    SCHWARM_TRY(peeked, exchange::peek_jws(signature));
    const auto key = directory_.signing_key(tenant, peeked.kid, clock_.now());
    if (key.has_error()) return false;
    SCHWARM_TRY_VOID(cryptography_.verify(key.value(), exchange::kAgreementType, signature));
    return true;
}

AgreementFolder::Fate AgreementFolder::enter(const fs::path& file, std::string& why) {
    const auto read = load_agreement_file(file);
    if (read.has_error() || !read->complete()) {
        why = read.has_error() ? read.error().text() : "only one of the two has signed it";
        return Fate::refused;
    }
    const exchange::Agreement& agreement = read->agreement;
    if (agreement.client.member != directory_.self() &&
        agreement.provider.member != directory_.self()) {
        why = "neither of the two is a tenant of this node";
        return Fate::refused;
    }
    for (const auto& [tenant, signature] :
         {std::pair(&agreement.client, &read->client_signature),
          std::pair(&agreement.provider, &read->provider_signature)}) {
        const auto known = has_signed(*tenant, *signature);
        if (known.has_error()) {
            why = tenant->text() + " has not signed it: " + known.error().text();
            return Fate::refused;
        }
        if (!known.value()) {
            why = "the directory has no such key of " + tenant->text() + " yet";
            return Fate::waits;
        }
    }
    why = agreement.client.text() + " may ask " + agreement.provider.text() + " for " +
          agreement.evidence;
    const auto held =
        directory_.now()->agreements(agreement.client, agreement.provider, clock_.now());
    if (std::find(held.begin(), held.end(), agreement) != held.end()) return Fate::entered;
    const auto done = directory_.enter(
        exchange::AgreementEntry{agreement, read->client_signature, read->provider_signature});
    if (done.has_value()) return Fate::entered;
    why = done.error().text();
    return retryable(done.error().code) ? Fate::waits : Fate::refused;
}

}  // namespace schwarm::server
