// What commands ask of the window: kept as wishes that the frame loop fulfils.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "session/command.h"

namespace headlight {

class AppShell final : public Shell {
  public:
    Status screenshot(const std::string& path) override;
    void quit() override { wants_quit = true; }
    Status show_view(const std::string& id) override;
    Status check_workspace(const std::string& id) override;
    void turn_page(int step) override { page_steps += step; }
    Status fill_window(const std::string& view) override;
    void toggle_full_screen() override { wants_full_screen = !wants_full_screen; }
    void open_palette(const std::string& typed) override {
        wants_palette = true;
        palette_text = typed;
    }
    void show_open_dialog() override { wants_open_dialog = true; }
    void ask_for_file(const FileQuestion& question) override { wanted_file = question; }
    void fit_heatmap() override { ++num_fits; }
    void show_help(const std::string& topic) override { wanted_help = topic; }
    Status resize(int width_px, int height_px) override;
    void focus_text() override { wants_text_focus = true; }
    void open_find(FindTarget target) override { wanted_find = target; }

    std::vector<std::string> screenshots;  // to be taken after the next frame
    bool wants_quit = false, wants_palette = false, wants_open_dialog = false, wants_text_focus = false;
    std::optional<FindTarget> wanted_find;
    std::string palette_text;        // typed in it already
    bool wants_full_screen = false;  // the other state of the window
    int page_steps = 0;
    std::optional<std::string> wanted_filling;  // id of a view; "none"
    std::optional<FileQuestion> wanted_file;
    std::string wanted_view, wanted_help;
    std::optional<std::pair<int, int>> wanted_size;
    int num_fits = 0;
};

}  // namespace headlight
