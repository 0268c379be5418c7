// What a row of attention says about the length of its context, and which heads hold on to a fact in it.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "core/attention_trace.h"

namespace headlight {

enum class DilutionKind { EffectiveKeys, Fact, Sink, Last, EntropyNormalized };
inline constexpr std::size_t kNumDilutionKinds = 5;
struct DilutionKindInfo {
    DilutionKind kind;
    const char* id;     // fixed: JSON
    const char* label;  // "mass on the fact"
    bool is_share;      // in [0, 1]
};
/// The effective number of keys first: normalised entropy falls with length for a head that keeps theirs.
inline constexpr std::array<DilutionKindInfo, kNumDilutionKinds> kDilutionKinds = {
    {{DilutionKind::EffectiveKeys, "effective_keys", "effective keys", false},
     {DilutionKind::Fact, "fact", "mass on the fact", true},
     {DilutionKind::Sink, "sink", "share of the first key", true},
     {DilutionKind::Last, "last", "mass on the last keys", true},
     {DilutionKind::EntropyNormalized, "entropy_normalized", "entropy / ln n", true}}};

/// One number of each kind; nullopt where there is none.
struct DilutionValues {
    std::array<std::optional<double>, kNumDilutionKinds> all;
    std::optional<double>& operator[](DilutionKind kind) { return all[static_cast<std::size_t>(kind)]; }
    const std::optional<double>& operator[](DilutionKind kind) const {
        return all[static_cast<std::size_t>(kind)];
    }
};

/// Which keys a row is asked about.
struct DilutionKeys {
    KeyRange fact;  // empty: there is none
    int last = 16;  // the row's own key and those before it, as many together
};

/// One row over its admissible keys K, n = |K|: mass of key 0, of the fact, of the last keys, N_eff = exp H
/// and H / ln n with H = -sum a ln a (natural logarithm; n/a for n < 2). `weights` is [num_keys].
DilutionValues row_dilution(std::span<const float> weights, KeyRange admissible, int query,
                            const DilutionKeys& keys);
/// The same of a head that spreads evenly over those keys: [0 in K]/n, |fact in K|/n, |last in K|/n, n, 1.
DilutionValues uniform_dilution(KeyRange admissible, int query, const DilutionKeys& keys);

/// Mean of each kind over those that have it.
class DilutionMean {
  public:
    void add(const DilutionValues& values);
    DilutionValues mean() const;
    /// Standard deviation of a sample (n - 1); nullopt below two values.
    DilutionValues deviation() const;

  private:
    std::array<double, kNumDilutionKinds> sum_{}, sum_squares_{}, first_{};
    std::array<int, kNumDilutionKinds> count_{};
};

/// What becomes of a head's attention to the fact from the shortest context to the longest.
enum class FactHold {
    NotSeen,     // the shortest context: less than kLeastFactLift times what a uniform head gives it
    Holds,       // keeps at least half of its mass
    Fades,       // between the two
    LetsGo,      // below kLeastFactLift at the longest, or falls as fast as the uniform head's
    OutOfReach,  // the layer's window does not reach the fact any more: nothing can be said
};
inline constexpr double kLeastFactLift = 2, kHeldShare = 0.5;  // ours
const char* to_string(FactHold hold);
/// The rule in one sentence, for reports.
const char* fact_hold_rule();

/// `mass` and `null` (a uniform head's) on the fact at the shortest and at the longest context.
struct FactChange {
    double mass_short = 0, null_short = 0, mass_long = 0, null_long = 0;
    /// Mass over that of a uniform head; nullopt where that is 0.
    std::optional<double> lift_short() const;
    std::optional<double> lift_long() const;
    FactHold hold() const;
};

}  // namespace headlight
