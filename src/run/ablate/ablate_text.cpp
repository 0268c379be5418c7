#include "run/ablate/ablate_text.h"

#include <algorithm>
#include <set>

#include "analysis/patterns/top_k.h"
#include "analysis/probes/probe.h"
#include "run/analyzed_run.h"
#include "study/ablation/measure.h"
#include "study/validation/validation.h"
#include "tokenize/excluded_ids.h"

namespace headlight {
namespace {

constexpr int kProbeBlock = 50, kProbeSequences = 12;

/// [BOS] X X: the first token of the second copy cannot be foreseen, the others can.
Status add_probe(const AblateRequest& options, const LiveModel& model, AblateResult& result) {
    const ModelSpec& spec = model.spec();
    ProbeSettings settings;
    settings.block_length =
        spec.max_positions > 0 ? std::min(kProbeBlock, (spec.max_positions - 1) / 2) : kProbeBlock;
    settings.num_sequences = kProbeSequences;
    settings.seed = options.seed;
    const std::int32_t bos = model.tokenizer() ? model.tokenizer()->bos_id() : -1;
    const std::vector<bool> excluded =
        model.tokenizer() ? excluded_ids(*model.tokenizer(), spec.vocab_size) : std::vector<bool>();
    const auto sequences = random_repeat_sequences(spec.vocab_size, bos, excluded, settings);
    if (sequences.empty())
        return fail(ErrorKind::Unsupported, "the vocabulary of '{}' is too small for random repeats",
                    spec.name);
    const std::size_t first = bos >= 0 ? 1 : 0;
    for (const auto& ids : sequences) {
        const std::size_t block = (ids.size() - first) / 2;
        std::vector<bool> scored(ids.size() - 1, false);
        for (std::size_t token = first + block + 1; token < ids.size(); ++token)
            scored[token - 1] = true;
        result.scored.push_back(std::move(scored));
        result.texts.push_back(model.tokenizer() ? tokens_of_ids(*model.info, ids) : unnamed_tokens(ids));
    }
    result.text_name = fmt::format("{} random repeats, second copy scored", sequences.size());
    return {};
}

std::vector<AblatedPrediction> predictions(const LiveModel& model, const Matrix& logits, int k) {
    std::vector<AblatedPrediction> out;
    if (logits.rows < 1) return out;
    for (const auto& one : top_predictions(logits.row(0), k)) {
        std::string piece = fmt::format("#{}", one.id);
        if (model.tokenizer()) {
            if (const auto token = model.tokenizer()->token(one.id)) piece = token->display;
        }
        out.push_back({one.id, piece, one.probability});
    }
    return out;
}

/// Next tokens before and after at one position of the last text, and what every token of it lost.
Status look_closer(const AblateRequest& options, const LiveModel& model, const std::vector<Intervention>& set,
                   const JobContext& job, AblateResult& result) {
    const TokenizedText& text = result.texts.back();
    const int count = static_cast<int>(text.tokens.size());
    const int query = options.query.value_or(result.question ? result.question->position : count - 1);
    if (query < 0 || query >= count)
        return fail(ErrorKind::InvalidInput, "--query {}: the text has positions 0 to {}", query, count - 1);
    result.query = query;
    HEADLIGHT_TRY(const auto run, model.runner->start_ablation(text.ids(), job));
    AblationWish wish;
    wish.logit_positions = {query};
    HEADLIGHT_TRY(const AblationOutcome unchanged, run->apply({}, wish, job));
    wish.wants_distribution = options.has_tokens;
    HEADLIGHT_TRY(const AblationOutcome changed, run->apply(set, wish, job));
    result.before = predictions(model, unchanged.logits, options.top_k);
    result.after = predictions(model, changed.logits, options.top_k);
    if (!options.has_tokens) return {};
    for (std::size_t i = 0; i < text.tokens.size(); ++i) {
        AblatedToken token{text.tokens[i].id, text.tokens[i].display, {}, {}, {}};
        if (i > 0 && i <= run->base_loss().size() && i <= changed.token_loss.size()) {
            token.base_loss = run->base_loss()[i - 1];
            token.loss = changed.token_loss[i - 1];
        }
        if (i > 0 && i <= changed.kl.size()) token.kl = changed.kl[i - 1];
        result.tokens.push_back(std::move(token));
    }
    return {};
}

SweepRequest request_of(const AblateRequest& options, const AblateResult& texts) {
    SweepRequest request;
    for (const TokenizedText& text : texts.texts)
        request.texts.push_back(text.ids());
    request.scored = texts.scored;
    request.wants_distribution = true;
    request.window = options.window;
    request.seed = options.seed;
    request.question = texts.question;
    return request;
}

/// Heads of a sweep: those named, each alone.
Status sweep(const AblateRequest& options, const LiveModel& model, const std::vector<Intervention>& set,
             const JobContext& job, const std::function<void(const AblationEffect&, int, int)>& on_effect,
             AblateResult& result) {
    SweepRequest request = request_of(options, result);
    request.mode = set.front().mode;
    request.heads = set.front().heads;
    result.is_sweep = true;
    std::set<int> layers;
    for (const HeadId head : request.heads)
        layers.insert(head.layer);
    if (!options.parts.empty()) request.parts.clear();
    std::string names;
    for (const std::string& name : options.parts.empty() ? std::vector<std::string>{"head"} : options.parts) {
        const auto part = swept_part(name);
        if (!part) return fail(ErrorKind::InvalidInput, "--parts {}: expected head, layer or mlp", name);
        if (!options.parts.empty()) request.parts.push_back(*part);
        result.num_wanted +=
            static_cast<int>(*part == SweptPart::Head ? request.heads.size() : layers.size());
        names += (names.empty() ? "" : ", ") + name;
    }
    result.title = fmt::format("each {} alone: {}", names, label_of(request.mode));
    const auto keep = [&](const AblationEffect& effect) {
        result.effects.push_back(effect);
        if (on_effect) on_effect(effect, static_cast<int>(result.effects.size()), result.num_wanted);
    };
    const auto done = sweep_heads(*model.runner, request, job, keep);
    if (done) return {};
    if (done.error().kind != ErrorKind::Cancelled || result.effects.empty()) return fail(done.error());
    result.was_stopped = true;
    return {};
}

}  // namespace

Status choose_texts(const AblateRequest& options, const LiveModel& model, const TellUser& tell,
                    AblateResult& result) {
    if (options.has_repeat_probe) return add_probe(options, model, result);
    HEADLIGHT_TRY(TokenizedText text, read_tokens(options.text, model));
    const ModelSpec& spec = model.spec();
    const int length =
        spec.max_positions > 0 ? std::min(options.window_length, spec.max_positions) : options.window_length;
    result.text_name = !options.text.text_file.empty() ? options.text.text_file : "the given text";
    if (static_cast<int>(text.tokens.size()) <= length) {
        result.texts.push_back(std::move(text));
        return {};
    }
    if (text.is_pair()) {
        return fail(
            ErrorKind::InvalidInput,
            "the pair of sentences has {} tokens, more than one window of {}, and cannot be cut; raise "
            "--window-length (the model takes {} tokens)",
            text.tokens.size(), length, spec.max_positions);
    }
    if (!options.text.ids.empty() || !model.tokenizer()) {
        return fail(
            ErrorKind::InvalidInput,
            "{} ids are more than one window of {}; raise --window-length (the model takes {} tokens)",
            text.tokens.size(), length, spec.max_positions);
    }
    HEADLIGHT_TRY(result.texts, cut_windows(*model.tokenizer(), text.text, length, 1 << 20));
    tell(fmt::format("{} tokens: cut into {} windows of {} tokens.", text.tokens.size(), result.texts.size(),
                     length));
    return {};
}

namespace {

/// The question of the options and what is ranked by.
Status ask_question(const AblateRequest& options, const LiveModel& model, AblateResult& result) {
    if (options.question.is_given() && result.texts.size() == 1) {
        const TokenizedText& text = result.texts.front();
        HEADLIGHT_TRY(result.question, question_of(options.question, *model.info, text.tokens.size()));
        const std::vector<int> masked = predicted_positions(model.spec(), text, model.tokenizer().get());
        if (options.question.at == -1 && !masked.empty()) result.question->position = masked.front();
        result.question_words = describe(*result.question, *model.info, text);
    } else if (options.question.is_given()) {
        return fail(ErrorKind::InvalidInput,
                    "a question is asked of one text, but there are {} windows; raise --window-length or "
                    "shorten the text",
                    result.texts.size());
    }
    const bool has_loss = model.spec().is_causal;
    result.metric =
        result.question ? AblationMetric::Difference : (has_loss ? AblationMetric::Loss : AblationMetric::Kl);
    if (options.metric.empty()) return {};
    const auto metric = ablation_metric(options.metric);
    if (!metric) return fail(ErrorKind::InvalidInput, "--metric '{}' is not known", options.metric);
    result.metric = *metric;
    const bool needs_answer = *metric != AblationMetric::Loss && *metric != AblationMetric::Kl;
    if (needs_answer && !result.question)
        return fail(ErrorKind::InvalidInput, "--metric {} needs a question: --answer \" word\"",
                    options.metric);
    if (*metric == AblationMetric::Loss && !has_loss)
        return fail(ErrorKind::InvalidInput, "--metric loss: the model has no next-token loss; take kl");
    return {};
}

}  // namespace

Result<AblateResult> ablate_text(const AblateRequest& options, const LiveModel& model, const TellUser& tell,
                                 const JobContext& job,
                                 const std::function<void(const AblationEffect&, int, int)>& on_effect) {
    AblateResult result;
    result.spec = model.spec();
    HEADLIGHT_CHECK(choose_texts(options, model, tell, result));
    HEADLIGHT_CHECK(ask_question(options, model, result));
    HEADLIGHT_TRY(const std::vector<Intervention> set, choose_interventions(options, model, result, job));
    result.mode = set.front().mode;
    if (options.sweep) {
        HEADLIGHT_CHECK(sweep(options, model, set, job, on_effect, result));
        return result;
    }
    for (const Intervention& one : set)
        result.title +=
            (result.title.empty() ? "" : "; ") + describe(one, result.spec.num_layers, result.spec.num_heads);
    HEADLIGHT_TRY(const AblationEffect effect,
                  measure_ablation(*model.runner, request_of(options, result), set, job));
    result.effects.push_back(effect);
    HEADLIGHT_CHECK(look_closer(options, model, set, job, result));
    return result;
}

}  // namespace headlight
