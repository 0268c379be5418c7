#include "run/opened_files.h"

#include <fmt/format.h>

namespace headlight {

std::string atlas_mismatch(const Atlas& atlas, const ModelSpec* model) {
    if (model == nullptr) return fmt::format("This atlas is of {}; no model is open.", atlas.model);
    const bool fits = model->num_layers == atlas.num_layers && model->num_heads == atlas.num_heads;
    if (model->name != atlas.model) {
        return fmt::format("This atlas is of {} ({} × {} heads), the open model is {} ({} × {}).",
                           atlas.model, atlas.num_layers, atlas.num_heads, model->name, model->num_layers,
                           model->num_heads);
    }
    if (fits) return {};
    return fmt::format("This atlas has {} layers of {} heads, {} has {} of {}.", atlas.num_layers,
                       atlas.num_heads, model->name, model->num_layers, model->num_heads);
}

}  // namespace headlight
