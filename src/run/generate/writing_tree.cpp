#include "run/generate/writing_tree.h"

#include <algorithm>

namespace headlight {

int WritingTree::find(int parent, std::int32_t id) const {
    for (int node = std::max(0, parent + 1); node < size(); ++node)
        if (this->parent(node) == parent && step(node).token.id == id) return node;
    return -1;
}

std::optional<int> WritingTree::add(int parent, WrittenStep step) {
    const int known = find(parent, step.token.id);
    if (known >= 0) return known;
    if (is_full()) return std::nullopt;
    nodes_.push_back({parent, std::make_shared<const WrittenStep>(std::move(step))});
    return size() - 1;
}

std::vector<int> WritingTree::path(int node) const {
    std::vector<int> out;
    for (; node >= 0; node = parent(node))
        out.push_back(node);
    std::reverse(out.begin(), out.end());
    return out;
}

int WritingTree::depth(int node) const {
    int count = 0;
    for (; node >= 0; node = parent(node))
        ++count;
    return count;
}

std::vector<int> WritingTree::leaves() const {
    std::vector<char> has_child(nodes_.size(), 0);
    for (const Node& node : nodes_)
        if (node.parent >= 0) has_child[static_cast<std::size_t>(node.parent)] = 1;
    std::vector<int> out;
    for (int node = 0; node < size(); ++node)
        if (!has_child[static_cast<std::size_t>(node)]) out.push_back(node);
    return out;
}

int WritingTree::newest_leaf(int node) const {
    std::vector<int> newest(nodes_.size() + 1, kPrompt);  // child of each, the prompt's last
    const auto of = [&](int parent) { return parent < 0 ? nodes_.size() : static_cast<std::size_t>(parent); };
    for (int child = 0; child < size(); ++child)
        newest[of(parent(child))] = child;
    while (newest[of(node)] >= 0)
        node = newest[of(node)];
    return node;
}

std::optional<int> WritingTree::find_path(std::span<const std::int32_t> ids) const {
    int node = kPrompt;
    for (const std::int32_t id : ids) {
        node = find(node, id);
        if (node < 0) return std::nullopt;
    }
    return node;
}

int WritingTree::remove_branch(int leaf, int node) {
    std::vector<int> num_children(nodes_.size(), 0);
    for (const Node& entry : nodes_)
        if (entry.parent >= 0) ++num_children[static_cast<std::size_t>(entry.parent)];
    std::vector<char> is_gone(nodes_.size(), 0);
    for (int at = leaf; at >= 0 && num_children[static_cast<std::size_t>(at)] == 0; at = parent(at)) {
        is_gone[static_cast<std::size_t>(at)] = 1;
        if (parent(at) >= 0) --num_children[static_cast<std::size_t>(parent(at))];
    }
    while (node >= 0 && is_gone[static_cast<std::size_t>(node)])
        node = parent(node);
    std::vector<int> now(nodes_.size(), kPrompt);
    std::vector<Node> kept;
    for (int at = 0; at < size(); ++at) {
        if (is_gone[static_cast<std::size_t>(at)]) continue;
        now[static_cast<std::size_t>(at)] = static_cast<int>(kept.size());
        const int above = parent(at);
        kept.push_back({above < 0 ? kPrompt : now[static_cast<std::size_t>(above)],
                        nodes_[static_cast<std::size_t>(at)].step});
    }
    nodes_ = std::move(kept);
    return node < 0 ? kPrompt : now[static_cast<std::size_t>(node)];
}

}  // namespace headlight
