#include "model/cause/causal_run.h"

#include <c10/core/InferenceMode.h>

#include "model/cause/attribution.h"
#include "model/cause/cell_factors.h"
#include "model/cause/circuits.h"
#include "model/cause/lens.h"
#include "model/cause/score_parts.h"
#include "model/cause/stream_parts.h"
#include "model/forward/forward.h"
#include "model/request_check.h"
#include "model/weights/tensor_copies.h"

namespace headlight {
namespace {

class TorchCausalRun final : public CausalRun {
  public:
    TorchCausalRun(LoadedModel& model, Vocabulary& vocabulary, ThreadSetting threads, Recording recording)
        : model_(model),
          vocabulary_(vocabulary),
          threads_(std::move(threads)),
          recording_(std::move(recording)),
          stream_(model, recording_),
          why_not_(headlight::why_no_attribution(model)) {}

    std::span<const std::int32_t> ids() const override { return recording_.ids; }
    const TracePtr& trace() const override { return recording_.trace; }
    const std::string& why_no_attribution() const override { return why_not_; }

    Result<Matrix> logits(std::span<const int> positions) override {
        return reading("computing logits", [&]() -> Result<Matrix> {
            HEADLIGHT_CHECK(check_positions(positions, recording_.ids.size()));
            if (!model_.arch.has_head) return fail(ErrorKind::Unsupported, "the checkpoint has no head");
            return to_matrix(output_logits(model_.arch, model_.weights,
                                           recording_.hidden.index_select(0, to_indices(positions))));
        });
    }

    Result<CellFactors> cell_factors(WeightsShown weights, const Question* question,
                                     bool has_value_bias) override {
        return reading("weighing cells", [&]() -> Result<CellFactors> {
            switch (weights) {
                case WeightsShown::Value:
                    return CellFactors{value_lengths(model_, recording_, has_value_bias), {}, "length"};
                case WeightsShown::Norm: {
                    CellFactors factors = written_factors(model_, recording_, stream_, has_value_bias);
                    factors.unit = "length";
                    return factors;
                }
                case WeightsShown::Effect:
                    return effects(question, has_value_bias, /*is_answer_alone=*/false);
                case WeightsShown::Raw:
                case WeightsShown::NoSink:
                    break;
            }
            return fail(ErrorKind::InvalidInput, "plain weights have no factors");
        });
    }

    Result<CellFactors> answer_factors(const Question& question) override {
        return reading("weighing cells",
                       [&]() -> Result<CellFactors> { return effects(&question, true, true); });
    }

    Result<Matrix> moved_lengths(bool has_value_bias) override {
        return reading("weighing cells", [&]() -> Result<Matrix> {
            return headlight::moved_lengths(model_, recording_, has_value_bias);
        });
    }

    Result<Attribution> attribute(const Question& question, bool wants_ranks,
                                  const JobContext& job) override {
        return reading("attributing the answer", [&]() -> Result<Attribution> {
            HEADLIGHT_CHECK(check(question));
            Attribution out = attribute_answer(model_, recording_, stream_, question, vocabulary_.mean_row());
            if (job.should_stop()) return fail(ErrorKind::Cancelled, "stopped");
            if (wants_ranks)
                out.answer_rank = answer_ranks(model_, recording_, stream_, question, out.components);
            return out;
        });
    }

    Result<Lens> lens(const LensRequest& request, const JobContext& job) override {
        return reading("reading the states", [&]() -> Result<Lens> {
            if (request.question)
                HEADLIGHT_CHECK(check_question(model_, *request.question, recording_.ids.size()));
            return lens_of(model_, recording_, request, job);
        });
    }

    Result<std::vector<float>> head_writes(HeadId head, int row, int key) override {
        return reading("reading what a head writes", [&]() -> Result<std::vector<float>> {
            HEADLIGHT_CHECK(check_place(head, row, key));
            if (!why_not_.empty()) return fail(ErrorKind::Unsupported, "{}", why_not_);
            const Architecture& arch = model_.arch;
            torch::Tensor outputs = torch::zeros({arch.num_heads, arch.head_dim});
            outputs[head.head].copy_(key < 0
                                         ? recording_.heads[static_cast<std::size_t>(head.layer)][row].narrow(
                                               0, std::int64_t{head.head} * arch.head_dim, arch.head_dim)
                                         : head_values(model_, recording_, head.layer, true)[head.head][key]);
            const torch::Tensor written =
                written_by_heads(model_, stream_, head.layer, row, outputs).narrow(0, head.head, 1);
            const torch::Tensor scores = stream_.to_logits(written, head.layer, row)[0];
            return to_vector(scores - scores.mean());
        });
    }

