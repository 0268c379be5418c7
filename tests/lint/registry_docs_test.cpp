// What the README promises is what the registries hold: each id stands there as `id`.
#include <doctest/doctest.h>

#include "lint/source_tree.h"

using namespace headlight;

TEST_CASE("docs: README and reference name every registry entry") {
    const std::string readme = lint::read_all(test::source_dir() + "/README.md");
    const std::string reference = lint::read_all(test::source_dir() + "/docs/reference.md");
    struct Documented {
        const char* list;
        const std::string& page;
    };
    const Documented all[] = {{"src/model/families/families.def", readme},
                              {"src/io/formats/formats.def", readme},
                              {"src/tokenize/families/tokenizers.def", readme},
                              {"src/cli/subcommands/subcommands.def", readme},
                              {"src/analysis/metrics/metrics.def", reference},
                              {"src/analysis/detectors/detectors.def", reference},
                              {"src/session/commands/commands.def", reference},
                              {"src/views/views.def", reference}};
    for (const Documented& entry : all) {
        const auto names = lint::read_registry(entry.list);
        REQUIRE_MESSAGE(!names.empty(), entry.list, " lists nothing");
        for (const std::string& name : names) {
            const bool is_named = entry.page.find("`" + name + "`") != std::string::npos;
            CHECK_MESSAGE(is_named, entry.list, " lists '", name, "', which the page does not name");
        }
    }
}
