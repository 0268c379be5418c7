#include "io/torch/torch_state.h"

#include <algorithm>
#include <array>
#include <set>

namespace headlight {
namespace {

using nlohmann::json;

constexpr int kDeepestState = 4, kDeepestConfig = 8;
constexpr std::size_t kLongestKeys = 400;
constexpr std::size_t kMostConfigItems = 4096;
constexpr std::array kStateKeys = {
    "model_state_dict", "state_dict", "model_state", "model",          "module", "net",
    "network",          "weights",    "params",      "ema_state_dict", "ema"};
// "config" last but one: where there is a "model_args" beside it, it is that of the training script.
constexpr std::array kConfigKeys = {"model_args", "model_config", "config", "hyper_parameters"};
constexpr std::array kWrappers = {"_orig_mod.", "module.", "model."};

bool is_numbers(const PickleNode& node) {
    return node.kind == PickleKind::Tensor || node.kind == PickleKind::Array;
}

bool has_keys(const PickleNode& node) {
    return node.kind == PickleKind::Dict || node.kind == PickleKind::Object;
}

std::size_t count_tensors(const PickleTree& tree, const PickleNode& dict) {
    std::size_t count = 0;
    for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
        count += tree[dict.items[i]].kind == PickleKind::Text && is_numbers(tree[dict.items[i + 1]]);
    }
    return count;
}

/// The dict that holds the weights: the one with most tensors on the way of the usual keys.
const PickleNode* find_state(const PickleTree& tree, const PickleNode& node, int depth) {
    if (!has_keys(node) || depth > kDeepestState) return nullptr;
    const std::size_t own = count_tensors(tree, node);
    for (const char* key : kStateKeys) {
        const PickleNode* child = tree.find(node, key);
        const PickleNode* state = child != nullptr ? find_state(tree, *child, depth + 1) : nullptr;
        if (state != nullptr && count_tensors(tree, *state) > own) return state;
    }
    return own > 0 ? &node : nullptr;
}

using NamedNodes = std::vector<std::pair<std::string, const PickleNode*>>;

/// Where no usual key leads to weights: every value below, by the keys or places that lead to it, such as
/// {"student": {...}, "teacher": {...}} or (weights, epoch).
void collect_values(const PickleTree& tree, const PickleNode& node, const std::string& name, int depth,
                    std::size_t& budget, NamedNodes& out) {
    const bool is_list = node.kind == PickleKind::List || node.kind == PickleKind::Tuple;
    if (depth > kDeepestState || (!is_list && node.kind != PickleKind::Dict)) return;
    for (std::size_t i = 0; i + (is_list ? 0 : 1) < node.items.size() && budget > 0; i += is_list ? 1 : 2) {
        --budget;
        const PickleNode& key = tree[node.items[i]];
        if (!is_list && key.kind != PickleKind::Text) continue;
        const PickleNode& value = is_list ? key : tree[node.items[i + 1]];
        const std::string part = is_list ? fmt::format("{}", i) : key.text;
        const std::string whole = name.empty() ? part : name + "." + part;
        if (whole.size() > kLongestKeys) continue;
        if (is_numbers(value)) out.emplace_back(whole, &value);
        collect_values(tree, value, whole, depth + 1, budget, out);
    }
}

/// Names and values of the weights.
NamedNodes weights_of(const PickleTree& tree) {
    NamedNodes out;
    const PickleNode* state = find_state(tree, tree[tree.root], 0);
    if (state == nullptr) {
        std::size_t budget = kMostPickleNodes;
        collect_values(tree, tree[tree.root], "", 0, budget, out);
        return out;
    }
    for (std::size_t i = 0; i + 1 < state->items.size(); i += 2) {
        const PickleNode& key = tree[state->items[i]];
        if (key.kind == PickleKind::Text) out.emplace_back(key.text, &tree[state->items[i + 1]]);
    }
    return out;
}

/// "a dict with the keys 'epoch', 'loss'"
std::string describe_top(const PickleTree& tree) {
    const PickleNode& top = tree[tree.root];
    if (top.kind == PickleKind::Tensor) return "a single tensor";
    if (top.kind == PickleKind::List || top.kind == PickleKind::Tuple)
        return fmt::format("a list of {}", top.items.size());
    if (top.kind == PickleKind::Array) return "a single array";
    if (top.kind == PickleKind::Object) return fmt::format("an object of '{}'", top.text);
    if (top.kind != PickleKind::Dict) return "a single value";
    std::string keys;
    for (std::size_t i = 0; i + 1 < top.items.size() && i < 16; i += 2) {
        const PickleNode& key = tree[top.items[i]];
        keys += (keys.empty() ? "'" : ", '") + (key.kind == PickleKind::Text ? key.text.substr(0, 40) : "?") +
                "'";
    }
    return keys.empty() ? "an empty dict" : "a dict with the keys " + keys;
}

/// Plain values only; what is none becomes null.
json to_json(const PickleTree& tree, const PickleNode& node, int depth, std::size_t& budget) {
    if (depth > kDeepestConfig || budget == 0) return nullptr;
    --budget;
    switch (node.kind) {
        case PickleKind::Bool:
            return node.number != 0;
        case PickleKind::Int:
            return node.text.empty() ? json(node.number) : json(nullptr);
        case PickleKind::Real:
            return node.real;
        case PickleKind::Text:
            return node.text;
        case PickleKind::Tuple:
        case PickleKind::List: {
            json list = json::array();
            for (const PickleId id : node.items)
                list.push_back(to_json(tree, tree[id], depth + 1, budget));
            return list;
        }
        case PickleKind::Object:  // its attributes, as far as the file says them
        case PickleKind::Dict: {
            json object = json::object();
            for (std::size_t i = 0; i + 1 < node.items.size(); i += 2) {
                const PickleNode& key = tree[node.items[i]];
                if (key.kind == PickleKind::Text)
                    object[key.text] = to_json(tree, tree[node.items[i + 1]], depth + 1, budget);
            }
            return object;
        }
        default:
            return nullptr;
    }
}

json find_config(const PickleTree& tree) {
    for (const char* key : kConfigKeys) {
        const PickleNode* node = tree.find(tree[tree.root], key);
        if (node == nullptr || !has_keys(*node)) continue;
        std::size_t budget = kMostConfigItems;
        return to_json(tree, *node, 0, budget);
    }
    return nullptr;
}

/// What nanoGPT saves as "model_args" says everything but what it is.
void name_nanogpt(const std::vector<TensorInfo>& tensors, json& config) {
    const bool is_nanogpt = config.is_object() && !config.contains("model_type") &&
                            config.contains("n_layer") && config.contains("n_head") &&
                            config.contains("n_embd") && config.contains("block_size");
    if (!is_nanogpt) return;
    config["model_type"] = "nanogpt";
    const auto table = std::find_if(tensors.begin(), tensors.end(), [](const TensorInfo& tensor) {
        return tensor.name.ends_with("transformer.wte.weight") && tensor.shape.size() == 2;
    });
    const bool has_size = config.contains("vocab_size") && config["vocab_size"].is_number_integer();
    if (!has_size && table != tensors.end()) config["vocab_size"] = table->shape[0];
    // Before the setting existed every layer had a bias.
    if (!config.contains("bias")) config["bias"] = true;
}

}  // namespace

