// The "pre_tokenizer" of tokenizer.json: cuts normalised text into the words within which merges happen.
#pragma once

#include <deque>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "tokenize/text/aligned_text.h"
#include "tokenize/text/split.h"

namespace headlight {

/// Sections, and the texts that steps made on the way; addresses stay valid while this lives.
struct SectionList {
    std::vector<TextSection> sections;
    std::deque<AlignedText> texts;
};

/// A key of ours in a Metaspace step, for the pipeline of a SentencePiece model: its prefix is put also
/// before a text that begins with a space, as SentencePiece does. The reference's step cannot say that.
inline constexpr const char* kDoublesFirst = "doubles_first";

class PreTokenizer {
  public:
    /// Knows ByteLevel, Split, Digits, Punctuation, Metaspace, Whitespace, WhitespaceSplit,
    /// CharDelimiterSplit, UnicodeScripts, FixedLength, BertPreTokenizer and Sequence; null is the empty one.
    /// Errors: Corrupt, Unsupported (names the type).
    static Result<PreTokenizer> from_json(const nlohmann::json& json);
    /// What vocab.json + merges.txt of GPT-2 imply.
    static PreTokenizer gpt2(bool adds_prefix_space);
    /// Splits at `pattern` first, then bytes without a pattern of its own (Qwen2).
    static Result<PreTokenizer> split_then_bytes(const std::string& pattern);

    /// Does a ByteLevel step occur? Then pieces are written in byte_alphabet.h.
    bool is_byte_level() const;
    /// Is the last step ByteLevel? Then a model of bytes needs no spelling.
    bool ends_in_bytes() const;
    /// ByteLevel spells its sections in byte_alphabet.h; the last step does not unless `spells_last`. Errors:
    /// Unsupported (a pattern that takes too long).
    Status apply(SectionList& list, bool spells_last = true) const;

  private:
    enum class Kind { ByteLevel, Split, Metaspace };
    enum class Prefix { Never, First, Always };
    struct Step {
        Kind kind = Kind::Split;
        TextPattern pattern;
        bool has_pattern = false;  // ByteLevel with use_regex; Metaspace with split
        SplitBehavior behavior = SplitBehavior::Isolated;
        bool invert = false;
        Prefix prefix = Prefix::Never;
        std::string replacement;     // Metaspace: "▁"
        bool doubles_first = false;  // Metaspace: the prefix is put also where the text begins with a space
    };
    static Status add_step(const nlohmann::json& json, std::vector<Step>& steps, int depth);
    static Result<Step> step_of(const std::string& type, const nlohmann::json& json);
    static Result<Step> make_split(const std::string& pattern, SplitBehavior behavior);
    static Step make_step(TextPattern::Finder finder, SplitBehavior behavior, bool invert = false);
    static Result<Step> byte_level_step(const nlohmann::json& json);
    static Result<Step> metaspace_step(const nlohmann::json& json);
    static Result<Step> split_step(const std::string& type, const nlohmann::json& json);
    static void prepare(const Step& step, TextSection& section, SectionList& list);
    static Status apply_step(const Step& step, SectionList& list);

    std::vector<Step> steps_;
};

}  // namespace headlight
