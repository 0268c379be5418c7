#include "family/proposal/propose_model.h"

#include <algorithm>
#include <map>

#include "family/proposal/tensor_roles.h"

namespace headlight {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostTensors = 100000;

struct Block {
    std::string rest;  // ".attn.W_query.weight"
    Role role = Role::Unknown;
    const TensorInfo* tensor = nullptr;  // of layer 0
};

struct Outside {
    Role role = Role::Unknown;
    const TensorInfo* tensor = nullptr;
};

/// What was found, before it is written down.
struct Findings {
    std::string before;  // "blocks."
    int num_layers = 0;
    std::vector<Block> blocks;
    std::vector<Outside> outside;
    std::int64_t hidden = 0;

    const TensorInfo* weight(Role role) const {
        for (const Block& block : blocks) {
            if (block.role == role && !is_bias_name(block.rest)) return block.tensor;
        }
        for (const Outside& one : outside) {
            if (one.role == role && !is_bias_name(one.tensor->name)) return one.tensor;
        }
        return nullptr;
    }
    bool has_bias(Role role) const {
        const auto in_block = [&](const Block& block) {
            return block.role == role && is_bias_name(block.rest);
        };
        const auto is_outside = [&](const Outside& one) {
            return one.role == role && is_bias_name(one.tensor->name);
        };
        return std::any_of(blocks.begin(), blocks.end(), in_block) ||
               std::any_of(outside.begin(), outside.end(), is_outside);
    }
};

bool is_query(Role role) {
    return role == Role::Query || role == Role::QueryKeyValue;
}

/// The list of blocks with most layers that have queries: what stands before its number.
std::string block_prefix(const Checkpoint& checkpoint) {
    std::map<std::string, int> counts;
    for (const TensorInfo& tensor : checkpoint.tensors) {
        const LayerName name = split_layer(tensor.name);
        if (name.layer >= 0 && is_query(role_in_layer(name.rest)) && !is_bias_name(name.rest))
            ++counts[name.before];
    }
    const auto most = std::max_element(counts.begin(), counts.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
    return most == counts.end() ? std::string() : most->first;
}

Findings look(const Checkpoint& checkpoint) {
    Findings found;
    found.before = block_prefix(checkpoint);
    if (found.before.empty()) return found;
    for (const TensorInfo& tensor : checkpoint.tensors) {
        const LayerName name = split_layer(tensor.name);
        if (name.layer < 0 || name.before != found.before) {
            found.outside.push_back({role_outside(tensor.name), &tensor});
            continue;
        }
        found.num_layers = std::max(found.num_layers, name.layer + 1);
        if (name.layer == 0) found.blocks.push_back({name.rest, role_in_layer(name.rest), &tensor});
    }
    if (const TensorInfo* norm = found.weight(Role::AttentionNorm);
        norm != nullptr && norm->shape.size() == 1) {
        found.hidden = norm->shape[0];
    } else if (const TensorInfo* output = found.weight(Role::Output);
               output != nullptr && output->shape.size() == 2) {
        found.hidden = output->shape[0];
    }
    return found;
}

/// Tables and heads outside of the layers are told apart by their shapes as well.
void settle_outside(Findings& found) {
    std::int64_t vocab = 0;
    for (Outside& one : found.outside) {
        const auto& shape = one.tensor->shape;
        if (one.role != Role::TokenTable) continue;
        const bool is_table = shape.size() == 2 && shape[1] == found.hidden && vocab == 0;
        if (is_table) {
            vocab = shape[0];
        } else {
            one.role = Role::Unknown;
        }
    }
    for (Outside& one : found.outside) {
        const auto& shape = one.tensor->shape;
        if (one.role == Role::Head && !shape.empty() && shape[0] != vocab) one.role = Role::Unknown;
    }
}

/// A name as a regular expression that fits nothing else.
std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (std::string_view("\\^$.|?*+()[]{}").find(c) != std::string_view::npos) out += '\\';
        out += c;
    }
    return out;
}

bool is_input_first(const Findings& found) {
    const TensorInfo* up = found.weight(Role::Up);
    return up != nullptr && up->shape.size() == 2 && up->shape[0] == found.hidden &&
           up->shape[1] > found.hidden;
}

Json rule_of_block(const Findings& found, const Block& block) {
    Json rule = {{"match", escaped(found.before) + "(\\d+)" + escaped(block.rest)}};
    const std::string layer = "layers.$1.", bias = is_bias_name(block.rest) ? "_bias" : "";
    if (block.role == Role::Skip) {
        rule["skip"] = true;
        return rule;
    }
    if (block.role == Role::QueryKeyValue) {
        rule["name"] = {layer + "query" + bias, layer + "key" + bias, layer + "value" + bias};
        const auto& shape = block.tensor->shape;
        if (shape.size() == 2 && shape[0] == found.hidden && shape[1] != found.hidden)
            rule["transpose"] = true;
        return rule;
    }
    rule["name"] = layer + slot_name(block.role) + bias;
    const bool is_matrix = block.tensor->shape.size() == 2;
    if (is_matrix && is_input_first(found)) rule["transpose"] = true;
    return rule;
}

