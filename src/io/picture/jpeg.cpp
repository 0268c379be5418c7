#include <cstdio>
// jpeglib.h needs FILE.
#include <jerror.h>
#include <jpeglib.h>

#include <csetjmp>
#include <memory>

#include "io/picture/decoders.h"

namespace headlight {
namespace {

constexpr int kMostScans = 1000;  // of a progressive file: each goes over the whole picture

/// libjpeg with its errors kept as words; it leaves its functions by a jump, as libpng does.
class JpegReader {
  public:
    JpegReader() {
        state_.err = jpeg_std_error(&errors_);
        state_.client_data = this;
        errors_.error_exit = on_error;
        errors_.emit_message = on_message;
        errors_.output_message = [](j_common_ptr) {};
        progress_.progress_monitor = on_progress;
    }
    ~JpegReader() { jpeg_destroy_decompress(&state_); }
    JpegReader(const JpegReader&) = delete;
    JpegReader& operator=(const JpegReader&) = delete;

    const char* words() const { return words_; }
    int width() const { return static_cast<int>(state_.image_width); }
    int height() const { return static_cast<int>(state_.image_height); }
    bool is_cmyk() const {
        return state_.jpeg_color_space == JCS_CMYK || state_.jpeg_color_space == JCS_YCCK;
    }

    bool read_header(const std::string& bytes) {
        if (setjmp(jump_) != 0) return false;
        jpeg_create_decompress(&state_);
        jpeg_mem_src(&state_, reinterpret_cast<const unsigned char*>(bytes.data()),
                     static_cast<unsigned long>(bytes.size()));
        jpeg_read_header(&state_, TRUE);
        return true;
    }
    /// [height, width, 3]
    bool read_pixels(std::uint8_t* to) {
        if (setjmp(jump_) != 0) return false;
        state_.out_color_space = JCS_RGB;
        state_.progress = &progress_;
        jpeg_start_decompress(&state_);
        while (state_.output_scanline < state_.output_height) {
            JSAMPROW row = to + std::size_t{state_.output_scanline} * state_.output_width * 3;
            jpeg_read_scanlines(&state_, &row, 1);
        }
        jpeg_finish_decompress(&state_);
        return true;
    }

  private:
    static void on_error(j_common_ptr state) {
        auto* self = static_cast<JpegReader*>(state->client_data);
        char words[JMSG_LENGTH_MAX];
        self->errors_.format_message(state, words);
        std::snprintf(self->words_, sizeof(self->words_), "%s", words);
        std::longjmp(self->jump_, 1);
    }
    /// A file that ends too early would be filled up with gray.
    static void on_message(j_common_ptr state, int level) {
        if (level < 0 && state->err->msg_code == JWRN_JPEG_EOF) on_error(state);
    }
    static void on_progress(j_common_ptr state) {
        auto* self = static_cast<JpegReader*>(state->client_data);
        if (self->state_.input_scan_number <= kMostScans) return;
        std::snprintf(self->words_, sizeof(self->words_), "it has more than %d scans", kMostScans);
        std::longjmp(self->jump_, 1);
    }

    jpeg_decompress_struct state_{};
    jpeg_error_mgr errors_{};
    jpeg_progress_mgr progress_{};
    std::jmp_buf jump_{};
    char words_[JMSG_LENGTH_MAX] = {};
};

}  // namespace

Result<Raster> decode_jpeg(const std::string& bytes, const std::string& path) {
    const auto refuse = [&](const JpegReader& reader) {
        return fail(make_error(ErrorKind::Corrupt, "the JPEG file cannot be decoded: {}", reader.words())
                        .in_file(path));
    };
    const auto reader = std::make_unique<JpegReader>();
    if (!reader->read_header(bytes)) return refuse(*reader);
    HEADLIGHT_CHECK(check_picture_size(reader->width(), reader->height(), path));
    if (reader->is_cmyk()) {
        return fail(
            make_error(ErrorKind::Unsupported, "the JPEG file is in CMYK, for printing; convert it to RGB")
                .in_file(path));
    }
    Raster out{reader->width(), reader->height(), {}, {}};
    out.rgb.resize(out.num_pixels() * 3);
    if (!reader->read_pixels(out.rgb.data())) return refuse(*reader);
    return out;
}

}  // namespace headlight
