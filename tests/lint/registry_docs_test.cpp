// What the pages promise is what the registries hold: each id stands there as `id`.
#include <doctest/doctest.h>

#include <set>
#include <sstream>

#include "lint/source_tree.h"

using namespace headlight;

namespace {

/// Ids in the second cell of the tables of a page: "| GPT-2 | `gpt2` | ...".
std::vector<std::string> ids_in_tables(const std::string& page) {
    std::istringstream lines(page);
    std::vector<std::string> ids;
    for (std::string line; std::getline(lines, line);) {
        const auto second = line.rfind('|', 0) == 0 ? line.find('|', 1) : std::string::npos;
        if (second == std::string::npos) continue;
        const auto begin = line.find('`', second), end = line.find('`', begin + 1),
                   third = line.find('|', second + 1);
        if (begin < third && end < third) ids.push_back(line.substr(begin + 1, end - begin - 1));
    }
    return ids;
}

}  // namespace

TEST_CASE("docs: README and reference name every registry entry") {
    const std::string readme = lint::read_all(test::source_dir() + "/README.md");
    const std::string opens = lint::read_all(test::source_dir() + "/docs/opens.md");
    const std::string reference = lint::read_all(test::source_dir() + "/docs/reference.md");
    const std::string figures = lint::read_all(test::source_dir() + "/docs/figures.md");
    struct Documented {
        const char* list;
        const std::string& page;
    };
    const Documented all[] = {{"src/family/families/families.def", opens},
                              {"src/io/formats/formats.def", opens},
                              {"src/io/dumps/dumps.def", opens},
                              {"src/tokenize/families/tokenizers.def", opens},
                              {"src/cli/subcommands/subcommands.def", readme},
                              {"src/analysis/metrics/metrics.def", reference},
                              {"src/analysis/detectors/detectors.def", reference},
                              {"src/session/commands/commands.def", reference},
                              {"src/publish/kinds/kinds.def", figures},
                              {"src/views/views.def", reference},
                              {"src/views/workspaces/workspaces.def", reference}};
    for (const Documented& entry : all) {
        const auto names = lint::read_registry(entry.list);
        REQUIRE_MESSAGE(!names.empty(), entry.list, " lists nothing");
        for (const std::string& name : names) {
            const bool is_named = entry.page.find("`" + name + "`") != std::string::npos;
            CHECK_MESSAGE(is_named, entry.list, " lists '", name, "', which the page does not name");
        }
    }
}

TEST_CASE("docs: the tables of what opens name nothing that the program does not have") {
    const std::string opens = lint::read_all(test::source_dir() + "/docs/opens.md");
    std::set<std::string> known;
    for (const char* list : {"src/family/families/families.def", "src/io/formats/formats.def",
                             "src/io/dumps/dumps.def", "src/tokenize/families/tokenizers.def"}) {
        for (const std::string& name : lint::read_registry(list))
            known.insert(name);
    }
    const auto ids = ids_in_tables(opens);
    REQUIRE(ids.size() >= 10);
    for (const std::string& id : ids)
        CHECK_MESSAGE(known.count(id) == 1, "docs/opens.md names `", id, "`, which no registry lists");
}
