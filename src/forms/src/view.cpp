// A form made ready to be shown: pages with their fields, and the summary.
#include <algorithm>
#include <map>

#include "impl.hpp"

namespace schwarm::forms {
namespace {

using feel::Value;

// A scope over answers that are complete: those of a row or group first, then outwards.
class Answers {
  public:
    Answers(const Value& cleaned, const Value* known) : scope_(nullptr, known) { add(cleaned); }
    Answers(const Value& cleaned, const Answers& outer) : scope_(&outer.scope_, nullptr) {
        add(cleaned);
    }
    const Scope& scope() const { return scope_; }

  private:
    void add(const Value& cleaned) {
        if (cleaned.is_context()) {
            for (const auto& entry : cleaned.as_context()) {
                scope_.set({entry.key}, entry.value);
            }
        }
    }
    Scope scope_;
};

std::string typed_text(const Value& raw, Lang lang) {
    if (raw.is_null() || raw.is_list() || raw.is_context()) {
        return {};
    }
    if (raw.is_number()) {
        return show_number(raw.as_number(), lang, std::nullopt);
    }
    return raw.to_string();
}

class Viewer {
  public:
    Viewer(const Form::Impl& form, const Context& context,
           const std::map<std::string_view, const FieldError*>& errors)
        : form_(form), context_(context), errors_(errors) {}

    void add(std::vector<FieldView>& out, const Field& field, const Value& raw_answers,
             const Value& cleaned, const Answers& answers, const std::string& prefix) const {
        if (hidden(form_, field, answers.scope(), context_)) {
            return;
        }
        FieldView view;
        view.kind = field.kind;
        view.field = &field;
        view.name = join(prefix, field.key.empty() ? field.id : field.key);
        if (const auto error = errors_.find(view.name); error != errors_.end()) {
            view.error = error->second->message;
        }
        if (field.kind == Kind::group) {
            group(view, field, raw_answers, cleaned, answers, prefix);
        } else if (field.kind == Kind::list) {
            list(view, field, raw_answers, cleaned, answers);
        } else if (is_answer(field.kind)) {
            answer(view, field, raw_at(raw_answers, field.path), answers);
        }
        out.push_back(std::move(view));
    }

  private:
    void group(FieldView& view, const Field& field, const Value& raw, const Value& cleaned,
               const Answers& answers, const std::string& prefix) const {
        if (field.key.empty()) {
            for (const Field& child : field.children) {
                add(view.children, child, raw, cleaned, answers, prefix);
            }
            return;
        }
        const Value inner = raw_at(cleaned, field.path);
        const Answers own(inner, answers);
        for (const Field& child : field.children) {
            add(view.children, child, raw_at(raw, field.path), inner, own, view.name);
        }
    }

    void list(FieldView& view, const Field& field, const Value& raw_answers, const Value& cleaned,
              const Answers& answers) const {
        const Value raw = raw_at(raw_answers, field.path);
        const Value clean = raw_at(cleaned, field.path);
        const std::size_t count = raw.is_list()
                                      ? raw.as_list().size()
                                      : std::max(field.rows_shown, field.rows_min.value_or(0));
        for (std::size_t i = 0; i < count; ++i) {
            const Value raw_row = raw.is_list() ? raw.as_list()[i] : Value();
            const Value clean_row =
                clean.is_list() && i < clean.as_list().size() ? clean.as_list()[i] : Value();
            const Answers own(clean_row, answers);
            std::vector<FieldView> row;
            for (const Field& child : field.children) {
                add(row, child, raw_row, clean_row, own, join(view.name, std::to_string(i)));
            }
            view.rows.push_back(std::move(row));
        }
    }

