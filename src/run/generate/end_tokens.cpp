#include "run/generate/end_tokens.h"

#include <algorithm>
#include <filesystem>

#include "io/checkpoint/model_files.h"
#include "io/json_file.h"

namespace headlight {
namespace {

constexpr std::size_t kMostConfigBytes = std::size_t{16} << 20, kMostEndTokens = 1024;

void add_id(const nlohmann::json& value, const ModelSpec& spec, std::vector<std::int32_t>& out) {
    if (!value.is_number_integer() || out.size() >= kMostEndTokens) return;
    const auto id = value.get<std::int64_t>();
    if (id >= 0 && id < spec.vocab_size) out.push_back(static_cast<std::int32_t>(id));
}

void add_from(const std::string& file, const ModelSpec& spec, std::vector<std::int32_t>& out) {
    std::error_code none;
    if (!std::filesystem::is_regular_file(file, none)) return;
    const auto config = read_json_file(file, kMostConfigBytes);
    if (!config || !config->is_object()) return;
    const auto found = config->find("eos_token_id");
    if (found == config->end()) return;
    if (!found->is_array()) return add_id(*found, spec, out);
    for (const nlohmann::json& id : *found)
        add_id(id, spec, out);
}

}  // namespace

std::vector<std::int32_t> end_tokens(const ModelInfo& model) {
    std::vector<std::int32_t> out;
    const ModelSpec& spec = model.spec;
    if (!spec.path.empty()) {
        const std::string folder = folder_of_path(spec.path);
        add_from(folder + "/generation_config.json", spec, out);
        add_from(folder + "/config.json", spec, out);
    }
    const std::int32_t end = model.tokenizer ? model.tokenizer->eos_id() : -1;
    if (end >= 0 && end < spec.vocab_size) out.push_back(end);
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

}  // namespace headlight
