// The attention of a text between its words, sentences or lines, analysed as that of tokens is.
#pragma once

#include <memory>

#include "base/progress.h"
#include "base/result.h"
#include "run/analyzed_text.h"

namespace headlight {

/// What one wants to see of every text.
struct UnitChoice {
    TextUnit unit = TextUnit::Token;
    FromGroup from = FromGroup::Mean;
    bool operator==(const UnitChoice&) const = default;
};

/// `text`, between tokens and with a trace, gathered into units that are no tokens: rows and columns are the
/// units (AnalyzedText::groups), its tokens are the units as tokens, its analysis is of the gathered rows;
/// everything else is that of `text`, which it keeps. Errors: Cancelled.
Result<std::shared_ptr<const AnalyzedText>> group_text(const std::shared_ptr<const AnalyzedText>& text,
                                                       UnitChoice choice, std::uint64_t id, int num_threads,
                                                       const JobContext& job);

/// The same of every kind that has a trace, `first_id` and up; none between tokens.
Result<TextKinds> group_kinds(const TextKinds& kinds, UnitChoice choice, std::uint64_t first_id,
                              int num_threads, const JobContext& job);

}  // namespace headlight
