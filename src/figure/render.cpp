// Figures to files: layout under the style's look, panels with letters, pages of a fixed size.
#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <memory>

#include "base/atomic_file.h"
#include "figure/canvas.h"
#include "figure/panels.h"

namespace headlight {
namespace {

constexpr PrintPreset kPresets[] = {
    {"1", "one column of a paper, 85 mm", 85, 0, 7},
    {"2", "two columns, 178 mm", 178, 0, 7},
    {"slide", "a 16:9 slide", 338.7, 190.5, 18},
    {"poster", "a column of a poster, 400 mm", 400, 0, 24},
};

struct FormatName {
    FigureFormat format;
    const char* name;
};
constexpr FormatName kFormats[] = {{FigureFormat::Png, "png"},
                                   {FigureFormat::Svg, "svg"},
                                   {FigureFormat::Pdf, "pdf"},
                                   {FigureFormat::Pgf, "pgf"}};

/// What many pictures share, drawn last on this thread.
struct Backdrop {
    std::string key;
    RasterImage picture;
};

/// A canvas with the drawing's frame on it. For pixels the frame is copied where the last drawing had the
/// same.
std::unique_ptr<Canvas> canvas_with_frame(const Drawing& drawing, const CanvasFile& file) {
    std::string key = file.style.format == FigureFormat::Png ? drawing.frame_key() : std::string();
    thread_local Backdrop backdrop;
    if (!key.empty()) {
        const FigureStyle& style = file.style;
        key += fmt::format("|{}|{}|{}|{}|{}|{}|{}{}{}{}", style.unit_pt(), look().families, look().is_dark,
                           look().is_transparent, style.colours, drawing.height, style.shows_axis_names,
                           style.shows_labels, style.shows_indices, style.shows_colour_bar);
        if (backdrop.key == key) return make_canvas_on(backdrop.picture, file);
    }
    auto canvas = make_canvas(file);
    drawing.paint_frame(*canvas);
    if (!key.empty()) {
        backdrop.picture = *canvas->raster();
        backdrop.key = std::move(key);
    }
    return canvas;
}

Result<FigureFile> render_drawing(const Drawing& drawing, const FigureStyle& style, const std::string& name) {
    const auto canvas =
        canvas_with_frame(drawing, {drawing.width, drawing.height, style, drawing.title, name});
    drawing.paint_content(*canvas);
    FigureFile file;
    HEADLIGHT_TRY(file.bytes, canvas->finish());
    file.attachments = canvas->attachments();
    file.title = drawing.title;
    file.width_mm = drawing.width * style.unit_pt() * 25.4 / 72;
    file.height_mm = drawing.height * style.unit_pt() * 25.4 / 72;
    return file;
}

/// Renamed, but not synced to the disk one by one: hundreds of figures are made again sooner than they are
/// synced.
Status write_bytes(const std::string& path, const std::string& bytes) {
    return write_file_atomic(path, [&](const std::string& temporary) -> Status {
        const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(temporary.c_str(), "wbe"),
                                                                   std::fclose);
        const bool is_written = file &&
                                std::fwrite(bytes.data(), 1, bytes.size(), file.get()) == bytes.size() &&
                                std::fflush(file.get()) == 0;
        if (is_written) return {};
        return fail(make_error(ErrorKind::Internal, "cannot write the figure: {}", std::strerror(errno))
                        .in_file(path));
    });
}

}  // namespace

Result<FigureFormat> figure_format(const std::string& name) {
    for (const FormatName& format : kFormats)
        if (name == format.name) return format.format;
    return fail(ErrorKind::InvalidInput, "'{}' is no figure format; there are png, svg, pdf and pgf", name);
}

const char* extension(FigureFormat format) {
    for (const FormatName& known : kFormats)
        if (known.format == format) return known.name;
    return "";
}

std::span<const PrintPreset> print_presets() {
    return kPresets;
}

Result<FigureFile> render_figure(std::span<const FigureContent> panels, const FigureStyle& style,
                                 const std::string& name) {
    HEADLIGHT_CHECK(check_style(style));
    const LookScope scope(style);
    HEADLIGHT_TRY(const DrawingPtr drawing, lay_out_page(panels, style));
    return render_drawing(*drawing, style, name);
}

Result<RasterImage> preview_figure(std::span<const FigureContent> panels, const FigureStyle& style) {
    FigureStyle pixels = style;
    pixels.format = FigureFormat::Png;
    HEADLIGHT_CHECK(check_style(pixels));
    const LookScope scope(pixels);
    HEADLIGHT_TRY(const DrawingPtr drawing, lay_out_page(panels, pixels));
    const auto canvas = make_canvas({drawing->width, drawing->height, pixels, drawing->title, ""});
    drawing->paint(*canvas);
    return *canvas->raster();
}

Status write_figure(const std::string& path, std::span<const FigureContent> panels,
                    const FigureStyle& style) {
    const std::filesystem::path target(path);
    HEADLIGHT_TRY(const FigureFile file, render_figure(panels, style, target.stem().string()));
    for (const FigureAttachment& attachment : file.attachments)
        HEADLIGHT_CHECK(write_bytes((target.parent_path() / attachment.name).string(), attachment.bytes));
    return write_bytes(path, file.bytes);
}

}  // namespace headlight
