// `headlight train`: its tasks from the command line. The trainer itself is tested in tests/train.
#include <doctest/doctest.h>

#include <filesystem>

#include "cli/run_headlight.h"

using namespace headlight;
using test::has;
using test::run_headlight;

TEST_CASE("train: addition from the command line makes a folder that opens, and a picture") {
    HEADLIGHT_NEEDS(test::engine_path());
    const std::string folder = test::fresh_dir("cli_train_addition");
    const auto outcome = run_headlight(
        "train --task addition --modulus 11 --embedding-dimension 32 --intermediate-size 64 "
        "--steps 20 --observe-every 10 --keep-checkpoints --checkpoint-every 10 --threads 1 "
        "--output-dir " +
        test::quoted(folder));
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    CHECK(has(outcome.err, "test_accuracy"));
    const auto config = test::parse(test::read_file(folder + "/config.json"));
    CHECK(config["model_type"] == "headlight");
    CHECK(config["num_layers"] == 1);  // what the task stands for
    CHECK(config["num_heads"] == 4);
    CHECK(config["hidden_size"] == 32);
    CHECK(has(test::read_file(folder + "/training/metrics.svg"), "test_accuracy"));
    for (const char* name : {"step_0", "step_10", "step_20"})
        CHECK(std::filesystem::exists(folder + "/checkpoints/" + name + "/config.json"));
    const auto analyzed =
        run_headlight("analyze --no-plots --text '3A=' --json - --model " + test::quoted(folder));
    REQUIRE_MESSAGE(analyzed.code == 0, analyzed.err);
    CHECK(has(analyzed.out, "\"attn_entropy\""));
}

TEST_CASE("train: tasks and corpora that do not go together are refused") {
    const std::string folder = test::fresh_dir("cli_train_wrong");
    for (const std::string& arguments :
         {"train --output-dir " + folder, "train --task sums --output-dir " + folder,
          "train --task addition --modulus 1 --output-dir " + folder,
          "train --tokenizer words --output-dir " + folder}) {
        const auto outcome = run_headlight(arguments);
        CHECK_MESSAGE(outcome.code == 2, arguments, ": ", outcome.err);
        CHECK(outcome.err.rfind("error: ", 0) == 0);
    }
}
