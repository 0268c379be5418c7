// The pictures of kit_demo: head grid, heatmap and flow from made-up numbers.
#pragma once

#include <string>
#include <vector>

#include "gfx/head_atlas.h"
#include "gfx/heatmap_renderer.h"
#include "ui/kit.h"

namespace headlight::demo {

extern const std::vector<std::string> kTokens;

class Pictures {
  public:
    void load();
    void draw_heads(ImVec2 pos, ImVec2 size);
    void draw_heatmap(ImVec2 pos, ImVec2 size);
    void draw_flow(ImVec2 pos, ImVec2 size);

  private:
    void draw_grid();
    void draw_labels(const gfx::HeatmapRequest& request, ImVec2 min, ImVec2 max);
    gfx::ShaderLibrary shaders_;
    gfx::HeatmapRenderer heatmap_{shaders_};
    gfx::AtlasRenderer grid_{shaders_};
    gfx::HeadAtlas atlas_;
    gfx::HeatmapMatrix matrix_;
    std::vector<float> weights_;
    int scale_choice_ = 0, kind_choice_ = 0, tint_ = 0, order_ = 0, flow_ = 0;
};

}  // namespace headlight::demo
