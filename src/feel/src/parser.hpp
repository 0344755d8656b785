// The scope-aware parser (DMN 1.5 clause 10.3.1.2). It reads the text once and builds nodes whose
// names are resolved; names in scope decide where a name ends.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nodes_basic.hpp"
#include "nodes_call.hpp"
#include "nodes_control.hpp"
#include "nodes_operators.hpp"
#include "nodes_test.hpp"
#include "program.hpp"
#include "schwarm/feel/feel.hpp"

namespace schwarm::feel {

Result<Expression> compile(std::string_view text, const NameScope& scope,
                           const CompileLimits& limits, bool unary_tests);

// Thrown inside of the parser only.
struct SyntaxError {
    std::size_t position;
    std::string reason;
    ErrorCode code = ErrorCode::not_well_formed;
};

class Parser {
  public:
    Parser(const NameScope& scope, const CompileLimits& limits, Program& program);
    void parse_whole_expression();
    void parse_whole_tests();

  private:
    // A name bound inside of the expression, or a filter, whose items may have entries.
    struct Binding {
        std::string name;
        std::size_t slot = 0;
        TypePtr type;
        bool is_filter = false;
        bool used = false;
    };
    // The body of a function, or the whole expression.
    struct Level {
        std::vector<Binding> bindings;
        std::size_t next_slot = 0;
        std::size_t frame_size = 0;
        std::vector<NodePtr> captured;
        std::vector<std::size_t> captured_slots;
        std::map<std::string, std::size_t, std::less<>> captured_names;
        std::string self_name;  // the context entry this function becomes
        std::size_t self_slot = 0;
        bool calls_itself = false;
    };
    // Undoes bindings at the end of a block. Slots of captured values are never given back.
    class Block {
      public:
        explicit Block(Parser& parser)
            : parser_(parser),
              bindings_(parser.level().bindings.size()),
              next_slot_(parser.level().next_slot),
              captured_(parser.level().captured.size()) {}
        ~Block() {
            Level& level = parser_.level();
            level.bindings.resize(bindings_);
            if (level.captured.size() == captured_) level.next_slot = next_slot_;
        }
        Block(const Block&) = delete;
        Block& operator=(const Block&) = delete;

      private:
        Parser& parser_;
        std::size_t bindings_;
        std::size_t next_slot_;
        std::size_t captured_;
    };
    struct NameMatch {
        std::size_t end = 0;
        std::string name;
    };
    class Nesting;

    // text
    [[noreturn]] void error(std::string reason) const { throw SyntaxError{at_, std::move(reason)}; }
    void skip() { at_ = skip_space(at_); }
    std::size_t skip_space(std::size_t at) const;
    bool at_symbol(std::string_view symbol);
    bool take(std::string_view symbol);
    void expect(std::string_view symbol);
    bool at_keyword(std::string_view keyword);
    bool take_keyword(std::string_view keyword);
    void expect_keyword(std::string_view keyword);
    std::string describe_here() const;

    // expressions, from the weakest binding to the strongest
    NodePtr parse_expression();
    NodePtr parse_or();
    NodePtr parse_and();
    NodePtr parse_comparison();
    NodePtr parse_additive();
    NodePtr parse_multiplicative();
    NodePtr parse_power();
    NodePtr parse_unary();
    NodePtr parse_instance();
    NodePtr parse_postfix();
    NodePtr parse_primary();
    bool at_negative_literal() const;
    bool opens_filter();

    NodePtr parse_in(NodePtr input);
    std::vector<Test> parse_tests(std::string_view closing);
    Test parse_test(bool whole_expression);
    NodePtr parse_comparison_range(bool& found);
    NodePtr parse_path(NodePtr base);
    NodePtr parse_filter(NodePtr base);
    NodePtr parse_parenthesis();
    NodePtr parse_bracket();
    NodePtr parse_interval_end(std::size_t position, NodePtr start, bool start_included);
    NodePtr parse_context();
    std::string parse_context_key();
    NodePtr parse_if();
    NodePtr parse_for();
    NodePtr parse_quantified(bool is_every);
    std::vector<Iterator> parse_iterators();
    NodePtr parse_function(std::string self_name = {});
    void parse_parameters(FunctionBody& body);
    NodePtr parse_call(NodePtr function);
    NodePtr parse_builtin_call(const Builtin& builtin, std::size_t position);
    std::vector<NodePtr> parse_arguments(std::vector<std::string>& names);
    std::optional<std::string> take_argument_name();

    // literals
    NodePtr parse_number();
    NodePtr parse_string_literal();
    NodePtr parse_at_literal();
    std::string parse_string();
    void parse_escape(std::string& out);

    // names
    Level& level() { return levels_.back(); }
    std::size_t new_slot();
    void bind(std::string name, std::size_t slot, TypePtr type);
    NodePtr parse_name();
    NodePtr parse_keyword_or_name(std::string_view word);
    std::optional<NameMatch> longest_known_name();
    void consider(std::string_view name, std::optional<NameMatch>& best) const;
    const Binding* find_binding(std::string_view name) const;
    const NameScope::Name* find_outer(std::string_view name) const;
    bool inside_filter() const;
    // nullptr if the name means nothing here.
    NodePtr resolve(std::string_view name, std::size_t position, std::size_t level_index);
    NodePtr resolve_outer(std::string_view name, std::size_t position, bool required);
    void learn_members(const Type& type, int depth);
    std::string parse_binding_name(std::string_view stop_word);

    template <class T, class... Args>
    NodePtr make(Args&&... args) {
        count_node();
        return keep(std::make_unique<T>(std::forward<Args>(args)...));
    }
    NodePtr keep(NodePtr node) const;
    // What is wrong with the types here; nothing if the reason is empty.
    void note(std::size_t position, std::string reason) const;
    void note_unless(TypeKind wanted, const Node& node, const char* what) const;
    NodePtr arithmetic(std::size_t position, Operator op, NodePtr left, NodePtr right);
    void check_tests(const Type& input, const std::vector<Test>& tests) const;
    void count_node();
    // Operators in a row nest to the left without the parser going deeper; all but the first of
    // each row count.
    void count_link(std::size_t link);
    // A constant in place of the node, if it needs nothing at run time.
    NodePtr fold(NodePtr node) const;

    const NameScope& scope_;
    const CompileLimits& limits_;
    Program& program_;
    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t depth_ = 0;
    std::size_t nodes_ = 0;
    std::size_t links_ = 0;
    std::shared_ptr<const std::string> source_;  // a copy of the text for functions
    bool names_may_miss_ = false;                // within "is defined(...)"
    bool no_filter_ = false;                     // at the end of an interval "[" closes it
    std::vector<Level> levels_;
    std::set<std::string, std::less<>> member_names_;
    std::set<const Type*> learned_;
};

// Counts how deep the parser is; brackets inside begin afresh with filters.
class Parser::Nesting {
  public:
    explicit Nesting(Parser& parser, bool no_filter = false)
        : parser_(parser), saved_(parser.no_filter_) {
        if (++parser_.depth_ > parser_.limits_.max_depth) {
            throw SyntaxError{parser_.at_, "the expression is nested too deep",
                              ErrorCode::limit_exceeded};
        }
        parser_.no_filter_ = no_filter;
    }
    ~Nesting() {
        --parser_.depth_;
        parser_.no_filter_ = saved_;
    }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;

  private:
    Parser& parser_;
    bool saved_;
};

}  // namespace schwarm::feel
