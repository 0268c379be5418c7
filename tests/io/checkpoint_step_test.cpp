#include "io/checkpoint/checkpoint_step.h"

#include <filesystem>

#include "io/io_files.h"

using namespace headlight;
namespace fs = std::filesystem;

namespace {

constexpr std::int64_t kNone = -1;

struct Expected {
    const char* name;
    std::int64_t step, epoch;
};

std::string pytorch_fixture(const char* name) {
    return test::own_fixture(std::string("pytorch/") + name);
}

std::string safetensors_with(const std::string& metadata) {
    return test::safetensors_bytes(
        R"({"__metadata__":)" + metadata + R"(,"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 4);
}

}  // namespace

TEST_CASE("steps: what names say") {
    const Expected table[] = {
        // Hugging Face's trainer, DeepSpeed, Pythia, OLMo, Megatron, fairseq, nanotron, ours.
        {"checkpoint-500", 500, kNone},
        {"global_step1000", 1000, kNone},
        {"step1000", 1000, kNone},
        {"step1000-tokens4B", 1000, kNone},
        {"stage2-ingredient1-step11000-tokens24B", 11000, kNone},
        {"pythia-70m-step3000", 3000, kNone},
        {"iter_0000100", 100, kNone},
        {"iter-7.pt", 7, kNone},
        {"checkpoint_2_500.pt", 500, 2},
        {"checkpoint3.pt", 3, kNone},
        {"1000", 1000, kNone},
        {"step_100", 100, kNone},
        {"global_step_100", 100, kNone},
        {"model_000100.safetensors", 100, kNone},
        {"multiberts-seed_0-step_20k", 20000, kNone},
        {"model-step=7-v1.ckpt", 7, kNone},
        {"ckpt_12.pth", 12, kNone},
        {"iter_num=250.pt", 250, kNone},
        // PyTorch Lightning.
        {"epoch=2-step=120.ckpt", 120, 2},
        {"epoch=00-val_loss=0.91.ckpt", kNone, 0},
        {"epoch=03-val_loss=0.50-v1.ckpt", kNone, 3},
        {"epoch=10-step=5000-val_acc=91.ckpt", 5000, 10},
        {"Epoch_5.pt", kNone, 5},
        {"model-epoch05-loss0.1234.pt", kNone, 5},
        {"checkpoint-500-epoch-3", 500, 3},
        // Metrics, versions, hashes, dates, ranks, sizes: no step.
        {"last.ckpt", kNone, kNone},
        {"last-v1.ckpt", kNone, kNone},
        {"best.pt", kNone, kNone},
        {"best-val_loss=0.91.ckpt", kNone, kNone},
        {"val_acc=91.ckpt", kNone, kNone},
        {"model-v2.pt", kNone, kNone},
        {"version_3", kNone, kNone},
        {"model-3f2a9c11.pt", kNone, kNone},
        {"checkpoint-1e10", kNone, kNone},
        {"checkpoint-12ab34", kNone, kNone},
        {"2024-05-01", kNone, kNone},
        {"checkpoint-2024-05-01.pt", kNone, kNone},
        {"model_2024_05_01_12_30_00.pt", kNone, kNone},
        {"model-20240501.pt", kNone, kNone},
        {"checkpoint-2024-05.pt", kNone, kNone},
        {"model-1714567890.pt", kNone, kNone},
        {"llama-7b", kNone, kNone},
        {"gpt2", kNone, kNone},
        {"0.91.ckpt", kNone, kNone},
        {"model-0.91.pt", kNone, kNone},
        {"mp_rank_00_model_states.pt", kNone, kNone},
        {"seed_42", kNone, kNone},
        {"step=1.5.ckpt", kNone, kNone},
        // Under way, and parts.
        {"tmp-checkpoint-100", kNone, kNone},
        {".step_100", kNone, kNone},
        {"step_100.tmp", kNone, kNone},
        {"model-00001-of-00002.safetensors", kNone, kNone},
        {"step99999999999999999999", kNone, kNone},
        {"", kNone, kNone},
    };
    for (const Expected& expected : table) {
        const CheckpointStep found = step_of_name(expected.name);
        CHECK_MESSAGE(found.step.value_or(kNone) == expected.step, expected.name);
        CHECK_MESSAGE(found.epoch.value_or(kNone) == expected.epoch, expected.name);
    }
}

TEST_CASE("steps: a file of torch.save says them at its top, before its name") {
    const std::string folder = test::fresh_dir("steps_torch");
    const auto copy = [&](const char* from, const char* to) {
        fs::copy_file(pytorch_fixture(from), folder + "/" + to, fs::copy_options::overwrite_existing);
        return read_checkpoint_step(folder + "/" + to);
    };
    CHECK(copy("lightning.pt", "epoch=09-val_loss=0.91.ckpt").step == 120);
    CHECK(copy("lightning.pt", "last.ckpt").epoch == 2);
    CHECK(copy("nanogpt.pt", "ckpt.pt").step == 5);  // iter_num
    CHECK(copy("training.pt", "step=80.pt").step == 80);
    CHECK(copy("training.pt", "step=80.pt").epoch == 3);
    CHECK(copy("legacy.pt", "best.pt").epoch == 3);  // the older stream
    CHECK_FALSE(copy("training.pt", "model-v7.pt").step.has_value());
    // What is refused says nothing; its name does. Nothing in it is run.
    CHECK(copy("hostile.pt", "checkpoint-4.pt").step == 4);
    test::write_bytes(folder + "/step=6.ckpt", "PK\x03\x04 cut off");
    CHECK(read_checkpoint_step(folder + "/step=6.ckpt").step == 6);
}

TEST_CASE("steps: metadata of safetensors, and a trainer's state in a folder") {
    const std::string folder = test::fresh_dir("steps_others"), file = folder + "/model.safetensors";
    const auto with = [&](const char* metadata) {
        test::write_bytes(file, safetensors_with(metadata));
        return read_checkpoint_step(file);
    };
    CHECK(with(R"({"step":"300","format":"pt"})").step == 300);
    CHECK(with(R"({"global_step":"400","step":"3"})").step == 400);
    CHECK(with(R"({"epoch":"7"})").epoch == 7);
    for (const char* none : {R"({"step":"-1"})", R"({"step":"3.5"})", R"({"step":""})",
                             R"({"step":"3","headlight.train_state":"1"})"})
        CHECK_FALSE(with(none).step.has_value());
    with(R"({"step":"300"})");
    const auto in = [&](const char* name) {
        const std::string path = folder + "/" + name;
        fs::create_directories(path);
        fs::copy_file(file, path + "/model.safetensors", fs::copy_options::overwrite_existing);
        return path;
    };
    CHECK(read_checkpoint_step(in("best")).step == 300);
    CHECK(read_checkpoint_step(in("best") + "/").step == 300);
    const std::string trainer = in("checkpoint-1");
    test::write_bytes(trainer + "/trainer_state.json", R"({"global_step": 500, "epoch": 2.0})");
    test::write_bytes(trainer + "/optimizer.pt", "not looked at");
    CHECK(read_checkpoint_step(trainer).step == 500);
    CHECK(read_checkpoint_step(trainer).epoch == 2);
    test::write_bytes(trainer + "/trainer_state.json", R"({"global_step": 500, "epoch": 1.5})");
    CHECK_FALSE(read_checkpoint_step(trainer).epoch.has_value());
    fs::create_directories(folder + "/notes");
    CHECK_FALSE(read_checkpoint_step(folder + "/notes").step.has_value());
}
