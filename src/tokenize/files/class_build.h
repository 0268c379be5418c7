// What a tokenizer class of the reference (transformers 5) makes of a vocabulary and its settings: the
// content of a tokenizer.json, for folders that have none, or one that their settings contradict.
#pragma once

#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "tokenize/files/tokenizer_settings.h"

namespace headlight {

struct SentencePieceProto;

/// A tokenizer on its way from files to the content of a tokenizer.json.
class ClassBuild {
  public:
    ClassBuild(TokenizerSettings settings, nlohmann::json content);

    nlohmann::json content;  // model, normalizer, pre_tokenizer, decoder, post_processor, added_tokens
    nlohmann::json vocab;    // object of piece to id, or list of [piece, score]
    nlohmann::json merges = nlohmann::json::array();
    nlohmann::json character_map;  // base64 of a SentencePiece model's normalisation; null if it has none
    const SentencePieceProto* model = nullptr;  // of a .model file

    nlohmann::ordered_json& settings() { return settings_.values; }
    const nlohmann::ordered_json& settings() const { return settings_.values; }
    TokenizerSettings& merged() { return settings_; }

    /// A setting as Python sees it: `fallback` where the files do not name it. Errors: by throwing
    /// json::type_error.
    bool flag(const char* key, bool fallback) const;
    nlohmann::json setting(const char* key, nlohmann::json fallback) const;
    /// The same as a condition: null is false, and nothing throws.
    bool truth(const char* key, bool fallback) const { return is_true(setting(key, fallback)); }
    /// The role's token where the files do not name it; `strips_left` where they name it by its text alone.
    void set_default(const char* role, const char* content);
    void let_strip_left(const char* role);
    /// Text of a role's token among the settings or after add_tokens(); "None" where it has none, as Python
    /// writes it.
    std::string text_of(const char* role) const;
    bool has(const char* role) const { return text_of(role) != "None"; }

    /// Tokens of a class or a model file that are found in texts beside those of roles. As in the reference,
    /// a list that the settings give under its newer name "extra_special_tokens" stands in for them.
    nlohmann::ordered_json additional() const;
    void set_additional(nlohmann::ordered_json tokens);

    void set_model(nlohmann::json parameters);  // with vocab and merges
    void set_post_processor(nlohmann::json processor) { content["post_processor"] = std::move(processor); }

    /// Adds the tokens of all files and roles, and puts BOS and EOS around texts where the settings say so
    /// and nothing else does; what the reference does when the class has built its pipeline.
    Status add_tokens();
    /// Every token of a role once more, with plain flags (Cohere, RemBERT, Reformer).
    void add_special_tokens_again();
    /// BOS and EOS as `add_bos_token` and `add_eos_token` say.
    void update_post_processor();
    void add(const TokenSpec& token);
    /// Writes the added tokens into `content`, in the order of their ids.
    void finish();

    /// Tokens of roles by name, those that have one.
    nlohmann::json roles() const;

    using Role = std::pair<std::string, std::optional<TokenSpec>>;
    const std::vector<Role>& role_list() const { return roles_; }
    const std::vector<TokenSpec>& extra() const { return extra_; }

  private:
    Status read_roles();
    void set_role(const std::string& name, const TokenSpec& token);
    bool is_added(const std::string& content) const;
    std::vector<TokenSpec> missing_tokens() const;

    TokenizerSettings settings_;
    std::vector<Role> roles_;
    std::vector<TokenSpec> extra_, added_;
    std::set<std::string>
        special_;              // texts that some file called special: the reference does not take that back
    std::size_t num_own_ = 0;  // of added_: those of tokenizer.json, which come before all others
    bool puts_bos_ = false, puts_eos_ = false, updates_ = false;
};

struct TokenizerClassRules {
    const char* name;
    const char* model;  // type of the model that it makes of a vocabulary; null: any
    const char* vocab;  // file beside tokenizer.json that it reads: "vocab.txt", "vocab.json" (with
                        // merges.txt) or "*.model"
    Status (*build)(ClassBuild& build);
    bool keeps_pipeline = false;  // of tokenizer.json
};

/// Null for a class that is not read here.
const TokenizerClassRules* find_class_rules(const std::string& name);

std::span<const TokenizerClassRules> word_piece_classes();
std::span<const TokenizerClassRules> byte_level_classes();
std::span<const TokenizerClassRules> sentencepiece_bpe_classes();
std::span<const TokenizerClassRules> unigram_classes();
std::span<const TokenizerClassRules> fairseq_classes();

/// The pipeline that a SentencePiece model describes itself, for classes that have none of their own.
/// `as_likelihoods`: whatever the model is trained for.
void follow_model(ClassBuild& build, bool as_likelihoods = false);

// Steps of pipelines.
nlohmann::json sequence(const char* members, std::vector<nlohmann::json> steps);
nlohmann::json metaspace(const char* scheme, bool splits = true);
nlohmann::json byte_level(bool has_prefix_space, bool has_words = true);
nlohmann::json replace_text(const char* text, const char* content);
nlohmann::json replace_pattern(const char* pattern, const char* content);
nlohmann::json precompiled(const nlohmann::json& character_map);
/// Tokens put before and after every text, by their texts; their ids are looked up when the vocabulary is
/// known. `pair`: what two texts ("$A", "$B") are among, each with its segment; empty: no form for two.
nlohmann::json template_of(const std::vector<std::string>& before, const std::vector<std::string>& after,
                           const std::vector<std::pair<std::string, int>>& pair = {});
/// "[CLS] A [SEP] B [SEP]", B and its end of segment 1; `first_segment` is that of [CLS] before two texts.
nlohmann::json bert_template(const std::string& first, const std::string& last, int first_segment = 0);
/// "<s> A </s></s> B </s>", all of segment 0.
nlohmann::json doubled_template(const std::string& first, const std::string& last);

}  // namespace headlight
