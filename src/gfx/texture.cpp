// Textures and the guard that puts GL state back.
#include <epoxy/gl.h>

#include <algorithm>
#include <vector>

#include "base/stopwatch.h"
#include "gfx/gl_handles.h"
#include "gfx/texture_changes.h"

namespace headlight::gfx {
namespace {

struct GlFormat {
    GLint internal;
    GLenum layout, type;
    std::size_t texel_bytes;
};

GlFormat gl_format(TexelFormat format) {
    switch (format) {
        case TexelFormat::R32F:
            return {GL_R32F, GL_RED, GL_FLOAT, 4};
        case TexelFormat::RG32F:
            return {GL_RG32F, GL_RG, GL_FLOAT, 8};
        case TexelFormat::RGB8:
            return {GL_RGB8, GL_RGB, GL_UNSIGNED_BYTE, 3};
        case TexelFormat::RGBA8:
            break;
    }
    return {GL_RGBA8, GL_RGBA, GL_UNSIGNED_BYTE, 4};
}

std::vector<std::uint64_t> g_stamps;  // [texture]
std::uint64_t g_last_stamp = 0;
double g_upload_ms = 0;

/// Counts what it lives for.
class UploadTime {
  public:
    UploadTime() = default;
    ~UploadTime() { g_upload_ms += watch_.milliseconds(); }
    UploadTime(const UploadTime&) = delete;
    UploadTime& operator=(const UploadTime&) = delete;

