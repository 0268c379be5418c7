// Part 3: do repeated tokens attract, and how much goes to special tokens?
#include <algorithm>

#include "study/validation/check.h"
#include "study/validation/numbers.h"

namespace headlight {
namespace {

constexpr double kLeastLift = 2, kDocumentRatio = 1.2, kLeastMass = 1e-6;

struct Sums {
    double mass = 0, even = 0;
    std::optional<double> lift() const { return even > 0 ? std::optional(mass / even) : std::nullopt; }
};

/// Document's means over pairs j < i.
struct PairSums {
    double same = 0, other = 0;
    long long num_same = 0, num_other = 0;
};

/// Mean over rows that have earlier keys of both kinds: share of the mass on j < i that lies on equal tokens,
/// over the share of such keys. 1 for a uniform head.
double repeat_lift(const HeadSample& head, std::span<const Token> tokens, PairSums& pairs) {
    const std::size_t n = head.rows.size();
    double sum = 0;
    int count = 0;
    for (std::size_t i = 1; i < n; ++i) {
        double same = 0, earlier = 0;
        int num_same = 0, num_earlier = 0;
        for (int j = head.keys[i].begin; j < std::min<int>(head.keys[i].end, static_cast<int>(i)); ++j) {
            const auto key = static_cast<std::size_t>(j);
            const double a = head.matrix[i * n + key];
            const bool is_same = tokens[key].id == tokens[i].id;
            earlier += a;
            ++num_earlier;
            if (is_same) {
                same += a;
                ++num_same;
            }
        }
        pairs.same += same;
        pairs.other += earlier - same;
        pairs.num_same += num_same;
        pairs.num_other += num_earlier - num_same;
        if (num_same == 0 || num_same == num_earlier || earlier <= kLeastMass) continue;
        sum += same / earlier / (static_cast<double>(num_same) / num_earlier);
        ++count;
    }
    return count > 0 ? sum / count : kAbsent;
}

bool is_punctuation(const Token& token) {
    bool has_sign = false;
    for (const char c : token.display) {
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return false;
        has_sign = has_sign || c == '.' || c == ',' || c == ';' || c == ':' || c == '!' || c == '?' ||
                   c == '"' || c == '\'';
    }
    return has_sign;
}

/// Column lift: what the queries that may see a column give it, over what they would give it evenly.
void add_columns(const HeadSample& head, std::span<const Token> tokens, Sums& special, Sums& marks,
                 Sums& regular) {
    const std::size_t n = head.rows.size();
    for (std::size_t i = 0; i < n; ++i) {
        if (head.keys[i].count() < 2) continue;  // a single key is forced to 1
        for (int j = head.keys[i].begin; j < head.keys[i].end; ++j) {
            const auto key = static_cast<std::size_t>(j);
            Sums& sums = tokens[key].is_special ? special : is_punctuation(tokens[key]) ? marks : regular;
            sums.mass += head.matrix[i * n + key];
            sums.even += 1.0 / head.keys[i].count();
        }
    }
}

class TokenLevel : public ValidationCheck {
  public:
    explicit TokenLevel(const ValidationSetup& setup)
        : setup_(setup),
          lifts_(make_series(setup.num_heads(), setup.num_sequences)),
          pairs_(setup.num_heads()),
          special_(setup.num_heads()),
          marks_(setup.num_heads()),
          regular_(setup.num_heads()) {}

    void add_head(const SequenceSample& sequence, const HeadSample& head) override {
        const std::size_t i = head.index;
        lifts_[i][static_cast<std::size_t>(sequence.index)] = repeat_lift(head, sequence.tokens, pairs_[i]);
        add_columns(head, sequence.tokens, special_[i], marks_[i], regular_[i]);
    }

    Result<CheckReport> finish(ValidationFindings&, const JobContext&) override {
        CheckReport report;
        report.meaning =
            "lift = attention to earlier equal tokens over what their number alone would give; 1.0x is a "
            "uniform head";
        test_heads();
        if (!setup_.request->has_text) {
            report.lines.push_back(not_applicable(
                "Repeated Tokens", "random token ids repeat by accident only; a text is needed"));
        } else if (!series_mean(lifts_)) {
            report.lines.push_back(
                not_applicable("Repeated Tokens", "no token of the text comes twice in a sequence"));
        } else {
            add_verdict(report);
        }
        add_special(report);
        add_table(report);
        return report;
    }

  private:
    void test_heads() {
        std::vector<double> p_values;
        for (const auto& values : lifts_)
            p_values.push_back(sequence_p_value(values, 1).value_or(1));
        q_values_ = benjamini_hochberg(p_values);
        means_ = head_means(lifts_);
    }

    bool is_attracted(std::size_t i) const {
        const bool can_test = setup_.num_sequences >= kLeastSequences;
        return means_[i] && *means_[i] >= kLeastLift && (!can_test || q_values_[i] < 0.05);
    }

