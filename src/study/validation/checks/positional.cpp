// Part 2: do nearby tokens get more attention than distant ones, beyond what the mask gives a uniform head?
#include <algorithm>

#include "study/validation/check.h"
#include "study/validation/numbers.h"

namespace headlight {
namespace {

constexpr double kLeastRatio = 1.1;  // the document's cut, here on a ratio that is 1 for a uniform head
constexpr int kNear = 5, kLeastDistances = 10;

/// Sums by distance |i - j| of one head in one sequence.
struct Profile {
    std::vector<double> mass, even;     // [N] weights and 1 / n_i, key 0 left out where the model is causal
    std::vector<double> document_mass;  // [N] a[i][i - d], all keys
};

std::optional<double> mean_lift(const Profile& profile, int begin, int end) {
    double sum = 0;
    int count = 0;
    for (int d = begin; d < end && d < static_cast<int>(profile.mass.size()); ++d) {
        const auto i = static_cast<std::size_t>(d);
        if (profile.even[i] <= 0) continue;
        sum += profile.mass[i] / profile.even[i];
        ++count;
    }
    if (count == 0) return std::nullopt;
    return sum / count;
}

struct Locality {
    std::optional<double> near, far;
    std::optional<double> ratio() const {
        if (!near || !far || *far <= 1e-12) return std::nullopt;
        return *near / *far;
    }
};

Locality locality_of(const Profile& profile) {
    const int n = static_cast<int>(profile.mass.size());
    return {mean_lift(profile, 1, std::min(kNear, n - 1) + 1), mean_lift(profile, n / 2 + 1, n)};
}

void add_to(Profile& sum, const Profile& one) {
    sum.mass.resize(one.mass.size());
    sum.even.resize(one.even.size());
    sum.document_mass.resize(one.document_mass.size());
    for (std::size_t d = 0; d < one.mass.size(); ++d) {
        sum.mass[d] += one.mass[d];
        sum.even[d] += one.even[d];
        sum.document_mass[d] += one.document_mass[d];
    }
}

class Positional : public ValidationCheck {
  public:
    explicit Positional(const ValidationSetup& setup)
        : setup_(setup), current_(setup.num_heads()), head_total_(setup.num_heads()) {}

    void add_head(const SequenceSample&, const HeadSample& head) override {
        const int n = static_cast<int>(head.rows.size());
        const auto size = static_cast<std::size_t>(n);
        const bool is_causal = setup_.spec().is_causal;
        Profile profile{std::vector<double>(size), std::vector<double>(size), std::vector<double>(size)};
        for (int i = 0; i < n; ++i) {
            const KeyRange keys = head.keys[static_cast<std::size_t>(i)];
            const float* row = head.matrix.data() + static_cast<std::size_t>(i) * size;
            for (int d = 0; d <= i; ++d)
                profile.document_mass[static_cast<std::size_t>(d)] += row[i - d];
            // Key 0 is left out: heads rest on it, and the largest distances reach hardly any other key.
            for (int j = std::max(keys.begin, is_causal ? 1 : 0); j < keys.end; ++j) {
                const auto d = static_cast<std::size_t>(i > j ? i - j : j - i);
                profile.mass[d] += row[j];
                profile.even[d] += 1.0 / keys.count();
            }
        }
        add_to(head_total_[head.index], profile);
        current_[head.index] = std::move(profile);
    }

    Status end_sequence(const SequenceSample&, const JobContext&) override {
        Profile all;
        for (const Profile& head : current_)
            add_to(all, head);
        const Locality locality = locality_of(all);
        differences_.push_back(locality.near && locality.far ? *locality.near - *locality.far : kAbsent);
        ratios_.push_back(locality.ratio().value_or(kAbsent));
        near_.push_back(locality.near.value_or(kAbsent));
        far_.push_back(locality.far.value_or(kAbsent));
        add_to(total_, all);
        return {};
    }

    Result<CheckReport> finish(ValidationFindings&, const JobContext&) override {
        CheckReport report;
        report.meaning =
            "the share of nearby keys over what a uniform head gives them, against the same for distant "
            "keys; 1.00x is no bias";
        const std::optional<double> near = mean_of(near_), far = mean_of(far_),
                                    p = sequence_p_value(differences_, 0);
        const std::optional<double> ratio =
            near && far && *far > 1e-12 ? std::optional(*near / *far) : std::nullopt;
        add_verdict(near, far, ratio, p, report);
        add_document(report);
        add_heads(report);
        report.numbers.insert(report.numbers.end(),
                              {{"near_lift", near}, {"far_lift", far}, {"ratio", ratio}, {"p_value", p}});
        return report;
    }

