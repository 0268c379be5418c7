// All heads of a text with every metric: one row a head, one column a metric.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analysis/search/head_numbers.h"

namespace headlight {

struct HeadRow {
    HeadId head;
    std::vector<const DetectorDescriptor*> tags;    // that are set, in the order of the registry
    const DetectorDescriptor* strongest = nullptr;  // the largest kappa, set or not; null: none was scored
    std::optional<double> score, lift, kappa;       // of it
    std::vector<std::optional<double>> values;      // [HeadTable::metrics]; nullopt: does not exist
};

struct HeadTable {
    std::vector<const MetricDescriptor*> metrics;  // all of the registry, in its order
    std::vector<HeadRow> rows;                     // [HeadGrid]
    HeadGrid grid;
};

HeadTable make_head_table(const HeadNumbers& numbers);

/// The table as comma-separated values with a first line of names: layer, head, tags, strongest, score, lift,
/// kappa, then the metrics by their ids. Rows of the given heads in their order. What does not exist is an
/// empty cell; numbers have as many digits as it takes to read them back.
std::string head_table_csv(const HeadTable& table, std::span<const HeadId> heads);

}  // namespace headlight
