// "Export figure …": kind, print, switches, a preview at print size, the file.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "gfx/gl_handles.h"
#include "session/session.h"
#include "session/tasks/figures/figure_export.h"
#include "views/actions.h"

namespace headlight {

class FigureDialog {
  public:
    /// `has_gl` false: the preview is not drawn.
    FigureDialog(Session& session, bool has_gl) : session_(session), has_gl_(has_gl) {}

    bool is_open() const { return state().is_open; }
    /// Draws while it is open.
    void draw(Actions& actions);

  private:
    const FigurePreviewState& state() const { return session_.snapshot().part<FigurePreviewState>(); }
    std::string option(const char* name) const;
    void choose(FigureChoice choice);
    void set_option(const char* name, const std::string& words);
    void begin();
    void follow_window();
    void draw_choices();
    void draw_print();
    void draw_switches();
    void draw_file(Actions& actions);
    void draw_buttons(Actions& actions);
    void draw_preview();
    void update_texture(const FigurePreview& preview);
    void export_now(Actions& actions);
    /// The path with the ending of the format.
    void set_ending(const std::string& ending);
    std::string ending() const;

    Session& session_;
    bool has_gl_ = false, was_open_ = false;
    FigureOutput output_;
    std::string folder_, problem_, message_, tokens_;
    std::uint64_t window_key_ = 0;
    double font_pt_ = 0;
    std::shared_ptr<const FigurePreview> shown_;
    gfx::Texture texture_;
};

}  // namespace headlight
