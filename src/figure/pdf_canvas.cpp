// PDF through Cairo: text stays text, and the date that Cairo writes is taken out again.
#include <cairo-pdf.h>

#include "figure/cairo_canvas.h"

namespace headlight {
namespace {

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
    explicit PdfCanvas(const CanvasFile& file) {
        const double unit = file.style.unit_pt();
        cairo_surface_t* surface =
            cairo_pdf_surface_create_for_stream(append_bytes, &bytes_, file.width * unit, file.height * unit);
        cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, file.title.c_str());
        cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "Headlight");
        if (!file.style.recipe.empty())
            cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_KEYWORDS,
                                           ("headlight-recipe " + file.style.recipe).c_str());
        attach(surface, unit);
        if (look().is_dark && !look().is_transparent) fill({0, 0, file.width, file.height}, look().paper);
    }

    void cells(const CellGrid& grid) override {
        if (grid.rows * grid.cols <= kMostVectorCells)
            return for_each_cell(grid, [this](const Box& cell, Rgb8 colour) { fill(cell, colour); });
        RasterImage image{grid.cols, grid.rows, {}};
        image.pixels.reserve(grid.colours.size());
        for (const Rgb8 c : grid.colours)
            image.pixels.push_back(0xFF000000u | (std::uint32_t{c.r} << 16) | (std::uint32_t{c.g} << 8) |
                                   c.b);
        paint_image(grid.box, image, false);
    }

    Result<std::string> finish() override {
        cairo_show_page(cairo_);
        HEADLIGHT_CHECK(close());
        blank_creation_date(bytes_);
        return std::move(bytes_);
    }

  private:
    std::string bytes_;
};

}  // namespace

std::unique_ptr<Canvas> make_pdf_canvas(const CanvasFile& file) {
    return std::make_unique<PdfCanvas>(file);
}

}  // namespace headlight
