// Derived values that explain an answer: factors of cells, attribution, lens, what heads write and look for.
#include "analysis/weights/composition_partners.h"
#include "run/cause/causal_text.h"
#include "session/parts/derivations.h"
#include "session/parts/opening.h"
#include "session/tasks/question.h"

namespace headlight {
namespace {

constexpr int kListedTokens = 10;  // of each end of a list
constexpr int kLensTop = 10;
constexpr int kListedPartners = 5;

std::size_t bytes_of(const Matrix& matrix) {
    return matrix.values.size() * sizeof(float);
}
std::size_t bytes_of(const CellFactors& factors) {
    return bytes_of(factors.key) + bytes_of(factors.query);
}
std::size_t bytes_of(const Attribution& value) {
    return bytes_of(value.answer) + bytes_of(value.rival) + bytes_of(value.vocab_mean) +
           value.components.size() * sizeof(Component);
}
std::size_t bytes_of(const Lens& lens) {
    std::size_t bytes = lens.top_ids.size() * (sizeof(std::int32_t) + sizeof(float));
    for (const Matrix* matrix : {&lens.entropy, &lens.kl, &lens.rank_final, &lens.rank_answer,
                                 &lens.rank_rival, &lens.difference, &lens.probability})
        bytes += bytes_of(*matrix);
    return bytes;
}
std::size_t bytes_of(const TokenRanking& ranking) {
    return (ranking.top.ids.size() + ranking.bottom.ids.size()) * (sizeof(std::int32_t) + sizeof(float));
}
std::size_t bytes_of(const HeadWriting& writing) {
    return sizeof(HeadWriting) + bytes_of(writing.tokens);
}

std::optional<Error> why_no_question(const std::optional<Question>& question) {
    if (question) return std::nullopt;
    return make_error(ErrorKind::Missing, "no answer is chosen");
}

}  // namespace

template <class T>
Derived<T> Derivations::ask_causal(DerivedKey key, std::string title, CausalWork<T> work) {
    const auto text = core_.snapshot.base_text;
    if (auto error = why_no_text(text.get())) return failed<T>(*error);
    if (auto error = core_.why_one_text_only("What explains an answer")) return failed<T>(*error);
    opening_.request_live();  // of a stored trace
    if (auto error = opening_.why_not_live()) return failed<T>(*error);
    key.owner = text->id;
    if (!can_ask_about(*text) || cache_.touch(key)) return cache_.look<T>(key);
    ask_model(key, std::move(title), text->model_id,
              [text, work = std::move(work)](WorkerState& on_worker,
                                             const JobContext& job) -> Result<DerivedValue> {
                  HEADLIGHT_TRY(CausalRun* const run,
                                causal_run(on_worker.live, on_worker.causal, *text, job));
                  HEADLIGHT_TRY(T value, work(*run, job));
                  const std::size_t bytes = bytes_of(value);
                  return make_value(std::move(value), bytes);
              });
    return cache_.look<T>(key);
}

namespace {

DerivedKey question_key(DerivedKind kind, const Question& question) {
    return {kind, 0, {}, question.position, question.answer, question.rival.value_or(-1)};
}

}  // namespace

Derived<CellFactors> Derivations::cell_factors(WeightsShown weights,
                                               const std::optional<Question>& question) {
    DerivedKey key{DerivedKind::Factors, 0, {}, static_cast<int>(weights)};
    if (question) {  // its position does not matter: every row asks for the same tokens
        key.variant = question->answer;
        key.input = question->rival.value_or(-1);
    }
    return ask_causal<CellFactors>(
        key, "Measuring what the cells hold", [weights, question](CausalRun& run, const JobContext&) {
            return run.cell_factors(weights, question ? &*question : nullptr, /*has_value_bias=*/true);
        });
}

Derived<Attribution> Derivations::attribution() {
    const auto question = core_.snapshot.part<QuestionState>().question;
    if (auto error = why_no_question(question)) return failed<Attribution>(*error);
    return ask_causal<Attribution>(
        question_key(DerivedKind::Attribution, *question), "Attributing the answer",
        [question](CausalRun& run, const JobContext& job) { return run.attribute(*question, false, job); });
}

Derived<Lens> Derivations::lens() {
    const auto question = core_.snapshot.part<QuestionState>().question;
    const DerivedKey key =
        question ? question_key(DerivedKind::Lens, *question) : DerivedKey{DerivedKind::Lens, 0, {}, -1, -1};
    return ask_causal<Lens>(key, "Reading every layer", [question](CausalRun& run, const JobContext& job) {
        return run.lens({.question = question, .top_k = kLensTop}, job);
    });
}

Derived<HeadWriting> Derivations::head_writing(HeadId head, int key_token) {
    const auto question = core_.snapshot.part<QuestionState>().question;
    if (auto error = why_no_question(question)) return failed<HeadWriting>(*error);
    DerivedKey key{DerivedKind::HeadWriting, 0, {head}, question->position, question->answer, key_token};
    key.weights = static_cast<std::uint64_t>(question->rival.value_or(-1) + 1);
    return ask_causal<HeadWriting>(key, "Reading what the head writes",
                                   [head, key_token, question](CausalRun& run, const JobContext&) {
                                       return headlight::head_writing(run, head, question->position,
                                                                      key_token, *question, kListedTokens);
                                   });
}

Derived<TokenRanking> Derivations::head_looks_for(HeadId head, int row) {
    const DerivedKey key{DerivedKind::LooksFor, 0, {head}, row};
    return ask_causal<TokenRanking>(
        key, "Reading what the head looks for",
        [head, row](CausalRun& run, const JobContext& job) -> Result<TokenRanking> {
            HEADLIGHT_TRY(const std::vector<float> scores, run.head_looks_for(head, row, job));
            return rank_tokens(scores, kListedTokens);
        });
}

Derived<CircuitOfToken> Derivations::circuit(HeadId head, std::int32_t token) {
    if (auto error = core_.why_one_text_only("What heads write")) return failed<CircuitOfToken>(*error);
    opening_.request_live();  // of a stored trace
    if (auto error = opening_.why_not_live()) return failed<CircuitOfToken>(*error);
    const std::uint64_t model_id = core_.snapshot.model->id;
    const DerivedKey key{DerivedKind::Circuit, model_id, {head}, token};
    if (!core_.snapshot.model->is_live || cache_.touch(key)) return cache_.look<CircuitOfToken>(key);
    ask_model(key, "Reading the head off its weights", model_id,
              [head, token](WorkerState& on_worker, const JobContext& job) -> Result<DerivedValue> {
                  CircuitRequest request;
                  request.heads = {head};
                  request.tokens = {token};
                  request.state = head.layer == 0 ? TokenState::Embedding : TokenState::FirstBlock;
                  request.count = kListedTokens;
                  HEADLIGHT_TRY(Circuits circuits, on_worker.live.runner->circuits(request, job));
                  if (circuits.of.size() != 1 || circuits.of[0].size() != 1)
                      return fail(ErrorKind::Internal, "one list was asked for");
                  return make_value(std::move(circuits.of[0][0]), sizeof(CircuitOfToken));
              });
    return cache_.look<CircuitOfToken>(key);
}

Derived<CompositionPartners> Derivations::composition(HeadId head) {
    opening_.request_live();  // of a stored trace
    if (auto error = opening_.why_not_live()) return failed<CompositionPartners>(*error);
    const DerivedKey key{DerivedKind::Composition, core_.snapshot.model->id, {head}};
    if (!opening_.runner()) return cache_.look<CompositionPartners>(key);
    return ask<CompositionPartners>(
        key, [runner = opening_.runner(), head](const JobContext& job) -> Result<DerivedValue> {
            const ModelSpec& spec = runner->spec();
            const auto weights_of = [&](int layer, int h) { return runner->head_weights(layer, h); };
            HEADLIGHT_TRY(CompositionPartners partners,
                          composition_partners(spec.num_layers, spec.num_heads, head, weights_of,
                                               kListedPartners, job));
            return make_value(std::move(partners), sizeof(CompositionPartners) + 4096);
        });
}

}  // namespace headlight
