// Figures from the window: files with their recipes, the dialog's preview, and what is missing.
#include "session/tasks/figures/figure_export.h"

#include <filesystem>

#include "base/mapped_file.h"
#include "publish/recipe/recipe.h"
#include "session/recording_shell.h"
#include "session/session_fixture.h"
#include "session/tasks/figures/window_figures.h"

using namespace headlight;
using namespace headlight::test;

namespace {

Status run(SessionFixture& f, RecordingShell& shell, const std::string& line) {
    CommandContext context{f.session, shell};
    const auto call = parse_command(line);
    REQUIRE(call);
    REQUIRE(*call);
    return run_command(context, **call);
}

}  // namespace

TEST_CASE("figure export: a file for each command, with the window's choice in its recipe") {
    SessionFixture f;
    RecordingShell shell;
    f.open();
    f.session.set_text("1 2 3 4");
    REQUIRE(f.settle());
    f.session.select({1, 2});
    f.session.set_query(2);
    const std::string folder = fresh_dir("figure_export");
    REQUIRE(run(f, shell, "export_figure heatmap \"" + folder + "/head.svg\" --column 1"));
    REQUIRE(run(f, shell, "export_figure topk \"" + folder + "/top.pdf\" --no-recipe --tex"));
    REQUIRE(run(f, shell,
                "export_figure heatmap+flow \"" + folder +
                    "/two.png\" --layer 0 --head 0 --panel \"lines --head 1\""));
    CHECK(f.now().part<FigureExportState>().num_waiting == 3);
    REQUIRE(f.settle());
    CHECK(f.now().part<FigureExportState>().num_waiting == 0);
    CHECK(f.now().part<FigureExportState>().error.empty());
    CHECK(f.now().part<FigureExportState>().written == folder + "/two.png");
    const auto recipe = read_recipe(folder + "/head.svg");
    REQUIRE(recipe);
    CHECK(recipe->model.name == "fake");
    CHECK(recipe->ids == std::vector<std::int32_t>{1, 2, 3, 4});
    FigureRequest request;
    REQUIRE(set_words(request, recipe->options));
    CHECK(request.layer == 1);
    CHECK(request.head == 2);
    CHECK(request.column == "1");
    CHECK_FALSE(read_recipe(folder + "/top.pdf"));
    CHECK(read_text_file(folder + "/top.tex")->find("top.pdf") != std::string::npos);
    const auto panels = read_recipe(folder + "/two.png");
    REQUIRE(panels);
    REQUIRE(panels->panels.size() == 3);
    CHECK(panels->panels[2].options == FieldWords{{"head", "1"}});
    const auto notices = f.session.take_notices();
    CHECK(std::count_if(notices.begin(), notices.end(),
                        [](const Notice& notice) { return notice.text.starts_with("Figure: "); }) == 3);
}

TEST_CASE("figure export: what is wrong or missing is said at once") {
    SessionFixture f;
    RecordingShell shell;
    CHECK_FALSE(run(f, shell, "export_figure heatmap /nowhere.pdf"));  // no model
    f.open();
    f.session.set_text("1 2 3");
    REQUIRE(f.settle());
    CHECK_FALSE(run(f, shell, "export_figure hologram /nowhere.pdf"));
    CHECK_FALSE(run(f, shell, "export_figure heatmap /nowhere.pdf --layr 1"));
    CHECK_FALSE(run(f, shell, "export_figure flow /nowhere.pdf --answer x"));
    const auto asked = run(f, shell, "export_figure attribution /nowhere.pdf");
    REQUIRE_FALSE(asked);
    CHECK(asked.error().message.find("question") != std::string::npos);
    CHECK_FALSE(run(f, shell, "export_figure training /nowhere.pdf"));
    for (const char* wrong :
         {"/nowhere.xyz", "/nowhere", "/nowhere.pdf --column 3", "/nowhere.pdf --colours sepia"})
        CHECK_FALSE(run(f, shell, std::string("export_figure heatmap ") + wrong));
    // A folder that cannot be made is known when the file is written.
    REQUIRE(run(f, shell, "export_figure heatmap /proc/none/nowhere.pdf"));
    REQUIRE(f.settle());
    CHECK_FALSE(f.now().part<FigureExportState>().error.empty());
}

