// The documents of a package: templates (html/template.hpp) whose expressions are FEEL, with
// German formats ("{{ betrag | euro }}"). docs/formats/package.md, "Documents".
//
// Immutable after parse(), thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "schwarm/base/result.hpp"
#include "schwarm/feel/value.hpp"
#include "schwarm/html/template.hpp"

namespace schwarm::services {

class DocumentTemplate {
  public:
    // `names`: what the template may use besides vorgang, dokument, behoerde and the names it
    // binds itself; a name outside is an error. Errors are "name:line: reason".
    static Result<DocumentTemplate> parse(std::string file, std::string_view source,
                                          const std::set<std::string, std::less<>>& names);

    // The body as HTML. `scope`: a context with the data of the notice and vorgang, dokument,
    // behoerde.
    Result<std::string> render(const feel::Value& scope, const html::Texts& texts,
                               const html::Template::Partials& partials = {}) const;

    const html::Template& source() const { return template_; }

  private:
    explicit DocumentTemplate(html::Template parsed) : template_(std::move(parsed)) {}
    html::Template template_;
};

// Text as documents show it without a format.
std::string display_text(const feel::Value& value);
// "1.234,50 Euro", "368 Euro"
std::string format_euro(const Decimal& amount);

// The readable text of an HTML fragment: markup removed, character references resolved, white
// space joined. For scenarios and searches.
std::string plain_text(std::string_view html);

}  // namespace schwarm::services
