#include "run/saved/saved_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "run/generate/writing_run.h"
#include "run/intervention_set.h"

namespace headlight {
namespace {

bool are_same_interventions(const InterventionsPtr& a, const InterventionsPtr& b) {
    const Interventions none;
    return a == b || are_same(a ? *a : none, b ? *b : none);
}

bool are_same_written(const WrittenTextPtr& a, const WrittenTextPtr& b) {
    return a == b || (a && b && a->num_prompt == b->num_prompt && a->tokens.ids() == b->tokens.ids());
}

bool are_same_branches(const SavedBranches& a, const SavedBranches& b) {
    return a.tree == b.tree && a.node == b.node && a.parts == b.parts;
}

bool are_same_searches(const SavedSearch& a, const SavedSearch& b) {
    return a.is_rule == b.is_rule && a.rule == b.rule && a.strokes == b.strokes;
}

bool are_same_notes(const NotesPtr& a, const NotesPtr& b) {
    const Notes none;
    return a == b || (a ? *a : none) == (b ? *b : none);
}

/// Ids that the model does not know.
bool has_strange_ids(const std::vector<std::int32_t>& ids, const ModelSpec& spec) {
    return std::any_of(ids.begin(), ids.end(),
                       [&](std::int32_t id) { return id < 0 || id >= spec.vocab_size; });
}

bool has_strange_steps(const WritingTree& tree, const ModelSpec& spec) {
    for (int node = 0; node < tree.size(); ++node) {
        const WrittenToken& token = tree.step(node).token;
        if (has_strange_ids({token.id}, spec)) return true;
        for (const TokenPrediction& likely : token.likeliest)
            if (has_strange_ids({likely.id}, spec)) return true;
    }
    return false;
}

/// The tree with the words of its tokens as this model shows them.
std::shared_ptr<const WritingTree> with_displays(const WritingTree& tree, const ModelInfo& model) {
    auto out = std::make_shared<WritingTree>();
    for (int node = 0; node < tree.size(); ++node) {
        WrittenStep step = written_step(model, tree.step(node).token);
        step.is_chosen = tree.step(node).is_chosen;
        (void)out->add(tree.parent(node), std::move(step));
    }
    return out;
}

void fit_writing(SavedSession& session, const ModelInfo& model, std::vector<std::string>& taken_out) {
    SavedBranches& branches = session.branches;
    if (branches.tree && (!branches.prompt || has_strange_ids(branches.prompt->ids(), model.spec) ||
                          has_strange_ids(branches.encoder_ids, model.spec) ||
                          has_strange_steps(*branches.tree, model.spec))) {
        branches = {};
        taken_out.emplace_back("what was written: its tokens are not in the model's vocabulary");
    }
    if (branches.tree) branches.tree = with_displays(*branches.tree, model);
    if (session.written && has_strange_ids(session.written->tokens.ids(), model.spec))
        session.written.reset();
}

}  // namespace

Settings with_picture_settings(const Settings& own, const Settings& picture) {
    Settings out = picture;
    out.theme = own.theme;
    out.ui_scale = own.ui_scale;
    out.is_presenting = own.is_presenting;
    out.window_width = own.window_width;
    out.window_height = own.window_height;
    out.left_share = own.left_share;
    out.right_share = own.right_share;
    out.recent = own.recent;
    out.last_text = own.last_text;
    out.lessons = own.lessons;
    out.invites_to_lessons = own.invites_to_lessons;
    return out;
}

Settings picture_settings(const Settings& settings) {
    return with_picture_settings(Settings(), settings);
}

bool are_same(const SavedSession& a, const SavedSession& b) {
    const bool same_files = a.path == b.path && a.tokenizer == b.tokenizer && a.adapter == b.adapter &&
                            a.atlas == b.atlas && a.training == b.training;
    const bool same_texts = a.text == b.text && a.decoder_text == b.decoder_text && a.writing == b.writing &&
                            a.scope == b.scope && are_same_written(a.written, b.written) &&
                            are_same_branches(a.branches, b.branches);
    const bool same_choice = a.kind == b.kind && a.selection == b.selection && a.settings == b.settings;
    const bool same_work = a.compare == b.compare && a.question == b.question &&
                           a.corrupted_text == b.corrupted_text && a.patch_site == b.patch_site &&
                           a.patch_direction == b.patch_direction && a.comparison == b.comparison &&
                           are_same_interventions(a.interventions, b.interventions) &&
                           are_same_searches(a.search, b.search);
    return same_files && same_texts && same_choice && same_work && are_same_notes(a.notes, b.notes);
}

std::string model_config_hash(const ModelSpec& spec) {
    std::uint64_t hash = 0xCBF29CE484222325U;
    const std::string facts =
        fmt::format("{} {} {} {} {} {} {} {}", spec.family, spec.num_layers, spec.num_heads, spec.head_dim,
                    spec.hidden_size, spec.vocab_size, spec.num_decoder_layers, spec.num_decoder_heads);
    for (const char c : facts)
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
    return fmt::format("{:016x}", hash);
}

std::vector<std::string> fit_to_model(SavedSession& session, const ModelInfo& model) {
    std::vector<std::string> taken_out;
    const ModelSpec& spec = model.spec;
    fit_writing(session, model, taken_out);
    const auto is_known = [&](HeadId head) {
        return head.layer < spec.num_layers && head.head < spec.num_heads;
    };
    if (session.interventions) {
        Interventions kept;
        for (const Intervention& change : *session.interventions) {
            const bool has_heads = std::all_of(change.heads.begin(), change.heads.end(), is_known);
            const bool has_layers = std::all_of(change.mlp_layers.begin(), change.mlp_layers.end(),
                                                [&](int layer) { return layer < spec.num_layers; });
            if (has_heads && has_layers) kept.push_back(change);
        }
        if (kept.size() < session.interventions->size())
            taken_out.emplace_back("replaced attention of heads that the model does not have");
        session.interventions =
            kept.empty() ? nullptr : std::make_shared<const Interventions>(std::move(kept));
    }
    if (session.question) {
        std::vector<std::int32_t> ids{session.question->answer};
        if (session.question->rival) ids.push_back(*session.question->rival);
        if (has_strange_ids(ids, spec)) {
            session.question.reset();
            taken_out.emplace_back("the question: its answers are not in the model's vocabulary");
        }
    }
    return taken_out;
}

}  // namespace headlight
