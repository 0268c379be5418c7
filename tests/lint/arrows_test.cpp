// The arrows of docs/architecture.md: which room may include which, and which libraries stay in which rooms.
#include <doctest/doctest.h>

#include <map>
#include <regex>
#include <set>

#include "lint/source_tree.h"

using namespace headlight;

namespace {

using Rooms = std::set<std::string>;

const std::map<std::string, Rooms>& arrows() {
    static const std::map<std::string, Rooms> table = {
        {"base", {}},
        {"core", {"base"}},
        {"io", {"base", "core"}},
        {"tokenize", {"base", "core", "io"}},
        {"analysis", {"base", "core"}},
        {"study", {"base", "core", "io", "tokenize", "analysis"}},
        {"model", {"base", "core", "io"}},
        {"train", {"base", "core", "io", "tokenize", "analysis", "model"}},
        {"engine", {"base", "core", "model", "train"}},
        {"session", {"base", "core", "io", "tokenize", "analysis", "study"}},
        {"figure", {"base", "core", "analysis"}},
        {"gfx", {"base"}},
        {"ui", {"base", "gfx"}},
        {"views", {"base", "core", "analysis", "study", "session", "gfx", "ui"}},
        {"app",
         {"base", "core", "io", "tokenize", "analysis", "study", "session", "figure", "gfx", "ui", "views"}},
        {"cli", {"base", "core", "io", "tokenize", "analysis", "study", "session", "figure", "app"}},
    };
    return table;
}

std::string room_of(const std::string& path) {  // "src/core/token.h" -> "core"
    const auto begin = path.find('/') + 1;
    return path.substr(begin, path.find('/', begin) - begin);
}

}  // namespace

TEST_CASE("arrows: a room includes only rooms that its row names") {
    const std::regex include(R"re(^\s*#\s*include\s+"([a-z_]+)/)re");
    for (const auto& file : lint::read_sources({"src"}, {".h", ".cpp"})) {
        const std::string room = room_of(file.path);
        INFO(file.path);
        REQUIRE_MESSAGE(arrows().count(room) == 1, "room '", room, "' has no row in the table of arrows");
        for (const std::string& line : file.lines) {
            std::smatch match;
            if (!std::regex_search(line, match, include)) continue;
            const std::string target = match[1];
            if (target == room) continue;
            CHECK_MESSAGE(arrows().at(room).count(target) == 1, room, "/ may not include ", target,
                          "/: ", line);
        }
    }
}

TEST_CASE("arrows: LibTorch, GL and Dear ImGui stay in their rooms") {
    struct Fence {
        std::regex include;
        Rooms rooms;
    };
    const std::vector<Fence> fences = {
        {std::regex(R"re(#\s*include\s*[<"](torch|ATen|c10)/)re"), {"model", "train", "engine"}},
        {std::regex(R"re(#\s*include\s*[<"](imgui|GLFW/|epoxy/|GL/|backends/imgui))re"),
         {"gfx", "ui", "views", "app"}},
        {std::regex(R"re(#\s*include\s*[<"](sentencepiece|unicode/))re"), {"tokenize", "train"}},
        {std::regex(R"re(#\s*include\s*[<"](cairo|pango))re"), {"figure", "gfx"}},
    };
    for (const auto& file : lint::read_sources({"src"}, {".h", ".cpp"})) {
        for (const std::string& line : file.lines) {
            for (const Fence& fence : fences) {
                if (!std::regex_search(line, fence.include)) continue;
                CHECK_MESSAGE(fence.rooms.count(room_of(file.path)) == 1, file.path, ": ", line);
            }
        }
    }
}