Result<TorchState> find_torch_state(const TorchFile& torch, std::size_t file_index) {
    const PickleTree& tree = torch.tree;
    TorchState out;
    for (const auto& [name, value] : weights_of(tree)) {
        if (value->kind == PickleKind::Object)
            out.absent.emplace_back(name,
                                    fmt::format("there it is '{}', code that is never run", value->text));
        if (!is_numbers(*value)) continue;
        HEADLIGHT_TRY(TensorInfo info, torch_tensor(torch, *value, name, file_index));
        out.tensors.push_back(std::move(info));
    }
    if (out.tensors.empty()) {
        for (const PickleNode& node : tree.nodes) {
            if (node.kind == PickleKind::Object) return fail(pickled_code(node, torch.file->path()));
        }
        return fail(make_error(ErrorKind::Missing,
                               "the file holds no weights that can be recognised: expected a dict of "
                               "tensors, at the top or under a key like 'state_dict', found {}",
                               describe_top(tree))
                        .in_file(torch.file->path()));
    }
    out.config = find_config(tree);
    std::set<std::string> code;
    for (const PickleNode& node : tree.nodes) {
        if (node.kind == PickleKind::Object) code.insert(node.text);
    }
    out.code.assign(code.begin(), code.end());
    name_nanogpt(out.tensors, out.config);
    return out;
}

void strip_wrappers(std::vector<TensorInfo>& tensors) {
    for (bool is_stripped = true; is_stripped && !tensors.empty();) {
        is_stripped = false;
        for (const std::string_view prefix : kWrappers) {
            const bool is_shared = std::all_of(tensors.begin(), tensors.end(), [&](const TensorInfo& tensor) {
                return tensor.name.size() > prefix.size() && tensor.name.starts_with(prefix);
            });
            if (!is_shared) continue;
            for (TensorInfo& tensor : tensors)
                tensor.name.erase(0, prefix.size());
            is_stripped = true;
        }
    }
}

}  // namespace headlight
