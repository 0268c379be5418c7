// The options of commands that make a figure: the fields of a request, and where the file goes.
#pragma once

#include "publish/make_figure.h"

namespace CLI {
class App;
}

namespace headlight {

struct FigureRunOptions {
    FigureOutput output;
    std::string text_file;
    int num_threads = 0;
    std::string device = kProcessor;
    bool trusts_torchscript = false;
};

/// One option for each field of the table; `words` is filled in the order of the command line.
void add_figure_fields(CLI::App& app, FieldWords& words);
/// --output, --no-recipe, --tex, --text-file, --threads, --device, --trust-torchscript.
void add_figure_run_options(CLI::App& app, FigureRunOptions& options);

/// What is no field: the text of a file, threads. Errors: those of read_text(), InvalidInput.
Status complete_request(const FigureRunOptions& options, FigureRequest& request);

}  // namespace headlight
