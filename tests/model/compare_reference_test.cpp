// Comparisons of two texts and attention between words against reference values, through the real engine.
#include <array>

#include "analysis/compare/divergence.h"
#include "analysis/words/text_units.h"
#include "core/units/grouped_trace.h"
#include "model/causal_reference.h"
#include "tokenize/tokenizer.h"

using namespace headlight;

namespace {

constexpr std::array kCompared = {"gpt2", "llama", "gpt_neox", "gemma2", "opt",   "opt_350m_style",
                                  "bert", "olmo2", "gptj",     "qwen3",  "cohere"};

TracePtr trace_of(ModelRunner& runner, const std::vector<std::int32_t>& ids) {
    RunRequest request;
    request.ids = ids;
    return test::run(runner, request).trace;
}

std::vector<Token> special_or_not(const test::CausalReference& reference, const char* key) {
    std::vector<Token> tokens;
    for (const std::int32_t id : reference.ids(key))
        tokens.push_back({.id = id});
    for (const int special : reference.json().at("special"))
        tokens[static_cast<std::size_t>(special)].is_special = true;
    return tokens;
}

}  // namespace

TEST_CASE("compare: divergences of two texts in eleven families") {
    HEADLIGHT_NEEDS(test::CausalReference::path("gpt2", ".safetensors"));
    for (const char* name : kCompared) {
        const test::CausalReference reference(name);
        const auto runner = test::open(reference.model_path());
        const TracePtr clean = trace_of(*runner, reference.ids("clean_ids")),
                       corrupt = trace_of(*runner, reference.ids("corrupt_ids"));
        RunAlignment alignment;
        alignment.queries = alignment.keys =
            align_tokens(special_or_not(reference, "clean_ids"), special_or_not(reference, "corrupt_ids"))
                .value();
        CHECK(alignment.queries.pairs.size() == 18);
        alignment.first_changed = alignment.queries.num_equal_first;
        const auto heads = compare_heads(*clean, *corrupt, alignment, same_heads(*clean), {}).value();
        std::vector<float> rows, jsd, after;
        for (const HeadDivergence& head : heads) {
            rows.insert(rows.end(), head.row_jsd.begin(), head.row_jsd.end());
            jsd.push_back(static_cast<float>(head.jsd.value()));
            after.push_back(static_cast<float>(head.jsd_after.value()));
        }
        reference.check("compare.row_jsd", rows);
        reference.check("compare.jsd", jsd);
        reference.check("compare.jsd_after", after);
    }
}

TEST_CASE("words: weights, null and entropy of eleven families") {
    HEADLIGHT_NEEDS(test::CausalReference::path("gpt2", ".safetensors"));
    for (const char* name : kCompared) {
        const test::CausalReference reference(name);
        const auto runner = test::open(reference.model_path());
        const auto ids = reference.ids("clean_ids");
        const TokenizedText text = open_tokenizer(reference.model_path()).value()->from_ids(ids).value();
        const std::vector<TokenRange> words = text_units(text.tokens, TextUnit::Word);
        nlohmann::json ranges = nlohmann::json::array();
        for (const TokenRange& word : words)
            ranges.push_back({word.begin, word.end});
        INFO(name);
        CHECK(ranges == reference.json().at("words"));
        if (ranges != reference.json().at("words")) continue;
        const TracePtr trace = trace_of(*runner, ids);
        const auto groups = text_groups(text.tokens, text.tokens, TextUnit::Word, FromGroup::Mean);
        const GroupedTrace between(trace, groups);
        std::vector<float> weights, uniform, entropy;
        for (int layer = 0; layer < between.num_layers(); ++layer) {
            std::vector<float> even(words.size() * words.size());
            between.even_rows(layer, 0, between.num_queries(), even);
            uniform.insert(uniform.end(), even.begin(), even.end());
            for (int head = 0; head < between.num_heads(); ++head) {
                const std::vector<float> matrix = between.matrix(layer, head);
                weights.insert(weights.end(), matrix.begin(), matrix.end());
                std::vector<RowStats> rows(words.size());
                between.row_stats(layer, head, rows);
                for (const RowStats& row : rows)
                    entropy.push_back(row.entropy);
            }
        }
        reference.check("words.raw", weights);
        reference.check("words.uniform", uniform);
        reference.check("words.entropy", entropy);
    }
}
