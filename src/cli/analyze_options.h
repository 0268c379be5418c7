// What `analyze` is asked for.
#pragma once

#include <optional>
#include <string>

#include "analysis/search/head_query.h"
#include "cli/model_options.h"
#include "core/cause/cell_factors.h"
#include "figure/figure.h"
#include "run/analyzed_run.h"
#include "run/cause/question_options.h"

namespace headlight {

struct AnalyzeOptions {
    ModelOptions model;
    TextOptions text;
    DecoderOptions decoder;
    std::string attention;  // "self", "encoder", "decoder", "cross"; empty: the most telling one
    ReportScope scope;
    std::string output_dir = "attention_plots";
    FigureStyle style;
    bool has_plots = true;
    bool shows_window = false;
    bool has_probe = false;
    std::vector<std::string> rules;            // files of saved rules
    WeightsShown weights = WeightsShown::Raw;  // in matrices, lists, pictures and dump
    QuestionOptions question;                  // of WeightsShown::Effect
    std::string by;                            // "word", "sentence", "line"; empty: tokens
    std::string from_group = "mean";           // "mean", "last"
    std::string json_path, dump_path, heads_csv_path;
    std::optional<HeadQuery> where;  // lists the heads for which it holds in place of the report
    std::string dump_axes;           // of stored attention, DumpOptions::axes
};

}  // namespace headlight
