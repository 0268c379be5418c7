// Where a token gets its content from: ribbons through the layers, and the heaviest ways.
#include <algorithm>

#include "analysis/flow/ribbon_tokens.h"
#include "figure/token_contents.h"
#include "publish/figure_kind.h"
#include "publish/run_text.h"
#include "publish/shown_part.h"
#include "run/text_run.h"

namespace headlight {
namespace {

constexpr int kMostRows = 28, kNumWays = 5;

FlowMethod method_of(const FigureRequest& request) {
    for (const FlowMethod method : {FlowMethod::ValueWeighted, FlowMethod::MaxFlow})
        if (request.method == to_string(method)) return method;
    return FlowMethod::Rollout;
}

const char* words_of_method(FlowMethod method) {
    switch (method) {
        case FlowMethod::Rollout:
            return "attention rollout";
        case FlowMethod::ValueWeighted:
            return "rollout weighted by values";
        case FlowMethod::MaxFlow:
            return "maximum flow";
    }
    return "";
}

std::string display_of(const AnalyzedRun& run, int token) {
    return run.queries().tokens[static_cast<std::size_t>(token)].display;
}

/// "·cat –L0→ ·sat": tokens where the way changes, from the input up.
std::string way_words(const AnalyzedRun& run, const FlowPath& path) {
    std::string out;
    for (std::size_t level = 0; level < path.tokens.size(); ++level) {
        if (level > 0 && path.tokens[level] == path.tokens[level - 1]) continue;
        out += out.empty() ? display_of(run, path.tokens[level])
                           : fmt::format(" –L{}→ {}", level - 1, display_of(run, path.tokens[level]));
    }
    return out;
}

Status check_flow_run(const AnalyzedRun& run) {
    if (run.kind == AttentionKind::Cross)
        return fail(
            ErrorKind::InvalidInput,
            "cross attention leads from one text into another: nothing flows through its layers; choose "
            "--attention encoder or decoder");
    const TraceInfo& info = run.trace->info();
    if (info.absent_layers.empty()) return {};
    return fail(ErrorKind::InvalidInput,
                "layer {} has no softmax attention, so nothing can be followed through it",
                info.absent_layers.front());
}

void add_ways(RibbonsContent& content, const AnalyzedRun& run, const RibbonTokens& tokens,
              const std::vector<FlowPath>& paths) {
    for (const FlowPath& path : paths) {
        RibbonsContent::Way way{way_words(run, path), path.weight, {}};
        for (const int token : path.tokens)
            way.rows.push_back(tokens.row_of[static_cast<std::size_t>(token)]);
        content.ways.push_back(std::move(way));
    }
}

Result<KindFigures> make(const FigureRequest& request, FigureSource& source, const JobContext& job) {
    HEADLIGHT_TRY(const AnalyzedRunPtr run, source.run(request, job));
    HEADLIGHT_CHECK(check_flow_run(*run));
    FlowRequest flow;
    flow.method = method_of(request);
    HEADLIGHT_TRY(flow.query, chosen_query(request, *run));
    Matrix norms;
    if (flow.method == FlowMethod::ValueWeighted) {
        HEADLIGHT_TRY(const LiveModel* const model, source.model());
        if (run->units || run->kind == AttentionKind::Decoder || !request.change.empty())
            return fail(
                ErrorKind::InvalidInput,
                "--method value_weighted is measured between tokens of the unchanged encoder or decoder-only "
                "run");
        HEADLIGHT_TRY(norms, run_value_norms(*model, text_of_run(*run), job));
        flow.value_norms = &norms;
    }
    HEADLIGHT_TRY(const Rollout rollout, trace_flow(*run->trace, flow, job));
    const RibbonTokens tokens = choose_ribbon_tokens(rollout, run->trace->num_keys(), flow.query, kMostRows);
    RibbonsContent content;
    content.num_levels = static_cast<int>(rollout.node.size());
    content.query_row = tokens.row_of[static_cast<std::size_t>(flow.query)];
    for (const int token : tokens.tokens) {
        const auto index = static_cast<std::size_t>(token);
        RibbonsContent::Row row{fmt::format("{} {}", display_of(*run, token), token),
                                rollout.input_share[index],
                                index < rollout.uniform_share.size() ? rollout.uniform_share[index] : 0,
                                {}};
        for (const std::vector<double>& level : rollout.node)
            row.nodes.push_back(level[index]);
        content.rows.push_back(std::move(row));
    }
    for (const FlowLink& link : rollout.links) {
        const int above = tokens.row_of[static_cast<std::size_t>(link.from)],
                  below = tokens.row_of[static_cast<std::size_t>(link.to)];
        if (above >= 0 && below >= 0) content.links.push_back({link.layer, below, above, link.weight});
    }
    if (request.key) {
        HEADLIGHT_TRY(const std::vector<FlowPath> paths,
                      heaviest_paths(*run->trace, flow, *request.key, kNumWays, job));
        add_ways(content, *run, tokens, paths);
        content.ways_title = *request.key >= 0 ? fmt::format("heaviest ways from {} {}",
                                                             display_of(*run, *request.key), *request.key)
                                               : std::string("heaviest ways");
    }
    const std::string token = display_of(*run, flow.query);
    content.what = fmt::format("Where {} {} comes from", token, flow.query);
    content.caption = caption_of_run(*run);
    content.caption.note = words_of_method(flow.method);
    return KindFigures{
        {ribbons_figure(std::move(content)),
         fmt::format("Where {} (token {}) gets its content from, by {}: thickness is the share that "
                     "passes from layer to layer, bars are shares of the input, dashes those of "
                     "uniform attention. {}",
                     token, flow.query, words_of_method(flow.method), source_words(*run))}};
}

}  // namespace

extern const FigureKindDescriptor k_figure_rollout = {
    "rollout",
    "Rollout",
    "Where a token gets its content from: ribbons through the layers, with --key the heaviest ways to a "
    "token.",
    FigureNeed::Attention,
    {FieldGroup::Row, FieldGroup::Unit, FieldGroup::Flow, FieldGroup::Change},
    "flow",
    make};

}  // namespace headlight
