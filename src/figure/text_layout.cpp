#include "figure/text_layout.h"

#include <fmt/format.h>
#include <pango/pangocairo.h>

#include <algorithm>
#include <unordered_map>
#include <vector>

#include "analysis/words/text_breaks.h"
#include "base/utf8.h"
#include "figure/look.h"

namespace headlight {
namespace {

constexpr std::size_t kMostCachedTexts = 4096;
constexpr std::size_t kMostLabelBytes = 2048;

class TextEngine {
  public:
    TextEngine() {
        font_map_ = pango_cairo_font_map_new();
        context_ = pango_font_map_create_context(font_map_);
        // Unhinted metrics: a label is as wide in a PNG as in a PDF, whatever the scale.
        cairo_font_options_t* options = cairo_font_options_create();
        cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
        cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
        cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
        pango_cairo_context_set_font_options(context_, options);
        cairo_font_options_destroy(options);
        pango_context_set_round_glyph_positions(context_, FALSE);
    }
    ~TextEngine() {
        clear();
        g_object_unref(context_);
        g_object_unref(font_map_);
    }
    TextEngine(const TextEngine&) = delete;
    TextEngine& operator=(const TextEngine&) = delete;

    const ShapedText& shape(std::string_view text, double size_px, bool is_bold) {
        key_.assign(text);
        key_.append({'\0', is_bold ? 'b' : 'r'})
            .append(reinterpret_cast<const char*>(&size_px), sizeof size_px)
            .append(look().families);
        if (const auto found = cache_.find(key_); found != cache_.end()) return found->second;
        if (cache_.size() >= kMostCachedTexts) clear();
        return cache_.emplace(key_, make(text, size_px, is_bold)).first->second;
    }

    int count_missing(std::string_view text) {
        const std::string clean = utf8::replace_invalid(text);
        PangoLayout* layout = make_layout(clean, kMeasurePx, false);
        const int count = pango_layout_get_unknown_glyphs_count(layout);
        g_object_unref(layout);
        return count;
    }

  private:
    static constexpr double kMeasurePx = 10;

    void clear() {
        for (auto& [key, shaped] : cache_)
            g_object_unref(shaped.layout);
        cache_.clear();
    }

    PangoLayout* make_layout(const std::string& text, double size_px, bool is_bold) {
        PangoLayout* layout = pango_layout_new(context_);
        PangoFontDescription* font = pango_font_description_new();
        pango_font_description_set_family(font, look().families.c_str());
        pango_font_description_set_weight(font, is_bold ? PANGO_WEIGHT_SEMIBOLD : PANGO_WEIGHT_NORMAL);
        pango_font_description_set_absolute_size(font, size_px * PANGO_SCALE);
        pango_layout_set_font_description(layout, font);
        pango_font_description_free(font);
        pango_layout_set_single_paragraph_mode(layout, TRUE);
        pango_layout_set_text(layout, text.data(), static_cast<int>(text.size()));
        return layout;
    }

    /// The text with every code point that has no glyph of its own written as ⟨hex⟩.
    std::string spell_out_missing(const std::string& text) {
        std::string out;
        for (std::size_t at = 0; at < text.size();) {
            const utf8::Decoded decoded = utf8::decode(text, at);
            const std::string piece = text.substr(at, decoded.size_bytes);
            at += decoded.size_bytes;
            const bool is_plain = decoded.code_point >= 0x20 && decoded.code_point < 0x7F;
            if (is_plain || count_missing(piece) == 0) {
                out += piece;
            } else {
                out += fmt::format("⟨{:04X}⟩", static_cast<std::uint32_t>(decoded.code_point));
            }
        }
        return out;
    }

    static std::string without_controls(std::string_view text) {
        const std::string valid = utf8::replace_invalid(text);
        std::string out;
        out.reserve(valid.size());
        for (std::size_t at = 0; at < valid.size();) {
            const utf8::Decoded decoded = utf8::decode(valid, at);
            const char32_t c = decoded.code_point;
            const bool is_control = c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029;
            if (is_control) {
                out += fmt::format("⟨{:02X}⟩", static_cast<std::uint32_t>(c));
            } else {
                out.append(valid, at, decoded.size_bytes);
            }
            at += decoded.size_bytes;
        }
        return out;
    }

