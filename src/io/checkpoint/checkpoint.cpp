#include "io/checkpoint/checkpoint.h"

#include <algorithm>
#include <filesystem>

#include "base/guard.h"
#include "io/checkpoint/adapter/open_adapter.h"
#include "io/checkpoint/checkpoint_config.h"
#include "io/checkpoint/custom_model.h"
#include "io/checkpoint/folder/choose_weights.h"
#include "io/checkpoint/model_path.h"

namespace headlight {

#define HEADLIGHT_FORMAT(name, ...) extern const CheckpointFormat k_format_##name;
#include "io/formats/formats.def"
#undef HEADLIGHT_FORMAT

std::span<const CheckpointFormat* const> checkpoint_formats() {
    static constexpr const CheckpointFormat* kAll[] = {
#define HEADLIGHT_FORMAT(name, ...) &k_format_##name,
#include "io/formats/formats.def"
#undef HEADLIGHT_FORMAT
    };
    return kAll;
}

const TensorInfo* Checkpoint::find(std::string_view name) const {
    const auto found =
        std::lower_bound(tensors.begin(), tensors.end(), name,
                         [](const TensorInfo& tensor, std::string_view n) { return tensor.name < n; });
    return found != tensors.end() && found->name == name ? &*found : nullptr;
}

std::span<const std::byte> Checkpoint::bytes(const TensorInfo& tensor) const {
    if (tensor.copy) return *tensor.copy;
    return files.at(tensor.file_index)->bytes().subspan(tensor.offset_bytes, tensor.length_bytes);
}

Status Checkpoint::check_unchanged(const TensorInfo& tensor) const {
    return tensor.copy ? Status{} : files.at(tensor.file_index)->check_unchanged();
}

Status Checkpoint::check_unchanged() const {
    for (const auto& file : files)
        HEADLIGHT_CHECK(file->check_unchanged());
    return {};
}

Result<CheckpointPtr> open_checkpoint(const std::string& name, const std::string& config_path,
                                      const AdapterChoice& adapter) {
    if (name.empty()) return fail(ErrorKind::InvalidInput, "no checkpoint was named");
    return translate_exceptions({"opening the checkpoint", name}, [&]() -> Result<CheckpointPtr> {
        HEADLIGHT_TRY(const std::string path, resolve_model_path(name));
        if (is_adapter(path)) return open_adapter(path, config_path, adapter);
        if (!adapter.base.empty()) return fail(no_adapter(path));
        HEADLIGHT_CHECK(check_snapshot_is_whole(path));
        std::error_code code;
        HEADLIGHT_TRY(CheckpointPtr opened, std::filesystem::is_directory(path, code)
                                                ? open_weights_in(path, config_path)
                                                : open_weights_file(path, config_path));
        HEADLIGHT_TRY(opened, merge_own_adapter(std::move(opened)));
        HEADLIGHT_TRY(opened, use_config_above(path, std::move(opened)));
        auto named = apply_custom_model(path, !config_path.empty(), opened);
        HEADLIGHT_CHECK(opened->check_unchanged());
        return named;
    });
}

}  // namespace headlight