    void answer(FieldView& view, const Field& field, const Value& raw,
                const Answers& answers) const {
        view.value = typed_text(raw, context_.lang);
        if (field.kind == Kind::date) {
            date(view, raw);
        } else if (field.kind == Kind::checkbox) {
            view.checked = raw.is_true() || (raw.is_string() && raw.as_string() == "true");
        } else if (field.kind == Kind::radio || field.kind == Kind::select ||
                   field.kind == Kind::checklist) {
            const std::string own = raw.is_list() || raw.is_null() ? "" : raw.to_string();
            for (const Option& option : options_of(form_, field, answers.scope(), context_)) {
                bool selected = !own.empty() && option.value == own;
                if (raw.is_list()) {
                    for (const Value& item : raw.as_list()) {
                        selected = selected || item.to_string() == option.value;
                    }
                }
                view.options.push_back({option.value, option.label.in(context_.lang), selected});
            }
        }
    }

    static void date(FieldView& view, const Value& raw) {
        std::optional<Date> date;
        if (raw.is_date()) {
            date = raw.as_date();
        } else if (raw.is_string()) {
            date = read_date(raw.as_string());
        } else if (raw.is_context()) {
            const auto part = [&](std::string_view name) {
                const Value value = raw.get(name);
                return value.is_null() ? std::string() : value.to_string();
            };
            view.day = part("tag");
            view.month = part("monat");
            view.year = part("jahr");
        }
        if (date) {
            const CivilDate civil = date->civil();
            view.day = std::to_string(civil.day);
            view.month = std::to_string(civil.month);
            view.year = std::to_string(civil.year);
        }
    }

    const Form::Impl& form_;
    const Context& context_;
    const std::map<std::string_view, const FieldError*>& errors_;
};

// Collects the sections of the summary.
class Summary {
  public:
    Summary(const Form::Impl& form, const Context& context) : form_(form), context_(context) {}

    void page(const Page& page, const Value& cleaned, const Answers& answers) {
        page_ = &page;
        sections_.push_back({page.id, page.title.in(context_.lang), true, {}});
        for (const std::size_t index : page.fields) {
            add(form_.fields[index], cleaned, answers, {});
        }
        bool empty = true;
        for (auto section = sections_.rbegin(); section != sections_.rend(); ++section) {
            empty = empty && section->rows.empty();
            if (section->top) {
                break;
            }
        }
        if (empty) {
            while (!sections_.back().top) {
                sections_.pop_back();
            }
            sections_.pop_back();
        }
    }

    std::vector<SummarySection> take() { return std::move(sections_); }

  private:
    void add(const Field& field, const Value& cleaned, const Answers& answers,
             const std::string& prefix) {
        if (field.kind == Kind::text || field.kind == Kind::separator ||
            hidden(form_, field, answers.scope(), context_)) {
            return;
        }
        if (field.kind == Kind::group && field.key.empty()) {
            for (const Field& child : field.children) {
                add(child, cleaned, answers, prefix);
            }
            return;
        }
        const Value value = raw_at(cleaned, field.path);
        const std::string path = join(prefix, field.key);
        if (field.kind == Kind::group) {
            const Answers own(value, answers);
            for (const Field& child : field.children) {
                add(child, value, own, path);
            }
        } else if (field.kind == Kind::list) {
            rows(field, value, answers, path);
        } else {
            sections_.back().rows.push_back(
                {field.label.in(context_.lang), words(field, value, answers), path});
        }
    }

    void rows(const Field& field, const Value& value, const Answers& answers,
              const std::string& path) {
        if (!value.is_list() || value.as_list().empty()) {
            sections_.back().rows.push_back({field.label.in(context_.lang), "", path});
            return;
        }
        const std::string& item =
            field.item.empty() ? field.label.in(context_.lang) : field.item.in(context_.lang);
        const std::size_t parent = sections_.size() - 1;
        for (std::size_t i = 0; i < value.as_list().size(); ++i) {
            const Value& row = value.as_list()[i];
            sections_.push_back({page_->id, item + " " + std::to_string(i + 1), false, {}});
            const Answers own(row, answers);
            for (const Field& child : field.children) {
                add(child, row, own, join(path, std::to_string(i)));
            }
        }
        // Fields behind the list belong to the page again.
        if (sections_.size() - 1 > parent) {
            sections_.push_back({page_->id, "", false, {}});
        }
    }

