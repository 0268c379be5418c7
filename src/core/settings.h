// What is kept between starts. Plain values; session/settings_file reads and writes them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/cause/cell_factors.h"
#include "core/units/text_unit.h"

namespace headlight {

enum class Theme { Dark, Light };
enum class WeightScale { Linear, Log };

/// The grid tint by what replacing each head does to the loss (the sweep's effects).
/// The tint of how far each head's rows lie from those of the run that is compared with.
inline constexpr const char* kDivergenceTint = "divergence";
inline constexpr const char* kAblationTint = "ablation_effect";
/// The grid tint and order by what each head gives along the chosen edge, of the weights shown.
inline constexpr const char* kEdgeTint = "chosen_edge";

/// Per cent of a row's mass that lines cover: by default, and at the ends of its slider.
inline constexpr int kLineShare = 70, kLeastLineShare = 10, kMostLineShare = 99;

inline constexpr std::size_t kMostLessonsKept = 200;

/// How far somebody came in a lesson.
struct LessonProgress {
    int step = 0;          // that was open last
    int num_right = 0;     // questions answered rightly
    bool is_done = false;  // the last step was left by "next"
    bool operator==(const LessonProgress&) const = default;
};

struct Settings {
    Theme theme = Theme::Dark;
    double ui_scale = 0;         // 0: follow the monitor
    bool is_presenting = false;  // everything half as large again, for a projector
    int window_width = 1600, window_height = 900;
    double left_share = 0, right_share = 0;          // of the width, set by the splitters; 0: automatic
    std::string workspace = "look";                  // id of one of views/workspaces/
    std::vector<std::string> recent;                 // newest first, at most 10
    WeightsShown weights_shown = WeightsShown::Raw;  // for the whole window
    TextUnit text_unit = TextUnit::Token;            // what rows and columns are, for the whole window
    FromGroup from_group = FromGroup::Mean;          // what the row of a unit is made of
    std::string answer_metric = "difference";        // difference, probability, kl: how an answer is measured
    // Heatmap
    WeightScale weight_scale = WeightScale::Linear;
    double gamma = 0.6;
    bool shows_numbers = true;
    // The forms of the chosen head
    std::string head_form = "matrix";   // matrix, lines, qk
    int line_share = kLineShare;        // per cent of each row's mass that lines cover
    std::string qk_sort = "weight";     // weight, key, or the number of a dimension
    std::string qk_shown = "products";  // products, keys: what the cells of q·k hold
    // Head grid
    std::string thumbnails = "picture";  // picture, lines
    std::string grid_tint = "none";      // "none", a metric id, kAblationTint or kDivergenceTint
    std::string grid_order = "layer";    // "layer" or a metric id
    // Panels
    std::string metrics_scope = "head";     // head, layer, model
    std::string flow_mode = "shares";       // shares, rollout
    std::string flow_method = "rollout";    // rollout, value_weighted, max_flow: of the "rollout" mode
    std::string top_k_mode = "attends";     // attends, predicts
    std::string strip_direction = "gives";  // gives, receives
    int top_k = 5;
    std::string device = "cpu";  // where models run that are opened from now on
    std::string last_text;
    // Lessons
    std::map<std::string, LessonProgress> lessons;  // by their ids; at most kMostLessonsKept
    bool invites_to_lessons = false;  // a first start: until a lesson is begun or the invitation put away
    bool operator==(const Settings&) const = default;
};

}  // namespace headlight
