#include "order_folder.hpp"

#include <algorithm>
#include <vector>

#include "private_file.hpp"
#include "schwarm/json/json.hpp"
#include "schwarm/server/network_orders.hpp"

namespace schwarm::server {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kAtOnce = 100;

}  // namespace

Result<std::string> OrderFolder::carry_out(const fs::path& file, json::Value& order) const {
    SCHWARM_TRY(text, read_file(file));
    SCHWARM_TRY(read, json::parse(text, kOrderLimits));
    if (!read.is_object()) return fail(ErrorCode::invalid_input, "this is no order");
    order = std::move(read);
    return carry_out_(order);
}

void OrderFolder::look() {
    std::error_code ec;
    std::vector<fs::path> files;
    for (const auto& one : fs::directory_iterator(folder_, ec)) {
        if (one.path().extension() == ".json" && files.size() < kAtOnce) files.push_back(one);
    }
    std::sort(files.begin(), files.end());
    for (const fs::path& file : files) {
        const std::string name = file.filename().string();
        json::Value order = json::Value::object();
        const auto done = carry_out(file, order);
        if (done.has_error() && retryable(done.error().code)) {
            if (said_.insert(name).second) {
                log_.info("order", {{"file", name}, {"waits", done.error().message}});
            }
            continue;
        }
        said_.erase(name);
        const std::string outcome = done.has_value() ? done.value() : done.error().message;
        order.set("outcome", outcome);
        const auto noted = write_private_json(
            file.string() + (done.has_value() ? kOrderEntered : kOrderRefused), order);
        if (done.has_value()) {
            log_.info("order", {{"file", name}, {"entered", outcome}});
        } else {
            log_.warning("order", {{"file", name}, {"refused", outcome}});
        }
        if (noted.has_value()) fs::remove(file, ec);
        // What stays is carried out again and again.
        if (noted.has_error() || ec) {
            log_.error("order", {{"file", name}, {"message", "its outcome cannot be written"}});
            return;
        }
    }
}

}  // namespace schwarm::server
