#include "family/tensor_names.h"

#include <algorithm>
#include <cstring>

#include "io/checkpoint/tensor_values.h"

namespace headlight {

const TensorInfo* find_tensor(const Checkpoint& checkpoint, const std::string& name) {
    if (const TensorInfo* found = checkpoint.find(name)) return found;
    for (const auto& [now, before] : {std::pair{".weight", ".gamma"}, std::pair{".bias", ".beta"}}) {
        if (!name.ends_with(now)) continue;
        return checkpoint.find(name.substr(0, name.size() - std::strlen(now)) + before);
    }
    return nullptr;
}

std::vector<std::string> prefixes_of(const Family& family) {
    std::vector<std::string> prefixes;
    std::string_view rest = family.prefix;
    while (!rest.empty()) {
        const std::size_t end = rest.find('|');
        prefixes.emplace_back(rest.substr(0, end));
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
    // Where models that also see keep their language model.
    for (const char* part : {"model.language_model.", "language_model.model.", "model.text_model.", ""})
        prefixes.emplace_back(part);
    return prefixes;
}

std::string prefix_in(const Family& family, const std::vector<FileWeight>& table,
                      const Checkpoint& checkpoint) {
    const std::vector<std::string> prefixes = prefixes_of(family);
    for (const FileWeight& entry : table) {
        if (!entry.has_prefix) continue;
        for (const std::string& prefix : prefixes) {
            if (find_tensor(checkpoint, prefix + entry.name) != nullptr) return prefix;
        }
    }
    return prefixes.front();
}

namespace {

const TensorInfo* find_with_prefix(const Family& family, const Checkpoint& checkpoint,
                                   std::string_view name) {
    for (const std::string& prefix : prefixes_of(family)) {
        if (const TensorInfo* found = find_tensor(checkpoint, prefix + std::string(name))) return found;
    }
    return nullptr;
}

}  // namespace

bool HasTensor::operator()(std::string_view name) const {
    return find_with_prefix(family_, checkpoint_, name) != nullptr;
}

bool HasTensor::differ(std::string_view a, std::string_view b) const {
    const TensorInfo *first = find_with_prefix(family_, checkpoint_, a),
                     *second = find_with_prefix(family_, checkpoint_, b);
    return first != nullptr && second != nullptr && !is_same_tensor(checkpoint_, *first, *second);
}

bool is_same_tensor(const Checkpoint& checkpoint, const TensorInfo& a, const TensorInfo& b) {
    if (a.shape != b.shape) return false;
    if (a.dtype == b.dtype && is_plain(a) && is_plain(b)) {
        const std::span<const std::byte> first = checkpoint.bytes(a), second = checkpoint.bytes(b);
        // One storage under two names, as PyTorch files have it, is not read.
        return first.data() == second.data() ||
               std::equal(first.begin(), first.end(), second.begin(), second.end());
    }
    const auto first = tensor_as_floats(checkpoint, a), second = tensor_as_floats(checkpoint, b);
    return first && second && *first == *second;
}

const TensorInfo* find_entry(const FileWeight& entry, const std::string& prefix,
                             const Checkpoint& checkpoint) {
    const std::string front = entry.has_prefix ? prefix : "";
    if (const TensorInfo* found = find_tensor(checkpoint, front + entry.name)) return found;
    for (const std::string& other : entry.other_names) {
        for (const std::string& name : {front + other, prefix + other, other}) {
            if (const TensorInfo* found = find_tensor(checkpoint, name)) return found;
        }
    }
    return nullptr;
}

std::string stored_name(const Family& family, const FileWeight& entry, const Checkpoint& checkpoint) {
    for (const std::string& prefix : prefixes_of(family)) {
        if (const TensorInfo* found = find_entry(entry, prefix, checkpoint)) return found->name;
    }
    return entry.name;
}

}  // namespace headlight
