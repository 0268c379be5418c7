#include "family/proposal/tensor_roles.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <regex>
#include <vector>

namespace headlight {
namespace {

constexpr std::size_t kMostCharacters = 256;

struct RolePattern {
    Role role;
    std::regex pattern;
};

std::string lower(std::string_view text) {
    std::string out(text.substr(0, kMostCharacters));
    std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return std::tolower(c); });
    return out;
}

std::regex words(const char* pattern) {
    return std::regex(pattern, std::regex::ECMAScript | std::regex::optimize);
}

/// First that fits counts; names in lower case, without a leading point.
const std::vector<RolePattern>& layer_patterns() {
    static const std::vector<RolePattern> patterns = {
        {Role::Skip, words(R"(.*(^|\.)(mask|causal_mask|tril|masked_bias|inv_freq)$)")},
        {Role::QueryKeyValue,
         words(
             R"(.*(in_proj_weight|in_proj_bias|(^|[._])(qkv|to_qkv|c_attn|wqkv|in_proj|query_key_value|qkv_proj|qkv_linear))(\.(weight|bias))?$)")},
        {Role::Query,
         words(
             R"(.*(^|[._])(w_?q|w_?query|q|q_?proj|q_?lin|q_?linear|query|queries|to_q|fc_q|query_proj)\.(weight|bias)$)")},
        {Role::Key,
         words(
             R"(.*(^|[._])(w_?k|w_?key|k|k_?proj|k_?lin|k_?linear|key|keys|to_k|fc_k|key_proj)\.(weight|bias)$)")},
        {Role::Value,
         words(
             R"(.*(^|[._])(w_?v|w_?value|v|v_?proj|v_?lin|v_?linear|value|values|to_v|fc_v|value_proj)\.(weight|bias)$)")},
        {Role::Output,
         words(
             R"(.*(att|mha|mixer).*(out_?proj|out_?projection|output_?proj|output_?projection|o_?proj|w_?o|w_?out|c_proj|proj|projection|to_out(\.0)?|out|output|out_lin|dense|fc_o|fc_out|linear)\.(weight|bias)$)")},
        {Role::AttentionNorm,
         words(
             R"((.*\.)?(norm_?1|ln_?1|layer_?norm_?1|ln_attn|attn_ln|attention_norm|attn_norm|norm_attn|norm_attention|input_layernorm|pre_attn_norm|sa_layer_norm)\.(weight|scale|gamma|bias|shift|beta)$)")},
        {Role::MlpNorm,
         words(
             R"((.*\.)?(norm_?2|ln_?2|layer_?norm_?2|ln_mlp|mlp_ln|ffn_norm|mlp_norm|norm_ffn|norm_mlp|ff_norm|post_attention_layernorm|pre_ffn_norm|output_layer_norm)\.(weight|scale|gamma|bias|shift|beta)$)")},
        {Role::Gate, words(R"(.*(gate_proj|w_?gate|gate|w3)\.(weight|bias)$)")},
        {Role::Up,
         words(
             R"(.*(linear_?1|fc_?1|c_fc|up_proj|w_?up|up|w_?1|w_?in|lin_?1|dense_h_to_4h|(ff|ffn|mlp|feed_?forward|net|layers)\.(net\.|layers\.)?0)\.(weight|bias)$)")},
        {Role::Down,
         words(
             R"(.*(linear_?2|fc_?2|c_proj|down_proj|w_?down|down|w_?2|w_?out|lin_?2|dense_4h_to_h|(ff|ffn|mlp|feed_?forward|net|layers)\.(net\.|layers\.)?[234])\.(weight|bias)$)")},
    };
    return patterns;
}

const std::vector<RolePattern>& outside_patterns() {
    static const std::vector<RolePattern> patterns = {
        {Role::Skip, words(R"(.*(^|\.)(mask|causal_mask|tril|inv_freq|position_ids)$)")},
        {Role::PositionTable,
         words(
             R"(.*(wpe|pos_?emb|pos_?embed|pos_?embedding|pos_?embeddings|position_?emb|position_?embed|position_?embedding|position_?embeddings|positional_?embedding|positional_?encoding|pos_?encoder|pos_?enc|position_?embedding_?table)(\.(weight|pe|embedding\.weight))?$)")},
        {Role::FinalNorm,
         words(
             R"((.*\.)?(final_?norm|norm_?f|ln_?f|final_?layer_?norm|layer_?norm|norm|final_ln|norm_out|ln_out|ln)\.(weight|scale|gamma|bias|shift|beta)$)")},
        {Role::Head,
         words(
             R"((.*\.)?(out_?head|lm_?head|output_?head|head|unembed|unembedding|fc_out|output|output_?projection|out_?proj|to_logits|logits|generator(\.proj)?|decoder|classifier|vocab_proj|linear|fc|out)\.(weight|bias)$)")},
        {Role::TokenTable,
         words(
             R"(.*(wte|tok_?emb|tok_?embed|tok_?embedding|tok_?embeddings|token_?emb|token_?embed|token_?embedding|token_?embeddings|token_?embedding_?table|word_?embedding|word_?embeddings|embed_tokens|embed|embedding|embeddings|emb|encoder)(\.weight)?$)")},
    };
    return patterns;
}

Role first_fitting(const std::vector<RolePattern>& patterns, const std::string& name) {
    for (const RolePattern& one : patterns) {
        if (std::regex_match(name, one.pattern)) return one.role;
    }
    return Role::Unknown;
}

bool is_number(std::string_view part) {
    return !part.empty() && part.size() <= 4 &&
           std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

LayerName split_layer(const std::string& name) {
    std::size_t begin = 0;
    while (begin < name.size()) {
        const std::size_t end = std::min(name.find('.', begin), name.size());
        const std::string_view part = std::string_view(name).substr(begin, end - begin);
        // "feed_forward.layers.0.weight" of a model without blocks is no layer: its number stands before the
        // last part alone.
        if (begin > 0 && end < name.size() && is_number(part))
            return {name.substr(0, begin), name.substr(end), std::stoi(std::string(part))};
        begin = end + 1;
    }
    return {name, {}, -1};
}

Role role_in_layer(std::string_view rest) {
    return first_fitting(layer_patterns(), lower(rest.starts_with('.') ? rest.substr(1) : rest));
}

Role role_outside(std::string_view name) {
    return first_fitting(outside_patterns(), lower(name));
}

bool is_bias_name(std::string_view name) {
    constexpr std::array<std::string_view, 4> endings = {"bias", "beta", "shift", "in_proj_bias"};
    return std::any_of(endings.begin(), endings.end(),
                       [&](std::string_view end) { return name.ends_with(end); });
}

const char* slot_name(Role role) {
    switch (role) {
        case Role::Query:
            return "query";
        case Role::Key:
            return "key";
        case Role::Value:
            return "value";
        case Role::Output:
            return "output";
        case Role::AttentionNorm:
            return "attention_norm";
        case Role::MlpNorm:
            return "mlp_norm";
        case Role::Up:
            return "up";
        case Role::Gate:
            return "gate";
        case Role::Down:
            return "down";
        case Role::TokenTable:
            return "token_embedding";
        case Role::PositionTable:
            return "position_embedding";
        case Role::FinalNorm:
            return "final_norm";
        case Role::Head:
            return "head";
        case Role::Unknown:
        case Role::Skip:
        case Role::QueryKeyValue:
            break;
    }
    return "";
}

}  // namespace headlight
