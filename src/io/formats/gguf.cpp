// GGUF, as llama.cpp and its relatives write it: settings, weights (also quantised) and tokenizer in one
// file.
#include "io/checkpoint/checkpoint.h"
#include "io/checkpoint/checkpoint_config.h"
#include "io/checkpoint/shard_index.h"
#include "io/gguf/gguf_names.h"

namespace headlight {
namespace {

bool can_open(const std::string& path) {
    return !gguf_files(path).empty();
}

Result<CheckpointPtr> open(const std::string& path, const std::string& config_path) {
    auto checkpoint = std::make_shared<Checkpoint>();
    checkpoint->path = path;
    checkpoint->format = "gguf";
    const std::vector<std::string> files = gguf_files(path);  // a part means the first one
    HEADLIGHT_TRY(const GgufFile gguf, read_gguf_whole(files.empty() ? path : files.front()));
    HEADLIGHT_TRY(checkpoint->config, gguf_config(gguf));
    checkpoint->config_path = path;
    checkpoint->tensors = gguf_tensors(gguf, checkpoint->config);
    checkpoint->files.push_back(gguf.file);
    checkpoint->files.insert(checkpoint->files.end(), gguf.parts.begin(), gguf.parts.end());
    // Another config may be given; the one beside the file is of a model that was converted, and says the
    // same.
    if (!config_path.empty()) HEADLIGHT_CHECK(read_checkpoint_config(path, config_path, *checkpoint));
    HEADLIGHT_CHECK(sort_tensors(*checkpoint));
    return CheckpointPtr(std::move(checkpoint));
}

}  // namespace

extern const CheckpointFormat k_format_gguf = {"gguf", "GGUF (llama.cpp), also quantised", ".gguf", can_open,
                                               open};

}  // namespace headlight
