#include <cerrno>
#include <cstring>
#include <memory>

#include "base/atomic_file.h"
#include "figure/canvas.h"
#include "figure/figure.h"

namespace headlight {

Result<FigureFormat> figure_format(const std::string& name) {
    if (name == "png") return FigureFormat::Png;
    if (name == "svg") return FigureFormat::Svg;
    if (name == "pdf") return FigureFormat::Pdf;
    return fail(ErrorKind::InvalidInput, "'{}' is no figure format; there are png, svg and pdf", name);
}

const char* extension(FigureFormat format) {
    switch (format) {
        case FigureFormat::Png:
            return "png";
        case FigureFormat::Svg:
            return "svg";
        case FigureFormat::Pdf:
            return "pdf";
    }
    return "";
}

Status write_canvas(Canvas& canvas, const std::string& path) {
    HEADLIGHT_TRY(const std::string bytes, canvas.finish());
    // Renamed, but not synced to the disk one by one: hundreds of figures are made again sooner than they are
    // synced.
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

}  // namespace headlight
