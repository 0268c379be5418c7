// Pixels: Cairo draws lines and text into our own buffer, cells are written into it directly.
#include <algorithm>
#include <cmath>

#include "figure/cairo_canvas.h"
#include "figure/png_writer.h"

namespace headlight {
namespace {

constexpr double kNaturalDpi = 100, kNaturalUnitPt = 0.72;

double pixels_per_unit(const FigureStyle& style) {
    return style.scale * style.unit_pt() / kNaturalUnitPt;
}

std::uint32_t word(Rgb8 c) {
    return 0xFF000000u | (std::uint32_t{c.r} << 16) | (std::uint32_t{c.g} << 8) | c.b;
}

class PngCanvas final : public CairoCanvas {
  public:
    PngCanvas(RasterImage image, const CanvasFile& file)
        : image_(std::move(image)), dots_per_inch_(kNaturalDpi * file.style.scale), file_(file) {
        auto* bytes = reinterpret_cast<unsigned char*>(image_.pixels.data());
        const cairo_format_t format = look().is_transparent ? CAIRO_FORMAT_ARGB32 : CAIRO_FORMAT_RGB24;
        attach(
            cairo_image_surface_create_for_data(bytes, format, image_.width, image_.height, image_.width * 4),
            pixels_per_unit(file.style));
    }

    void cells(const CellGrid& grid) override {
        cairo_surface_flush(surface_);
        const Point by = offset();
        const std::vector<int> columns = edges(grid.box.x + by.x, grid.box.width, grid.cols, image_.width);
        const std::vector<int> rows = edges(grid.box.y + by.y, grid.box.height, grid.rows, image_.height);
        const int gap = static_cast<int>(std::lround(grid.gap * scale_));
        for (int r = 0; r < grid.rows; ++r) {
            const int top = rows[static_cast<std::size_t>(r)];
            const int bottom = std::max(top, rows[static_cast<std::size_t>(r) + 1] - gap);
            if (top == bottom) continue;
            std::uint32_t* first = image_.pixels.data() + static_cast<std::size_t>(top) * image_.width;
            for (int c = 0; c < grid.cols; ++c) {
                const int left = columns[static_cast<std::size_t>(c)];
                const int right = std::max(left, columns[static_cast<std::size_t>(c) + 1] - gap);
                const Rgb8 colour = grid.colours[static_cast<std::size_t>(r) * grid.cols + c];
                std::fill(first + left, first + right, word(colour));
            }
            for (int y = top + 1; y < bottom; ++y) {
                std::uint32_t* line = image_.pixels.data() + static_cast<std::size_t>(y) * image_.width;
                std::copy(first + columns.front(), first + columns.back(), line + columns.front());
            }
        }
        cairo_surface_mark_dirty(surface_);
    }

    const RasterImage* raster() override {
        cairo_surface_flush(surface_);
        return &image_;
    }

    Result<std::string> finish() override {
        HEADLIGHT_CHECK(close());
        return encode_png({image_.pixels, image_.width, image_.height, look().is_transparent}, dots_per_inch_,
                          file_.title, file_.style.recipe);
    }

  private:
    /// Pixel columns (or rows) where the cells begin; count + 1 values, inside the picture.
    std::vector<int> edges(double begin, double length, int count, int limit) const {
        std::vector<int> at(static_cast<std::size_t>(count) + 1);
        for (int i = 0; i <= count; ++i) {
            const double position = (begin + length * i / std::max(1, count)) * scale_;
            at[static_cast<std::size_t>(i)] = std::clamp(static_cast<int>(std::lround(position)), 0, limit);
        }
        return at;
    }

    RasterImage image_;
    double dots_per_inch_ = 0;
    CanvasFile file_;
};

}  // namespace

std::unique_ptr<Canvas> make_png_canvas(const CanvasFile& file) {
    RasterImage image;
    const double scale = pixels_per_unit(file.style);
    image.width = std::max(1, static_cast<int>(std::ceil(file.width * scale)));
    image.height = std::max(1, static_cast<int>(std::ceil(file.height * scale)));
    image.pixels.assign(static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height),
                        look().is_transparent ? 0u : word(look().paper));
    return std::make_unique<PngCanvas>(std::move(image), file);
}

std::unique_ptr<Canvas> make_canvas_on(const RasterImage& picture, const CanvasFile& file) {
    return std::make_unique<PngCanvas>(picture, file);
}

}  // namespace headlight
