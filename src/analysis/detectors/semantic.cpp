// Detector: attends to tokens of similar meaning.
#include "analysis/detector.h"
#include "analysis/patterns/detector_scoring.h"
#include "analysis/patterns/text_similarity.h"

namespace headlight {
namespace {

constexpr double kThreshold = 0.2;

DetectorScore score(const DetectorInput& input) {
    DetectorScore score;
    if (input.similarity == nullptr) {
        score.reason = "the static embeddings of the tokens are not at hand here: a scan measures it";
        return score;
    }
    const std::size_t num_queries = input.rows.size();
    if (input.matrix.size() != num_queries * num_queries ||
        input.similarity->num_tokens() != static_cast<int>(num_queries)) {
        return not_measured(input);
    }
    double sum = 0;
    for (std::size_t query = 0; query < num_queries; ++query) {
        if (input.rows[query].num_keys == 0) continue;
        const auto rho = input.similarity->correlation(
            static_cast<int>(query), input.matrix.subspan(query * num_queries, num_queries));
        if (!rho) continue;
        sum += *rho;
        ++score.num_rows;
    }
    score.reason = "no row of this text has eight other tokens before it with weights that differ";
    if (score.num_rows == 0) return score;
    score.score = sum / score.num_rows;
    score.null = 0.0;
    compare_with_null(score);
    std::string reason;
    score.is_tagged = reaches("rank correlation with similarity", *score.score, kThreshold, reason);
    score.reason = reason + sample_note(score.num_rows);
    return score;
}

}  // namespace

extern const DetectorDescriptor k_detector_semantic = {
    .id = "semantic",
    .label = "similar meaning",
    .glyph = "~",
    .help = "attends to tokens of similar meaning",
    .definition =
        "Score: mean over rows of Spearman's correlation between a_ij and the cosine of the tokens' static "
        "embeddings (minus "
        "their mean), keys 1 <= j < i with another token, both ranks after taking out the distance. -1 to 1, "
        "null 0, so there is "
        "no lift and kappa is the score.",
    .source = "0.2 proposed here",
    .kind = DetectorKind::Content,
    .threshold = kThreshold,
    .score = score,
    .coarsest = TextUnit::Token,
    .why_no_coarser = "embeddings are of tokens",
};

}  // namespace headlight
