#include "figure/cairo_canvas.h"

#include <pango/pangocairo.h>

#include <numbers>

#include "figure/text_layout.h"

namespace headlight {

CairoCanvas::~CairoCanvas() {
    if (cairo_ != nullptr) cairo_destroy(cairo_);
    if (surface_ != nullptr) cairo_surface_destroy(surface_);
}

void CairoCanvas::attach(cairo_surface_t* surface, double scale) {
    surface_ = surface;
    cairo_ = cairo_create(surface);
    scale_ = scale;
    cairo_scale(cairo_, scale, scale);
    cairo_set_line_join(cairo_, CAIRO_LINE_JOIN_ROUND);
}

void CairoCanvas::set_colour(Rgb8 colour) {
    cairo_set_source_rgb(cairo_, colour.r / 255.0, colour.g / 255.0, colour.b / 255.0);
}

void CairoCanvas::fill(const Box& box, Rgb8 colour) {
    set_colour(colour);
    cairo_rectangle(cairo_, box.x, box.y, box.width, box.height);
    cairo_fill(cairo_);
}

namespace {

void apply(cairo_t* cairo, const LineStyle& style) {
    cairo_set_line_width(cairo, style.width);
    const double dash[] = {4 * style.width, 3 * style.width};
    cairo_set_dash(cairo, dash, style.is_dashed ? 2 : 0, 0);
}

void trace(cairo_t* cairo, std::span<const Point> points) {
    for (std::size_t i = 0; i < points.size(); ++i) {
        i == 0 ? cairo_move_to(cairo, points[i].x, points[i].y)
               : cairo_line_to(cairo, points[i].x, points[i].y);
    }
}

}  // namespace

void CairoCanvas::frame(const Box& box, const LineStyle& style) {
    set_colour(style.colour);
    apply(cairo_, style);
    cairo_rectangle(cairo_, box.x, box.y, box.width, box.height);
    cairo_stroke(cairo_);
}

void CairoCanvas::polyline(std::span<const Point> points, const LineStyle& style) {
    set_colour(style.colour);
    apply(cairo_, style);
    trace(cairo_, points);
    cairo_stroke(cairo_);
}

void CairoCanvas::polygon(std::span<const Point> points, Rgb8 colour) {
    set_colour(colour);
    trace(cairo_, points);
    cairo_close_path(cairo_);
    cairo_fill(cairo_);
}

void CairoCanvas::text(Point at, std::string_view text, const TextStyle& style) {
    const ShapedText& shaped = shape_text(text, style.size_px, style.is_bold);
    double dx = 0;
    if (style.anchor == Anchor::Middle) dx = -shaped.width / 2;
    if (style.anchor == Anchor::End) dx = -shaped.width;
    const double dy = (style.is_centred ? kHalfCapital * style.size_px : 0) - shaped.ascent;
    set_colour(style.colour);
    cairo_save(cairo_);
    cairo_translate(cairo_, at.x, at.y);
    if (style.angle_deg != 0) cairo_rotate(cairo_, -style.angle_deg * std::numbers::pi / 180);
    cairo_move_to(cairo_, dx, dy);
    pango_cairo_show_layout(cairo_, shaped.layout);
    cairo_restore(cairo_);
    cairo_new_path(cairo_);
}

void CairoCanvas::paint_image(const Box& box, const RasterImage& image, bool is_smooth) {
    if (image.width <= 0 || image.height <= 0) return;
    // Cairo only reads a source; PDF keeps a copy of its own until it is finished.
    auto* bytes = reinterpret_cast<unsigned char*>(const_cast<std::uint32_t*>(image.pixels.data()));
    cairo_surface_t* source = cairo_image_surface_create_for_data(bytes, CAIRO_FORMAT_ARGB32, image.width,
                                                                  image.height, image.width * 4);
    cairo_save(cairo_);
    cairo_translate(cairo_, box.x, box.y);
    cairo_scale(cairo_, box.width / image.width, box.height / image.height);
    cairo_set_source_surface(cairo_, source, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(cairo_), is_smooth ? CAIRO_FILTER_GOOD : CAIRO_FILTER_NEAREST);
    cairo_pattern_set_extend(cairo_get_source(cairo_), CAIRO_EXTEND_PAD);
    cairo_rectangle(cairo_, 0, 0, image.width, image.height);
    cairo_fill(cairo_);
    cairo_restore(cairo_);
    cairo_surface_destroy(source);
}

void CairoCanvas::picture(const Box& box, const RasterImage& image) {
    paint_image(box, image, true);
}

void CairoCanvas::push_offset(Point by) {
    offsets_.push_back(by);
    cairo_save(cairo_);
    cairo_translate(cairo_, by.x, by.y);
}

void CairoCanvas::pop_offset() {
    offsets_.pop_back();
    cairo_restore(cairo_);
}

Point CairoCanvas::offset() const {
    Point sum;
    for (const Point& by : offsets_)
        sum = {sum.x + by.x, sum.y + by.y};
    return sum;
}

Status CairoCanvas::close() {
    cairo_status_t status = cairo_status(cairo_);
    cairo_surface_finish(surface_);
    if (status == CAIRO_STATUS_SUCCESS) status = cairo_surface_status(surface_);
    if (status == CAIRO_STATUS_SUCCESS) return {};
    const ErrorKind kind = status == CAIRO_STATUS_NO_MEMORY ? ErrorKind::OutOfMemory : ErrorKind::Internal;
    return fail(kind, "cannot draw the figure: {}", cairo_status_to_string(status));
}

}  // namespace headlight
