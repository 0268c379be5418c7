// PGF: commands for LaTeX, which sets the text in the document's own font. Pictures of many cells lie beside
// the file.
#include <cmath>

#include "figure/canvas.h"
#include "figure/png_writer.h"
#include "figure/tex_text.h"
#include "figure/text_layout.h"

namespace headlight {
namespace {

/// Comments end with their line, whatever the text holds.
std::string one_line(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (static_cast<unsigned char>(c) < 0x20) c = ' ';
    return out;
}

class PgfCanvas final : public Canvas {
  public:
    explicit PgfCanvas(const CanvasFile& file) : file_(file), unit_(file.style.unit_pt() * kTexPerPt) {
        out_ = "% " + one_line(file.title) +
               "\n% \\usepackage{pgf} (lmodern or a font with the tokens' letters)\n";
        if (!file.style.recipe.empty()) out_ += "% headlight-recipe " + one_line(file.style.recipe) + "\n";
        out_ += "\\begingroup\n\\begin{pgfpicture}\n";
        out_ += fmt::format("\\pgfpathrectangle{{\\pgfpointorigin}}{{\\pgfpoint{{{}pt}}{{{}pt}}}}\n",
                            n(file.width), n(file.height));
        out_ += "\\pgfusepath{use as bounding box,clip}\n\\pgfsetroundjoin\n";
        if (!look().is_transparent && look().is_dark) fill({0, 0, file.width, file.height}, look().paper);
    }

    void fill(const Box& box, Rgb8 colour) override {
        fill_colour(colour);
        rectangle(box);
        out_ += "\\pgfusepath{fill}\n";
    }
    void frame(const Box& box, const LineStyle& style) override {
        stroke(style);
        rectangle(box);
        out_ += "\\pgfusepath{stroke}\n";
    }
    void polyline(std::span<const Point> points, const LineStyle& style) override {
        if (points.size() < 2) return;
        stroke(style);
        path(points);
        out_ += "\\pgfusepath{stroke}\n";
    }
    void polygon(std::span<const Point> points, Rgb8 colour) override {
        if (points.size() < 3) return;
        fill_colour(colour);
        path(points);
        out_ += "\\pgfpathclose\\pgfusepath{fill}\n";
    }

    void text(Point at, std::string_view text, const TextStyle& style) override {
        static constexpr const char* kAnchors[] = {"left,", "", "right,"};
        fill_colour(style.colour);
        // Half the height of capitals below the point, along the turned line.
        const double drop = style.is_centred ? kHalfCapital * style.size_px : 0;
        const double angle = style.angle_deg / 57.29577951308232;
        const Point base{at.x + drop * std::sin(angle), at.y + drop * std::cos(angle)};
        const double size = style.size_px * unit_;
        out_ += fmt::format(
            "\\pgftext[{}base,x={}pt,y={}pt{}]{{\\color{{hlf}}\\fontsize{{{}}}{{{}}}\\selectfont {}{}}}\n",
            kAnchors[static_cast<int>(style.anchor)], x(base), y(base),
            style.angle_deg != 0 ? fmt::format(",rotate={}", short_number(style.angle_deg)) : "",
            short_number(size), short_number(1.2 * size), style.is_bold ? "\\bfseries " : "",
            tex_text(shape_text(text, style.size_px, style.is_bold).text));
    }

    void cells(const CellGrid& grid) override {
        if (grid.rows * grid.cols <= kMostVectorCells)
            return for_each_cell(grid, [this](const Box& cell, Rgb8 colour) { fill(cell, colour); });
        image(grid.box, encode_png(grid.colours, grid.cols, grid.rows), false);
    }
    void picture(const Box& box, const RasterImage& raster) override {
        image(box, encode_png({raster.pixels, raster.width, raster.height, true}, 0), true);
    }
    void push_offset(Point by) override { offsets_.push_back(by); }
    void pop_offset() override { offsets_.pop_back(); }

    Result<std::string> finish() override {
        out_ += "\\end{pgfpicture}%\n\\endgroup\n";
        return std::move(out_);
    }
    std::vector<FigureAttachment> attachments() override { return std::move(attachments_); }

  private:
    static constexpr double kTexPerPt = 72.27 / 72;  // TeX's points are a little smaller

    std::string n(double units) const { return short_number(units * unit_, 3); }
    std::string x(Point at) const {
        for (const Point& by : offsets_)
            at.x += by.x;
        return n(at.x);
    }
    std::string y(Point at) const {  // TeX counts upwards
        for (const Point& by : offsets_)
            at.y += by.y;
        return n(file_.height - at.y);
    }
    std::string point(Point at) const { return fmt::format("\\pgfpoint{{{}pt}}{{{}pt}}", x(at), y(at)); }

    void rectangle(const Box& box) {
        out_ += fmt::format("\\pgfpathrectangle{{{}}}{{\\pgfpoint{{{}pt}}{{{}pt}}}}",
                            point({box.x, box.bottom()}), n(box.width), n(box.height));
    }
    void path(std::span<const Point> points) {
        for (std::size_t i = 0; i < points.size(); ++i)
            out_ += (i == 0 ? "\\pgfpathmoveto{" : "\\pgfpathlineto{") + point(points[i]) + "}";
    }
    void define_colour(const char* name, Rgb8 c) {
        out_ += fmt::format("\\definecolor{{{}}}{{RGB}}{{{},{},{}}}", name, c.r, c.g, c.b);
    }
    void fill_colour(Rgb8 colour) {
        define_colour("hlf", colour);
        out_ += "\\pgfsetfillcolor{hlf}";
    }
    void stroke(const LineStyle& style) {
        define_colour("hls", style.colour);
        out_ += fmt::format("\\pgfsetstrokecolor{{hls}}\\pgfsetlinewidth{{{}pt}}", n(style.width));
        out_ += style.is_dashed ? fmt::format("\\pgfsetdash{{{{{}pt}}{{{}pt}}}}{{0pt}}", n(4 * style.width),
                                              n(3 * style.width))
                                : std::string("\\pgfsetdash{}{0pt}");
    }
    void image(const Box& box, std::string png, bool is_smooth) {
        const std::string name = fmt::format("{}-{}.png", file_.name, attachments_.size());
        out_ += fmt::format(
            "\\pgftext[left,bottom,x={}pt,y={}pt]{{\\includegraphics[width={}pt,height={}pt{}]{{{}}}}}\n",
            x({box.x, 0}), y({0, box.bottom()}), n(box.width), n(box.height),
            is_smooth ? ",interpolate=true" : "", name);
        attachments_.push_back({name, std::move(png)});
    }

    CanvasFile file_;
    double unit_;
    std::string out_;
    std::vector<Point> offsets_;
    std::vector<FigureAttachment> attachments_;
};

}  // namespace

std::unique_ptr<Canvas> make_pgf_canvas(const CanvasFile& file) {
    return std::make_unique<PgfCanvas>(file);
}

}  // namespace headlight
