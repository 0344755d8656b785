#include "schwarm/html/data.hpp"

#include <cctype>

#include "schwarm/base/check.hpp"

namespace schwarm::html {

Data Data::map(std::initializer_list<std::pair<std::string, Data>> entries) {
    Data data;
    data.value_ = std::make_shared<Map>(entries);
    return data;
}

Data Data::markup(std::string html) {
    Data data;
    data.value_ = Markup{std::move(html)};
    return data;
}

Data& Data::set(std::string_view name, Data value) {
    if (std::holds_alternative<std::monostate>(value_)) {
        value_ = std::make_shared<Map>();
    }
    auto* map = std::get_if<std::shared_ptr<Map>>(&value_);
    CHECK(map, "set() on something that is no map");
    for (auto& [key, old] : **map) {
        if (key == name) {
            old = std::move(value);
            return *this;
        }
    }
    (*map)->emplace_back(std::string(name), std::move(value));
    return *this;
}

Data& Data::add(Data value) {
    if (std::holds_alternative<std::monostate>(value_)) {
        value_ = std::make_shared<List>();
    }
    auto* list = std::get_if<std::shared_ptr<List>>(&value_);
    CHECK(list, "add() on something that is no list");
    (*list)->push_back(std::move(value));
    return *this;
}

const Data* Data::find(std::string_view name) const {
    if (const auto* map = std::get_if<std::shared_ptr<Map>>(&value_)) {
        for (const auto& [key, value] : **map) {
            if (key == name) {
                return &value;
            }
        }
    }
    return nullptr;
}

bool Data::truth() const {
    struct Visit {
        bool operator()(std::monostate) const { return false; }
        bool operator()(bool value) const { return value; }
        bool operator()(const std::string& value) const { return !value.empty(); }
        bool operator()(const Markup& value) const { return !value.html.empty(); }
        bool operator()(const std::shared_ptr<List>& value) const { return !value->empty(); }
        bool operator()(const std::shared_ptr<Map>&) const { return true; }
    };
    return std::visit(Visit{}, value_);
}

Text Data::text() const {
    if (const auto* text = std::get_if<std::string>(&value_)) {
        return {*text, false};
    }
    if (const auto* markup = std::get_if<Markup>(&value_)) {
        return {markup->html, true};
    }
    if (const auto* truth = std::get_if<bool>(&value_)) {
        return {*truth ? "true" : "false", false};
    }
    return {};
}

const Data::List* Data::list() const {
    const auto* list = std::get_if<std::shared_ptr<List>>(&value_);
    return list ? list->get() : nullptr;
}

bool Data::operator==(const Data& other) const {
    return truth() == other.truth() && text().text == other.text().text;
}

namespace {

using Path = std::vector<std::string>;

struct Operand {
    bool literal = false;
    bool negated = false;
    std::string text;
    Path path;
};

struct Comparison {
    Operand left;
    char op = 0;  // 0: only left, '=' or '!'
    Operand right;
};

// Disjunction of conjunctions: "and" binds closer than "or".
struct Expression final : Compiled {
    std::vector<std::vector<Comparison>> any;
};

class Reader {
  public:
    explicit Reader(std::string_view text) : text_(text) {}

    Result<std::unique_ptr<Expression>> read() {
        auto expression = std::make_unique<Expression>();
        expression->any.emplace_back();
        for (;;) {
            SCHWARM_TRY(comparison, read_comparison());
            expression->any.back().push_back(std::move(comparison));
            const std::string word = next();
            if (word.empty()) {
                return expression;
            }
            if (word == "or") {
                expression->any.emplace_back();
            } else if (word != "and") {
                return fail(ErrorCode::not_well_formed, "'" + word + "' is not expected here");
            }
        }
    }

  private:
    Result<Comparison> read_comparison() {
        Comparison comparison;
        SCHWARM_TRY(left, read_operand());
        comparison.left = std::move(left);
        const std::size_t mark = at_;
        const std::string op = next();
        if (op != "==" && op != "!=") {
            at_ = mark;
            return comparison;
        }
        comparison.op = op == "==" ? '=' : '!';
        SCHWARM_TRY(right, read_operand());
        comparison.right = std::move(right);
        return comparison;
    }

    Result<Operand> read_operand() {
        Operand operand;
        std::string word = next();
        while (word == "!" || word == "not") {
            operand.negated = !operand.negated;
            word = next();
        }
        if (!word.empty() && word[0] == '"') {
            operand.literal = true;
            operand.text = word.substr(1);
            return operand;
        }
        if (word.empty() ||
            !(std::isalpha(static_cast<unsigned char>(word[0])) || word[0] == '_')) {
            return fail(ErrorCode::not_well_formed,
                        word.empty() ? "a name is missing" : "'" + word + "' is no name");
        }
        std::size_t from = 0;
        for (std::size_t dot; (dot = word.find('.', from)) != std::string::npos; from = dot + 1) {
            operand.path.push_back(word.substr(from, dot - from));
        }
        operand.path.push_back(word.substr(from));
        return operand;
    }

