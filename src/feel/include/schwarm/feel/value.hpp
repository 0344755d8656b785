// A value of FEEL (DMN 1.5 clause 10.3.2.2). Immutable and cheap to copy: 24 bytes; numbers,
// booleans, dates, times and durations live inside, the other kinds are shared by an atomic
// reference count (which immortal ones skip: Expression::keep_constants_forever).
// Thread-safe: any thread may read and copy any value.
#pragma once

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schwarm/base/calendar.hpp"
#include "schwarm/base/check.hpp"
#include "schwarm/base/decimal.hpp"

namespace schwarm::feel {

enum class Kind : std::uint8_t {
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

// "number", "date and time", ... as DMN names the types.
std::string_view name_of(Kind kind);

class Value;
class Context;
class Function;
struct Range;

// Bytes of values that this thread made, less those it freed; evaluations watch how it grows
// (EvaluationLimits::max_bytes).
extern constinit thread_local std::int64_t value_bytes;
inline void count_value_bytes(std::size_t n) {
    value_bytes += static_cast<std::int64_t>(n);
}
inline void uncount_value_bytes(std::size_t n) {
    value_bytes -= static_cast<std::int64_t>(n);
}

// Memory from the free lists of the thread, without a lock; any thread may give it back, with the
// size it was taken with.
void* take_value_memory(std::size_t size);
void give_back_value_memory(void* memory, std::size_t size);

// The items of lists and the entries of contexts stand in such memory, too.
template <class T>
struct ValueAllocator {
    using value_type = T;
    ValueAllocator() = default;
    template <class U>
    ValueAllocator(const ValueAllocator<U>&) {}
    T* allocate(std::size_t n) {
        if (n > SIZE_MAX / sizeof(T)) throw std::bad_array_new_length();
        return static_cast<T*>(take_value_memory(n * sizeof(T)));
    }
    void deallocate(T* memory, std::size_t n) { give_back_value_memory(memory, n * sizeof(T)); }
    bool operator==(const ValueAllocator&) const { return true; }
};

// A shared object behind a value. Counted from 1; immortal objects are never counted nor freed.
class Shared {
  public:
    Shared() = default;
    Shared(const Shared&) = delete;
    Shared& operator=(const Shared&) = delete;
    virtual ~Shared() = default;
    static void* operator new(std::size_t size) { return take_value_memory(size); }
    static void operator delete(void* memory, std::size_t size) {
        give_back_value_memory(memory, size);
    }

    void retain() const {
        if (refs_.load(std::memory_order_relaxed) < kImmortal) {
            refs_.fetch_add(1, std::memory_order_relaxed);
        }
    }
    void release() const {
        if (refs_.load(std::memory_order_relaxed) >= kImmortal) return;
        if (refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
    }
    // Only while one thread alone knows the object; its owner keeps it by the count it has now.
    void make_immortal() const { refs_.store(kImmortal, std::memory_order_relaxed); }
    bool is_immortal() const { return refs_.load(std::memory_order_relaxed) >= kImmortal; }
    // How many shared objects lie inside one another below this one; up to 1023.
    std::uint32_t nesting() const { return nesting_; }
    // How many parts walking through it meets, those that are shared as often as they are met; 64
    // bytes of text are a part. Up to kMaxWeight + 1. So whoever compares, copies or writes a value
    // knows before how much work it is: a list of lists that share their items holds
    // exponentially more than the memory it takes.
    std::uint32_t weight() const { return weight_; }
    static constexpr std::uint32_t kMaxWeight = 4'000'000;

  protected:
    void hold(const Value& inner);
    // For what nobody walks into, as the values a function has captured.
    void nest(const Value& inner);
    void weigh(std::size_t parts) {
        const std::size_t sum = weight_ + parts;
        weight_ =
            (sum <= kMaxWeight ? static_cast<std::uint32_t>(sum) : kMaxWeight + 1) & 0x3fffffU;
    }
    void weigh_text(std::size_t bytes) { weigh(bytes / 64); }

  private:
    static constexpr std::uint32_t kImmortal = 0x8000'0000U;
    mutable std::atomic<std::uint32_t> refs_{1};
    std::uint32_t nesting_ : 10 = 0;
    std::uint32_t weight_ : 22 = 1;
};

// The name of a context entry with its hash; shared text.
class Key {
  public:
    Key() : Key(std::string_view()) {}
    explicit Key(std::string_view text);
    // For names in models and programs: equal ones share one text that stays until the program
    // ends, so that copies are not counted and comparing is comparing addresses. The first
    // kMaxKept distinct ones; others are ordinary keys. Takes a lock: not while evaluating.
    static Key kept(std::string_view text);
    static constexpr std::size_t kMaxKept = 200'000;
    Key(const Key& other) : text_(other.text_) { text_->retain(); }
    Key(Key&& other) noexcept : text_(std::exchange(other.text_, nullptr)) {}
    Key& operator=(Key other) noexcept {
        std::swap(text_, other.text_);
        return *this;
    }
    ~Key() {
        if (text_ != nullptr) text_->release();
    }
    std::string_view text() const { return text_->text; }
    std::uint64_t hash() const { return text_->hash; }
    bool operator==(const Key& other) const {
        return text_ == other.text_ ||
               (text_->hash == other.text_->hash && text_->text == other.text_->text);
    }
    bool operator==(std::string_view other) const { return text_->text == other; }
    static std::uint64_t hash_of(std::string_view text);

