#include "family/ties.h"

#include <algorithm>

#include "family/tensor_names.h"

namespace headlight {
namespace {

std::vector<FileWeight>::iterator entry_of(std::vector<FileWeight>& table, const char* slot) {
    return std::find_if(table.begin(), table.end(),
                        [&](const FileWeight& entry) { return entry.slots.front() == slot; });
}

/// Names of the two tensors as they would be if the head were not tied; either may be absent from the file.
struct Pair {
    FileWeight head_entry;
    const TensorInfo *head = nullptr, *tokens = nullptr;
};

Pair find_pair(const Family& family, Architecture arch, const Checkpoint& checkpoint) {
    arch.is_head_tied = false;
    std::vector<FileWeight> table = family.file_weights(arch);
    const std::string prefix = prefix_in(family, table, checkpoint);
    const auto head = entry_of(table, "head"), tokens = entry_of(table, "token_embedding");
    if (head == table.end() || tokens == table.end()) return {};
    return {*head, find_entry(*head, prefix, checkpoint), find_entry(*tokens, prefix, checkpoint)};
}

bool is_tied_stack(const Architecture& arch) {
    return arch.decoder == nullptr && arch.has_head && arch.is_head_tied;
}

}  // namespace

void use_own_head(const Family& family, Architecture& arch, const Checkpoint& checkpoint) {
    if (!is_tied_stack(arch)) return;
    const Pair pair = find_pair(family, arch, checkpoint);
    if (pair.head == nullptr || pair.tokens == nullptr) return;
    arch.is_head_tied = is_same_tensor(checkpoint, *pair.head, *pair.tokens);
}

std::vector<FileWeight> tied_file_weights(const Family& family, const Architecture& arch,
                                          const Checkpoint& checkpoint) {
    std::vector<FileWeight> table = family.file_weights(arch);
    if (!is_tied_stack(arch)) return table;
    Pair pair = find_pair(family, arch, checkpoint);
    if (pair.head == nullptr || pair.tokens != nullptr) return table;
    pair.head_entry.slots = {"token_embedding"};
    *entry_of(table, "token_embedding") = std::move(pair.head_entry);
    return table;
}

}  // namespace headlight
