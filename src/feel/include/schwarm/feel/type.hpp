// Types of FEEL (DMN 1.5 clause 10.3.2.2, 10.3.2.9, 10.3.2.13): names, structure, "instance of"
// and the implicit conversions. Types are immutable and shared; thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schwarm/base/result.hpp"
#include "schwarm/feel/value.hpp"

namespace schwarm::feel {

class Type;
using TypePtr = std::shared_ptr<const Type>;

enum class TypeKind : std::uint8_t {
    any,
    null,
    boolean,
    number,
    string,
    date,
    time,
    date_time,
    days_time_duration,
    years_months_duration,
    list,
    context,
    range,
    function,
};

class Type {
  public:
    struct Member {
        std::string name;
        TypePtr type;
    };

    static TypePtr any();
    static TypePtr simple(TypeKind kind);
    static TypePtr list(TypePtr element);
    static TypePtr range(TypePtr element);
    // With these members at least.
    static TypePtr context(std::vector<Member> members);
    static TypePtr function(std::vector<Member> parameters, TypePtr result);
    // The most precise type of a value (elements of lists: their common type, or any).
    static TypePtr of(const Value& value);

    // Finds types that are not built in (item definitions); nullptr if unknown.
    using Resolver = std::function<TypePtr(std::string_view name)>;
    // "number", "string", "date and time", "dateTime", "days and time duration",
    // "dayTimeDuration", "yearMonthDuration", "Any", "list<number>", "context<a: number>",
    // "range<date>", "function<number, string> -> boolean", or a name the resolver knows.
    static Result<TypePtr> parse(std::string_view text, const Resolver& resolver = {});

    TypeKind kind() const { return kind_; }
    bool is_any() const { return kind_ == TypeKind::any; }
    // Of list and range; any for others.
    const TypePtr& element() const;
    // Of contexts; of functions: their parameters.
    const std::vector<Member>& members() const { return members_; }
    // Key::hash_of each member's name.
    const std::vector<std::uint64_t>& member_hashes() const { return member_hashes_; }
    const TypePtr& result() const { return element(); }
    // nullptr if there is no such member.
    TypePtr member(std::string_view name) const;

    // "list<number>"; very long ones end early.
    std::string to_string() const;

    bool conforms_to(const Type& other) const;
    bool operator==(const Type& other) const;

    explicit Type(TypeKind kind) : kind_(kind) {}

  private:
    void append_to(std::string& out) const;

    TypeKind kind_;
    TypePtr element_;
    std::vector<Member> members_;
    std::vector<std::uint64_t> member_hashes_;
};

// FEEL "instance of": null is an instance of Null only.
bool is_instance(const Value& value, const Type& type);

// The implicit conversions of clause 10.3.2.9.4 (item to singleton list, singleton list to item,
// date to date and time). Null conforms to every type. nullopt if the value does not fit.
std::optional<Value> coerce(const Value& value, const Type& type);

}  // namespace schwarm::feel
