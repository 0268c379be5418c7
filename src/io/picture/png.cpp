#include <png.h>

#include <csetjmp>
#include <cstring>
#include <memory>

#include "io/picture/decoders.h"

namespace headlight {
namespace {

/// libpng with its errors kept as words; it leaves its functions by a jump, so nothing that has a destructor
/// lives between setjmp and there.
class PngReader {
  public:
    explicit PngReader(const std::string& bytes) : bytes_(bytes) {
        png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, on_error, on_warning);
        if (png_ != nullptr) info_ = png_create_info_struct(png_);
        if (info_ != nullptr) png_set_read_fn(png_, this, on_read);
    }
    ~PngReader() { png_destroy_read_struct(&png_, &info_, nullptr); }
    PngReader(const PngReader&) = delete;
    PngReader& operator=(const PngReader&) = delete;

    bool is_ready() const { return info_ != nullptr; }
    const char* words() const { return words_; }

    /// Width, height and number of channels after everything was turned into 8-bit colours. False: words().
    bool read_header() {
        if (setjmp(png_jmpbuf(png_)) != 0) return false;
        constexpr png_alloc_size_t kMostChunk = png_alloc_size_t{8} << 20;
        png_set_chunk_malloc_max(png_, kMostChunk);
        png_set_user_limits(png_, kMostPictureSide, kMostPictureSide);
        png_read_info(png_, info_);
        width = png_get_image_width(png_, info_);
        height = png_get_image_height(png_, info_);
        const int colour = png_get_color_type(png_, info_);
        const bool has_key = png_get_valid(png_, info_, PNG_INFO_tRNS) != 0;
        is_wide_gray = colour == PNG_COLOR_TYPE_GRAY && png_get_bit_depth(png_, info_) == 16 && !has_key;
        png_set_expand(png_);
        if (!is_wide_gray) {
            png_set_strip_16(png_);
            png_set_gray_to_rgb(png_);
        }
        png_set_interlace_handling(png_);
        png_read_update_info(png_, info_);
        row_bytes = png_get_rowbytes(png_, info_);
        channels = png_get_channels(png_, info_);
        return true;
    }
    /// `rows` are as many pointers as the picture is high. False: words().
    bool read_rows(png_bytepp rows) {
        if (setjmp(png_jmpbuf(png_)) != 0) return false;
        png_read_image(png_, rows);
        png_read_end(png_, nullptr);
        return true;
    }

    std::int64_t width = 0, height = 0;
    std::size_t row_bytes = 0;
    int channels = 0;           // 3 or 4 of 8 bits, or one of 16
    bool is_wide_gray = false;  // 16 bits a pixel

  private:
    static void on_error(png_structp png, png_const_charp words) {
        auto* self = static_cast<PngReader*>(png_get_error_ptr(png));
        std::strncpy(self->words_, words, sizeof(self->words_) - 1);
        png_longjmp(png, 1);
    }
    static void on_warning(png_structp, png_const_charp) {}
    static void on_read(png_structp png, png_bytep to, std::size_t count) {
        auto* self = static_cast<PngReader*>(png_get_io_ptr(png));
        if (count > self->bytes_.size() - self->at_) png_error(png, "the file ends too early");
        std::memcpy(to, self->bytes_.data() + self->at_, count);
        self->at_ += count;
    }

    const std::string& bytes_;
    std::size_t at_ = 0;
    png_structp png_ = nullptr;
    png_infop info_ = nullptr;
    char words_[128] = {};
};

Error png_error_of(const PngReader& reader, const std::string& path) {
    return make_error(ErrorKind::Corrupt, "the PNG file cannot be decoded: {}", reader.words()).in_file(path);
}

/// Pillow keeps 16-bit gray as it is, and cuts it off at 255 when it makes colours of it.
std::uint8_t clipped_gray(const std::uint8_t* big_endian) {
    return big_endian[0] != 0 ? 255 : big_endian[1];
}

}  // namespace

Result<Raster> decode_png(const std::string& bytes, const std::string& path) {
    const auto reader = std::make_unique<PngReader>(bytes);
    if (!reader->is_ready())
        return fail(make_error(ErrorKind::OutOfMemory, "a picture needs more memory than there is"));
    if (!reader->read_header()) return fail(png_error_of(*reader, path));
    HEADLIGHT_CHECK(check_picture_size(reader->width, reader->height, path));
    Raster out{static_cast<int>(reader->width), static_cast<int>(reader->height), {}, {}};
    std::vector<std::uint8_t> pixels(reader->row_bytes * static_cast<std::size_t>(out.height));
    std::vector<png_bytep> rows;
    for (int row = 0; row < out.height; ++row)
        rows.push_back(pixels.data() + static_cast<std::size_t>(row) * reader->row_bytes);
    if (!reader->read_rows(rows.data())) return fail(png_error_of(*reader, path));
    out.rgb.resize(out.num_pixels() * 3);
    if (reader->channels == 4) out.alpha.resize(out.num_pixels());
    const std::size_t step = reader->is_wide_gray ? 2 : static_cast<std::size_t>(reader->channels);
    for (std::size_t i = 0; i < out.num_pixels(); ++i) {
        const std::uint8_t* from = pixels.data() + i * step;
        for (std::size_t c = 0; c < 3; ++c)
            out.rgb[i * 3 + c] = reader->is_wide_gray ? clipped_gray(from) : from[c];
        if (!out.alpha.empty()) out.alpha[i] = from[3];
    }
    return out;
}

}  // namespace headlight
