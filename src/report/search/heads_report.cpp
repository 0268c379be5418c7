#include "report/search/heads_report.h"

#include <fmt/format.h>

#include "analysis/search/head_table.h"
#include "base/atomic_file.h"
#include "report/analysis/analysis_parts.h"

namespace headlight {
namespace {

HeadNumbers numbers_of_run(const AnalyzedRun& run) {
    return {&run.analysis, &run.weights, &run.matrices};
}

}  // namespace

std::string matching_heads_text(const AnalyzedRun& run, const HeadQuery& query) {
    const HeadNumbers numbers = numbers_of_run(run);
    const std::vector<HeadId> found = query.find(numbers, run.trace->grid());
    const std::vector<HeadField> fields = query.fields();
    std::string out =
        fmt::format("{} of {} heads: {}\n", found.size(), run.trace->grid().size(), query.text());
    for (const HeadId head : found) {
        out += fmt::format("  {:<8}", head.to_string());
        for (const HeadField& field : fields) {
            if (field.kind == HeadField::Kind::Layer || field.kind == HeadField::Kind::Head) continue;
            const auto value = field.value(numbers, head);
            out += fmt::format(" {} {}", field.name(), value ? fmt::format("{:.4g}", *value) : "n/a");
        }
        const std::string tags = tag_summary(run, head);
        out += tags.empty() ? "\n" : fmt::format("  [{}]\n", tags);
    }
    return out;
}

Status write_heads_csv(const std::string& path, const AnalyzedRun& run,
                       const std::optional<HeadQuery>& query) {
    const HeadNumbers numbers = numbers_of_run(run);
    const HeadTable table = make_head_table(numbers);
    std::vector<HeadId> heads;
    if (query) heads = query->find(numbers, table.grid);
    for (std::size_t i = 0; !query && i < table.grid.size(); ++i)
        heads.push_back(table.grid.at(i));
    return write_file_atomic(path, head_table_csv(table, heads));
}

}  // namespace headlight
