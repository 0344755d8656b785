#include "schwarm/html/template.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <vector>

#include "context.hpp"
#include "schwarm/base/check.hpp"
#include "schwarm/html/escape.hpp"
#include "schwarm/html/i18n.hpp"

namespace schwarm::html {
namespace {

struct Argument {
    std::string name;
    std::unique_ptr<Compiled> value;
};

enum class NodeKind { literal, value, branch, each, partial, translation };

struct Node {
    NodeKind kind = NodeKind::literal;
    std::string text;  // literal, name of the loop variable, partial or key
    std::unique_ptr<Compiled> expression;
    Escaping escaping = Escaping::text;
    std::vector<Argument> arguments;
    std::vector<Node> children;   // of the condition or the list
    std::vector<Node> otherwise;  // else
    int line = 0;
};

bool space(char c) {
    return std::isspace(static_cast<unsigned char>(c)) != 0;
}
bool word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && space(text.front())) text.remove_prefix(1);
    while (!text.empty() && space(text.back())) text.remove_suffix(1);
    return text;
}

// Runs of white space with a line break become one line break: indentation of templates need not
// travel to the browser.
std::string squeeze(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        std::size_t end = i;
        while (end < text.size() && space(text[end])) ++end;
        if (end == i) {
            out += text[i++];
        } else {
            const std::string_view run = text.substr(i, end - i);
            out += run.find('\n') == std::string_view::npos ? std::string(run) : std::string("\n");
            i = end;
        }
    }
    return out;
}

class Parser {
  public:
    Parser(const std::string& name, std::string_view source, const Language& language,
           const Limits& limits)
        : name_(name), source_(source), language_(language), limits_(limits) {}

    Result<std::vector<Node>> parse() {
        std::vector<Node> nodes;
        SCHWARM_TRY(end, parse_nodes(nodes, 0));
        if (!end.empty()) {
            return error("'{{" + end + "}}' closes nothing");
        }
        if (!context_.in_text()) {
            return error("the template ends inside " + context_.describe());
        }
        return nodes;
    }

  private:
    Error error(std::string reason) const {
        return fail(ErrorCode::not_well_formed, std::move(reason),
                    name_ + ":" + std::to_string(line_));
    }
    Error located(const Error& inner) const { return error(inner.message); }

    // Reads until the end or a tag that ends the enclosing block, which is returned.
    Result<std::string> parse_nodes(std::vector<Node>& nodes, std::size_t depth) {
        if (depth > limits_.depth_max) {
            return error("blocks are nested too deeply");
        }
        for (;;) {
            const std::size_t open = std::min(source_.find("{{", at_), source_.size());
            if (open > at_) {
                SCHWARM_TRY_VOID(literal(nodes, source_.substr(at_, open - at_)));
            }
            at_ = open;
            if (at_ == source_.size()) {
                return std::string();
            }
            const std::size_t close = source_.find("}}", at_);
            if (close == std::string_view::npos) {
                return error("'{{' is not closed");
            }
            const std::string_view inner = source_.substr(at_ + 2, close - at_ - 2);
            const std::string_view tag = trim(inner);
            const int lines = static_cast<int>(std::count(inner.begin(), inner.end(), '\n'));
            at_ = close + 2;
            if (tag.empty()) {
                return error("an empty placeholder");
            }
            if (tag == "else" || tag.starts_with("else if ") || tag[0] == '/') {
                return std::string(tag);
            }
            if (tag[0] != '!') {
                if (++nodes_ > limits_.nodes_max) {
                    return error("too many placeholders");
                }
                SCHWARM_TRY_VOID(placeholder(nodes, tag, depth));
            }
            line_ += lines;
        }
    }

    Result<void> literal(std::vector<Node>& nodes, std::string_view text) {
        const bool was_text = context_.in_text();
        if (auto fed = context_.feed(text); fed.has_error()) {
            return located(fed.error());
        }
        Node node;
        node.text = was_text && context_.in_text() ? squeeze(text) : std::string(text);
        node.line = line_;
        nodes.push_back(std::move(node));
        line_ += static_cast<int>(std::count(text.begin(), text.end(), '\n'));
        return {};
    }

    Result<std::unique_ptr<Compiled>> compile(std::string_view expression) {
        auto compiled = language_.compile(trim(expression));
        if (compiled.has_error()) {
            return error("'" + std::string(trim(expression)) + "': " + compiled.error().message);
        }
        return compiled;
    }

    Result<void> placeholder(std::vector<Node>& nodes, std::string_view tag, std::size_t depth) {
        Node node;
        node.line = line_;
        if (tag[0] == '#') {
            SCHWARM_TRY_VOID(block(node, tag.substr(1), depth));
            context_.after_block();
        } else if (tag[0] == '>') {
            SCHWARM_TRY_VOID(call(node, NodeKind::partial, trim(tag.substr(1))));
            if (!context_.in_text()) {
                return error("partials may only stand in text, not in " + context_.describe());
            }
        } else {
            auto escaping = context_.placeholder();
            if (escaping.has_error()) {
                return located(escaping.error());
            }
            node.escaping = *escaping;
            if (tag.starts_with("t ")) {
                SCHWARM_TRY_VOID(call(node, NodeKind::translation, trim(tag.substr(2))));
            } else {
                node.kind = NodeKind::value;
                SCHWARM_TRY(expression, compile(tag));
                node.expression = std::move(expression);
            }
        }
        nodes.push_back(std::move(node));
        return {};
    }

