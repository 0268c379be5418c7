// What the top bar says about the model and the run.
#include "app/window_words.h"

#include <fmt/format.h>

#include "session/saved/saved_state.h"
#include "views/format.h"

namespace headlight {

std::string run_words(const Snapshot& snapshot) {
    if (!snapshot.text) return {};
    const AnalyzedText& text = *snapshot.text;
    const std::string unit = to_string(text.unit());
    std::string out =
        format_count(static_cast<int>(text.tokens.tokens.size()), unit.c_str(), (unit + "s").c_str());
    if (text.key_tokens)
        out = fmt::format("{} queries × {} keys", text.tokens.tokens.size(), text.key_tokens->tokens.size());
    if (snapshot.is_text_left_over()) out += " of the text before";
    const int num_tokens = static_cast<int>(snapshot.shown_tokens()->tokens.tokens.size());
    const int most = snapshot.model ? snapshot.model->spec.max_positions : 0;
    if (most > 0 && num_tokens > most) out += fmt::format(", made for {}", most);
    if (!text.was_measured_now) return out + " · stored";
    out += " · " + format_duration(text.run_ms);
    if (text.num_reused > 0) out += fmt::format(" · {} reused", text.num_reused);
    return out;
}

std::string model_words(const Snapshot& snapshot) {
    if (!snapshot.model) return {};
    const ModelSpec& spec = snapshot.model->spec;
    const bool is_grouped = spec.num_kv_heads > 0 && spec.num_kv_heads != spec.num_heads;
    const std::string kv = is_grouped ? fmt::format(" ({} kv)", spec.num_kv_heads) : "";
    const std::string family = spec.family_label.empty() ? spec.family : spec.family_label;
    const std::string layers = spec.has_decoder
                                   ? fmt::format("{} + {} layers", spec.num_layers, spec.num_decoder_layers)
                                   : format_count(spec.num_layers, "layer", "layers");
    return fmt::format("{}{} · {} × {} heads{}{}{}", family.empty() ? "" : " · ", family, layers,
                       spec.num_heads, kv, spec.dtype.empty() ? "" : " · ", spec.dtype);
}

std::string window_title(const Snapshot& snapshot) {
    constexpr int kMostTitleLetters = 60;
    const SavedState& saved = snapshot.part<SavedState>();
    std::string out;
    if (!saved.path.empty())
        out = (saved.is_changed ? "• " : "") + saved.path.substr(saved.path.find_last_of('/') + 1);
    if (snapshot.model) out += (out.empty() ? "" : " · ") + snapshot.model->spec.name;
    const std::string text =
        shorten(snapshot.typed_text.substr(0, snapshot.typed_text.find('\n')), kMostTitleLetters);
    if (!text.empty()) out += (out.empty() ? "" : " · ") + text;
    return out.empty() ? "Headlight" : out + " – Headlight";
}

}  // namespace headlight
