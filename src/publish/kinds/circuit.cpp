// Direct paths: which heads' output the answer, or another head, reads; or the circuit that they make.
#include "publish/cause_figures.h"
#include "publish/figure_kind.h"
#include "publish/question_request.h"

namespace headlight {
namespace {

constexpr const char* kGraphCaption =
    "The circuit that path patching finds from the answer back: rose edges carry the answer, blue ones work "
    "against "
    "it, width and number are the share of the gap between the prompts.";

Result<KindFigures> make_graph(const FigureRequest& request, const LiveModel& model, const Prompt& prompt,
                               const std::string& words, const JobContext& job) {
    CircuitGraphOptions wanted;
    wanted.threshold = request.threshold;
    wanted.freezes_mlps = request.mlp == "frozen";
    HEADLIGHT_TRY(const CircuitGraph graph,
                  find_circuit(model, prompt, wanted, job, [&](const CircuitGraph&, int done, int known) {
                      job.report({"following paths", static_cast<double>(done) / known, {}});
                  }));
    if (graph.was_stopped) return fail(ErrorKind::Cancelled, "stopped");
    if (graph.edges.empty())
        return fail(ErrorKind::InvalidInput, "no path carries {:.0f} % of the gap: lower --threshold",
                    100 * graph.threshold);
    return KindFigures{
        {graph_figure(graph, model.spec()).content, fmt::format("{} {}", kGraphCaption, words)}};
}

/// "9.9.q": a head and which of its inputs.
Status set_receiver(const std::string& words, PathOptions& out) {
    if (words.empty()) return {};
    const std::size_t dot = words.rfind('.');
    const std::string input = dot == std::string::npos ? "" : words.substr(dot + 1);
    out.inputs.clear();
    for (const PathInput one : {PathInput::Query, PathInput::Key, PathInput::Value})
        if (input == to_string(one)) out.inputs.push_back(one);
    if (out.inputs.empty())
        return fail(ErrorKind::InvalidInput, "--receiver {}: expected LAYER.HEAD.INPUT, as in 9.9.q",
                    words.substr(0, 60));
    out.receivers = words.substr(0, dot);
    return {};
}

Result<KindFigures> make(const FigureRequest& request, FigureSource& source, const JobContext& job) {
    HEADLIGHT_TRY(const LiveModel* const model, source.model());
    HEADLIGHT_TRY(const Prompt prompt, asked_prompt(request, *model));
    const std::string words =
        fmt::format("{} Corrupted: “{}”.", question_words(prompt, *model->info), prompt.corrupted.text);
    if (request.has_graph) return make_graph(request, *model, prompt, words, job);
    PathOptions options{prompt_options(request)};
    options.freezes_mlps = {request.mlp == "frozen"};
    HEADLIGHT_CHECK(set_receiver(request.receiver, options));
    HEADLIGHT_TRY(
        const PathResult result, patch_paths(*model, options, job, [&](std::size_t done, std::size_t all) {
            job.report({"following paths", static_cast<double>(done) / static_cast<double>(all), {}});
        }));
    if (result.was_stopped) return fail(ErrorKind::Cancelled, "stopped");
    std::vector<NamedFigure> figures = path_figures(result);
    // With a receiver the logits come first, then the receiver.
    return KindFigures{
        {std::move(figures.back().content),
         fmt::format("Share of the gap that the direct path from every head to {} carries. {}",
                     request.receiver.empty() ? "the logits" : "L" + request.receiver, words)}};
}

}  // namespace

extern const FigureKindDescriptor k_figure_circuit = {
    "circuit",
    "Paths and circuit",
    "Which heads' direct paths to the answer (or to --receiver) carry it; with --graph the circuit that they "
    "make.",
    FigureNeed::Pair,
    {FieldGroup::Question, FieldGroup::Pair, FieldGroup::Paths},
    "paths",
    make};

}  // namespace headlight
