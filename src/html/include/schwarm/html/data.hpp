// Plain data for templates, and the small path language over it:
//
//   a.b.c          a member of a member; a missing one is empty
//   !a   not a     negation         a == "text"   a != "text"   a == b.c
//   a and b        a or b           "text"
//
// False are: null, false, "", an empty list. x_index is the number (from 1) of the item in
// #each .. as x, x_last is true for the last one.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "schwarm/html/template.hpp"

namespace schwarm::html {

// A value: null, truth, text, markup, list or map. Copying shares lists and maps.
class Data {
  public:
    using List = std::vector<Data>;
    using Map = std::vector<std::pair<std::string, Data>>;  // few entries, in order of insertion

    Data() = default;
    Data(bool value) : value_(value) {}                           // NOLINT: implicit by intent
    Data(const char* value) : value_(std::string(value)) {}       // NOLINT
    Data(std::string value) : value_(std::move(value)) {}         // NOLINT
    Data(std::string_view value) : value_(std::string(value)) {}  // NOLINT
    Data(int value) : value_(std::to_string(value)) {}            // NOLINT
    Data(std::uint64_t value) : value_(std::to_string(value)) {}  // NOLINT
    Data(List value) : value_(std::make_shared<List>(std::move(value))) {}  // NOLINT
    static Data map(std::initializer_list<std::pair<std::string, Data>> entries);
    // HTML that is safe already: the output of another template or of escape().
    static Data markup(std::string html);

    // Adds or replaces an entry of a map (null becomes a map first). Returns *this.
    Data& set(std::string_view name, Data value);
    // Appends to a list (null becomes a list first).
    Data& add(Data value);

    const Data* find(std::string_view name) const;
    bool truth() const;
    Text text() const;
    const List* list() const;
    bool operator==(const Data& other) const;

  private:
    struct Markup {
        std::string html;
        bool operator==(const Markup&) const = default;
    };
    std::variant<std::monostate, bool, std::string, Markup, std::shared_ptr<List>,
                 std::shared_ptr<Map>>
        value_;
};

class PathLanguage final : public Language {
  public:
    Result<std::unique_ptr<Compiled>> compile(std::string_view expression) const override;
};

// Evaluates expressions of PathLanguage over `root`, which must outlive the model.
class DataModel final : public Model {
  public:
    explicit DataModel(const Data& root);
    ~DataModel() override;
    Result<Text> text(const Compiled& expression) override;
    Result<bool> truth(const Compiled& expression) override;
    Result<std::size_t> open_list(const Compiled& expression, std::string_view name) override;
    void select(std::size_t index) override;
    Result<void> open_value(const Compiled& expression, std::string_view name) override;
    void close() override;

  private:
    struct Frame;
    const Data& root_;
    std::vector<Frame> frames_;
};

}  // namespace schwarm::html
