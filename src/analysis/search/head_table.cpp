#include "analysis/search/head_table.h"

#include <cmath>

#include "base/csv.h"

namespace headlight {
namespace {

/// A lift over a null of 0 is no number.
std::optional<double> finite_or_none(const std::optional<double>& value) {
    return value && std::isfinite(*value) ? value : std::nullopt;
}

}  // namespace

HeadTable make_head_table(const HeadNumbers& numbers) {
    HeadTable out;
    out.metrics.assign(metrics().begin(), metrics().end());
    if (numbers.text == nullptr) return out;
    out.grid = numbers.text->grid;
    std::erase_if(out.metrics, [&](const MetricDescriptor* metric) {  // columns that would be empty
        return metric->needs_pair && (out.grid.size() == 0 || !head_metric(numbers, out.grid.at(0), *metric));
    });
    for (std::size_t i = 0; i < out.grid.size(); ++i) {
        HeadRow row;
        row.head = out.grid.at(i);
        for (const DetectorDescriptor* detector : detectors())
            if (is_head_tagged(numbers, row.head, *detector)) row.tags.push_back(detector);
        if (const Tag* tag = strongest_tag(numbers, row.head)) {
            row.strongest = tag->detector;
            row.score = finite_or_none(tag->score.score);
            row.lift = finite_or_none(tag->score.lift);
            row.kappa = finite_or_none(tag->score.kappa);
        }
        for (const MetricDescriptor* metric : out.metrics)
            row.values.push_back(finite_or_none(head_metric(numbers, row.head, *metric)));
        out.rows.push_back(std::move(row));
    }
    return out;
}

std::string head_table_csv(const HeadTable& table, std::span<const HeadId> heads) {
    CsvLine names;
    for (const char* name : {"layer", "head", "tags", "strongest", "score", "lift", "kappa"})
        names.text(name);
    for (const MetricDescriptor* metric : table.metrics)
        names.text(metric->id);
    std::string out = names.line();
    for (const HeadId head : heads) {
        const HeadRow& row = table.rows[table.grid.index(head)];
        std::string tags;
        for (const DetectorDescriptor* tag : row.tags)
            tags += (tags.empty() ? "" : ";") + std::string(tag->id);
        CsvLine line;
        line.count(head.layer).count(head.head).text(tags);
        line.text(row.strongest != nullptr ? row.strongest->id : "");
        line.number(row.score).number(row.lift).number(row.kappa);
        for (const std::optional<double>& value : row.values)
            line.number(value);
        out += line.line();
    }
    return out;
}

}  // namespace headlight
