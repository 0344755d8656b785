#include "node.hpp"

#include <stdlib.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

#include "schwarm/json/json.hpp"
#include "schwarm/services/store.hpp"
#include "schwarm/storage_sqlite/sqlite_storage.hpp"

namespace schwarm::compat {
namespace {

constexpr std::string_view kTenant =
    R"({"id": "leipzig", "name": "Stadt Leipzig", "land": "Sachsen",
  "services": {"parkausweis": {"papier": true}}})";

}  // namespace

const TenantId& tenant() {
    static const TenantId id("leipzig");
    return id;
}

crypto::Key node_key() {
    return must(crypto::Key::from_bytes(std::string(32, 'g')), "the key of golden databases");
}

fs::path folder_of(const std::string& version) {
    return fs::path(SCHWARM_SOURCE_DIR) / "tests" / "compat" / version;
}

std::string read_file(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) throw std::runtime_error("there is no file " + file.string());
    std::ostringstream bytes;
    bytes << in.rdbuf();
    return bytes.str();
}

Folder::Folder() {
    auto name = (fs::temp_directory_path() / "schwarm-compat-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = name;
}

Folder::~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

Node::Node(const fs::path& folder, const NodeOptions& options)
    : storage_(must(storage_sqlite::open_sqlite(folder / kDatabase), "the database")),
      deployments_(*storage_) {
    clock_.set(options.now);
    open(folder, options);
}

void Node::open(const fs::path& folder, const NodeOptions& options) {
    auto known = must(json::parse(kTenant), "the tenant");
    must(registry_.add_tenant(must(services::parse_tenant(known), "the tenant")), "the tenant");
    must(services::load_stored(*storage_, registry_), "the stored packages");
    if (!options.packages.empty()) {
        must(services::deploy_at_start(*storage_, registry_, options.packages, clock_.now()),
             "the packages");
    }
    std::map<std::string, runtime::OutboxHandler, std::less<>> handlers;
    if (options.post_is_down) {
        handlers["send"] = [](const runtime::OutboxItem&) -> Result<void> {
            return fail(ErrorCode::unavailable, "the post is down");
        };
    }
    runtime::Options of_runtime;
    of_runtime.apart = services::deployed_service();
    runtime_ =
        must(runtime::Runtime::open(
                 {.storage = *storage_,
                  .clock = clock_,
                  .random = random_,
                  .node_key = node_key(),
                  .definitions = [this](const TenantId& id) { return bindings_.definitions(id); },
                  .search_terms = {},
                  .local_effects = {},
                  .outbox_handlers = std::move(handlers),
                  .log = {},
                  .starts = &starts_},
                 of_runtime),
             folder.string());
    must(runtime_->ensure_tenant(services::node_tenant()), "the node's rows");
    must(runtime_->ensure_tenant(tenant()), "the tenant's rows");
    must(ask<void>([this](auto done) { runtime_->deployed(tenant(), std::move(done)); }),
         "the start events");
}

runtime::ReadView Node::view() const {
    return must(runtime_->read(tenant()), "reading");
}

std::vector<runtime::CaseRow> Node::cases() const {
    runtime::CaseFilter filter;
    filter.limit = 500;
    auto rows = must(view().cases(filter), "the cases").rows;
    std::reverse(rows.begin(), rows.end());
    return rows;
}

std::vector<engine::Event> Node::events(CaseId id) const {
    std::vector<engine::Event> all;
    for (auto& entry : must(view().history(id), "the history")) {
        for (auto& event : entry.events) all.push_back(std::move(event));
    }
    return all;
}

Result<runtime::Reply> Node::submit(CaseId id, engine::CommandBody body, const std::string& actor,
                                    const std::string& command_id) {
    runtime::Submission submission;
    submission.tenant = tenant();
    submission.case_id = id;
    submission.command.id = command_id;
    submission.command.actor = actor;
    submission.command.body = std::move(body);
    auto reply = runtime_->submit_and_wait(std::move(submission));
    runtime_->wait_idle();
    return reply;
}

void Node::move_to(Instant to) {
    if (to > clock_.now()) clock_.set(to);
    runtime_->wake();
    runtime_->wait_idle();
}

}  // namespace schwarm::compat
