#include "io/checkpoint/folder/choose_weights.h"

#include <algorithm>
#include <filesystem>

#include "io/checkpoint/folder/weight_files.h"
#include "io/checkpoint/foreign_file.h"
#include "io/gguf/gguf_file.h"

namespace headlight {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostTried = 8;  // files that are opened to see which one is meant

std::vector<std::int64_t> sizes_of(const nlohmann::json& config, std::initializer_list<const char*> keys) {
    std::vector<std::int64_t> sizes;
    for (const char* key : keys) {
        const auto value = config.find(key);
        if (value != config.end() && value->is_number_integer()) sizes.push_back(value->get<std::int64_t>());
    }
    return sizes;
}

/// Is one of the tensors the table of tokens that the config speaks of? Yes where it speaks of none.
bool fits_config(const Checkpoint& checkpoint) {
    const bool is_ours = std::any_of(checkpoint.metadata.begin(), checkpoint.metadata.end(),
                                     [](const auto& entry) { return entry.first.starts_with("headlight"); });
    if (is_ours || checkpoint.tensors.empty()) return false;
    if (!checkpoint.config.is_object()) return true;
    const auto rows = sizes_of(checkpoint.config, {"vocab_size"}),
               widths = sizes_of(checkpoint.config, {"hidden_size", "n_embd", "d_model", "dim",
                                                     "embedding_size", "word_embed_proj_dim"});
    if (rows.empty() || widths.empty()) return true;
    return std::any_of(checkpoint.tensors.begin(), checkpoint.tensors.end(), [&](const TensorInfo& tensor) {
        return tensor.shape.size() == 2 && tensor.shape[0] == rows.front() &&
               std::find(widths.begin(), widths.end(), tensor.shape[1]) != widths.end();
    });
}

std::string file_names(const std::vector<std::string>& files) {
    std::string names;
    for (std::size_t i = 0; i < std::min(files.size(), kMostTried); ++i)
        names += (i > 0 ? ", " : "") + fs::path(files[i]).filename().string();
    return files.size() > kMostTried ? names + " ..." : names;
}

Error ambiguous(const std::string& folder, const std::vector<std::string>& files) {
    return make_error(ErrorKind::Missing,
                      "the folder has {} {} files that may be meant and none of the usual names "
                      "(model.safetensors, pytorch_model.bin or their indices): name the file to open ({})",
                      files.size(), fs::path(files.front()).extension().string(), file_names(files))
        .in_file(folder);
}

/// Of one kind of files: those that fit, opened; at most kMostTried are tried.
std::vector<CheckpointPtr> fitting(const std::vector<std::string>& files, const std::string& config_path) {
    std::vector<CheckpointPtr> found;
    for (const std::string& file : files) {
        auto opened = open_weights_file(file, config_path);
        if (opened && fits_config(**opened)) found.push_back(*std::move(opened));
    }
    return found;
}

/// `opened` as the folder's own, with a note where another file would have been the first.
CheckpointPtr of_folder(const std::string& folder, const CheckpointPtr& opened, const std::string& file,
                        const std::string& passed_over) {
    auto out = std::make_shared<Checkpoint>(*opened);
    out->path = folder;
    if (!passed_over.empty()) {
        out->notes.push_back(
            fmt::format("the weights are those of {}; the tensors of {} are not of the config's sizes",
                        fs::path(file).filename().string(), fs::path(passed_over).filename().string()));
    }
    return out;
}

std::vector<std::vector<std::string>> other_files(const std::string& folder) {
    std::vector<std::vector<std::string>> kinds;
    for (const std::vector<std::string>& endings :
         {std::vector<std::string>{".safetensors"}, {".bin", ".pt", ".pth", ".ckpt"}, {".gguf"}}) {
        std::vector<std::string> files =
            endings.front() == ".gguf" ? gguf_files(folder) : weight_files_in(folder, endings);
        std::erase_if(files, [](const std::string& file) {
            return std::none_of(checkpoint_formats().begin(), checkpoint_formats().end(),
                                [&](const CheckpointFormat* format) { return format->can_open(file); });
        });
        if (!files.empty()) kinds.push_back(std::move(files));
    }
    return kinds;
}

/// Where no file of a usual name fits: the only one that does, of the first kind with one. A .gguf, which
/// says itself what it is, takes the place of no such file.
Result<CheckpointPtr> open_other(const std::string& folder, const std::string& config_path,
                                 const std::string& usual) {
    const auto kinds = other_files(folder);
    for (const std::vector<std::string>& files : kinds) {
        if (!usual.empty() && (files.size() > kMostTried || files.front().ends_with(".gguf"))) continue;
        if (files.size() > kMostTried) return fail(ambiguous(folder, files));
        const std::vector<CheckpointPtr> found = fitting(files, config_path);
        if (found.size() > 1) return fail(ambiguous(folder, files));
        if (found.empty()) continue;
        const std::string& file = found.front()->path;
        const auto other =
            std::find_if(files.begin(), files.end(), [&](const auto& one) { return one != file; });
        return of_folder(folder, found.front(), file,
                         !usual.empty()         ? usual
                         : other != files.end() ? *other
                                                : "");
    }
    if (kinds.empty()) return fail(describe_foreign_path(folder));
    if (kinds.front().size() > 1 || !usual.empty()) return fail(ambiguous(folder, kinds.front()));
    HEADLIGHT_TRY(const CheckpointPtr opened, open_weights_file(kinds.front().front(), config_path));
    return of_folder(folder, opened, kinds.front().front(), {});
}

}  // namespace

Result<CheckpointPtr> open_weights_file(const std::string& path, const std::string& config_path) {
    for (const CheckpointFormat* format : checkpoint_formats()) {
        if (format->can_open(path)) return format->open(path, config_path);
    }
    return fail(describe_foreign_path(path));
}

Result<CheckpointPtr> open_weights_in(const std::string& folder, const std::string& config_path) {
    CheckpointPtr first;
    std::string first_file;
    for (const std::string& file : usual_weight_files(folder)) {
        HEADLIGHT_TRY(const CheckpointPtr opened, open_weights_file(file, config_path));
        if (fits_config(*opened)) return of_folder(folder, opened, file, first_file);
        if (first) continue;
        first = opened;
        first_file = file;
    }
    auto other = open_other(folder, config_path, first_file);
    if (other || !first) return other;
    return of_folder(folder, first, first_file, {});
}

}  // namespace headlight
