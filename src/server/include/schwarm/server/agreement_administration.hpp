// Agreements between two tenants about evidence without a case (docs/formats/xroad.md): the halves
// that their operators sign, as files. Beside the working node, which enters the finished one.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "schwarm/base/result.hpp"
#include "schwarm/exchange/directory_entry.hpp"
#include "schwarm/server/administration.hpp"

namespace schwarm::server {

// What travels between the operators: {"agreement": {...}, "client": JWS, "provider": JWS}, one of
// the signatures may be missing. The member `agreement` is for people: it must say what is signed.
struct AgreementFile {
    exchange::Agreement agreement;
    std::string client_signature;
    std::string provider_signature;
    bool complete() const { return !client_signature.empty() && !provider_signature.empty(); }
};
std::string write_agreement_file(const AgreementFile& file);
// invalid_input: no such file, or its parts say different things. Signatures are not verified.
Result<AgreementFile> read_agreement_file(std::string_view text);
Result<AgreementFile> load_agreement_file(const std::filesystem::path& file);

// Signed by the tenant of this node: the client, or the provider if the client is elsewhere.
// invalid_input: what could not be asked for under it: tenants or evidence that the directory does
// not know, a legal basis that the register does not have, evidence that needs a preview.
Result<AgreementFile> offer_agreement(const Place& place, const exchange::Agreement& agreement);
// Adds the half that is missing, and lays the whole where the node finds it: it enters it into its
// chain within seconds, or when it is started. crypto_failed: the other half is not signed by its
// tenant.
Result<AgreementFile> accept_agreement(const Place& place, AgreementFile half);

// ---- parts of the above
// By a tenant of this node, whatever the directory says.
Result<std::string> sign_agreement(const Place& place, const TenantId& tenant,
                                   const exchange::Agreement& agreement);
// Where finished ones wait for the node.
std::filesystem::path agreement_folder(const Place& place);
Result<void> lay_down(const std::filesystem::path& folder, const AgreementFile& file);

}  // namespace schwarm::server
