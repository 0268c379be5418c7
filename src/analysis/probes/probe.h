// The random-repeat probe: [BOS] X X with X drawn without replacement, on which content detectors are
// measured.
#pragma once

#include <cstdint>
#include <vector>

#include "analysis/detector.h"

namespace headlight {

struct ProbeSettings {
    int block_length = 50;  // B; the text has 2B + 1 tokens (2B without a BOS)
    int num_sequences = 12;
    std::uint64_t seed = 1;
    bool operator==(const ProbeSettings&) const = default;
};

/// Ids of the sequences. Ordinary tokens only: ids in `excluded` (specials, bytes) are skipped, and of the
/// rest the lowest and highest twentieth (most and least frequent). bos_id < 0: no BOS. When the vocabulary
/// is too small, the block gets shorter; a vocabulary under 4 ordinary ids gives no sequence.
std::vector<std::vector<std::int32_t>> random_repeat_sequences(int vocab_size, std::int32_t bos_id,
                                                               const std::vector<bool>& excluded,
                                                               const ProbeSettings& settings);

/// Result of a detector over several sequences of a probe.
struct ProbeScore {
    const DetectorDescriptor* detector = nullptr;
    double score = 0, null = 0, lift = 0, kappa = 0, argmax_rate = 0;  // means over sequences
    double p_value = 1;      // one-sided sign-flip over sequences of S - S0 (exact for n <= 20)
    double q_value = 1;      // p-value after Benjamini-Hochberg over all heads and detectors of the probe
    double consistency = 0;  // share of sequences with lift > 1
    int num_sequences = 0;
    /// At least 12 sequences; the threshold reached by the mean, or the detector's own rule met on 0.7 of
    /// them; and, where a score can exceed its null, q < 0.05, consistency >= 0.7, and lift >= 2 or kappa >=
    /// 0.25.
    bool is_tagged = false;
};

/// Scores [detector][HeadGrid], accumulated sequence by sequence. Live detectors only:
/// classes of tokens mean nothing on random ones.
class ProbeAccumulator {
  public:
    ProbeAccumulator(int num_layers, int num_heads);
    void add(const AttentionTrace& trace, std::span<const Token> tokens, std::span<const KeySet> key_sets);
    /// Scores of one head, the live detectors in registry order. Cheap; the tests over all heads are made in
    /// add().
    std::vector<ProbeScore> scores(HeadId head) const;
    int num_sequences() const { return num_sequences_; }

  private:
    struct Sample {
        double score, null, argmax_rate;
        bool is_tagged;
    };
    std::size_t index_of(std::size_t detector, HeadId head) const;
    double p_value(std::size_t index) const;
    void update_tests();
    static ProbeScore summarize(const std::vector<Sample>& samples);
    static bool is_tagged(const ProbeScore& mean, const std::vector<Sample>& samples);

    HeadGrid grid_;
    int num_sequences_ = 0;
    std::vector<std::vector<Sample>> samples_;  // [detector * heads + head][sequence]
    std::vector<double> q_values_;              // [detector * heads + head]
};

}  // namespace headlight
