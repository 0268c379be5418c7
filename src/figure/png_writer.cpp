#include "figure/png_writer.h"

#include <zlib.h>

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
    const std::size_t row_bytes = static_cast<std::size_t>(picture.width) * 3 + 1;
    const int rows_per_block = static_cast<int>(std::max<std::size_t>(1, kBlockBytes / row_bytes));
    std::vector<std::uint8_t> block(row_bytes * static_cast<std::size_t>(rows_per_block));
    Deflater deflater;
    int filled = 0;
    for (int y = 0; y < picture.height; ++y) {
        const std::uint32_t* row = picture.pixels.data() + static_cast<std::size_t>(y) * picture.width;
        filter_row(row, y > 0 ? row - picture.width : nullptr, picture.width,
                   block.data() + filled * row_bytes);
        const bool is_last = y + 1 == picture.height;
        if (++filled == rows_per_block || is_last) {
            deflater.add(block.data(), static_cast<std::size_t>(filled) * row_bytes, is_last);
            filled = 0;
        }
    }
    return deflater.bytes();
}

std::string header(int width, int height) {
    std::string data;
    put_u32(data, static_cast<std::uint32_t>(width));
    put_u32(data, static_cast<std::uint32_t>(height));
    data.append({8, 2, 0, 0, 0});  // 8 bits, RGB, deflate, adaptive filters, not interlaced
    return data;
}

}  // namespace

std::string encode_png(const PixelView& picture, double dots_per_inch) {
    std::string out("\x89PNG\r\n\x1a\n", 8);
    put_chunk(out, "IHDR", header(picture.width, picture.height));
    if (dots_per_inch > 0) {
        const auto per_metre = static_cast<std::uint32_t>(std::lround(dots_per_inch / 0.0254));
        std::string resolution;
        put_u32(resolution, per_metre);
        put_u32(resolution, per_metre);
        resolution.push_back(1);
        put_chunk(out, "pHYs", resolution);
    }
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
