// Views in the window-less harness: draws frames and collects the commands that they ask for.
#pragma once

#include "ui/ui_harness.h"
#include "views/sample_text.h"
#include "views/view.h"

namespace headlight::test {

class ViewStage {
  public:
    /// `id` null: every view, all in the same rectangle.
    ViewStage(const char* id, Snapshot sample, SampleValues::Mode mode = SampleValues::Mode::Ready,
              float width = 900, float height = 640, ui::ThemeKind theme = ui::ThemeKind::Dark,
              float scale = 1)
        : harness(width, height, theme, scale), snapshot(std::move(sample)), values_(snapshot, mode) {
        for (const ViewDescriptor* view : views()) {
            if (id == nullptr || view == find_view(id)) instances_.push_back({view, view->make_state()});
        }
        harness.kit().recorder.is_on = true;
        harness.draw = [this, width, height] {
            if (!snapshot.text || !snapshot.text->groups) {  // between tokens both are one
                snapshot.token_selection = snapshot.selection;
                snapshot.shown_base = snapshot.base_text;
            }
            shared.update_freshness(snapshot.is_stale, ImGui::GetTime());
            for (Instance& instance : instances_) {
                const HeightWish wish = instance.view->height(snapshot, *instance.state, height);
                num_bad_wishes += wish.minimum_dp > 0 && wish.preferred_dp >= 0 ? 0 : 1;
                ViewContext context{snapshot, values_,         actions, shared,
                                    nullptr,  *instance.state, {0, 0},  {width, height}};
                instance.view->draw(context);
            }
            shared.finish_frame();
        };
        harness.frames(3);
    }

    /// Words of all commands asked for since the last call, "select 1 2; query 3".
    std::string taken() {
        std::string out;
        for (const CommandCall& call : actions.take()) {
            out += (out.empty() ? "" : "; ") + call.id;
            for (const std::string& argument : call.arguments)
                out += " " + argument;
        }
        return out;
    }

    UiHarness harness;
    Snapshot snapshot;
    ViewShared shared;
    Actions actions;
    int num_bad_wishes = 0;

  private:
    struct Instance {
        const ViewDescriptor* view;
        std::unique_ptr<ViewState> state;
    };
    SampleValues values_;
    std::vector<Instance> instances_;
};

}  // namespace headlight::test
