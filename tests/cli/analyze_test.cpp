// The whole job of `analyze`, on random weights (which need no file) and on the bundled demo.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <regex>
#include <set>

#include "cli/run_headlight.h"

using namespace headlight;
using test::has;
using test::run_headlight;

namespace {

std::set<std::string> names_in(const std::string& folder) {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        names.insert(entry.path().filename().string());
    return names;
}

}  // namespace

TEST_CASE("analyze: text lines as promised, k per token") {
    HEADLIGHT_NEEDS(test::engine_path());
    const auto outcome =
        run_headlight(std::string("analyze --no-plots --top-k 2 --ids 3,1,4,1,5") + test::tiny_random());
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    CHECK(has(outcome.err, "Random weights"));
    std::istringstream lines(outcome.out);
    std::string text;
    const std::regex layer("Layer [0-9]+:"), token("  '.+' attends most to:"),
        key("    [12]\\. '.+' \\(weight: [01]\\.[0-9]{3}\\)");
    int num_layers = 0, num_tokens = 0, num_keys = 0;
    while (std::getline(lines, text)) {
        num_layers += std::regex_match(text, layer);
        num_tokens += std::regex_match(text, token);
        num_keys += std::regex_match(text, key);
    }
    CHECK(num_layers == 3);
    CHECK(num_tokens == 3 * 5);
    CHECK(num_keys == 3 * (1 + 2 + 2 + 2 + 2));  // the first token has one key only
}

TEST_CASE("analyze: pictures have the promised names, and only those that were asked for") {
    HEADLIGHT_NEEDS(test::engine_path());
    const std::string folder = test::fresh_dir("cli_pictures");
    const std::string common = std::string("analyze --ids 3,1,4,1,5,9") + test::tiny_random() +
                               "--output-dir " + test::quoted(folder);
    REQUIRE(run_headlight(common).code == 0);
    CHECK(names_in(folder) == std::set<std::string>{"layer_0_head_0.png", "layer_0_head_1.png",
                                                    "layer_0_all_heads.png", "layer_1_head_0.png",
                                                    "layer_1_head_1.png", "layer_1_all_heads.png",
                                                    "layer_2_head_0.png", "layer_2_head_1.png",
                                                    "layer_2_all_heads.png", "attention_flow.png"});
    const std::string first = test::read_file(folder + "/layer_1_head_1.png");
    CHECK(first.substr(1, 3) == "PNG");
    REQUIRE(run_headlight(common).code == 0);
    CHECK(test::read_file(folder + "/layer_1_head_1.png") == first);
    const std::string one = test::fresh_dir("cli_one_picture");
    REQUIRE(run_headlight(std::string("analyze --layer 1 --head 0 --format svg --ids 3,1,4") +
                          test::tiny_random() + "--output-dir " + test::quoted(one))
                .code == 0);
    CHECK(names_in(one) == std::set<std::string>{"layer_1_head_0.svg", "attention_flow.svg"});
    const std::string few = test::fresh_dir("cli_max_heads");
    REQUIRE(run_headlight(std::string("analyze --layer 2 --max-heads 1 --format pdf --ids 3,1,4") +
                          test::tiny_random() + "--output-dir " + test::quoted(few))
                .code == 0);
    CHECK(names_in(few) ==
          std::set<std::string>{"layer_2_head_0.pdf", "layer_2_all_heads.pdf", "attention_flow.pdf"});
}

