// The "post_processor" of tokenizer.json: trims spaces off spans and adds special tokens, around one text or
// two.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace headlight {

/// A token before it is dressed for show.
struct RawToken {
    std::int32_t id = 0;
    std::size_t begin = 0, end = 0;  // bytes of the clean text; both 0 for special tokens put around it
    std::string_view matched;   // of an added token that was found: its text with the spaces that it took
    std::uint8_t sequence = 0;  // the text that it is of: 0 of the first (and every special token), 1
    std::uint8_t segment = 0;   // "type_id"
};

class PostProcessor {
  public:
    using PieceOf = std::function<std::string_view(std::int32_t)>;

    /// Knows ByteLevel, TemplateProcessing, RobertaProcessing, BertProcessing and Sequence; null is the empty
    /// one. Errors: Corrupt, Unsupported (names the type).
    static Result<PostProcessor> from_json(const nlohmann::json& json);
    /// Puts tokens before and after the text, and trims spaces as RoBERTa does.
    static PostProcessor around(std::vector<std::int32_t> before, std::vector<std::int32_t> after,
                                bool trims);

    /// `text` is the clean text that the spans point into; `piece_of` the vocabulary's way to write an id.
    std::vector<RawToken> apply(std::string_view text, bool add_special, const PieceOf& piece_of,
                                std::vector<RawToken> tokens) const;

    /// The same of two texts and their tokens: those of the second are of sequence 1.
    std::vector<RawToken> apply_pair(std::array<std::string_view, 2> texts, bool add_special,
                                     const PieceOf& piece_of, std::vector<RawToken> first,
                                     std::vector<RawToken> second) const;

    /// Are special tokens put between two texts, and the second behind them?
    bool separates_pairs() const;
    /// Special tokens put behind the second of two texts.
    int tokens_after_second() const;

    /// First token put before the text, -1 if there is none.
    std::int32_t first_token() const;
    /// Last token put after the text, -1 if there is none.
    std::int32_t last_token() const;

    /// Ids that are put around the text.
    std::vector<std::int32_t> special_ids() const;

  private:
    using Part = std::vector<RawToken>;
    using Texts = std::array<std::string_view, 2>;
    /// A text (0: "A", 1: "B"), or special tokens.
    struct TemplatePart {
        int sequence = -1;
        std::vector<std::int32_t> ids;
        std::uint8_t segment = 0;
    };
    using Template = std::vector<TemplatePart>;
    enum class Kind { Trim, Template, Bert, Roberta };
    struct Step {
        Kind kind = Kind::Trim;
        bool trims = false, has_prefix_space = false;
        Template single, pair;            // Template
        std::int32_t cls = -1, sep = -1;  // Bert, Roberta
    };
    static Status add_step(const nlohmann::json& json, std::vector<Step>& steps, int depth);
    static Result<Template> read_template(const nlohmann::json& list, const nlohmann::json& names);
    static Result<Step> template_step(const nlohmann::json& file);
    static Result<Step> pair_step(const nlohmann::json& json);
    static void trim(const Step& step, const Texts& texts, const PieceOf& piece_of, Part& tokens);
    static std::vector<Part> fill(const Template& pieces, const std::vector<Part>& parts, bool add_special);
    static void apply_step(const Step& step, bool add_special, std::vector<Part>& parts);
    std::vector<RawToken> apply_steps(const Texts& texts, bool add_special, const PieceOf& piece_of,
                                      std::vector<Part> parts) const;
    Status check_parts(std::size_t num_parts) const;
    /// Ids of a text whose only token is -1.
    std::vector<std::int32_t> around_one() const;
    std::vector<RawToken> around_two() const;

    std::vector<Step> steps_;
    bool takes_pairs_ = true;  // false: its templates do not fit together for two texts
};

}  // namespace headlight
