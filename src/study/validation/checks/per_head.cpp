// Part 5: which heads are sharp, medium or uniform.
#include <algorithm>

#include "analysis/metric.h"
#include "study/validation/check.h"
#include "study/validation/numbers.h"

namespace headlight {
namespace {

// Cuts on rho (this project's), and the document's on row_std.
constexpr double kSharp = 0.5, kMedium = 0.2, kDocumentSharp = 0.1, kDocumentMedium = 0.05;
constexpr std::size_t kMostListed = 64;  // more heads than that are summed up by layer

enum class HeadClass { Sharp, Medium, Uniform, Unknown };

HeadClass classify(const std::optional<double>& value, double sharp, double medium, bool includes_cut) {
    if (!value) return HeadClass::Unknown;
    const auto reaches = [&](double cut) { return includes_cut ? *value >= cut : *value > cut; };
    return reaches(sharp) ? HeadClass::Sharp : reaches(medium) ? HeadClass::Medium : HeadClass::Uniform;
}

const char* badge(HeadClass kind) {
    switch (kind) {
        case HeadClass::Sharp:
            return "✓SHARP";
        case HeadClass::Medium:
            return "⚠MEDIUM";
        case HeadClass::Uniform:
            return "❌UNIFORM";
        case HeadClass::Unknown:
            return "n/a";
    }
    return "";
}

struct Counts {
    int sharp = 0, medium = 0, uniform = 0, known = 0;
    void add(HeadClass kind) {
        sharp += kind == HeadClass::Sharp ? 1 : 0;
        medium += kind == HeadClass::Medium ? 1 : 0;
        uniform += kind == HeadClass::Uniform ? 1 : 0;
        known += kind != HeadClass::Unknown ? 1 : 0;
    }
    double share(int count) const { return known > 0 ? static_cast<double>(count) / known : 0.0; }
    std::string text() const {
        return fmt::format("{}/{} sharp ({:.0f}%), {}/{} medium ({:.0f}%), {}/{} uniform ({:.0f}%)", sharp,
                           known, 100 * share(sharp), medium, known, 100 * share(medium), uniform, known,
                           100 * share(uniform));
    }
};

class PerHead : public ValidationCheck {
  public:
    explicit PerHead(const ValidationSetup& setup)
        : setup_(setup), spread_(make_series(setup.num_heads(), setup.num_sequences)), row_std_(spread_) {}

    void add_head(const SequenceSample& sequence, const HeadSample& head) override {
        const HeadPattern pattern{head.rows, setup_.spec().is_causal};
        const auto s = static_cast<std::size_t>(sequence.index);
        spread_[head.index][s] = find_metric("row_spread")->from_pattern(pattern).value_or(kAbsent);
        row_std_[head.index][s] = find_metric("row_std_document")->from_pattern(pattern).value_or(kAbsent);
    }

    Result<CheckReport> finish(ValidationFindings& findings, const JobContext&) override {
        CheckReport report;
        report.meaning =
            "ρ ≥ 0.5 sharp, ≥ 0.2 medium, below uniform; row_std cannot exceed 1/√N, so its own cuts fail "
            "long texts";
        const auto spread = head_means(spread_), row_std = head_means(row_std_);
        Counts counts, document;
        for (std::size_t i = 0; i < spread.size(); ++i) {
            counts.add(classify(spread[i], kSharp, kMedium, true));
            document.add(classify(row_std[i], kDocumentSharp, kDocumentMedium, false));
        }
        findings.row_std = series_mean(row_std_);
        if (counts.known > 0) findings.uniform_share = counts.share(counts.uniform);
        if (spread.size() <= kMostListed) {
            list_heads(spread, row_std, report);
        } else {
            list_layers(spread, row_std, report);
        }
        add_summary(counts, document, report);
        add_table(spread, row_std, report);
        return report;
    }

  private:
    void list_heads(const std::vector<std::optional<double>>& spread,
                    const std::vector<std::optional<double>>& row_std, CheckReport& report) const {
        for (std::size_t i = 0; i < spread.size(); ++i) {
            report.lines.push_back(plain_line(
                fmt::format("  Head {:>2} ({}): ρ={} [{}]  row_std={} [document: {}]", i,
                            setup_.head(i).to_string(), number_text(spread[i]),
                            badge(classify(spread[i], kSharp, kMedium, true)), number_text(row_std[i]),
                            badge(classify(row_std[i], kDocumentSharp, kDocumentMedium, false)))));
        }
    }

