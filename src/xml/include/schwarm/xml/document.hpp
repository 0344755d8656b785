// Reading XML 1.0 with namespaces (Namespaces in XML 1.0), strictly and within limits, keeping the
// source bytes so that a document can be written back as it was.
//
// Not supported, and refused with an error: DTDs (so there are no entities but the five of XML and
// character references), encodings other than UTF-8 and ISO-8859-1, undeclared prefixes, duplicate
// attributes. Everything handed out is UTF-8.
//
// Ownership: a Document owns everything. Element and every string_view obtained from it are valid
// while the Document lives; moving the Document keeps them valid.
// Threads: immutable after parse(); may be read by many threads at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/base/result.hpp"

namespace schwarm::xml {

struct Limits {
    std::size_t bytes = 16U << 20U;
    std::size_t depth = 128;
    std::size_t elements = 400'000;
    std::size_t attributes_per_element = 128;
};

// Both count from 1; columns in code points.
struct Position {
    std::uint32_t line = 0;
    std::uint32_t column = 0;
};

struct Attribute {
    std::string_view ns;     // namespace URI; empty for attributes without a prefix
    std::string_view name;   // local name
    std::string_view value;  // references resolved, white space normalised as XML 1.0 3.3.3
};

namespace detail {
struct DocumentData;
}

class Children;

// A handle to one element, cheap to copy; empty (false) when there is none. Every accessor of an
// empty handle answers empty.
class Element {
  public:
    Element() = default;
    explicit operator bool() const { return data_ != nullptr; }
    bool operator==(const Element&) const = default;

    std::string_view ns() const;              // namespace URI, empty if in none
    std::string_view name() const;            // local name
    std::string_view qualified_name() const;  // as written, with its prefix
    bool is(std::string_view uri, std::string_view local) const;

    // Attribute without a prefix, or one in a namespace.
    std::optional<std::string_view> attribute(std::string_view local) const;
    std::optional<std::string_view> attribute(std::string_view uri, std::string_view local) const;
    std::string_view attribute_or(std::string_view local, std::string_view fallback) const;
    std::span<const Attribute> attributes() const;  // without namespace declarations

    Element parent() const;
    Element first_child() const;   // first child element
    Element next_sibling() const;  // next sibling element
    Children children() const;     // all child elements, for range-for
    // The first child element with this local name, whatever its namespace / in this namespace.
    Element child(std::string_view local) const;
    Element child(std::string_view uri, std::string_view local) const;

    // The character data directly in this element (text and CDATA, joined), and the same without
    // white space at both ends.
    std::string text() const;
    std::string trimmed_text() const;

    // The namespace a prefix stands for here (for QNames in values); "" is the default namespace.
    std::optional<std::string_view> namespace_of_prefix(std::string_view prefix) const;

    Position position() const;
    // "file.bpmn:12:4 element Task_1"; the id attribute, or the qualified name if there is none.
    std::string where() const;
    // The element as it stands in the source, from '<' to '>', for keeping foreign content.
    std::string_view source() const;

  private:
    friend class Document;
    friend class Children;
    Element(const detail::DocumentData* data, std::uint32_t index) : data_(data), index_(index) {}
    const detail::DocumentData* data_ = nullptr;
    std::uint32_t index_ = 0;
};

class Children {
  public:
    class Iterator {
      public:
        explicit Iterator(Element at) : at_(at) {}
        Element operator*() const { return at_; }
        Iterator& operator++() {
            at_ = at_.next_sibling();
            return *this;
        }
        bool operator!=(const Iterator& other) const { return at_ != other.at_; }

      private:
        Element at_;
    };
    explicit Children(Element parent) : parent_(parent) {}
    Iterator begin() const { return Iterator(parent_.first_child()); }
    Iterator end() const { return Iterator(Element()); }

  private:
    Element parent_;
};

// Sets an attribute without prefix; it is added if the element has none of this name.
struct AttributeEdit {
    Element element;
    std::string name;
    std::string value;
};

class Document {
  public:
    // file: what places are called in errors ("wohngeld.bpmn").
    // Errors: not_well_formed, limit_exceeded, unsupported; `where` is "file:line:column".
    static Result<Document> parse(std::string source, std::string file, const Limits& limits = {});

    Document(Document&&) noexcept;
    Document& operator=(Document&&) noexcept;
    ~Document();

    Element root() const;
    const std::string& file() const;
    // The bytes given to parse(), unchanged: writing a document back loses nothing.
    const std::string& source() const;
    // The source with these attributes changed and every other byte as it was (a document in
    // ISO-8859-1 is then written in UTF-8).
    std::string write(std::span<const AttributeEdit> edits) const;

  private:
    explicit Document(std::unique_ptr<detail::DocumentData> data);
    std::unique_ptr<detail::DocumentData> data_;
};

// Escapes text for element content and attribute values in double quotes.
std::string escape(std::string_view text);

}  // namespace schwarm::xml
