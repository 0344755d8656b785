#include "schwarm/xml/document.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <pugixml.hpp>

#include "scan.hpp"
#include "schwarm/base/check.hpp"

namespace schwarm::xml {

namespace detail {

constexpr std::uint32_t kNone = UINT32_MAX;
constexpr std::string_view kXmlNamespace = "http://www.w3.org/XML/1998/namespace";

struct Binding {
    std::string_view prefix;
    std::string_view uri;
};

struct ElementData {
    pugi::xml_node node;
    std::string_view ns;
    std::string_view local;
    std::uint32_t parent = kNone;
    std::uint32_t first_child = kNone;
    std::uint32_t next_sibling = kNone;
    std::uint32_t first_attribute = 0;
    std::uint32_t attribute_count = 0;
    std::uint32_t first_binding = 0;
    std::uint32_t binding_count = 0;
    Position position;
};

struct DocumentData {
    std::string source;
    std::optional<std::string> transcoded;
    std::string file;
    pugi::xml_document tree;
    std::vector<Extent> extents;
    std::vector<ElementData> elements;
    std::vector<Attribute> attributes;
    std::vector<Binding> bindings;

    const std::string& utf8() const { return transcoded ? *transcoded : source; }

    std::optional<std::string_view> resolve(std::uint32_t index, std::string_view prefix) const {
        if (prefix == "xml") return kXmlNamespace;
        for (auto at = index; at != kNone; at = elements[at].parent) {
            const auto& element = elements[at];
            for (std::uint32_t i = 0; i < element.binding_count; ++i) {
                const auto& binding = bindings[element.first_binding + i];
                if (binding.prefix == prefix) return binding.uri;
            }
        }
        if (prefix.empty()) return std::string_view();
        return std::nullopt;
    }
};

}  // namespace detail

namespace {

using detail::DocumentData;
using detail::ElementData;
using detail::kNone;

std::pair<std::string_view, std::string_view> split(std::string_view qualified) {
    const auto colon = qualified.find(':');
    if (colon == std::string_view::npos) return {{}, qualified};
    return {qualified.substr(0, colon), qualified.substr(colon + 1)};
}

// Walks the pugixml tree in document order and fills the flat tables.
class Builder {
  public:
    explicit Builder(DocumentData& data) : data_(data) {}

    Result<> run() {
        pugi::xml_node root;
        for (const auto node : data_.tree.children()) {
            if (node.type() == pugi::node_element) root = node;
        }
        data_.elements.reserve(data_.extents.size());
        std::uint32_t parent = kNone;
        auto node = root;
        while (node) {
            SCHWARM_TRY(index, add(node, parent));
            if (const auto child = first_element(node.first_child())) {
                parent = index;
                node = child;
                continue;
            }
            while (node && node != root) {
                if (const auto next = first_element(node.next_sibling())) {
                    node = next;
                    break;
                }
                node = node.parent();
                parent = data_.elements[parent].parent;
            }
            if (node == root) break;
        }
        if (data_.elements.size() != data_.extents.size()) {
            return fail(ErrorCode::not_well_formed, "the elements do not nest", data_.file);
        }
        return {};
    }

  private:
    static pugi::xml_node first_element(pugi::xml_node node) {
        while (node && node.type() != pugi::node_element) node = node.next_sibling();
        return node;
    }

    void advance_position(std::size_t offset) {
        for (; scanned_ < offset; ++scanned_) {
            const auto byte = static_cast<unsigned char>(data_.utf8()[scanned_]);
            if (byte == '\n') {
                ++position_.line;
                position_.column = 1;
            } else if ((byte & 0xC0U) != 0x80U) {
                ++position_.column;
            }
        }
    }

    Result<std::uint32_t> add(pugi::xml_node node, std::uint32_t parent) {
        const auto index = static_cast<std::uint32_t>(data_.elements.size());
        if (index >= data_.extents.size()) {
            return fail(ErrorCode::not_well_formed, "the elements do not nest", data_.file);
        }
        advance_position(data_.extents[index].begin);
        data_.elements.emplace_back();
        auto& element = data_.elements.back();
        element.node = node;
        element.parent = parent;
        element.position = position_;
        last_child_.resize(index + 1, kNone);
        if (parent != kNone) {
            auto& previous = last_child_[parent];
            (previous == kNone ? data_.elements[parent].first_child
                               : data_.elements[previous].next_sibling) = index;
            previous = index;
        }
        bind(node, element);
        const auto [prefix, local] = split(node.name());
        element.local = local;
        const auto ns = data_.resolve(index, prefix);
        if (!ns || local.empty()) return undeclared(index, prefix);
        element.ns = *ns;
        SCHWARM_TRY_VOID(add_attributes(node, index));
        return index;
    }

