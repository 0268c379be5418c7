#include "figure/png_writer.h"

#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

namespace headlight {
namespace {

void put_u32(std::string& out, std::uint32_t value) {
    const char bytes[4] = {static_cast<char>(value >> 24), static_cast<char>(value >> 16),
                           static_cast<char>(value >> 8), static_cast<char>(value)};
    out.append(bytes, 4);
}

void put_chunk(std::string& out, const char (&type)[5], const std::string& data) {
    put_u32(out, static_cast<std::uint32_t>(data.size()));
    const std::size_t begin = out.size();
    out.append(type, 4).append(data);
    const auto* bytes = reinterpret_cast<const Bytef*>(out.data() + begin);
    put_u32(out, static_cast<std::uint32_t>(crc32(0, bytes, static_cast<uInt>(out.size() - begin))));
}

class Deflater {
  public:
    Deflater() {
        // Runs are nearly all that a filtered figure holds: the run-length strategy is the fastest and loses
        // little.
        deflateInit2(&stream_, 1, Z_DEFLATED, 15, 9, Z_RLE);
        buffer_.resize(std::size_t{1} << 16);
    }
    ~Deflater() { deflateEnd(&stream_); }
    Deflater(const Deflater&) = delete;
    Deflater& operator=(const Deflater&) = delete;

    void add(const std::uint8_t* bytes, std::size_t size, bool is_last) {
        stream_.next_in = const_cast<Bytef*>(bytes);
        stream_.avail_in = static_cast<uInt>(size);
        do {
            stream_.next_out = buffer_.data();
            stream_.avail_out = static_cast<uInt>(buffer_.size());
            deflate(&stream_, is_last ? Z_FINISH : Z_NO_FLUSH);
            out_.append(reinterpret_cast<const char*>(buffer_.data()), buffer_.size() - stream_.avail_out);
        } while (stream_.avail_out == 0);
    }
    const std::string& bytes() const { return out_; }

  private:
    z_stream stream_{};
    std::vector<Bytef> buffer_;
    std::string out_;
};

/// Colours are stored as they are, not multiplied by alpha.
std::uint32_t unmultiplied(std::uint32_t pixel) {
    const std::uint32_t alpha = pixel >> 24;
    if (alpha == 0) return 0;
    const auto plain = [&](int shift) {
        return std::min<std::uint32_t>(255, (((pixel >> shift) & 255) * 255 + alpha / 2) / alpha) << shift;
    };
    return (alpha << 24) | plain(16) | plain(8) | plain(0);
}

/// The same with four bytes a pixel.
void filter_alpha_row(const std::uint32_t* row, const std::uint32_t* above, int width, std::uint8_t* out) {
    *out++ = 2;
    for (int x = 0; x < width; ++x) {
        const std::uint32_t now = unmultiplied(row[x]), up = above != nullptr ? unmultiplied(above[x]) : 0;
        for (const int shift : {16, 8, 0, 24})
            *out++ = static_cast<std::uint8_t>((now >> shift) - (up >> shift));
    }
}

/// One scanline as filter byte 2 ("up") and the difference to the line above, three bytes a pixel.
void filter_row(const std::uint32_t* row, const std::uint32_t* above, int width, std::uint8_t* out) {
    *out++ = 2;
    const std::size_t num_bytes = static_cast<std::size_t>(width) * 3;
    if (above != nullptr && std::memcmp(row, above, static_cast<std::size_t>(width) * 4) == 0) {
        std::memset(out, 0, num_bytes);
        return;
    }
    for (int x = 0; x < width; ++x) {
        const std::uint32_t now = row[x], up = above != nullptr ? above[x] : 0;
        out[0] = static_cast<std::uint8_t>((now >> 16) - (up >> 16));
        out[1] = static_cast<std::uint8_t>((now >> 8) - (up >> 8));
        out[2] = static_cast<std::uint8_t>(now - up);
        out += 3;
    }
}

std::string compress_rows(const PixelView& picture) {
    constexpr std::size_t kBlockBytes = std::size_t{1} << 18;
    const std::size_t row_bytes = static_cast<std::size_t>(picture.width) * (picture.has_alpha ? 4 : 3) + 1;
    const int rows_per_block = static_cast<int>(std::max<std::size_t>(1, kBlockBytes / row_bytes));
    std::vector<std::uint8_t> block(row_bytes * static_cast<std::size_t>(rows_per_block));
    Deflater deflater;
    int filled = 0;
    for (int y = 0; y < picture.height; ++y) {
        const std::uint32_t* row = picture.pixels.data() + static_cast<std::size_t>(y) * picture.width;
        const auto filter = picture.has_alpha ? filter_alpha_row : filter_row;
        filter(row, y > 0 ? row - picture.width : nullptr, picture.width, block.data() + filled * row_bytes);
        const bool is_last = y + 1 == picture.height;
        if (++filled == rows_per_block || is_last) {
            deflater.add(block.data(), static_cast<std::size_t>(filled) * row_bytes, is_last);
            filled = 0;
        }
    }
    return deflater.bytes();
}

std::string header(const PixelView& picture) {
    std::string data;
    put_u32(data, static_cast<std::uint32_t>(picture.width));
    put_u32(data, static_cast<std::uint32_t>(picture.height));
    // 8 bits, RGB or RGBA, deflate, adaptive filters, not interlaced
    data.append({8, static_cast<char>(picture.has_alpha ? 6 : 2), 0, 0, 0});
    return data;
}

/// International text: keyword, not compressed, no language, UTF-8.
std::string text_chunk(std::string_view keyword, const std::string& text) {
    std::string data(keyword);
    data.append(5, '\0');
    return data + text;
}

}  // namespace

std::string encode_png(const PixelView& picture, double dots_per_inch, const std::string& title,
                       const std::string& recipe) {
    std::string out("\x89PNG\r\n\x1a\n", 8);
    put_chunk(out, "IHDR", header(picture));
    if (dots_per_inch > 0) {
        const auto per_metre = static_cast<std::uint32_t>(std::lround(dots_per_inch / 0.0254));
        std::string resolution;
        put_u32(resolution, per_metre);
        put_u32(resolution, per_metre);
        resolution.push_back(1);
        put_chunk(out, "pHYs", resolution);
    }
    if (!title.empty()) put_chunk(out, "iTXt", text_chunk("Title", title));
    if (!recipe.empty()) put_chunk(out, "iTXt", text_chunk("headlight-recipe", recipe));
    put_chunk(out, "IDAT", compress_rows(picture));
    put_chunk(out, "IEND", {});
    return out;
}

std::string encode_png(std::span<const Rgb8> colours, int width, int height) {
    std::vector<std::uint32_t> pixels;
    pixels.reserve(colours.size());
    for (const Rgb8 c : colours)
        pixels.push_back((std::uint32_t{c.r} << 16) | (std::uint32_t{c.g} << 8) | c.b);
    return encode_png({pixels, width, height}, 0);
}

}  // namespace headlight
