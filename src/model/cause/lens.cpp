#include "model/cause/lens.h"

#include <algorithm>

#include "model/forward/forward.h"
#include "model/weights/tensor_copies.h"

namespace headlight {
namespace {

constexpr std::int64_t kBlockBytes = std::int64_t{32} << 20;  // logits of one block of rows

/// Strictly larger logits than those of `ids` [rows], [rows].
torch::Tensor ranks_of(const torch::Tensor& logits, const torch::Tensor& ids) {
    return logits.gt(logits.gather(1, ids.unsqueeze(1))).sum(1).to(torch::kFloat32);
}

void put(Matrix& matrix, int state, std::int64_t begin, const torch::Tensor& values) {
    const torch::Tensor plain = values.to(torch::kFloat32).contiguous();
    std::copy_n(plain.const_data_ptr<float>(), plain.numel(), matrix.row(state).begin() + begin);
}

class LensPass {
  public:
    LensPass(const LoadedModel& model, const Recording& recording, const LensRequest& request)
        : model_(model), recording_(recording), request_(request) {
        const std::int64_t states = model.arch.num_layers + 1, tokens = recording.num_tokens();
        lens_.num_states = static_cast<int>(states);
        lens_.num_tokens = recording.num_tokens();
        lens_.top_k = std::min(request.top_k, model.arch.vocab_size);
        const auto size = static_cast<std::size_t>(states * tokens * lens_.top_k);
        lens_.top_ids.resize(size);
        lens_.top_probs.resize(size);
        lens_.entropy = lens_.kl = lens_.rank_final = Matrix(states, tokens);
        if (!request.question) return;
        lens_.rank_answer = lens_.difference = lens_.probability = Matrix(states, tokens);
        if (request.question->rival) lens_.rank_rival = Matrix(states, tokens);
        if (request.wants_logits) lens_.logits_at = Matrix(states, model.arch.vocab_size);
    }

    /// Rows [begin, end) of every state.
    void read(std::int64_t begin, std::int64_t end) {
        const torch::Tensor last = logits(lens_.num_states - 1, begin, end);
        const torch::Tensor final_log = torch::log_softmax(last, -1);
        const torch::Tensor first = last.argmax(-1);
        for (int state = 0; state < lens_.num_states; ++state) {
            const bool is_last = state + 1 == lens_.num_states;
            const torch::Tensor y = is_last ? last : logits(state, begin, end);
            const torch::Tensor log_p = is_last ? final_log : torch::log_softmax(y, -1);
            const torch::Tensor p = log_p.exp();
            put(lens_.entropy, state, begin, -(p * log_p).sum(-1));
            put(lens_.kl, state, begin, (final_log.exp() * (final_log - log_p)).sum(-1));
            put(lens_.rank_final, state, begin, ranks_of(y, first));
            put_top(state, begin, p);
            if (request_.question) put_answer(state, begin, y, p);
        }
    }
    Lens take() { return std::move(lens_); }

  private:
    torch::Tensor logits(int state, std::int64_t begin, std::int64_t end) const {
        const torch::Tensor x = recording_.entering[static_cast<std::size_t>(state)].slice(0, begin, end);
        return output_logits(model_.arch, model_.weights, finish_hidden(model_.arch, model_.weights, x));
    }
    void put_top(int state, std::int64_t begin, const torch::Tensor& p) {
        auto [values, ids] = p.topk(lens_.top_k, -1);
        const torch::Tensor probs = values.contiguous(), numbers = ids.to(torch::kInt32).contiguous();
        const auto to = static_cast<std::ptrdiff_t>(lens_.at(state, static_cast<int>(begin)));
        std::copy_n(probs.const_data_ptr<float>(), probs.numel(), lens_.top_probs.begin() + to);
        std::copy_n(numbers.const_data_ptr<std::int32_t>(), numbers.numel(), lens_.top_ids.begin() + to);
    }
    void put_answer(int state, std::int64_t begin, const torch::Tensor& y, const torch::Tensor& p) {
        const Question& question = *request_.question;
        const auto ids = [&](std::int32_t id) { return torch::full({y.size(0)}, id, torch::kInt64); };
        const torch::Tensor answer = y.select(1, question.answer);
        put(lens_.rank_answer, state, begin, ranks_of(y, ids(question.answer)));
        put(lens_.probability, state, begin, p.select(1, question.answer));
        if (question.rival) put(lens_.rank_rival, state, begin, ranks_of(y, ids(*question.rival)));
        put(lens_.difference, state, begin,
            answer - (question.rival ? y.select(1, *question.rival) : y.mean(-1)));
        const std::int64_t row = question.position - begin;
        if (!lens_.logits_at.empty() && row >= 0 && row < y.size(0)) {
            const torch::Tensor plain = y[row].contiguous();
            std::copy_n(plain.const_data_ptr<float>(), plain.numel(), lens_.logits_at.row(state).begin());
        }
    }

    const LoadedModel& model_;
    const Recording& recording_;
    const LensRequest& request_;
    Lens lens_;
};

}  // namespace

Result<Lens> lens_of(const LoadedModel& model, const Recording& recording, const LensRequest& request,
                     const JobContext& job) {
    if (!model.arch.has_head)
        return fail(ErrorKind::Unsupported, "{} has no head over the vocabulary to read its states with",
                    model.spec.name);
    LensPass pass(model, recording, request);
    const std::int64_t tokens = recording.num_tokens();
    const std::int64_t step =
        std::clamp<std::int64_t>(kBlockBytes / (std::int64_t{model.arch.vocab_size} * 4), 1, tokens);
    for (std::int64_t begin = 0; begin < tokens; begin += step) {
        if (job.should_stop()) return fail(ErrorKind::Cancelled, "reading the states was stopped");
        job.report({"reading the states", static_cast<double>(begin) / static_cast<double>(tokens), ""});
        pass.read(begin, std::min(tokens, begin + step));
    }
    return pass.take();
}

}  // namespace headlight
