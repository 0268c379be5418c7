#include "session/tasks/figures/window_figures.h"

#include <fmt/format.h>

#include "publish/change_words.h"
#include "session/tasks/comparison.h"
#include "session/tasks/generation.h"
#include "session/tasks/patching.h"
#include "session/tasks/question.h"

namespace headlight {
namespace {

/// Does the tokenizer make these tokens of their words? What a model wrote, and lists of ids, it need not.
bool are_words(const Snapshot& now, const TokenizedText& tokens) {
    if (now.written_text || !now.model || !now.model->tokenizer) return false;
    const auto again = tokens.is_pair()
                           ? now.model->tokenizer->encode_pair(tokens.first_text(), tokens.second_text())
                           : now.model->tokenizer->try_encode(tokens.text);
    return again && again->ids() == tokens.ids();
}

void set_texts(const Snapshot& now, FigureRequest& out) {
    if (!now.base_text || !now.model || now.is_stored_only) return;
    const AnalyzedText& text = *now.base_text;
    const TokenizedText& read = text.input_tokens ? *text.input_tokens : text.tokens;
    if (text.input_tokens || !now.has_decoder()) {
        out.text.has_text = are_words(now, read);
        if (out.text.has_text) out.text.text = read.first_text();
        if (out.text.has_text && read.is_pair()) out.text.pair = read.second_text();
        if (!out.text.has_text) out.text.ids = read.ids();
    } else {
        out.text.has_text = true;
        out.text.text = text.tokens.text;
    }
    if (!now.has_decoder()) return;
    for (const auto& kind : now.kinds)
        if (kind->kind() == AttentionKind::Decoder) out.decoder.ids = kind->tokens.ids();
    if (now.has_kinds()) out.attention = kind_name(text.kind());
}

void set_scope(const Snapshot& now, FigureRequest& out) {
    const Selection& chosen = now.selection;
    out.layer = chosen.head.layer;
    out.head = chosen.head.head;
    if (!chosen.others.empty()) {
        out.heads = fmt::format("{}.{}", chosen.head.layer, chosen.head.head);
        for (const HeadId head : chosen.others)
            out.heads += fmt::format(",{}.{}", head.layer, head.head);
    }
    if (chosen.query >= 0) out.query = chosen.query;
    if (chosen.key >= 0) out.key = chosen.key;
    out.by = to_string(now.unit());
    out.from_group = now.settings.from_group == FromGroup::Last ? "last" : "mean";
    out.weights = to_string(now.picture.weights);
    out.top_k = now.settings.top_k;
    out.share = now.settings.line_share;
    if (now.settings.flow_mode == "rollout") out.method = now.settings.flow_method;
    out.style.gamma = now.settings.gamma;
    out.style.shows_numbers = now.settings.shows_numbers;
}

void set_question(const Snapshot& now, FigureRequest& out) {
    const QuestionState& asked = now.part<QuestionState>();
    if (asked.question) {
        out.question.at = asked.question->position;
        out.question.answer_id = asked.question->answer;
        if (asked.question->rival) out.question.rival_id = *asked.question->rival;
    }
    const PatchingState& patching = now.part<PatchingState>();
    out.corrupt_text = patching.corrupted_text;
    out.site = to_string(patching.site);
    out.direction = to_string(patching.direction);
    const WritingState& writing = now.part<WritingState>();
    out.max_new_tokens = writing.settings.max_new_tokens;
    if (writing.settings.sampling.temperature > 0) out.temperature = writing.settings.sampling.temperature;
    out.seed = writing.settings.seed;
}

Status set_other_side(const Snapshot& now, FigureRequest& out) {
    const ComparisonState& compared = now.part<ComparisonState>();
    switch (compared.with) {
        case ComparedWith::Nothing:
            return {};
        case ComparedWith::Text:
            if (compared.other_tokens)
                out.other_ids = compared.other_tokens->ids();
            else
                out.other_text = compared.other;
            return {};
        case ComparedWith::Model:
        case ComparedWith::Stored:
            out.other_model = compared.other;
            return {};
        case ComparedWith::Head:
            out.head_b = fmt::format("{}.{}", compared.head_b.layer, compared.head_b.head);
            return {};
        case ComparedWith::Change:
            if (!now.has_interventions()) return {};
            HEADLIGHT_TRY(out.other_change, change_words(*now.interventions, now.model->spec.grid()));
            return {};
    }
    return {};
}

std::string page_words(const FigurePage& page, bool has_print) {
    std::string out;
    FieldWords words = words_of(page.shared);
    std::erase_if(words, [&](const auto& word) {
        const FigureField* const field = find_field(word.first);
        return !has_print && field->group == FieldGroup::Print && word.first != "range" &&
               word.first != "gamma";
    });
    out = option_line(words);
    for (const FigurePanel& panel : page.panels)
        out += " + " + panel.kind + " " + option_line(panel.options);
    return out;
}

}  // namespace

Result<FigureRequest> window_request(const Snapshot& now) {
    FigureRequest out;
    if (now.model) {
        out.model.path = now.model->spec.path;
        if (now.model->tokenizer && !now.is_stored_only) {
            // Only where it is another one than the model's own.
            for (const TokenizerChoice& choice : now.model->tokenizers)
                if (!choice.is_default && choice.file == now.model->tokenizer->source())
                    out.model.tokenizer_path = choice.file;
        }
    }
    set_texts(now, out);
    set_scope(now, out);
    set_question(now, out);
    if (now.has_interventions() && now.shown() != Compare::Before) {
        HEADLIGHT_TRY(out.change, change_words(*now.interventions, now.model->spec.grid()));
        out.show = to_string(now.shown());
    }
    HEADLIGHT_CHECK(set_other_side(now, out));
    return out;
}

const char* shown_figure_kind(const Snapshot& now) {
    if (now.settings.head_form == "lines") return "lines";
    return now.settings.head_form == "qk" ? "qk" : "heatmap";
}

Result<FigurePage> window_page(const Snapshot& now, const std::string& kinds, const FieldWords& options,
                               const std::vector<std::string>& more_panels) {
    // Checks kinds and options by themselves: what the window adds is never refused.
    HEADLIGHT_TRY(FigurePage page, make_page(kinds, options, more_panels));
    HEADLIGHT_TRY(FigureRequest request, window_request(now));
    FieldWords shown = words_of(request);
    std::erase_if(shown, [&](const auto& word) {
        const FigureField* const field = find_field(word.first);
        for (const FigurePanel& panel : page.panels)
            if (speaks_to(*field, *find_figure_kind(panel.kind))) return false;
        return true;
    });
    // The whole grid is a matter of the layer that is named, and a row of the query that is.
    const auto is_given = [&](const std::string& name) {
        for (const auto& option : options)
            if (option.first == name) return true;
        return false;
    };
    const auto leave_out = [&](const std::string& name) {
        std::erase_if(shown, [&](const auto& word) { return word.first == name; });
    };
    bool asks = request.weights == "effect";
    for (const FigurePanel& panel : page.panels) {
        const FigureNeed need = find_figure_kind(panel.kind)->need;
        asks |= need == FigureNeed::Question || need == FigureNeed::Pair;
        if (panel.kind == "lines") leave_out("query");
        if (panel.kind == "grid") leave_out("heads");
        if (panel.kind == "generation" || panel.kind == "dilution" || panel.kind == "layers") {
            leave_out("layer"), leave_out("head"), leave_out("heads");
        }
    }
    for (const char* name : {"at", "answer", "answer-id", "rival", "rival-id"})
        if (!asks) leave_out(name);
    if (is_given("layer") || is_given("head")) leave_out("heads");
    if (is_given("text")) leave_out("ids");
    if (is_given("ids")) leave_out("text");
    FigurePage out;
    out.panels = std::move(page.panels);
    HEADLIGHT_CHECK(set_words(out.shared, shown));
    HEADLIGHT_CHECK(set_words(out.shared, options));
    return out;
}

std::string figure_command_line(const FigurePage& page, const std::string& path, const FigureOutput& output) {
    std::string kinds, panels;
    for (const FigurePanel& panel : page.panels) {
        if (panel.options.empty() && panels.empty())
            kinds += (kinds.empty() ? "" : "+") + panel.kind;
        else
            panels += " --panel " + shell_word(panel.kind + " " + option_line(panel.options));
    }
    const std::string words = option_line(words_of(page.shared));
    return fmt::format("headlight figure {}{}{}{} --output {}{}{}", kinds, words.empty() ? "" : " ", words,
                       panels, shell_word(path), output.has_recipe ? "" : " --no-recipe",
                       output.has_tex ? " --tex" : "");
}

std::string what_is_missing(const Snapshot& now, const FigurePage& page) {
    for (const FigurePanel& panel : page.panels) {
        const FigureKindDescriptor& kind = *find_figure_kind(panel.kind);
        if (kind.need == FigureNeed::Log) {
            if (!now.training) return "Open a training log first.";
            continue;
        }
        if (!now.model) return "Open a model first.";
        if (!now.base_text) return "Type a text first.";
        if (kind.need != FigureNeed::Attention && now.is_stored_only)
            return "Stored attention cannot be asked: open its model.";
        const FigureRequest& request = page.shared;
        const bool has_question = request.question.has_answer();
        if ((kind.need == FigureNeed::Question || kind.need == FigureNeed::Pair) && !has_question)
            return "Ask a question first (card “Question”): which answer?";
        if (kind.need == FigureNeed::Pair && request.corrupt_text.empty() && request.corrupt_ids.empty())
            return "Type a corrupted text first (card “Patching”).";
        if (kind.need == FigureNeed::Other && request.other_text.empty() && request.other_ids.empty() &&
            request.other_model.empty() && request.other_change.empty() && request.head_b.empty())
            return "Choose what to compare with first (workspace Compare).";
    }
    return {};
}

WindowFigureWork figure_work(const Snapshot& now, FigurePage page) {
    WindowFigureWork out;
    out.needs_model = false;
    for (const FigurePanel& panel : page.panels)
        out.needs_model |= find_figure_kind(panel.kind)->need != FigureNeed::Log;
    out.needs_model &= !now.is_stored_only;
    out.page = std::move(page);
    out.ran = now.kinds;
    out.model = now.model;
    out.training = now.training;
    return out;
}

Result<std::shared_ptr<const MadeFigure>> WindowFigures::make(const WindowFigureWork& work,
                                                              const LiveModel* live, const JobContext& job) {
    const std::lock_guard lock(mutex_);
    const std::string source_key =
        fmt::format("{} {} {} {} {}", live != nullptr, work.model ? work.model->id : 0,
                    work.model ? work.model->tokenizer_id : 0,
                    work.ran.empty() ? 0 : work.ran.front()->run_id, work.training ? work.training->id : 0);
    if (source_key != source_key_ || !source_) {
        source_.reset();
        made_.reset();
        if (live != nullptr) {
            source_ = std::make_unique<FigureSource>(*live, work.ran);
        } else {
            auto info = work.model;
            if (!info) {
                auto of_log = std::make_shared<ModelInfo>();
                if (work.training) of_log->spec.name = work.training->log.title;
                info = std::move(of_log);
            }
            source_ = std::make_unique<FigureSource>(std::move(info), work.ran);
        }
        source_->set_training(work.training);
        source_key_ = source_key;
    }
    const std::string made_key = page_words(work.page, false);
    if (!made_ || made_key != made_key_) {
        made_.reset();
        HEADLIGHT_TRY(MadeFigure made, make_figure(work.page, *source_, job));
        made_ = std::make_shared<const MadeFigure>(std::move(made));
        made_key_ = made_key;
    }
    // The recipe is that of this print.
    auto out = std::make_shared<MadeFigure>(*made_);
    set_recipe_page(*out, work.page);
    return std::shared_ptr<const MadeFigure>(std::move(out));
}

}  // namespace headlight
