// The family whose config spells the architecture out: no norms, ReLU with biases, learned or no positions.
#include "model/family_files.h"

using namespace headlight;
using namespace headlight::test;

namespace {

const Family& own_family() {
    return *family_by_id("headlight");
}

/// A model of two layers as files, with weights large enough to matter.
FamilyFiles own_files(const nlohmann::json& changes) {
    FamilyFiles files;
    files.config = own_family().random_config({"headlight", 16, 2, 1, 2, 30, 12, 3});
    files.config.update(changes);
    const Architecture arch = read_architecture(own_family(), files.config, {}).value();
    Weights weights = random_weights(arch, 11);
    for (const TensorSlot& slot : tensor_slots(arch, weights)) {
        files.tensors.push_back(
            {slot.name, slot.is_bias ? torch::full_like(slot_values(slot), 0.25) : slot_values(slot) * 10});
    }
    return files;
}

torch::Tensor tensor_of(const FamilyFiles& files, const std::string& name) {
    for (const FileTensor& tensor : files.tensors) {
        if (tensor.name == name) return tensor.values.to(torch::kFloat64);
    }
    FAIL("there is no tensor " << name);
    return {};
}

/// Logits [N, vocab] by the formulas, head by head in double precision.
torch::Tensor logits_by_hand(const FamilyFiles& files, const std::vector<std::int32_t>& ids) {
    const std::vector<std::int64_t> wide(ids.begin(), ids.end());
    const auto n = static_cast<std::int64_t>(ids.size());
    torch::Tensor x =
        tensor_of(files, "token_embedding").index_select(0, torch::tensor(wide, torch::kInt64)) +
        tensor_of(files, "position_embedding").narrow(0, 0, n);
    for (int layer = 0; layer < 2; ++layer) {
        const std::string at = fmt::format("layers.{}.", layer);
        torch::Tensor moved = torch::zeros_like(x);
        for (int head = 0; head < 2; ++head) {
            const torch::Tensor q = x.mm(tensor_of(files, at + "query").narrow(0, head * 8, 8).t());
            const torch::Tensor k = x.mm(tensor_of(files, at + "key").t()),
                                v = x.mm(tensor_of(files, at + "value").t());
            torch::Tensor e = (q.mm(k.t()) / std::sqrt(8.0)).exp().tril();
            e = e / e.sum(1, true);
            moved = moved + e.mm(v).mm(tensor_of(files, at + "output").narrow(1, head * 8, 8).t());
        }
        x = x + moved;
        const torch::Tensor up = x.mm(tensor_of(files, at + "up").t()) + tensor_of(files, at + "up_bias");
        x = x + up.clamp_min(0).mm(tensor_of(files, at + "down").t()) + tensor_of(files, at + "down_bias");
    }
    return x.mm(tensor_of(files, "head").t());
}

std::string written(const char* what, const FamilyFiles& files) {
    const std::string folder = fresh_dir(fmt::format("own_family_{}", what));
    write_files(folder, files);
    return folder;
}

}  // namespace

TEST_CASE("own family: a model without norms gives the logits of the formulas") {
    const FamilyFiles files = own_files(nlohmann::json::object());
    const auto runner = open(written("plain", files));
    CHECK(runner->spec().position_encoding == "learned");
    CHECK(runner->spec().num_kv_heads == 1);
    RunRequest request;
    request.ids = some_ids(12, 30);
    request.wants_all_logits = true;
    const RunResult result = run(*runner, request);
    const torch::Tensor expected = logits_by_hand(files, request.ids);
    const torch::Tensor found = torch::tensor(result.logits.values).view({12, 30});
    CHECK((found - expected).abs().max().item<double>() < 1e-4 * expected.abs().max().item<double>());
    request.ids = some_ids(13, 30);  // the position table ends at 12
    CHECK_FALSE(runner->run(request, {}).has_value());
}

TEST_CASE("own family: with W_Q = 0 every row is 1 / (i + 1) through the kernel, 1 / T without causality") {
    for (const bool is_causal : {true, false}) {
        FamilyFiles files = own_files({{"position", "none"}, {"is_causal", is_causal}});
        for (FileTensor& tensor : files.tensors) {
            if (tensor.name.ends_with(".query")) tensor.values = torch::zeros_like(tensor.values);
        }
        const auto runner = open(written("uniform", files));
        CHECK(runner->spec().position_encoding == "none");
        CHECK(runner->spec().is_causal == is_causal);
        RunRequest request;
        request.ids = some_ids(23, 30);  // longer than max_positions: nothing ends without a table
        const RunResult result = run(*runner, request);
        for (int layer = 0; layer < 2; ++layer) {
            const std::vector<float> matrix = result.trace->matrix(layer, 1);
            for (int i = 0; i < 23; ++i) {
                for (int j = 0; j < 23; ++j) {
                    const double expected = is_causal ? (j <= i ? 1.0 / (i + 1) : 0.0) : 1.0 / 23;
                    CHECK(matrix[static_cast<std::size_t>(i * 23 + j)] ==
                          doctest::Approx(expected).epsilon(1e-6));
                }
            }
        }
    }
}

TEST_CASE("own family: every option changes which weights are expected") {
    const auto names = [](const nlohmann::json& changes) {
        std::string all;
        for (const FileTensor& tensor : own_files(changes).tensors)
            all += tensor.name + " ";
        return all;
    };
    const std::string plain = names(nlohmann::json::object());
    CHECK(plain.find("norm") == std::string::npos);
    CHECK(plain.find("gate") == std::string::npos);
    CHECK(plain.find("query_bias") == std::string::npos);
    CHECK(plain.find("layers.1.up_bias") != std::string::npos);
    CHECK(names({{"norm", "layer"}, {"norm_bias", true}}).find("final_norm_bias") != std::string::npos);
    CHECK(names({{"norm", "rms"}}).find("layers.0.attention_norm ") != std::string::npos);
    CHECK(names({{"position", "rotary"}}).find("position_embedding") == std::string::npos);
    CHECK(names({{"is_gated", true}}).find("layers.0.gate_bias") != std::string::npos);
    CHECK(names({{"qkv_bias", true}}).find("layers.0.value_bias") != std::string::npos);
    CHECK(names({{"output_bias", true}}).find("layers.0.output_bias") != std::string::npos);
    CHECK(names({{"head_bias", true}}).find("head_bias") != std::string::npos);
    CHECK(names({{"is_head_tied", true}}).find("head ") == std::string::npos);
}

TEST_CASE("own family: values that make no sense are refused with their key") {
    const auto refuse = [](const char* key, const nlohmann::json& value) {
        nlohmann::json config = own_family().random_config({});
        config[key] = value;
        const auto arch = read_architecture(own_family(), config, "config.json");
        REQUIRE_MESSAGE(!arch.has_value(), key);
        CHECK_MESSAGE(arch.error().message.find(key) != std::string::npos, arch.error().message);
    };
    refuse("num_layers", 0);
    refuse("num_heads", 1 << 20);
    refuse("num_kv_heads", 3);
    refuse("head_dim", 0.5);
    refuse("norm", "batch");
    refuse("norm", nullptr);
    refuse("norm_bias", true);  // of no norm
    refuse("position", "sine");
    refuse("activation", "sine");
    refuse("is_causal", "yes");
    nlohmann::json config = own_family().random_config({});
    config["position"] = "rotary";
    config["head_dim"] = 7;
    CHECK_FALSE(read_architecture(own_family(), config, "config.json").has_value());
}
