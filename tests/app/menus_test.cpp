// Shortcuts, palette and words of the top bar.
#include <doctest/doctest.h>

#include <set>
#include <string>

#include "app/menus.h"
#include "app/shortcuts.h"
#include "app/window_words.h"
#include "views/sample_text.h"

using namespace headlight;
using namespace headlight::test;

TEST_CASE("shortcuts: names of keys") {
    CHECK(parse_shortcut("Ctrl+P") == Shortcut{'P', true, false, false});
    CHECK(parse_shortcut("Ctrl+Shift+Z") == Shortcut{'Z', true, true, false});
    CHECK(parse_shortcut("F1") == Shortcut{290, false, false, false});
    CHECK(parse_shortcut("Escape") == Shortcut{256, false, false, false});
    CHECK(parse_shortcut("f") == Shortcut{'F', false, false, false});
    CHECK_FALSE(parse_shortcut("Right").has_value());
    CHECK_FALSE(parse_shortcut("").has_value());
    CHECK_FALSE(parse_shortcut("Hyper+P").has_value());
}

TEST_CASE("shortcuts: no key belongs to two commands") {
    std::set<std::string> seen;
    for (const CommandDescriptor* command : commands()) {
        if (*command->shortcut)
            CHECK_MESSAGE(seen.insert(command->shortcut).second, command->id, " shares ", command->shortcut);
    }
}

TEST_CASE("palette: a chosen command runs, waits for words, or is typed whole") {
    CHECK(palette_entries().size() == commands().size());
    PaletteChoice choice = resolve_palette("theme", "the");
    REQUIRE(choice.call.has_value());
    CHECK(choice.call->id == "theme");
    CHECK(choice.call->arguments.empty());
    choice = resolve_palette("select", "sel");
    CHECK_FALSE(choice.call.has_value());
    CHECK(choice.reopen_with == "select ");
    choice = resolve_palette("", "select 3 4");
    REQUIRE(choice.call.has_value());
    CHECK(choice.call->arguments == std::vector<std::string>{"3", "4"});
    choice = resolve_palette("theme", "theme light");
    REQUIRE(choice.call.has_value());
    CHECK(choice.call->arguments == std::vector<std::string>{"light"});
    CHECK_FALSE(resolve_palette("", "no_such_command").error.empty());
}

TEST_CASE("top bar: what is open and how it was run") {
    Snapshot snapshot = sample_snapshot({4, 6, 20, 2});
    CHECK(model_words(snapshot) == " · 4 layers × 6 heads (2 kv)");
    auto text = std::make_shared<AnalyzedText>(*snapshot.text);
    text->run_ms = 148;
    text->num_reused = 19;
    snapshot.text = text;
    CHECK(run_words(snapshot) == "20 tokens · 148 ms · 19 reused");
    CHECK(run_words(Snapshot{}).empty());
    CHECK(model_words(Snapshot{}).empty());
    CHECK(window_title(Snapshot{}) == "Headlight");
    Snapshot titled = snapshot;
    titled.typed_text = "one line\nanother";
    CHECK(window_title(titled) == "sample · one line – Headlight");
}
