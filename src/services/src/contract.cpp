#include "schwarm/services/contract.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "schwarm/json/json.hpp"

namespace schwarm::services {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kMaxBytes = std::size_t{1} << 20;
constexpr std::int64_t kMaxDocuments = 100;
constexpr std::string_view kDocuments = "dokumente";

Result<json::Value> read_file(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) return fail(ErrorCode::not_found, "the contract cannot be read", file.string());
    json::Limits limits;
    limits.max_bytes = kMaxBytes;
    auto value = json::parse(text.str(), limits);
    if (value.has_error()) {
        return fail(value.error().code, value.error().message,
                    file.string() + ":" + value.error().where);
    }
    return value;
}

Result<ContractMessage> read_message(const json::Value& value, const std::string& where) {
    const auto wrong = [&](const char* member, const char* what) {
        return fail(ErrorCode::invalid_input, what, where + "/" + member);
    };
    const std::string conversation = value.string_or("conversation", "");
    if (conversation != "starts" && conversation != "continues" && conversation != "ends" &&
        conversation != "single") {
        return wrong("conversation", "this is one of starts, continues, ends, single");
    }
    for (const char* member : {"from", "to", "purpose", "legal_basis"}) {
        if (value.string_or(member, "").empty()) return wrong(member, "a text is needed");
    }
    const json::Value* body = value.find("body");
    if (body == nullptr) return wrong("body", "a JSON Schema is needed");
    auto schema = json::Schema::compile(*body);
    if (schema.has_error()) return wrong("body", "this is no JSON Schema of its own");
    ContractMessage out{value.string_or("from", ""),
                        value.string_or("to", ""),
                        value.string_or("purpose", ""),
                        value.string_or("legal_basis", ""),
                        conversation == "starts" || conversation == "single",
                        schema.value(),
                        {},
                        {},
                        true,
                        0};
    if (const json::Value* documents = value.find("documents")) {
        const auto count = documents->as_int64();
        if (!count || *count < 0 || *count > kMaxDocuments) {
            return wrong("documents", "this is how many a message may have, at most 100");
        }
        out.documents = static_cast<std::size_t>(*count);
        if (out.documents > 0 && body->find("properties") != nullptr &&
            body->find("properties")->find(kDocuments) != nullptr) {
            return wrong("body", "'dokumente' names the documents beside the message");
        }
    }
    if (const json::Value* members = body->find("properties"); members && members->is_object()) {
        for (const auto& [name, member] : members->members()) out.members.insert(name);
    }
    if (const json::Value* required = body->find("required"); required && required->is_array()) {
        for (const json::Value& name : required->items()) {
            if (name.is_string()) out.required.push_back(name.as_string());
        }
    }
    if (const json::Value* others = body->find("additionalProperties")) {
        out.open = !others->is_boolean() || others->as_boolean();
    }
    return out;
}

}  // namespace

Result<ContractBook> ContractBook::load(const std::string& folder) {
    ContractBook out;
    std::error_code ec;
    for (const auto& collaboration : fs::directory_iterator(folder, ec)) {
        std::error_code ignored;
        for (const auto& version : fs::directory_iterator(collaboration.path(), ignored)) {
            const fs::path file = version.path() / "contract.json";
            if (!fs::is_regular_file(file, ignored)) continue;
            SCHWARM_TRY(value, read_file(file));
            const std::string name = collaboration.path().filename().string();
            const std::string number = version.path().filename().string();
            if (value.string_or("collaboration", "") != name ||
                value.string_or("version", "") != number) {
                return fail(ErrorCode::invalid_input,
                            "collaboration and version are the names of the folders",
                            file.string());
            }
            const json::Value* messages = value.find("messages");
            if (messages == nullptr || !messages->is_array()) {
                return fail(ErrorCode::invalid_input, "a list is needed",
                            file.string() + " /messages");
            }
            const json::Value* roles = value.find("roles");
            if (roles == nullptr || !roles->is_array()) {
                return fail(ErrorCode::invalid_input, "a list is needed",
                            file.string() + " /roles");
            }
            out.contracts_.emplace(name, number);
            for (const json::Value& role : roles->items()) {
                out.roles_.emplace(Key{name, number, role.string_or("name", "")},
                                   role.string_or("jurisdiction", ""));
            }
            for (std::size_t i = 0; i < messages->items().size(); ++i) {
                const json::Value& item = messages->items()[i];
                const std::string where = file.string() + " /messages/" + std::to_string(i);
                SCHWARM_TRY(message, read_message(item, where));
                const bool added =
                    out.messages_
                        .emplace(Key{name, number, item.string_or("name", "")}, std::move(message))
                        .second;
                if (!added) return fail(ErrorCode::invalid_input, "a name stands twice", where);
            }
        }
    }
    return out;
}

const ContractMessage* ContractBook::find(std::string_view collaboration, std::string_view version,
                                          std::string_view message) const {
    const auto it =
        messages_.find(Key{std::string(collaboration), std::string(version), std::string(message)});
    return it == messages_.end() ? nullptr : &it->second;
}

const std::string* ContractBook::jurisdiction(std::string_view collaboration,
                                              std::string_view version,
                                              std::string_view role) const {
    const auto it =
        roles_.find(Key{std::string(collaboration), std::string(version), std::string(role)});
    return it == roles_.end() ? nullptr : &it->second;
}

std::optional<std::string> contracts_beside(const std::string& package_folder) {
    std::error_code ec;
    const fs::path folder = fs::absolute(package_folder, ec).lexically_normal();
    const fs::path packages =
        (folder.filename().empty() ? folder.parent_path() : folder).parent_path();
    for (const fs::path& above : {packages, packages.parent_path()}) {
        if (fs::is_directory(above / "contracts", ec)) return (above / "contracts").string();
    }
    return std::nullopt;
}

}  // namespace schwarm::services
