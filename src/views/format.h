// Numbers and sentences as the window writes them. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/head_id.h"
#include "core/token.h"
#include "gfx/color.h"

namespace headlight {

/// "62 %", "3.1 %", "0.04 %", "< 0.01 %", "0 %": enough digits to tell small weights apart. Input in [0, 1].
std::string format_percent(double share);

/// "60.3 %": one digit always, for columns of aligned numbers; "< 0.1 %" below that.
std::string format_percent_column(double share);

/// About three significant digits: "0.64", "38.2", "1.2e-05", "1 204". Not finite gives "–".
std::string format_number(double value);

/// "0.64 nats", or "–" where the value does not exist.
std::string format_value(const std::optional<double>& value, std::string_view unit);

/// "7.0×", "120×"; "–" where there is none.
std::string format_lift(const std::optional<double>& lift);

/// Two digits after the point, with a real minus sign; "–" where there is none.
std::string format_score(const std::optional<double>& score);

/// "2e-7" of a small error bound, "0" for zero.
std::string format_error_bound(double error);

/// "148 ms", "1.8 s".
std::string format_duration(double milliseconds);

/// "27 tokens", "1 token".
std::string format_count(int count, std::string_view singular, std::string_view plural);

/// "134.5 M", "7.2 B": parameter counts.
std::string format_parameters(long long count);

/// What the window calls a token: its display form, cut to `most` code points with "…".
std::string token_label(const TokenizedText& tokens, int index, int most = 24);

/// The tone that marks sentence A (0) or B (1) of a pair wherever its tokens are.
gfx::Rgba sentence_tone(int sentence);

/// “·it” (5); of a pair with its sentence: “·it” (5, B).
std::string quoted_token(const TokenizedText& tokens, int index);

/// A query and a key, of one text or of two.
struct TokenPair {
    const TokenizedText& queries;
    int query = 0;
    const TokenizedText& keys;
    int key = 0;
    bool is_itself() const { return &queries == &keys && query == key; }
};

/// “·it” (5) gives 62 % to “·cat” (1)
std::string attention_sentence(const TokenPair& pair, double weight);

/// Why a query cannot see a key.
enum class MaskReason { Later, Window, NoAttention };
/// “·it” (5) cannot see “·mat” (9): it comes later / it lies outside the layer's window / ...
std::string masked_sentence(const TokenPair& pair, MaskReason reason);

/// What a row gives to no token: "off-sequence sink 12 %".
std::string sink_words(double share);

/// "Layer 16 · Head 0", or "Mean of 3 heads" for more than one.
std::string heads_title(const std::vector<HeadId>& heads);

/// "L1H3, L2H0 and 5 more".
std::string heads_list(const std::vector<HeadId>& heads, int most = 6);

/// Cut to `most` code points, the last replaced by "…".
std::string shorten(std::string_view text, int most);

/// "no change: at most 8e-8": of a difference that is rounding noise.
std::string no_change_words(double largest);

}  // namespace headlight
