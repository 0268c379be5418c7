#include "gfx/shader_library.h"

#include <algorithm>
#include <string_view>

#include "base/mapped_file.h"

#define HEADLIGHT_SHADER(name, symbol) extern "C" const unsigned char symbol##_begin[], symbol##_end[];
#include "embedded_shaders.def"
#undef HEADLIGHT_SHADER

namespace headlight::gfx {
namespace {

struct EmbeddedShader {
    const char* name;
    const unsigned char* begin;
    const unsigned char* end;
};

const EmbeddedShader kEmbedded[] = {
#define HEADLIGHT_SHADER(name, symbol) {name, symbol##_begin, symbol##_end},
#include "embedded_shaders.def"
#undef HEADLIGHT_SHADER
};

constexpr int kMaxIncludeDepth = 8;
constexpr std::size_t kMaxSourceBytes = 1 << 20;

Result<std::string> raw_source(const std::string& shader_dir, const std::string& name) {
    if (!shader_dir.empty()) return read_text_file(shader_dir + "/" + name, kMaxSourceBytes);
    for (const EmbeddedShader& shader : kEmbedded) {
        if (name == shader.name) return std::string(shader.begin, shader.end);
    }
    return fail(ErrorKind::Missing, "Looking for shader '{}': no such file is embedded.", name);
}

// Puts the included file in place of each #include line. The second number of #line counts the includes, so
// that a driver's message tells the files apart.
Status append_with_includes(const std::string& shader_dir, const std::string& name, int depth, int& num_files,
                            std::string& out) {
    if (depth > kMaxIncludeDepth) {
        return fail(ErrorKind::InvalidInput, "Reading shader '{}': includes are nested deeper than {}.", name,
                    kMaxIncludeDepth);
    }
    HEADLIGHT_TRY(const std::string text, raw_source(shader_dir, name));
    const int file_number = num_files++;
    int line_number = 1;
    for (std::size_t begin = 0; begin < text.size(); ++line_number) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const std::string_view line(text.data() + begin, end - begin);
        constexpr std::string_view kInclude = "#include \"";
        const std::size_t close = line.rfind('"');
        if (line.substr(0, kInclude.size()) == kInclude && close > kInclude.size()) {
            const std::string included(line.substr(kInclude.size(), close - kInclude.size()));
            out += fmt::format("#line 1 {}\n", num_files);
            HEADLIGHT_CHECK(append_with_includes(shader_dir, included, depth + 1, num_files, out));
            out += fmt::format("#line {} {}\n", line_number + 1, file_number);
        } else {
            out.append(line).push_back('\n');
        }
        begin = end + 1;
    }
    return {};
}

}  // namespace

std::vector<std::string> ShaderLibrary::embedded_names() {
    std::vector<std::string> names;
    for (const EmbeddedShader& shader : kEmbedded)
        names.emplace_back(shader.name);
    return names;
}

Result<std::string> ShaderLibrary::source(const std::string& file_name) const {
    std::string out;
    int num_files = 0;
    HEADLIGHT_CHECK(append_with_includes(shader_dir_, file_name, 0, num_files, out));
    return out;
}

Result<Program> ShaderLibrary::link(const ProgramInterface& interface) const {
    HEADLIGHT_TRY(const std::string vertex, source(interface.name + ".vert"));
    HEADLIGHT_TRY(const std::string fragment, source(interface.name + ".frag"));
    return Program::link(interface, vertex, fragment);
}

std::filesystem::file_time_type ShaderLibrary::newest_change() const {
    // Any change may be in an included file, so the whole folder (a handful of files) has one time.
    auto newest = std::filesystem::file_time_type::min();  // the clock's epoch may lie in the future
    std::error_code error;
    for (auto it = std::filesystem::recursive_directory_iterator(shader_dir_, error);
         !error && it != std::filesystem::recursive_directory_iterator(); it.increment(error)) {
        std::error_code ignored;
        const auto time = it->last_write_time(ignored);
        if (!ignored) newest = std::max(newest, time);
    }
    return newest;
}

Result<const Program*> ShaderLibrary::program(const ProgramInterface& interface) {
    const auto found = entries_.find(interface.name);
    if (found != entries_.end()) return found->second.program.get();
    const auto newest = shader_dir_.empty() ? std::filesystem::file_time_type{} : newest_change();
    HEADLIGHT_TRY(Program linked, link(interface));
    Entry& entry = entries_[interface.name];
    entry.interface = interface;
    entry.newest = newest;
    entry.program = std::make_unique<Program>(std::move(linked));
    return entry.program.get();
}

std::vector<Error> ShaderLibrary::poll() {
    std::vector<Error> errors;
    if (shader_dir_.empty()) return errors;
    const auto newest = newest_change();
    for (auto& [name, entry] : entries_) {
        if (entry.newest == newest) continue;
        entry.newest = newest;
        Result<Program> linked = link(entry.interface);
        if (linked) {
            *entry.program = std::move(*linked);
            ++generation_;
        } else {
            errors.push_back(std::move(linked).error());
        }
    }
    return errors;
}

}  // namespace headlight::gfx