TEST_CASE("analyze --json: the promised shape, and numbers that agree with each other") {
    HEADLIGHT_NEEDS(test::engine_path());
    const auto outcome = run_headlight(
        std::string("analyze --no-plots --json - --top-k 8 --ids 3,1,4,1,5,9,2,6") + test::tiny_random());
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    const auto json = test::parse(outcome.out);
    CHECK(json["model"]["layers"] == 3);
    CHECK(json["model"]["heads"] == 2);
    CHECK(json["model"]["head_dim"] == 16);
    REQUIRE(json["tokens"].size() == 8);
    for (const char* key : {"id", "piece", "begin", "end", "special"})
        CHECK(json["tokens"][0].contains(key));
    for (const char* name : {"sv_concentration", "effective_rank", "top5_explained_var", "attn_entropy",
                             "attn_entropy/2", "attn_variance", "attn_variance/0"}) {
        CHECK_MESSAGE(json["metrics"][name].is_number(), name);
    }
    REQUIRE(json["heads"].size() == 6);
    double entropy = 0;
    for (const auto& head : json["heads"]) {
        REQUIRE(head["top_keys"].size() == 8);
        for (std::size_t query = 0; query < 8; ++query) {
            const auto& keys = head["top_keys"][query];
            REQUIRE(keys.size() == query + 1);  // k is larger than any row: all admissible keys
            double sum = 0;
            for (const auto& key : keys) {
                CHECK(key["key"].get<std::size_t>() <= query);
                sum += key["weight"].get<double>();
            }
            CHECK(sum == doctest::Approx(1).epsilon(1e-5));
            for (const auto& key : keys)
                entropy -=
                    key["weight"].get<double>() * std::log(std::max(1e-300, key["weight"].get<double>()));
        }
        CHECK(head["metrics"].contains("qk_effective_rank"));
        for (const auto& tag : head["tags"])
            CHECK(tag["tagged"].is_boolean());
    }
    // The document's entropy is the mean over all rows of all heads: computed here from the weights that were
    // written.
    CHECK(json["metrics"]["attn_entropy"].get<double>() == doctest::Approx(entropy / (6 * 8)).epsilon(1e-4));
    REQUIRE(json["flow"].size() == 3);
    const auto& flow = json["flow"][0];
    CHECK(flow["self"].get<double>() + flow["previous"].get<double>() + flow["first"].get<double>() +
              flow["other"].get<double>() ==
          doctest::Approx(1).epsilon(1e-5));
    REQUIRE(json["predictions"].size() == 8);
    CHECK(json["predictions"][7]["query"] == 7);
    CHECK(json["predictions"][7]["top"].size() == 8);
}

TEST_CASE("analyze: Ctrl-C stops with code 1 and leaves whole files only") {
    HEADLIGHT_NEEDS(test::engine_path());
    const std::string folder = test::fresh_dir("cli_interrupt");
    // Enough pictures for a minute of drawing; the signal comes as soon as the first one is there.
    const std::string ids = [] {
        std::string list = "1";
        for (int i = 2; i < 120; ++i)
            list += "," + std::to_string(i);
        return list;
    }();
    const std::string command = test::quoted(test::binary_path()) +
                                " analyze --scale 4 --number-of-layers 40 --number-of-heads 16 --ids " + ids +
                                " --output-dir " + test::quoted(folder) + " >" +
                                test::quoted(folder + ".out") + " 2>" + test::quoted(folder + ".err") +
                                " & child=$!; while [ -z \"$(ls " + test::quoted(folder) +
                                ")\" ] && kill -0 $child; do :; done; kill -INT $child; wait $child";
    // In the background of a shell that is not interactive SIGINT is ignored unless the program asks for it.
    const int status = std::system(("bash -c " + test::quoted(command)).c_str());
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 1);
    CHECK(has(test::read_file(folder + ".err"), "error: stopped"));
    for (const std::string& name : names_in(folder)) {
        CHECK_MESSAGE(name.ends_with(".png"), name);
        const std::string bytes = test::read_file(folder + "/" + name);
        REQUIRE(bytes.size() > 12);
        CHECK_MESSAGE(bytes.substr(bytes.size() - 8, 4) == "IEND", name);
    }
    CHECK_FALSE(std::filesystem::exists(folder + "/attention_flow.png"));
}

TEST_CASE("analyze: the same seed gives the same numbers, another seed others") {
    HEADLIGHT_NEEDS(test::engine_path());
    const auto weights = [](const std::string& seed) {
        const auto outcome = run_headlight(
            "analyze --no-plots --json - --text 'a cat' --embedding-dimension 32 --seed " + seed);
        REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
        return test::parse(outcome.out)["heads"].dump();
    };
    CHECK(weights("1") == weights("1"));
    CHECK(weights("1") != weights("2"));
}

TEST_CASE("analyze: impossible requests are refused by name") {
    HEADLIGHT_NEEDS(test::engine_path());
    const std::string base = std::string("analyze --no-plots") + test::tiny_random();
    const auto check = [&](const std::string& more, const std::string& word) {
        const auto outcome = run_headlight(base + more);
        CHECK_MESSAGE(outcome.code == 2, more, ": ", outcome.err);
        CHECK_MESSAGE(has(outcome.err, word), more, ": ", outcome.err);
        CHECK(outcome.out.empty());
    };
    check("--ids 1,2 --layer 3", "layer 3");
    check("--ids 1,2 --head 2", "head 2");
    check("--ids 1,2 --layer -1", "layer -1");
    check("--ids 1,999999", "999999");
    check("", "--text");
    check("--ids 1 --model somewhere", "--model");
}

