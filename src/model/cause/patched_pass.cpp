#include "model/cause/patched_pass.h"

#include <algorithm>

#include "model/forward/run_probe.h"
#include "model/forward/torch_attention.h"

namespace headlight {
namespace {

constexpr int kRowsPerBatch = 384;

/// What enters `layer` in the pass, once for each of `count` texts; memory of its own.
torch::Tensor entering_copies(const Recording& pass, int layer, std::int64_t count) {
    const torch::Tensor& x = pass.entering[static_cast<std::size_t>(layer)];
    return x.unsqueeze(0).expand({count, x.size(0), x.size(1)}).clone();
}

/// A head's values [N, head_dim] in a pass.
torch::Tensor values_of(const Architecture& arch, const Recording& pass, int layer, int head) {
    return pass.values[static_cast<std::size_t>(layer)].narrow(
        1, std::int64_t{head / arch.group_size()} * arch.head_dim, arch.head_dim);
}

/// Weights of one head as a tensor, [N, N].
torch::Tensor weights_of(const Recording& pass, int layer, int head) {
    const std::vector<float> rows = pass.trace->matrix(layer, head);
    return torch::tensor(rows).view({pass.num_tokens(), pass.num_tokens()});
}

/// Stops between layers; otherwise silent: the caller reports cell by cell.
class PatchProbe : public Probe {
  public:
    explicit PatchProbe(const JobContext& job) : job_(job) {}
    bool begin_layer(int, int) override { return !job_.should_stop(); }

  private:
    const JobContext& job_;
};

class CellProbe final : public PatchProbe {
  public:
    CellProbe(const Architecture& arch, const Recording& base, const Recording& source,
              std::span<const PatchCell> cells, int question_row, const JobContext& job)
        : PatchProbe(job),
          arch_(arch),
          base_(base),
          source_(source),
          cells_(cells),
          question_row_(question_row) {}

    bool wants(Site site, int layer) const override {
        return layer == cells_.front().layer &&
               (site == Site::BlockInput || site == Site::FinalInput || site == Site::HeadOutput ||
                site == Site::AttentionAdded || site == Site::MlpAdded);
    }
    void visit(Site site, int layer, torch::Tensor& tensor) override {
        const auto at = static_cast<std::size_t>(layer);
        for (std::size_t b = 0; b < cells_.size(); ++b) {
            const PatchCell& cell = cells_[b];
            torch::Tensor text = tensor[static_cast<std::int64_t>(b)];
            if (cell.site == PatchSite::Resid && (site == Site::BlockInput || site == Site::FinalInput))
                text[cell.position].copy_(source_.entering[at][cell.position]);
            if (cell.site == PatchSite::Attn && site == Site::AttentionAdded)
                text[cell.position].copy_(source_.attention[at][cell.position]);
            if (cell.site == PatchSite::Mlp && site == Site::MlpAdded)
                text[cell.position].copy_(source_.mlp[at][cell.position]);
            if (has_heads(cell.site) && site == Site::HeadOutput) put_head(cell, text.select(1, cell.head));
        }
    }

  private:
    /// `out` [N, head_dim] of one text.
    void put_head(const PatchCell& cell, torch::Tensor out) const {
        const torch::Tensor source = source_.heads[static_cast<std::size_t>(cell.layer)].narrow(
            1, std::int64_t{cell.head} * arch_.head_dim, arch_.head_dim);
        if (cell.site == PatchSite::Head) out.copy_(source);
        if (cell.site == PatchSite::HeadAt) out[question_row_].copy_(source[question_row_]);
        if (cell.site == PatchSite::HeadPos) out[cell.position].copy_(source[cell.position]);
        if (cell.site == PatchSite::Pattern)
            out.copy_(weights_of(source_, cell.layer, cell.head)
                          .mm(values_of(arch_, base_, cell.layer, cell.head)));
        if (cell.site == PatchSite::Value)
            out.copy_(weights_of(base_, cell.layer, cell.head)
                          .mm(values_of(arch_, source_, cell.layer, cell.head)));
    }

    const Architecture& arch_;
    const Recording& base_;
    const Recording& source_;
    std::span<const PatchCell> cells_;
    int question_row_;
};

/// Cross-attention's heads keep the clean pass's outputs.
class GivenCrossHeads final : public AttentionStep {
  public:
    GivenCrossHeads(const Recording& clean, std::int64_t count) : clean_(clean), count_(count) {}
    torch::Tensor attend(int layer, const AttentionInputs&) override {
        const torch::Tensor& heads = clean_.cross_heads[static_cast<std::size_t>(layer)];
        return heads.unsqueeze(0).expand({count_, heads.size(0), heads.size(1)});
    }

  private:
    const Recording& clean_;
    std::int64_t count_;
};

/// Every head's output is given, whatever the queries and keys are.
class GivenHeads final : public AttentionStep {
  public:
    GivenHeads(const Architecture& arch, const Recording& clean, const Recording& corrupted,
               std::span<const HeadId> senders)
        : arch_(arch), clean_(clean), corrupted_(corrupted), senders_(senders) {}

    torch::Tensor attend(int layer, const AttentionInputs&) override {
        const auto at = static_cast<std::size_t>(layer);
        const auto count = static_cast<std::int64_t>(senders_.size());
        const torch::Tensor& heads = clean_.heads[at];
        torch::Tensor out = heads.unsqueeze(0).expand({count, heads.size(0), heads.size(1)});
        if (layer != senders_.front().layer) return out;
        out = out.clone();
        for (std::int64_t b = 0; b < count; ++b) {
            const std::int64_t first =
                std::int64_t{senders_[static_cast<std::size_t>(b)].head} * arch_.head_dim;
            out[b]
                .narrow(1, first, arch_.head_dim)
                .copy_(corrupted_.heads[at].narrow(1, first, arch_.head_dim));
        }
        return out;
    }

