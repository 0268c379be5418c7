// BERT: both directions, norms after each sum, token types, learned positions. Devlin et al. 2019.
#include <nlohmann/json.hpp>

#include "family/lines/bert_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "bert", "Bert");
}
Architecture read_config(ConfigReader& config) {
    return read_bert_config(config);
}
std::vector<FileWeight> file_weights(const Architecture& arch) {
    return bert_file_weights(arch, kBertHead);
}
bool is_ignored(std::string_view name, const Architecture&) {
    return is_bert_extra(name) || is_head_copy(name, kBertHead);
}
nlohmann::json random_config(const RandomModelRequest& request) {
    return bert_random_config(request, "bert");
}
void adapt(Architecture& arch, const HasTensor& has) {
    adapt_bert_head(arch, has, kBertHead);
}

}  // namespace

extern const Family k_family_bert = {"bert",       "BERT",     "bert.",       matches, read_config,
                                     file_weights, is_ignored, random_config, adapt};

}  // namespace headlight
