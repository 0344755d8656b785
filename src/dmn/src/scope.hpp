// Names and slots. Every decision and every function has a frame of values; a Layout hands out its
// slots while the logic is compiled, a Scope says which names stand for which slots at a place. A
// name of an outer frame that an inner function uses becomes a capture.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schwarm/feel/feel.hpp"

namespace schwarm::dmn::detail {

class Scope;

class Layout {
  public:
    struct Capture {
        std::uint32_t from;  // slot of the outer frame
        std::uint32_t to;
    };
    // Asked for names that no scope knows; may hand out a slot for them.
    using Unknown = std::function<std::optional<std::uint32_t>(std::string_view name, bool needed)>;

    Layout() = default;
    // Of a function defined at this place.
    explicit Layout(Scope* outer) : outer_(outer) {}
    Layout(const Layout&) = delete;
    Layout& operator=(const Layout&) = delete;

    std::uint32_t add() { return size_++; }
    std::uint32_t size() const { return size_; }
    const std::vector<Capture>& captures() const { return captures_; }
    void set_unknown(Unknown unknown) { unknown_ = std::move(unknown); }

  private:
    friend class Scope;
    std::optional<std::uint32_t> from_outside(std::string_view name, bool needed);

    Scope* outer_ = nullptr;
    std::uint32_t size_ = 0;
    std::vector<Capture> captures_;
    std::vector<std::pair<std::string, std::uint32_t>> resolved_;
    Unknown unknown_;
};

class Scope {
  public:
    // The first scope of a layout.
    Scope(Layout& layout, const feel::NameScope* names_outside)
        : layout_(layout), names_(names_outside) {}
    // An inner scope of the same frame.
    explicit Scope(Scope& parent)
        : layout_(parent.layout_), parent_(&parent), names_(&parent.names_) {}
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

    std::uint32_t declare(std::string_view name, feel::TypePtr type);
    // Names used in this scope that it does not declare get a slot of their own from `hook`, which
    // is told the slot they have outside, if any.
    using Hook =
        std::function<std::uint32_t(std::string_view name, std::optional<std::uint32_t> outside)>;
    void set_hook(Hook hook) { hook_ = std::move(hook); }
    // needed: false if the name may well be nothing here, so that nobody is asked to provide it.
    std::optional<std::uint32_t> resolve(std::string_view name, bool needed = true);
    Layout& layout() { return layout_; }
    feel::NameScope& names() { return names_; }

  private:
    Layout& layout_;
    Scope* parent_ = nullptr;
    feel::NameScope names_;
    std::vector<std::pair<std::string, std::uint32_t>> variables_;
    Hook hook_;
};

}  // namespace schwarm::dmn::detail
