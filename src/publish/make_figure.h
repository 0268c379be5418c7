// From a page to its file: the one way of the command line, of `render` and of the window.
#pragma once

#include <string>
#include <vector>

#include "figure/drawing.h"
#include "publish/figure_kind.h"
#include "publish/figure_page.h"
#include "publish/figure_source.h"

namespace headlight {

/// Everything measured; can be laid out for other styles.
struct MadeFigure {
    std::vector<FigureContent> panels;
    std::vector<std::string> captions;  // one a panel
    FigureRecipe recipe;
};

/// Errors: those of the kinds.
Result<MadeFigure> make_figure(const FigurePage& page, FigureSource& source, const JobContext& job);

/// Writes the page into the recipe, with paths as they are found from anywhere.
void set_recipe_page(MadeFigure& made, const FigurePage& page);

struct FigureOutput {
    std::string path;
    bool has_recipe = true;
    bool has_tex = false;  // also PATH with the ending .tex: how it is included, with a caption
};
/// Before a run that may take long: ending, preset, colour maps. Errors: InvalidInput.
Status check_output(const FigureRequest& print, const FigureOutput& output);
/// The format is that of the path's ending. Errors: InvalidInput (no such format), those of writing.
Status write_figure_file(const MadeFigure& made, const FigureRequest& print, const FigureOutput& output);

/// The same file as pixels. Errors: as above.
Result<RasterImage> preview_of(const MadeFigure& made, const FigureRequest& print);

/// `\begin{figure}` with the line that includes the file, its width, a caption draft and a label.
std::string figure_tex(const std::string& path, const FigureStyle& style,
                       const std::vector<std::string>& captions);

}  // namespace headlight
