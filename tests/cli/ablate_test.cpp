// ablate: heads found in the demo matter for what they were found to do.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "cli/run_headlight.h"

using namespace headlight;
using test::has;
using test::run_headlight;
using Json = nlohmann::json;

TEST_CASE("ablate: the demo's induction heads carry the second copy of random repeats") {
    HEADLIGHT_NEEDS(test::engine_path());
    HEADLIGHT_NEEDS(test::demo_path() + "/config.json");
    const auto outcome = run_headlight("ablate --model " + test::quoted(test::demo_path()) +
                                       " --repeat-probe --sweep --mode zero --json -");
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    const Json json = test::parse(outcome.out);
    REQUIRE(json["effects"].size() == 24);
    std::vector<double> induction, later;
    double previous_token = 0;
    for (const Json& effect : json["effects"]) {
        const double delta = effect["delta"].get<double>();
        const int layer = effect["heads"][0]["layer"].get<int>(),
                  head = effect["heads"][0]["head"].get<int>();
        CHECK(effect["tokens"] == 12 * 49);
        // Layer 1 is induction heads only, so the heads they are compared with are the twelve that come after
        // them. The layer before feeds them: L0H2 reads the previous token, without which none of them works.
        if (layer == 1) induction.push_back(delta);
        if (layer >= 2) later.push_back(delta);
        if (layer == 0 && head == 2) previous_token = delta;
    }
    REQUIRE(induction.size() == 6);
    REQUIRE(later.size() == 12);
    const double best = *std::max_element(induction.begin(), induction.end());
    double others = -best;
    for (const double delta : induction)
        others += delta;
    const double worst = *std::min_element(induction.begin(), induction.end());
    CHECK(worst > 3 * *std::max_element(later.begin(), later.end()));  // measured: 0.026 against 0.004 nats
    CHECK(best > 1.05 * others / 5);                                   // 0.040 against 0.034
    CHECK(previous_token > 5);                                         // 8.6
}

TEST_CASE("ablate: one layer of induction heads is worth more than any other whole layer behind it") {
    HEADLIGHT_NEEDS(test::engine_path());
    HEADLIGHT_NEEDS(test::demo_path() + "/config.json");
    const auto layer_delta = [](int layer) {
        const auto outcome =
            run_headlight("ablate --model " + test::quoted(test::demo_path()) +
                          " --repeat-probe --mode zero --json - --layers " + std::to_string(layer));
        REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
        return test::parse(outcome.out)["effects"][0]["delta"].get<double>();
    };
    CHECK(layer_delta(1) > 5);    // measured: 10.1 nats a token
    CHECK(layer_delta(2) < 0.5);  // 0.05
    CHECK(layer_delta(3) < 0.5);  // 0.002
}

TEST_CASE("ablate: one change, its tokens and its next tokens") {
    HEADLIGHT_NEEDS(test::engine_path());
    HEADLIGHT_NEEDS(test::demo_path() + "/config.json");
    const std::string model = "ablate --model " + test::quoted(test::demo_path()) +
                              " --text 'She was very happy, and he was very happy.' ";
    const auto outcome = run_headlight(model + "--heads 0.2 --mode uniform --tokens --query 3 --json -");
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    const Json json = test::parse(outcome.out);
    CHECK(json["title"] == "L0H2: uniform attention");
    CHECK(json["query"] == 3);
    CHECK(json["before"].size() == 5);
    CHECK(json["interval_over"] == "tokens");
    const Json& effect = json["effects"][0];
    double base = 0, changed = 0;
    int count = 0;
    for (const Json& token : json["tokens"]) {
        if (token["loss"].is_null()) continue;
        base += token["base_loss"].get<double>();
        changed += token["loss"].get<double>();
        ++count;
    }
    CHECK(count == effect["tokens"].get<int>());
    CHECK(base / count == doctest::Approx(effect["base_loss"].get<double>()).epsilon(1e-5));
    CHECK((changed - base) / count == doctest::Approx(effect["delta"].get<double>()).epsilon(1e-4));
    CHECK(effect["perplexity"].get<double>() == doctest::Approx(std::exp(effect["loss"].get<double>())));
    // Its own pattern put back changes nothing; a factor of 1 neither.
    const auto same = run_headlight(model + "--factor 1 --json -");
    REQUIRE_MESSAGE(same.code == 0, same.err);
    CHECK(std::abs(test::parse(same.out)["effects"][0]["delta"].get<double>()) < 1e-6);
    const auto own = run_headlight(
        model + "--heads 1.0,0.2 --from-text 'She was very happy, and he was very happy.' --json -");
    REQUIRE_MESSAGE(own.code == 0, own.err);
    CHECK(std::abs(test::parse(own.out)["effects"][0]["delta"].get<double>()) < 1e-5);
    const auto text = run_headlight(model + "--edges '0.2:4>3'");
    REQUIRE_MESSAGE(text.code == 0, text.err);
    CHECK(has(text.out, "L0H2: edge 4 → 3 cut"));
    CHECK(has(text.out, "Delta: "));
}