    std::string words(const Field& field, const Value& value, const Answers& answers) const {
        if (value.is_null()) {
            return {};
        }
        const bool german = context_.lang == Lang::de;
        if (field.kind == Kind::checkbox) {
            return value.is_true() ? (german ? "ja" : "yes") : (german ? "nein" : "no");
        }
        if (field.kind == Kind::number && value.is_number()) {
            return show_amount(field, value.as_number(), context_.lang);
        }
        if (value.is_date()) {
            return show_date(value.as_date(), context_.lang);
        }
        if (field.kind == Kind::radio || field.kind == Kind::select ||
            field.kind == Kind::checklist) {
            return labels(field, value, answers);
        }
        if (field.kind == Kind::file && value.is_list()) {
            std::string out;
            for (const Value& item : value.as_list()) {
                const Value name = item.get("name");
                out += (out.empty() ? "" : ", ") + (name.is_null() ? "" : name.to_string());
            }
            return out;
        }
        return value.to_string();
    }

    std::string labels(const Field& field, const Value& value, const Answers& answers) const {
        const std::vector<Option> options = options_of(form_, field, answers.scope(), context_);
        const auto label = [&](const Value& one) {
            for (const Option& option : options) {
                if (option.typed == one) {
                    return option.label.in(context_.lang);
                }
            }
            return one.to_string();
        };
        if (!value.is_list()) {
            return label(value);
        }
        std::string out;
        for (const Value& item : value.as_list()) {
            out += (out.empty() ? "" : ", ") + label(item);
        }
        return out;
    }

    const Form::Impl& form_;
    const Context& context_;
    const Page* page_ = nullptr;
    std::vector<SummarySection> sections_;
};

bool shows_answer(const Form::Impl& form, const Field& field, const Answers& answers,
                  const Context& context) {
    if (hidden(form, field, answers.scope(), context)) {
        return false;
    }
    if (field.kind == Kind::group && field.key.empty()) {
        return std::any_of(field.children.begin(), field.children.end(), [&](const Field& child) {
            return shows_answer(form, child, answers, context);
        });
    }
    return field.kind != Kind::separator;
}

}  // namespace

std::vector<const Page*> Form::reachable(const feel::Value& cleaned, const Context& context) const {
    const Answers answers(cleaned, context.known);
    std::vector<const Page*> out;
    for (const Page& page : impl_->pages) {
        if (std::any_of(page.fields.begin(), page.fields.end(), [&](std::size_t index) {
                return shows_answer(*impl_, impl_->fields[index], answers, context);
            })) {
            out.push_back(&page);
        }
    }
    return out;
}

std::vector<FieldView> Form::view(const Page& page, const feel::Value& draft,
                                  const Validation& validation, const Context& context) const {
    std::map<std::string_view, const FieldError*> errors;
    for (const FieldError& error : validation.errors) {
        errors.emplace(error.path, &error);
    }
    const Answers answers(validation.cleaned, context.known);
    const Viewer viewer(*impl_, context, errors);
    std::vector<FieldView> out;
    for (const std::size_t index : page.fields) {
        viewer.add(out, impl_->fields[index], draft, validation.cleaned, answers, {});
    }
    return out;
}

std::vector<SummarySection> Form::summary(const feel::Value& cleaned,
                                          const Context& context) const {
    const Answers answers(cleaned, context.known);
    Summary summary(*impl_, context);
    for (const Page* page : reachable(cleaned, context)) {
        summary.page(*page, cleaned, answers);
    }
    std::vector<SummarySection> sections = summary.take();
    std::erase_if(sections, [](const SummarySection& section) {
        return !section.top && section.rows.empty();
    });
    return sections;
}

}  // namespace schwarm::forms
