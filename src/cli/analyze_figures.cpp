// Pictures of `analyze`, drawn on several threads. The longest jobs (grids) come first.
#include "cli/analyze_figures.h"

#include <atomic>
#include <limits>
#include <mutex>

#include "base/parallel.h"
#include "figure/contents.h"
#include "report/analysis/analysis_parts.h"
#include "run/cause/shown_run.h"

namespace headlight {
namespace {

struct Job {
    int layer = 0;
    std::optional<int> head;  // none: the grid of the layer
    std::string path;
};

// Lengths and effects have no range of their own, and rows without the sink may rest: a map with its scale.
Status draw_shown(const std::string& path, const AnalyzedRun& run, HeadId id, const FigureCaption& caption,
                  const FigureStyle& style) {
    const WeightedTrace& trace = *run.shown;
    ValueMap map;
    for (const Token& token : run.queries().tokens)
        map.row_labels.push_back(fmt::format("{} {}", token.display, map.row_labels.size()));
    for (const Token& token : run.keys().tokens)
        map.column_labels.push_back(token.display);
    map.row_name = "query (from)";
    map.column_name = "key (to)";
    map.values = trace.matrix(id.layer, id.head);
    map.is_signed = trace.is_signed();
    map.unit = trace.is_signed() ? "logits" : trace.weights() == WeightsShown::NoSink ? "weight" : "length";
    if (trace.weights() == WeightsShown::NoSink) map.largest = 1;
    const auto rest = trace.rest(id.layer, id.head);
    const auto num_keys = static_cast<std::size_t>(trace.num_keys());
    for (int query = 0; query < trace.num_queries(); ++query) {
        const KeyRange range = trace.admissible(id.layer, query);
        const auto row = static_cast<std::size_t>(query);
        for (int key = 0; key < trace.num_keys(); ++key) {
            float& value = map.values[row * num_keys + static_cast<std::size_t>(key)];
            const bool is_seen = key >= range.begin && key < range.end;
            const bool is_out = trace.is_sink(key) || rest[row].state != RowRest::Shown;
            if (!is_seen) value = std::numeric_limits<float>::infinity();
            if (is_seen && is_out) value = std::numeric_limits<float>::quiet_NaN();
        }
    }
    if (trace.weights() == WeightsShown::NoSink)
        map.caveat = "hatched: taken out, or rows of which less than 5 % is left";
    if (trace.is_signed()) map.caveat = "every row asks for the same tokens at its own place";
    return write_figure(
        path, value_map_figure(std::move(map), fmt::format("Layer {} · Head {}", id.layer, id.head), caption),
        style);
}

std::vector<Job> make_jobs(const AnalyzedRun& run, const AnalyzeOptions& options) {
    const std::string folder = options.output_dir.empty() ? "." : options.output_dir;
    const std::string suffix = std::string(".") + extension(options.style.format);
    std::vector<Job> jobs;
    if (!options.scope.head && !run.shown) {  // a grid has one scale for plain weights only
        for (const int layer : run.layers(options.scope)) {
            jobs.push_back(
                {layer, std::nullopt, fmt::format("{}/layer_{}_all_heads{}", folder, layer, suffix)});
        }
    }
    for (const int layer : run.layers(options.scope)) {
        for (const int head : run.heads(options.scope)) {
            jobs.push_back({layer, head, fmt::format("{}/layer_{}_head_{}{}", folder, layer, head, suffix)});
        }
    }
    return jobs;
}

Status draw(const Job& job, const AnalyzedRun& run, const AnalyzeOptions& options) {
    const TraceInfo& info = run.trace->info();
    const auto layer_index = static_cast<std::size_t>(job.layer);
    const int window = layer_index < info.window.size() ? info.window[layer_index] : 0;
    const std::string weights = run.spec.dtype.empty() ? "" : run.spec.dtype + " weights, ";
    // Which of the three attentions of an encoder-decoder it is.
    const std::string kind = run.spec.has_decoder ? kind_name(run.kind) + std::string(" attention") : "";
    FigureCaption caption{run.spec.name, weights + "softmax in " + info.dtype, kind};
    if (run.units)
        caption.note += fmt::format("{}between {}s", kind.empty() ? "" : " ", to_string(run.unit()));
    // The run outlives its pictures.
    const auto borrowed = [](const TokenizedText& text) {
        return FigureTokens(FigureTokens(), &text.tokens);
    };
    const FigureAxes axes{borrowed(run.queries()), borrowed(run.keys()), info.is_causal, window, run.unit()};
    if (job.head) {
        const HeadId id{job.layer, *job.head};
        const std::string tags = tag_summary(run, id);
        caption.note += (caption.note.empty() || tags.empty() ? "" : "; ") + tags;
        if (run.shown) {
            caption.note = shown_weights_words(run) + (caption.note.empty() ? "" : "; ") + caption.note;
            return draw_shown(job.path, run, id, caption, options.style);
        }
        return write_figure(job.path,
                            heatmap_figure({run.trace->matrix(id.layer, id.head), axes,
                                            fmt::format("Layer {} · Head {}", id.layer, id.head), caption}),
                            options.style);
    }
    GridContent grid;
    for (const int head : run.heads(options.scope))
        grid.heads.push_back({fmt::format("Head {}", head), run.trace->matrix(job.layer, head)});
    grid.axes = axes;
    grid.what = fmt::format("Layer {} · {} heads", job.layer, grid.heads.size());
    grid.caption = caption;
    return write_figure(job.path, grid_figure(std::move(grid)), options.style);
}

}  // namespace

Result<std::vector<std::string>> draw_figures(const AnalyzedRun& run, const AnalyzeOptions& options,
                                              const JobContext& job) {
    const std::vector<Job> jobs = make_jobs(run, options);
    std::atomic<std::size_t> num_done{0};
    std::mutex mutex;
    std::optional<Error> first_error;
    const int threads = options.model.num_threads > 0 ? options.model.num_threads : default_num_threads();
    parallel_for(jobs.size(), threads, [&](std::size_t i) {
        if (job.should_stop()) return;
        if (Status status = draw(jobs[i], run, options); !status) {
            const std::lock_guard lock(mutex);
            if (!first_error) first_error = std::move(status).error();
            return;
        }
        job.report({"pictures", static_cast<double>(++num_done) / static_cast<double>(jobs.size()), {}});
    });
    if (job.should_stop()) return fail(ErrorKind::Cancelled, "stopped while drawing");
    if (first_error) return fail(std::move(*first_error));
    std::vector<std::string> paths;
    for (const Job& done : jobs)
        paths.push_back(done.path);
    // Shares of self and previous need one text.
    if (run.kind == AttentionKind::Cross) return paths;
    const std::string flow =
        fmt::format("{}/attention_flow.{}", options.output_dir.empty() ? "." : options.output_dir,
                    extension(options.style.format));
    const FigureCaption caption{run.spec.name, run.trace->info().dtype,
                                fmt::format("{} {}s", run.queries().tokens.size(), to_string(run.unit()))};
    HEADLIGHT_CHECK(write_figure(flow, flow_figure({run.analysis.flow, run.analysis.uniform_flow, caption}),
                                 options.style));
    paths.push_back(flow);
    return paths;
}

}  // namespace headlight
