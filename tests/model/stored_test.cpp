// Conformance: every family of families.def computed from its matrices as stored against the same values as
// float32 tensors through LibTorch.
#include "kernel/product/product.h"
#include "model/family_files.h"
#include "model/forward/forward.h"
#include "model/text_families.h"
#include "model/weights/loaded_model.h"

using namespace headlight;
using namespace headlight::test;

namespace {

/// The values of a tensor in another plain type, [bytes].
std::vector<std::byte> in_type(const torch::Tensor& values, torch::ScalarType type) {
    const torch::Tensor narrow = values.to(type).contiguous();
    const auto* from = static_cast<const std::byte*>(narrow.const_data_ptr());
    return {from, from + narrow.nbytes()};
}

void write_as(const std::string& folder, const FamilyFiles& files, DType dtype, torch::ScalarType type) {
    std::ofstream(folder + "/config.json") << files.config.dump(1);
    std::vector<std::vector<std::byte>> bytes;
    for (const FileTensor& tensor : files.tensors)
        bytes.push_back(in_type(tensor.values, type));
    std::vector<TensorToWrite> tensors;
    for (std::size_t i = 0; i < bytes.size(); ++i)
        tensors.push_back({files.tensors[i].name, dtype, files.tensors[i].values.sizes().vec(), bytes[i]});
    REQUIRE(write_safetensors(folder + "/model.safetensors", tensors).has_value());
}

LoadedModel widened(LoadedModel model) {
    if (model.weights.decoder) model.weights.decoder = std::make_shared<Weights>(*model.weights.decoder);
    for (const TensorSlot& slot : tensor_slots(model.arch, model.weights))
        slot.set(slot_values(slot));
    share_weights(model.arch, model.weights);
    return model;
}

torch::Tensor hidden_of(const LoadedModel& model) {
    const c10::InferenceMode inference;
    return forward_hidden(model.arch, model.weights, torch::arange(3, 20, torch::kInt64).unsqueeze(0));
}

void check_same(const std::string& folder) {
    const Result<LoadedModel> opened = load_model({folder, {}}, {});
    REQUIRE(opened.has_value());
    int num_stored = 0, num_tensors = 0;
    Weights weights = opened->weights;
    for (const TensorSlot& slot : tensor_slots(opened->arch, weights)) {
        if (slot.matrix == nullptr) continue;
        (slot.matrix->stored() != nullptr ? num_stored : num_tensors)++;
    }
    CHECK(num_stored > 0);
    const torch::Tensor stored = hidden_of(*opened), wide = hidden_of(widened(*opened));
    REQUIRE(stored.sizes() == wide.sizes());
    CHECK((stored - wide).abs().max().item<double>() <= 1e-5 * wide.abs().max().item<double>());
}

}  // namespace

TEST_CASE(
    "stored weights: every family gives what its widened weights give, in float32, bfloat16 and float16") {
    const std::pair<DType, torch::ScalarType> types[] = {{DType::Float32, torch::kFloat32},
                                                         {DType::BFloat16, torch::kBFloat16},
                                                         {DType::Float16, torch::kFloat16}};
    for (const Family* family : text_families()) {
        INFO(family->id);
        const FamilyFiles files = family_files(*family);
        for (const auto& [dtype, type] : types) {
            INFO(to_string(dtype));
            const std::string folder = fresh_dir(fmt::format("stored_{}_{}", family->id, to_string(dtype)));
            write_as(folder, files, dtype, type);
            check_same(folder);
        }
    }
}

TEST_CASE("stored weights: rows, columns and gathered rows are those of the widened matrix") {
    const std::string folder = fresh_dir("stored_parts");
    write_as(folder, family_files(*family_by_id("llama")), DType::BFloat16, torch::kBFloat16);
    const Result<LoadedModel> model = load_model({folder, {}}, {});
    REQUIRE(model.has_value());
    const WeightMatrix& matrix = model->weights.layers[0].gate;
    REQUIRE(matrix.stored() != nullptr);
    const torch::Tensor wide = matrix.widened();
    CHECK(wide.size(0) == matrix.size(0));
    CHECK(wide.size(1) == matrix.size(1));
    CHECK(matrix.rows(3, 5).equal(wide.narrow(0, 3, 5)));
    CHECK(matrix.columns(7, 9).equal(wide.narrow(1, 7, 9)));
    const torch::Tensor ids = torch::tensor({4, 0, 4, 2}, torch::kInt64).view({2, 2});
    CHECK(matrix.gather(ids).equal(torch::embedding(wide, ids)));
}
