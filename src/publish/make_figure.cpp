#include "publish/make_figure.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/atomic_file.h"
#include "figure/canvas.h"
#include "figure/look.h"

namespace headlight {
namespace {

/// Whole where there is such a file; names of the Hugging Face cache stay.
std::string path_from_anywhere(const std::string& path) {
    std::error_code error;
    if (path.empty() || !std::filesystem::exists(path, error)) return path;
    const std::filesystem::path whole = std::filesystem::absolute(path, error);
    return error ? path : whole.lexically_normal().string();
}

Result<FigureFormat> format_of_path(const std::string& path) {
    std::string ending = std::filesystem::path(path).extension().string();
    if (ending.empty())
        return fail(ErrorKind::InvalidInput, "{} has no ending; expected .png, .svg, .pdf or .pgf", path);
    return figure_format(ending.substr(1));
}

}  // namespace

Result<MadeFigure> make_figure(const FigurePage& page, FigureSource& source, const JobContext& job) {
    MadeFigure out;
    for (std::size_t i = 0; i < page.panels.size(); ++i) {
        HEADLIGHT_TRY(const FigureRequest request, page.request_of(i));
        HEADLIGHT_TRY(const FigureKindDescriptor* const kind, figure_kind(page.panels[i].kind));
        HEADLIGHT_CHECK(source.open(request, job));
        HEADLIGHT_TRY(KindFigures figures, kind->make(request, source, job));
        for (KindFigure& figure : figures) {
            out.panels.push_back(std::move(figure.content));
            out.captions.push_back(std::move(figure.caption));
        }
        if (job.should_stop()) return fail(ErrorKind::Cancelled, "stopped");
    }
    if (out.panels.size() > kMostPanels)
        return fail(ErrorKind::InvalidInput, "{} panels; a file holds at most {}", out.panels.size(),
                    kMostPanels);
    out.recipe = source.facts(page.shared);
    set_recipe_page(out, page);
    return out;
}

void set_recipe_page(MadeFigure& made, const FigurePage& page) {
    FigureRequest found = page.shared;
    // A model that was given by its name is opened where it lay.
    if (!found.model.path.empty() && !made.recipe.model.path.empty())
        found.model.path = made.recipe.model.path;
    for (std::string* path : {&found.model.tokenizer_path, &found.model.config_path,
                              &found.model.adapter.base, &found.other_model})
        *path = path_from_anywhere(*path);
    made.recipe.options = words_of(found);
    made.recipe.panels = page.panels;
}

Status check_output(const FigureRequest& print, const FigureOutput& output) {
    HEADLIGHT_TRY(FigureStyle style, print_style(print));
    HEADLIGHT_TRY(style.format, format_of_path(output.path));
    return check_style(style);
}

Status write_figure_file(const MadeFigure& made, const FigureRequest& print, const FigureOutput& output) {
    HEADLIGHT_TRY(FigureStyle style, print_style(print));
    HEADLIGHT_TRY(style.format, format_of_path(output.path));
    if (output.has_recipe) style.recipe = recipe_json(made.recipe);
    HEADLIGHT_CHECK(write_figure(output.path, made.panels, style));
    if (!output.has_tex) return {};
    std::filesystem::path tex = output.path;
    tex.replace_extension(".tex");
    return write_file_atomic(tex.string(), figure_tex(output.path, style, made.captions));
}

Result<RasterImage> preview_of(const MadeFigure& made, const FigureRequest& print) {
    HEADLIGHT_TRY(const FigureStyle style, print_style(print));
    return preview_figure(made.panels, style);
}

}  // namespace headlight
