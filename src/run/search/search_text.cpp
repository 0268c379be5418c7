#include "run/search/search_text.h"

#include "io/attention/dump_contents.h"
#include "io/checkpoint/tensor_values.h"
#include "run/analyze_text.h"
#include "run/text_run.h"
#include "study/rules/rule_patterns.h"

namespace headlight {
namespace {

/// Whole numbers are fine as well.
Result<std::vector<float>> drawing_values(const Checkpoint& arrays, const TensorInfo& tensor) {
    auto floats = tensor_as_floats(arrays, tensor);
    if (floats || floats.error().kind != ErrorKind::Unsupported) return floats;
    HEADLIGHT_TRY(const std::vector<std::int64_t> whole, tensor_as_integers(arrays, tensor));
    return std::vector<float>(whole.begin(), whole.end());
}

Result<PairTemplate> template_of(const FindRequest& request, const TokenizedText& queries,
                                 const TokenizedText& keys, const AttentionTrace& trace) {
    if (!request.drawing_path.empty()) return read_drawing(request.drawing_path, trace);
    HEADLIGHT_TRY(const TokenRule rule, read_rule(request.rule));
    return rule_template(rule, queries, keys, trace);
}

}  // namespace

Result<PairTemplate> rule_template(const TokenRule& rule, const TokenizedText& queries,
                                   const TokenizedText& keys, const AttentionTrace& trace) {
    if (static_cast<int>(queries.tokens.size()) != trace.num_queries() ||
        static_cast<int>(keys.tokens.size()) != trace.num_keys())
        return fail(ErrorKind::InvalidInput,
                    "the tokens of this attention are not known: rules need them, drawings do not");
    const std::vector<TokenLabel> query_labels = label_tokens(queries.tokens),
                                  key_labels = label_tokens(keys.tokens);
    const bool is_cross = trace.info().kind == AttentionKind::Cross;
    HEADLIGHT_TRY(const KeySet pairs,
                  is_cross ? rule.pairs({queries.tokens, query_labels}, RuleTokens{keys.tokens, key_labels})
                           : rule.pairs({queries.tokens, query_labels}, trace.info().is_causal));
    if (pairs.keys.empty())
        return fail(ErrorKind::InvalidInput, "no pair of this text's tokens fits the rule “{}”", rule.text());
    return template_of_pairs(pairs, trace.num_keys());
}

Result<PairTemplate> read_drawing(const std::string& path, const AttentionTrace& trace) {
    HEADLIGHT_TRY(const DumpContents contents, read_dump_contents(path));
    if (contents.arrays.tensors.size() != 1)
        return fail(make_error(ErrorKind::InvalidInput, "a drawing is a file of one array; this one holds {}",
                               contents.arrays.tensors.size())
                        .in_file(path));
    const TensorInfo& tensor = contents.arrays.tensors.front();
    const std::vector<std::int64_t> wanted = {trace.num_queries(), trace.num_keys()};
    if (tensor.shape != wanted)
        return fail(
            make_error(ErrorKind::InvalidInput,
                       "the drawing is {}, the text needs {} (queries × keys, special tokens counted)",
                       shape_to_string(tensor.shape), shape_to_string(wanted))
                .in_file(path));
    HEADLIGHT_TRY(const std::vector<float> values, drawing_values(contents.arrays, tensor));
    auto out = template_of_cells(values, trace.num_queries(), trace.num_keys());
    if (!out) return fail(std::move(out.error()).in_file(path));
    return out;
}

Result<FindResult> find_heads(const LiveModel& model, const TokenizedText& tokens,
                              const TokenizedText& decoder_tokens, const FindRequest& request,
                              const JobContext& job) {
    HEADLIGHT_TRY(TokenRun run, run_tokens(model, tokens, decoder_tokens, {}, job));
    if (!run.result.trace)
        return fail(ErrorKind::InvalidInput, "the text has no tokens: there is nothing to search");
    FindResult out;
    out.model = model.info;
    HEADLIGHT_TRY(const ChosenKind chosen, choose_kind(request.attention, run.result,
                                                       decoder_tokens.tokens.size() > 1, model.spec().name));
    const bool is_decoder = chosen.kind == AttentionKind::Decoder || chosen.kind == AttentionKind::Cross;
    const TokenizedText& queries = is_decoder ? decoder_tokens : tokens;
    const TokenizedText& keys = chosen.kind == AttentionKind::Decoder ? decoder_tokens : tokens;
    out.kind = chosen.kind;
    out.num_queries = chosen.trace->num_queries();
    out.num_keys = chosen.trace->num_keys();
    out.is_drawing = !request.drawing_path.empty();
    out.what = out.is_drawing ? request.drawing_path : request.rule;
    out.order = request.order;
    HEADLIGHT_TRY(const PairTemplate pairs, template_of(request, queries, keys, *chosen.trace));
    HEADLIGHT_TRY(out.search, search_heads(*chosen.trace, pairs, request.options, job));
    return out;
}

}  // namespace headlight
