#include "analysis/patterns/tag_test.h"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/statistics/label_permutation.h"
#include "analysis/statistics/statistics.h"
#include "base/parallel.h"

namespace headlight {
namespace {

constexpr int kLeastDraws = 999, kMostDraws = 9999;
constexpr std::uint64_t kTagSeed = 1;

/// One detector with the heads that it would tag.
struct Candidates {
    std::size_t detector = 0;
    std::vector<std::size_t> heads;  // indices of TestedHead
    std::vector<double> p;           // [heads]
    int num_draws = 0;
};

std::vector<Candidates> find_candidates(std::span<const TestedHead> heads) {
    std::vector<Candidates> out;
    for (std::size_t d = 0; d < detectors().size(); ++d) {
        const DetectorDescriptor& detector = *detectors()[d];
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
        : trace_(trace), text_(text), heads_(heads) {
        num_tested_ = static_cast<std::size_t>(
            std::count_if(heads.begin(), heads.end(), [](const TestedHead& head) { return head.is_active; }));
    }

    void run(Candidates& candidates) {
        draw(candidates, kLeastDraws);
        // So few draws may be all that stands between a lone head and its tag.
        const int wanted =
            std::min(kMostDraws, static_cast<int>(static_cast<double>(num_tested_) / kMostTagQ));
        const bool can_draw_more =
            detectors()[candidates.detector]->permutation == LabelPermutation::Shuffle &&
            wanted > candidates.num_draws;
        const double floor = 1.0 / (1 + candidates.num_draws);
        const std::vector<double> q = q_values(candidates, num_tested_);
        for (std::size_t i = 0; can_draw_more && i < q.size(); ++i) {
            if (candidates.p[i] > floor * 1.5 || q[i] <= kMostTagQ) continue;
            draw(candidates, wanted);
            break;
        }
        decide(candidates);
    }

  private:
    void draw(Candidates& candidates, int most) const {
        const PermutedPairs permuted(*detectors()[candidates.detector], text_.labels(), most, kTagSeed);
        candidates.num_draws = permuted.num_permutations();
        candidates.p.clear();
        for (const std::size_t index : candidates.heads) {
            const HeadId head = heads_[index].head;
            const std::vector<float> excess =
                excess_weights(trace_.matrix(head.layer, head.head), trace_, head.layer);
            candidates.p.push_back(permuted.p_value(excess).value_or(1.0));
        }
    }

    void decide(const Candidates& candidates) {
        const std::vector<double> q = q_values(candidates, num_tested_);
        const bool is_shift = detectors()[candidates.detector]->permutation == LabelPermutation::Shift;
        for (std::size_t i = 0; i < q.size(); ++i) {
            DetectorScore& score = (*heads_[candidates.heads[i]].tags)[candidates.detector].score;
            score.p = candidates.p[i];
            score.q = q[i];
            score.is_tagged = q[i] <= kMostTagQ;
            score.reason =
                fmt::format("{}; labels in other places: p {:.3g}, q {:.3g} {} {:.2f} over {} heads ({} {})",
                            score.reason, *score.p, *score.q, score.is_tagged ? "<=" : ">", kMostTagQ,
                            num_tested_, candidates.num_draws, is_shift ? "shifts" : "orders");
        }
    }

    const AttentionTrace& trace_;
    const DetectorText& text_;
    std::span<TestedHead> heads_;
    std::size_t num_tested_ = 0;
};

}  // namespace

void test_content_tags(const AttentionTrace& trace, const DetectorText& text, std::span<TestedHead> heads,
                       const JobContext& job, int num_threads) {
    std::vector<Candidates> all = find_candidates(heads);
    TagTest test(trace, text, heads);
    // Each works on the tags of its own detector.
    parallel_for(all.size(), num_threads, [&](std::size_t i) {
        if (!job.should_stop()) test.run(all[i]);
    });
}

}  // namespace headlight
