#include "family/names/weight_front.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>

#include "family/names/stored_shape.h"
#include "family/tensor_names.h"
#include "family/weight_slots.h"

namespace headlight {
namespace {

constexpr std::string_view kWrapperParts[] = {"_orig_mod", "module", "_fsdp_wrapped_module",
                                              "_checkpoint_wrapped_module", "_forward_module"};
// Sets that a training keeps beside the model that it trains.
constexpr std::string_view kCopyWords[] = {"teacher", "ema",       "momentum",  "target",
                                           "ref",     "reference", "encoder_k", "key_encoder",
                                           "old",     "frozen",    "shadow"};

template <class Words>
bool is_word(std::string_view part, const Words& words) {
    return std::find(std::begin(words), std::end(words), part) != std::end(words);
}

/// Calls `use(begin, part)` for every part of a name between dots.
template <class Use>
void for_each_part(std::string_view name, const Use& use) {
    for (std::size_t begin = 0; begin <= name.size();) {
        const std::size_t end = std::min(name.find('.', begin), name.size());
        use(begin, name.substr(begin, end - begin));
        begin = end + 1;
    }
}

bool is_copy(std::string_view front) {
    bool found = false;
    for_each_part(front, [&](std::size_t, std::string_view part) {
        found |= is_word(part, kCopyWords) || part.find("teacher") != std::string_view::npos ||
                 part.find("ema_") != std::string_view::npos || part.ends_with("_ema");
    });
    return found;
}

/// Entries of the table by every name that they may have behind the family's prefix.
using EntriesByName = std::unordered_map<std::string_view, const FileWeight*>;

EntriesByName entries_by_name(const std::vector<FileWeight>& table) {
    EntriesByName entries;
    for (const FileWeight& entry : table) {
        entries.emplace(entry.name, &entry);
        for (const std::string& other : entry.other_names)
            entries.emplace(other, &entry);
    }
    return entries;
}

/// What stands before the family's own prefix, of which the longest counts.
std::string_view without_prefix(std::string_view front, const std::vector<std::string>& prefixes) {
    std::size_t longest = 0;
    for (const std::string& prefix : prefixes) {
        const bool is_whole = front.size() == prefix.size() || !front.ends_with(prefix) ||
                              front[front.size() - prefix.size() - 1] == '.';
        if (front.ends_with(prefix) && is_whole) longest = std::max(longest, prefix.size());
    }
    return front.substr(0, front.size() - longest);
}

/// The present name of a LayerNorm parameter that early PyTorch BERTs called otherwise.
std::string newer_name(std::string name) {
    for (const auto& [before, now] : {std::pair{".gamma", ".weight"}, std::pair{".beta", ".bias"}}) {
        if (name.ends_with(before)) name.replace(name.rfind('.'), std::string::npos, now);
    }
    return name;
}

}  // namespace

std::vector<WeightFront> weight_fronts(const Family& family, const Architecture& arch,
                                       const std::vector<TensorInfo>& tensors) {
    const std::vector<FileWeight> table = family.file_weights(arch);
    const EntriesByName entries = entries_by_name(table);
    std::set<std::string_view> names;  // layers that share weights share entries
    for (const FileWeight& entry : table)
        names.insert(entry.name);
    const auto slots = slots_by_name(weight_slots(arch));
    const std::vector<std::string> prefixes = prefixes_of(family);
    std::map<std::string, WeightFront, std::less<>> found;
    for (const TensorInfo& tensor : tensors) {
        const std::string name = newer_name(tensor.name);
        for_each_part(name, [&](std::size_t begin, std::string_view) {
            const auto entry = entries.find(std::string_view(name).substr(begin));
            if (entry == entries.end()) return;
            std::string_view front = std::string_view(name).substr(0, begin);
            if (entry->second->has_prefix) front = without_prefix(front, prefixes);
            WeightFront& set = found.try_emplace(std::string(front)).first->second;
            set.front = front;
            ++set.count;
            set.fitting += is_same_shape(tensor.shape, stored_shape(*entry->second, slots));
        });
    }
    std::vector<WeightFront> sets;
    for (auto& [front, set] : found) {
        if (2 * set.count >= names.size()) sets.push_back(std::move(set));
    }
    const auto rank = [](const WeightFront& set) {
        return std::tuple(-std::ptrdiff_t(set.fitting), -std::ptrdiff_t(set.count), !set.front.empty(),
                          is_copy(set.front), set.front);
    };
    std::sort(sets.begin(), sets.end(),
              [&](const WeightFront& a, const WeightFront& b) { return rank(a) < rank(b); });
    return sets;
}

std::string without_wrappers(std::string_view name) {
    std::string out;
    for_each_part(name, [&](std::size_t, std::string_view part) {
        if (is_word(part, kWrapperParts)) return;
        if (!out.empty()) out += '.';
        out += part;
    });
    return out.empty() ? std::string(name) : out;
}

}  // namespace headlight
