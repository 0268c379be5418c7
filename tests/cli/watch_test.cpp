// `headlight watch`: finds a series, measures each checkpoint once, in order, and goes on where it left off.
#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>

#include "cli/run_headlight.h"

using namespace headlight;
using test::has;
using test::run_headlight;

namespace fs = std::filesystem;

namespace {

/// A checkpoint under another name, written long enough ago to count as finished.
void put_checkpoint(const std::string& from, const std::string& to) {
    fs::create_directories(to);
    const auto then = fs::file_time_type::clock::now() - std::chrono::minutes(10);
    for (const auto& entry : fs::directory_iterator(from)) {
        const fs::path target = fs::path(to) / entry.path().filename();
        fs::copy_file(entry.path(), target);
        fs::last_write_time(target, then);
    }
    fs::last_write_time(to, then);
}

std::vector<nlohmann::json> rows_of(const std::string& folder) {
    std::vector<nlohmann::json> rows;
    std::istringstream lines(test::read_file(folder + "/metrics.jsonl"));
    for (std::string line; std::getline(lines, line);)
        rows.push_back(test::parse(line));
    return rows;
}

std::string model() {
    return test::own_fixture("gpt2");
}

}  // namespace

TEST_CASE("watch: a series is measured once, by step, and gone on with") {
    HEADLIGHT_NEEDS(test::engine_path());
    const std::string folder = test::fresh_dir("watch_series");
    for (const char* name : {"step_100", "step_20", "checkpoint-3"})
        put_checkpoint(model(), folder + "/" + name);
    fs::create_directories(folder + "/notes");
    const auto first = run_headlight("watch --once --ids 1,2,3,4,5,6 " + test::quoted(folder));
    REQUIRE_MESSAGE(first.code == 0, first.err);
    auto rows = rows_of(folder + "/headlight");
    REQUIRE(rows.size() == 3);
    CHECK(rows[0]["step"] == 3);
    CHECK(rows[1]["step"] == 20);
    CHECK(rows[2]["step"] == 100);
    CHECK(rows[0]["point"] == "SNAPSHOT");
    for (const char* name :
         {"sv_concentration", "effective_rank", "top5_explained_var", "attn_entropy", "attn_entropy/0",
          "attn_variance", "attn_variance/1", "sink_share", "previous_score", "text_loss"}) {
        CHECK_MESSAGE(rows[0].contains(name), name);
        CHECK_MESSAGE(rows[0][name] == rows[2][name], name);  // the same weights
    }
    CHECK(has(first.out, "step 20: "));
    CHECK(has(test::read_file(folder + "/headlight/metrics.svg"), "attn_entropy"));
    CHECK(has(test::read_file(folder + "/headlight/metrics.csv"), "step,epoch,point,attn_entropy"));

    put_checkpoint(model(), folder + "/step_200");
    const auto second = run_headlight("watch --once --ids 1,2,3,4,5,6 " + test::quoted(folder));
    REQUIRE_MESSAGE(second.code == 0, second.err);
    CHECK_FALSE(has(second.out, "step 100"));
    CHECK(has(second.out, "step 200: "));
    CHECK(rows_of(folder + "/headlight").size() == 4);
}

TEST_CASE("watch: its numbers are those of analyze on the same checkpoint") {
    HEADLIGHT_NEEDS(test::engine_path());
    const std::string folder = test::fresh_dir("watch_values"), out = folder + "/analysis";
    put_checkpoint(model(), folder + "/5");
    REQUIRE(run_headlight("watch --once --ids 1,2,3,4,5,6,7 " + test::quoted(folder)).code == 0);
    const auto row = rows_of(folder + "/headlight").at(0);
    const auto analyzed =
        run_headlight("analyze --no-plots --ids 1,2,3,4,5,6,7 --json - --model " + test::quoted(model()));
    REQUIRE_MESSAGE(analyzed.code == 0, analyzed.err);
    const auto json = test::parse(analyzed.out);
    REQUIRE(json.contains("metrics"));
    for (const auto& [name, value] : json["metrics"].items()) {
        REQUIRE_MESSAGE(row.contains(name), name);
        CHECK_MESSAGE(row[name].get<double>() == doctest::Approx(value.get<double>()).epsilon(1e-6), name);
    }
}

TEST_CASE("watch: only the metrics asked for") {
    HEADLIGHT_NEEDS(test::engine_path());
    const std::string folder = test::fresh_dir("watch_metrics"), log = folder + "/log";
    put_checkpoint(model(), folder + "/global_step7");
    const std::string base =
        "watch --once --ids 1,2,3 --output-dir " + test::quoted(log) + " " + test::quoted(folder);
    REQUIRE(run_headlight(base + " --metrics attn_entropy").code == 0);
    const auto row = rows_of(log).at(0);
    CHECK(row["step"] == 7);
    CHECK(row.contains("attn_entropy/1"));
    CHECK_FALSE(row.contains("attn_variance"));
    const auto wrong = run_headlight("watch --once --ids 1,2,3 --metrics nonsense " + test::quoted(folder));
    CHECK(wrong.code == 2);
    CHECK(has(wrong.err, "attn_entropy"));
}

