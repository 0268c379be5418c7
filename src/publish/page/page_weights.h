// The attention of a page: every head quantised, deflated and as text, with the largest error that this made.
#pragma once

#include <string>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "core/head_id.h"
#include "core/units/text_unit.h"
#include "publish/page/cell_code.h"

namespace headlight {

/// The cells of one head.
struct PageBlock {
    HeadId head;
    std::string text;       // base64 of the deflated bytes (zlib's format)
    bool is_delta = false;  // subtract_rows_above() was applied
    double scale = 1;       // HeadCells::scale
};

struct PageWeights {
    CellCode code;
    std::vector<PageBlock> blocks;
    double max_error = 0;  // largest |decoded - measured| of all cells, in shares of `scale`
    double max_sum_error =
        0;  // largest distance of a decoded row's sum from what it was; where sums are known
    std::size_t size_chars() const;
};

struct PageWeightsRequest {
    const AttentionTrace& trace;  // of the weights shown
    std::vector<HeadId> heads;
    RowSums sums = RowSums::One;
    bool is_signed = false;
    bool wants_wide = false;     // the wide code, or an error
    std::size_t most_chars = 0;  // of all blocks
    int num_threads = 1;
};

/// A text with that many cells in all heads may fit: even a picture of little detail takes a bit or more for
/// each. Asked before anything is run or encoded. `what`: "270 heads × 512 tokens". Errors: InvalidInput with
/// what fits.
Status check_page_cells(double cells, std::size_t most_chars, const std::string& what);

/// The finest code with which all heads fit: the wide one where that is small anyway, else from
/// kMostCellLevels down. Errors: InvalidInput with the sizes and how many heads or tokens fit, Cancelled.
Result<PageWeights> encode_page_weights(const PageWeightsRequest& request, const JobContext& job);

/// Which keys the queries of a layer may see, [num_queries].
std::vector<KeyRange> ranges_of_layer(const AttentionTrace& trace, int layer);

}  // namespace headlight
