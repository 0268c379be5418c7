// What the table of heads shows in which order: columns, texts of cells, sorting. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "analysis/search/head_table.h"

namespace headlight {

struct TableColumn {
    enum class Kind { Head, Tags, Strongest, Score, Metric };
    Kind kind = Kind::Metric;
    std::string id, label, unit;
    std::string help;  // one sentence, and how it is computed
    float width_dp = 76;
    std::size_t metric = 0;  // of HeadTable::metrics, Kind::Metric
    bool is_number() const { return kind == Kind::Score || kind == Kind::Metric; }
};

/// The head, its tags, the strongest pattern with its score, then every metric.
std::vector<TableColumn> table_columns(const HeadTable& table);

/// What a column of numbers sorts by; nullopt: it does not exist.
std::optional<double> cell_number(const HeadRow& row, const TableColumn& column);
/// Empty where a number does not exist.
std::string cell_text(const HeadRow& row, const TableColumn& column);

struct TableSort {
    std::size_t column = 0;  // 0: by layer and head
    bool is_ascending = true;
    bool operator==(const TableSort&) const = default;
};

/// Indices of rows: of `heads`, or of all when it is null. Rows without a value come last either way; what is
/// equal stays in the order of layers.
std::vector<std::size_t> table_order(const HeadTable& table, const TableColumn& column, const TableSort& sort,
                                     const std::vector<HeadId>* heads);

}  // namespace headlight
