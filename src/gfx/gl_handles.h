// Move-only owners of GL objects. All are made on the GL thread; one that dies elsewhere is put on a list
// that collect_garbage() empties, so that a value may carry a texture across threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "base/result.h"

namespace headlight::gfx {

using GlId = unsigned int;

/// Marks the calling thread as the one that owns the GL context. Call once the context is current.
void adopt_gl_thread();
/// Says that the context is gone: handles that die later delete nothing.
void forget_gl_thread();
/// Deletes what died on other threads. Call once a frame on the GL thread.
void collect_garbage();

/// What every handle shares: one id, deleted once.
class GlHandle {
  public:
    enum class Kind { Texture, Buffer, VertexArray, Framebuffer, Program, Shader };

    GlHandle() = default;
    GlHandle(Kind kind, GlId id) : kind_(kind), id_(id) {}
    ~GlHandle() { reset(); }
    GlHandle(GlHandle&& other) noexcept : kind_(other.kind_), id_(std::exchange(other.id_, 0)) {}
    GlHandle& operator=(GlHandle&& other) noexcept;

    GlId id() const { return id_; }
    explicit operator bool() const { return id_ != 0; }
    void reset();

  private:
    Kind kind_ = Kind::Texture;
    GlId id_ = 0;
};

enum class TexelFormat { R32F, RG32F, RGB8, RGBA8 };
enum class TextureFilter { Nearest, Linear };

/// A 2-D texture, or a 2-D array when `num_slices` > 0.
class Texture {
  public:
    Texture() = default;
    /// Errors: Unsupported when a side or the slice count is over the driver's limit (both are named);
    /// OutOfMemory when GL says so. `texels` may be null; else tightly packed rows, slice after slice.
    static Result<Texture> make(TexelFormat format, int width, int height, const void* texels = nullptr,
                                TextureFilter filter = TextureFilter::Nearest, int num_slices = 0);

    /// Replaces the rectangle of one slice. `texels` are tightly packed.
    void update(int x, int y, int width, int height, const void* texels, int slice = 0);
    /// Binds to texture unit `unit`.
    void bind(int unit) const;

    GlId id() const { return handle_.id(); }
    int width() const { return width_; }
    int height() const { return height_; }
    int num_slices() const { return num_slices_; }
    TexelFormat format() const { return format_; }
    std::size_t size_bytes() const;
    explicit operator bool() const { return static_cast<bool>(handle_); }

  private:
    GlHandle handle_;
    TexelFormat format_ = TexelFormat::RGBA8;
    int width_ = 0, height_ = 0, num_slices_ = 0;
};

/// Most pixels on a side of a texture, and most slices of an array, on this driver.
int max_texture_size();
int max_texture_slices();

/// A vertex or instance buffer.
class Buffer {
  public:
    Buffer() = default;
    static Buffer make();
    /// Replaces the content (orphaning the old).
    void upload(std::span<const std::byte> bytes);
    GlId id() const { return handle_.id(); }

  private:
    GlHandle handle_;
};

/// One float attribute of a vertex array: `size` floats at `offset_bytes` of each element.
struct VertexAttribute {
    GlId location = 0;
    int size = 1;
    std::size_t offset_bytes = 0;
};

class VertexArray {
  public:
    VertexArray() = default;
    /// With no buffer: for shaders that make their vertices from gl_VertexID.
    static VertexArray make();
    /// All attributes come from `buffer` and advance once per instance.
    static VertexArray make_instanced(const Buffer& buffer, std::span<const VertexAttribute> attributes,
                                      std::size_t stride_bytes);
    void bind() const;
    GlId id() const { return handle_.id(); }

  private:
    GlHandle handle_;
};

/// An RGBA8 colour target with its texture. Its row 0 is the TOP of the picture: renderers here write it so.
class Framebuffer {
  public:
    Framebuffer() = default;
    static Result<Framebuffer> make(int width, int height);
    const Texture& texture() const { return texture_; }
    GlId id() const { return handle_.id(); }
    int width() const { return texture_.width(); }
    int height() const { return texture_.height(); }
    explicit operator bool() const { return static_cast<bool>(handle_); }

  private:
    GlHandle handle_;
    Texture texture_;
};

/// Saves what our renderers touch (frame buffer, viewport, program, textures of units 0-3, vertex array,
/// blend, scissor) and puts it back at the end of the scope.
class GlStateGuard {
  public:
    GlStateGuard();
    ~GlStateGuard();
    GlStateGuard(const GlStateGuard&) = delete;
    GlStateGuard& operator=(const GlStateGuard&) = delete;

  private:
    int framebuffer_ = 0, program_ = 0, vertex_array_ = 0, active_unit_ = 0, array_buffer_ = 0, unpack_ = 4;
    int viewport_[4] = {}, textures_2d_[4] = {}, textures_array_[4] = {};
    bool blend_ = false, scissor_ = false, depth_ = false, cull_ = false;
};

/// GL errors raised since the last call, as one line ("" when none). For tests and debug logs.
const char* pending_gl_error();

/// "Mesa/llvmpipe, OpenGL 4.5 (Core Profile)": who draws.
const char* gl_description();

}  // namespace headlight::gfx
