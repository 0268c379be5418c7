#include "gfx/image.h"

#include <cairo.h>
#include <epoxy/gl.h>

#include <algorithm>
#include <memory>

#include "base/atomic_file.h"

namespace headlight::gfx {
namespace {

Result<Image> read_bound(int width, int height) {
    Image image;
    image.width = width;
    image.height = height;
    image.pixels.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
    glPixelStorei(GL_PACK_ALIGNMENT, 1);
    glReadPixels(0, 0, width, height, GL_RGBA, GL_UNSIGNED_BYTE, image.pixels.data());
    if (const GLenum code = glGetError(); code != GL_NO_ERROR) {
        return fail(ErrorKind::Internal, "Reading {} x {} pixels back: GL error {:#x}.", width, height, code);
    }
    return image;
}

struct SurfaceDeleter {
    void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
};

}  // namespace

Result<Image> read_framebuffer(const Framebuffer& framebuffer) {
    if (!framebuffer) return fail(ErrorKind::InvalidInput, "Reading a picture back: nothing was drawn yet.");
    GLint before = 0;
    glGetIntegerv(GL_READ_FRAMEBUFFER_BINDING, &before);
    glBindFramebuffer(GL_READ_FRAMEBUFFER, framebuffer.id());
    auto image = read_bound(framebuffer.width(), framebuffer.height());
    glBindFramebuffer(GL_READ_FRAMEBUFFER, static_cast<GLuint>(before));
    return image;
}

void Image::flip_rows() {
    for (int y = 0; y < height / 2; ++y) {
        const auto top = pixels.begin() + static_cast<std::ptrdiff_t>(y) * width;
        const auto bottom = pixels.begin() + static_cast<std::ptrdiff_t>(height - 1 - y) * width;
        std::swap_ranges(top, top + width, bottom);
    }
}

Result<std::string> png_bytes(const Image& image) {
    const auto failed = [&image](cairo_status_t status) {
        return fail(ErrorKind::Internal, "Writing a picture of {} x {} pixels: {}.", image.width,
                    image.height, cairo_status_to_string(status));
    };
    const std::unique_ptr<cairo_surface_t, SurfaceDeleter> surface(
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, image.width, image.height));
    if (const auto status = cairo_surface_status(surface.get()); status != CAIRO_STATUS_SUCCESS)
        return failed(status);
    unsigned char* bytes = cairo_image_surface_get_data(surface.get());
    const int stride = cairo_image_surface_get_stride(surface.get());
    for (int y = 0; y < image.height; ++y) {
        auto* row = reinterpret_cast<std::uint32_t*>(bytes + static_cast<std::ptrdiff_t>(y) * stride);
        for (int x = 0; x < image.width; ++x) {
            const Rgba pixel = image.at(x, y);
            row[x] = static_cast<std::uint32_t>(pixel.r) << 16 | static_cast<std::uint32_t>(pixel.g) << 8 |
                     pixel.b;
        }
    }
    cairo_surface_mark_dirty(surface.get());
    std::string out;
    const auto append = [](void* to, const unsigned char* part, unsigned length) {
        static_cast<std::string*>(to)->append(reinterpret_cast<const char*>(part), length);
        return CAIRO_STATUS_SUCCESS;
    };
    const cairo_status_t status = cairo_surface_write_to_png_stream(surface.get(), append, &out);
    if (status != CAIRO_STATUS_SUCCESS) return failed(status);
    return out;
}

Status write_png(const Image& image, const std::string& path) {
    auto bytes = png_bytes(image);
    if (!bytes) return fail(std::move(bytes).error().in_file(path));
    return write_file_atomic(path, *bytes);
}

}  // namespace headlight::gfx