  private:
    struct Text final : Shared {
        explicit Text(std::string_view t) : text(t), hash(hash_of(t)) {}
        const std::string text;
        const std::uint64_t hash;
    };
    const Text* text_;
};

class Value {
  public:
    using List = std::vector<Value, ValueAllocator<Value>>;

    // FEEL null.
    Value() = default;
    Value(std::nullptr_t) {}
    template <std::same_as<bool> T>
    Value(T value) : a_(value ? 1 : 0), kind_(Kind::boolean) {}
    Value(int value) : Value(Decimal(value)) {}
    Value(std::int64_t value) : Value(Decimal(value)) {}
    Value(const Decimal& value)
        : a_(value.low_bits()), b_(value.high_bits()), kind_(Kind::number) {}
    Value(const char* value) : Value(std::string_view(value)) {}
    Value(std::string_view value) : Value(std::string(value)) {}
    Value(std::string value);
    Value(Date value) : a_(static_cast<std::uint64_t>(value.days)), kind_(Kind::date) {}
    Value(const Time& value);
    Value(const DateTime& value);
    Value(const DaysTime& value)
        : a_(static_cast<std::uint64_t>(value.seconds)),
          b_(static_cast<std::uint64_t>(value.nanos)),
          kind_(Kind::days_time_duration) {}
    Value(YearsMonths value)
        : a_(static_cast<std::uint64_t>(value.months)), kind_(Kind::years_months_duration) {}
    Value(Range value);
    // Takes over one reference of a new function object.
    explicit Value(std::unique_ptr<Function> function);

    // Lists, contexts and ranges nested deeper than kMaxNesting, or heavier than
    // Shared::kMaxWeight, become null, so that no value can exhaust the stack or the time of those
    // who walk through it.
    static constexpr std::uint32_t kMaxNesting = 1000;
    static Value list(List items = {});
    static Value list(std::initializer_list<Value> items) { return list(List(items)); }
    // Later entries of the same name replace earlier ones.
    static Value context(std::initializer_list<std::pair<std::string_view, Value>> entries);

    Value(const Value& other)
        : a_(other.a_),
          b_(other.b_),
          kind_(other.kind_),
          shared_(other.shared_),
          zone_id_(other.zone_id_),
          offset_(other.offset_) {
        if (shared_ == kSharedMark) object()->retain();
    }
    Value(Value&& other) noexcept
        : a_(other.a_),
          b_(other.b_),
          kind_(other.kind_),
          shared_(other.shared_),
          zone_id_(other.zone_id_),
          offset_(other.offset_) {
        other.kind_ = Kind::null;
        other.shared_ = 0;
    }
    Value& operator=(const Value& other) {
        Value copy(other);
        swap(copy);
        return *this;
    }
    Value& operator=(Value&& other) noexcept {
        swap(other);
        return *this;
    }
    ~Value() {
        if (shared_ == kSharedMark) object()->release();
    }
    void swap(Value& other) noexcept {
        std::swap(a_, other.a_);
        std::swap(b_, other.b_);
        std::swap(kind_, other.kind_);
        std::swap(shared_, other.shared_);
        std::swap(zone_id_, other.zone_id_);
        std::swap(offset_, other.offset_);
    }