  private:
    void add_verdict(std::optional<double> near, std::optional<double> far, std::optional<double> ratio,
                     std::optional<double> p, CheckReport& report) const {
        if (setup_.sequence_length < kLeastDistances + 1 || !near || !far) {
            report.lines.push_back(not_applicable(
                "Local Bias",
                fmt::format("sequences of {} tokens have no distant keys (at least {} distances, all inside "
                            "the attention window, are needed)",
                            setup_.sequence_length, kLeastDistances)));
            return;
        }
        const bool has_bias = !ratio || *ratio > kLeastRatio;
        const bool is_sure = !p || *p < 0.05;
        const std::string numbers = fmt::format("(nearby: {:.3f}, far: {:.3f}, ratio: {}, {})", *near, *far,
                                                ratio ? fmt::format("{:.2f}x", *ratio) : "∞",
                                                p_text(p, static_cast<int>(differences_.size())));
        if (has_bias && is_sure) {
            report.lines.push_back({CheckMark::Pass, "Local Bias", "Local bias " + numbers});
        } else {
            report.lines.push_back({CheckMark::Warn, "Local Bias", "No local bias " + numbers});
        }
    }

    /// Means over queries of a[i][i - d], without a null.
    void add_document(CheckReport& report) const {
        const int n = setup_.sequence_length;
        if (n - 1 < kLeastDistances) return;
        const double weight = static_cast<double>(setup_.num_heads()) * setup_.num_sequences;
        double near = 0, far = 0, even_near = 0, even_far = 0;
        const auto mean_at = [&](int d) {
            return total_.document_mass[static_cast<std::size_t>(d)] / weight / (n - d);
        };
        const auto even_at = [&](int d) {
            double sum = 0;
            for (int i = d; i < n; ++i)
                sum += 1.0 / (setup_.spec().is_causal ? i + 1 : n);
            return sum / (n - d);
        };
        for (int k = 0; k < kNear; ++k) {
            near += mean_at(1 + k) / kNear;
            far += mean_at(n - 1 - k) / kNear;
            even_near += even_at(1 + k) / kNear;
            even_far += even_at(n - 1 - k) / kNear;
        }
        const std::optional<double> ratio = far > 0 ? std::optional(near / far) : std::nullopt;
        report.lines.push_back(document_line(
            fmt::format("nearby: {:.4f}, far: {:.4f}, ratio: {}x; a uniform head would read {:.2f}x", near,
                        far, number_text(ratio, 2), even_near / even_far)));
        report.numbers.insert(report.numbers.end(), {{"document_near", near},
                                                     {"document_far", far},
                                                     {"document_ratio", ratio},
                                                     {"document_ratio_of_uniform", even_near / even_far}});
    }

    void add_heads(CheckReport& report) const {
        CheckTable table{"heads", {"layer", "head", "near_lift", "far_lift", "ratio"}, {}, {}};
        int local = 0, measured = 0;
        for (std::size_t i = 0; i < head_total_.size(); ++i) {
            const Locality locality = locality_of(head_total_[i]);
            const HeadId id = setup_.head(i);
            table.rows.push_back({id.layer, id.head, locality.near, locality.far, locality.ratio()});
            if (!locality.near || !locality.far) continue;
            ++measured;
            local += *locality.near > kLeastRatio * *locality.far ? 1 : 0;
        }
        report.lines.push_back(plain_line(fmt::format(
            "    {} of {} heads favour nearby keys by more than {}x", local, measured, kLeastRatio)));
        report.numbers.push_back({"local_heads", static_cast<double>(local)});
        report.tables.push_back(std::move(table));
    }

    ValidationSetup setup_;
    std::vector<Profile> current_, head_total_;
    Profile total_;
    std::vector<double> differences_, ratios_, near_, far_;  // [sequences]
};

std::unique_ptr<ValidationCheck> make(const ValidationSetup& setup) {
    return std::make_unique<Positional>(setup);
}

}  // namespace

extern const ValidationCheckDescriptor k_check_positional = {
    .id = "positional",
    .title = "Positional Patterns",
    .formula =
        "lift(d) = sum a[i][i-d] / sum 1/n_i over rows i > d (key 0 dropped where causal); ratio = mean "
        "lift(1..5) / "
        "mean lift(d > N/2), heads pooled, means over sequences; sign-flip of near - far",
    .document = "mean a[i][i-d] over d = 1..5 and over the last five distances; ratio > 1.1",
    .source = "requirement 2, test 2; its ratio is 3.75 for a uniform causal head at 128 tokens",
    .make = make,
};

}  // namespace headlight
