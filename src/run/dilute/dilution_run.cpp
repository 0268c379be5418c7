#include "run/dilute/dilution_run.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>

#include "run/text_tokens.h"

namespace headlight {
namespace {

/// -log p of an id, in nats.
double loss_of(std::span<const float> logits, std::int32_t id) {
    const auto largest = static_cast<double>(*std::max_element(logits.begin(), logits.end()));
    double sum = 0;
    for (const float logit : logits)
        sum += std::exp(static_cast<double>(logit) - largest);
    return largest + std::log(sum) - static_cast<double>(logits[static_cast<std::size_t>(id)]);
}

DilutionValues means_of_rows(const AttentionTrace& trace, HeadId head, const DilutionContext& context,
                             const DilutionKeys& keys, std::vector<float>& rows) {
    const auto num_keys = static_cast<std::size_t>(trace.num_keys());
    rows.resize(static_cast<std::size_t>(context.target.count()) * num_keys);
    trace.rows(head.layer, head.head, context.target.begin, context.target.end, rows);
    DilutionMean mean;
    for (int query = context.target.begin; query < context.target.end; ++query) {
        const std::size_t at = static_cast<std::size_t>(query - context.target.begin) * num_keys;
        mean.add(row_dilution(std::span(rows).subspan(at, num_keys), trace.admissible(head.layer, query),
                              query, keys));
    }
    return mean.mean();
}

DilutionValues nulls_of_rows(const AttentionTrace& trace, int layer, const DilutionContext& context,
                             const DilutionKeys& keys) {
    DilutionMean mean;
    for (int query = context.target.begin; query < context.target.end; ++query)
        mean.add(uniform_dilution(trace.admissible(layer, query), query, keys));
    return mean.mean();
}

std::string window_note(const ModelSpec& spec) {
    std::map<int, int> layers_by_window;
    for (const int window : spec.window)
        if (window != 0) ++layers_by_window[std::abs(window)];  // a chunk holds as many keys as a window
    std::string out;
    for (const auto& [window, count] : layers_by_window)
        out += fmt::format("{}{} layers see at most {} keys", out.empty() ? "" : ", ", count, window);
    return out.empty()
               ? out
               : out + ": n = min(i + 1, W), so longer contexts are the same to them, by construction";
}

}  // namespace

Status DilutionRun::prepare(const LiveModel& model) {
    std::sort(request_.lengths.begin(), request_.lengths.end());
    request_.lengths.erase(std::unique(request_.lengths.begin(), request_.lengths.end()),
                           request_.lengths.end());
    if (request_.places.empty()) request_.places = {FactPlace::Start};
    HEADLIGHT_TRY(DilutionContexts contexts, DilutionContexts::make(*model.info, request_));
    spec_ = model.spec();
    target_ = tokens_of_ids(*model.info, contexts.target());
    fact_ = tokens_of_ids(*model.info, contexts.fact());
    // Before anything is run: the longest is what may not fit.
    const DilutionContext longest = contexts.context(request_.places[0], request_.lengths.back(), 0);
    HEADLIGHT_CHECK(model.runner->check_length(longest.ids, {}));
    contexts_ = std::move(contexts);
    measured_.resize(request_.places.size() * request_.lengths.size());
    for (Measured& one : measured_) {
        one.heads.resize(spec_.grid().size());
        one.nulls.resize(spec_.grid().size());
    }
    return {};
}

Status DilutionRun::measure(const LiveModel& model, const RunResult& run, const DilutionContext& context,
                            Measured& out, const JobContext& job) {
    const AttentionTrace& trace = *run.trace;
    if (trace.grid() != spec_.grid())
        return fail(ErrorKind::Internal, "{} gave attention of other heads than its own", spec_.name);
    has_sink_ = trace.info().has_sink;
    const DilutionKeys keys{context.fact, request_.last};
    std::vector<float> rows;
    std::vector<DilutionValues> values(out.heads.size());  // taken whole: a stop must leave nothing half done
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (job.should_stop()) return fail(ErrorKind::Cancelled, "the dilution was stopped");
        const HeadId head = trace.grid().at(i);
        if (!trace.is_absent(head.layer)) values[i] = means_of_rows(trace, head, context, keys, rows);
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
        out.heads[i].add(values[i]);
        const int layer = trace.grid().at(i).layer;
        if (!trace.is_absent(layer)) out.nulls[i].add(nulls_of_rows(trace, layer, context, keys));
    }
    if (model.spec().prediction == Prediction::NextToken && run.logits.rows > 0) {
        double sum = 0;
        for (int i = 0; i < context.target.count(); ++i)
            sum +=
                loss_of(run.logits.row(i), context.ids[static_cast<std::size_t>(context.target.begin + i)]);
        DilutionValues loss;
        loss[DilutionKind::Sink] = sum / context.target.count();
        out.loss.add(loss);
    }
    ++out.num_done;
    return {};
}

