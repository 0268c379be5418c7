// A shell without a window that writes down what it was asked.
#pragma once

#include <string>
#include <vector>

#include "session/command.h"

namespace headlight::test {

class RecordingShell : public Shell {
  public:
    std::vector<std::string> calls;

    Status screenshot(const std::string& path) override { return note("screenshot " + path); }
    void quit() override { calls.push_back("quit"); }
    Status show_view(const std::string& id) override {
        if (id == "nowhere") return fail(ErrorKind::InvalidInput, "there is no view 'nowhere'");
        return note("view " + id);
    }
    Status check_workspace(const std::string& id) override {
        if (id == "nowhere") return fail(ErrorKind::InvalidInput, "there is no workspace 'nowhere'");
        return {};
    }
    void turn_page(int step) override { calls.push_back("turn_page " + std::to_string(step)); }
    Status fill_window(const std::string& view) override { return note("fill_window " + view); }
    void toggle_full_screen() override { calls.push_back("full_screen"); }
    void open_palette(const std::string& typed) override {
        calls.push_back(typed.empty() ? "palette" : "palette " + typed);
    }
    void show_open_dialog() override { calls.push_back("open_dialog"); }
    void ask_for_file(const FileQuestion& question) override {
        calls.push_back("ask_for_file " + question.command);
    }
    void fit_heatmap() override { calls.push_back("fit"); }
    void show_help(const std::string& topic) override { calls.push_back("help " + topic); }
    Status resize(int width_px, int height_px) override {
        return note("resize " + std::to_string(width_px) + " " + std::to_string(height_px));
    }
    void focus_text() override { calls.push_back("focus_text"); }
    void open_find(FindTarget target) override {
        calls.push_back(target == FindTarget::Heads ? "find heads" : "find");
    }

  private:
    Status note(std::string call) {
        calls.push_back(std::move(call));
        return {};
    }
};

}  // namespace headlight::test
