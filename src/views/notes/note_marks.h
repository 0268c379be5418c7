// The user's notes on pictures: a corner in the note's colour, and its words for tooltips.
#pragma once

#include <string>
#include <vector>

#include "core/notes.h"
#include "ui/theme.h"
#include "views/grid/grid_geometry.h"
#include "views/grid/grid_model.h"
#include "views/heatmap/heatmap_axes.h"
#include "views/view.h"

namespace headlight {

ui::Rgba color_of_note(NoteColor color);

/// Of the attention that is shown.
const Note* note_on_head(const ViewContext& context, HeadId head);

/// "note: “induction, strongest one”"; empty: there is none. Of a head, how many are on its cells in this
/// text too.
std::string head_note_words(const ViewContext& context, HeadId head);
/// Of a cell of the shown rows and columns; of several heads all that there are.
std::string cell_note_words(const ViewContext& context, const std::vector<HeadId>& heads, int query, int key);

/// A corner of each thumbnail whose head has a note; a dot where only cells of it have one in this text.
void mark_noted_heads(const ViewContext& context, const GridModel& model, const GridGeometry& geometry);
/// A corner of each cell, and a frame around those that are too small for one.
void mark_noted_cells(const ViewContext& context, const HeatmapPlot& plot, const std::vector<HeadId>& heads);

}  // namespace headlight