TEST_CASE("analyze: the bundled demo is the default") {
    HEADLIGHT_NEEDS(test::engine_path());
    HEADLIGHT_NEEDS(test::demo_path() + "/config.json");
    const auto outcome = run_headlight("analyze --no-plots --text 'The cat sat on the mat. It was fluffy.'");
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    CHECK(has(outcome.err, "bundled demo"));
    CHECK(has(outcome.out, "Layer 0:"));
    CHECK(has(outcome.out, "attends most to:"));
    CHECK(has(outcome.out, "Next token after"));
}

TEST_CASE("analyze --dump: attention of the reference, through the binary") {
    HEADLIGHT_NEEDS(test::engine_path());
    const std::string model = test::shared_fixture("models/llama");
    HEADLIGHT_NEEDS(model + "/reference.safetensors");
    const std::string dump = test::fresh_dir("cli_dump") + "/dump.safetensors";
    const auto cases = test::parse(test::read_file(model + "/cases.json"));
    const auto outcome =
        run_headlight("analyze --no-plots --model " + test::quoted(model) + " --text " +
                      test::quoted(cases["texts"][0].get<std::string>()) + " --dump " + test::quoted(dump));
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    const auto described = run_headlight("inspect --json " + test::quoted(dump));
    REQUIRE_MESSAGE(described.code == 0, described.err);
    CHECK(test::parse(described.out)["format"] == "attention_dump");
    CHECK(test::parse(described.out)["tokens"] == cases["ids"][0].size());
}

TEST_CASE("analyze --by: attention between words and sentences, in text, JSON and dump") {
    HEADLIGHT_NEEDS(test::engine_path());
    HEADLIGHT_NEEDS(test::demo_path() + "/config.json");
    const std::string dump = test::fresh_dir("by_word") + "/dump.safetensors";
    const std::string command = "analyze --model " + test::quoted(test::demo_path()) +
                                " --text 'She was unhappily married. He slept.' --no-plots ";
    const auto outcome = test::run_headlight(command + "--by word --json - --dump " + test::quoted(dump));
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    const auto json = test::parse(outcome.out);
    const auto& units = json["units"];
    CHECK(units["by"] == "word");
    CHECK(units["units"].size() < json["tokens"].size());
    REQUIRE(units["heads"].size() == 24);
    for (const auto& row : units["heads"][3]["weights"]) {
        double sum = 0;
        for (const auto& weight : row)
            sum += weight.get<double>();
        CHECK(sum == doctest::Approx(1).epsilon(1e-5));
    }
    // What is said of heads is of the same rows: their mean entropy, the keys that are listed.
    double entropy = 0;
    for (const auto& row : units["heads"][3]["entropy"])
        entropy += row.get<double>() / static_cast<double>(units["units"].size());
    CHECK(json["heads"][3]["metrics"]["entropy"].get<double>() == doctest::Approx(entropy).epsilon(1e-5));
    CHECK(json["heads"][3]["top_keys"].size() == units["units"].size());
    CHECK(json["heads"][3]["metrics"]["kl_from_uniform"].is_null());
    const std::string pictures = test::fresh_dir("by_line");
    const auto last = test::run_headlight("analyze --model " + test::quoted(test::demo_path()) +
                                          " --text 'One line. And another.' --by sentence --from-group last "
                                          "--layer 0 --head 1 --format svg --output-dir " +
                                          test::quoted(pictures));
    REQUIRE_MESSAGE(last.code == 0, last.err);
    CHECK(last.out.find("the row of its last token") != std::string::npos);
    CHECK(!test::read_file(pictures + "/layer_0_head_1.svg").empty());
    const auto again =
        test::run_headlight("analyze --model " + test::quoted(dump) + " --no-plots --by sentence");
    REQUIRE_MESSAGE(again.code == 0, again.err);  // what is beside the attention does not disturb
    CHECK(again.out.find("Layer 0, sentences:") != std::string::npos);
    CHECK(again.out.find("lift:") != std::string::npos);
}
