// Results as text, JSON and tables, made without the program.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "report/atlas/atlas_text.h"
#include "report/inspection/inspection_text.h"
#include "report/page_reading.h"
#include "report/parity/parity_json.h"
#include "report/parity/parity_text.h"
#include "report/sample_atlas.h"
#include "report/sample_validation.h"
#include "report/tokens/token_report.h"
#include "report/training/training_chart.h"
#include "report/validation/validation_json.h"
#include "report/validation/validation_text.h"
#include "support/fixtures.h"

using namespace headlight;
using test::holds;

namespace {

std::string same(const std::string& name) {
    return name;
}

std::string read_whole(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

ParityReport sample_parity() {
    ParityReport report;
    report.reference_file = "reference.safetensors";
    report.model = "tiny";
    report.family = "llama";
    report.texts = {{-1, {1, 2, 3}, {}}};
    LayerParity good;
    good.max_difference = 1e-7;
    LayerParity bad;
    bad.layer = 1;
    bad.max_difference = INFINITY;
    bad.departs = true;
    bad.head = 2;
    report.layers = {good, bad};
    report.first_departing = 1;
    report.absent_layers = {2};
    return report;
}

}  // namespace

TEST_CASE("results: JSON is written in one step, bad text as U+FFFD, no number as null") {
    const std::string path = test::fresh_dir("json") + "/out.json";
    REQUIRE(write_json(path, {{"name", "a\"\xFF"}, {"none", json_number(std::nullopt)}, {"two", NAN}}));
    CHECK(read_whole(path) == "{\n \"name\": \"a\\\"\xEF\xBF\xBD\",\n \"none\": null,\n \"two\": null\n}\n");
    CHECK(json_line({{"ids", {1, 2}}}) == "{\"ids\":[1,2]}\n");
}

TEST_CASE("results: a validation as text and as JSON") {
    const ValidationReport report = test::sample_validation(same);
    const std::string text = validation_report_text(report);
    CHECK(
        holds(text, "Model: model (family label), 2 layers x 3 heads, weights dtype, computed in float32\n"));
    CHECK(holds(text, "[9/9] title\n"));
    CHECK(holds(text, "✓ passed line\n❌ failed line\nℹ line that does not apply\n"));
    CHECK(holds(text, "✓ Passed: 9/18 tests\n❌ Critical issues: 1\n   - issue\n"));
    const Json json = validation_json(report);
    CHECK(json["model"]["family"] == "family");
    CHECK(json["tests"].size() == 9);
    const Json& check = json["tests"][0];
    CHECK(check["lines"].size() == 4);  // the empty one is left out
    CHECK(check["lines"][2]["status"] == "fail");
    CHECK(check["lines"][2]["name"] == "rule");
    CHECK(check["numbers"]["absent"].is_null());
    CHECK(check["tables"]["table"][1] == Json({{"name", "second"}, {"layer", 1}, {"column", nullptr}}));
}

TEST_CASE("results: a comparison that departs says where, and infinity has no JSON form") {
    const ParityReport report = sample_parity();
    const Json json = parity_json(report);
    CHECK(json["first_departing_layer"] == 1);
    CHECK(json["first_departing_kind"] == "self");
    CHECK(json["layers"][1]["max"].is_null());
    CHECK(json["layers"][0]["text"].is_null());
    CHECK(json["agrees"] == false);
    ModelSpec spec;
    spec.name = "tiny";
    const std::string text = parity_text(report, spec);
    CHECK(holds(text, "DEPARTS"));
    CHECK(holds(text, "     2  has no softmax attention; not compared\n"));
    CHECK(holds(text, "Verdict: departs first at layer 1: "));
}

TEST_CASE("results: tensors that differ in their layer only are one line") {
    CHECK(name_pattern("h.3.attn.c_attn.weight") == "h.*.attn.c_attn.weight");
    CHECK(name_pattern("conv1d.10") == "conv1d.*");
    CHECK(name_pattern("layer12.w3") == "layer12.w3");
    const Json facts = Json::parse(R"({
        "path": "model", "format": "safetensors", "files": [{"path": "m", "size_bytes": 2000}],
        "size_bytes": 2000, "config_path": null, "model_type": "odd", "family": null, "layers": 2, "heads": 4,
        "kv_heads": null, "hidden_size": 16, "vocab_size": null, "max_positions": null, "prediction": "none",
        "window": null, "dtypes": {"float32": 2}, "stored_parameters": 512,
        "tokenizer": {"error": "none found", "choices": []},
        "tensors": [{"name": "h.0.w", "shape": [16, 16], "dtype": "float32"},
                    {"name": "h.1.w", "shape": [16, 16], "dtype": "float32"}]})");
    const std::string text = inspection_text(facts, "gpt2 llama");
    CHECK(holds(text, "  format       safetensors, 1 file, 2.0 kB\n"));
    CHECK(holds(text, "model_type 'odd' is none of: gpt2 llama"));
    CHECK(holds(text, "  model        2 layers x 4 heads, hidden 16\n"));
    CHECK(holds(text, "  predicts     nothing (no language-model head)\n"));
    CHECK(holds(text, "[16,16]          float32   x2\n"));
}