    ShapedText make(std::string_view text, double size_px, bool is_bold) {
        ShapedText shaped;
        shaped.text = without_controls(text);
        shaped.layout = make_layout(shaped.text, size_px, is_bold);
        if (pango_layout_get_unknown_glyphs_count(shaped.layout) > 0) {
            shaped.text = spell_out_missing(shaped.text);
            pango_layout_set_text(shaped.layout, shaped.text.data(), static_cast<int>(shaped.text.size()));
        }
        PangoRectangle logical;
        pango_layout_get_extents(shaped.layout, nullptr, &logical);
        shaped.width = static_cast<double>(logical.width) / PANGO_SCALE;
        shaped.height = static_cast<double>(logical.height) / PANGO_SCALE;
        shaped.ascent = static_cast<double>(pango_layout_get_baseline(shaped.layout)) / PANGO_SCALE;
        return shaped;
    }

    PangoFontMap* font_map_ = nullptr;
    PangoContext* context_ = nullptr;
    std::unordered_map<std::string, ShapedText> cache_;
    std::string key_;
};

TextEngine& engine() {
    thread_local TextEngine text_engine;
    return text_engine;
}

/// Byte offsets where a cursor may stand: between graphemes.
std::vector<std::size_t> grapheme_ends(const ShapedText& shaped) {
    gint num_attributes = 0;
    const PangoLogAttr* attributes = pango_layout_get_log_attrs_readonly(shaped.layout, &num_attributes);
    std::vector<std::size_t> ends;
    std::size_t byte = 0;
    for (int i = 1; i < num_attributes && byte < shaped.text.size(); ++i) {
        byte += utf8::decode(shaped.text, byte).size_bytes;
        if (attributes[i].is_cursor_position) ends.push_back(byte);
    }
    return ends;
}

}  // namespace

const ShapedText& shape_text(std::string_view text, double size_px, bool is_bold) {
    return engine().shape(text, size_px, is_bold);
}

double text_width(std::string_view text, double size_px, bool is_bold) {
    return shape_text(text, size_px, is_bold).width;
}

std::string fit_text(std::string_view text, double size_px, double max_width, bool is_bold) {
    // A hostile token can be megabytes long; no label shows more than a few hundred letters.
    const bool is_huge = text.size() > kMostLabelBytes;
    const ShapedText& shaped = shape_text(is_huge ? text.substr(0, kMostLabelBytes) : text, size_px, is_bold);
    if (shaped.width <= max_width && !is_huge) return shaped.text;
    const std::string whole = shaped.text;
    const std::vector<std::size_t> ends = grapheme_ends(shaped);
    const auto cut = [&](std::size_t count) {
        return whole.substr(0, count == 0 ? 0 : ends[count - 1]) + "…";
    };
    std::size_t low = 0, high = ends.size();  // cut(low) fits or is empty
    while (low < high) {
        const std::size_t middle = (low + high + 1) / 2;
        if (text_width(cut(middle), size_px, is_bold) <= max_width) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return cut(low);
}

std::vector<std::string> wrap_text(std::string_view text, double size_px, double max_width, int most_lines) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        const std::string word(text.substr(at, end - at));
        at = end + 1;
        const bool is_last_line = static_cast<int>(lines.size()) == most_lines;
        if (!lines.empty() && (is_last_line || text_width(lines.back() + " " + word, size_px) <= max_width))
            lines.back() += " " + word;
        else
            lines.push_back(word);
    }
    for (std::string& line : lines)
        line = fit_text(line, size_px, max_width);
    return lines;
}

std::string fit_label(std::string_view text, double size_px, double max_width) {
    const std::string shown = fit_text(text, size_px, max_width);
    if (!shown.ends_with("…")) return shown;
    return shorten_middle(text, [&](const std::string& shorter) {
        return shorter.size() <= kMostLabelBytes && text_width(shorter, size_px) <= max_width;
    });
}

double line_height(double size_px) {
    return 1.2 * size_px;
}

int count_missing_glyphs(std::string_view text) {
    return engine().count_missing(text);
}

}  // namespace headlight
