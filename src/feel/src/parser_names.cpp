// Names: where they end and what they mean.
#include "parser.hpp"
#include "schwarm/base/utf8.hpp"
#include "text.hpp"
#include "typing.hpp"

namespace schwarm::feel {

std::size_t Parser::new_slot() {
    const std::size_t slot = level().next_slot++;
    level().frame_size = std::max(level().frame_size, level().next_slot);
    return slot;
}

void Parser::bind(std::string name, std::size_t slot, TypePtr type) {
    Binding binding;
    binding.name = std::move(name);
    binding.slot = slot;
    binding.type = std::move(type);
    level().bindings.push_back(std::move(binding));
}

void Parser::learn_members(const Type& type, int depth) {
    constexpr int kDeep = 12;
    // Types share their parts: each is looked at once.
    if (depth > kDeep || !learned_.insert(&type).second) return;
    if (type.kind() == TypeKind::context) {
        for (const Type::Member& member : type.members()) {
            member_names_.insert(member.name);
            learn_members(*member.type, depth + 1);
        }
    } else if (type.kind() == TypeKind::list) {
        learn_members(*type.element(), depth + 1);
    } else if (type.kind() == TypeKind::function) {
        learn_members(*type.result(), depth + 1);
    }
}

void Parser::consider(std::string_view name, std::optional<NameMatch>& best) const {
    if (name.empty() || name[0] != text_[at_]) return;
    const std::size_t end = match_name(text_, at_, name);
    if (end == std::string_view::npos || (best && end <= best->end)) return;
    best = NameMatch{end, std::string(name)};
}

bool Parser::inside_filter() const {
    for (const Level& l : levels_) {
        for (const Binding& binding : l.bindings) {
            if (binding.is_filter) return true;
        }
    }
    return false;
}

std::optional<Parser::NameMatch> Parser::longest_known_name() {
    std::optional<NameMatch> best;
    for (const Level& l : levels_) {
        for (const Binding& binding : l.bindings) {
            if (!binding.is_filter) consider(binding.name, best);
        }
        consider(l.self_name, best);
    }
    for (const NameScope* s = &scope_; s != nullptr; s = s->parent()) {
        for (const NameScope::Name& name : s->names()) consider(name.name, best);
    }
    for (const std::string_view name : builtin_names()) consider(name, best);
    if (inside_filter()) {
        for (const std::string& name : member_names_) consider(name, best);
    }
    return best;
}

const Parser::Binding* Parser::find_binding(std::string_view name) const {
    for (std::size_t l = levels_.size(); l-- > 0;) {
        const auto& bindings = levels_[l].bindings;
        for (std::size_t i = bindings.size(); i-- > 0;) {
            if (!bindings[i].is_filter && bindings[i].name == name) return &bindings[i];
        }
    }
    return nullptr;
}

const NameScope::Name* Parser::find_outer(std::string_view name) const {
    for (const NameScope* s = &scope_; s != nullptr; s = s->parent()) {
        for (std::size_t i = s->names().size(); i-- > 0;) {
            if (s->names()[i].name == name) return &s->names()[i];
        }
    }
    return nullptr;
}

NodePtr Parser::resolve_outer(std::string_view name, std::size_t position, bool required) {
    const NameScope::Name* known = find_outer(name);
    if (known == nullptr && !scope_.is_open()) return nullptr;
    std::size_t slot = 0;
    while (slot < program_.references.size() && program_.references[slot] != name) ++slot;
    if (slot == program_.references.size()) {
        program_.references.emplace_back(name);
        program_.reference_keys.push_back(Key::kept(name));
        program_.reference_required.push_back(false);
    }
    if (required) program_.reference_required[slot] = true;
    NodePtr node = make<ExternalNode>(position, slot);
    if (known != nullptr) node->set_type(known->type);
    return node;
}

NodePtr Parser::resolve(std::string_view name, std::size_t position, std::size_t level_index) {
    std::vector<std::size_t> filters;
    TypePtr member_type;
    NodePtr node;
    auto& bindings = levels_[level_index].bindings;
    for (std::size_t i = bindings.size(); i-- > 0 && node == nullptr;) {
        Binding& binding = bindings[i];
        if (binding.is_filter) {
            filters.push_back(binding.slot);
            if (member_type == nullptr) member_type = binding.type->member(name);
        } else if (binding.name == name) {
            binding.used = true;
            node = make<LocalNode>(position, binding.slot);
            node->set_type(binding.type);
            // "item" and other names bound within the innermost filter are no entries of it.
        }
    }
    Level& l = levels_[level_index];
    if (node == nullptr && !l.self_name.empty() && l.self_name == name) {
        l.calls_itself = true;
        node = make<LocalNode>(position, l.self_slot);
    }
    if (node == nullptr && level_index > 0) {
        if (const auto known = l.captured_names.find(name); known != l.captured_names.end()) {
            node = make<LocalNode>(position, known->second);
        } else if (NodePtr outer = resolve(name, position, level_index - 1)) {
            // Captured values are set when the function starts and stay for all of it: a slot that
            // no block had before or gets later.
            const std::size_t slot = std::max(l.next_slot, l.frame_size);
            l.next_slot = slot + 1;
            l.frame_size = l.next_slot;
            node = make<LocalNode>(position, slot);
            node->set_type(outer->type());
            l.captured.push_back(std::move(outer));
            l.captured_slots.push_back(slot);
            l.captured_names.emplace(std::string(name), slot);
        }
    }
    if (node == nullptr && level_index == 0) {
        node =
            resolve_outer(name, position, filters.empty() && !inside_filter() && !names_may_miss_);
    }
    if (filters.empty()) return node;
    NodePtr in_filter = make<FilterNameNode>(position, name, std::move(filters), std::move(node));
    if (member_type != nullptr) in_filter->set_type(member_type);
    return in_filter;
}

NodePtr Parser::parse_keyword_or_name(std::string_view word) {
    const std::size_t position = at_;
    if (word == "if") return parse_if();
    if (word == "for") return parse_for();
    if (word == "some") return parse_quantified(false);
    if (word == "every") return parse_quantified(true);
    if (word == "function" && text_.substr(skip_space(at_ + word.size()), 1) == "(") {
        return parse_function();
    }
    // Camunda's earlier names of all() and any(); an operator cannot stand here.
    if ((word == "and" || word == "or") && text_.substr(skip_space(at_ + word.size()), 1) == "(") {
        at_ += word.size();
        return parse_builtin_call(*find_builtin(word), position);
    }
    const auto literal = [&](Value value) {
        at_ += word.size();
        return make<ConstantNode>(position, std::move(value));
    };
    if (word == "true") return literal(Value(true));
    if (word == "false") return literal(Value(false));
    if (word == "null") return literal(Value());
    for (const std::string_view keyword :
         {"then", "else", "in", "return", "satisfies", "and", "or", "between", "instance"}) {
        if (word == keyword) error("unexpected \"" + std::string(word) + "\"");
    }
    return nullptr;
}

NodePtr Parser::parse_name() {
    const std::size_t position = at_;
    const std::size_t word_end = simple_name_end(text_, at_);
    const std::string_view word = text_.substr(at_, word_end - at_);
    const auto known = longest_known_name();
    if (!known || known->end <= word_end) {
        if (NodePtr node = parse_keyword_or_name(word)) return node;
    }
    std::string name = known ? known->name : std::string(word);
    if (name.empty()) error("unexpected " + describe_here());
    at_ = known ? known->end : word_end;
    const Binding* binding = find_binding(name);
    const NameScope::Name* outer = binding == nullptr ? find_outer(name) : nullptr;
    const Builtin* builtin = find_builtin(name);
    const bool called = at_symbol("(");
    if (builtin != nullptr) {
        const bool shadowed =
            binding != nullptr
                ? (!called || binding->type->is_any() ||
                   binding->type->kind() == TypeKind::function)
                : outer != nullptr && (!called || outer->type->kind() == TypeKind::function);
        if (!shadowed && called) return parse_builtin_call(*builtin, position);
        // What runs on any names ("partition = 3") must not lose them to an extension.
        const bool variable = outer == nullptr && scope_.is_open() && is_extension(*builtin);
        if (!shadowed && !variable && !inside_filter()) {
            NodePtr node = make<ConstantNode>(position, builtin_value(*builtin));
            // Which arguments it takes its parameters do not say.
            node->set_type(Type::simple(TypeKind::function));
            return node;
        }
    }
    NodePtr node = resolve(name, position, levels_.size() - 1);
    if (node == nullptr && !levels_.empty() && inside_filter()) {
        // Not in a filter of this function, but in one around it.
        node = make<NullNode>(position, "there is no \"" + name + "\"");
    }
    if (node == nullptr) {
        throw SyntaxError{position, "there is no \"" + name + "\"", ErrorCode::unresolved};
    }
    return node;
}

NodePtr Parser::parse_path(NodePtr base) {
    expect(".");
    skip();
    if (at_ >= text_.size()) error("a name is missing after \".\"");
    const std::size_t position = at_;
    const Type* owner = base->type().get();
    const bool through_list = owner->kind() == TypeKind::list;
    if (through_list) owner = owner->element().get();
    std::optional<NameMatch> best;
    if (owner->kind() == TypeKind::context) {
        for (const Type::Member& member : owner->members()) consider(member.name, best);
    }
    if (!best) {
        for (const std::string& name : member_names_) consider(name, best);
        for (const std::string_view name : {"time offset", "start included", "end included"}) {
            consider(name, best);
        }
    }
    const std::size_t word_end = simple_name_end(text_, at_);
    if (!best || best->end < word_end) {
        if (word_end == at_) error("a name is missing before " + describe_here());
        best = NameMatch{word_end, std::string(text_.substr(at_, word_end - at_))};
    }
    at_ = best->end;
    TypePtr type = owner->kind() == TypeKind::context ? owner->member(best->name) : nullptr;
    note(position, member_fault(*owner, best->name));
    NodePtr node = make<PathNode>(position, std::move(base), best->name);
    if (type != nullptr) node->set_type(through_list ? Type::list(type) : type);
    return node;
}

NodePtr Parser::parse_filter(NodePtr base) {
    const std::size_t position = at_;
    expect("[");
    const Block block(*this);
    const std::size_t slot = new_slot();
    const TypePtr& base_type = base->type();
    TypePtr item_type = base_type->kind() == TypeKind::list ? base_type->element() : base_type;
    Binding filter;
    filter.slot = slot;
    filter.type = item_type;
    filter.is_filter = true;
    bind("item", slot, std::move(item_type));
    level().bindings.push_back(std::move(filter));
    const bool saved = no_filter_;
    no_filter_ = false;
    const std::size_t nodes_before = nodes_;
    NodePtr condition = parse_expression();
    no_filter_ = saved;
    expect("]");
    const TypeKind kind = condition->type()->kind();
    if (is_known(*condition->type()) && kind != TypeKind::boolean && kind != TypeKind::number) {
        note(condition->position(),
             "a filter must be a boolean or a number, not " + Type::simple(kind)->to_string());
    }
    NodePtr node = make<FilterNode>(position, std::move(base), std::move(condition), slot,
                                    steps_of_nodes(nodes_ - nodes_before));
    // A list or one of its items: nobody knows yet.
    if (kind != TypeKind::boolean && kind != TypeKind::number) node->set_type(Type::any());
    return node;
}

std::string Parser::parse_binding_name(std::string_view stop_word) {
    skip();
    const std::size_t first = at_;
    std::size_t end = at_;
    while (at_ < text_.size() && !(end > first && at_keyword(stop_word))) {
        std::size_t next = at_;
        const char32_t c = utf8::next(text_, next);
        const std::size_t word = simple_name_end(text_, at_);
        if (word > at_) {
            next = word;
        } else if (!is_name_part(c) && !is_name_symbol(c)) {
            break;
        }
        end = at_ = next;
        skip();
    }
    std::string name = normalize_name(text_.substr(first, end - first));
    if (name.empty()) error("a name is missing before " + describe_here());
    return name;
}

}  // namespace schwarm::feel
