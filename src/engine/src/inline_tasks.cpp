// The built-in tasks of type "schwarm:...".
#include "behaviors/expressions.hpp"
#include "schwarm/engine/definitions.hpp"

namespace schwarm::engine {
namespace {

std::string header_text(const InlineCall& call, std::string_view name) {
    const auto found = call.headers.find(name);
    return found != call.headers.end() && found->second.is_string()
               ? std::string(found->second.as_string())
               : std::string();
}

// What the task's input mapping made, or without one everything visible.
feel::Value data_of(const InlineCall& call) {
    return call.local.empty() ? call.variables.to_context() : call.local.to_context();
}

Error missing_header(const char* name) {
    return fail(ErrorCode::invalid_input,
                std::string("the header '") + name + "' is missing or not a text");
}

Result<InlineResult> notice(const InlineCall& call) {
    InlineResult out;
    NewDocument document{header_text(call, "document"), header_text(call, "title"), data_of(call)};
    if (document.document.empty()) return missing_header("document");
    out.documents.push_back(std::move(document));
    return out;
}

Result<InlineResult> print(const InlineCall& call) {
    InlineResult out;
    const std::string document = header_text(call, "document");
    if (document.empty()) return missing_header("document");
    out.effects.push_back({"print", document, data_of(call)});
    return out;
}

Result<InlineResult> message(const InlineCall& call) {
    InlineResult out;
    const std::string name = header_text(call, "message");
    if (name.empty()) return missing_header("message");
    out.effects.push_back({"message", name, data_of(call)});
    return out;
}

Result<InlineResult> archive(const InlineCall& call) {
    InlineResult out;
    const auto found = call.headers.find("retention");
    if (found == call.headers.end()) return missing_header("retention");
    out.archive_until = expressions::to_instant(found->second);
    if (!out.archive_until) {
        return fail(ErrorCode::invalid_input,
                    "the header 'retention' must be a date, but is " + found->second.to_string());
    }
    return out;
}

}  // namespace

InlineTasks::InlineTasks() {
    add("schwarm:notice", notice);
    add("schwarm:print", print);
    add("schwarm:message", message);
    add("schwarm:archive", archive);
}

void InlineTasks::add(std::string type, InlineTask task) {
    tasks_.insert_or_assign(std::move(type), std::move(task));
}

const InlineTask* InlineTasks::find(std::string_view type) const {
    const auto found = tasks_.find(type);
    return found == tasks_.end() ? nullptr : &found->second;
}

}  // namespace schwarm::engine
