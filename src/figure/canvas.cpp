#include "figure/canvas.h"

#include <fmt/format.h>

namespace headlight {

std::string hex_colour(Rgb8 c) {
    return fmt::format("#{:02x}{:02x}{:02x}", c.r, c.g, c.b);
}

std::string short_number(double value, int decimals) {
    std::string text = fmt::format("{:.{}f}", value, decimals);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
    return text == "-0" ? "0" : text;
}

void for_each_cell(const CellGrid& grid, const std::function<void(const Box&, Rgb8)>& paint) {
    const double w = grid.box.width / grid.cols, h = grid.box.height / grid.rows;
    const Rgb8 paper = look().paper;
    for (int r = 0; r < grid.rows; ++r) {
        for (int c = 0; c < grid.cols; ++c) {
            const Rgb8 colour = grid.colours[static_cast<std::size_t>(r) * grid.cols + c];
            if (colour.r == paper.r && colour.g == paper.g && colour.b == paper.b) continue;
            paint({grid.box.x + c * w, grid.box.y + r * h, w - grid.gap, h - grid.gap}, colour);
        }
    }
}

std::unique_ptr<Canvas> make_canvas(const CanvasFile& file) {
    switch (file.style.format) {
        case FigureFormat::Svg:
            return make_svg_canvas(file);
        case FigureFormat::Pdf:
            return make_pdf_canvas(file);
        case FigureFormat::Pgf:
            return make_pgf_canvas(file);
        case FigureFormat::Png:
            break;
    }
    return make_png_canvas(file);
}

}  // namespace headlight
