// Values of the weights shown, in numbers and sentences.
#pragma once

#include <string>
#include <vector>

#include "views/view.h"

namespace headlight {

/// "62 %" of shares, "0.45" of lengths, "+2.87" of effects.
std::string format_weight(WeightsShown weights, double value);
/// The same for aligned columns.
std::string format_weight_column(WeightsShown weights, double value);
/// "+2.87", "−0.04": signed, a real minus.
std::string format_signed(double value, int digits = 2);

/// “·it” (5) gives 62 % to “·cat” (1), or what else is shown of that cell; with what is taken out of the row.
std::string cell_sentence(const ViewContext& context, const std::vector<HeadId>& heads, int query, int key,
                          double value);
/// Why a cell or a row without the sink has no value; empty: it has one.
std::string rest_sentence(const ViewContext& context, HeadId head, int query, int key);

/// "weights", "weights without the sink: ...": what the pictures show, for the status line, and why not what
/// was asked for.
std::string shown_words(const Snapshot& snapshot);

/// State of a row of one head without the sink; Shown for all other weights.
WeightedTrace::RowRestOf rest_of_row(const Snapshot& snapshot, HeadId head, int query);

}  // namespace headlight
