#include "overlay.hpp"

#include <utility>
#include <vector>

namespace schwarm::runtime {

void Overlay::set(Space space, std::string key, std::optional<std::string> value) {
    const std::size_t size = key.size() + (value ? value->size() : 0);
    const auto [it, fresh] =
        spaces_[static_cast<std::size_t>(space)].insert_or_assign(std::move(key), std::move(value));
    bytes_ += size;
    if (fresh) ++count_;
}

void Overlay::put(Space space, std::string key, std::string value) {
    set(space, std::move(key), std::move(value));
}

void Overlay::erase(Space space, std::string key) {
    set(space, std::move(key), std::nullopt);
}

const std::optional<std::string>* Overlay::find(Space space, std::string_view key) const {
    const Rows& rows = spaces_[static_cast<std::size_t>(space)];
    const auto it = rows.find(key);
    return it == rows.end() ? nullptr : &it->second;
}

void Overlay::absorb(Overlay&& newer) {
    for (std::size_t i = 0; i < storage::kSpaceCount; ++i) {
        Rows& rows = spaces_[i];
        while (!newer.spaces_[i].empty()) {
            auto node = newer.spaces_[i].extract(newer.spaces_[i].begin());
            const auto there = rows.find(node.key());
            if (there == rows.end()) {
                rows.insert(std::move(node));
                ++count_;
            } else {
                there->second = std::move(node.mapped());
            }
        }
    }
    bytes_ += newer.bytes_;
}

Result<void> Overlay::write_to(storage::WriteTransaction& transaction) const {
    for (std::size_t i = 0; i < storage::kSpaceCount; ++i) {
        const auto space = static_cast<Space>(i);
        for (const auto& [key, value] : spaces_[i]) {
            if (value) {
                SCHWARM_TRY_VOID(transaction.put(space, key, *value));
            } else {
                SCHWARM_TRY_VOID(transaction.erase(space, key));
            }
        }
    }
    return {};
}

void LayeredReader::begin(std::shared_ptr<const Overlay> committing, const Overlay* deciding) {
    snapshot_.reset();
    committing_ = std::move(committing);
    deciding_ = deciding;
}

void LayeredReader::end() {
    begin(nullptr, nullptr);
}

Result<storage::Reader*> LayeredReader::snapshot() {
    if (snapshot_ == nullptr) {
        SCHWARM_TRY(begun, storage_.begin_read());
        snapshot_ = std::move(begun);
    }
    return snapshot_.get();
}

Result<std::optional<std::string>> LayeredReader::get(Space space, std::string_view key) {
    for (const Overlay* layer : {deciding_, committing_.get()}) {
        if (layer == nullptr) continue;
        if (const auto* found = layer->find(space, key)) return *found;
    }
    SCHWARM_TRY(reader, snapshot());
    return reader->get(space, key);
}

Result<void> LayeredReader::scan(Space space, const storage::ScanRange& range,
                                 const storage::Visitor& visit) {
    Overlay::Rows rows;
    std::size_t changed = 0;
    for (const Overlay* layer : {committing_.get(), deciding_}) {
        if (layer == nullptr) continue;
        const Overlay::Rows& all = layer->rows(space);
        for (auto it = all.lower_bound(range.from);
             it != all.end() && (range.to.empty() || it->first < range.to); ++it) {
            rows.insert_or_assign(it->first, it->second);
            ++changed;
        }
    }
    // As many more as the layers may hide.
    storage::ScanRange wider = range;
    if (wider.limit < SIZE_MAX - changed) wider.limit += changed;
    SCHWARM_TRY(reader, snapshot());
    SCHWARM_TRY_VOID(reader->scan(space, wider, [&](std::string_view key, std::string_view value) {
        rows.emplace(key, value);
        return true;
    }));
    std::size_t left = range.limit;
    const auto walk = [&](auto begin, auto end) {
        for (auto it = begin; it != end && left > 0; ++it) {
            if (!it->second) continue;
            --left;
            if (!visit(it->first, *it->second)) return;
        }
    };
    if (range.reverse) {
        walk(rows.rbegin(), rows.rend());
    } else {
        walk(rows.begin(), rows.end());
    }
    return {};
}

}  // namespace schwarm::runtime
