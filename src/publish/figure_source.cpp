#include "publish/figure_source.h"

#include <fmt/format.h>

#include "io/identify_path.h"
#include "publish/change_words.h"
#include "publish/recipe/model_facts.h"
#include "run/cause/shown_run.h"
#include "run/changed_text.h"

namespace headlight {
namespace {

constexpr std::size_t kMostKeptRuns = 4;

AnalyzeRequest analyze_request(const FigureRequest& request) {
    AnalyzeRequest out;
    out.attention = request.attention;
    out.layer = request.layer;
    out.head = request.head;
    out.unit = text_unit(request.by).value_or(TextUnit::Token);
    out.from = from_group(request.from_group).value_or(FromGroup::Mean);
    out.num_threads = request.model.num_threads;
    return out;
}

/// Everything that a run depends on.
std::string run_key(const FigureRequest& request, bool is_changed) {
    FieldWords words;
    for (const FigureField& field : figure_fields()) {
        const bool is_of_run = field.group == FieldGroup::Text || field.group == FieldGroup::Question ||
                               (is_changed && field.group == FieldGroup::Change);
        const std::string_view name = field.name;
        if (is_of_run || name == "by" || name == "from-group" || name == "weights")
            words.emplace_back(field.name, field.words(request));
    }
    return option_line(words) + (request.text.has_text ? "+" : "");
}

/// A text that was captured as a run that is still to be analysed; of an encoder-decoder its kinds together.
AnalyzedRun run_of_kinds(const ModelSpec& spec, const TextKinds& kinds) {
    AnalyzedRun out;
    out.spec = spec;
    for (const auto& kind : kinds) {
        switch (kind->kind()) {
            case AttentionKind::Self:
            case AttentionKind::Encoder:
                out.tokens = kind->tokens;
                out.run.trace = kind->trace;
                out.key_sets = kind->key_sets;
                break;
            case AttentionKind::Decoder:
                out.decoder_tokens = kind->tokens;
                out.run.decoder_trace = kind->trace;
                break;
            case AttentionKind::Cross:
                out.decoder_tokens = kind->tokens;
                out.tokens = kind->keys();
                out.run.cross_trace = kind->trace;
                break;
        }
    }
    return out;
}

}  // namespace

FigureSource::FigureSource(const LiveModel& model, TextKinds ran)
    : is_open_(true), model_(&model), info_(model.info), ran_(std::move(ran)) {}

FigureSource::FigureSource(std::shared_ptr<const ModelInfo> info, TextKinds stored)
    : is_open_(true), info_(std::move(info)), ran_(std::move(stored)) {}

Status FigureSource::open(const FigureRequest& request, const JobContext& job) {
    if (is_open_) return {};
    is_open_ = true;
    if (!request.model.path.empty()) {
        HEADLIGHT_TRY(const IdentifiedPath found, identify_path(request.model.path));
        if (found.kind == PathKind::AttentionDump || found.kind == PathKind::TrainingLog) {
            OpenRequest wanted;
            wanted.path = path_ = request.model.path;
            wanted.model_id = wanted.text_id = 1;
            wanted.choices.axes = request.dump_axes;
            HEADLIGHT_TRY(Opened opened, open_source(engine_, wanted, job));
            training_ = opened.training;
            if (auto* stored = std::get_if<StoredTrace>(&opened.source)) {
                if (!stored->warning.empty()) tell_(stored->warning);
                info_ = stored->info;
                ran_ = std::move(stored->text);
            } else if (auto* question = std::get_if<OpenQuestion>(&opened.source)) {
                return fail(make_error(ErrorKind::InvalidInput, "{}", question->sentence)
                                .in_file(path_)
                                .with_choices(question->answers));
            } else {
                auto info = std::make_shared<ModelInfo>();
                info->spec.name = training_ ? training_->log.title : name_of_path(path_);
                info_ = std::move(info);
            }
            return {};
        }
        // A model with a log beside it: figures of the log find it.
        if (!found.log_path.empty()) {
            auto training = std::make_shared<OpenedTraining>();
            training->path = found.log_path;
            HEADLIGHT_TRY(training->log, read_training_log(found.log_path));
            training_ = std::move(training);
        }
    }
    HEADLIGHT_TRY(own_, open_model(engine_, request.model, 1, tell_, job));
    model_ = &own_;
    info_ = own_.info;
    return {};
}

Result<const LiveModel*> FigureSource::model() const {
    if (model_ != nullptr) return model_;
    return fail(make_error(ErrorKind::InvalidInput, "this figure needs a model that runs; {} is {}",
                           info_->spec.name,
                           ran_.empty() ? "a training log" : "attention that was measured before")
                    .in_file(path_));
}

Result<TokenizedText> FigureSource::tokens(const FigureRequest& request) const {
    if (model_ == nullptr) {
        if (request.text.is_given() || request.decoder.is_given())
            return fail(
                make_error(ErrorKind::InvalidInput,
                           "this is attention that was measured before, of its own text; a text needs a "
                           "model")
                    .in_file(path_));
        return run_of_kinds(info_->spec, ran_).tokens;
    }
    return read_tokens(request.text, *model_);
}

Result<TokenizedText> FigureSource::decoder_tokens(const FigureRequest& request) const {
    if (model_ == nullptr) return run_of_kinds(info_->spec, ran_).decoder_tokens;
    return read_decoder_tokens(request.decoder, *model_);
}

std::optional<AnalyzedRun> FigureSource::ran_before(const TokenizedText& tokens,
                                                    const TokenizedText& decoder) const {
    if (ran_.empty()) return std::nullopt;
    AnalyzedRun out = run_of_kinds(info_->spec, ran_);
    if (out.tokens.ids() != tokens.ids() || out.decoder_tokens.ids() != decoder.ids()) return std::nullopt;
    if (model_ != nullptr && !out.run.trace) return std::nullopt;
    return out;
}

Result<AnalyzedRun> FigureSource::changed(const FigureRequest& request, AnalyzedRun base,
                                          const JobContext& job) const {
    HEADLIGHT_TRY(const LiveModel* const model, this->model());
    if (request.weights != "raw" && request.weights != "no-sink")
        return fail(ErrorKind::InvalidInput,
                    "--weights {} is measured on the unchanged run; with --change there are raw and no-sink",
                    request.weights);
    HEADLIGHT_TRY(const Interventions changes, parse_changes(request.change, base.spec));
    AnalyzedText text;
    text.id = 1;
    text.tokens = base.tokens;
    text.key_sets = base.key_sets;
    LiveAblation live;
    HEADLIGHT_TRY(const auto result,
                  run_ablation(*model, live, text, changes, 2, request.model.num_threads, job));
    base.run.trace = result->after->trace;
    base.key_sets = result->after->key_sets;
    return base;
}

Result<AnalyzedRun> FigureSource::make_run(const FigureRequest& request, bool is_changed,
                                           const JobContext& job) {
    HEADLIGHT_CHECK(open(request, job));
    if (training_ && model_ == nullptr)
        return fail(
            make_error(ErrorKind::InvalidInput, "this figure needs a model or stored attention, not a log")
                .in_file(path_));
    AnalyzeRequest wanted = analyze_request(request);
    wanted.layer.reset(), wanted.head.reset();  // one run serves all heads
    HEADLIGHT_TRY(const TokenizedText text, tokens(request));
    HEADLIGHT_TRY(const TokenizedText decoder, decoder_tokens(request));
    std::optional<AnalyzedRun> base = ran_before(text, decoder);
    AnalyzedRun out;
    if (!base && model_ == nullptr)
        return fail(ErrorKind::Internal, "the stored attention of {} has no text", info_->spec.name);
    if (is_changed) {
        if (!base) {
            HEADLIGHT_TRY(base, analyze_tokens(*model_, text, decoder, {}, job));
        }
        HEADLIGHT_TRY(AnalyzedRun run, changed(request, *std::move(base), job));
        HEADLIGHT_TRY(out, analyze_traces(std::move(run), wanted, job));
    } else if (base) {
        HEADLIGHT_TRY(out, analyze_traces(*std::move(base), wanted, job));
    } else {
        HEADLIGHT_TRY(out, analyze_tokens(*model_, text, decoder, wanted, job));
    }
    static const LiveModel no_model;
    HEADLIGHT_CHECK(show_weights(out, model_ != nullptr ? *model_ : no_model,
                                 weights_shown(request.weights).value_or(WeightsShown::Raw), request.question,
                                 job));
    return out;
}

Result<AnalyzedRunPtr> FigureSource::kept_run(const FigureRequest& request, bool is_changed,
                                              const JobContext& job) {
    const std::string key = run_key(request, is_changed);
    for (const auto& [known, run] : runs_)
        if (known == key) return run;
    HEADLIGHT_TRY(AnalyzedRun run, make_run(request, is_changed, job));
    runs_.emplace_front(key, std::make_shared<const AnalyzedRun>(std::move(run)));
    if (runs_.size() > kMostKeptRuns) runs_.pop_back();
    return runs_.front().second;
}

Result<AnalyzedRunPtr> FigureSource::run(const FigureRequest& request, const JobContext& job) {
    return kept_run(request, !request.change.empty() && request.show != "before", job);
}

Result<AnalyzedRunPtr> FigureSource::unchanged(const FigureRequest& request, const JobContext& job) {
    return kept_run(request, false, job);
}

FigureRecipe FigureSource::facts(const FigureRequest& request) const {
    FigureRecipe out;
    out.program = HEADLIGHT_VERSION;
    if (model_ != nullptr && model_->engine != nullptr) out.engine = model_->engine->version();
    if (model_ != nullptr) {
        out.model = model_facts(*info_, request.model.config_path);
    } else if (info_) {
        out.model = file_facts(info_->spec.name, training_ && ran_.empty() ? training_->path : path_);
        out.model.family = info_->spec.family;
    }
    if (info_ && (model_ != nullptr || !ran_.empty())) {
        const auto note = [](const Result<TokenizedText>& text, std::vector<std::int32_t>& ids) {
            for (const std::int32_t read : text ? text->ids() : std::vector<std::int32_t>())
                ids.push_back(id_of_read(read));
        };
        note(tokens(request), out.ids);
        note(decoder_tokens(request), out.decoder_ids);
    }
    return out;
}

}  // namespace headlight