    Kind kind() const { return kind_; }
    bool is_null() const { return kind_ == Kind::null; }
    bool is_boolean() const { return kind_ == Kind::boolean; }
    bool is_number() const { return kind_ == Kind::number; }
    bool is_string() const { return kind_ == Kind::string; }
    bool is_date() const { return kind_ == Kind::date; }
    bool is_time() const { return kind_ == Kind::time; }
    bool is_date_time() const { return kind_ == Kind::date_time; }
    bool is_list() const { return kind_ == Kind::list; }
    bool is_context() const { return kind_ == Kind::context; }
    bool is_range() const { return kind_ == Kind::range; }
    bool is_function() const { return kind_ == Kind::function; }
    bool is_true() const { return kind_ == Kind::boolean && a_ != 0; }
    bool is_false() const { return kind_ == Kind::boolean && a_ == 0; }

    // These CHECK the kind. Views and references live as long as this value (or a copy of it).
    bool as_boolean() const;
    Decimal as_number() const;
    std::string_view as_string() const;
    Date as_date() const;
    Time as_time() const;
    DateTime as_date_time() const;
    DaysTime as_days_time() const;
    YearsMonths as_years_months() const;
    std::span<const Value> as_list() const;
    const Context& as_context() const;
    const Range& as_range() const;
    const Function& as_function() const;

    // Looks up "a.b.c" through contexts; null if any step is missing.
    Value get(std::string_view path) const;

    // Structural: same kind and content; numbers by value, dates and times field by field,
    // contexts without regard to order, functions by identity. This is not FEEL's "=", see
    // operations.hpp.
    bool operator==(const Value& other) const;

    // Readable text as FEEL string() gives it; strings without quotes, null as "null". Ends within
    // the part that exceeds `limit` bytes.
    std::string to_string(std::size_t limit = SIZE_MAX) const;
    // As FEEL source: strings in quotes, dates as @"...".
    std::string to_feel(std::size_t limit = SIZE_MAX) const;

    // Only while one thread alone knows it, and only for what stays until the program ends: it is
    // never freed any more.
    void make_immortal() const;
    // What is behind a value of a shared kind; nullptr for the others.
    const Shared* shared_object() const { return shared_ == kSharedMark ? object() : nullptr; }
    // Shared::weight(), 1 for what lies inside.
    std::uint32_t weight() const { return shared_ == kSharedMark ? object()->weight() : 1; }
    // A function value that shares an object already counted elsewhere.
    static Value share(const Function& function);

  private:
    friend class ContextBuilder;
    friend struct ValueAccess;
    static constexpr std::uint8_t kSharedMark = 0x80;

    Value(Kind kind, const Shared* object_taken)
        : a_(reinterpret_cast<std::uintptr_t>(object_taken)), kind_(kind), shared_(kSharedMark) {}
    const Shared* object() const { return reinterpret_cast<const Shared*>(a_); }
    bool is_too_large() const {
        return object()->nesting() > kMaxNesting || object()->weight() > Shared::kMaxWeight;
    }

