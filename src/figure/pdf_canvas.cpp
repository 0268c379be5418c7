// PDF through Cairo: text stays text, and the date that Cairo writes is taken out again.
#include <cairo-pdf.h>

#include <cstring>

#include "figure/cairo_canvas.h"

namespace headlight {
namespace {

constexpr double kPointsPerUnit = 0.72;

cairo_status_t append_bytes(void* closure, const unsigned char* data, unsigned int length) {
    static_cast<std::string*>(closure)->append(reinterpret_cast<const char*>(data), length);
    return CAIRO_STATUS_SUCCESS;
}

/// Blanks the entry in place: the same figure gives the same bytes, and the file's table of offsets stays
/// right.
void blank_creation_date(std::string& pdf) {
    constexpr std::string_view kEntry = "/CreationDate (";
    for (std::size_t at = pdf.find(kEntry); at != std::string::npos; at = pdf.find(kEntry, at)) {
        const std::size_t end = pdf.find(')', at);
        if (end == std::string::npos) return;
        pdf.replace(at, end + 1 - at, end + 1 - at, ' ');
    }
}

class PdfCanvas final : public CairoCanvas {
  public:
    PdfCanvas(double width, double height, std::string_view title) {
        cairo_surface_t* surface = cairo_pdf_surface_create_for_stream(
            append_bytes, &bytes_, width * kPointsPerUnit, height * kPointsPerUnit);
        cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, std::string(title).c_str());
        cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "Headlight");
        attach(surface, kPointsPerUnit);
    }

    void cells(const CellGrid& grid) override {
        if (grid.rows * grid.cols > kMostVectorCells) return image(grid);
        const double w = grid.box.width / grid.cols, h = grid.box.height / grid.rows;
        for (int r = 0; r < grid.rows; ++r) {
            for (int c = 0; c < grid.cols; ++c) {
                const Rgb8 colour = grid.colours[static_cast<std::size_t>(r) * grid.cols + c];
                if (colour.r == kPaper.r && colour.g == kPaper.g && colour.b == kPaper.b) continue;
                fill({grid.box.x + c * w, grid.box.y + r * h, w - grid.gap, h - grid.gap}, colour);
            }
        }
    }

    Result<std::string> finish() override {
        cairo_show_page(cairo_);
        HEADLIGHT_CHECK(close());
        blank_creation_date(bytes_);
        return std::move(bytes_);
    }

  private:
    void image(const CellGrid& grid) {
        cairo_surface_t* picture = cairo_image_surface_create(CAIRO_FORMAT_RGB24, grid.cols, grid.rows);
        unsigned char* data = cairo_image_surface_get_data(picture);
        const int stride = cairo_image_surface_get_stride(picture);
        for (int r = 0; r < grid.rows && data != nullptr; ++r) {
            for (int c = 0; c < grid.cols; ++c) {
                const Rgb8 colour = grid.colours[static_cast<std::size_t>(r) * grid.cols + c];
                const std::uint32_t word =
                    (std::uint32_t{colour.r} << 16) | (std::uint32_t{colour.g} << 8) | colour.b;
                std::memcpy(data + static_cast<std::size_t>(r) * stride + static_cast<std::size_t>(c) * 4,
                            &word, 4);
            }
        }
        cairo_surface_mark_dirty(picture);
        cairo_save(cairo_);
        cairo_translate(cairo_, grid.box.x, grid.box.y);
        cairo_scale(cairo_, grid.box.width / grid.cols, grid.box.height / grid.rows);
        cairo_set_source_surface(cairo_, picture, 0, 0);
        cairo_pattern_set_filter(cairo_get_source(cairo_), CAIRO_FILTER_NEAREST);
        cairo_paint(cairo_);
        cairo_restore(cairo_);
        cairo_surface_destroy(picture);
    }

    std::string bytes_;
};

}  // namespace

std::unique_ptr<Canvas> make_pdf_canvas(double width, double height, std::string_view title) {
    return std::make_unique<PdfCanvas>(width, height, title);
}

}  // namespace headlight
