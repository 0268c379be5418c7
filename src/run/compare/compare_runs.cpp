#include "run/compare/compare_runs.h"

#include <algorithm>

#include "base/parallel.h"
#include "core/cause/answer_metrics.h"
#include "io/identify_path.h"
#include "run/analyzed_run.h"
#include "run/picture/picture_tokenizer.h"
#include "run/stored_trace.h"

namespace headlight {
namespace {

/// The parts of one comparison, in the order in which they are found out.
struct Work {
    const CompareRequest& request;
    const TellUser& tell;
    const JobContext& job;
    LiveModel model;  // the one that is in memory
    std::shared_ptr<const ModelInfo> model_a;
    TokenizedText tokens, decoder_tokens, other_tokens;
    std::vector<HeadPair> heads;
    std::optional<Question> question;

    int threads() const {
        return request.model.num_threads > 0 ? request.model.num_threads : default_num_threads();
    }
    const TokenizedText& predicting() const { return model.spec().has_decoder ? decoder_tokens : tokens; }

    Status open(const std::string& path) {
        model = {};  // the one before goes first
        ModelOptions options = request.model;
        options.path = path;
        if (path != request.model.path) options.adapter = {};  // --base is of the first
        HEADLIGHT_TRY(model, open_model(engine_with_threads(options.num_threads), options, 1, tell, job));
        return {};
    }

    Result<ComparedRun> stored(const std::string& path) {
        StoredTraceRequest read;
        read.path = path;
        read.axes = request.axes;
        read.num_threads = threads();
        HEADLIGHT_TRY(const StoredTrace found, open_stored_trace(read, job));
        if (!found.warning.empty()) tell(found.warning);
        ComparedRun out;
        out.label = name_of_path(path);
        out.spec = found.info->spec;
        out.text = found.text.front();
        for (const auto& kind : found.text) {
            if (request.attention == kind_name(kind->kind())) out.text = kind;
        }
        return out;
    }

    Result<int> asked_position() {
        const ModelSpec& spec = model.spec();
        const TokenizedText& text = predicting();
        if (!spec.can_predict()) return -1;
        if (request.question.at != -1) return position_of(request.question.at, text.tokens.size());
        const std::vector<int> known = predicted_positions(spec, text, model.tokenizer().get());
        return known.empty() ? -1 : known.front();
    }

    Status ask() {
        if (!request.question.has_answer()) return {};
        HEADLIGHT_TRY(question, question_of(request.question, *model.info, predicting().tokens.size()));
        HEADLIGHT_TRY(question->position, asked_position());
        return {};
    }

    void answer(ComparedRun& run, const ComparedRun* reference) const {
        if (!question || run.logits.rows != 1) return;
        run.answer = answer_metrics(run.logits.row(0),
                                    reference != nullptr && reference->logits.cols == run.logits.cols
                                        ? reference->logits.row(0)
                                        : std::span<const float>(),
                                    *question);
    }

    Status choose_heads(const ModelSpec& spec_a, const ModelSpec& spec_b) {
        if (request.head_a.empty() && request.head_b.empty()) return {};
        const std::string& other = request.head_b.empty() ? request.head_a : request.head_b;
        HeadPair pair;
        HEADLIGHT_TRY(pair.a, parse_head(request.head_a.empty() ? other : request.head_a, spec_a));
        HEADLIGHT_TRY(pair.b, parse_head(other, spec_b));
        heads = {pair};
        return {};
    }

    /// Each model gets the pictures anew: ids of one are of no picture of the other.
    Status show_pictures() {
        if (!takes_pictures(model.tokenizer().get())) return {};
        for (TokenizedText* text : {&tokens, &other_tokens}) {
            HEADLIGHT_TRY(*text, model.tokenizer()->try_encode(text->text));
        }
        return {};
    }

    Result<ComparedRun> run_live(const TokenizedText& text, int position) {
        return run_compared(model, text, decoder_tokens, request.attention, position,
                            request.model.num_threads, job);
    }