TEST_CASE("figure export: another model drops what waits, with a word") {
    SessionFixture f;
    RecordingShell shell;
    f.open();
    f.session.set_text("1 2 3");
    REQUIRE(f.settle());
    const std::string folder = fresh_dir("figure_dropped");
    f.world->open_gate.close();
    f.session.open("no_such_folder/other");
    REQUIRE(run(f, shell, "export_figure heatmap \"" + folder + "/head.svg\""));
    f.world->open_gate.open();
    REQUIRE(f.settle());
    CHECK(f.now().part<FigureExportState>().num_waiting == 0);
}

TEST_CASE("figure dialog: a preview at print size follows every choice") {
    SessionFixture f;
    RecordingShell shell;
    f.open();
    f.session.set_text("1 2 3 4");
    REQUIRE(f.settle());
    REQUIRE(run(f, shell, "export_figure_dialog"));
    const auto& state = [&]() -> const FigurePreviewState& { return f.now().part<FigurePreviewState>(); };
    CHECK(state().is_open);
    CHECK(state().choice.kind == "heatmap");
    REQUIRE(f.settle());
    REQUIRE(state().task.look().is_ready());
    const int natural = state().task.value()->picture.width;
    CHECK(natural > 100);
    FigureChoice choice = state().choice;
    choice.options = {{"column", "1"}};
    choice.pixels_per_inch = 100;
    REQUIRE(choose_figure(f.session, choice));
    CHECK(state().task.is_running());
    REQUIRE(f.settle());
    // 85 mm at 100 pixels an inch.
    CHECK(state().task.value()->picture.width == doctest::Approx(85 / 25.4 * 100).epsilon(0.01));
    choice.options = {{"layer", "7"}};
    REQUIRE(choose_figure(f.session, choice));
    REQUIRE(f.settle());
    CHECK(state().task.look().state == Derived<FigurePreview>::State::Failed);
    choice.options = {{"layer", "x"}};
    CHECK_FALSE(choose_figure(f.session, choice));
    choice = {"attribution", {}, 96};
    REQUIRE(choose_figure(f.session, choice));
    CHECK_FALSE(state().missing.empty());
    choice = {"flow", {{"column", "2"}}, 96};
    REQUIRE(choose_figure(f.session, choice));
    CHECK(state().missing.empty());
    const std::string path = fresh_dir("figure_dialog") + "/flow.pdf";
    REQUIRE(run(f, shell, "export_figure flow \"" + path + "\" --column=2"));
    REQUIRE(f.settle());
    CHECK(std::filesystem::exists(path));
    const auto line = chosen_figure_line(f.session, {path, true, false});
    REQUIRE(line);
    CHECK(line->starts_with("headlight figure flow "));
    CHECK(line->find("--column 2") != std::string::npos);
    CHECK(line->find("--output") != std::string::npos);
    close_figure_dialog(f.session);
    CHECK_FALSE(state().is_open);
}

TEST_CASE("figure dialog: the command line of the window is read as the same page") {
    SessionFixture f;
    f.open();
    f.session.set_text("1 2 3 4");
    REQUIRE(f.settle());
    f.session.select({1, 1});
    for (const FigureKindDescriptor* const kind : figure_kinds()) {
        CAPTURE(kind->id);
        const auto page = window_page(f.now(), kind->id, {{"column", "1"}});
        REQUIRE(page);
        const auto words = split_shell_words(figure_command_line(*page, "a b.pdf", {"a b.pdf", true, false}));
        REQUIRE(words);
        REQUIRE(words->size() >= 5);
        CHECK((*words)[2] == kind->id);
        std::vector<std::string> options(words->begin() + 3, words->end());
        const auto output = std::find(options.begin(), options.end(), "--output");
        REQUIRE(output != options.end());
        CHECK(*(output + 1) == "a b.pdf");
        options.erase(output, output + 2);
        const auto parsed = parse_options(options);
        REQUIRE(parsed);
        CHECK(*parsed == words_of(page->shared));
        CHECK(make_page(kind->id, *parsed, {}));
    }
}
