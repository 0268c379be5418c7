#include "gfx/gl_handles.h"

#include <epoxy/gl.h>

#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace headlight::gfx {
namespace {

struct DeadObject {
    GlHandle::Kind kind;
    GlId id;
};

// The thread that owns the context, and what died elsewhere.
struct GlThread {
    std::mutex mutex;
    std::thread::id thread;
    bool has_context = false;
    std::vector<DeadObject> dead;
};

GlThread& gl_thread() {
    static GlThread state;
    return state;
}

/// The GL loader looks a function up when it is first called, and waits for the dynamic linker's lock to do
/// so, which the engine holds for the time that LibTorch loads. Deleters are the ones that a frame may first
/// call then: calling them on nothing here kept a third of a second out of the first frames.
void resolve_deleters() {
    glDeleteTextures(0, nullptr);
    glDeleteBuffers(0, nullptr);
    glDeleteVertexArrays(0, nullptr);
    glDeleteFramebuffers(0, nullptr);
    glDeleteProgram(0);
    glDeleteShader(0);
}

void delete_object(GlHandle::Kind kind, GlId id) {
    switch (kind) {
        case GlHandle::Kind::Texture:
            glDeleteTextures(1, &id);
            break;
        case GlHandle::Kind::Buffer:
            glDeleteBuffers(1, &id);
            break;
        case GlHandle::Kind::VertexArray:
            glDeleteVertexArrays(1, &id);
            break;
        case GlHandle::Kind::Framebuffer:
            glDeleteFramebuffers(1, &id);
            break;
        case GlHandle::Kind::Program:
            glDeleteProgram(id);
            break;
        case GlHandle::Kind::Shader:
            glDeleteShader(id);
            break;
    }
}

}  // namespace

void adopt_gl_thread() {
    GlThread& state = gl_thread();
    const std::lock_guard lock(state.mutex);
    state.thread = std::this_thread::get_id();
    state.has_context = true;
    resolve_deleters();
}

void forget_gl_thread() {
    GlThread& state = gl_thread();
    const std::lock_guard lock(state.mutex);
    state.has_context = false;
    state.dead.clear();
}

void collect_garbage() {
    GlThread& state = gl_thread();
    std::vector<DeadObject> dead;
    {
        const std::lock_guard lock(state.mutex);
        dead.swap(state.dead);
    }
    for (const DeadObject& object : dead)
        delete_object(object.kind, object.id);
}

GlHandle& GlHandle::operator=(GlHandle&& other) noexcept {
    if (this != &other) {
        reset();
        kind_ = other.kind_;
        id_ = std::exchange(other.id_, 0);
    }
    return *this;
}

void GlHandle::reset() {
    const GlId id = std::exchange(id_, 0);
    if (id == 0) return;
    GlThread& state = gl_thread();
    bool is_here = false;
    {
        const std::lock_guard lock(state.mutex);
        if (!state.has_context) return;
        is_here = state.thread == std::this_thread::get_id();
        if (!is_here) state.dead.push_back({kind_, id});
    }
    if (is_here) delete_object(kind_, id);
}

Buffer Buffer::make() {
    Buffer buffer;
    GLuint id = 0;
    glGenBuffers(1, &id);
    buffer.handle_ = GlHandle(GlHandle::Kind::Buffer, id);
    return buffer;
}

void Buffer::upload(std::span<const std::byte> bytes) {
    glBindBuffer(GL_ARRAY_BUFFER, id());
    glBufferData(GL_ARRAY_BUFFER, static_cast<GLsizeiptr>(bytes.size()), bytes.data(), GL_STREAM_DRAW);
}

VertexArray VertexArray::make() {
    VertexArray array;
    GLuint id = 0;
    glGenVertexArrays(1, &id);
    array.handle_ = GlHandle(GlHandle::Kind::VertexArray, id);
    return array;
}

VertexArray VertexArray::make_instanced(const Buffer& buffer, std::span<const VertexAttribute> attributes,
                                        std::size_t stride_bytes) {
    VertexArray array = make();
    array.bind();
    glBindBuffer(GL_ARRAY_BUFFER, buffer.id());
    for (const VertexAttribute& attribute : attributes) {
        glEnableVertexAttribArray(attribute.location);
        glVertexAttribPointer(attribute.location, attribute.size, GL_FLOAT, GL_FALSE,
                              static_cast<GLsizei>(stride_bytes),
                              reinterpret_cast<const void*>(attribute.offset_bytes));
        glVertexAttribDivisor(attribute.location, 1);
    }
    return array;
}

void VertexArray::bind() const {
    glBindVertexArray(handle_.id());
}

Result<Framebuffer> Framebuffer::make(int width, int height) {
    Framebuffer framebuffer;
    HEADLIGHT_TRY(framebuffer.texture_, Texture::make(TexelFormat::RGBA8, width, height));
    GLint before = 0;
    glGetIntegerv(GL_FRAMEBUFFER_BINDING, &before);
    GLuint id = 0;
    glGenFramebuffers(1, &id);
    framebuffer.handle_ = GlHandle(GlHandle::Kind::Framebuffer, id);
    glBindFramebuffer(GL_FRAMEBUFFER, id);
    glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, framebuffer.texture_.id(), 0);
    const GLenum status = glCheckFramebufferStatus(GL_FRAMEBUFFER);
    glBindFramebuffer(GL_FRAMEBUFFER, static_cast<GLuint>(before));
    if (status != GL_FRAMEBUFFER_COMPLETE) {
        return fail(
            ErrorKind::Unsupported,
            "Making a drawing target of {} x {} pixels: the driver calls it incomplete (status {:#x}). "
            "Make the window smaller.",
            width, height, status);
    }
    return framebuffer;
}

const char* pending_gl_error() {
    static std::string line;
    line.clear();
    for (GLenum code = glGetError(); code != GL_NO_ERROR; code = glGetError()) {
        line += fmt::format("{}GL error {:#x}", line.empty() ? "" : ", ", code);
    }
    return line.c_str();
}

const char* gl_description() {
    static std::string line;
    const auto text = [](GLenum name) {
        const GLubyte* bytes = glGetString(name);
        return bytes != nullptr ? std::string(reinterpret_cast<const char*>(bytes)) : std::string("unknown");
    };
    line = text(GL_RENDERER) + ", OpenGL " + text(GL_VERSION);
    return line.c_str();
}

}  // namespace headlight::gfx
