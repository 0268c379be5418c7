// Where shader text comes from: embedded at build, or a folder on disk that is watched for changes.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "gfx/program.h"

namespace headlight::gfx {

/// Hands out programs by interface. With a shader folder, poll() links again what changed there; a broken
/// edit keeps the last good program.
class ShaderLibrary {
  public:
    /// `shader_dir` empty: the embedded sources.
    explicit ShaderLibrary(std::string shader_dir = {}) : shader_dir_(std::move(shader_dir)) {}

    /// The program of this interface; linked on the first call. The pointer stays good for the library's
    /// life, and what it points to may be replaced by poll(). Errors: as Program::link; Missing when there is
    /// no such file.
    Result<const Program*> program(const ProgramInterface& interface);

    /// Looks for changed files (cheap: one stat per file). Returns the errors of edits that do not link, each
    /// once.
    std::vector<Error> poll();
    /// Grows whenever a program was replaced: renderers draw again when it differs from what they drew with.
    std::uint64_t generation() const { return generation_; }

    /// Source of "heatmap.frag" with its #include "..." lines resolved and #line markers. Errors: Missing.
    Result<std::string> source(const std::string& file_name) const;
    /// Names of all embedded shader files.
    static std::vector<std::string> embedded_names();

  private:
    struct Entry {
        ProgramInterface interface;
        std::unique_ptr<Program> program;
        std::filesystem::file_time_type newest{};
    };
    Result<Program> link(const ProgramInterface& interface) const;
    std::filesystem::file_time_type newest_change() const;
    std::string shader_dir_;
    std::unordered_map<std::string, Entry> entries_;
    std::uint64_t generation_ = 1;
};

}  // namespace headlight::gfx
