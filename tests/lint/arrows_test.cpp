// The arrows between rooms: CMake's DEPENDS says which room may include which; every #include and the table
// of docs/architecture.md are compared with it. And which libraries stay in which rooms.
#include <doctest/doctest.h>

#include <map>
#include <regex>
#include <set>

#include "lint/source_tree.h"

using namespace headlight;

namespace {

using Rooms = std::set<std::string>;

/// Words of `text` that look like rooms.
Rooms rooms_in(const std::string& text) {
    Rooms rooms;
    const std::regex word("[a-z_]+");
    for (auto it = std::sregex_iterator(text.begin(), text.end(), word); it != std::sregex_iterator(); ++it)
        rooms.insert(it->str());
    return rooms;
}

/// What src/<room>/CMakeLists.txt says after DEPENDS, for each folder of src/.
std::map<std::string, Rooms> arrows_of_build() {
    std::map<std::string, Rooms> arrows;
    const std::regex depends(R"([ (]DEPENDS([a-z_\s]+))");
    for (const auto& folder : std::filesystem::directory_iterator(test::source_dir() + "/src")) {
        if (!folder.is_directory()) continue;
        const std::string list = lint::read_all(folder.path() / "CMakeLists.txt");
        REQUIRE_MESSAGE(!list.empty(), folder.path().string(), " has no CMakeLists.txt");
        std::smatch match;
        Rooms& rooms = arrows[folder.path().filename().string()];
        if (std::regex_search(list, match, depends)) rooms = rooms_in(match[1]);
    }
    return arrows;
}

/// The table of docs/architecture.md: | `room/` | holds | may include |
std::map<std::string, Rooms> arrows_of_page() {
    std::map<std::string, Rooms> arrows;
    std::istringstream page(lint::read_all(test::source_dir() + "/docs/architecture.md"));
    const std::regex row(R"(^\| `([a-z_]+)/` \|.*\| ([a-z_, ]*|–) \|$)");
    std::smatch match;
    for (std::string line; std::getline(page, line);) {
        if (std::regex_match(line, match, row)) arrows[match[1]] = rooms_in(match[2]);
    }
    return arrows;
}

std::string room_of(const std::string& path) {  // "src/core/token.h" -> "core"
    const auto begin = path.find('/') + 1;
    return path.substr(begin, path.find('/', begin) - begin);
}

}  // namespace

TEST_CASE("arrows: a room includes only rooms that its CMakeLists.txt names") {
    const auto arrows = arrows_of_build();
    REQUIRE(arrows.size() >= 15);
    const std::regex include(R"re(^\s*#\s*include\s+"([a-z_]+)/)re");
    std::map<std::string, Rooms> used;
    for (const auto& file : lint::read_sources({"src"}, {".h", ".cpp"})) {
        const std::string room = room_of(file.path);
        INFO(file.path);
        for (const std::string& line : file.lines) {
            std::smatch match;
            if (!std::regex_search(line, match, include)) continue;
            const std::string target = match[1];
            if (target == room) continue;
            used[room].insert(target);
            CHECK_MESSAGE(arrows.at(room).count(target) == 1, room, "/ may not include ", target,
                          "/: ", line);
        }
    }
    for (const auto& [room, targets] : arrows) {
        for (const std::string& target : targets)
            CHECK_MESSAGE(used[room].count(target) == 1, room, "/ names ", target,
                          "/ but includes nothing of it");
    }
}

TEST_CASE("arrows: no room can be reached from itself") {
    const auto arrows = arrows_of_build();
    for (const auto& [room, targets] : arrows) {
        Rooms seen, open = targets;
        while (!open.empty()) {
            const std::string next = *open.begin();
            open.erase(open.begin());
            if (!seen.insert(next).second) continue;
            REQUIRE_MESSAGE(arrows.count(next) == 1, room, "/ names ", next, "/, which is no room");
            open.insert(arrows.at(next).begin(), arrows.at(next).end());
        }
        CHECK_MESSAGE(seen.count(room) == 0, room, "/ includes itself by way of others");
    }
}

TEST_CASE("arrows: the page says what the build says") {
    const auto build = arrows_of_build(), page = arrows_of_page();
    for (const auto& [room, targets] : build) {
        REQUIRE_MESSAGE(page.count(room) == 1, "docs/architecture.md has no row for ", room, "/");
        CHECK_MESSAGE(page.at(room) == targets, "docs/architecture.md: the row of ", room,
                      "/ differs from its DEPENDS");
    }
    CHECK(page.size() == build.size());
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
        {std::regex(R"re(#\s*include\s*[<"]sentencepiece)re"), {"tokenize", "train"}},
        {std::regex(R"re(#\s*include\s*[<"]unicode/)re"), {"tokenize", "analysis"}},
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
