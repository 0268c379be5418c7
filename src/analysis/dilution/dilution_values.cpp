#include "analysis/dilution/dilution_values.h"

#include <algorithm>
#include <cmath>

namespace headlight {
namespace {

KeyRange both(KeyRange a, KeyRange b) {
    const int begin = std::max(a.begin, b.begin), end = std::min(a.end, b.end);
    return begin < end ? KeyRange{begin, end} : KeyRange{begin, begin};
}

KeyRange last_keys(int query, int count) {
    return {std::max(0, query - count + 1), query + 1};
}

}  // namespace

DilutionValues row_dilution(std::span<const float> weights, KeyRange admissible, int query,
                            const DilutionKeys& keys) {
    DilutionValues out;
    if (admissible.count() < 1) return out;
    const auto mass = [&](KeyRange range) {
        const KeyRange seen = both(range, admissible);
        double sum = 0;
        for (int key = seen.begin; key < seen.end; ++key)
            sum += static_cast<double>(weights[static_cast<std::size_t>(key)]);
        return sum;
    };
    double entropy = 0;
    for (int key = admissible.begin; key < admissible.end; ++key) {
        const auto a = static_cast<double>(weights[static_cast<std::size_t>(key)]);
        if (a > 0) entropy -= a * std::log(a);
    }
    out[DilutionKind::Sink] = mass({0, 1});
    if (keys.fact.count() > 0) out[DilutionKind::Fact] = mass(keys.fact);
    out[DilutionKind::Last] = mass(last_keys(query, keys.last));
    out[DilutionKind::EffectiveKeys] = std::exp(entropy);
    if (admissible.count() > 1)
        out[DilutionKind::EntropyNormalized] = entropy / std::log(static_cast<double>(admissible.count()));
    return out;
}

DilutionValues uniform_dilution(KeyRange admissible, int query, const DilutionKeys& keys) {
    DilutionValues out;
    if (admissible.count() < 1) return out;
    const auto n = static_cast<double>(admissible.count());
    const auto share = [&](KeyRange range) { return both(range, admissible).count() / n; };
    out[DilutionKind::Sink] = share({0, 1});
    if (keys.fact.count() > 0) out[DilutionKind::Fact] = share(keys.fact);
    out[DilutionKind::Last] = share(last_keys(query, keys.last));
    out[DilutionKind::EffectiveKeys] = n;
    if (admissible.count() > 1) out[DilutionKind::EntropyNormalized] = 1;
    return out;
}

// Squares are taken around the first value, so that equal values have no deviation at all.
void DilutionMean::add(const DilutionValues& values) {
    for (std::size_t i = 0; i < kNumDilutionKinds; ++i) {
        if (!values.all[i]) continue;
        if (count_[i]++ == 0) first_[i] = *values.all[i];
        const double distance = *values.all[i] - first_[i];
        sum_[i] += distance;
        sum_squares_[i] += distance * distance;
    }
}

DilutionValues DilutionMean::mean() const {
    DilutionValues out;
    for (std::size_t i = 0; i < kNumDilutionKinds; ++i)
        if (count_[i] > 0) out.all[i] = first_[i] + sum_[i] / count_[i];
    return out;
}

DilutionValues DilutionMean::deviation() const {
    DilutionValues out;
    for (std::size_t i = 0; i < kNumDilutionKinds; ++i) {
        if (count_[i] < 2) continue;
        const double squares = sum_squares_[i] - sum_[i] * sum_[i] / count_[i];
        out.all[i] = std::sqrt(std::max(0.0, squares) / (count_[i] - 1));
    }
    return out;
}

const char* to_string(FactHold hold) {
    switch (hold) {
        case FactHold::NotSeen:
            return "not seen";
        case FactHold::Holds:
            return "holds on";
        case FactHold::Fades:
            return "fades";
        case FactHold::LetsGo:
            return "lets go";
        case FactHold::OutOfReach:
            return "out of reach";
    }
    return "";
}

const char* fact_hold_rule() {
    return "Of the heads that give the fact at least twice a uniform head's mass in the shortest context: "
           "one holds "
           "on when it keeps at least half of that mass in the longest, lets go when it gives less than "
           "twice "
           "the uniform head's there or loses as much as that head does, and fades in between.";
}

std::optional<double> FactChange::lift_short() const {
    return null_short > 0 ? std::optional(mass_short / null_short) : std::nullopt;
}

std::optional<double> FactChange::lift_long() const {
    return null_long > 0 ? std::optional(mass_long / null_long) : std::nullopt;
}

FactHold FactChange::hold() const {
    const std::optional<double> before = lift_short(), after = lift_long();
    if (!before || *before < kLeastFactLift) return FactHold::NotSeen;
    if (!after) return FactHold::OutOfReach;
    const double kept = mass_long / mass_short, kept_by_uniform = null_long / null_short;
    if (*after < kLeastFactLift || kept <= kept_by_uniform) return FactHold::LetsGo;
    return kept >= kHeldShare ? FactHold::Holds : FactHold::Fades;
}

}  // namespace headlight
