#include "analysis/patterns/tag_test.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "analysis/statistics/label_permutation.h"
#include "analysis/statistics/statistics.h"
#include "base/parallel.h"

namespace headlight {
namespace {

constexpr int kLeastDraws = 999, kMostDraws = 9999;
constexpr std::uint64_t kTagSeed = 1;
constexpr std::size_t kMostExcessCells = std::size_t{16} << 20;  // of weights held at a time
constexpr int kMostTestedTokens =
    4096;  // a head's whole matrix is held: of longer texts that of the beginning

/// Weights of the first `count` queries and keys, [count, count].
std::vector<float> weights_of_beginning(const AttentionTrace& trace, HeadId head, int count) {
    constexpr int kBlock = 64;
    const auto num_keys = static_cast<std::size_t>(trace.num_keys()), size = static_cast<std::size_t>(count);
    std::vector<float> out, block(kBlock * num_keys);
    out.reserve(size * size);
    for (int begin = 0; begin < count; begin += kBlock) {
        const int end = std::min(begin + kBlock, count);
        trace.rows(head.layer, head.head, begin, end,
                   std::span(block).first(static_cast<std::size_t>(end - begin) * num_keys));
        for (int row = 0; row < end - begin; ++row) {
            const float* first = block.data() + static_cast<std::size_t>(row) * num_keys;
            out.insert(out.end(), first, first + size);
        }
    }
    return out;
}

TextLabels labels_of_beginning(const TextLabels& labels, int count) {
    const auto size = static_cast<std::size_t>(count);
    TextLabels out = labels;
    out.tokens = labels.tokens.first(std::min(size, labels.tokens.size()));
    out.words = labels.words.first(std::min(size, labels.words.size()));
    return out;
}

/// One detector with the heads that it would tag.
struct Candidates {
    std::size_t detector = 0;
    std::vector<std::size_t> heads;  // indices of TestedHead
    std::vector<double> p;           // [heads]
    int num_draws = 0;
};

std::vector<Candidates> find_candidates(std::span<const TestedHead> heads, const DetectorText& text) {
    std::vector<Candidates> out;
    for (std::size_t d = 0; d < text.registry().size(); ++d) {
        const DetectorDescriptor& detector = *text.registry()[d];
        if (detector.kind != DetectorKind::Content || detector.permutation == LabelPermutation::None)
            continue;
        Candidates one{d, {}, {}, 0};
        for (std::size_t h = 0; h < heads.size(); ++h) {
            if ((*heads[h].tags)[d].score.is_tagged) one.heads.push_back(h);
        }
        if (!one.heads.empty()) out.push_back(std::move(one));
    }
    return out;
}

/// Benjamini-Hochberg over all tested heads; the others than the candidates have p = 1.
std::vector<double> q_values(const Candidates& candidates, std::size_t num_tested) {
    std::vector<double> p = candidates.p;
    p.resize(std::max(num_tested, p.size()), 1.0);
    std::vector<double> q = benjamini_hochberg(p);
    q.resize(candidates.p.size());
    return q;
}

class TagTest {
  public:
    TagTest(const AttentionTrace& trace, const DetectorText& text, std::span<TestedHead> heads)
        : trace_(trace),
          text_(text),
          heads_(heads),
          num_tokens_(std::min(trace.num_queries(), kMostTestedTokens)),
          labels_(labels_of_beginning(text.labels(), num_tokens_)) {
        num_tested_ = static_cast<std::size_t>(
            std::count_if(heads.begin(), heads.end(), [](const TestedHead& head) { return head.is_active; }));
    }

    void run(Candidates& candidates) {
        std::vector<std::size_t> all(candidates.heads.size());
        std::iota(all.begin(), all.end(), std::size_t{0});
        candidates.p.assign(all.size(), 1.0);
        draw(candidates, all, kLeastDraws);
        const DetectorDescriptor& detector = *text_.registry()[candidates.detector];
        const bool is_cheap = detector.is_key != nullptr || detector.permutation == LabelPermutation::Shuffle;
        // So few draws may be all that stands between some heads and their tags.
        std::vector<std::size_t> at_floor;
        for (const std::size_t i : all) {
            if (candidates.p[i] * (1 + candidates.num_draws) < 1.5) at_floor.push_back(i);
        }
        if (!is_cheap || at_floor.empty()) return decide(candidates);
        const double needed =
            std::ceil(static_cast<double>(num_tested_) / (kMostTagQ * static_cast<double>(at_floor.size())));
        if (needed > candidates.num_draws && needed <= kMostDraws)
            draw(candidates, at_floor, static_cast<int>(needed));
        decide(candidates);
    }

  private:
    /// p of these candidates from `most` arrangements, as many heads at a time as fit into memory.
    void draw(Candidates& candidates, std::span<const std::size_t> which, int most) const {
        const PermutedPairs permuted(*text_.registry()[candidates.detector], labels_, most, kTagSeed,
                                     /*may_cut=*/true);
        candidates.num_draws = permuted.num_permutations();
        const std::size_t cells =
            static_cast<std::size_t>(num_tokens_) * static_cast<std::size_t>(num_tokens_);
        const std::size_t batch =
            std::max<std::size_t>(1, kMostExcessCells / std::max<std::size_t>(1, cells));
        for (std::size_t begin = 0; begin < which.size(); begin += batch) {
            const auto part = which.subspan(begin, std::min(batch, which.size() - begin));
            std::vector<std::vector<float>> excess;
            for (const std::size_t i : part) {
                const HeadId head = heads_[candidates.heads[i]].head;
                excess.push_back(excess_weights(weights_of_beginning(trace_, head, num_tokens_), trace_,
                                                head.layer, num_tokens_));
            }
            const std::vector<std::span<const float>> views(excess.begin(), excess.end());
            const std::vector<double> p = permuted.p_values(views);
            for (std::size_t i = 0; i < p.size(); ++i)
                candidates.p[part[i]] = p[i];
        }
    }

    void decide(const Candidates& candidates) {
        const std::vector<double> q = q_values(candidates, num_tested_);
        for (std::size_t i = 0; i < q.size(); ++i) {
            DetectorScore& score = (*heads_[candidates.heads[i]].tags)[candidates.detector].score;
            score.p = candidates.p[i];
            score.q = q[i];
            score.is_tagged = q[i] <= kMostTagQ;
            score.reason = fmt::format(
                "{}; labels in other places{}: p {:.3g}, q {:.3g} {} {:.2f} over {} heads ({} orders)",
                score.reason,
                num_tokens_ < trace_.num_queries() ? fmt::format(" (first {} tokens)", num_tokens_) : "",
                *score.p, *score.q, score.is_tagged ? "<=" : ">", kMostTagQ, num_tested_,
                candidates.num_draws);
        }
    }

    const AttentionTrace& trace_;
    const DetectorText& text_;
    std::span<TestedHead> heads_;
    int num_tokens_ = 0;  // that are tested
    TextLabels labels_;   // of those
    std::size_t num_tested_ = 0;
};

}  // namespace

void test_content_tags(const AttentionTrace& trace, const DetectorText& text, std::span<TestedHead> heads,
                       const JobContext& job, int num_threads) {
    std::vector<Candidates> all = find_candidates(heads, text);
    TagTest test(trace, text, heads);
    // Each works on the tags of its own detector.
    parallel_for(all.size(), num_threads, [&](std::size_t i) {
        if (!job.should_stop()) test.run(all[i]);
    });
}

}  // namespace headlight
