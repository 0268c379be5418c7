// The registry of views, and what all of them show when there is no text.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/registry.h"
#include "ui/card.h"
#include "ui/kit.h"
#include "views/view.h"

namespace headlight {

#define HEADLIGHT_VIEW(name, ...) extern const ViewDescriptor k_view_##name;
#include "views/views.def"
#undef HEADLIGHT_VIEW

std::span<const ViewDescriptor* const> views() {
    static constexpr const ViewDescriptor* kAll[] = {
#define HEADLIGHT_VIEW(name, ...) &k_view_##name,
#include "views/views.def"
#undef HEADLIGHT_VIEW
    };
    return kAll;
}

const ViewDescriptor* find_view(std::string_view id) {
    return find_entry(views(), id);
}

bool stands_apart(std::string_view view) {
    return view == kStatusView || view == kLessonView || view == kQuizView;
}

namespace {

/// "The text has 27 tokens, but add takes at most 3.": errors begin small and have no full stop.
std::string as_sentence(std::string text) {
    if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
    if (!text.empty() && text.back() != '.' && text.back() != '!') text += '.';
    return text;
}

/// The model took no text yet and not the typed one: why, and what it takes.
void draw_text_problem(ViewContext& context, const TextProblem& problem) {
    std::string sentence = as_sentence(problem.reason);
    const bool has_fitting = !problem.fitting_origin.empty();
    if (has_fitting) sentence += fmt::format("\n\nA text that fits ({}):", problem.fitting_origin);
    const char* button = has_fitting             ? "Run it##fitting_text"
                         : problem.may_run_again ? "Run it again##run_again"
                                                 : "Open another model…##open_state";
    const std::string quoted = has_fitting ? fmt::format("“{}”", problem.fitting) : std::string();
    if (!ui::draw_card_state({ui::CardState::Error, sentence, button, -1, quoted})) return;
    if (has_fitting) return context.actions.run("fitting_text");
    if (problem.may_run_again) return context.actions.run("text", {context.snapshot.typed_text});
    context.actions.run("open_dialog");
}

// Quick runs must not flicker: the old picture is dimmed only when the new one is late.
constexpr double kStaleDelayS = 0.15, kStaleFadeS = 0.2;
}  // namespace

void ViewShared::update_freshness(bool is_stale, double now_s) {
    if (!is_stale) {
        stale_since_s_ = -1;
        freshness = 1;
        return;
    }
    if (stale_since_s_ < 0) stale_since_s_ = now_s;
    const double age_s = now_s - stale_since_s_;
    freshness = 1 - 0.55f * static_cast<float>(std::clamp((age_s - kStaleDelayS) / kStaleFadeS, 0.0, 1.0));
    if (age_s < kStaleDelayS) ui::request_redraw(kStaleDelayS - age_s);
    if (age_s >= kStaleDelayS && age_s < kStaleDelayS + kStaleFadeS) ui::request_redraw();
}

bool ViewShared::finish_frame() {
    const bool has_changed = hover != next_hover;
    hover = std::exchange(next_hover, {});
    has_list_focus = std::exchange(wants_list_focus, false);
    return has_changed;
}

bool draw_missing_text(ViewContext& context, MissingTextRole role) {
    const Snapshot& snapshot = context.snapshot;
    if (snapshot.text && snapshot.text->trace && context.num_tokens() > 0) return false;
    if (role == MissingTextRole::Quiet) {
        const bool is_running = snapshot.job.state == JobStatus::State::Running;
        const char* sentence = is_running              ? "…"
                               : snapshot.text_problem ? "The text was not run."
                               : snapshot.model        ? "No text yet."
                                                       : "No model is open.";
        ui::draw_card_state({ui::CardState::Empty, sentence, nullptr, -1});
        return true;
    }
    if (snapshot.job.state == JobStatus::State::Running) {
        ui::draw_card_state({ui::CardState::Loading, snapshot.job.title, nullptr, snapshot.job.fraction});
        return true;
    }
    if (snapshot.open_error) {
        const Notice& error =
            *snapshot.open_error;  // what was attempted, found, expected, to do; then the place
        const std::string sentence = error.details.empty() ? error.text : error.text + "\n" + error.details;
        if (ui::draw_card_state({ui::CardState::Error, sentence, "Open another model…##open_state", -1})) {
            context.actions.run("open_dialog");
        }
        return true;
    }
    if (!snapshot.model) {
        if (ui::draw_card_state({ui::CardState::Empty, "Open a checkpoint to see where it looks.",
                                 "Open a model…##open_state", -1})) {
            context.actions.run("open_dialog");
        }
        return true;
    }
    if (snapshot.text_problem) {
        draw_text_problem(context, *snapshot.text_problem);
        return true;
    }
    ui::draw_card_state({ui::CardState::Empty, "Type a text above to see its attention.", nullptr, -1});
    return true;
}

}  // namespace headlight
