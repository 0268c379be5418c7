// |M1 M2|_F^2 = <F1 F1^T, F2 F2^T> with F1, F2 [d, k] of what is written and read: an inner product of two
// symmetric d x d matrices instead of a product of two thin ones, which costs d^2 a pair instead of 2 d k^2.
// The d x d matrices are made a few rows at a time for all heads at once, so they are never kept.
#include "analysis/weights/composition.h"

#include <algorithm>
#include <cmath>

#include "analysis/linear_algebra/row_products.h"
#include "analysis/linear_algebra/spectrum_kernels.h"
#include "analysis/weights/head_factors.h"
#include "base/parallel.h"

namespace headlight {
namespace {

constexpr int kStripeRows = 8;  // of the d x d matrices
constexpr int kChunk =
    256;  // values of a stripe that all pairs take before the next ones: stays in the cache
constexpr std::size_t kFactorBytes = std::size_t{512} << 20;  // factors that are kept at a time

/// Layers [begin, end).
struct Layers {
    int begin = 0, end = 0;
    int count() const { return end - begin; }
};

/// Stripes of F F^T of many heads: head by head, each [stripe rows, d - first row] and padding.
struct Stripes {
    int length = 0;
    std::vector<double> values;  // [heads, length]
    double* of(std::size_t head) { return values.data() + head * static_cast<std::size_t>(length); }
    const double* of(std::size_t head) const {
        return values.data() + head * static_cast<std::size_t>(length);
    }
};

class Composer {
  public:
    Composer(int num_layers, int num_heads, const std::function<Result<HeadWeights>(int, int)>& weights_of,
             const JobContext& job)
        : num_layers_(num_layers), num_heads_(num_heads), weights_of_(weights_of), job_(job) {}

    Result<CompositionScores> run();

  private:
    Status load(Layers layers, std::vector<HeadFactors>& out) const;
    Status take_block(Layers later, Layers earlier);
    void take_stripe(Layers later, Layers earlier, int first_row);
    void fill_stripe(const RowMatrix& factor, int first_row, bool is_doubled, double* out) const;
    void add_products(Layers later, Layers earlier, int layer, int begin);

