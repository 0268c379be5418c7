// SVG written here: Cairo would turn text into outlines, which nobody could search, edit or copy.
#include <cmath>

#include "base/markup_text.h"
#include "figure/canvas.h"
#include "figure/png_writer.h"
#include "figure/text_layout.h"

namespace headlight {
namespace {

std::string base64(std::string_view bytes) {
    static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t word = 0;
        for (std::size_t k = 0; k < 3; ++k) {
            word = (word << 8) | (i + k < bytes.size() ? static_cast<std::uint8_t>(bytes[i + k]) : 0u);
        }
        for (std::size_t k = 0; k < 4; ++k) {
            out += i + k <= bytes.size() ? kDigits[(word >> (18 - 6 * k)) & 63] : '=';
        }
    }
    return out;
}

std::string hex(Rgb8 c) {
    return fmt::format("#{:02x}{:02x}{:02x}", c.r, c.g, c.b);
}

/// At most two decimals, without trailing zeros.
std::string number(double value) {
    std::string text = fmt::format("{:.2f}", value);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
    return text == "-0" ? "0" : text;
}

class SvgCanvas final : public Canvas {
  public:
    SvgCanvas(double width, double height, std::string_view title) {
        const std::string w = number(std::ceil(width)), h = number(std::ceil(height));
        out_ = fmt::format(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" "
            "font-family=\"Inter, 'Noto Sans', 'DejaVu Sans', Arial, sans-serif\">\n<title>{2}</title>\n"
            "<rect width=\"{0}\" height=\"{1}\" fill=\"{3}\"/>\n",
            w, h, escape_markup(shape_text(title, kTitlePx, true).text), hex(kPaper));
    }

    void fill(const Box& box, Rgb8 colour) override {
        out_ += fmt::format("<rect{} fill=\"{}\"/>\n", geometry(box), hex(colour));
    }
    void frame(const Box& box, const LineStyle& style) override {
        out_ += fmt::format("<rect{} fill=\"none\"{}/>\n", geometry(box), stroke(style));
    }
    void polyline(std::span<const Point> points, const LineStyle& style) override {
        out_ += fmt::format("<polyline points=\"{}\" fill=\"none\" stroke-linejoin=\"round\"{}/>\n",
                            list(points), stroke(style));
    }
    void polygon(std::span<const Point> points, Rgb8 colour) override {
        out_ += fmt::format("<polygon points=\"{}\" fill=\"{}\"/>\n", list(points), hex(colour));
    }

    void text(Point at, std::string_view text, const TextStyle& style) override {
        static constexpr const char* kAnchors[] = {"", " text-anchor=\"middle\"", " text-anchor=\"end\""};
        std::string place = fmt::format(" x=\"{}\" y=\"{}\"", number(at.x), number(at.y));
        if (style.angle_deg != 0) {
            place = fmt::format(" transform=\"translate({} {}) rotate({})\"", number(at.x), number(at.y),
                                number(-style.angle_deg));
        }
        if (style.is_centred) place += fmt::format(" dy=\"{}\"", number(kHalfCapital * style.size_px));
        out_ += fmt::format("<text{}{} font-size=\"{}\" fill=\"{}\"{} xml:space=\"preserve\">{}</text>\n",
                            place, kAnchors[static_cast<int>(style.anchor)], number(style.size_px),
                            hex(style.colour), style.is_bold ? " font-weight=\"600\"" : "",
                            escape_markup(shape_text(text, style.size_px, style.is_bold).text));
    }

    void cells(const CellGrid& grid) override {
        if (grid.rows * grid.cols > kMostVectorCells) {
            out_ += fmt::format(
                "<image{} preserveAspectRatio=\"none\" style=\"image-rendering:pixelated\" "
                "href=\"data:image/png;base64,{}\"/>\n",
                geometry(grid.box), base64(encode_png(grid.colours, grid.cols, grid.rows)));
            return;
        }
        const double w = grid.box.width / grid.cols, h = grid.box.height / grid.rows;
        out_ += "<g shape-rendering=\"crispEdges\">\n";
        for (int r = 0; r < grid.rows; ++r) {
            for (int c = 0; c < grid.cols; ++c) {
                const Rgb8 colour = grid.colours[static_cast<std::size_t>(r) * grid.cols + c];
                if (colour.r == kPaper.r && colour.g == kPaper.g && colour.b == kPaper.b) continue;
                fill({grid.box.x + c * w, grid.box.y + r * h, w - grid.gap, h - grid.gap}, colour);
            }
        }
        out_ += "</g>\n";
    }

    Result<std::string> finish() override {
        out_ += "</svg>\n";
        return std::move(out_);
    }

  private:
    static std::string geometry(const Box& box) {
        return fmt::format(" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"", number(box.x), number(box.y),
                           number(box.width), number(box.height));
    }
    static std::string stroke(const LineStyle& style) {
        std::string out =
            fmt::format(" stroke=\"{}\" stroke-width=\"{}\"", hex(style.colour), number(style.width));
        if (style.is_dashed) {
            out +=
                fmt::format(" stroke-dasharray=\"{} {}\"", number(4 * style.width), number(3 * style.width));
        }
        return out;
    }
    static std::string list(std::span<const Point> points) {
        std::string out;
        for (const Point& p : points)
            out += (out.empty() ? "" : " ") + number(p.x) + "," + number(p.y);
        return out;
    }

    std::string out_;
};

}  // namespace

std::unique_ptr<Canvas> make_svg_canvas(double width, double height, std::string_view title) {
    return std::make_unique<SvgCanvas>(width, height, title);
}

}  // namespace headlight
