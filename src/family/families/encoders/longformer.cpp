// Longformer: RoBERTa whose tokens see a band of neighbours. Without tokens that are marked as global, as the
// reference library runs it unless it is told of some, their projections are not used. Beltagy et al. 2020.
#include <nlohmann/json.hpp>

#include "family/lines/bert_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "longformer", "Longformer");
}

Architecture read_config(ConfigReader& config) {
    Architecture arch = read_roberta_config(config, {});
    read_bands(config, arch);
    return arch;
}

/// Global tokens have queries, keys and values of their own.
bool is_ignored(std::string_view name, const Architecture& arch) {
    return is_roberta_extra(name, arch) || name.find("_global.") != std::string_view::npos;
}
nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = bert_random_config(request, "longformer", 2);
    config["attention_window"] = 8;
    return config;
}

}  // namespace

extern const Family k_family_longformer = {"longformer", "Longformer",  "longformer.",
                                           matches,      read_config,   roberta_file_weights,
                                           is_ignored,   random_config, adapt_roberta};

}  // namespace headlight
