#include "study/scan/probes.h"

#include <algorithm>
#include <cmath>

#include "analysis/probes/behaviour_scores.h"
#include "study/scan/random.h"

namespace headlight {
namespace {

constexpr const char* kCue = "\nThe secret words of the house are:";
constexpr int kNeedleWords = 8, kLeastFiller = 16, kTopK = 5;

std::vector<std::int32_t> ordinary_ids(const std::vector<bool>& excluded, std::int32_t bos_id) {
    std::vector<std::int32_t> ids;
    for (std::size_t id = 0; id < excluded.size(); ++id) {
        if (!excluded[id] && static_cast<std::int32_t>(id) != bos_id)
            ids.push_back(static_cast<std::int32_t>(id));
    }
    return ids;
}

/// `count` distinct ids; fewer when there are fewer.
std::vector<std::int32_t> draw_distinct(std::vector<std::int32_t> pool, std::size_t count,
                                        ScanRandom& random) {
    count = std::min(count, pool.size());
    for (std::size_t i = 0; i < count; ++i)
        std::swap(pool[i], pool[i + random.below(pool.size() - i)]);
    pool.resize(count);
    return pool;
}

void append(std::vector<std::int32_t>& ids, std::span<const std::int32_t> more) {
    ids.insert(ids.end(), more.begin(), more.end());
}

std::int32_t largest_logit(std::span<const float> logits) {
    return static_cast<std::int32_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

}  // namespace

std::vector<Token> tokens_of_ids(const Tokenizer& tokenizer, const std::vector<std::int32_t>& ids) {
    std::vector<Token> tokens;
    tokens.reserve(ids.size());
    for (const std::int32_t id : ids) {
        Token& token = tokens.emplace_back();
        if (auto known = tokenizer.token(id)) token = std::move(*known);
        token.id = id;
        if (token.display.empty()) token.display = token.piece = std::to_string(id);
        token.is_special = token.is_special || id == tokenizer.bos_id();
    }
    return tokens;
}

std::vector<Needle> make_needles(const std::vector<ScanWindow>& texts, const Tokenizer& tokenizer,
                                 const std::vector<bool>& excluded, int length, std::uint64_t seed) {
    const auto spelled = tokenizer.try_encode(kCue, false);
    const std::vector<std::int32_t> cue = spelled ? spelled->ids() : std::vector<std::int32_t>();
    if (cue.empty()) return {};
    const std::vector<std::int32_t> pool = ordinary_ids(excluded, tokenizer.bos_id());
    const int num_fixed = 2 * static_cast<int>(cue.size()) + 2 * kNeedleWords + 1;
    const int num_filler = length - num_fixed;
    if (num_filler < kLeastFiller || texts.empty() || pool.size() < kNeedleWords) return {};
    std::vector<Needle> needles;
    for (int number = 0; number < kNumNeedles; ++number) {
        ScanRandom random(scan_hash(seed, 0x4E45, static_cast<std::uint64_t>(number)));
        const std::vector<Token>& text = texts[static_cast<std::size_t>(number) % texts.size()].tokens;
        std::vector<std::int32_t> filler;
        for (const Token& token : text) {
            if (token.id != tokenizer.bos_id() && static_cast<int>(filler.size()) < num_filler)
                filler.push_back(token.id);
        }
        const std::size_t depth = random.below(filler.size() + 1);
        Needle& needle = needles.emplace_back();
        if (tokenizer.bos_id() >= 0) needle.prompt.push_back(tokenizer.bos_id());
        append(needle.prompt, std::span(filler).first(depth));
        append(needle.prompt, cue);
        needle.begin = static_cast<int>(needle.prompt.size());
        append(needle.prompt, draw_distinct(pool, kNeedleWords, random));
        needle.end = static_cast<int>(needle.prompt.size());
        append(needle.prompt, std::span(filler).subspan(depth));
        append(needle.prompt, cue);
    }
    return needles;
}

std::vector<std::vector<std::int32_t>> make_copy_batches(const std::vector<bool>& excluded,
                                                         std::int32_t bos_id, std::uint64_t seed) {
    const std::vector<std::int32_t> pool = ordinary_ids(excluded, bos_id);
    std::vector<std::vector<std::int32_t>> batches;
    for (int number = 0; number < kNumCopyBatches && !pool.empty(); ++number) {
        ScanRandom random(scan_hash(seed, 0x434F, static_cast<std::uint64_t>(number)));
        batches.push_back(draw_distinct(pool, kTokensPerCopyBatch, random));
    }
    return batches;
}

Result<std::vector<SequenceScore>> measure_needle(ModelRunner& runner, const Needle& needle,
                                                  const JobContext& job) {
    const HeadGrid grid = runner.spec().grid();
    const int num_words = needle.end - needle.begin;
    std::vector<std::vector<DecodingStep>> steps(grid.size());
    double null = 0;
    RunRequest request;
    request.ids = needle.prompt;
    for (int word = 0; word < num_words; ++word) {
        const int last = static_cast<int>(request.ids.size()) - 1;
        request.logit_positions = {last};
        request.may_reuse_prefix = word > 0;  // so that the result does not hang on what ran before
        HEADLIGHT_TRY(const RunResult result, runner.run(request, job));
        const std::int32_t generated = largest_logit(result.logits.row(0));
        std::vector<RowStats> rows(static_cast<std::size_t>(last) + 1);
        for (std::size_t head = 0; head < grid.size(); ++head) {
            result.trace->row_stats(grid.at(head).layer, grid.at(head).head, rows);
            steps[head].push_back({rows.back().argmax, generated});
        }
        const auto begin = needle.prompt.begin();
        const auto num_hits = std::count(begin + needle.begin, begin + needle.end, generated);
        null += static_cast<double>(num_hits) / (last + 1) / num_words;
        request.ids.push_back(generated);
    }
    std::vector<SequenceScore> scores(grid.size());
    for (std::size_t head = 0; head < grid.size(); ++head) {
        scores[head].score = retrieval_score(steps[head], needle.prompt, needle.begin, needle.end);
        scores[head].null = null;
        scores[head].num_rows = num_words;
    }
    return scores;
}

Result<CopyMeasure> measure_copying(ModelRunner& runner, const std::vector<std::int32_t>& ids,
                                    const JobContext& job) {
    CopyMeasure measure;
    for (const bool negates : {false, true}) {
        HEADLIGHT_TRY(const Matrix ranks, runner.copy_ranks(ids, negates, job));  // [head, ids]
        for (std::int64_t head = 0; head < ranks.rows; ++head) {
            std::vector<int> of_head;
            for (const float rank : ranks.row(head))
                of_head.push_back(static_cast<int>(rank));
            const std::optional<double> rate = copy_score(of_head, kTopK);
            if (negates) {
                measure.negative.push_back(static_cast<float>(rate.value_or(std::nan(""))));
                continue;
            }
            SequenceScore& score = measure.scores.emplace_back();
            score.score = rate;
            score.null = copy_null(runner.spec().vocab_size, kTopK);
            score.num_rows = static_cast<int>(ids.size());
        }
    }
    return measure;
}

}  // namespace headlight
