#include "views/shown_run.h"

#include <fmt/format.h>

namespace headlight {
namespace {

Compare shown_in_panel(const Snapshot& snapshot, bool has_difference) {
    const Compare shown = snapshot.shown();
    return shown == Compare::Difference && !has_difference ? Compare::After : shown;
}

}  // namespace

std::string titled(std::string_view title, const Snapshot& snapshot, bool has_difference) {
    if (!snapshot.has_interventions()) return std::string(title);
    return fmt::format("{} · {}", title, to_string(shown_in_panel(snapshot, has_difference)));
}

std::string intervention_words(const Snapshot& snapshot) {
    if (!snapshot.has_interventions() || !snapshot.model) return {};
    const ModelSpec& spec = snapshot.model->spec;
    return describe_all(*snapshot.interventions, spec.num_layers, spec.num_heads);
}

std::string run_words(const Snapshot& snapshot, bool has_difference) {
    if (!snapshot.has_interventions()) return {};
    const std::string what = intervention_words(snapshot);
    if (!snapshot.ablation_error.empty()) return fmt::format("unchanged; {} could not be measured", what);
    if (snapshot.is_ablation_pending) return fmt::format("unchanged; {} is being computed", what);
    switch (shown_in_panel(snapshot, has_difference)) {
        case Compare::Before:
            return fmt::format("unchanged, without {}", what);
        case Compare::After:
            return what;
        case Compare::Difference:
            return fmt::format("after − before, {}", what);
    }
    return what;
}

std::string with_run(const Snapshot& snapshot, std::string_view context, bool has_difference) {
    const std::string words = run_words(snapshot, has_difference);
    if (words.empty()) return std::string(context);
    return context.empty() ? words : fmt::format("{} · {}", words, context);
}

}  // namespace headlight