    void bind(pugi::xml_node node, ElementData& element) {
        element.first_binding = static_cast<std::uint32_t>(data_.bindings.size());
        for (const auto attribute : node.attributes()) {
            const std::string_view name = attribute.name();
            if (name == "xmlns") {
                data_.bindings.push_back({"", attribute.value()});
            } else if (name.starts_with("xmlns:")) {
                data_.bindings.push_back({name.substr(6), attribute.value()});
            }
        }
        element.binding_count =
            static_cast<std::uint32_t>(data_.bindings.size()) - element.first_binding;
    }

    Result<> add_attributes(pugi::xml_node node, std::uint32_t index) {
        auto& element = data_.elements[index];
        element.first_attribute = static_cast<std::uint32_t>(data_.attributes.size());
        for (const auto attribute : node.attributes()) {
            const std::string_view name = attribute.name();
            for (auto other = attribute.next_attribute(); other; other = other.next_attribute()) {
                if (name == other.name()) return duplicate(index, name);
            }
            if (name == "xmlns" || name.starts_with("xmlns:")) continue;
            const auto [prefix, local] = split(name);
            std::string_view ns;
            if (!prefix.empty()) {
                const auto found = data_.resolve(index, prefix);
                if (!found || local.empty()) return undeclared(index, prefix);
                ns = *found;
                for (auto i = element.first_attribute; i < data_.attributes.size(); ++i) {
                    const auto& other = data_.attributes[i];
                    if (other.ns == ns && other.name == local) return duplicate(index, name);
                }
            }
            data_.attributes.push_back({ns, local, attribute.value()});
        }
        element.attribute_count =
            static_cast<std::uint32_t>(data_.attributes.size()) - element.first_attribute;
        return {};
    }

    std::string here(std::uint32_t index) const {
        const auto& element = data_.elements[index];
        return fmt::format("{}:{}:{} element {}", data_.file, element.position.line,
                           element.position.column, element.node.name());
    }
    Error undeclared(std::uint32_t index, std::string_view prefix) const {
        return fail(ErrorCode::not_well_formed,
                    fmt::format("the namespace prefix '{}' is not declared", prefix), here(index));
    }
    Error duplicate(std::uint32_t index, std::string_view name) const {
        return fail(ErrorCode::not_well_formed,
                    fmt::format("the attribute '{}' stands here twice", name), here(index));
    }