  private:
    const Architecture& arch_;
    const Recording& clean_;
    const Recording& corrupted_;
    std::span<const HeadId> senders_;
};

class FrozenMlps final : public Probe {
  public:
    explicit FrozenMlps(const Recording& clean) : clean_(clean) {}
    bool wants(Site site, int) const override { return site == Site::MlpAdded; }
    void visit(Site, int layer, torch::Tensor& tensor) override {
        tensor = clean_.mlp[static_cast<std::size_t>(layer)].unsqueeze(0).expand_as(tensor);
    }

  private:
    const Recording& clean_;
};

class ReceiverProbe final : public PatchProbe {
  public:
    ReceiverProbe(const Architecture& arch, HeadId receiver, PathInput input, torch::Tensor changed,
                  const JobContext& job)
        : PatchProbe(job), arch_(arch), receiver_(receiver), input_(input), changed_(std::move(changed)) {}

    bool wants(Site site, int layer) const override {
        if (layer != receiver_.layer) return false;
        if (site == Site::Query) return input_ == PathInput::Query;
        return (site == Site::Key || site == Site::Value) && input_ != PathInput::Query;
    }
    void visit(Site site, int, torch::Tensor& tensor) override {
        torch::Tensor heads = tensor.unflatten(-1, {-1, arch_.head_dim});  // [B, N, heads, head_dim]
        // Heads of a group share keys and values: each query head gets its own, so that the others keep
        // theirs.
        heads = site == Site::Query || arch_.group_size() == 1
                    ? heads.clone()
                    : heads.repeat_interleave(arch_.group_size(), 2);
        const Site mine = input_ == PathInput::Query ? Site::Query
                          : input_ == PathInput::Key ? Site::Key
                                                     : Site::Value;
        if (site == mine) heads.select(2, receiver_.head).copy_(changed_);
        tensor = heads.flatten(-2);
    }

  private:
    const Architecture& arch_;
    HeadId receiver_;
    PathInput input_;
    torch::Tensor changed_;  // [B, N, head_dim]
};

/// The blocks from `layer` on over x [B, N, D], whose encoder is that of `base`.
torch::Tensor run_from(const LoadedModel& model, torch::Tensor x, int layer, const Recording& base,
                       Probe& probe) {
    const int num_tokens = base.num_tokens();
    TorchAttention attention(model.arch, &probe);
    TorchCrossAttention cross(model.arch);
    PassContext context = make_context(model.arch, model.weights, attention, num_tokens, {0, num_tokens});
    if (base.encoder_hidden.defined()) {
        context.cross = &cross;
        context.encoder_hidden = base.encoder_hidden.unsqueeze(0);
    }
    return forward_from(context, std::move(x), layer, &probe);
}

}  // namespace

int passes_per_batch(const Architecture& arch, int num_tokens) {
    // Disentangled scores are made from the queries and keys of one text.
    if (arch.has_layer_bias()) return 1;
    return std::max(1, kRowsPerBatch / num_tokens);
}

torch::Tensor run_patched(const LoadedModel& model, const Recording& base, const Recording& source,
                          std::span<const PatchCell> cells, int question_row, const JobContext& job) {
    const int layer = cells.front().layer;
    CellProbe probe(model.arch, base, source, cells, question_row, job);
    return run_from(model, entering_copies(base, layer, static_cast<std::int64_t>(cells.size())), layer, base,
                    probe);
}

torch::Tensor run_path(const LoadedModel& model, const Recording& clean, const Recording& corrupted,
                       std::span<const HeadId> senders, int end_layer, bool freezes_mlps) {
    const int first = senders.front().layer, num_tokens = clean.num_tokens();
    GivenHeads attention(model.arch, clean, corrupted, senders);
    FrozenMlps frozen(clean);
    PassContext context = make_context(model.arch, model.weights, attention, num_tokens, {0, num_tokens});
    GivenCrossHeads cross(clean, static_cast<std::int64_t>(senders.size()));
    if (clean.encoder_hidden.defined()) {
        context.cross = &cross;
        context.encoder_hidden = clean.encoder_hidden.unsqueeze(0);
    }
    if (freezes_mlps) context.probe = &frozen;
    torch::Tensor x = entering_copies(clean, first, static_cast<std::int64_t>(senders.size()));
    for (int layer = first; layer < end_layer; ++layer)
        x = run_block(context, layer, x);
    return x;
}

torch::Tensor run_received(const LoadedModel& model, const Recording& clean, HeadId receiver, PathInput input,
                           const torch::Tensor& entering, const JobContext& job) {
    const Architecture& arch = model.arch;
    const Weights& weights = model.weights;
    const int layer = receiver.layer;
    const torch::Tensor read = attention_input(arch, weights, layer, entering);
    const torch::Tensor all = input == PathInput::Query ? project_queries(arch, weights, layer, read)
                              : input == PathInput::Key ? project_keys(arch, weights, layer, read)
                                                        : project_values(arch, weights, layer, read);
    const int head = input == PathInput::Query ? receiver.head : receiver.head / arch.group_size();
    ReceiverProbe probe(arch, receiver, input,
                        all.narrow(2, std::int64_t{head} * arch.head_dim, arch.head_dim), job);
    return run_from(model, entering_copies(clean, receiver.layer, entering.size(0)), receiver.layer, clean,
                    probe);
}

}  // namespace headlight
