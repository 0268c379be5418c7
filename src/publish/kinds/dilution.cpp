// Attention of heads over the length of the context.
#include "publish/dilution_figures.h"
#include "publish/figure_kind.h"
#include "run/ablate/ablate_text.h"
#include "run/dilute/dilution_run.h"

namespace headlight {
namespace {

Result<KindFigures> make(const FigureRequest& request, FigureSource& source, const JobContext& job) {
    HEADLIGHT_TRY(const LiveModel* const model, source.model());
    DilutionRequest wanted;
    wanted.text = request.text.text;
    wanted.ids = request.text.ids;
    wanted.fact = request.fact;
    wanted.lengths = request.lengths.empty() ? std::vector<int>{64, 128, 256} : request.lengths;
    wanted.places = {request.fact_place == "near" ? FactPlace::Near : FactPlace::Start};
    DilutionRun run(wanted);
    for (bool is_done = false; !is_done;) {
        if (job.should_stop()) return fail(ErrorKind::Cancelled, "stopped");
        job.report({"diluting", run.fraction(), run.next_words()});
        HEADLIGHT_TRY(is_done, run.step(*model, JobContext(job.stop_token())));
    }
    DilutionScope scope;
    HEADLIGHT_TRY(scope.heads, parse_heads(request.heads, model->spec()));
    if (request.max_heads > 0) scope.most = request.max_heads;
    std::vector<NamedFigure> figures = dilution_figures(run.result(), scope);
    return KindFigures{
        {std::move(figures.front().content),
         fmt::format("What the rows of “{}” give to {}the first key and the last keys while the context "
                     "before them grows; means over contexts, dashed: a uniform head. Model {}.",
                     request.text.text, request.fact.empty() ? "" : "“" + request.fact + "”, ",
                     model->spec().name)}};
}

}  // namespace

extern const FigureKindDescriptor k_figure_dilution = {
    "dilution",
    "Context length",
    "Attention of heads over the length of the context: a fact, the first key, the last keys, effective "
    "keys, loss.",
    FigureNeed::Model,
    {FieldGroup::Head, FieldGroup::Heads, FieldGroup::Dilution},
    "dilution",
    make};

}  // namespace headlight
