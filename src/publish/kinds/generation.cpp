// Tokens that the model writes, and what each of them was made from.
#include <limits>

#include "figure/contents.h"
#include "publish/figure_kind.h"
#include "publish/shown_part.h"
#include "run/generate/end_tokens.h"
#include "run/generate/generate_text.h"
#include "run/text_run.h"

namespace headlight {
namespace {

constexpr int kMostColumns = 512;

Result<GeneratedText> write_text(const FigureRequest& request, const LiveModel& model,
                                 const TokenizedText& text, const TokenizedText& decoder,
                                 const JobContext& job) {
    GenerateRequest wanted;
    wanted.max_new_tokens = request.max_new_tokens;
    wanted.is_greedy = !request.temperature;
    wanted.sampling.temperature = request.temperature.value_or(1);
    wanted.seed = request.seed;
    wanted.stops_at_end = true;
    wanted.end_ids = end_tokens(*model.info);
    const WritingPrompt prompt = writing_prompt(model.spec(), text, decoder);
    HEADLIGHT_CHECK(check_writing(model, prompt, wanted.max_new_tokens));
    HEADLIGHT_TRY(GeneratedText out, generate_text(model, prompt, wanted, job));
    if (out.was_stopped) return fail(ErrorKind::Cancelled, "stopped");
    if (out.written.empty()) return fail(ErrorKind::InvalidInput, "the model wrote nothing");
    return out;
}

/// Rows of the written tokens, [steps, keys]: of step s row P - 1 + s, as the mean of `heads`.
std::vector<float> written_rows(const AttentionTrace& trace, const std::vector<HeadId>& heads, int first,
                                int count) {
    const auto num_keys = static_cast<std::size_t>(trace.num_keys());
    std::vector<float> out(static_cast<std::size_t>(count) * num_keys), rows(out.size());
    for (const HeadId head : heads) {
        trace.rows(head.layer, head.head, first, first + count, rows);
        for (std::size_t i = 0; i < out.size(); ++i)
            out[i] += rows[i] / static_cast<float>(heads.size());
    }
    return out;
}

std::vector<HeadId> all_heads(const AttentionTrace& trace) {
    std::vector<HeadId> out;
    for (int layer = 0; layer < trace.num_layers(); ++layer)
        for (int head = 0; head < trace.num_heads() && !trace.is_absent(layer); ++head)
            out.push_back({layer, head});
    return out;
}

Result<KindFigures> make(const FigureRequest& request, FigureSource& source, const JobContext& job) {
    HEADLIGHT_TRY(const LiveModel* const model, source.model());
    HEADLIGHT_TRY(const TokenizedText text, source.tokens(request));
    HEADLIGHT_TRY(const TokenizedText decoder, source.decoder_tokens(request));
    HEADLIGHT_TRY(const GeneratedText written, write_text(request, *model, text, decoder, job));
    const bool has_decoder = model->spec().has_decoder;
    const int num_prompt = static_cast<int>((has_decoder ? decoder : text).tokens.size());
    AnalyzedRun run;
    run.spec = model->spec();
    const TokenizedText all = tokens_of_ids(*model->info, written.ids);
    run.tokens = has_decoder ? text : all;
    run.decoder_tokens = has_decoder ? all : TokenizedText{};
    HEADLIGHT_TRY(TokenRun measured, run_tokens(*model, run.tokens, run.decoder_tokens, {}, job));
    run.run = std::move(measured.result);
    AnalyzeRequest wanted;
    wanted.attention = request.attention;
    HEADLIGHT_TRY(const ChosenKind kind, choose_kind(request.attention, run.run, true, run.spec.name));
    run.kind = kind.kind;
    run.trace = run.token_trace = kind.trace;
    if (run.kind == AttentionKind::Encoder)
        return fail(ErrorKind::InvalidInput,
                    "nothing is written in the encoder; choose --attention decoder or cross");
    std::vector<HeadId> heads = all_heads(*run.trace);
    if (!request.heads.empty() || request.layer || request.head) {
        HEADLIGHT_TRY(heads, chosen_heads(request, run));
    }
    const int count = static_cast<int>(written.written.size());
    if (run.trace->num_keys() > kMostColumns)
        return fail(ErrorKind::InvalidInput,
                    "prompt and written text have {} tokens; this figure shows at most {}",
                    run.trace->num_keys(), kMostColumns);
    ValueMap map;
    for (int step = 0; step < count; ++step) {
        const WrittenToken& token = written.written[static_cast<std::size_t>(step)];
        map.row_labels.push_back(fmt::format("{} {:.0f} %", display_of_token(*model->info, token.id),
                                             100 * token.own_probability.value_or(token.probability)));
    }
    for (std::size_t key = 0; key < run.keys().tokens.size(); ++key)
        map.column_labels.push_back(fmt::format("{} {}", run.keys().tokens[key].display, key));
    map.row_name = "written token, its probability";
    map.column_name = "key (to)";
    map.values = written_rows(*run.trace, heads, num_prompt - 1, count);
    for (int step = 0; step < count; ++step)
        for (int key = 0; key < run.trace->num_keys(); ++key)
            if (run.kind != AttentionKind::Cross && key > num_prompt - 1 + step)
                map.values[static_cast<std::size_t>(step) * run.keys().tokens.size() +
                           static_cast<std::size_t>(key)] = std::numeric_limits<float>::infinity();
    map.is_signed = false;
    map.largest = request.style.range == FigureRange::PerHead ? 0 : 1;
    map.unit = "attention weight";
    FigureCaption caption = caption_of_run(run);
    caption.note += (caption.note.empty() ? "" : "; ") + (heads.size() == all_heads(*run.trace).size()
                                                              ? std::string("mean of all heads")
                                                              : name_of_heads(heads));
    return KindFigures{
        {value_map_figure(std::move(map), fmt::format("{} written tokens", count), std::move(caption)),
         fmt::format("What each written token was made from: the attention of the row that gave it, {}. "
                     "Model {}, {}, prompt “{}”.",
                     heads.size() == 1 ? name_of_heads(heads) : "mean of heads", model->spec().name,
                     request.temperature ? fmt::format("drawn at temperature {:g}", *request.temperature)
                                         : std::string("greedy"),
                     text.text)}};
}

}  // namespace

extern const FigureKindDescriptor k_figure_generation = {
    "generation",
    "Written rows",
    "Tokens that the model writes behind the text, with the attention of the row that gave each of them.",
    FigureNeed::Model,
    {FieldGroup::Head, FieldGroup::Writing},
    "written_rows",
    make};

}  // namespace headlight