    Result<Comparison> finish(ComparedRun a, ComparedRun b, ComparedBy by) {
        answer(a, nullptr);
        answer(b, &a);
        HEADLIGHT_CHECK(choose_heads(a.spec, b.spec));
        HEADLIGHT_TRY(Comparison out, compare_runs(std::move(a), std::move(b), by, heads, threads(), job));
        out.question = question;
        return out;
    }
};

bool is_stored(const std::string& path) {
    if (path.empty()) return false;
    const auto found = identify_path(path);
    return found && found->kind == PathKind::AttentionDump;
}

Status check_request(const CompareRequest& request) {
    const int num_differences = (request.other_text.is_given() ? 1 : 0) +
                                (request.other_model.empty() ? 0 : 1) + (request.has_change ? 1 : 0);
    const bool has_heads = !request.head_a.empty() || !request.head_b.empty();
    if (num_differences > 1) {
        return fail(ErrorKind::InvalidInput,
                    "one thing may differ between the sides: another text, another model or a change of "
                    "heads; leave out the others");
    }
    if (num_differences == 1 || has_heads) return {};
    return fail(
        ErrorKind::InvalidInput,
        "nothing to compare with: name --other-text, --other-ids, --other-model (a checkpoint or "
        "stored attention), --other-heads with --other-mode, or two heads with --head-a and --head-b");
}

/// The heads of the same two texts in random weights: what divergence there is without anything learned.
Status add_null(Work& work, Comparison& out) {
    if (!work.request.has_null) {
        out.why_no_null = "left out";
        return {};
    }
    if (out.by != ComparedBy::Texts || work.model.spec().path.empty()) {
        out.why_no_null = "none is defined for one text";
        return {};
    }
    OpenModelRequest source{work.model.spec().path, work.request.model.config_path};
    source.adapter = work.model.spec().adapter;
    Engine* engine = work.model.engine;
    const auto info = work.model.info;
    work.job.report({"the same through random weights", -1, {}});
    work.model.runner.reset();
    auto runner = engine->random_copy(source, work.request.seed);
    if (!runner) {
        out.why_no_null = "no random copy of this model: " + runner.error().message;
        return {};
    }
    work.model.runner = *std::move(runner);
    work.model.info = info;
    if (work.model.runner->takes_pictures()) {
        auto shown = std::make_shared<ModelInfo>(*info);
        HEADLIGHT_TRY(shown->tokenizer, open_picture_tokenizer(source.path, work.model.runner));
        work.model.info = std::move(shown);
        HEADLIGHT_CHECK(work.show_pictures());
    }
    HEADLIGHT_TRY(const ComparedRun a, work.run_live(work.tokens, -1));
    HEADLIGHT_TRY(const ComparedRun b, work.run_live(work.other_tokens, -1));
    HEADLIGHT_TRY(const Comparison random,
                  compare_runs(a, b, ComparedBy::Texts, work.heads, work.threads(), work.job));
    out.null = null_of(fmt::format("the same two texts through random weights of this architecture (seed {})",
                                   work.request.seed),
                       random.heads);
    return {};
}

Result<Comparison> compare_other_text(Work& work, ComparedRun a) {
    HEADLIGHT_TRY(work.other_tokens,
                  read_tokens(work.request.text.beside(work.request.other_text), work.model));
    int position = a.position;
    if (!work.model.spec().has_decoder) {
        HEADLIGHT_TRY(position, position_in_b(work.tokens, work.other_tokens, a.position));
    }
    HEADLIGHT_TRY(ComparedRun b, work.run_live(work.other_tokens, position));
    a.label = "A";
    b.label = "B";
    HEADLIGHT_TRY(Comparison out, work.finish(std::move(a), std::move(b), ComparedBy::Texts));
    HEADLIGHT_CHECK(add_null(work, out));
    return out;
}

Result<Comparison> compare_other_model(Work& work, ComparedRun a) {
    if (is_stored(work.request.other_model)) {
        HEADLIGHT_TRY(ComparedRun b, work.stored(work.request.other_model));
        return work.finish(std::move(a), std::move(b), ComparedBy::Stored);
    }
    work.tell(fmt::format("One model is in memory at a time: {} was run, now {} is opened.", a.label,
                          name_of_path(work.request.other_model)));
    HEADLIGHT_CHECK(work.open(work.request.other_model));
    HEADLIGHT_CHECK(work.show_pictures());
    HEADLIGHT_CHECK(check_same_vocabulary(*work.model_a, *work.model.info, work.tokens));
    HEADLIGHT_TRY(ComparedRun b,
                  work.run_live(work.tokens, work.model.spec().can_predict() ? a.position : -1));
    return work.finish(std::move(a), std::move(b), ComparedBy::Models);
}

Result<Comparison> compare_change(Work& work, ComparedRun a, Interventions change) {
    HEADLIGHT_TRY(ComparedRun b,
                  run_changed(work.model, a, std::move(change), work.request.model.num_threads, work.job));
    a.label = "unchanged";
    return work.finish(std::move(a), std::move(b), ComparedBy::Change);
}

/// A is stored attention; B is another file, or a model that reads the same tokens.
Result<Comparison> compare_stored(Work& work) {
    const CompareRequest& request = work.request;
    if (request.other_text.is_given() || request.has_change || request.text.is_given()) {
        return fail(make_error(ErrorKind::InvalidInput,
                               "this is attention that was measured before, of its own text: it can be "
                               "compared with --other-model, or one of its heads with another")
                        .in_file(request.model.path));
    }
    HEADLIGHT_TRY(ComparedRun a, work.stored(request.model.path));
    if (request.other_model.empty()) return work.finish(a, a, ComparedBy::Heads);
    if (is_stored(request.other_model)) {
        HEADLIGHT_TRY(ComparedRun b, work.stored(request.other_model));
        return work.finish(std::move(a), std::move(b), ComparedBy::Stored);
    }
    HEADLIGHT_CHECK(work.open(request.other_model));
    HEADLIGHT_CHECK(check_tokens(work.model.spec(), a.text->tokens));
    HEADLIGHT_TRY(ComparedRun b, work.run_live(a.text->tokens, -1));
    return work.finish(std::move(a), std::move(b), ComparedBy::Stored);
}

/// The text of A: what was given, else that of the stored attention it is compared with.
Status read_texts(Work& work) {
    const CompareRequest& request = work.request;
    if (!request.text.is_given() && is_stored(request.other_model)) {
        HEADLIGHT_TRY(const ComparedRun stored, work.stored(request.other_model));
        work.tokens = stored.text->tokens;
    } else {
        HEADLIGHT_TRY(work.tokens, read_tokens(request.text, work.model));
    }
    HEADLIGHT_TRY(work.decoder_tokens, read_decoder_tokens(request.decoder, work.model));
    return {};
}

}  // namespace

Result<Comparison> compare(const CompareRequest& request, const TellUser& tell, const JobContext& job) {
    HEADLIGHT_CHECK(check_request(request));
    Work work{request, tell, job, {}, {}, {}, {}, {}, {}, {}};
    if (is_stored(request.model.path)) return compare_stored(work);
    HEADLIGHT_CHECK(work.open(request.model.path));
    work.model_a = work.model.info;
    HEADLIGHT_CHECK(read_texts(work));
    HEADLIGHT_CHECK(work.ask());
    HEADLIGHT_TRY(const int position, work.asked_position());
    HEADLIGHT_TRY(ComparedRun a, work.run_live(work.tokens, position));
    if (request.other_text.is_given()) return compare_other_text(work, std::move(a));
    if (!request.other_model.empty()) return compare_other_model(work, std::move(a));
    if (request.has_change) {
        AblateResult texts;
        texts.texts = {work.tokens};
        HEADLIGHT_TRY(Interventions change,
                      choose_interventions(request.change, work.model, texts, work.job));
        return compare_change(work, std::move(a), std::move(change));
    }
    return work.finish(a, a, ComparedBy::Heads);
}

Result<Comparison> compare_in_model(const LiveModel& model, const CompareRequest& request,
                                    Interventions change, const JobContext& job) {
    CompareRequest asked = request;
    asked.other_model.clear();
    asked.has_null = false;  // it would take the model away
    asked.has_change = !change.empty();
    HEADLIGHT_CHECK(check_request(asked));
    const TellUser quiet = [](const std::string&) {};
    Work work{asked, quiet, job, model, model.info, {}, {}, {}, {}, {}};
    HEADLIGHT_CHECK(read_texts(work));
    HEADLIGHT_CHECK(work.ask());
    HEADLIGHT_TRY(const int position, work.asked_position());
    HEADLIGHT_TRY(ComparedRun a, work.run_live(work.tokens, position));
    if (asked.other_text.is_given()) return compare_other_text(work, std::move(a));
    if (asked.has_change) return compare_change(work, std::move(a), std::move(change));
    return work.finish(a, a, ComparedBy::Heads);
}

}  // namespace headlight