    void list_layers(const std::vector<std::optional<double>>& spread,
                     const std::vector<std::optional<double>>& row_std, CheckReport& report) const {
        const auto per_layer = static_cast<std::size_t>(setup_.spec().num_heads);
        for (std::size_t begin = 0; begin < spread.size(); begin += per_layer) {
            Counts counts;
            double spread_sum = 0, std_sum = 0;
            std::size_t least = begin;
            for (std::size_t i = begin; i < begin + per_layer; ++i) {
                counts.add(classify(spread[i], kSharp, kMedium, true));
                spread_sum += spread[i].value_or(0);
                std_sum += row_std[i].value_or(0);
                if (spread[i].value_or(2) < spread[least].value_or(2)) least = i;
            }
            const auto count = static_cast<double>(std::max(1, counts.known));
            report.lines.push_back(plain_line(fmt::format(
                "  Layer {:>2}: {:>2} sharp, {:>2} medium, {:>2} uniform; mean ρ={:.4f}, row_std={:.4f}; "
                "least {} ρ={}",
                begin / per_layer, counts.sharp, counts.medium, counts.uniform, spread_sum / count,
                std_sum / count, setup_.head(least).to_string(), number_text(spread[least]))));
        }
        report.lines.push_back(
            plain_line(fmt::format("  ({} heads: every one is in --json)", spread.size())));
    }

    static void add_summary(const Counts& counts, const Counts& document, CheckReport& report) {
        report.lines.push_back(plain_line(""));
        if (counts.known == 0) {
            report.lines.push_back(not_applicable("Per-Head", "no row has two keys to choose from"));
            return;
        }
        const bool has_structure = counts.share(counts.uniform) <= 0.5;
        report.lines.push_back(
            {has_structure ? CheckMark::Pass : CheckMark::Warn, "Per-Head", "Summary: " + counts.text()});
        report.lines.push_back(document_line(document.text()));
        const double quality = counts.share(counts.sharp) + 0.5 * counts.share(counts.medium);
        report.lines.push_back(plain_line(
            fmt::format("    quality (sharp + medium/2): {:.2f}; by the document's classes {:.2f}", quality,
                        document.share(document.sharp) + 0.5 * document.share(document.medium))));
        report.numbers = {{"sharp", static_cast<double>(counts.sharp)},
                          {"medium", static_cast<double>(counts.medium)},
                          {"uniform", static_cast<double>(counts.uniform)},
                          {"quality", quality},
                          {"document_sharp", static_cast<double>(document.sharp)},
                          {"document_medium", static_cast<double>(document.medium)},
                          {"document_uniform", static_cast<double>(document.uniform)}};
    }

    void add_table(const std::vector<std::optional<double>>& spread,
                   const std::vector<std::optional<double>>& row_std, CheckReport& report) const {
        CheckTable table{"heads", {"layer", "head", "spread", "document_row_std"}, {}, {}};
        for (std::size_t i = 0; i < spread.size(); ++i) {
            const HeadId id = setup_.head(i);
            table.rows.push_back({id.layer, id.head, spread[i], row_std[i]});
        }
        report.tables.push_back(std::move(table));
    }

    ValidationSetup setup_;
    HeadSeries spread_, row_std_;
};

std::unique_ptr<ValidationCheck> make(const ValidationSetup& setup) {
    return std::make_unique<PerHead>(setup);
}

}  // namespace

extern const ValidationCheckDescriptor k_check_per_head = {
    .id = "per_head",
    .title = "Per-Head Analysis",
    .formula = "rho of each head, mean over rows and sequences: sharp >= 0.5, medium >= 0.2",
    .document = "row_std over all N columns without the diagonal: sharp > 0.1, medium > 0.05",
    .source = "requirement 2, test 5; a one-hot row has row_std sqrt(N-1)/N, 0.088 at 128 tokens",
    .make = make,
};

}  // namespace headlight