    DocumentData& data_;
    std::vector<std::uint32_t> last_child_;
    std::size_t scanned_ = 0;
    Position position_{1, 1};
};

}  // namespace

Document::Document(std::unique_ptr<detail::DocumentData> data) : data_(std::move(data)) {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

Result<Document> Document::parse(std::string source, std::string file, const Limits& limits) {
    if (source.size() > limits.bytes) {
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("{} bytes, more than the {} that are accepted", source.size(),
                                limits.bytes),
                    std::move(file));
    }
    auto data = std::make_unique<DocumentData>();
    SCHWARM_TRY(transcoded, detail::transcode(source, file));
    data->source = std::move(source);
    data->transcoded = std::move(transcoded);
    data->file = std::move(file);
    const auto& text = data->utf8();
    SCHWARM_TRY(extents, detail::scan(text, data->file, limits));
    data->extents = std::move(extents);
    const std::size_t bom = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
    constexpr unsigned kOptions = pugi::parse_default | pugi::parse_ws_pcdata_single;
    const auto parsed =
        data->tree.load_buffer(text.data() + bom, text.size() - bom, kOptions, pugi::encoding_utf8);
    if (!parsed) {
        return fail(ErrorCode::not_well_formed, parsed.description(),
                    detail::place(text, data->file,
                                  bom + static_cast<std::size_t>(
                                            std::max<std::ptrdiff_t>(parsed.offset, 0))));
    }
    SCHWARM_TRY_VOID(Builder(*data).run());
    return Document(std::move(data));
}

Element Document::root() const {
    return {data_.get(), 0};
}
const std::string& Document::file() const {
    return data_->file;
}
const std::string& Document::source() const {
    return data_->source;
}

std::string_view Element::ns() const {
    return data_ ? data_->elements[index_].ns : std::string_view();
}
std::string_view Element::name() const {
    return data_ ? data_->elements[index_].local : std::string_view();
}
std::string_view Element::qualified_name() const {
    return data_ ? std::string_view(data_->elements[index_].node.name()) : std::string_view();
}
bool Element::is(std::string_view uri, std::string_view local) const {
    return data_ && name() == local && ns() == uri;
}

std::span<const Attribute> Element::attributes() const {
    if (!data_) return {};
    const auto& element = data_->elements[index_];
    return {data_->attributes.data() + element.first_attribute, element.attribute_count};
}
std::optional<std::string_view> Element::attribute(std::string_view local) const {
    return attribute({}, local);
}
std::optional<std::string_view> Element::attribute(std::string_view uri,
                                                   std::string_view local) const {
    for (const auto& attribute : attributes()) {
        if (attribute.name == local && attribute.ns == uri) return attribute.value;
    }
    return std::nullopt;
}
std::string_view Element::attribute_or(std::string_view local, std::string_view fallback) const {
    return attribute(local).value_or(fallback);
}

Element Element::parent() const {
    if (!data_ || data_->elements[index_].parent == kNone) return {};
    return {data_, data_->elements[index_].parent};
}
Element Element::first_child() const {
    if (!data_ || data_->elements[index_].first_child == kNone) return {};
    return {data_, data_->elements[index_].first_child};
}
Element Element::next_sibling() const {
    if (!data_ || data_->elements[index_].next_sibling == kNone) return {};
    return {data_, data_->elements[index_].next_sibling};
}
Children Element::children() const {
    return Children(*this);
}
Element Element::child(std::string_view local) const {
    for (const auto element : children()) {
        if (element.name() == local) return element;
    }
    return {};
}
Element Element::child(std::string_view uri, std::string_view local) const {
    for (const auto element : children()) {
        if (element.is(uri, local)) return element;
    }
    return {};
}

std::string Element::text() const {
    std::string out;
    if (!data_) return out;
    for (const auto node : data_->elements[index_].node.children()) {
        if (node.type() == pugi::node_pcdata || node.type() == pugi::node_cdata) {
            out += node.value();
        }
    }
    return out;
}
std::string Element::trimmed_text() const {
    auto out = text();
    constexpr const char* kSpace = " \t\r\n";
    const auto begin = out.find_first_not_of(kSpace);
    if (begin == std::string::npos) return {};
    const auto end = out.find_last_not_of(kSpace);
    return out.substr(begin, end - begin + 1);
}

std::optional<std::string_view> Element::namespace_of_prefix(std::string_view prefix) const {
    if (!data_) return std::nullopt;
    return data_->resolve(index_, prefix);
}
Position Element::position() const {
    return data_ ? data_->elements[index_].position : Position();
}
std::string Element::where() const {
    if (!data_) return {};
    const auto at = position();
    const auto id = attribute("id");
    return fmt::format("{}:{}:{} element {}", data_->file, at.line, at.column,
                       id && !id->empty() ? *id : qualified_name());
}
std::string_view Element::source() const {
    if (!data_) return {};
    const auto& extent = data_->extents[index_];
    return std::string_view(data_->utf8()).substr(extent.begin, extent.end - extent.begin);
}

namespace {

struct Splice {
    std::size_t begin;
    std::size_t end;
    std::string text;
};

// Where the attribute's value stands between its quotes in this start tag, if it is there.
std::optional<std::pair<std::size_t, std::size_t>> find_value(std::string_view tag,
                                                              std::string_view name) {
    std::size_t at = tag.find_first_of(" \t\r\n");
    while (at != std::string_view::npos && at < tag.size()) {
        const auto begin = tag.find_first_not_of(" \t\r\n", at);
        if (begin == std::string_view::npos) break;
        const auto equals = tag.find('=', begin);
        if (equals == std::string_view::npos) break;
        const auto open = tag.find_first_of("\"'", equals);
        if (open == std::string_view::npos) break;
        const auto close = tag.find(tag[open], open + 1);
        if (close == std::string_view::npos) break;
        auto found = tag.substr(begin, equals - begin);
        while (!found.empty() && (found.back() == ' ' || found.back() == '\t' ||
                                  found.back() == '\r' || found.back() == '\n')) {
            found.remove_suffix(1);
        }
        if (found == name) return std::pair{open + 1, close};
        at = close + 1;
    }
    return std::nullopt;
}

}  // namespace

std::string Document::write(std::span<const AttributeEdit> edits) const {
    if (edits.empty()) return data_->source;
    std::vector<Splice> splices;
    for (const auto& edit : edits) {
        CHECK(edit.element.data_ == data_.get(), "the element belongs to another document");
        const auto& extent = data_->extents[edit.element.index_];
        const auto tag =
            std::string_view(data_->utf8()).substr(extent.begin, extent.tag_end - extent.begin);
        if (const auto value = find_value(tag, edit.name)) {
            splices.push_back(
                {extent.begin + value->first, extent.begin + value->second, escape(edit.value)});
        } else {
            const auto behind = extent.begin + 1 + edit.element.qualified_name().size();
            splices.push_back(
                {behind, behind, fmt::format(" {}=\"{}\"", edit.name, escape(edit.value))});
        }
    }
    std::stable_sort(splices.begin(), splices.end(),
                     [](const Splice& a, const Splice& b) { return a.begin < b.begin; });
    std::string out;
    std::size_t at = 0;
    for (const auto& splice : splices) {
        out.append(data_->utf8(), at, splice.begin - at);
        out += splice.text;
        at = splice.end;
    }
    out.append(data_->utf8(), at, std::string::npos);
    return out;
}

std::string escape(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&apos;";
                break;
            case '\n':
                out += "&#10;";
                break;
            case '\r':
                out += "&#13;";
                break;
            case '\t':
                out += "&#9;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

}  // namespace schwarm::xml