TEST_CASE("ablate: wrong use names the option") {
    HEADLIGHT_NEEDS(test::engine_path());
    HEADLIGHT_NEEDS(test::demo_path() + "/config.json");
    const std::string model =
        "ablate --model " + test::quoted(test::demo_path()) + " --text 'one two three' ";
    for (const char* wrong :
         {"--heads 9.0", "--heads x", "--edges 1.0:5", "--mode pattern", "--mode scale", "--sweep --factor 2",
          "--query 99", "--from-text 'a'", "--layers 7", "--mode knock_out"}) {
        const auto outcome = run_headlight(model + wrong);
        INFO(wrong, ": ", outcome.err);
        CHECK(outcome.code == 2);
        CHECK(outcome.err.find("error: ") != std::string::npos);
    }
}

TEST_CASE(
    "ablate: a sweep by a question ranks heads, layers and feed-forward parts by what the answer loses") {
    HEADLIGHT_NEEDS(test::engine_path());
    HEADLIGHT_NEEDS(test::demo_path() + "/config.json");
    const std::string command = "ablate --model " + test::quoted(test::demo_path()) +
                                " --text 'She was very happy, and he was very' --sweep --mode zero "
                                "--answer-id 300 --rival-id 301 ";
    const auto outcome = run_headlight(command + "--parts head,layer,mlp --json -");
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    const Json json = test::parse(outcome.out);
    CHECK(json["metric"] == "difference");
    CHECK(json["question"]["answer"] == 300);
    const Json& unchanged = json["question"]["unchanged"];
    CHECK(unchanged["kl"].get<double>() == doctest::Approx(0));
    REQUIRE(json["rows"].size() == 24 + 4 + 4);
    double lost = 1e9;
    int num_heads = 0, num_mlps = 0;
    for (const Json& row : json["rows"]) {
        const double difference = row["difference"].get<double>();
        CHECK(difference ==
              doctest::Approx(row["answer_logit"].get<double>() - row["rival_logit"].get<double>())
                  .epsilon(1e-4));
        CHECK(unchanged["difference"].get<double>() - difference <= lost + 1e-6);  // largest first
        lost = unchanged["difference"].get<double>() - difference;
        CHECK(row["kl"].get<double>() >= 0);
        num_heads += row["head"].is_null() ? 0 : 1;
        num_mlps += row["part"] == "mlp" ? 1 : 0;
    }
    CHECK(num_heads == 24);
    CHECK(num_mlps == 4);
    const auto by_kl = run_headlight(command + "--metric kl --json -");
    REQUIRE_MESSAGE(by_kl.code == 0, by_kl.err);
    const Json ranked = test::parse(by_kl.out);
    CHECK(ranked["rows"][0]["kl"].get<double>() >= ranked["rows"][23]["kl"].get<double>());
    const auto wrong = run_headlight("ablate --model " + test::quoted(test::demo_path()) +
                                     " --text a --sweep --metric probability");
    CHECK(wrong.code == 2);
    CHECK(has(wrong.err, "needs a question"));
}