TEST_CASE("results: spans of tokens in characters and in bytes") {
    TokenizedText text;
    text.text = "é!";
    Token letter;
    letter.id = 7;
    letter.piece = letter.display = "é";
    letter.byte_end = 2;
    Token mark;
    mark.id = 8;
    mark.piece = mark.display = "!";
    mark.byte_begin = 2;
    mark.byte_end = 3;
    mark.is_special = true;
    text.tokens = {letter, mark};
    CHECK(json_line(token_ids_json(text, false)) ==
          "{\"ids\":[7,8],\"tokens\":[\"é\",\"!\"],\"offsets\":[[0,1],[1,2]]}\n");
    CHECK(token_ids_json(text, true)["offsets"] == Json({{0, 2}, {2, 3}}));
    CHECK(token_table(text, false) ==
          "index      id  characters  token\n    0       7  0-1         é\n    1       8  1-2         !  "
          "(special)\n");
}

TEST_CASE("results: the clearest tags of an atlas on the terminal") {
    const std::string text = atlas_text(test::sample_atlas());
    CHECK(holds(
        text, "head     pattern                score    null     lift         q  consistency measured on\n"));
    CHECK(holds(text,
                "L0H1     previous token         0.910   0.050     18.2   1.8e-05         0.98 corpus\n"));
    CHECK(holds(text, "control, random weights: 1 of 200 content tests tagged, 0 of 100 positional\n"));
    CHECK(text.find("L0H1") < text.find("L1H0"));
    CHECK(holds(atlas_text(test::silent_atlas()),
                "No head of tiny <&> model is tagged (20 + 20 sequences).\n"));
}

TEST_CASE("results: a training log as a picture; steps without a value break the line") {
    TrainingLog log;
    log.title = "run";
    log.names = {"loss", "loss/0", "never"};
    for (const auto& [step, loss] : std::vector<std::pair<int, std::optional<double>>>{
             {0, 2.0}, {10, std::nullopt}, {20, 1.0}, {30, 0.5}}) {
        TrainingRow row;
        row.step = step;
        row.values = {{"loss", loss}, {"loss/0", 1.0}};
        log.rows.push_back(row);
    }
    const std::string svg = training_chart(log);
    CHECK(test::PageReader(svg).first_fault() == "");
    CHECK(test::count(svg, "<path") == 3);  // loss in two pieces, its part in one
    CHECK(holds(svg, ">run: 4 rows</text>"));
    CHECK(holds(svg, ">loss (and its 1 part, dark to light)</text>"));
    CHECK(holds(svg, ">step 30</text>"));
    CHECK_FALSE(holds(svg, "never"));
    CHECK(training_chart({}).empty());
}
