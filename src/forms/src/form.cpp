#include "schwarm/forms/form.hpp"

#include "impl.hpp"

namespace schwarm::forms {

std::string_view name_of(Kind kind) {
    switch (kind) {
        case Kind::textfield:
            return "textfield";
        case Kind::textarea:
            return "textarea";
        case Kind::number:
            return "number";
        case Kind::date:
            return "date";
        case Kind::checkbox:
            return "checkbox";
        case Kind::radio:
            return "radio";
        case Kind::select:
            return "select";
        case Kind::checklist:
            return "checklist";
        case Kind::file:
            return "file";
        case Kind::text:
            return "text";
        case Kind::separator:
            return "separator";
        case Kind::group:
            return "group";
        case Kind::list:
            return "list";
    }
    return {};
}

Form::Form(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Form::Form(Form&&) noexcept = default;
Form& Form::operator=(Form&&) noexcept = default;
Form::~Form() = default;

const std::string& Form::id() const {
    return impl_->id;
}
const std::vector<Page>& Form::pages() const {
    return impl_->pages;
}
const std::vector<Field>& Form::fields() const {
    return impl_->fields;
}
const Page* Form::page(std::string_view id) const {
    return impl_->page_named(id);
}

}  // namespace schwarm::forms