Json rules_of(const Findings& found, std::vector<std::string>& notes) {
    Json rules = Json::array();
    for (const Block& block : found.blocks) {
        if (block.role == Role::Unknown) {
            notes.push_back("not understood, left as it is: " + found.before + "N" + block.rest);
        } else {
            rules.push_back(rule_of_block(found, block));
        }
    }
    for (const Outside& one : found.outside) {
        Json rule = {{"match", escaped(one.tensor->name)}};
        if (one.role == Role::Skip || one.role == Role::Unknown) {
            rule["skip"] = true;
            if (one.role == Role::Unknown)
                notes.push_back("left out, because its meaning is not known: " + one.tensor->name);
        } else {
            rule["name"] = std::string(slot_name(one.role)) + (is_bias_name(one.tensor->name) ? "_bias" : "");
            if (one.role == Role::PositionTable && one.tensor->shape.size() > 2) rule["squeeze"] = true;
        }
        rules.push_back(std::move(rule));
    }
    return rules;
}

/// Size of the only axis that is not 1 before the last one.
std::int64_t table_rows(const TensorInfo& table) {
    std::int64_t rows = 1;
    for (std::size_t i = 0; i + 1 < table.shape.size(); ++i)
        rows = std::max(rows, table.shape[i]);
    return rows;
}

std::int64_t inner_size(const Findings& found) {
    const TensorInfo* up = found.weight(Role::Up);
    if (up == nullptr || up->shape.size() != 2) return 0;
    return is_input_first(found) ? up->shape[1] : up->shape[0];
}

void add_norm(const Findings& found, Json& config, std::vector<std::string>& notes) {
    const bool has_norm = found.weight(Role::AttentionNorm) != nullptr;
    const bool has_final = found.weight(Role::FinalNorm) != nullptr;
    const bool has_bias = found.has_bias(Role::AttentionNorm);
    config["norm"] = !has_norm ? "none" : has_bias ? "layer" : "rms";
    if (!has_norm) return;
    config["norm_bias"] = has_bias;
    config["norm_eps"] = 1e-5;
    config["norm_place"] = has_final ? "before" : "after_sum";
    config["final_norm"] = has_final;
    if (!has_bias)
        notes.push_back(
            "norm: gains without shifts are taken for RMS norms; write \"layer\" for layer norms without "
            "bias");
    if (!has_final)
        notes.push_back(
            "norm_place: without a final norm the norms are taken to follow each sum (norm_first=False); "
            "write \"before\" otherwise");
}

Json config_of(const Findings& found, std::vector<std::string>& notes) {
    Json config;
    const TensorInfo *positions = found.weight(Role::PositionTable), *query = found.weight(Role::Query),
                     *key = found.weight(Role::Key);
    config["num_layers"] = found.num_layers;
    config["num_heads"] = nullptr;
    notes.emplace_back(
        "num_heads: how many heads there are cannot be read from shapes; it stands in the code that trained "
        "the model");
    if (query != nullptr && key != nullptr && key->shape != query->shape) {
        config["num_kv_heads"] = nullptr;
        notes.emplace_back("num_kv_heads: keys are narrower than queries, so groups of heads share them");
    }
    config["hidden_size"] = found.hidden;
    config["intermediate_size"] = inner_size(found);
    config["vocab_size"] = found.weight(Role::TokenTable)->shape[0];
    config["position"] = positions != nullptr ? Json("learned") : Json(nullptr);
    config["max_positions"] = positions != nullptr ? Json(table_rows(*positions)) : Json(nullptr);
    if (positions == nullptr)
        notes.emplace_back(
            "position: there is no table of positions; \"rotary\" (with rope_theta) or \"none\", and "
            "max_positions");
    add_norm(found, config, notes);
    config["activation"] = nullptr;
    notes.emplace_back("activation: \"gelu\", \"gelu_new\" (tanh), \"relu\" or \"silu\", as in the code");
    config["is_gated"] = found.weight(Role::Gate) != nullptr;
    config["qkv_bias"] = found.has_bias(Role::Query) || found.has_bias(Role::QueryKeyValue);
    config["output_bias"] = found.has_bias(Role::Output);
    config["mlp_bias"] = found.has_bias(Role::Up);
    config["head_bias"] = found.has_bias(Role::Head);
    config["is_head_tied"] = found.weight(Role::Head) == nullptr;
    if (config["is_head_tied"])
        notes.emplace_back("is_head_tied: there is no output matrix; the token table is taken for it");
    const bool has_mask = std::any_of(found.blocks.begin(), found.blocks.end(),
                                      [](const Block& block) { return block.role == Role::Skip; });
    config["is_causal"] = has_mask ? Json(true) : Json(nullptr);
    if (!has_mask)
        notes.emplace_back("is_causal: true if a token sees only those before it, false for an encoder");
    notes.emplace_back(
        "embedding_scale: add it if the code multiplies the token vectors (such as by the root of "
        "hidden_size)");
    return config;
}

}  // namespace

std::optional<ModelProposal> propose_custom_model(const Checkpoint& checkpoint) {
    if (checkpoint.tensors.size() > kMostTensors) return std::nullopt;
    Findings found = look(checkpoint);
    if (found.num_layers == 0 || found.hidden <= 0) return std::nullopt;
    settle_outside(found);
    const bool has_values = found.weight(Role::QueryKeyValue) != nullptr ||
                            (found.weight(Role::Key) != nullptr && found.weight(Role::Value) != nullptr);
    if (!has_values || found.weight(Role::TokenTable) == nullptr) return std::nullopt;
    ModelProposal proposal;
    proposal.description["family"] = "headlight";
    proposal.description["config"] = config_of(found, proposal.notes);
    proposal.description["weights"] = rules_of(found, proposal.notes);
    return proposal;
}

}  // namespace headlight
