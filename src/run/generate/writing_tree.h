// What was written behind one prompt: branches that share their beginnings.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "run/generate/generate_text.h"

namespace headlight {

/// A token of a branch, as the views show it.
struct WrittenStep {
    WrittenToken token;
    std::string display;                         // of the token
    std::vector<std::string> likeliest_display;  // of token.likeliest
    bool is_chosen = false;                      // by the user, not by the model
};

/// Copied with every token: nodes are shared. -1 stands for the prompt.
class WritingTree {
  public:
    struct Node {
        int parent = -1;
        std::shared_ptr<const WrittenStep> step;
    };
    static constexpr int kPrompt = -1;
    static constexpr int kMostNodes = 8192;

    int size() const { return static_cast<int>(nodes_.size()); }
    bool is_full() const { return size() >= kMostNodes; }
    const WrittenStep& step(int node) const { return *nodes_[static_cast<std::size_t>(node)].step; }
    int parent(int node) const { return nodes_[static_cast<std::size_t>(node)].parent; }

    /// The child of `parent` with that token; -1: there is none.
    int find(int parent, std::int32_t id) const;
    /// The same, or a new one; nullopt: the tree is full.
    std::optional<int> add(int parent, WrittenStep step);
    /// Nodes from the first token that was written to `node`; empty for the prompt.
    std::vector<int> path(int node) const;
    int depth(int node) const;
    /// Last tokens of the branches, in the order in which they were begun.
    std::vector<int> leaves() const;
    /// The end of the branch that goes on from `node` along the newest tokens.
    int newest_leaf(int node) const;
    /// Where a text of these ids behind the prompt ends in the tree; nullopt: it is not in it.
    std::optional<int> find_path(std::span<const std::int32_t> ids) const;
    /// Takes out what only the branch of `leaf` needs. Returns where `node` is now: itself, or what is left
    /// of its way.
    int remove_branch(int leaf, int node);

  private:
    std::vector<Node> nodes_;  // parents before children
};

}  // namespace headlight
