// The choice of weights for the whole window.
#include "session/parts/shown_weights.h"

#include "core/units/grouped_trace.h"
#include "run/cause/causal_text.h"
#include "session/parts/derivations.h"
#include "session/tasks/question.h"

namespace headlight {

// While the wanted weights cannot be shown the plain ones are, and why_not says so.
ShownWeights::Key ShownWeights::wanted(std::string& why_not, bool& is_pending) const {
    const Snapshot& now = core_.snapshot;
    Key key;
    const WeightsShown weights = now.settings.weights_shown;
    if (weights == WeightsShown::Raw || !now.text || !now.text->trace) return key;
    const bool has_before = now.shown() == Compare::Difference;
    key.text = now.text.get();
    key.before = has_before ? now.shown_base.get() : nullptr;
    key.weights = weights;
    if (weights == WeightsShown::NoSink) return key;
    const auto refuse = [&](std::string reason) {
        why_not = std::move(reason);
        return Key{};
    };
    if (now.shown() != Compare::Before)
        return refuse("values are measured in the unchanged run: show “before” for them");
    if (weights == WeightsShown::Effect) {
        key.question = now.part<QuestionState>().question;
        if (!key.question) return refuse("effects are of an answer: choose one (workspace Cause)");
    }
    const Derived<CellFactors> factors = derived_.cell_factors(weights, key.question);
    if (factors.state == Derived<CellFactors>::State::Failed)
        return refuse(factors.error ? factors.error->message : "they could not be measured");
    is_pending = !factors.is_ready();
    if (is_pending) return refuse("they are being measured");
    key.factors = factors.value;
    return key;
}

WeightedPtr ShownWeights::make(const AnalyzedText& text) const {
    // On tokens first, then between units.
    const AnalyzedText& tokens = text.of_tokens ? *text.of_tokens : text;
    const auto& model = core_.snapshot.model;
    WeightedPtr out =
        key_.factors ? WeightedTrace::with_factors(tokens.trace, key_.weights, key_.factors)
                     : WeightedTrace::without_sink(
                           tokens.trace, sink_keys(tokens.keys(), model ? model->tokenizer.get() : nullptr));
    if (const auto grouped = std::dynamic_pointer_cast<const GroupedTrace>(text.trace))
        out = WeightedTrace::between_units(std::move(out), grouped);
    return out;
}

// Reading the rows of a long text computes them: its thumbnails are made on the pool, layer by layer.
void ShownWeights::make_overviews(const WeightedPtr& trace) {
    if (overviews_) overviews_->stop.request_stop();
    if (trace->has_cheap_overview(0, 0)) return;
    overviews_ = std::make_shared<JobControl>();
    core_.pool.submit(overviews_, [trace, mailbox = &core_.mailbox](const JobContext& job) {
        for (int layer = 0; layer < trace->num_layers(); ++layer) {
            for (int head = 0; head < trace->num_heads(); ++head) {
                if (job.should_stop()) return;
                trace->overview(layer, head);
            }
            mailbox->post([] {});  // a frame for what is there
        }
    });
}

void ShownWeights::refresh() {
    Snapshot& now = core_.snapshot;
    std::string why_not;
    bool is_pending = false;
    Key key = wanted(why_not, is_pending);
    PictureWeights& picture = now.picture;
    if (why_not != picture.why_not || is_pending != picture.is_pending) {
        picture.why_not = std::move(why_not);
        picture.is_pending = is_pending;
        core_.is_changed = true;
    }
    if (key == key_) return;
    key_ = std::move(key);
    text_ = key_.text != nullptr ? now.text : nullptr;
    before_ = key_.before != nullptr ? now.shown_base : nullptr;
    picture.weights = key_.weights;
    picture.trace = text_ ? make(*text_) : nullptr;
    picture.before = before_ ? make(*before_) : nullptr;
    picture.id = text_ ? core_.new_id() : 0;
    for (const WeightedPtr& trace : {picture.trace, picture.before})
        if (trace) make_overviews(trace);
    core_.is_changed = true;
}

}  // namespace headlight
