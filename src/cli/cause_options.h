// Options that the commands about causes share.
#pragma once

#include <string>

#include "cli/model_options.h"
#include "figure/figure.h"
#include "publish/picture_files.h"
#include "run/cause/prompts.h"

namespace headlight {

struct CauseOptions : PromptOptions {
    ModelOptions model;
    std::string json_path, dump_path, output_dir;
    std::string format = "png";
    FigureStyle style;

    bool prints() const { return json_path != "-"; }
};

/// Model, text, question, --prompts, --json, --dump; `has_pair` also the corrupted text; `has_figures` also
/// --output-dir and --format.
void add_cause_options(CLI::App& app, CauseOptions& options, bool has_pair, bool has_figures);

/// Writes the figures into the folder and tells where; nothing without a folder.
Status write_cause_figures(const std::vector<NamedFigure>& figures, const std::string& folder,
                           const FigureStyle& style);

/// Writes text to standard output at once.
void print(const std::string& text);

}  // namespace headlight
