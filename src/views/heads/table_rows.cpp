#include "views/heads/table_rows.h"

#include <algorithm>

#include "views/format.h"

namespace headlight {

std::vector<TableColumn> table_columns(const HeadTable& table) {
    using Kind = TableColumn::Kind;
    std::vector<TableColumn> out = {
        {Kind::Head, "head", "head", "", "Layer and head; sorting by it is the order of the model.", 64, 0},
        {Kind::Tags, "tags", "tags", "",
         "Patterns that the head follows: of the atlas where one is open, else on this text.", 120, 0},
        {Kind::Strongest, "strongest", "strongest", "",
         "The pattern with the largest κ on this text; dim where it is no tag.", 112, 0},
        {Kind::Score, "score", "score", "", "Score of the strongest pattern: mean mass in its pairs.", 56,
         0}};
    for (std::size_t i = 0; i < table.metrics.size(); ++i) {
        const MetricDescriptor& metric = *table.metrics[i];
        out.push_back({Kind::Metric, metric.id, metric.label, metric.unit,
                       std::string(metric.help) + "\n" + metric.id + " = " + metric.formula, 92, i});
    }
    return out;
}

std::optional<double> cell_number(const HeadRow& row, const TableColumn& column) {
    if (column.kind == TableColumn::Kind::Score) return row.score;
    if (column.kind == TableColumn::Kind::Metric) return row.values[column.metric];
    return std::nullopt;
}

std::string cell_text(const HeadRow& row, const TableColumn& column) {
    switch (column.kind) {
        case TableColumn::Kind::Head:
            return row.head.to_string();
        case TableColumn::Kind::Tags: {
            std::string out;
            for (const DetectorDescriptor* tag : row.tags)
                out += (out.empty() ? "" : ", ") + std::string(tag->label);
            return out;
        }
        case TableColumn::Kind::Strongest:
            return row.strongest != nullptr ? row.strongest->label : "";
        default:
            break;
    }
    const std::optional<double> value = cell_number(row, column);
    return value ? format_number(*value) : std::string();
}

std::vector<std::size_t> table_order(const HeadTable& table, const TableColumn& column, const TableSort& sort,
                                     const std::vector<HeadId>* heads) {
    std::vector<std::size_t> out;
    for (std::size_t i = 0; heads == nullptr && i < table.rows.size(); ++i)
        out.push_back(i);
    for (std::size_t i = 0; heads != nullptr && i < heads->size(); ++i) {
        const std::size_t index = table.grid.index((*heads)[i]);
        if (index < table.rows.size()) out.push_back(index);
    }
    if (column.kind == TableColumn::Kind::Head) {
        if (!sort.is_ascending) std::reverse(out.begin(), out.end());
        return out;
    }
    // What is missing comes last: sorted apart from the rest.
    const auto is_there = [&](std::size_t index) {
        const HeadRow& row = table.rows[index];
        return column.is_number() ? cell_number(row, column).has_value() : !cell_text(row, column).empty();
    };
    const auto middle = std::stable_partition(out.begin(), out.end(), is_there);
    std::stable_sort(out.begin(), middle, [&](std::size_t a, std::size_t b) {
        const HeadRow& first = table.rows[sort.is_ascending ? a : b];
        const HeadRow& second = table.rows[sort.is_ascending ? b : a];
        if (column.is_number()) return *cell_number(first, column) < *cell_number(second, column);
        return cell_text(first, column) < cell_text(second, column);
    });
    return out;
}

}  // namespace headlight
