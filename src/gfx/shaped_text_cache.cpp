#include "gfx/shaped_text_cache.h"

#include <algorithm>
#include <cstring>

#include "gfx/texture_changes.h"

namespace headlight::gfx {
namespace {

constexpr int kPageSide = 1024;
constexpr std::size_t kMaxMeasured = 20000;  // entries kept when there are no pages to bound them

std::string text_key_of(std::string_view text, const TextStyle& style, const Rgba* color) {
    std::string key(text);
    const auto append = [&key](const auto& value) {
        key.append(reinterpret_cast<const char*>(&value), sizeof value);
    };
    append(style.size_px);
    append(style.weight);
    if (color != nullptr) append(*color);
    key.push_back(color != nullptr ? 'c' : 't');
    return key;
}

}  // namespace

ShapedTextCache::ShapedTextCache(Mode mode, std::size_t budget_bytes)
    : mode_(mode), budget_bytes_(budget_bytes) {}

const ShapedText& ShapedTextCache::get(std::string_view text, const TextStyle& style, Rgba color) {
    color.a = 255;  // opacity is applied when drawing
    std::string key = text_key_of(text, style, nullptr);
    auto found = entries_.find(key);
    if (found != entries_.end() && found->second.shaped.has_color && mode_ == Mode::Gl) {
        key = text_key_of(text, style, &color);
        found = entries_.find(key);
    }
    if (found == entries_.end()) {
        Entry entry;
        if (mode_ == Mode::MeasureOnly) {
            entry.shaped.extents = shaper_.measure(text, style);
            found = entries_.emplace(std::move(key), entry).first;
        } else {
            constexpr Rgba kWhite = rgb(0xFFFFFF);
            TextBitmap bitmap = shaper_.draw(text, style, kWhite);
            if (bitmap.has_color) {
                entries_.emplace(text_key_of(text, style, nullptr), Entry{{.has_color = true}, -1, frame_});
                bitmap = shaper_.draw(text, style, color);
                bitmap.has_color = true;
                key = text_key_of(text, style, &color);
            }
            entry.shaped = {0,
                            0,
                            0,
                            0,
                            0,
                            bitmap.width,
                            bitmap.height,
                            bitmap.origin_x,
                            bitmap.origin_y,
                            bitmap.extents,
                            bitmap.has_color};
            int x = 0, y = 0;
            if (!bitmap.pixels.empty()) entry.page = place(bitmap.width, bitmap.height, x, y);
            if (entry.page >= 0) {
                Page& page = pages_[static_cast<std::size_t>(entry.page)];
                fill_unused(page.texture, x, y, bitmap.width, bitmap.height, bitmap.pixels.data());
                const auto side = static_cast<float>(page.side);
                ShapedText& shaped = entry.shaped;
                shaped.texture = page.texture.id();
                shaped.u0 = static_cast<float>(x) / side;
                shaped.v0 = static_cast<float>(y) / side;
                shaped.u1 = static_cast<float>(x + bitmap.width) / side;
                shaped.v1 = static_cast<float>(y + bitmap.height) / side;
            }
            found = entries_.insert_or_assign(std::move(key), entry).first;
        }
    }
    found->second.last_frame = frame_;
    if (found->second.page >= 0) pages_[static_cast<std::size_t>(found->second.page)].last_frame = frame_;
    return found->second.shaped;
}

TextExtents ShapedTextCache::measure(std::string_view text, const TextStyle& style) {
    const std::string key = text_key_of(text, style, nullptr);
    const auto found = entries_.find(key);
    if (found != entries_.end() && found->second.shaped.extents.ascent > 0)
        return found->second.shaped.extents;
    if (mode_ == Mode::MeasureOnly) return get(text, style, {}).extents;
    return get(text, style, rgb(0xFFFFFF)).extents;
}

// Finds room on a shelf of a page: pages are filled left to right, top to bottom, in rows as high as their
// highest line.
int ShapedTextCache::place(int width, int height, int& x, int& y) {
    const int padded_width = width + 1, padded_height = height + 1;
    for (std::size_t i = 0; i < pages_.size(); ++i) {
        Page& page = pages_[i];
        if (!page.texture) continue;
        if (page.shelf_x + padded_width > page.side) {
            page.shelf_y += page.shelf_height;
            page.shelf_x = 0;
            page.shelf_height = 0;
        }
        if (padded_width > page.side || page.shelf_y + padded_height > page.side) continue;
        x = page.shelf_x;
        y = page.shelf_y;
        page.shelf_x += padded_width;
        page.shelf_height = std::max(page.shelf_height, padded_height);
        return static_cast<int>(i);
    }
    const int side = std::min(max_texture_size(), std::max({kPageSide, padded_width, padded_height}));
    if (padded_width > side || padded_height > side) return -1;
    const std::vector<Rgba> clear(static_cast<std::size_t>(side) * static_cast<std::size_t>(side));
    auto texture = Texture::make(TexelFormat::RGBA8, side, side, clear.data(), TextureFilter::Linear);
    if (!texture) return -1;
    auto free = std::find_if(pages_.begin(), pages_.end(), [](const Page& page) { return !page.texture; });
    if (free == pages_.end()) free = pages_.insert(pages_.end(), Page{});
    *free = Page{std::move(*texture), padded_width, 0, padded_height, frame_, side};
    x = y = 0;
    return static_cast<int>(free - pages_.begin());
}

void ShapedTextCache::drop_page(std::size_t page) {
    std::erase_if(entries_, [page](const auto& item) { return item.second.page == static_cast<int>(page); });
    pages_[page] = Page{};
}

void ShapedTextCache::begin_frame() {
    ++frame_;
    while (size_bytes() > budget_bytes_) {
        std::size_t oldest = pages_.size();
        for (std::size_t i = 0; i < pages_.size(); ++i) {
            // What was drawn in the last frame is about to be drawn again.
            if (!pages_[i].texture || pages_[i].last_frame + 1 >= frame_) continue;
            if (oldest == pages_.size() || pages_[i].last_frame < pages_[oldest].last_frame) oldest = i;
        }
        if (oldest == pages_.size()) break;
        drop_page(oldest);
    }
    if (entries_.size() > kMaxMeasured) {
        std::erase_if(entries_, [this](const auto& item) {
            return item.second.page < 0 && item.second.last_frame + 1 < frame_;
        });
    }
}

std::size_t ShapedTextCache::size_bytes() const {
    std::size_t total = 0;
    for (const Page& page : pages_)
        total += page.texture ? page.texture.size_bytes() : 0;
    return total;
}

}  // namespace headlight::gfx