TEST_CASE("watch: a checkpoint that does not open is left out and named, the others are measured") {
    HEADLIGHT_NEEDS(test::engine_path());
    const std::string folder = test::fresh_dir("watch_torn");
    for (const char* name : {"step_1", "step_2"})
        put_checkpoint(model(), folder + "/" + name);
    const auto then = fs::file_time_type::clock::now() - std::chrono::minutes(10);
    fs::resize_file(folder + "/step_1/model.safetensors", 1000);
    fs::last_write_time(folder + "/step_1/model.safetensors", then);
    const auto outcome = run_headlight("watch --once --ids 1,2,3 " + test::quoted(folder));
    CHECK(outcome.code == 0);
    CHECK(has(outcome.err, "step 1 cannot be measured"));
    CHECK(has(outcome.err, "1 checkpoint measured, 1 left out"));
    REQUIRE(rows_of(folder + "/headlight").size() == 1);
    CHECK(rows_of(folder + "/headlight")[0]["step"] == 2);
}

TEST_CASE(
    "watch: steps come from inside the files and from words in names, and two files of one step are both "
    "kept") {
    HEADLIGHT_NEEDS(test::engine_path());
    const std::string folder = test::fresh_dir("watch_names");
    // One set of weights under many names; the config lies beside them.
    const auto then = fs::file_time_type::clock::now() - std::chrono::minutes(10);
    for (const char* name :
         {"epoch=2-step=120.safetensors", "last-step=120.safetensors", "epoch=0-val_loss=0.91-v1.safetensors",
          "model-3f2a9c11.safetensors", "best-val_acc=97.safetensors", "2024-05-01.safetensors"}) {
        fs::copy_file(model() + "/model.safetensors", folder + "/" + name);
        fs::last_write_time(folder + "/" + name, then);
    }
    fs::copy_file(model() + "/config.json", folder + "/config.json");
    const std::string command = "watch --once --ids 1,2,3 --metrics attn_entropy " + test::quoted(folder);
    const auto outcome = run_headlight(command);
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    const auto rows = rows_of(folder + "/headlight");
    REQUIRE(rows.size() == 3);
    CHECK(rows[0]["step"] == 0);
    CHECK(rows[0]["epoch"] == 0);
    CHECK(rows[0]["point"] == "POST_EPOCH");
    // Of one step: the one without an epoch first.
    CHECK(rows[1]["step"] == 120);
    CHECK(rows[1]["checkpoint"] == "last-step=120.safetensors");
    CHECK(rows[2]["step"] == 120);
    CHECK(rows[2]["epoch"] == 2);
    CHECK(rows[2]["checkpoint"] == "epoch=2-step=120.safetensors");
    CHECK(has(outcome.out, "step 120 (last-step=120.safetensors): "));
    CHECK(has(outcome.out, "step 120 (epoch=2-step=120.safetensors): "));
    for (const char* left : {"model-3f2a9c11", "best-val_acc=97", "2024-05-01"})
        CHECK_MESSAGE(has(outcome.err, left), left);
    // Nothing is measured twice.
    const auto again = run_headlight(command);
    CHECK(has(again.err, "0 checkpoints measured"));
    CHECK(rows_of(folder + "/headlight").size() == 3);
}

TEST_CASE("watch: a text is read with the tokenizer of the series, and never replaced by random ids") {
    HEADLIGHT_NEEDS(test::engine_path());
    const std::string folder = test::fresh_dir("watch_tokenizer"), demo = test::source_dir() + "/assets/demo";
    put_checkpoint(demo, folder + "/step_1");
    for (const char* name : {"tokenizer.json", "tokenizer.model", "tokenizer_config.json"})
        fs::remove(folder + "/step_1/" + name);
    const std::string command =
        "watch --once --text 'The cat sat' --metrics text_loss " + test::quoted(folder);
    const auto without = run_headlight(command);
    CHECK(without.code == 2);
    CHECK(has(without.err, "--tokenizer"));
    // Beside the checkpoints, or in the one folder below that has one.
    fs::create_directories(folder + "/tok");
    for (const auto& entry : fs::directory_iterator(demo)) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with("tokenizer")) fs::copy_file(entry.path(), folder + "/tok/" + name);
    }
    const auto outcome = run_headlight(command);
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    CHECK(has(outcome.err, folder + "/tok/"));
    const auto own = run_headlight("ablate --mode zero --heads 0.0 --text 'The cat sat' --json - --model " +
                                   test::quoted(demo));
    REQUIRE_MESSAGE(own.code == 0, own.err);
    CHECK(rows_of(folder + "/headlight").at(0)["text_loss"].get<double>() ==
          doctest::Approx(test::parse(own.out)["effects"][0]["base_loss"].get<double>()).epsilon(1e-5));
    // A weights file of the series stands for its folder.
    const auto by_file =
        run_headlight("watch --once --ids 1,2 " + test::quoted(folder + "/step_1/model.safetensors"));
    CHECK(by_file.code == 0);
}
