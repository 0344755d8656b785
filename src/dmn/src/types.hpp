// Item definitions: types with their allowed values, and the conversion of values to them
// (DMN 1.5 clauses 7.3.3 and 10.3.2.9.4).
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reader.hpp"
#include "schwarm/feel/feel.hpp"

namespace schwarm::dmn::detail {

struct ItemType;
using ItemTypePtr = std::shared_ptr<const ItemType>;

struct ItemType {
    struct Member {
        std::string name;
        ItemTypePtr type;
        feel::Key key;
    };
    std::string name;  // as the model calls it
    feel::TypePtr type = feel::Type::any();
    ItemTypePtr element;  // of collections
    std::vector<Member> members;
    feel::Expression allowed;     // unary tests for the value; empty if any is allowed
    feel::Expression constraint;  // the same for a collection as a whole
    // Whose order is the priority of outputs: the narrower of the two above.
    feel::Expression ordering;
    bool constrained = false;  // it, or something within, has allowed values

    // nullopt if the value does not fit; the reason is recorded.
    std::optional<feel::Value> conform(const feel::Value& value,
                                       feel::Evaluation& evaluation) const;
    // The value, or null with the reason recorded.
    feel::Value conform_or_null(const feel::Value& value, std::string_view what,
                                feel::Evaluation& evaluation) const;
    // What a function, or a function's declared result, gives.
    bool is_any() const { return type->is_any() && !constrained; }

  private:
    bool allows(const feel::Value& value, feel::Evaluation& evaluation) const;
};

// The item definitions of one file, resolved on first use.
class TypeTable {
  public:
    explicit TypeTable(const Definitions& definitions) : definitions_(&definitions) {}

    // To be called before resolve(): what an import's name stands for.
    void add_import(std::string name, std::string name_space, TypeTable* table);
    // A typeRef as it stands at an element; empty text is Any.
    Result<ItemTypePtr> resolve(std::string_view type_ref, xml::Element at);
    // All of them, so that every error in them is found.
    Result<> resolve_all();
    feel::TypePtr find_for_feel(std::string_view name);

  private:
    Result<ItemTypePtr> named(std::string_view name);
    Result<ItemTypePtr> build(xml::Element definition, std::string name);
    Result<ItemTypePtr> build_item(xml::Element definition);
    Result<feel::Expression> tests_of(xml::Element definition, std::string_view child);
    Result<ItemTypePtr> function_item(xml::Element item);
    TypeTable* import_of_namespace(std::string_view name_space);

    struct ImportEntry {
        std::string name;
        std::string name_space;
        TypeTable* table;
    };
    const Definitions* definitions_;
    std::vector<ImportEntry> imports_;
    std::map<std::string, ItemTypePtr, std::less<>> known_;
    std::vector<std::string> open_;  // being built: a type may mention itself
};

ItemTypePtr any_type();

}  // namespace schwarm::dmn::detail
