#include "gfx/text_flow.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "gfx/pango_layout.h"

namespace headlight::gfx {
namespace {

constexpr std::size_t kPieceBytes = 1500;     // lines are taken together up to here
constexpr std::size_t kMostLineBytes = 3000;  // a longer line of the text is cut where a word ends

bool begins_character(char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
}

/// Belongs to the character before it: marks, joiners, variation selectors, skin tones.
bool continues_cluster(gunichar c) {
    if (c >= 0x1F3FB && c <= 0x1F3FF) return true;
    const GUnicodeType type = g_unichar_type(c);
    return type == G_UNICODE_NON_SPACING_MARK || type == G_UNICODE_SPACING_MARK ||
           type == G_UNICODE_ENCLOSING_MARK || type == G_UNICODE_FORMAT;
}

/// Of a script that runs from the right: Hebrew to Arabic, their forms, and the old ones.
bool is_right_to_left(gunichar c) {
    return (c >= 0x0590 && c <= 0x08FF) || (c >= 0xFB1D && c <= 0xFDFF) || (c >= 0xFE70 && c <= 0xFEFF) ||
           (c >= 0x10800 && c <= 0x10FFF) || (c >= 0x1E800 && c <= 0x1EFFF);
}

bool has_direction(gunichar c) {
    return g_unichar_isalpha(c) != FALSE;
}

/// The direction of the first letter is that of the line.
bool runs_from_right(const char* begin, const char* end) {
    for (const char* at = begin; at < end; at = g_utf8_next_char(at)) {
        const gunichar c = g_utf8_get_char(at);
        if (has_direction(c)) return is_right_to_left(c);
    }
    return false;
}

}  // namespace

TextFlow::TextFlow(TextShaper& shaper, const TextStyle& style, float wrap_width_px)
    : shaper_(shaper), style_(style), width_(std::max(1.0f, wrap_width_px)) {
    line_height_ = TextParagraph(shaper, "x", style, width_).height();
    letter_width_ = std::max(1.0f, shaper.measure("the quick brown fox ", style).advance / 20);
    pieces_ = cut(0, 0);
}

TextFlow::~TextFlow() = default;

float TextFlow::estimated_height(std::size_t begin, std::size_t end) const {
    const auto letters = std::count_if(text_.begin() + static_cast<std::ptrdiff_t>(begin),
                                       text_.begin() + static_cast<std::ptrdiff_t>(end), begins_character);
    const auto breaks = std::count(text_.begin() + static_cast<std::ptrdiff_t>(begin),
                                   text_.begin() + static_cast<std::ptrdiff_t>(end), '\n');
    const float lines = std::ceil(static_cast<float>(letters) * letter_width_ / width_);
    return line_height_ * std::max(1.0f, std::max(lines, static_cast<float>(breaks + 1)));
}

// The last place before the limit where a word begins that runs in the line's direction, so that each part
// has the direction of the whole; else between two characters.
std::size_t TextFlow::cut_line(std::size_t begin, std::size_t end, bool is_from_right) const {
    const std::size_t limit = std::min(end, begin + kMostLineBytes);
    for (std::size_t at = limit; at > begin + kMostLineBytes / 2; --at) {
        if (text_[at - 1] != ' ' || text_[at] == ' ' || !begins_character(text_[at])) continue;
        const gunichar first = g_utf8_get_char(text_.data() + at);
        if (!has_direction(first) || is_right_to_left(first) == is_from_right) return at;
    }
    for (std::size_t at = limit; at > begin + 1; --at) {
        if (begins_character(text_[at]) && !continues_cluster(g_utf8_get_char(text_.data() + at)) &&
            (at < 3 || text_.compare(at - 3, 3, "\xE2\x80\x8D") != 0))
            return at;
    }
    return end;
}

std::vector<TextFlow::Piece> TextFlow::cut(std::size_t begin, std::size_t end) const {
    std::vector<Piece> out;
    Piece open{begin, begin, false, 0, nullptr};
    const auto close = [&](std::size_t at, bool is_cut, std::size_t next) {
        open.end = at;
        open.is_cut = is_cut;
        open.height = estimated_height(open.begin, at);
        out.push_back(std::move(open));
        open = {next, next, false, 0, nullptr};
    };
    std::size_t line = begin;
    while (true) {
        const std::size_t found = text_.find('\n', line);
        const std::size_t line_end = found == std::string::npos ? end : std::min(found, end);
        if (line_end - line > kMostLineBytes) {
            if (line > open.begin) close(line - 1, false, line);
            const bool is_from_right = runs_from_right(text_.data() + line, text_.data() + line_end);
            while (line_end - open.begin > kMostLineBytes) {
                const std::size_t at = cut_line(open.begin, line_end, is_from_right);
                if (at >= line_end) break;
                close(at, true, at);
            }
        }
        if (line_end >= end) break;
        if (line_end - open.begin >= kPieceBytes) close(line_end, false, line_end + 1);
        line = line_end + 1;
    }
    close(end, false, end);
    return out;
}

void TextFlow::set_text(const std::string& text) {
    if (text == text_) return;
    ++version_;
    const std::size_t shorter = std::min(text.size(), text_.size());
    const auto ahead = static_cast<std::size_t>(
        std::mismatch(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(shorter), text_.begin())
            .first -
        text.begin());
    const auto behind = std::min<std::size_t>(
        shorter - ahead,
        static_cast<std::size_t>(
            std::mismatch(text.rbegin(), text.rbegin() + static_cast<std::ptrdiff_t>(shorter), text_.rbegin())
                .first -
            text.rbegin()));
    // Pieces that the change does not touch. At the beginning of one that was cut, its last word may have
    // grown.
    std::size_t first = piece_of(ahead);
    if (first > 0 && pieces_[first].begin == ahead && pieces_[first - 1].is_cut) --first;
    std::size_t last = piece_of(text_.size() - behind) + 1;
    while (last < pieces_.size() && pieces_[last - 1].is_cut)
        ++last;  // up to the end of the line
    const std::size_t old_size = text_.size();
    const std::size_t begin = pieces_[first].begin;
    const bool is_tail = last == pieces_.size();
    const std::size_t old_end = is_tail ? old_size : pieces_[last].begin - 1;
    text_ = text;
    const std::size_t new_end = old_end + text.size() - old_size;
    std::vector<Piece> middle = cut(begin, new_end);
    for (std::size_t i = last; i < pieces_.size(); ++i) {
        pieces_[i].begin += text.size() - old_size;
        pieces_[i].end += text.size() - old_size;
    }
    const auto at = pieces_.erase(pieces_.begin() + static_cast<std::ptrdiff_t>(first),
                                  pieces_.begin() + static_cast<std::ptrdiff_t>(last));
    pieces_.insert(at, std::make_move_iterator(middle.begin()), std::make_move_iterator(middle.end()));
}

std::size_t TextFlow::piece_of(std::size_t byte) const {
    const auto after =
        std::upper_bound(pieces_.begin(), pieces_.end(), byte,
                         [](std::size_t wanted, const Piece& piece) { return wanted < piece.begin; });
    return static_cast<std::size_t>(after - pieces_.begin()) - 1;
}

float TextFlow::top_of(std::size_t piece) const {
    float top = 0;
    for (std::size_t i = 0; i < piece; ++i)
        top += pieces_[i].height;
    return top;
}

float TextFlow::height() const {
    return top_of(pieces_.size());
}

const TextParagraph& TextFlow::paragraph(std::size_t index) {
    Piece& piece = pieces_[index];
    if (!piece.paragraph) {
        piece.paragraph = std::make_unique<TextParagraph>(
            shaper_, text_.substr(piece.begin, piece.end - piece.begin), style_, width_);
        const float height = std::round(piece.paragraph->height());  // the next piece begins at a pixel
        if (height != piece.height) ++version_;
        piece.height = height;
        ++num_layouts_;
    }
    return *piece.paragraph;
}

float TextFlow::show(float top, float bottom, float spare) {
    float moved = 0, y = 0;
    for (std::size_t i = 0; i < pieces_.size() && y < bottom + moved + spare; ++i) {
        const float before = pieces_[i].height;
        const bool is_above = y + before <= top + moved;
        if (y + before >= top + moved - spare) paragraph(i);
        if (is_above) moved += pieces_[i].height - before;
        y += pieces_[i].height;
    }
    return moved;
}

TextRect TextFlow::caret(std::size_t byte) {
    const std::size_t index = piece_of(std::min(byte, text_.size()));
    TextRect out = paragraph(index).caret(std::min(byte, text_.size()) - pieces_[index].begin);
    out.y += top_of(index);
    return out;
}

std::size_t TextFlow::byte_at(float x, float y) {
    std::size_t index = 0;
    float top = 0;
    while (index + 1 < pieces_.size() && y >= top + pieces_[index].height)
        top += pieces_[index++].height;
    return pieces_[index].begin + paragraph(index).byte_at(x, y - top);
}

std::vector<TextRect> TextFlow::selection(std::size_t begin, std::size_t end, float y_begin, float y_end) {
    std::vector<TextRect> out;
    float top = 0;
    for (std::size_t i = 0; i < pieces_.size() && top < y_end; ++i) {
        const Piece& piece = pieces_[i];
        const bool is_seen = top + piece.height > y_begin, is_chosen = begin < piece.end && end > piece.begin;
        if (is_seen && is_chosen) {
            const std::size_t from = std::max(begin, piece.begin) - piece.begin,
                              to = std::min(end, piece.end) - piece.begin;
            for (TextRect rect : paragraph(i).selection(from, to)) {
                rect.y += top;
                if (rect.y < y_end && rect.y + rect.height > y_begin) out.push_back(rect);
            }
        }
        top += pieces_[i].height;
    }
    return out;
}

// Within a piece as it says; at its end on to the neighbour.
std::size_t TextFlow::step(std::size_t byte, int direction, Step how) {
    const std::size_t index = piece_of(std::min(byte, text_.size()));
    const Piece& piece = pieces_[index];
    const std::size_t local = std::min(byte, text_.size()) - piece.begin, size = piece.end - piece.begin;
    const std::size_t moved = (paragraph(index).*how)(local, direction);
    if (moved != local) return piece.begin + moved;
    if (local == size && index + 1 < pieces_.size()) return pieces_[index + 1].begin;
    if (local != 0 || index == 0) return byte;
    const Piece& before = pieces_[index - 1];
    if (!before.is_cut) return before.end;
    return before.begin + (paragraph(index - 1).*how)(before.end - before.begin, direction);
}

std::size_t TextFlow::move_visually(std::size_t byte, int direction) {
    return step(byte, direction, &TextParagraph::move_visually);
}

std::size_t TextFlow::next_grapheme(std::size_t byte, int direction) {
    return step(byte, direction, &TextParagraph::next_grapheme);
}

std::size_t TextFlow::next_word(std::size_t byte, int direction) {
    return step(byte, direction, &TextParagraph::next_word);
}

std::size_t TextFlow::line_edge(std::size_t byte, int direction) {
    const std::size_t index = piece_of(std::min(byte, text_.size()));
    const Piece& piece = pieces_[index];
    const std::size_t size = piece.end - piece.begin;
    std::size_t edge = paragraph(index).line_edge(std::min(byte, text_.size()) - piece.begin, direction);
    // The end of a cut piece is the start of the next line, as that of a wrapped one is.
    if (direction > 0 && piece.is_cut && edge == size && size > 0)
        edge = paragraph(index).next_grapheme(size, -1);
    return piece.begin + edge;
}

TextBitmap TextFlow::draw(Rgba color, float y_begin, float y_end) {
    constexpr int kMargin = 2;
    TextBitmap out;
    const float first = std::floor(std::max(0.0f, y_begin)), last = std::ceil(std::min(height(), y_end));
    out.origin_x = kMargin;
    out.origin_y = kMargin - first;
    if (text_.empty() || last <= first) return out;
    out.width = static_cast<int>(width_) + 2 * kMargin;
    out.height = static_cast<int>(last - first) + 2 * kMargin;
    out.pixels.resize(static_cast<std::size_t>(out.width) * static_cast<std::size_t>(out.height));
    float top = 0;
    for (std::size_t i = 0; i < pieces_.size() && top < last; ++i) {
        if (top + pieces_[i].height > first) {
            const TextBitmap part = paragraph(i).draw(color, first - top, last - top);
            out.has_color |= part.has_color;
            // Row r of the part is row r + shift of the whole.
            const int shift = static_cast<int>(std::round(top + out.origin_y - part.origin_y));
            const int columns = std::min(part.width, out.width);
            for (int row = std::max(0, -shift);
                 row < part.height && row + shift < out.height && !part.pixels.empty(); ++row) {
                const auto from = part.pixels.begin() + static_cast<std::ptrdiff_t>(row) * part.width;
                const auto to = out.pixels.begin() + static_cast<std::ptrdiff_t>(row + shift) * out.width;
                for (int x = 0; x < columns; ++x)
                    if (from[x].a > to[x].a) to[x] = from[x];
            }
        }
        top += pieces_[i].height;
    }
    return out;
}

}  // namespace headlight::gfx
