#include "run/probe_run.h"

#include <algorithm>
#include <utility>

#include "run/text_tokens.h"
#include "study/batches.h"
#include "tokenize/excluded_ids.h"

namespace headlight {
namespace {

std::int32_t bos_of(const ModelInfo& model) {
    return model.tokenizer ? model.tokenizer->bos_id() : -1;
}

}  // namespace

std::vector<bool> excluded_probe_ids(const ModelInfo& model) {
    const int vocab_size = std::max(0, model.spec.vocab_size);
    if (!model.tokenizer) return std::vector<bool>(static_cast<std::size_t>(vocab_size), false);
    return excluded_ids(*model.tokenizer, vocab_size);
}

Status ProbeRun::prepare(const LiveModel& model) {
    const ModelSpec& spec = model.info->spec;
    if (spec.max_positions > 0) {
        settings_.block_length = std::min(settings_.block_length, (spec.max_positions - 1) / 2);
    }
    if (settings_.block_length < 2 || settings_.num_sequences < 1) {
        return fail(ErrorKind::Unsupported,
                    "the random-repeat probe needs at least one sequence of 5 tokens; {} takes {} tokens",
                    spec.name, spec.max_positions);
    }
    sequences_ = random_repeat_sequences(spec.vocab_size, bos_of(*model.info),
                                         excluded_probe_ids(*model.info), settings_);
    if (sequences_.empty()) {
        return fail(ErrorKind::Unsupported,
                    "the random-repeat probe needs at least 4 ordinary tokens; the vocabulary of {} ({} ids) "
                    "has fewer",
                    spec.name, spec.vocab_size);
    }
    scores_ = std::make_unique<ProbeAccumulator>(spec.num_layers, spec.num_heads);
    return {};
}

Result<bool> ProbeRun::step(const LiveModel& model, const JobContext& job) {
    if (!scores_) {
        HEADLIGHT_CHECK(prepare(model));
    }
    std::vector<std::vector<Token>> tokens;
    std::vector<RunRequest> requests;
    BatchBudget budget(model.info->spec, 1);  // typing that comes in between throws away no more than this
    for (std::size_t i = next_; i < sequences_.size() && budget.take(sequences_[i].size()); ++i) {
        tokens.push_back(tokens_of_ids(*model.info, sequences_[i]).tokens);
        requests.emplace_back();
        requests.back().ids = sequences_[i];
        requests.back().key_sets = detector_key_sets(tokens.back());
    }
    HEADLIGHT_TRY(const std::vector<RunResult> results, model.runner->run_batch(requests, 0, job));
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (!results[i].trace) return fail(ErrorKind::Internal, "the probe's run gave no attention");
        scores_->add(*results[i].trace, tokens[i], requests[i].key_sets);
    }
    next_ += results.size();
    return next_ == sequences_.size();
}

double ProbeRun::fraction() const {
    return sequences_.empty() ? 0.0 : static_cast<double>(next_) / static_cast<double>(sequences_.size());
}

ProbeResult ProbeRun::result(const LiveModel& model) const {
    ProbeResult out;
    out.model_id = model.info->id;
    out.settings = settings_;
    out.num_layers = model.info->spec.num_layers;
    out.num_heads = model.info->spec.num_heads;
    for (int layer = 0; layer < out.num_layers; ++layer) {
        for (int head = 0; head < out.num_heads; ++head)
            out.heads.push_back(scores_->scores({layer, head}));
    }
    return out;
}

}  // namespace headlight
