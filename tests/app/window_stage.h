// The whole window over a session on a fake engine, drawn by the harness: no GL, no display.
#pragma once

#include <memory>
#include <string>

#include "app/app_shell.h"
#include "app/main_frame.h"
#include "session/session_fixture.h"
#include "ui/ui_harness.h"

namespace headlight::test {

/// A model of 12 layers × 12 heads, 16 tokens.
struct BigSession : SessionFixture {
    BigSession() {
        world->spec.name = "a-model-with-a-rather-long-name-1.5B";
        world->spec.family = world->spec.family_label = "Llama";
        world->spec.num_layers = world->spec.num_heads = 12;
        world->spec.num_kv_heads = 4;
        world->spec.max_positions = 64;
        world->spec.dtype = "bfloat16";
    }
    void show_text() {
        open();
        session.set_text("5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20");
        REQUIRE(settle());
    }
};

class WindowStage {
  public:
    WindowStage(Session& shown, float width, float height, float scale,
                ui::ThemeKind theme = ui::ThemeKind::Dark)
        : harness(width, height, theme, scale), session(shown), frame_(shown, shell, nullptr) {
        harness.draw = [this] {
            const ImVec2 size = ImGui::GetIO().DisplaySize;
            frame_.draw(size.x, size.y, actions);
            run_actions();
            session.pump();
        };
    }

    /// Draws until what the views asked for is there.
    void settle() {
        for (int round = 0; round < 4; ++round) {
            harness.frames(2);
            REQUIRE(session.wait_until_idle_blocking(kPatience));
        }
        harness.frames(2);
    }
    static constexpr int kEscape = 256, kTab = 258;  // of the window system
    /// A key as the window system counts it, down for one frame.
    void press(int key, bool ctrl = false, bool shift = false) {
        ImGuiIO& io = ImGui::GetIO();
        io.KeyMap[ImGuiKey_Escape] = kEscape;
        io.KeyMap[ImGuiKey_Tab] = kTab;
        io.KeyCtrl = ctrl;
        io.KeyShift = shift;
        io.KeysDown[key] = true;
        harness.frames(1);
        io.KeysDown[key] = false;
        io.KeyCtrl = io.KeyShift = false;
        harness.frames(1);
    }
    Status run(const std::string& line) {
        const auto call = parse_command(line);
        REQUIRE(call);
        CommandContext context{session, shell};
        return run_command(context, **call);
    }

    UiHarness harness;
    Session& session;
    AppShell shell;
    Actions actions;
    std::string failures;  // of commands that the frame asked for

  private:
    void run_actions() {
        CommandContext context{session, shell};
        for (const CommandCall& call : actions.take()) {
            const Status status = run_command(context, call);
            if (!status) failures += status.error().message + "\n";
        }
    }
    MainFrame frame_;
};

}  // namespace headlight::test