    int num_layers_, num_heads_, hidden_ = 0;
    const std::function<Result<HeadWeights>(int, int)>& weights_of_;
    const JobContext& job_;
    std::vector<HeadFactors> later_, others_;
    const std::vector<HeadFactors>* earlier_ =
        nullptr;                   // of the block that writes: others_, or later_ itself
    Stripes written_, read_;       // read_: query, key and value of a head one after the other
    std::vector<double> squares_;  // [later head, kind, earlier head]
    double num_done_ = 0, num_stripes_ = 1;
};

Status Composer::load(Layers layers, std::vector<HeadFactors>& out) const {
    out.clear();
    for (int i = layers.begin * num_heads_; i < layers.end * num_heads_; ++i) {
        if (job_.should_stop())
            return fail(ErrorKind::Cancelled, "composition: stopped while reading the weights");
        HEADLIGHT_TRY(const HeadWeights weights, weights_of_(i / num_heads_, i % num_heads_));
        HEADLIGHT_TRY(HeadFactors factors, head_factors(weights));
        if (hidden_ != 0 && factors.writes.rows != hidden_) {
            return fail(ErrorKind::InvalidInput, "composition: layer {} has hidden size {}, others {}",
                        i / num_heads_, factors.writes.rows, hidden_);
        }
        out.push_back(std::move(factors));
    }
    return {};
}

/// Rows [first_row, first_row + kStripeRows) of F F^T, columns from first_row on. Of a symmetric matrix that
/// is enough; one side of the inner product counts what lies right of the square twice.
void Composer::fill_stripe(const RowMatrix& factor, int first_row, bool is_doubled, double* out) const {
    const int num_rows = std::min(kStripeRows, hidden_ - first_row), width = hidden_ - first_row;
    std::fill_n(out, kernels::padded(num_rows * width), 0.0);
    kernels::add_row_products(factor.row(first_row), num_rows, factor.stride, factor.row(first_row), width,
                              factor.stride, static_cast<int>(factor.stride), out, width);
    if (!is_doubled) return;
    for (int i = 0; i < num_rows; ++i) {
        for (int j = num_rows; j < width; ++j)
            out[i * width + j] *= 2;
    }
}

/// Adds the inner products of one later layer with all earlier ones of the block over one chunk of the
/// stripe.
void Composer::add_products(Layers later, Layers earlier, int layer, int begin) {
    const int num_earlier = (std::min(earlier.end, layer) - earlier.begin) * num_heads_;
    if (num_earlier <= 0) return;
    const auto first =
        static_cast<std::size_t>(layer - later.begin) * static_cast<std::size_t>(num_heads_) * 3;
    const auto row = static_cast<std::size_t>(layer) * static_cast<std::size_t>(num_heads_) * 3;
    const auto num_all = static_cast<std::size_t>(num_layers_) * static_cast<std::size_t>(num_heads_);
    double* out = squares_.data() + row * num_all + static_cast<std::size_t>(earlier.begin * num_heads_);
    kernels::add_row_products(read_.of(first) + begin, 3 * num_heads_, read_.length, written_.of(0) + begin,
                              num_earlier, written_.length, std::min(kChunk, read_.length - begin), out,
                              static_cast<long>(num_all));
}

void Composer::take_stripe(Layers later, Layers earlier, int first_row) {
    const int num_rows = std::min(kStripeRows, hidden_ - first_row);
    written_.length = read_.length = kernels::padded(num_rows * (hidden_ - first_row));
    written_.values.resize(earlier_->size() * static_cast<std::size_t>(written_.length));
    read_.values.resize(later_.size() * 3 * static_cast<std::size_t>(read_.length));
    const int num_threads = default_num_threads();
    parallel_for(earlier_->size() + later_.size(), num_threads, [&](std::size_t i) {
        if (i < earlier_->size()) return fill_stripe((*earlier_)[i].writes, first_row, true, written_.of(i));
        const std::size_t head = i - earlier_->size();
        const HeadFactors& factors = later_[head];
        fill_stripe(factors.query, first_row, false, read_.of(3 * head));
        fill_stripe(factors.key, first_row, false, read_.of(3 * head + 1));
        fill_stripe(factors.value, first_row, false, read_.of(3 * head + 2));
    });
    // The last layers have the most work: first.
    for (int begin = 0; begin < read_.length; begin += kChunk) {
        parallel_for(static_cast<std::size_t>(later.count()), num_threads, [&](std::size_t i) {
            add_products(later, earlier, later.end - 1 - static_cast<int>(i), begin);
        });
    }
}

Status Composer::take_block(Layers later, Layers earlier) {
    for (int first_row = 0; first_row < hidden_; first_row += kStripeRows) {
        if (job_.should_stop()) return fail(ErrorKind::Cancelled, "composition: stopped");
        job_.report({"composition of heads", std::min(1.0, num_done_ / num_stripes_), {}});
        take_stripe(later, earlier, first_row);
        num_done_ += 1;
    }
    return {};
}

Result<CompositionScores> Composer::run() {
    const int num_all = num_layers_ * num_heads_;
    HEADLIGHT_TRY(const HeadWeights first, weights_of_(0, 0));
    hidden_ = static_cast<int>(first.query.rows);
    const std::size_t head_bytes = 4 * static_cast<std::size_t>(first.query.rows) *
                                   static_cast<std::size_t>(first.query.cols) * sizeof(double);
    const std::size_t layer_bytes =
        std::max<std::size_t>(1, head_bytes * static_cast<std::size_t>(num_heads_));
    const bool fits = layer_bytes * static_cast<std::size_t>(num_layers_) <= kFactorBytes;
    // When not all fit, the factors of two blocks are held.
    const int block =
        fits ? num_layers_ : static_cast<int>(std::max<std::size_t>(1, kFactorBytes / 2 / layer_bytes));
    const int num_blocks = (num_layers_ + block - 1) / block;
    const int num_stripes = (hidden_ + kStripeRows - 1) / kStripeRows;
    num_stripes_ = 0.5 * num_blocks * (num_blocks + 1) * num_stripes;
    squares_.assign(static_cast<std::size_t>(num_all) * 3 * static_cast<std::size_t>(num_all), 0.0);
    for (int i = 0; i < num_blocks; ++i) {
        const Layers later{i * block, std::min(num_layers_, (i + 1) * block)};
        HEADLIGHT_CHECK(load(later, later_));
        for (int j = 0; j <= i; ++j) {
            const Layers earlier{j * block, std::min(num_layers_, (j + 1) * block)};
            if (j < i) HEADLIGHT_CHECK(load(earlier, others_));
            earlier_ = j < i ? &others_ : &later_;
            HEADLIGHT_CHECK(take_block(later, earlier));
        }
    }
    CompositionScores scores;
    scores.baseline = 1 / std::sqrt(static_cast<double>(hidden_));
    for (Matrix* matrix : {&scores.query, &scores.key, &scores.value})
        *matrix = Matrix(num_all, num_all);
    for (int later = 0; later < num_all; ++later) {
        for (int earlier = 0; earlier < num_all; ++earlier) {
            const auto score = [&](int kind) {
                const auto row = static_cast<std::size_t>(3 * later + kind);
                const double square =
                    squares_[row * static_cast<std::size_t>(num_all) + static_cast<std::size_t>(earlier)];
                return static_cast<float>(std::sqrt(std::max(0.0, square)));
            };
            scores.query.at(later, earlier) = score(0);
            scores.key.at(later, earlier) = score(1);
            scores.value.at(later, earlier) = score(2);
        }
    }
    return scores;
}

}  // namespace

Result<CompositionScores> compute_composition(int num_layers, int num_heads,
                                              const std::function<Result<HeadWeights>(int, int)>& weights_of,
                                              const JobContext& job) {
    if (num_layers < 1 || num_heads < 1) {
        return fail(ErrorKind::InvalidInput, "composition: {} layers of {} heads have nothing to compose",
                    num_layers, num_heads);
    }
    return Composer(num_layers, num_heads, weights_of, job).run();
}

}  // namespace headlight
