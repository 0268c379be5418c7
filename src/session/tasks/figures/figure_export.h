// "Export figure…": the dialog's choices, its preview at print size, and the files that were written.
#pragma once

#include <string>

#include "figure/canvas.h"
#include "publish/make_figure.h"
#include "session/task.h"

namespace headlight {

class Session;

/// What the dialog has chosen.
struct FigureChoice {
    std::string kind = "heatmap";
    FieldWords options;  // over what the window shows
    double pixels_per_inch = 96;
    bool operator==(const FigureChoice&) const = default;
};

struct FigurePreview {
    FigureChoice choice;  // that it is of
    RasterImage picture;
    double scale = 1;  // of print size on a screen of `pixels_per_inch`; below 1 where it would be very large
    std::string caption;  // draft for the text under it
};

struct FigurePreviewState {
    bool is_open = false;  // the dialog is
    FigureChoice choice;
    std::string missing;  // what must be done first; empty: nothing
    Task<FigurePreview> task;
};

/// Files that wait to be written, and the last one that was.
struct FigureExportState {
    int num_waiting = 0;
    std::string written;  // path; empty: none yet
    std::string error;    // of the last one; empty: it was written
};

/// Opens the dialog with that kind; "" is the kind of the chosen form.
void open_figure_dialog(Session& session, const std::string& kind);
void close_figure_dialog(Session& session);
/// Another choice in the open dialog: a new preview is on its way. Errors: InvalidInput.
Status choose_figure(Session& session, const FigureChoice& choice);
/// "headlight figure ...": what makes the same on the command line. Errors: those of window_page().
Result<std::string> chosen_figure_line(Session& session, const FigureOutput& output);

}  // namespace headlight
