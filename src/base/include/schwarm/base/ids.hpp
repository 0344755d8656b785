// Strong identifiers: never a bare int or string across module borders.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace schwarm {

template <class Tag, class Rep>
class StrongId {
  public:
    using rep = Rep;
    StrongId() = default;
    explicit StrongId(Rep value) : value_(std::move(value)) {}
    const Rep& value() const { return value_; }
    auto operator<=>(const StrongId&) const = default;
    bool operator==(const StrongId&) const = default;

  private:
    Rep value_{};
};

// A tenant (Mandant): municipality, authority. Lower-case letters, digits and '-', 1 to 63
// characters, for example "leipzig".
using TenantId = StrongId<struct TenantTag, std::string>;
// A case (Vorgang), unique within its tenant; counts up in the order of creation, from 1.
using CaseId = StrongId<struct CaseTag, std::uint64_t>;
// One activation of one BPMN element within a case; counts up within the case, from 1.
using ElementKey = StrongId<struct ElementTag, std::uint64_t>;
// A service, the folder name of its package: "wohngeld".
using ServiceId = StrongId<struct ServiceTag, std::string>;
// A document of a case; counts up within the case, from 1.
using DocumentId = StrongId<struct DocumentTag, std::uint64_t>;

}  // namespace schwarm

template <class Tag, class Rep>
struct std::hash<schwarm::StrongId<Tag, Rep>> {
    std::size_t operator()(const schwarm::StrongId<Tag, Rep>& id) const {
        return std::hash<Rep>{}(id.value());
    }
};
