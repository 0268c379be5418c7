// A wrapped paragraph with caret geometry.
#include <algorithm>
#include <cmath>
#include <utility>

#include "gfx/pango_layout.h"
#include "gfx/text_shaper.h"

namespace headlight::gfx {

struct TextParagraph::Impl {
    LayoutPtr layout;
    std::string text;
    float width = 0, height = 0;
    std::vector<std::size_t> byte_of_char;  // [num_chars + 1]

    std::size_t char_at(std::size_t byte) const {
        return static_cast<std::size_t>(std::lower_bound(byte_of_char.begin(), byte_of_char.end(), byte) -
                                        byte_of_char.begin());
    }
    PangoLayoutLine* line_of(std::size_t byte) const {
        int line = 0;
        pango_layout_index_to_line_x(layout.get(), static_cast<int>(byte), FALSE, &line, nullptr);
        return pango_layout_get_line_readonly(layout.get(), line);
    }
};

namespace {
float to_px(int pango_units) {
    return static_cast<float>(pango_units) / PANGO_SCALE;
}
}  // namespace

TextParagraph::TextParagraph(TextShaper& shaper, std::string text, const TextStyle& style,
                             float wrap_width_px)
    : impl_(std::make_unique<Impl>()) {
    impl_->text = std::move(text);
    impl_->layout = shaper.impl().layout(impl_->text, style);
    PangoLayout* layout = impl_->layout.get();
    pango_layout_set_width(layout, static_cast<int>(std::max(1.0f, wrap_width_px) * PANGO_SCALE));
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    PangoRectangle logical;
    pango_layout_get_extents(layout, nullptr, &logical);
    impl_->width = to_px(logical.width);
    impl_->height = to_px(logical.height);
    const std::string& kept = impl_->text;
    for (std::size_t byte = 0; byte < kept.size(); ++byte) {
        if ((static_cast<unsigned char>(kept[byte]) & 0xC0) != 0x80) impl_->byte_of_char.push_back(byte);
    }
    impl_->byte_of_char.push_back(kept.size());
}

TextParagraph::~TextParagraph() = default;
TextParagraph::TextParagraph(TextParagraph&&) noexcept = default;
TextParagraph& TextParagraph::operator=(TextParagraph&&) noexcept = default;

const std::string& TextParagraph::text() const {
    return impl_->text;
}
float TextParagraph::width() const {
    return impl_->width;
}
float TextParagraph::height() const {
    return impl_->height;
}
int TextParagraph::num_lines() const {
    return pango_layout_get_line_count(impl_->layout.get());
}

TextRect TextParagraph::caret(std::size_t byte) const {
    PangoRectangle strong;
    pango_layout_get_cursor_pos(impl_->layout.get(), static_cast<int>(std::min(byte, impl_->text.size())),
                                &strong, nullptr);
    return {to_px(strong.x), to_px(strong.y), 0, to_px(strong.height)};
}

std::size_t TextParagraph::byte_at(float x, float y) const {
    int index = 0, trailing = 0;
    pango_layout_xy_to_index(impl_->layout.get(), static_cast<int>(x * PANGO_SCALE),
                             static_cast<int>(y * PANGO_SCALE), &index, &trailing);
    std::size_t at =
        impl_->char_at(static_cast<std::size_t>(std::max(0, index))) + static_cast<std::size_t>(trailing);
    return impl_->byte_of_char[std::min(at, impl_->byte_of_char.size() - 1)];
}

std::vector<TextRect> TextParagraph::selection(std::size_t begin, std::size_t end) const {
    std::vector<TextRect> rects;
    if (begin >= end) return rects;
    const IterPtr iter(pango_layout_get_iter(impl_->layout.get()));
    do {
        PangoLayoutLine* line = pango_layout_iter_get_line_readonly(iter.get());
        const auto line_begin = static_cast<std::size_t>(line->start_index);
        const auto line_end = line_begin + static_cast<std::size_t>(line->length);
        if (line_end < begin || line_begin >= end) continue;
        PangoRectangle logical;
        pango_layout_iter_get_line_extents(iter.get(), nullptr, &logical);
        int* ranges = nullptr;
        int num_ranges = 0;
        pango_layout_line_get_x_ranges(line, static_cast<int>(std::max(begin, line_begin)),
                                       static_cast<int>(std::min(end, line_end)), &ranges, &num_ranges);
        for (int i = 0; i < num_ranges; ++i) {
            const float x0 = to_px(ranges[2 * i]), x1 = to_px(ranges[2 * i + 1]);
            rects.push_back({x0, to_px(logical.y), x1 - x0, to_px(logical.height)});
        }
        g_free(ranges);
    } while (pango_layout_iter_next_line(iter.get()));
    return rects;
}

std::size_t TextParagraph::move_visually(std::size_t byte, int direction) const {
    int index = 0, trailing = 0;
    pango_layout_move_cursor_visually(impl_->layout.get(), TRUE,
                                      static_cast<int>(std::min(byte, impl_->text.size())), 0, direction,
                                      &index, &trailing);
    if (index < 0) return byte;                                     // before the first line
    if (index > static_cast<int>(impl_->text.size())) return byte;  // after the last
    const std::size_t at =
        impl_->char_at(static_cast<std::size_t>(index)) + static_cast<std::size_t>(trailing);
    return impl_->byte_of_char[std::min(at, impl_->byte_of_char.size() - 1)];
}

std::size_t TextParagraph::next_grapheme(std::size_t byte, int direction) const {
    int num_attributes = 0;
    const PangoLogAttr* attributes =
        pango_layout_get_log_attrs_readonly(impl_->layout.get(), &num_attributes);
    auto at = static_cast<int>(impl_->char_at(byte));
    do {
        at += direction;
    } while (at > 0 && at < num_attributes - 1 && attributes[at].is_cursor_position == 0);
    const auto last = static_cast<int>(impl_->byte_of_char.size()) - 1;
    return impl_->byte_of_char[static_cast<std::size_t>(std::clamp(at, 0, last))];
}

std::size_t TextParagraph::next_word(std::size_t byte, int direction) const {
    int num_attributes = 0;
    const PangoLogAttr* attributes =
        pango_layout_get_log_attrs_readonly(impl_->layout.get(), &num_attributes);
    auto at = static_cast<int>(impl_->char_at(byte));
    do {
        at += direction;
    } while (at > 0 && at < num_attributes - 1 &&
             (direction < 0 ? attributes[at].is_word_start : attributes[at].is_word_end) == 0);
    const auto last = static_cast<int>(impl_->byte_of_char.size()) - 1;
    return impl_->byte_of_char[static_cast<std::size_t>(std::clamp(at, 0, last))];
}

std::size_t TextParagraph::line_edge(std::size_t byte, int direction) const {
    const PangoLayoutLine* line = impl_->line_of(std::min(byte, impl_->text.size()));
    if (line == nullptr) return byte;
    const auto begin = static_cast<std::size_t>(line->start_index);
    if (direction < 0) return begin;
    std::size_t end = begin + static_cast<std::size_t>(line->length);
    // The end of a wrapped line is the start of the next: stay before the space that ends this one.
    if (end > begin && end < impl_->text.size() && impl_->text[end] != '\n') end = next_grapheme(end, -1);
    return end;
}

TextBitmap TextParagraph::draw(Rgba color, float y_begin, float y_end) const {
    TextBitmap bitmap;
    constexpr int kMargin = 2;
    const float y0 = std::floor(std::max(0.0f, y_begin)), y1 = std::ceil(std::min(impl_->height, y_end));
    bitmap.origin_x = kMargin;
    bitmap.origin_y = kMargin - y0;
    if (impl_->text.empty() || y1 <= y0) return bitmap;
    const int full_width = pango_layout_get_width(impl_->layout.get()) / PANGO_SCALE;
    draw_layout(impl_->layout.get(), color, full_width + 2 * kMargin, static_cast<int>(y1 - y0) + 2 * kMargin,
                bitmap.origin_x, bitmap.origin_y, bitmap);
    return bitmap;
}

}  // namespace headlight::gfx
