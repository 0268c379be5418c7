#include "model/cause/patching_run.h"

#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <map>

#include "model/cause/causal_run.h"
#include "model/cause/patched_pass.h"
#include "model/weights/tensor_copies.h"

namespace headlight {
namespace {

class TorchPatchingRun final : public PatchingRun {
  public:
    TorchPatchingRun(LoadedModel& model, ThreadSetting threads, const Question& question, Recording clean,
                     Recording corrupted)
        : model_(model),
          threads_(std::move(threads)),
          question_(question),
          clean_(std::move(clean)),
          corrupted_(std::move(corrupted)) {
        const auto differs = std::mismatch(clean_.ids.begin(), clean_.ids.end(), corrupted_.ids.begin());
        first_difference_ = clean_.encoder_ids == corrupted_.encoder_ids
                                ? static_cast<int>(differs.first - clean_.ids.begin())
                                : 0;  // every position reads the encoder
        clean_metrics_ = measure(clean_.hidden.unsqueeze(0)).front();
        corrupted_metrics_ = measure(corrupted_.hidden.unsqueeze(0)).front();
    }

    const AnswerMetrics& clean() const override { return clean_metrics_; }
    const AnswerMetrics& corrupted() const override { return corrupted_metrics_; }
    int first_difference() const override { return first_difference_; }

    Status patch(PatchDirection direction, std::span<const PatchCell> cells, const JobContext& job,
                 const OnCell& on_cell) override {
        return guarded_reading(model_, "patching", [&]() -> Status {
            const c10::InferenceMode inference;
            for (const PatchCell& cell : cells)
                HEADLIGHT_CHECK(check(cell));
            return patch_checked(direction, cells, job, on_cell);
        });
    }

    Status patch_path(const PathRequest& path, std::span<const HeadId> senders, const JobContext& job,
                      const OnCell& on_sender) override {
        return guarded_reading(model_, "patching a path", [&]() -> Status {
            const c10::InferenceMode inference;
            for (const HeadId sender : senders)
                HEADLIGHT_CHECK(check_head(sender));
            if (path.receiver) HEADLIGHT_CHECK(check_head(*path.receiver));
            return path_checked(path, senders, job, on_sender);
        });
    }

  private:
    Status check_head(HeadId head) const {
        if (head.layer >= 0 && head.layer < model_.arch.num_layers && head.head >= 0 &&
            head.head < model_.arch.num_heads)
            return {};
        return fail(ErrorKind::InvalidInput, "there is no head {}: the model has {} layers of {} heads",
                    head.to_string(), model_.arch.num_layers, model_.arch.num_heads);
    }
    Status check(const PatchCell& cell) const;
    Status patch_checked(PatchDirection direction, std::span<const PatchCell> cells, const JobContext& job,
                         const OnCell& on_cell);
    Status path_checked(const PathRequest& path, std::span<const HeadId> senders, const JobContext& job,
                        const OnCell& on_sender);
    /// Metrics of texts by their final hidden states [B, N, D].
    std::vector<AnswerMetrics> measure(const torch::Tensor& hidden);
    /// Nothing can have changed: the values agree, or there is nothing to change.
    bool is_void(const PatchCell& cell) const {
        if (cell.site == PatchSite::Mlp && !model_.arch.has_mlp) return true;
        return model_.arch.is_causal && has_positions(cell.site) && cell.position < first_difference_;
    }
    /// What enters the receiver's layer when the senders are changed along the path; kept while receivers of
    /// one layer are asked for one after another.
    torch::Tensor streams_into(const PathRequest& path, std::span<const HeadId> senders, int layer);
    void use_threads_for(std::size_t passes) const {
        use_threads(choose_threads(threads_->load()), clean_.num_tokens() * static_cast<int>(passes));
    }

