// MVP: BART, trained on many tasks at once. Tang et al. 2022.
#include <nlohmann/json.hpp>

#include "family/lines/seq2seq_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "mvp", "Mvp");
}
Architecture read_config(ConfigReader& config) {
    BartStyle style;
    style.has_embedding_norm = true;
    style.vocab_size = 50267;
    style.default_start = 2;
    if (config.boolean_or({"use_prompt"}, false))
        config.fail_with(ErrorKind::Unsupported,
                         "'use_prompt' is true: keys of learned prompts beside the text's are not supported");
    return read_bart_config(config, style);
}
nlohmann::json random_config(const RandomModelRequest& request) {
    return bart_random_config(request, "mvp");
}
bool is_ignored(std::string_view name, const Architecture& arch) {
    return is_bart_extra(name, arch) || name.find("attn_prompt.") != std::string_view::npos;
}

}  // namespace

extern const Family k_family_mvp = {
    "mvp", "MVP", "model.", matches, read_config, bart_file_weights, is_ignored, random_config, adapt_bart};

}  // namespace headlight
