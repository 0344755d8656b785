// What a browser posted, put into the draft.
#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "impl.hpp"

namespace schwarm::forms {
namespace {

using feel::Value;

class Merger {
  public:
    Merger(const Form::Impl& form, const Posted& posted) : form_(form) {
        for (const auto& [name, value] : posted) {
            if (name == "_shown") {
                shown_.insert(value);
            } else if (name == "_rows") {
                if (const std::size_t colon = value.rfind(':'); colon != std::string::npos) {
                    rows_[value.substr(0, colon)] =
                        read_digits(std::string_view(value).substr(colon + 1), 3).value_or(0);
                }
            } else if (name == "_add") {
                add_ = value;
            } else if (name == "_remove") {
                remove_ = value;
            } else {
                values_[name].push_back(value);
            }
        }
    }

    Result<Value> field(const Field& field, Value answers, const std::string& prefix) {
        const std::string path = join(prefix, field.key);
        if (field.kind == Kind::group && field.key.empty()) {
            for (const Field& child : field.children) {
                SCHWARM_TRY(next, this->field(child, std::move(answers), prefix));
                answers = std::move(next);
            }
            return answers;
        }
        if (field.kind == Kind::group) {
            Value inner = raw_at(answers, field.path);
            for (const Field& child : field.children) {
                SCHWARM_TRY(next, this->field(child, std::move(inner), path));
                inner = std::move(next);
            }
            return inner.is_null() ? answers : with_raw(answers, field.path, 0, std::move(inner));
        }
        if (field.kind == Kind::list) {
            return list(field, std::move(answers), path);
        }
        if (!is_answer(field.kind)) {
            return answers;
        }
        SCHWARM_TRY(value, posted(field, path));
        return value ? with_raw(answers, field.path, 0, std::move(*value)) : answers;
    }

  private:
    // nullopt: the field was not on the page.
    Result<std::optional<Value>> posted(const Field& field, const std::string& path) {
        if (field.kind == Kind::date) {
            return date(path);
        }
        const auto found = values_.find(path);
        if (field.kind == Kind::file) {
            return std::optional<Value>();  // uploads come by another way than text
        }
        if (found == values_.end()) {
            if (!shown_.contains(path)) {
                return std::optional<Value>();
            }
            return std::optional<Value>(field.kind == Kind::checkbox ? Value(false) : Value());
        }
        for (const std::string& value : found->second) {
            if (value.size() > form_.limits.answer_bytes_max) {
                return fail(ErrorCode::limit_exceeded, "an answer is too long", path);
            }
        }
        if (field.kind == Kind::checkbox) {
            return std::optional<Value>(Value(found->second.front() == "true"));
        }
        if (field.kind == Kind::checklist) {
            Value::List values;
            for (const std::string& value : found->second) {
                values.emplace_back(value);
            }
            return std::optional<Value>(Value::list(std::move(values)));
        }
        return std::optional<Value>(Value(found->second.front()));
    }

    Result<std::optional<Value>> date(const std::string& path) {
        feel::ContextBuilder parts;
        for (const char* part : {"tag", "monat", "jahr"}) {
            const auto found = values_.find(path + "." + part);
            if (found != values_.end()) {
                parts.set(part, Value(found->second.front().substr(0, 20)));
            }
        }
        if (!parts.empty()) {
            return std::optional<Value>(parts.build());
        }
        const auto whole = values_.find(path);
        if (whole == values_.end()) {
            return std::optional<Value>();
        }
        return std::optional<Value>(Value(whole->second.front().substr(0, 20)));
    }

    Result<Value> list(const Field& field, Value answers, const std::string& path) {
        const auto shown = rows_.find(path);
        if (shown == rows_.end()) {
            return answers;
        }
        const std::size_t most =
            field.rows_max.value_or(static_cast<std::uint32_t>(form_.limits.rows_max));
        const auto count = static_cast<std::size_t>(shown->second);
        if (count > most) {
            return fail(ErrorCode::limit_exceeded, "the list has too many rows", path);
        }
        const Value old = raw_at(answers, field.path);
        Value::List rows;
        for (std::size_t i = 0; i < count; ++i) {
            Value row = old.is_list() && i < old.as_list().size() ? old.as_list()[i]
                                                                  : feel::ContextBuilder().build();
            const std::string row_path = join(path, std::to_string(i));
            for (const Field& child : field.children) {
                SCHWARM_TRY(next, this->field(child, std::move(row), row_path));
                row = std::move(next);
            }
            if (remove_ != row_path) {
                rows.push_back(std::move(row));
            }
        }
        if (add_ == path && rows.size() < most) {
            rows.push_back(feel::ContextBuilder().build());
        }
        return with_raw(answers, field.path, 0, Value::list(std::move(rows)));
    }

    const Form::Impl& form_;
    std::unordered_map<std::string, std::vector<std::string>> values_;
    std::unordered_set<std::string> shown_;
    std::unordered_map<std::string, int> rows_;
    std::string add_;
    std::string remove_;
};

}  // namespace

Result<feel::Value> Form::merge(const feel::Value& draft, const Page& page,
                                const Posted& posted) const {
    Value answers = draft.is_context() ? draft : feel::ContextBuilder().build();
    Merger merger(*impl_, posted);
    for (const std::size_t index : page.fields) {
        SCHWARM_TRY(next, merger.field(impl_->fields[index], std::move(answers), {}));
        answers = std::move(next);
    }
    return answers;
}

}  // namespace schwarm::forms