    LoadedModel& model_;
    ThreadSetting threads_;
    Question question_;
    Recording clean_, corrupted_;
    int first_difference_ = 0;
    torch::Tensor clean_log_;  // [vocab] ln p at the question's row
    AnswerMetrics clean_metrics_, corrupted_metrics_;
    std::map<HeadId, torch::Tensor> streams_;    // by sender, of kept_path_
    std::pair<int, bool> kept_path_{-1, false};  // layer that is entered, feed-forward parts frozen
};

std::vector<AnswerMetrics> TorchPatchingRun::measure(const torch::Tensor& hidden) {
    const torch::Tensor logits =
        output_logits(model_.arch, model_.weights, hidden.select(1, question_.position));  // [B, vocab]
    const torch::Tensor log_p = torch::log_softmax(logits, -1);
    if (!clean_log_.defined()) clean_log_ = log_p[0].clone();
    const torch::Tensor kl = (clean_log_.exp() * (clean_log_ - log_p)).sum(-1);
    std::vector<AnswerMetrics> out(static_cast<std::size_t>(logits.size(0)));
    for (std::size_t b = 0; b < out.size(); ++b) {
        const auto at = static_cast<std::int64_t>(b);
        AnswerMetrics& metrics = out[b];
        metrics.answer_logit = logits[at][question_.answer].item<float>();
        metrics.rival_logit =
            question_.rival ? logits[at][*question_.rival].item<float>() : logits[at].mean().item<float>();
        metrics.difference = metrics.answer_logit - metrics.rival_logit;
        metrics.probability = log_p[at][question_.answer].exp().item<float>();
        metrics.kl = kl[at].item<float>();
    }
    return out;
}

Status TorchPatchingRun::check(const PatchCell& cell) const {
    const int layers = model_.arch.num_layers + (cell.site == PatchSite::Resid ? 1 : 0);
    const bool is_layer = cell.layer >= 0 && cell.layer < layers;
    const bool is_head = !has_heads(cell.site) || (cell.head >= 0 && cell.head < model_.arch.num_heads);
    const bool is_place =
        !has_positions(cell.site) || (cell.position >= 0 && cell.position < clean_.num_tokens());
    if (is_layer && is_head && is_place) return {};
    return fail(ErrorKind::InvalidInput,
                "there is no {} of layer {}, head {}, position {}: the model has {} layers of {} heads, the "
                "text {} tokens",
                to_string(cell.site), cell.layer, cell.head, cell.position, model_.arch.num_layers,
                model_.arch.num_heads, clean_.num_tokens());
}

Status TorchPatchingRun::patch_checked(PatchDirection direction, std::span<const PatchCell> cells,
                                       const JobContext& job, const OnCell& on_cell) {
    const bool is_denoising = direction == PatchDirection::Denoise;
    const Recording& base = is_denoising ? corrupted_ : clean_;
    const Recording& source = is_denoising ? clean_ : corrupted_;
    const AnswerMetrics& unchanged = is_denoising ? corrupted_metrics_ : clean_metrics_;
    const auto batch = static_cast<std::size_t>(passes_per_batch(model_.arch, base.num_tokens()));
    std::vector<PatchCell> chosen;
    std::vector<std::size_t> indices;
    const auto flush = [&]() -> Status {
        if (chosen.empty()) return {};
        use_threads_for(chosen.size());
        const torch::Tensor hidden = run_patched(model_, base, source, chosen, question_.position, job);
        if (!hidden.defined()) return fail(ErrorKind::Cancelled, "patching was stopped");
        const std::vector<AnswerMetrics> metrics = measure(hidden);
        for (std::size_t i = 0; i < indices.size(); ++i)
            on_cell(indices[i], metrics[i]);
        chosen.clear();
        indices.clear();
        return {};
    };
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (is_void(cells[i])) {
            on_cell(i, unchanged);
            continue;
        }
        if (!chosen.empty() && (chosen.front().layer != cells[i].layer || chosen.size() == batch))
            HEADLIGHT_CHECK(flush());
        chosen.push_back(cells[i]);
        indices.push_back(i);
    }
    return flush();
}

torch::Tensor TorchPatchingRun::streams_into(const PathRequest& path, std::span<const HeadId> senders,
                                             int layer) {
    const std::pair wanted{layer, path.freezes_mlps};
    if (kept_path_ != wanted) streams_.clear();
    kept_path_ = wanted;
    std::vector<HeadId> missing;
    for (const HeadId sender : senders)
        if (!streams_.contains(sender)) missing.push_back(sender);
    if (!missing.empty()) {
        const torch::Tensor streams = run_path(model_, clean_, corrupted_, missing, layer, path.freezes_mlps);
        for (std::size_t i = 0; i < missing.size(); ++i)
            streams_[missing[i]] = streams[static_cast<std::int64_t>(i)];
    }
    std::vector<torch::Tensor> out;
    for (const HeadId sender : senders)
        out.push_back(streams_[sender]);
    return torch::stack(out);
}

Status TorchPatchingRun::path_checked(const PathRequest& path, std::span<const HeadId> senders,
                                      const JobContext& job, const OnCell& on_sender) {
    const int end_layer = path.receiver ? path.receiver->layer : model_.arch.num_layers;
    const auto batch = static_cast<std::size_t>(passes_per_batch(model_.arch, clean_.num_tokens()));
    std::size_t begin = 0;
    while (begin < senders.size()) {
        if (senders[begin].layer >= end_layer) {
            on_sender(begin, clean_metrics_);
            ++begin;
            continue;
        }
        std::size_t end = begin + 1;
        while (end < senders.size() && end - begin < batch && senders[end].layer == senders[begin].layer)
            ++end;
        if (job.should_stop()) return fail(ErrorKind::Cancelled, "patching was stopped");
        use_threads_for(end - begin);
        const auto group = senders.subspan(begin, end - begin);
        torch::Tensor hidden;
        if (path.receiver) {
            hidden = run_received(model_, clean_, *path.receiver, path.input,
                                  streams_into(path, group, end_layer), job);
            if (!hidden.defined()) return fail(ErrorKind::Cancelled, "patching was stopped");
        } else {
            hidden = finish_hidden(model_.arch, model_.weights,
                                   run_path(model_, clean_, corrupted_, group, end_layer, path.freezes_mlps));
        }
        const std::vector<AnswerMetrics> metrics = measure(hidden);
        for (std::size_t i = 0; i < metrics.size(); ++i)
            on_sender(begin + i, metrics[i]);
        begin = end;
    }
    return {};
}

Status check_pair(const LoadedModel& model, std::span<const std::int32_t> clean,
                  std::span<const std::int32_t> corrupted, const Question& question) {
    if (clean.size() != corrupted.size())
        return fail(ErrorKind::InvalidInput,
                    "the clean text has {} tokens and the corrupted one {}; patching puts values at the same "
                    "position, so both need as many",
                    clean.size(), corrupted.size());
    return check_question(model, question, clean.size());
}

bool is_same_text(std::span<const std::int32_t> a, std::span<const std::int32_t> b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

}  // namespace

Result<std::unique_ptr<PatchingRun>> start_patching_run(LoadedModel& model, ThreadSetting threads,
                                                        std::span<const std::int32_t> clean,
                                                        std::span<const std::int32_t> corrupted,
                                                        const Question& question, const JobContext& job) {
    HEADLIGHT_CHECK(check_pair(model, clean, corrupted, question));
    if (is_same_text(clean, corrupted))
        return fail(ErrorKind::InvalidInput, "clean and corrupted text have the same tokens");
    const int num_threads = choose_threads(threads->load());
    use_threads(num_threads, static_cast<int>(clean.size()));
    HEADLIGHT_TRY(Recording kept, record(model, clean, num_threads, job));
    HEADLIGHT_TRY(Recording other, record(model, corrupted, num_threads, job));
    return std::make_unique<TorchPatchingRun>(model, std::move(threads), question, std::move(kept),
                                              std::move(other));
}

Result<std::unique_ptr<PatchingRun>> start_decoder_patching_run(
    LoadedModel& decoder, ThreadSetting threads, const EncodedText& clean_encoder,
    std::span<const std::int32_t> clean, const EncodedText& corrupted_encoder,
    std::span<const std::int32_t> corrupted, const Question& question, const JobContext& job) {
    HEADLIGHT_CHECK(check_pair(decoder, clean, corrupted, question));
    if (is_same_text(clean, corrupted) && is_same_text(clean_encoder.ids, corrupted_encoder.ids))
        return fail(ErrorKind::InvalidInput, "clean and corrupted texts have the same tokens");
    const int num_threads = choose_threads(threads->load());
    use_threads(num_threads, static_cast<int>(clean.size()));
    HEADLIGHT_TRY(Recording kept,
                  record(decoder, clean, num_threads, job, clean_encoder.ids, clean_encoder.hidden));
    HEADLIGHT_TRY(Recording other, record(decoder, corrupted, num_threads, job, corrupted_encoder.ids,
                                          corrupted_encoder.hidden));
    return std::make_unique<TorchPatchingRun>(decoder, std::move(threads), question, std::move(kept),
                                              std::move(other));
}

}  // namespace headlight