    std::uint64_t a_ = 0;
    std::uint64_t b_ = 0;
    Kind kind_ = Kind::null;
    std::uint8_t shared_ = 0;  // kSharedMark, or the ZoneKind of a time
    std::uint16_t zone_id_ = 0;
    std::int32_t offset_ = 0;
};

inline void Shared::nest(const Value& inner) {
    const Shared* object = inner.shared_object();
    if (object == nullptr) return;
    if (object->nesting_ >= nesting_ && nesting_ < 1023) nesting_ = (object->nesting_ + 1) & 0x3ffU;
}

inline void Shared::hold(const Value& inner) {
    nest(inner);
    const Shared* object = inner.shared_object();
    if (object != nullptr) weigh(object->weight_);
}

// A range of comparable values, or a comparison kept as a value: "(< 10)".
struct Range {
    enum class Form : std::uint8_t {
        interval,  // [a..b], (a..b), ...
        less,
        less_equal,
        greater,
        greater_equal,
        equal,
        not_equal,
    };
    Value start;
    Value end;
    bool start_included = false;
    bool end_included = false;
    Form form = Form::interval;
};

// The entries of a context in their order.
class Context final : public Shared {
  public:
    struct Entry {
        Key key;
        Value value;
    };
    using Entries = std::vector<Entry, ValueAllocator<Entry>>;
    explicit Context(Entries entries);

    std::size_t size() const { return entries_.size(); }
    bool empty() const { return entries_.empty(); }
    auto begin() const { return entries_.begin(); }
    auto end() const { return entries_.end(); }
    const Entry& operator[](std::size_t i) const { return entries_[i]; }

    // nullptr if there is no such entry. Constant time beyond a few entries.
    const Value* find(const Key& key) const;
    const Value* find(std::string_view name) const { return find(name, Key::hash_of(name)); }
    // hash: Key::hash_of(name).
    const Value* find(std::string_view name, std::uint64_t hash) const;

  private:
    void build_index();

    Entries entries_;
    std::vector<std::uint32_t, ValueAllocator<std::uint32_t>>
        index_;  // open addressing; 0 is empty, else position + 1
};

// Collects entries; setting a name again replaces its value. Not thread-safe.
class ContextBuilder {
  public:
    ContextBuilder() = default;
    // Starts with the entries of another context.
    explicit ContextBuilder(const Context& base);
    ContextBuilder& set(std::string_view name, Value value);
    ContextBuilder& set(const Key& key, Value value);
    // For names known to be new.
    ContextBuilder& append(Key key, Value value);
    ContextBuilder& remove(std::string_view name);
    const Value* find(std::string_view name) const;
    bool empty() const { return entries_.empty(); }
    void reserve(std::size_t n) { entries_.reserve(n); }
    Value build();

  private:
    Context::Entries entries_;
};

static_assert(sizeof(Value) == 24);

// The shared objects behind strings, lists and ranges.
struct StringObject final : Shared {
    explicit StringObject(std::string t) : text(std::move(t)) {
        weigh_text(text.size());
        count_value_bytes(text.capacity());
        weigh_text(text.size());
    }
    ~StringObject() override { uncount_value_bytes(text.capacity()); }
    const std::string text;
};

struct ListObject final : Shared {
    explicit ListObject(Value::List i) : items(std::move(i)) {
        weigh(items.size());
        for (const Value& item : items) hold(item);
    }
    const Value::List items;
};

struct RangeObject final : Shared {
    explicit RangeObject(Range r) : range(std::move(r)) {
        hold(range.start);
        hold(range.end);
    }
    const Range range;
};

inline bool Value::as_boolean() const {
    CHECK(is_boolean(), "not a boolean");
    return a_ != 0;
}

inline Decimal Value::as_number() const {
    CHECK(is_number(), "not a number");
    static_assert(sizeof(Decimal) == 16);
    Decimal out;
    std::memcpy(static_cast<void*>(&out), &a_, sizeof out);
    return out;
}

inline std::string_view Value::as_string() const {
    CHECK(is_string(), "not a string");
    return static_cast<const StringObject*>(object())->text;
}

inline std::span<const Value> Value::as_list() const {
    CHECK(is_list(), "not a list");
    return static_cast<const ListObject*>(object())->items;
}

inline const Context& Value::as_context() const {
    CHECK(is_context(), "not a context");
    return *static_cast<const Context*>(object());
}

inline const Range& Value::as_range() const {
    CHECK(is_range(), "not a range");
    return static_cast<const RangeObject*>(object())->range;
}

}  // namespace schwarm::feel
