// Where values are stored: free blocks of few sizes, kept by each thread, up to a limit a size.
#include <array>
#include <new>

#include "schwarm/feel/value.hpp"

#if defined(__SANITIZE_ADDRESS__)
#define SCHWARM_PLAIN_MEMORY
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SCHWARM_PLAIN_MEMORY
#endif
#endif

namespace schwarm::feel {

constinit thread_local std::int64_t value_bytes = 0;

namespace {

#ifdef SCHWARM_PLAIN_MEMORY

// The address sanitizer shall see every object by itself.
void* take(std::size_t size) {
    return ::operator new(size);
}
void give_back(void* memory, std::size_t) {
    ::operator delete(memory);
}

#else

constexpr std::size_t kGranule = 16;
constexpr std::size_t kSizes = 64;           // up to 1,024 bytes
constexpr std::size_t kKeptBytes = 262'144;  // of free blocks of each size

struct Free {
    Free* next;
};

struct Pool {
    struct Size {
        Free* first = nullptr;
        std::size_t count = 0;
    };
    std::array<Size, kSizes> sizes;

    ~Pool();
};

enum class State : std::uint8_t { unused, ready, gone };
constinit thread_local State state = State::unused;

Pool& pool() {
    thread_local Pool kPool;
    state = State::ready;
    return kPool;
}

// Other objects of the thread may end later and still hold values.
Pool::~Pool() {
    state = State::gone;
    for (Size& size : sizes) {
        while (size.first != nullptr) {
            Free* const next = size.first->next;
            ::operator delete(size.first);
            size.first = next;
        }
    }
}

std::size_t index_of(std::size_t size) {
    return (size - 1) / kGranule;
}

void* take(std::size_t size) {
    const std::size_t at = index_of(size);
    if (at >= kSizes || state == State::gone) return ::operator new(size);
    Pool::Size& blocks = pool().sizes[at];
    Free* const block = blocks.first;
    if (block == nullptr) return ::operator new((at + 1) * kGranule);
    blocks.first = block->next;
    --blocks.count;
    return block;
}

void give_back(void* memory, std::size_t size) {
    const std::size_t at = index_of(size);
    if (at >= kSizes || state == State::gone) return ::operator delete(memory);
    Pool::Size& blocks = pool().sizes[at];
    if (blocks.count >= kKeptBytes / ((at + 1) * kGranule)) return ::operator delete(memory);
    blocks.first = new (memory) Free{blocks.first};
    ++blocks.count;
}

#endif

}  // namespace

void* take_value_memory(std::size_t size) {
    count_value_bytes(size);
    return take(size);
}

void give_back_value_memory(void* memory, std::size_t size) {
    uncount_value_bytes(size);
    give_back(memory, size);
}

}  // namespace schwarm::feel