  private:
    Stopwatch watch_;
};

int gl_integer(GLenum name) {
    GLint value = 0;
    glGetIntegerv(name, &value);
    return value;
}

}  // namespace

std::uint64_t texture_stamp(GlId texture) {
    return texture < g_stamps.size() ? g_stamps[texture] : 0;
}

void note_texture_change(GlId texture) {
    if (texture >= g_stamps.size()) g_stamps.resize(std::size_t{texture} + 1, 0);
    g_stamps[texture] = ++g_last_stamp;
}

double texture_upload_ms() {
    return g_upload_ms;
}

int max_texture_size() {
    return gl_integer(GL_MAX_TEXTURE_SIZE);
}
int max_texture_slices() {
    return gl_integer(GL_MAX_ARRAY_TEXTURE_LAYERS);
}

Result<Texture> Texture::make(TexelFormat format, int width, int height, const void* texels,
                              TextureFilter filter, int num_slices) {
    const int most = max_texture_size();
    if (width < 1 || height < 1 || width > most || height > most) {
        return fail(ErrorKind::Unsupported,
                    "Making a texture of {} x {}: this graphics driver takes 1 to {} a side.", width, height,
                    most);
    }
    if (num_slices > max_texture_slices()) {
        return fail(ErrorKind::Unsupported,
                    "Making a texture of {} slices: this graphics driver takes at most {}.", num_slices,
                    max_texture_slices());
    }
    const UploadTime time;
    Texture texture;
    GLuint id = 0;
    glGenTextures(1, &id);
    note_texture_change(id);
    texture.handle_ = GlHandle(GlHandle::Kind::Texture, id);
    texture.format_ = format;
    texture.width_ = width;
    texture.height_ = height;
    texture.num_slices_ = num_slices;

    const GLenum target = num_slices > 0 ? GL_TEXTURE_2D_ARRAY : GL_TEXTURE_2D;
    const GlFormat gl = gl_format(format);
    while (glGetError() != GL_NO_ERROR)
        continue;  // so that an older error is not taken for ours
    glBindTexture(target, id);
    glPixelStorei(GL_UNPACK_ALIGNMENT, 1);
    if (num_slices > 0) {
        glTexImage3D(target, 0, gl.internal, width, height, num_slices, 0, gl.layout, gl.type, texels);
    } else {
        glTexImage2D(target, 0, gl.internal, width, height, 0, gl.layout, gl.type, texels);
    }
    const GLint mode = filter == TextureFilter::Linear ? GL_LINEAR : GL_NEAREST;
    glTexParameteri(target, GL_TEXTURE_MIN_FILTER, mode);
    glTexParameteri(target, GL_TEXTURE_MAG_FILTER, mode);
    glTexParameteri(target, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
    glTexParameteri(target, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
    glTexParameteri(target, GL_TEXTURE_MAX_LEVEL, 0);
    if (glGetError() == GL_OUT_OF_MEMORY) {
        return fail(ErrorKind::OutOfMemory,
                    "Making a texture of {} x {} x {}: the graphics driver has no memory for it.", width,
                    height, std::max(1, num_slices));
    }
    return texture;
}

void Texture::update(int x, int y, int width, int height, const void* texels, int slice) {
    note_texture_change(id());
    if (num_slices_ == 0) return fill_unused(*this, x, y, width, height, texels);
    const UploadTime time;
    const GlFormat gl = gl_format(format_);
    glBindTexture(GL_TEXTURE_2D_ARRAY, id());
    glPixelStorei(GL_UNPACK_ALIGNMENT, 1);
    glTexSubImage3D(GL_TEXTURE_2D_ARRAY, 0, x, y, slice, width, height, 1, gl.layout, gl.type, texels);
}

void fill_unused(const Texture& texture, int x, int y, int width, int height, const void* texels) {
    const UploadTime time;
    const GlFormat gl = gl_format(texture.format());
    glBindTexture(GL_TEXTURE_2D, texture.id());
    glPixelStorei(GL_UNPACK_ALIGNMENT, 1);
    glTexSubImage2D(GL_TEXTURE_2D, 0, x, y, width, height, gl.layout, gl.type, texels);
}

void Texture::bind(int unit) const {
    glActiveTexture(GL_TEXTURE0 + static_cast<GLenum>(unit));
    glBindTexture(num_slices_ > 0 ? GL_TEXTURE_2D_ARRAY : GL_TEXTURE_2D, id());
}

std::size_t Texture::size_bytes() const {
    return static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_) *
           static_cast<std::size_t>(std::max(1, num_slices_)) * gl_format(format_).texel_bytes;
}

GlStateGuard::GlStateGuard() {
    framebuffer_ = gl_integer(GL_DRAW_FRAMEBUFFER_BINDING);
    program_ = gl_integer(GL_CURRENT_PROGRAM);
    vertex_array_ = gl_integer(GL_VERTEX_ARRAY_BINDING);
    active_unit_ = gl_integer(GL_ACTIVE_TEXTURE);
    array_buffer_ = gl_integer(GL_ARRAY_BUFFER_BINDING);
    unpack_ = gl_integer(GL_UNPACK_ALIGNMENT);
    glGetIntegerv(GL_VIEWPORT, viewport_);
    for (int unit = 0; unit < 4; ++unit) {
        glActiveTexture(GL_TEXTURE0 + static_cast<GLenum>(unit));
        textures_2d_[unit] = gl_integer(GL_TEXTURE_BINDING_2D);
        textures_array_[unit] = gl_integer(GL_TEXTURE_BINDING_2D_ARRAY);
    }
    blend_ = glIsEnabled(GL_BLEND);
    scissor_ = glIsEnabled(GL_SCISSOR_TEST);
    depth_ = glIsEnabled(GL_DEPTH_TEST);
    cull_ = glIsEnabled(GL_CULL_FACE);
    glDisable(GL_BLEND);
    glDisable(GL_SCISSOR_TEST);
    glDisable(GL_DEPTH_TEST);
    glDisable(GL_CULL_FACE);
}

GlStateGuard::~GlStateGuard() {
    const auto restore = [](GLenum what, bool is_on) { is_on ? glEnable(what) : glDisable(what); };
    for (int unit = 0; unit < 4; ++unit) {
        glActiveTexture(GL_TEXTURE0 + static_cast<GLenum>(unit));
        glBindTexture(GL_TEXTURE_2D, static_cast<GLuint>(textures_2d_[unit]));
        glBindTexture(GL_TEXTURE_2D_ARRAY, static_cast<GLuint>(textures_array_[unit]));
    }
    glActiveTexture(static_cast<GLenum>(active_unit_));
    glBindFramebuffer(GL_FRAMEBUFFER, static_cast<GLuint>(framebuffer_));
    glUseProgram(static_cast<GLuint>(program_));
    glBindVertexArray(static_cast<GLuint>(vertex_array_));
    glBindBuffer(GL_ARRAY_BUFFER, static_cast<GLuint>(array_buffer_));
    glPixelStorei(GL_UNPACK_ALIGNMENT, unpack_);
    glViewport(viewport_[0], viewport_[1], viewport_[2], viewport_[3]);
    restore(GL_BLEND, blend_);
    restore(GL_SCISSOR_TEST, scissor_);
    restore(GL_DEPTH_TEST, depth_);
    restore(GL_CULL_FACE, cull_);
}

}  // namespace headlight::gfx