    void add_verdict(CheckReport& report) const {
        std::size_t best = 0;
        int count = 0;
        for (std::size_t i = 0; i < means_.size(); ++i) {
            if (means_[i].value_or(0) > means_[best].value_or(0)) best = i;
            count += is_attracted(i) ? 1 : 0;
        }
        const std::string test =
            setup_.num_sequences >= kLeastSequences ? "q < 0.05" : p_text(std::nullopt, setup_.num_sequences);
        const std::string numbers =
            fmt::format("strongest {}: lift {:.2f}x; mean over heads {}x", setup_.head(best).to_string(),
                        means_[best].value_or(0), number_text(series_mean(lifts_), 2));
        if (count > 0) {
            report.lines.push_back(
                {CheckMark::Pass, "Repeated Tokens",
                 fmt::format("Repeated tokens attract in {} of {} heads (lift ≥ {:g}, {}; {})", count,
                             means_.size(), kLeastLift, test, numbers)});
        } else {
            report.lines.push_back({CheckMark::Warn, "Repeated Tokens",
                                    fmt::format("No head is drawn to repeated tokens (lift ≥ {:g}, {}; {})",
                                                kLeastLift, test, numbers)});
        }
        PairSums all;
        for (const PairSums& head : pairs_) {
            all.same += head.same;
            all.other += head.other;
            all.num_same += head.num_same;
            all.num_other += head.num_other;
        }
        std::optional<double> same, other, ratio;
        if (all.num_same > 0) same = all.same / static_cast<double>(all.num_same);
        if (all.num_other > 0) other = all.other / static_cast<double>(all.num_other);
        if (same && other && *other > 0) ratio = *same / *other;
        report.lines.push_back(document_line(
            fmt::format("same: {}, diff: {}, ratio: {}x (wants {}x), heads averaged, no null",
                        number_text(same), number_text(other), number_text(ratio, 2), kDocumentRatio)));
        report.numbers = {{"attracted_heads", static_cast<double>(count)},
                          {"mean_lift", series_mean(lifts_)},
                          {"best_lift", means_[best]},
                          {"best_layer", static_cast<double>(setup_.head(best).layer)},
                          {"best_head", static_cast<double>(setup_.head(best).head)},
                          {"document_same", same},
                          {"document_other", other},
                          {"document_ratio", ratio}};
    }

    void add_special(CheckReport& report) const {
        Sums special, marks, regular;
        for (std::size_t i = 0; i < special_.size(); ++i) {
            for (auto [sum, one] :
                 {std::pair{&special, &special_[i]}, {&marks, &marks_[i]}, {&regular, &regular_[i]}}) {
                sum->mass += one->mass;
                sum->even += one->even;
            }
        }
        report.numbers.insert(report.numbers.end(), {{"special_lift", special.lift()},
                                                     {"punctuation_lift", marks.lift()},
                                                     {"regular_lift", regular.lift()}});
        if (special.lift()) {
            report.lines.push_back(
                {CheckMark::Info, "Special Tokens",
                 fmt::format("Special token attention: lift {}x, punctuation {}x, regular {}x",
                             number_text(special.lift(), 2), number_text(marks.lift(), 2),
                             number_text(regular.lift(), 2))});
        } else {
            report.lines.push_back(
                {CheckMark::Info, "Special Tokens",
                 fmt::format("n/a: the sequences hold no special token; punctuation lift {}x, regular {}x",
                             number_text(marks.lift(), 2), number_text(regular.lift(), 2))});
        }
        report.lines.push_back(
            plain_line("    attention to a column over what the queries that may see it would give evenly"));
    }

    void add_table(CheckReport& report) const {
        CheckTable table{
            "heads", {"layer", "head", "repeat_lift", "q_value", "special_lift", "punctuation_lift"}, {}, {}};
        for (std::size_t i = 0; i < means_.size(); ++i) {
            const HeadId id = setup_.head(i);
            const bool can_test = setup_.num_sequences >= kLeastSequences && means_[i];
            table.rows.push_back({id.layer, id.head, means_[i],
                                  can_test ? std::optional(q_values_[i]) : std::nullopt, special_[i].lift(),
                                  marks_[i].lift()});
        }
        report.tables.push_back(std::move(table));
    }

    ValidationSetup setup_;
    HeadSeries lifts_;
    std::vector<PairSums> pairs_;                  // [heads]
    std::vector<Sums> special_, marks_, regular_;  // [heads]
    std::vector<std::optional<double>> means_;     // [heads]
    std::vector<double> q_values_;                 // [heads]
};

std::unique_ptr<ValidationCheck> make(const ValidationSetup& setup) {
    return std::make_unique<TokenLevel>(setup);
}

}  // namespace

extern const ValidationCheckDescriptor k_check_token_level = {
    .id = "token_level",
    .title = "Token-Level Patterns",
    .formula =
        "per row with both kinds: (mass on equal / mass on j < i) / (equal keys / keys j < i); column lift = "
        "sum_i a_ij / sum_i 1/n_i",
    .document =
        "mean a over equal pairs / mean over other pairs > 1.2; column means of special over regular tokens",
    .source = "requirement 2, test 3",
    .make = make,
};

}  // namespace headlight
