#include "analysis/patterns/head_shape.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace headlight {
namespace {

constexpr double kLarge = 0.5, kSmall = 0.2, kTogether = 0.6, kBlockKappa = 0.5;

std::string label_of(double vertical, double diagonal, std::optional<double> block) {
    if (vertical >= kLarge && diagonal < kSmall) return "vertical";
    if (diagonal >= kLarge && vertical < kSmall) return "diagonal";
    if (vertical >= kSmall && diagonal >= kSmall && vertical + diagonal >= kTogether)
        return "vertical and diagonal";
    if (block && *block >= kBlockKappa) return "block";
    return "heterogeneous";
}

}  // namespace

HeadShape head_shape(const ShapeEvidence& evidence) {
    if (!evidence.first || !evidence.self || !evidence.previous) {
        return {"", "no rows: first token, self and previous token were not measured"};
    }
    // One column may be counted by several detectors, so the largest stands for them.
    const double vertical =
        std::max({*evidence.first, evidence.column.value_or(0.0), evidence.delimiter.value_or(0.0)});
    const double diagonal = std::min(1.0, *evidence.self + *evidence.previous + evidence.next.value_or(0.0));
    HeadShape shape;
    shape.label = label_of(vertical, diagonal, evidence.block_kappa);
    shape.reason =
        fmt::format("columns hold {:.2f}, diagonals {:.2f}, kappa of the sentence {}", vertical, diagonal,
                    evidence.block_kappa ? fmt::format("{:.2f}", *evidence.block_kappa) : "not measured");
    return shape;
}

ShapeEvidence shape_evidence(std::span<const Tag> tags) {
    ShapeEvidence evidence;
    for (const Tag& tag : tags) {
        const std::string_view id = tag.detector->id;
        if (id == "first_token") evidence.first = tag.score.score;
        if (id == "global_column") evidence.column = tag.score.score;
        if (id == "delimiter") evidence.delimiter = tag.score.score;
        if (id == "self") evidence.self = tag.score.score;
        if (id == "previous_token") evidence.previous = tag.score.score;
        if (id == "next_token") evidence.next = tag.score.score;
        if (id == "block") evidence.block_kappa = tag.score.kappa;
    }
    return evidence;
}

}  // namespace headlight
