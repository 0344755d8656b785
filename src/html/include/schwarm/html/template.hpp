// Templates with context-aware auto-escaping: parsed once, rendered often.
//
//   {{ expr }}                          text, escaped for where it stands
//   {{#if expr}}..{{else if expr}}..{{else}}..{{/if}}
//   {{#each expr as x}}..{{else}}..{{/each}}     else: the list is empty
//   {{> name}}  {{> name a=expr b=expr}}         another template, with more names bound
//   {{t key}}  {{t key n=expr}}                  a translation (i18n.hpp); parameters are escaped
//   {{! comment }}
//
// The parser follows the HTML tokeniser far enough to know the context of each placeholder: text,
// a quoted attribute, or a URL attribute (href, src, action, formaction), where any scheme but
// http, https, mailto and tel becomes "#". Placeholders in unquoted attributes, in tag or
// attribute names, in comments, script and style are refused by the parser, because no escaping
// is safe there.
//
// How an expression reads is not fixed here: a Language compiles it and a Model evaluates it.
// data.hpp has the pair used by the portal (paths over plain data); services binds FEEL for the
// documents of packages.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "schwarm/base/result.hpp"

namespace schwarm::html {

// One expression of a template, compiled. Immutable, thread-safe.
class Compiled {
  public:
    virtual ~Compiled() = default;
};

// Compiles the expressions of a template. Thread-safe.
class Language {
  public:
    virtual ~Language() = default;
    // Error: the reason, without a place; the parser adds template name and line.
    virtual Result<std::unique_ptr<Compiled>> compile(std::string_view expression) const = 0;
};

// A piece of output. `markup` true only for text that is HTML already and was escaped by its maker.
struct Text {
    std::string text;
    bool markup = false;
};

// The data of one rendering, with a stack of names bound by #each and partials. One per
// rendering, used by one thread.
class Model {
  public:
    virtual ~Model() = default;
    virtual Result<Text> text(const Compiled& expression) = 0;
    virtual Result<bool> truth(const Compiled& expression) = 0;
    // Opens a frame over the list the expression yields and answers its length; select(i) binds
    // `name` to item i (and name_index to i+1) until close().
    virtual Result<std::size_t> open_list(const Compiled& expression, std::string_view name) = 0;
    virtual void select(std::size_t index) = 0;
    // Opens a frame with `name` bound to the value of the expression.
    virtual Result<void> open_value(const Compiled& expression, std::string_view name) = 0;
    // Closes the frame opened last.
    virtual void close() = 0;
};

// One parameter of a translation, as text and, where it is a number, for plural forms.
struct Parameter {
    std::string_view name;
    std::string text;
};

// Where {{t key}} gets its text from. The answer may contain {name} placeholders, filled by the
// renderer; an unknown key is an error at rendering and is found by the portal's tests.
class Texts {
  public:
    virtual ~Texts() = default;
    // `number` is the text of the parameter named n, empty if there is none; it picks the plural.
    virtual Result<std::string_view> find(std::string_view key, std::string_view number) const = 0;
};

struct Limits {
    std::size_t template_bytes_max = 256 * 1024;
    std::size_t depth_max = 32;      // nesting of blocks, and of partials at rendering
    std::size_t nodes_max = 20'000;  // placeholders and blocks of one template
    std::size_t output_bytes_max = 4 * 1024 * 1024;
    std::size_t rows_max = 10'000;  // items of one #each
};

// Immutable after parse(), thread-safe, cheap to copy.
class Template {
  public:
    // Errors are "name:line: reason".
    static Result<Template> parse(std::string name, std::string_view source,
                                  const Language& language, const Limits& limits = {});

    // Finds a partial by name; null if there is none.
    using Partials = std::function<const Template*(std::string_view name)>;

    // Appends nothing on failure. `texts` and `partials` may be empty if the template uses none.
    Result<std::string> render(Model& model, const Texts* texts = nullptr,
                               const Partials& partials = {}) const;

    const std::string& name() const;

    struct Impl;
    const Impl& impl() const { return *impl_; }

  private:
    explicit Template(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
    std::shared_ptr<const Impl> impl_;
};

}  // namespace schwarm::html
