// The chosen heads as lines: tokens twice, a curve from query to key for each weight that counts.
#pragma once

#include <optional>

#include "views/layout.h"
#include "views/lines/lines_camera.h"
#include "views/lines/lines_data.h"
#include "views/lines/lines_picture.h"
#include "views/lines/lines_plot.h"
#include "views/view.h"

namespace headlight {

struct LinesForm {
    LinesData data;
    LinesCamera camera;
    LinesPictureCache picture;
    LabelRoom room;
    LinesFocus focus;                      // of the last frame
    Selection last_selection, pressed_at;  // pressed_at: what was chosen before the last click
    int fit_requests = 0;
};

/// Fills `body`. Says in the status line how many lines there are.
void draw_lines_form(ViewContext& context, LinesForm& form, const LayoutRect& body);

}  // namespace headlight
