// Several texts that go through the model as one: their rows stand in one tensor, so that each matrix is read
// once for all of them. Attention and probes get each text by itself.
#pragma once

#include <torch/types.h>

#include <memory>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "base/progress.h"
#include "model/forward/forward.h"

namespace headlight {

/// Texts [begin, end) of each stack, in order, for texts of these many tokens: at most kRowsPerStack rows,
/// about as many in each, and one text where rows of different texts would meet.
std::vector<std::pair<std::size_t, std::size_t>> cut_stacks(const Architecture& arch,
                                                            std::span<const int> lengths);

/// Where the texts of one stack lie. Stacks of texts that may share products are filled up to whole blocks of
/// rows: products of a few rows and the ends of vector loops round in another way, and then a number would
/// depend on its neighbours.
class Stack {
  public:
    /// With as many rows a product goes the same way as with any larger number (kernel_choice.h).
    static constexpr std::int64_t kSteadyRows = 128;

    /// The references must outlive it. `lengths`: tokens of the texts, as cut_stacks() put them together.
    /// Filled up to `least_rows` where texts share products.
    Stack(const Architecture& arch, const Weights& weights, std::span<const int> lengths,
          std::int64_t least_rows = kSteadyRows);

    std::size_t num_texts() const { return texts_.size(); }
    int longest() const { return longest_; }
    /// [1, rows, ..] of one [1, N, ..] a text.
    torch::Tensor join(std::vector<torch::Tensor> parts) const;
    /// The rows of one text, [1, N, ..], a view.
    torch::Tensor part(const torch::Tensor& rows, std::size_t text) const;
    /// What the blocks share; `attention` is a StackedAttention of this stack.
    PassContext context(AttentionStep& attention) const;

  private:
    friend class StackedAttention;
    /// What the attention of a text depends on beside its rows.
    struct Tables {
        RotaryTables rotary;
        ScoreBiasTable bias;
    };
    struct Text {
        std::int64_t first = 0;
        int length = 0;
        std::shared_ptr<const Tables> tables;
    };
    const Architecture& arch_;
    const Weights& weights_;
    std::vector<Text> texts_;
    int longest_ = 0;
    std::int64_t num_filled_ = 0, num_rows_ = 0;  // of texts; with what fills the last block
    bool is_shared_ = false;
};

/// Attention text by text, each with a step of its own.
class StackedAttention final : public AttentionStep {
  public:
    StackedAttention(const Stack& stack, std::vector<AttentionStep*> steps)
        : stack_(stack), steps_(std::move(steps)) {}
    torch::Tensor attend(int layer, const AttentionInputs& inputs) override;

  private:
    const Stack& stack_;
    std::vector<AttentionStep*> steps_;
};

/// Progress of the stacks of a batch.
class BatchProgress {
  public:
    BatchProgress(const JobContext& job, int num_layers) : job_(job), num_layers_(num_layers) {}
    /// Before each layer of each stack; false stops the pass.
    bool begin_layer();

  private:
    const JobContext& job_;
    const int num_layers_;  // of all stacks together
    std::mutex mutex_;
    int num_begun_ = 0;
};

/// Shows each text's rows to a probe of its own (null: none).
class StackedProbe final : public Probe {
  public:
    StackedProbe(const Stack& stack, std::vector<Probe*> probes, BatchProgress& progress)
        : stack_(stack), probes_(std::move(probes)), progress_(progress) {}
    bool begin_layer(int, int) override { return progress_.begin_layer(); }
    bool wants(Site site, int layer) const override;
    void visit(Site site, int layer, torch::Tensor& tensor) override;

  private:
    const Stack& stack_;
    std::vector<Probe*> probes_;
    BatchProgress& progress_;
};

}  // namespace headlight
