// The "normalizer" of tokenizer.json.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "tokenize/text/aligned_text.h"
#include "tokenize/text/precompiled_map.h"
#include "tokenize/text/text_pattern.h"

namespace headlight {

class TextNormalizer {
  public:
    /// Knows NFC, NFD, NFKC, NFKD, Lowercase, Prepend, Replace, Strip, StripAccents, BertNormalizer,
    /// Precompiled, Nmt, ByteLevel and Sequence of these; null is the empty one. Errors: Corrupt, Unsupported
    /// (names the type).
    static Result<TextNormalizer> from_json(const nlohmann::json& json);
    static TextNormalizer nfc();

    bool empty() const { return steps_.empty(); }
    /// Errors: Unsupported (a pattern takes too long; a replacement would make the text more than 64 times as
    /// long as it came).
    Result<AlignedText> apply(AlignedText text) const;

  private:
    enum class Kind {
        Nfc,
        Nfd,
        Nfkc,
        Nfkd,
        Lowercase,
        Prepend,
        Replace,
        Strip,
        StripAccents,
        CleanText,
        SpaceIdeographs,
        StripNonSpacing,
        Precompiled,
        PlainSpaces,
        ByteLevel
    };
    struct Step {
        Kind kind = Kind::Nfc;
        std::string content;  // what is prepended, or put in place of a match
        TextPattern pattern;
        bool strips_left = true, strips_right = true;
        PrecompiledMap map;
    };
    static void add_bert_steps(const nlohmann::json& json, std::vector<Step>& steps);
    static Status add_step(const nlohmann::json& json, std::vector<Step>& steps, int depth);
    static Result<AlignedText> apply_step(const Step& step, AlignedText text, std::size_t longest);

    std::vector<Step> steps_;
};

/// {"String": "..."} or {"Regex": "..."} as tokenizer.json writes patterns.
Result<TextPattern> pattern_from_json(const nlohmann::json& json);

}  // namespace headlight