    Result<void> block(Node& node, std::string_view tag, std::size_t depth) {
        if (auto kept = context_.boundary(); kept.has_error()) {
            return located(kept.error());
        }
        if (tag.starts_with("if ")) {
            return branch(node, tag.substr(3), depth, context_, "/if");
        }
        if (!tag.starts_with("each ")) {
            return error("unknown block '#" + std::string(tag) + "'");
        }
        const std::size_t as = tag.rfind(" as ");
        if (as == std::string_view::npos) {
            return error("write {{#each list as name}}");
        }
        node.kind = NodeKind::each;
        node.text = std::string(trim(tag.substr(as + 4)));
        if (node.text.empty() || !std::all_of(node.text.begin(), node.text.end(), word)) {
            return error("'" + node.text + "' is no name for the items of a list");
        }
        SCHWARM_TRY(expression, compile(tag.substr(5, as - 5)));
        node.expression = std::move(expression);
        const HtmlContext before = context_;
        SCHWARM_TRY(end, parse_nodes(node.children, depth + 1));
        SCHWARM_TRY_VOID(same_context(before));
        if (end == "else") {
            context_ = before;
            SCHWARM_TRY(last, parse_nodes(node.otherwise, depth + 1));
            SCHWARM_TRY_VOID(same_context(before));
            end = std::move(last);
        }
        return end == "/each" ? Result<void>() : error("{{#each}} needs {{/each}}");
    }

    Result<void> branch(Node& node, std::string_view condition, std::size_t depth,
                        const HtmlContext& before, std::string_view closing) {
        node.kind = NodeKind::branch;
        SCHWARM_TRY(expression, compile(condition));
        node.expression = std::move(expression);
        const HtmlContext start = before;
        SCHWARM_TRY(end, parse_nodes(node.children, depth + 1));
        SCHWARM_TRY_VOID(same_context(start));
        if (end.starts_with("else if ")) {
            context_ = start;
            Node inner;
            inner.line = line_;
            SCHWARM_TRY_VOID(
                branch(inner, std::string_view(end).substr(8), depth + 1, start, closing));
            node.otherwise.push_back(std::move(inner));
            return {};
        }
        if (end == "else") {
            context_ = start;
            SCHWARM_TRY(last, parse_nodes(node.otherwise, depth + 1));
            SCHWARM_TRY_VOID(same_context(start));
            end = std::move(last);
        }
        return end == closing ? Result<void>() : error("{{#if}} needs {{/if}}");
    }

    // Each way through a block must leave the HTML where it began.
    Result<void> same_context(const HtmlContext& before) {
        if (auto kept = context_.boundary(); kept.has_error()) {
            return located(kept.error());
        }
        if (context_.compatible(before)) {
            return {};
        }
        return error("the block begins in " + before.describe() + " and ends in " +
                     context_.describe());
    }

    // "name a=expr b=expr": an argument begins where a word directly followed by one '=' does.
    Result<void> call(Node& node, NodeKind kind, std::string_view text) {
        node.kind = kind;
        std::size_t end = 0;
        while (end < text.size() && !space(text[end])) ++end;
        node.text = std::string(text.substr(0, end));
        std::vector<std::size_t> starts;
        bool quoted = false;
        for (std::size_t i = end; i < text.size(); ++i) {
            quoted = quoted != (text[i] == '"');
            if (quoted || !word(text[i]) || word(text[i - 1]) || text[i - 1] == '.') {
                continue;
            }
            std::size_t after = i;
            while (after < text.size() && word(text[after])) ++after;
            if (after + 1 < text.size() && text[after] == '=' && text[after + 1] != '=') {
                starts.push_back(i);
            }
        }
        if (starts.empty() ? !trim(text.substr(end)).empty()
                           : !trim(text.substr(end, starts[0] - end)).empty()) {
            return error("after '" + node.text + "' only name=expression may follow");
        }
        for (std::size_t i = 0; i < starts.size(); ++i) {
            const std::size_t stop = i + 1 < starts.size() ? starts[i + 1] : text.size();
            const std::string_view argument = text.substr(starts[i], stop - starts[i]);
            const std::size_t equals = argument.find('=');
            SCHWARM_TRY(value, compile(argument.substr(equals + 1)));
            node.arguments.push_back({std::string(argument.substr(0, equals)), std::move(value)});
        }
        return {};
    }

    const std::string& name_;
    std::string_view source_;
    const Language& language_;
    const Limits& limits_;
    HtmlContext context_;
    std::size_t at_ = 0;
    std::size_t nodes_ = 0;
    int line_ = 1;
};

}  // namespace

