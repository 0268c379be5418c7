#include "publish/run_text.h"

namespace headlight {

AnalyzedText text_of_run(const AnalyzedRun& run) {
    AnalyzedText text;
    text.id = text.run_id = 1;
    text.tokens = run.token_queries();
    text.trace = run.token_trace;
    const bool is_of_decoder = run.kind == AttentionKind::Decoder || run.kind == AttentionKind::Cross;
    if (is_of_decoder) text.input_tokens = std::make_shared<const TokenizedText>(run.tokens);
    if (run.kind == AttentionKind::Cross) text.key_tokens = text.input_tokens;
    if (!is_of_decoder && !run.units) text.key_sets = run.key_sets;
    return text;
}

}  // namespace headlight
