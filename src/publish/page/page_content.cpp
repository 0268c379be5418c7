#include "publish/page/page_content.h"

namespace headlight {
namespace {

constexpr std::int64_t kMostPageLogits = std::int64_t{64} << 20;
constexpr int kPagePredictions = 5;

bool predicts_at_queries(const PageContent& content) {
    const AttentionKind kind = content.text->kind();
    return content.spec.can_predict() && kind != AttentionKind::Encoder &&
           (kind != AttentionKind::Self || !content.spec.has_decoder);
}

/// The token whose logits are those of a query.
int token_of(const AnalyzedText& text, int query) {
    return text.groups ? text.groups->queries[static_cast<std::size_t>(query)].last() : query;
}

}  // namespace

PageContent page_content_of(const AnalyzedRun& run, std::vector<HeadId> heads) {
    auto tokens = std::make_shared<AnalyzedText>();
    tokens->tokens = run.token_queries();
    const bool is_of_decoder = run.kind == AttentionKind::Decoder || run.kind == AttentionKind::Cross;
    if (is_of_decoder) tokens->input_tokens = std::make_shared<const TokenizedText>(run.tokens);
    if (run.kind == AttentionKind::Cross) tokens->key_tokens = tokens->input_tokens;
    tokens->trace = run.token_trace;
    tokens->was_measured_now = run.run_ms > 0;
    auto text = tokens;
    if (run.units) {
        text = std::make_shared<AnalyzedText>(*tokens);
        text->tokens = run.unit_queries;
        if (run.kind == AttentionKind::Cross)
            text->key_tokens = std::make_shared<const TokenizedText>(run.unit_keys);
        text->trace = run.trace;
        text->groups = run.units;
        text->of_tokens = tokens;
    } else {
        tokens->key_sets = run.key_sets;
    }
    text->analysis = run.analysis;
    PageContent out;
    out.spec = run.spec;
    out.text = std::move(text);
    out.shown = run.shown;
    out.shown_question = run.shown_question;
    out.heads = std::move(heads);
    return out;
}

Status add_page_predictions(PageContent& content, const LiveModel& model, const JobContext& job) {
    const AnalyzedText& text = *content.text;
    if (!predicts_at_queries(content) || text.trace->num_queries() == 0) return {};
    const AnalyzedText& tokens = text.of_tokens ? *text.of_tokens : text;
    RunRequest request;  // as run_predictions() asks, so that what the runner kept is used
    request.ids = tokens.input_tokens ? tokens.input_tokens->ids() : tokens.tokens.ids();
    if (tokens.input_tokens) request.decoder_ids = tokens.tokens.ids();
    if (!tokens.input_tokens) request.key_sets = tokens.key_sets;
    const auto count = static_cast<std::int64_t>(tokens.tokens.tokens.size());
    for (int query = 0; query < text.trace->num_queries(); ++query)
        request.logit_positions.push_back(token_of(text, query));
    if (count * content.spec.vocab_size > kMostPageLogits)
        request.logit_positions = {static_cast<int>(count) - 1};
    HEADLIGHT_TRY(const RunResult result, model.runner->run(request, job));
    if (result.logits.rows != static_cast<std::int64_t>(request.logit_positions.size()))
        return fail(ErrorKind::Internal, "asked {} for the logits of {} positions, got {}", content.spec.name,
                    request.logit_positions.size(), result.logits.rows);
    const int first = text.trace->num_queries() - static_cast<int>(result.logits.rows);
    for (std::int64_t row = 0; row < result.logits.rows; ++row) {
        QueryPredictions one;
        one.query = first + static_cast<int>(row);
        one.top = top_predictions(result.logits.row(row), kPagePredictions);
        for (const TokenPrediction& prediction : one.top)
            one.display.push_back(display_of_token(*model.info, prediction.id));
        content.predictions.push_back(std::move(one));
    }
    return {};
}

}  // namespace headlight