Result<bool> DilutionRun::step(const LiveModel& model, const JobContext& job) {
    if (!contexts_) HEADLIGHT_CHECK(prepare(model));
    const int length = request_.lengths[length_];
    const DilutionContext context = contexts_->context(request_.places[place_], length, slice_);
    RunRequest request;
    request.ids = context.ids;
    request.dense_budget_bytes = std::size_t{16} << 20;  // longer contexts keep q and k
    if (model.spec().prediction == Prediction::NextToken) {
        for (int i = context.target.begin; i < context.target.end; ++i)
            request.logit_positions.push_back(i - 1);
    }
    {
        HEADLIGHT_TRY(const RunResult run, model.runner->run(request, job));
        if (!run.trace) return fail(ErrorKind::Internal, "a run of {} tokens gave no attention", length);
        HEADLIGHT_CHECK(
            measure(model, run, context, measured_[place_ * request_.lengths.size() + length_], job));
    }
    num_run_ += length;
    if (++length_ < request_.lengths.size()) return false;
    length_ = 0;
    if (++slice_ < request_.num_slices) return false;
    slice_ = 0;
    return ++place_ == request_.places.size();
}

double DilutionRun::fraction() const {
    double all = 0;
    for (const int length : request_.lengths)
        all += length;
    all *= request_.num_slices * static_cast<double>(request_.places.size());
    return all > 0 ? num_run_ / all : 0;
}

std::string DilutionRun::next_words() const {
    if (place_ >= request_.places.size() || length_ >= request_.lengths.size()) return {};
    return fmt::format("fact {}, {} tokens, filler {} of {}", to_string(request_.places[place_]),
                       request_.lengths[length_], slice_ + 1, request_.num_slices);
}

std::vector<std::string> DilutionRun::notes(const ModelSpec& spec) const {
    std::vector<std::string> out;
    if (!contexts_->has_begin())
        out.emplace_back(
            "no begin token: the filler's first token stands first, and is what “first key” means");
    if (spec.max_positions > 0 && request_.lengths.back() > spec.max_positions)
        out.push_back(
            fmt::format("beyond {} tokens, the positions in the config, the model is in another regime",
                        spec.max_positions));
    if (rotates_by_length(spec))
        out.push_back(fmt::format("positions are {}: rotation itself changes with the length of the context",
                                  spec.position_encoding));
    if (const std::string note = window_note(spec); !note.empty()) out.push_back(note);
    const auto longest = static_cast<std::size_t>(request_.lengths.back());
    const auto slices = static_cast<std::size_t>(request_.num_slices);
    if (contexts_->filler_tokens() > 0 && longest * slices > contexts_->filler_tokens())
        out.push_back(
            fmt::format("the fillers of long contexts share sentences, at other places: from {} tokens on "
                        "their spread is "
                        "understated",
                        contexts_->filler_tokens() / slices));
    if (has_sink_)
        out.emplace_back("a learned sink outside the text takes mass too: rows sum to less than 1");
    return out;
}

DilutionResult DilutionRun::result() const {
    DilutionResult out;
    out.spec = spec_;
    out.grid = spec_.grid();
    out.target = target_;
    out.fact = fact_;
    out.num_slices = request_.num_slices;
    out.last = request_.last;
    out.trained_length = spec_.max_positions;
    out.has_begin = contexts_->has_begin();
    out.notes = notes(spec_);
    for (std::size_t place = 0; place < request_.places.size(); ++place) {
        DilutionExperiment experiment;
        experiment.place = request_.places[place];
        for (std::size_t i = 0; i < request_.lengths.size(); ++i) {
            const Measured& measured = measured_[place * request_.lengths.size() + i];
            DilutionLength length;
            length.length = request_.lengths[i];
            length.is_beyond = spec_.max_positions > 0 && length.length > spec_.max_positions;
            length.loss = measured.loss.mean()[DilutionKind::Sink];
            length.loss_deviation = measured.loss.deviation()[DilutionKind::Sink];
            for (std::size_t head = 0; head < measured.heads.size(); ++head)
                length.heads.push_back({measured.heads[head].mean(), measured.nulls[head].mean(),
                                        measured.heads[head].deviation()});
            experiment.lengths.push_back(std::move(length));
        }
        out.experiments.push_back(std::move(experiment));
    }
    return out;
}

}  // namespace headlight