struct Template::Impl {
    std::string name;
    std::vector<Node> nodes;
    Limits limits;
};

namespace {

class Renderer {
  public:
    Renderer(Model& model, const Texts* texts, const Template::Partials& partials)
        : model_(model), texts_(texts), partials_(partials) {}

    Result<void> run(const Template::Impl& impl, const std::vector<Node>& nodes,
                     std::size_t depth) {
        for (const Node& node : nodes) {
            auto done = render(impl, node, depth);
            if (done.has_error()) {
                Error error = done.error();
                if (error.where.empty()) {
                    error.where = impl.name + ":" + std::to_string(node.line);
                }
                return error;
            }
            if (out_.size() > impl.limits.output_bytes_max) {
                return fail(ErrorCode::limit_exceeded, "the page grows too large", impl.name);
            }
        }
        return {};
    }

    std::string take() { return std::move(out_); }

  private:
    Result<void> render(const Template::Impl& impl, const Node& node, std::size_t depth) {
        switch (node.kind) {
            case NodeKind::literal:
                out_ += node.text;
                return {};
            case NodeKind::value: {
                SCHWARM_TRY(text, model_.text(*node.expression));
                put(text, node.escaping);
                return {};
            }
            case NodeKind::branch: {
                SCHWARM_TRY(truth, model_.truth(*node.expression));
                return run(impl, truth ? node.children : node.otherwise, depth);
            }
            case NodeKind::each:
                return each(impl, node, depth);
            case NodeKind::partial:
                return partial(impl, node, depth);
            case NodeKind::translation:
                return translation(node);
        }
        return {};
    }

    void put(const Text& text, Escaping escaping) {
        switch (escaping) {
            case Escaping::text:
                text.markup ? void(out_ += text.text) : escape_to(out_, text.text);
                break;
            case Escaping::attribute:
                escape_to(out_, text.text);
                break;
            case Escaping::url_start:
                escape_url_to(out_, text.text);
                break;
            case Escaping::url_part:
                out_ += url_encode(text.text);
                break;
        }
    }

    Result<void> each(const Template::Impl& impl, const Node& node, std::size_t depth) {
        SCHWARM_TRY(count, model_.open_list(*node.expression, node.text));
        Result<void> done;
        if (count > impl.limits.rows_max) {
            done = fail(ErrorCode::limit_exceeded, "the list is too long");
        }
        for (std::size_t i = 0; i < count && done.has_value(); ++i) {
            model_.select(i);
            done = run(impl, node.children, depth);
        }
        model_.close();
        if (count == 0) {
            return run(impl, node.otherwise, depth);
        }
        return done;
    }

    Result<void> partial(const Template::Impl& impl, const Node& node, std::size_t depth) {
        const Template* found = partials_ ? partials_(node.text) : nullptr;
        if (!found) {
            return fail(ErrorCode::unresolved, "no template '" + node.text + "'");
        }
        if (depth >= impl.limits.depth_max) {
            return fail(ErrorCode::limit_exceeded, "templates call one another too deeply");
        }
        std::size_t open = 0;
        Result<void> done;
        for (const Argument& argument : node.arguments) {
            done = model_.open_value(*argument.value, argument.name);
            if (done.has_error()) {
                break;
            }
            ++open;
        }
        if (done.has_value()) {
            const Template::Impl& called = found->impl();
            done = run(called, called.nodes, depth + 1);
        }
        while (open-- > 0) {
            model_.close();
        }
        return done;
    }

    Result<void> translation(const Node& node) {
        if (!texts_) {
            return fail(ErrorCode::unresolved, "there are no translations");
        }
        std::vector<Parameter> parameters;
        std::string number;
        for (const Argument& argument : node.arguments) {
            SCHWARM_TRY(text, model_.text(*argument.value));
            if (argument.name == "n") {
                number = text.text;
            }
            parameters.push_back({argument.name, std::move(text.text)});
        }
        SCHWARM_TRY(found, texts_->find(node.text, number));
        put({fill(found, parameters, false), false}, node.escaping);
        return {};
    }

    Model& model_;
    const Texts* texts_;
    const Template::Partials& partials_;
    std::string out_;
};

}  // namespace

Result<Template> Template::parse(std::string name, std::string_view source,
                                 const Language& language, const Limits& limits) {
    if (source.size() > limits.template_bytes_max) {
        return fail(ErrorCode::limit_exceeded, "the template is too large", name);
    }
    auto impl = std::make_shared<Impl>();
    impl->name = std::move(name);
    impl->limits = limits;
    SCHWARM_TRY(nodes, Parser(impl->name, source, language, limits).parse());
    impl->nodes = std::move(nodes);
    return Template(std::move(impl));
}

Result<std::string> Template::render(Model& model, const Texts* texts,
                                     const Partials& partials) const {
    Renderer renderer(model, texts, partials);
    SCHWARM_TRY_VOID(renderer.run(*impl_, impl_->nodes, 0));
    return renderer.take();
}

const std::string& Template::name() const {
    return impl_->name;
}

}  // namespace schwarm::html
