// The step that a checkpoint holds inside.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <vector>

#include "io/checkpoint/checkpoint_step.h"
#include "io/checkpoint/folder/weight_files.h"
#include "io/checkpoint/safetensors_header.h"
#include "io/json_file.h"
#include "io/torch/torch_file.h"

namespace headlight {
namespace {

namespace fs = std::filesystem;

// In this order: PyTorch Lightning and the Hugging Face trainer, DeepSpeed, hand-written loops, nanoGPT,
// Megatron.
constexpr const char* kStepKeys[] = {"global_step", "global_steps", "step", "iter_num", "iteration", "iter"};
constexpr const char* kEpochKeys[] = {"epoch", "current_epoch"};
constexpr std::size_t kMostStateBytes = std::size_t{64} << 20;
constexpr std::size_t kMostFiles = 8;                 // of a folder that are asked
constexpr double kLargestExact = 9007199254740992.0;  // 2^53

std::optional<std::int64_t> whole(double value) {
    if (!(value >= 0 && value < kLargestExact) || value != std::floor(value)) return std::nullopt;
    return static_cast<std::int64_t>(value);
}

/// The first key that `look_up` finds a count for.
template <class Keys, class LookUp>
std::optional<std::int64_t> first_of(const Keys& keys, const LookUp& look_up) {
    for (const char* key : keys) {
        if (const std::optional<std::int64_t> value = look_up(key)) return value;
    }
    return std::nullopt;
}

template <class LookUp>
CheckpointStep step_with(const LookUp& look_up) {
    return {first_of(kStepKeys, look_up), first_of(kEpochKeys, look_up)};
}

CheckpointStep step_of_torch_file(const std::string& path) {
    const auto torch = peek_torch_file(path);
    if (!torch) return {};
    const PickleNode& top = torch->tree[torch->tree.root];
    if (top.kind != PickleKind::Dict) return {};
    return step_with([&](const char* key) -> std::optional<std::int64_t> {
        const PickleNode* node = torch->tree.find(top, key);
        if (node == nullptr) return std::nullopt;
        if (node->kind == PickleKind::Int && node->text.empty() && node->number >= 0) return node->number;
        return node->kind == PickleKind::Real ? whole(node->real) : std::nullopt;
    });
}

CheckpointStep step_of_safetensors(const std::string& path) {
    const auto file = MappedFile::open(path);
    if (!file) return {};
    const auto header = read_safetensors_header(**file);
    if (!header) return {};
    const auto& metadata = header->metadata;
    // The state of a training run and measured attention are no checkpoints.
    const bool is_ours = std::any_of(metadata.begin(), metadata.end(),
                                     [](const auto& entry) { return entry.first.starts_with("headlight"); });
    if (is_ours) return {};
    return step_with([&](const char* key) -> std::optional<std::int64_t> {
        const auto found = std::find_if(metadata.begin(), metadata.end(),
                                        [&](const auto& entry) { return entry.first == key; });
        if (found == metadata.end()) return std::nullopt;
        const std::string& text = found->second;
        std::int64_t value = -1;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        return error == std::errc() && end == text.data() + text.size() && value >= 0 ? std::optional(value)
                                                                                      : std::nullopt;
    });
}

CheckpointStep step_of_file(const std::string& path) {
    if (path.ends_with(".safetensors")) return step_of_safetensors(path);
    return looks_like_torch_file(path) ? step_of_torch_file(path) : CheckpointStep{};
}

CheckpointStep step_of_trainer_state(const fs::path& file) {
    const auto state = read_json_file(file.string(), kMostStateBytes);
    if (!state || !state->is_object()) return {};
    return step_with([&](const char* key) -> std::optional<std::int64_t> {
        const auto value = state->find(key);
        if (value == state->end() || !value->is_number()) return std::nullopt;
        return whole(value->template get<double>());
    });
}

CheckpointStep step_of_folder(const std::string& folder) {
    if (const CheckpointStep trainer = step_of_trainer_state(fs::path(folder) / "trainer_state.json");
        trainer.step)
        return trainer;
    std::vector<std::string> files = weight_files_in(folder);
    std::erase_if(files, [](const std::string& file) {
        return fs::path(file).filename().string().find("-of-") != std::string::npos;
    });
    files.resize(std::min(files.size(), kMostFiles));
    for (const std::string& file : files) {
        if (const CheckpointStep inside = step_of_file(file); inside.step || inside.epoch) return inside;
    }
    return {};
}

}  // namespace

CheckpointStep read_checkpoint_step(const std::string& path) {
    const fs::path cleaned = fs::path(path).lexically_normal();
    const fs::path last = cleaned.has_filename() ? cleaned.filename() : cleaned.parent_path().filename();
    std::error_code code;
    const bool is_folder = fs::is_directory(path, code);
    CheckpointStep out = is_folder ? step_of_folder(path) : step_of_file(path);
    const CheckpointStep named = step_of_name(last.string());
    if (!out.step) out.step = named.step;
    if (!out.epoch) out.epoch = named.epoch;
    return out;
}

}  // namespace headlight
