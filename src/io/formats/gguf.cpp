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

/// Large models come in parts; each says of how many.
Status check_is_whole(const GgufFile& gguf) {
    const auto count = gguf.metadata.find("split.count");
    if (count == gguf.metadata.end() || !count->is_number_integer() || *count <= 1) return {};
    return fail(make_error(ErrorKind::Unsupported,
                           "this is one of {} parts of a model; join them first (llama-gguf-split "
                           "--merge)",
                           count->get<std::int64_t>())
                    .in_file(gguf.file->path()));
}

Result<CheckpointPtr> open(const std::string& path, const std::string& config_path) {
    auto checkpoint = std::make_shared<Checkpoint>();
    checkpoint->path = path;
    checkpoint->format = "gguf";
    HEADLIGHT_TRY(const GgufFile gguf, read_gguf(path));
    HEADLIGHT_CHECK(check_is_whole(gguf));
    HEADLIGHT_TRY(checkpoint->config, gguf_config(gguf));
    checkpoint->config_path = path;
    checkpoint->tensors = gguf_tensors(gguf, checkpoint->config);
    checkpoint->files.push_back(gguf.file);
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
