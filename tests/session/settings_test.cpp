// Settings survive a start, and no file can break one.
#include <filesystem>
#include <fstream>
#include <sstream>

#include "session/session_fixture.h"
#include "session/settings_file.h"

using namespace headlight;
using namespace headlight::test;

namespace {

void write(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}
std::string read(const std::string& path) {
    std::ostringstream out;
    out << std::ifstream(path, std::ios::binary).rdbuf();
    return out.str();
}

Settings unusual_settings() {
    Settings settings;
    settings.theme = Theme::Light;
    settings.ui_scale = 1.5;
    settings.window_width = 1280;
    settings.window_height = 800;
    settings.recent = {"/models/\"quoted\"", "/models/\xC3\xA9"};
    settings.weight_scale = WeightScale::Log;
    settings.gamma = 0.35;
    settings.shows_numbers = false;
    settings.head_form = "lines";
    settings.line_share = 55;
    settings.qk_sort = "12";
    settings.qk_shown = "keys";
    settings.thumbnails = "lines";
    settings.grid_tint = "entropy";
    settings.grid_order = "max_weight";
    settings.metrics_scope = "model";
    settings.flow_mode = "rollout";
    settings.top_k_mode = "predicts";
    settings.strip_direction = "receives";
    settings.top_k = 9;
    settings.last_text = "line one\nline \"two\"\t\xD7\x90";
    return settings;
}

}  // namespace

TEST_CASE("settings: every field goes round trip") {
    const Settings settings = unusual_settings();
    const auto again = settings_from_json(settings_to_json(settings), "test");
    REQUIRE(again);
    CHECK(*again == settings);
    CHECK(*settings_from_json(settings_to_json(Settings()), "test") == Settings());
}

TEST_CASE("settings: unknown keys are ignored, impossible values keep their default") {
    const auto settings = settings_from_json(
        R"({"theme": "purple", "gamma": -3, "ui_scale": 1e9, "window_width": "wide", "window_height": 10000000000,
            "top_k": 2.5, "grid_tint": "no_such_metric", "flow_mode": 7, "recent": ["/a", 3, "/a", ""],
            "shows_numbers": 0, "from_the_future": {"a": [1]}, "metrics_scope": "layer"})",
        "test");
    REQUIRE(settings);
    Settings expected;
    expected.recent = {"/a"};
    expected.metrics_scope = "layer";
    CHECK(*settings == expected);
    CHECK_FALSE(settings_from_json("[1, 2]", "test"));
    CHECK_FALSE(settings_from_json("{\"theme\": ", "test"));
}

TEST_CASE("settings: invalid UTF-8 does not stop the file from being written") {
    Settings settings;
    settings.last_text =
        "a\xFF"
        "b";
    CHECK(settings_from_json(settings_to_json(settings), "test")->last_text ==
          "a\xEF\xBF\xBD"
          "b");
}

TEST_CASE("settings: a broken file is set aside under a free name") {
    const std::string path = fresh_dir("session_broken_settings") + "/settings.json";
    CHECK(load_settings(path).warning.empty());
    for (const char* aside : {".broken-1", ".broken-2"}) {
        write(path, "{ this is no JSON");
        const LoadedSettings loaded = load_settings(path);
        CHECK(loaded.settings == Settings());
        CHECK(loaded.warning.find(aside) != std::string::npos);
        CHECK_FALSE(std::filesystem::exists(path));
        CHECK(read(path + aside) == "{ this is no JSON");
    }
}

TEST_CASE("settings: what a session changes is there at the next start") {
    const std::string path = fresh_dir("session_settings") + "/deep/settings.json";
    const Settings wanted = unusual_settings();
    SessionOptions options;
    options.saves_settings = true;
    options.settings_path = path;
    {
        Session session(options);
        Settings first;
        first.invites_to_lessons = true;  // a first start
        CHECK(session.snapshot().settings == first);
        session.update_settings([&](Settings& settings) { settings.gamma = 2; });
        session.update_settings([&](Settings& settings) { settings = wanted; });
    }
    Session session(options);
    CHECK(session.snapshot().settings == wanted);
    CHECK(session.snapshot().typed_text == wanted.last_text);
    CHECK(session.take_notices().empty());
}

TEST_CASE("settings: a session starts on a broken file and says so; without leave it writes nothing") {
    const std::string path = fresh_dir("session_settings_notice") + "/settings.json";
    write(path, "{}}");
    SessionOptions options;
    options.settings_path = path;
    {
        Session session(options);
        const auto notices = session.take_notices();
        REQUIRE(notices.size() == 1);
        CHECK(notices[0].level == Notice::Level::Warning);
        CHECK_FALSE(notices[0].details.empty());
        session.update_settings([](Settings& settings) { settings.gamma = 2; });
    }
    CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("settings: a folder that cannot be written is told once") {
    const std::string folder = fresh_dir("session_settings_unwritable");
    write(folder + "/file", "a file where the folder should be");
    int num_errors = 0;
    {
        SettingsWriter writer(folder + "/file/settings.json", [&](const Error&) { ++num_errors; });
        writer.schedule(Settings());
    }
    CHECK(num_errors == 1);
}