    Result<ScoreParts> score_parts(AttentionKind kind, HeadId head) override {
        return reading("taking scores apart", [&]() -> Result<ScoreParts> {
            HEADLIGHT_CHECK(check_place(head, 0, -1));
            return score_parts_of(model_, recording_, kind, head);
        });
    }

    Result<std::vector<float>> head_looks_for(HeadId head, int row, const JobContext& job) override {
        return reading("reading what a head looks for", [&]() -> Result<std::vector<float>> {
            HEADLIGHT_CHECK(check_place(head, row, -1));
            const Architecture& arch = model_.arch;
            if (arch.has_cross_attention)
                return fail(ErrorKind::Unsupported,
                            "what a decoder's head looks for needs its tokens alone in a text, and a decoder "
                            "reads none without an encoder's");
            const auto at = static_cast<std::size_t>(head.layer);
            const torch::Tensor read =
                attention_input(arch, model_.weights, head.layer, recording_.entering[at].narrow(0, row, 1));
            const torch::Tensor query =
                project_queries(arch, model_.weights, head.layer, read)
                    .narrow(1, std::int64_t{head.head} * arch.head_dim, arch.head_dim);
            HEADLIGHT_TRY(const torch::Tensor scores, asked_for(model_, vocabulary_, head, query, job));
            return to_vector(scores);
        });
    }

  private:
    template <class Body>
    auto reading(const char* what, const Body& body) -> decltype(body()) {
        return guarded_reading(model_, what, [&]() -> decltype(body()) {
            const c10::InferenceMode inference;
            use_threads(choose_threads(threads_->load()), recording_.num_tokens());
            return body();
        });
    }

    Status check(const Question& question) const {
        if (!why_not_.empty()) return fail(ErrorKind::Unsupported, "{}", why_not_);
        return check_question(model_, question, recording_.ids.size());
    }

    Status check_place(HeadId head, int row, int key) const {
        const bool is_head = head.layer >= 0 && head.layer < model_.arch.num_layers && head.head >= 0 &&
                             head.head < model_.arch.num_heads;
        const int count = recording_.num_tokens();
        if (is_head && row >= 0 && row < count && key < count) return {};
        return fail(ErrorKind::InvalidInput, "there is no {} at position {} of a text of {} tokens",
                    head.to_string(), is_head && row >= 0 && row < count ? key : row, count);
    }

    Result<CellFactors> effects(const Question* question, bool has_value_bias, bool is_answer_alone) {
        if (question == nullptr)
            return fail(ErrorKind::InvalidInput, "the effect of a cell needs a question: an answer token");
        HEADLIGHT_CHECK(check(*question));
        const AnswerDirections target = directions_of(model_, *question, vocabulary_.mean_row());
        const torch::Tensor rival = target.rows[target.has_rival ? 2 : 1];
        const torch::Tensor direction = is_answer_alone ? target.rows[0] : target.rows[0] - rival;
        CellFactors factors =
            effect_factors(model_, recording_, stream_, direction.unsqueeze(0), has_value_bias);
        factors.unit = "logits";
        return factors;
    }

    LoadedModel& model_;
    Vocabulary& vocabulary_;
    ThreadSetting threads_;
    Recording recording_;
    FrozenStream stream_;
    std::string why_not_;
};

}  // namespace

Status check_question(const LoadedModel& model, const Question& question, std::size_t num_tokens) {
    const Architecture& arch = model.arch;
    if (!arch.has_head)
        return fail(ErrorKind::Unsupported, "{} has no head over the vocabulary, so it gives no answer",
                    model.spec.name);
    const auto is_token = [&](std::int32_t id) { return id >= 0 && id < arch.vocab_size; };
    if (question.position < 0 || question.position >= static_cast<int>(num_tokens))
        return fail(ErrorKind::InvalidInput, "the question is asked at position {} of a text of {} tokens",
                    question.position, num_tokens);
    if (!is_token(question.answer) || (question.rival && !is_token(*question.rival)))
        return fail(ErrorKind::InvalidInput, "answer and rival are tokens 0 to {}; found {}{}",
                    arch.vocab_size - 1, question.answer,
                    question.rival ? fmt::format(" and {}", *question.rival) : "");
    return {};
}

Result<std::unique_ptr<CausalRun>> start_causal_run(LoadedModel& model, Vocabulary& vocabulary,
                                                    ThreadSetting threads, std::span<const std::int32_t> ids,
                                                    const JobContext& job,
                                                    std::span<const std::int32_t> encoder_ids,
                                                    const torch::Tensor& encoder_hidden) {
    const int num_threads = choose_threads(threads->load());
    use_threads(num_threads, static_cast<int>(ids.size()));
    HEADLIGHT_TRY(Recording recording, record(model, ids, num_threads, job, encoder_ids, encoder_hidden));
    return std::make_unique<TorchCausalRun>(model, vocabulary, std::move(threads), std::move(recording));
}

}  // namespace headlight
