#include "publish/picture_files.h"

#include <fmt/format.h>

#include <atomic>
#include <filesystem>
#include <mutex>
#include <optional>

#include "base/parallel.h"
#include "figure/contents.h"
#include "publish/attention_figures.h"

namespace headlight {
namespace {

struct PictureJob {
    int layer = 0;
    std::optional<int> head;  // none: the grid of the layer
    std::string path;
};

/// The longest jobs (grids) come first.
std::vector<PictureJob> picture_jobs(const AnalyzedRun& run, const ReportScope& scope,
                                     const PictureFolder& folder) {
    std::vector<PictureJob> jobs;
    if (!scope.head && !run.shown) {  // a grid has one scale for plain weights only
        for (const int layer : run.layers(scope))
            jobs.push_back({layer, std::nullopt, folder.file(fmt::format("layer_{}_all_heads", layer))});
    }
    for (const int layer : run.layers(scope))
        for (const int head : run.heads(scope))
            jobs.push_back({layer, head, folder.file(fmt::format("layer_{}_head_{}", layer, head))});
    return jobs;
}

FigureContent picture_of(const PictureJob& job, const AnalyzedRun& run, const ReportScope& scope) {
    if (job.head) return heads_figure(run, {{job.layer, *job.head}}, whole_part(run));
    std::vector<HeadId> heads;
    for (const int head : run.heads(scope))
        heads.push_back({job.layer, head});
    return layer_figure(run, heads, whole_part(run));
}

Status write_one(const std::string& path, const FigureContent& content, const FigureStyle& style) {
    return headlight::write_figure(path, std::span(&content, 1), style);
}

FigureAxes compared_axes(const ComparedRun& run, int layer) {
    const TraceInfo& info = run.text->trace->info();
    const auto index = static_cast<std::size_t>(layer);
    FigureAxes axes;
    axes.queries = std::make_shared<const std::vector<Token>>(run.text->tokens.tokens);
    axes.keys = run.text->key_tokens ? std::make_shared<const std::vector<Token>>(run.text->keys().tokens)
                                     : axes.queries;
    axes.is_causal = info.is_causal;
    axes.window = index < info.window.size() ? info.window[index] : 0;
    return axes;
}

}  // namespace

std::string PictureFolder::file(const std::string& name) const {
    return fmt::format("{}/{}.{}", path.empty() ? "." : path, name, extension(style.format));
}

Result<std::vector<std::string>> write_figures(const std::vector<NamedFigure>& figures,
                                               const PictureFolder& folder) {
    std::vector<std::string> paths;
    for (const NamedFigure& figure : figures) {
        paths.push_back(folder.file(figure.name));
        HEADLIGHT_CHECK(write_one(paths.back(), figure.content, folder.style));
    }
    return paths;
}

Result<std::vector<std::string>> write_run_pictures(const AnalyzedRun& run, const ReportScope& scope,
                                                    const PictureFolder& folder, int num_threads,
                                                    const JobContext& job) {
    const std::vector<PictureJob> jobs = picture_jobs(run, scope, folder);
    std::atomic<std::size_t> num_done{0};
    std::mutex mutex;
    std::optional<Error> first_error;
    parallel_for(jobs.size(), num_threads > 0 ? num_threads : default_num_threads(), [&](std::size_t i) {
        if (job.should_stop()) return;
        if (Status status = write_one(jobs[i].path, picture_of(jobs[i], run, scope), folder.style); !status) {
            const std::lock_guard lock(mutex);
            if (!first_error) first_error = std::move(status).error();
            return;
        }
        job.report({"pictures", static_cast<double>(++num_done) / static_cast<double>(jobs.size()), {}});
    });
    if (job.should_stop()) return fail(ErrorKind::Cancelled, "stopped while drawing");
    if (first_error) return fail(std::move(*first_error));
    std::vector<std::string> paths;
    for (const PictureJob& done : jobs)
        paths.push_back(done.path);
    // Shares of self and previous need one text.
    if (run.kind == AttentionKind::Cross) return paths;
    paths.push_back(folder.file("attention_flow"));
    HEADLIGHT_CHECK(write_one(paths.back(), shares_figure(run), folder.style));
    return paths;
}

Result<FigureContent> compared_heads_figure(const Comparison& comparison, std::size_t index) {
    for (const ComparedRun* run : {&comparison.a, &comparison.b}) {
        const int count = std::max(run->text->trace->num_queries(), run->text->trace->num_keys());
        if (count <= kMostPictureTokens) continue;
        return fail(ErrorKind::InvalidInput,
                    "a text has {} tokens: pictures of whole matrices are drawn up to {}", count,
                    kMostPictureTokens);
    }
    const HeadDivergence& head = comparison.heads[index];
    const auto [a, b] = head.heads;
    ComparisonContent content;
    content.a = {"A", comparison.a.text->trace->matrix(a.layer, a.head),
                 compared_axes(comparison.a, a.layer)};
    content.b = {"B", comparison.b.text->trace->matrix(b.layer, b.head),
                 compared_axes(comparison.b, b.layer)};
    content.difference = difference_matrix(comparison, head.heads);
    content.what =
        a == b ? fmt::format("Layer {} · Head {}", a.layer, a.head) : a.to_string() + " and " + b.to_string();
    content.caption = {comparison.a.spec.name, comparison.a.text->trace->info().dtype,
                       fmt::format("{}, JSD {:.3f} nats", to_string(comparison.by), head.ranked)};
    return comparison_figure(std::move(content));
}

Result<std::vector<std::string>> write_compared_heads(const Comparison& comparison, int max_heads,
                                                      const PictureFolder& folder, const JobContext& job) {
    std::vector<std::string> paths;
    for (const std::size_t index : comparison.ranking()) {
        if (static_cast<int>(paths.size()) >= max_heads || job.should_stop()) break;
        if (comparison.heads[index].num_rows == 0) continue;
        HEADLIGHT_TRY(const FigureContent content, compared_heads_figure(comparison, index));
        const HeadId a = comparison.heads[index].heads.a;
        paths.push_back(folder.file(fmt::format("compare_layer_{}_head_{}", a.layer, a.head)));
        HEADLIGHT_CHECK(write_one(paths.back(), content, folder.style));
    }
    return paths;
}

}  // namespace headlight