    // The next word, "" at the end. A text literal keeps its opening quote.
    std::string next() {
        while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) {
            ++at_;
        }
        if (at_ == text_.size()) {
            return {};
        }
        const std::size_t from = at_;
        if (text_[at_] == '"') {
            const std::size_t end = text_.find('"', at_ + 1);
            if (end == std::string_view::npos) {
                at_ = text_.size();
                return "unclosed quote";
            }
            at_ = end + 1;
            return std::string(text_.substr(from, end - from));
        }
        auto word = [](char c) {
            return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.' || c == '-';
        };
        if (word(text_[at_])) {
            while (at_ < text_.size() && word(text_[at_])) {
                ++at_;
            }
        } else if (text_.substr(at_, 2) == "==" || text_.substr(at_, 2) == "!=") {
            at_ += 2;
        } else {
            ++at_;
        }
        return std::string(text_.substr(from, at_ - from));
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

Result<std::unique_ptr<Compiled>> PathLanguage::compile(std::string_view expression) const {
    SCHWARM_TRY(compiled, Reader(expression).read());
    return std::unique_ptr<Compiled>(std::move(compiled));
}

// A frame binds one name: to a value, or to the items of a list in turn.
struct DataModel::Frame {
    std::string name;
    Data value;
    bool is_list = false;
    std::size_t index = 0;
};

namespace {

const Data kNull;

}  // namespace

DataModel::DataModel(const Data& root) : root_(root) {}
DataModel::~DataModel() = default;

namespace {

// Finds the value of a path; `number` receives the value of x_index and x_last.
template <class Frames>
const Data* resolve(const Path& path, const Frames& frames, const Data& root, Data& scratch) {
    const Data* value = nullptr;
    const std::string& head = path[0];
    for (auto frame = frames.rbegin(); frame != frames.rend() && !value; ++frame) {
        const std::string& name = frame->name;
        if (head == name) {
            const Data::List* list = frame->is_list ? frame->value.list() : nullptr;
            value = list ? &(*list)[frame->index] : &frame->value;
        } else if (frame->is_list && head.size() > name.size() && head.starts_with(name)) {
            const std::string_view rest = std::string_view(head).substr(name.size());
            if (rest == "_index") {
                scratch = Data(static_cast<std::uint64_t>(frame->index + 1));
                value = &scratch;
            } else if (rest == "_last") {
                scratch = Data(frame->index + 1 == frame->value.list()->size());
                value = &scratch;
            }
        }
    }
    if (!value) {
        value = root.find(head);
    }
    for (std::size_t i = 1; i < path.size() && value; ++i) {
        value = value->find(path[i]);
    }
    return value ? value : &kNull;
}

template <class Frames>
Data evaluate(const Operand& operand, const Frames& frames, const Data& root) {
    if (operand.literal) {
        return Data(operand.text);
    }
    Data scratch;
    const Data* value = resolve(operand.path, frames, root, scratch);
    return operand.negated ? Data(!value->truth()) : *value;
}

template <class Frames>
Data evaluate(const Compiled& compiled, const Frames& frames, const Data& root) {
    const auto* expression = dynamic_cast<const Expression*>(&compiled);
    CHECK(expression, "an expression of another language");
    if (expression->any.size() == 1 && expression->any[0].size() == 1 &&
        expression->any[0][0].op == 0) {
        return evaluate(expression->any[0][0].left, frames, root);
    }
    for (const auto& all : expression->any) {
        bool holds = true;
        for (const Comparison& comparison : all) {
            const Data left = evaluate(comparison.left, frames, root);
            if (comparison.op == 0) {
                holds = left.truth();
            } else {
                const bool equal = left == evaluate(comparison.right, frames, root);
                holds = equal == (comparison.op == '=');
            }
            if (!holds) {
                break;
            }
        }
        if (holds) {
            return Data(true);
        }
    }
    return Data(false);
}

}  // namespace

Result<Text> DataModel::text(const Compiled& expression) {
    return evaluate(expression, frames_, root_).text();
}

Result<bool> DataModel::truth(const Compiled& expression) {
    return evaluate(expression, frames_, root_).truth();
}

Result<std::size_t> DataModel::open_list(const Compiled& expression, std::string_view name) {
    Data value = evaluate(expression, frames_, root_);
    if (value.truth() && !value.list()) {
        return fail(ErrorCode::invalid_input, "this is no list");
    }
    if (!value.list()) {
        value = Data(Data::List{});
    }
    const std::size_t count = value.list()->size();
    frames_.push_back({std::string(name), std::move(value), true, 0});
    return count;
}

void DataModel::select(std::size_t index) {
    CHECK(!frames_.empty() && frames_.back().is_list, "select() without open_list()");
    frames_.back().index = index;
}

Result<void> DataModel::open_value(const Compiled& expression, std::string_view name) {
    frames_.push_back({std::string(name), evaluate(expression, frames_, root_), false, 0});
    return {};
}

void DataModel::close() {
    CHECK(!frames_.empty(), "close() without open");
    frames_.pop_back();
}

}  // namespace schwarm::html
