// SVG written here: Cairo would turn text into outlines, which nobody could search, edit or copy.
#include <cmath>

#include "base/base64.h"
#include "base/markup_text.h"
#include "figure/canvas.h"
#include "figure/png_writer.h"
#include "figure/text_layout.h"

namespace headlight {
namespace {

/// Pango's list of families as CSS wants it.
std::string css_families(const std::string& families) {
    std::string out;
    for (std::size_t at = 0; at < families.size();) {
        const std::size_t end = std::min(families.find(", ", at), families.size());
        const std::string name = families.substr(at, end - at);
        const bool is_plain = name.find_first_of(" '\"") == std::string::npos;
        out += (out.empty() ? "" : ", ") + (is_plain ? name : "'" + name + "'");
        at = end + 2;
    }
    return out;
}

class SvgCanvas final : public Canvas {
  public:
    explicit SvgCanvas(const CanvasFile& file) {
        const bool is_print = file.style.width_mm > 0 || file.style.font_pt > 0;
        const std::string w = is_print ? short_number(file.width) : short_number(std::ceil(file.width)),
                          h = is_print ? short_number(file.height) : short_number(std::ceil(file.height));
        const double unit_mm = file.style.unit_pt() * 25.4 / 72;
        const auto length = [&](double units, const std::string& plain) {
            return is_print ? short_number(units * unit_mm, 3) + "mm" : plain;
        };
        out_ = fmt::format(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" viewBox=\"0 0 {} {}\" "
            "font-family=\"{}\">\n<title>{}</title>\n",
            length(file.width, w), length(file.height, h), w, h, escape_markup(css_families(look().families)),
            escape_markup(shape_text(file.title, kTitlePx, true).text));
        if (!file.style.recipe.empty()) {
            out_ += fmt::format("<metadata id=\"headlight-recipe\">{}</metadata>\n",
                                escape_markup(file.style.recipe));
        }
        if (!look().is_transparent)
            out_ += fmt::format("<rect width=\"{}\" height=\"{}\" fill=\"{}\"/>\n", w, h,
                                hex_colour(look().paper));
    }

    void fill(const Box& box, Rgb8 colour) override {
        out_ += fmt::format("<rect{} fill=\"{}\"/>\n", geometry(box), hex_colour(colour));
    }
    void frame(const Box& box, const LineStyle& style) override {
        out_ += fmt::format("<rect{} fill=\"none\"{}/>\n", geometry(box), stroke(style));
    }
    void polyline(std::span<const Point> points, const LineStyle& style) override {
        out_ += fmt::format("<polyline points=\"{}\" fill=\"none\" stroke-linejoin=\"round\"{}/>\n",
                            list(points), stroke(style));
    }
    void polygon(std::span<const Point> points, Rgb8 colour) override {
        out_ += fmt::format("<polygon points=\"{}\" fill=\"{}\"/>\n", list(points), hex_colour(colour));
    }

    void text(Point at, std::string_view text, const TextStyle& style) override {
        static constexpr const char* kAnchors[] = {"", " text-anchor=\"middle\"", " text-anchor=\"end\""};
        std::string place = fmt::format(" x=\"{}\" y=\"{}\"", short_number(at.x), short_number(at.y));
        if (style.angle_deg != 0) {
            place = fmt::format(" transform=\"translate({} {}) rotate({})\"", short_number(at.x),
                                short_number(at.y), short_number(-style.angle_deg));
        }
        if (style.is_centred) place += fmt::format(" dy=\"{}\"", short_number(kHalfCapital * style.size_px));
        out_ += fmt::format("<text{}{} font-size=\"{}\" fill=\"{}\"{} xml:space=\"preserve\">{}</text>\n",
                            place, kAnchors[static_cast<int>(style.anchor)], short_number(style.size_px),
                            hex_colour(style.colour), style.is_bold ? " font-weight=\"600\"" : "",
                            escape_markup(shape_text(text, style.size_px, style.is_bold).text));
    }

    void cells(const CellGrid& grid) override {
        if (grid.rows * grid.cols > kMostVectorCells)
            return image(grid.box, encode_png(grid.colours, grid.cols, grid.rows), true);
        out_ += "<g shape-rendering=\"crispEdges\">\n";
        for_each_cell(grid, [this](const Box& cell, Rgb8 colour) { fill(cell, colour); });
        out_ += "</g>\n";
    }
    void picture(const Box& box, const RasterImage& raster) override {
        image(box, encode_png({raster.pixels, raster.width, raster.height, true}, 0), false);
    }
    void push_offset(Point by) override {
        out_ += fmt::format("<g transform=\"translate({} {})\">\n", short_number(by.x), short_number(by.y));
    }
    void pop_offset() override { out_ += "</g>\n"; }

    Result<std::string> finish() override {
        out_ += "</svg>\n";
        return std::move(out_);
    }

  private:
    void image(const Box& box, const std::string& png, bool is_crisp) {
        out_ += fmt::format("<image{} preserveAspectRatio=\"none\"{} href=\"data:image/png;base64,{}\"/>\n",
                            geometry(box), is_crisp ? " style=\"image-rendering:pixelated\"" : "",
                            to_base64(png));
    }
    static std::string geometry(const Box& box) {
        return fmt::format(" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"", short_number(box.x),
                           short_number(box.y), short_number(box.width), short_number(box.height));
    }
    static std::string stroke(const LineStyle& style) {
        std::string out = fmt::format(" stroke=\"{}\" stroke-width=\"{}\"", hex_colour(style.colour),
                                      short_number(style.width));
        if (style.is_dashed) {
            out += fmt::format(" stroke-dasharray=\"{} {}\"", short_number(4 * style.width),
                               short_number(3 * style.width));
        }
        return out;
    }
    static std::string list(std::span<const Point> points) {
        std::string out;
        for (const Point& p : points)
            out += (out.empty() ? "" : " ") + short_number(p.x) + "," + short_number(p.y);
        return out;
    }

    std::string out_;
};

}  // namespace

std::unique_ptr<Canvas> make_svg_canvas(const CanvasFile& file) {
    return std::make_unique<SvgCanvas>(file);
}

}  // namespace headlight
