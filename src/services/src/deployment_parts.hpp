// Inside of deployments: what files hold, and the rows they become.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/base/binary.hpp"
#include "schwarm/services/deployments.hpp"

namespace schwarm::services {

// Everything that was found in the files, without keys and versions yet.
struct CheckedFiles {
    std::vector<Deployment::Any> definitions;  // in the order of the files
    std::vector<Problem> problems;
    bool refused() const;
};
CheckedFiles check_files(const std::vector<ResourceFile>& files, const DeploymentLimits& limits);

// The common part of whatever it is.
Definition& definition_in(Deployment::Any& any);
const Definition& definition_in(const Deployment::Any& any);
// One letter for the kind of a definition, as row keys name it: p, r, f, g; d for a decision.
char letter_of(const Deployment::Any& any);

// Rows of the space packages below a tenant:
//   D<letter><16 digits>   one definition (format 1)
//   L<letter><id>          its newest version: number, key (0: deleted), checksum, name
//   C<64 digits>           the bytes of a file by its SHA-256
std::string definition_row_key(char letter, std::uint64_t key);
std::string latest_row_key(char letter, std::string_view id);
std::string content_row_key(std::string_view checksum);

std::string encode_definition(const Deployment::Any& any);
Result<Deployment::Any> decode_definition(std::string_view bytes);

struct LatestVersion {
    std::int32_t version = 0;  // the highest ever given
    std::uint64_t key = 0;     // of the newest one that is not deleted; 0: there is none
    std::string checksum;
    std::string resource_name;
};
std::string encode_latest(const LatestVersion& latest);
Result<LatestVersion> decode_latest(std::string_view bytes);

}  // namespace schwarm::services
