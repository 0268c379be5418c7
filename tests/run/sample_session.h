// A session in which nothing is as it is by default.
#pragma once

#include "run/saved/saved_session.h"

namespace headlight::test {

inline TokenizedText sample_tokens(const std::vector<std::string>& words) {
    TokenizedText out;
    for (const std::string& word : words) {
        const std::size_t begin = out.text.size();
        out.text += word;
        out.tokens.push_back(
            {static_cast<std::int32_t>(out.tokens.size() + 5), word, word, begin, out.text.size(), false});
    }
    return out;
}

inline std::shared_ptr<const WritingTree> sample_tree() {
    auto tree = std::make_shared<WritingTree>();
    const auto step = [](std::int32_t id, double probability) {
        WrittenStep out;
        out.token.id = id;
        out.token.probability = probability;
        out.token.own_probability = probability / 3;
        out.token.likeliest = {{id, probability / 3}, {id + 1, 0.1}};
        return out;
    };
    const int first = *tree->add(WritingTree::kPrompt, step(7, 0.75));
    (void)tree->add(first, step(8, 1.0 / 3));
    WrittenStep chosen = step(9, 0.25);
    chosen.is_chosen = chosen.token.is_end = true;
    chosen.token.own_probability.reset();
    (void)tree->add(first, std::move(chosen));
    return tree;
}

/// Every mode with what belongs to it.
inline Interventions sample_interventions() {
    Interventions out;
    int head = 0;
    for (const InterventionMode mode : kInterventionModes) {
        Intervention change;
        change.mode = mode;
        change.heads = {{0, head}, {1, head++}};
        if (mode == InterventionMode::LocalWindow) change.window = 3;
        if (mode == InterventionMode::KnockOut) change.edges = {{4, 1}, {4, 2}};
        if (mode == InterventionMode::Scale) change.factor = -0.125;
        if (mode == InterventionMode::MeanOutput) change.outputs = {{0.5f, -1e-7f}, {3.0f, 1.0f / 3}};
        if (mode == InterventionMode::Pattern) {
            Matrix pattern(2, 2);
            pattern.values = {1, 0, 0.1f, 0.9f};
            change.patterns = {pattern};
        }
        out.push_back(std::move(change));
    }
    Intervention layers;
    layers.mode = InterventionMode::ZeroOutput;
    layers.mlp_layers = {0, 1};
    out.push_back(std::move(layers));
    return out;
}

inline Notes sample_notes() {
    Note head;
    head.words = "induction, “strongest”";
    head.color = NoteColor::Teal;
    head.kind = AttentionKind::Decoder;
    head.head = {1, 2};
    Note cell;
    cell.words = "looks back";
    cell.color = NoteColor::Red;
    cell.head = {0, 1};
    cell.query = 4;
    cell.key = 0;
    cell.text_id = note_text_id({1, 2, 3}, {});
    cell.query_token = "·it";
    cell.key_token = "·cat";
    cell.text = "The cat, it\nsat";
    cell.decoder_text = "Die Katze";
    return {head, cell};
}

inline Settings sample_picture_settings() {
    Settings out;
    out.workspace = "study";
    out.weights_shown = WeightsShown::Norm;
    out.text_unit = TextUnit::Word;
    out.from_group = FromGroup::Last;
    out.weight_scale = WeightScale::Log;
    out.head_form = "lines";
    out.line_share = 55;
    out.qk_sort = "12";
    out.qk_shown = "keys";
    out.thumbnails = "lines";
    out.gamma = 0.35;
    out.shows_numbers = false;
    out.grid_tint = "entropy";
    out.grid_order = "max_weight";
    out.metrics_scope = "model";
    out.flow_mode = "rollout";
    out.flow_method = "max_flow";
    out.top_k_mode = "predicts";
    out.strip_direction = "receives";
    out.answer_metric = "kl";
    out.top_k = 9;
    return out;
}

inline SavedSession sample_session(const std::string& folder) {
    SavedSession out;
    out.path = folder + "/models/\"quoted\" \xC3\xA9";
    out.model_name = "quoted";
    out.config_hash = "0123456789abcdef";
    out.tokenizer = folder + "/other.json";
    out.adapter = {folder + "/base", true};
    out.atlas = folder + "/atlas";
    out.training = folder + "/log";
    out.text = "line one\nline \"two\"\t\xD7\x90";
    out.decoder_text = "Die Katze";
    auto written = std::make_shared<WrittenText>();
    written->tokens = sample_tokens({"Die", " Katze"});
    written->num_prompt = 1;
    out.written = written;
    out.writing = {{1.5, 0.7, 40, 0.9, 0.05}, 17, 64, false};
    out.scope = MadeFromScope::Layer;
    out.branches = {sample_tree(),
                    std::make_shared<const TokenizedText>(sample_tokens({"Die"})),
                    {3, 4},
                    2,
                    {{"system", 0, 1}}};
    out.kind = AttentionKind::Cross;
    out.selection = {{1, 2}, {{0, 1}, {1, 0}}, 4, 2, {1, 3}};
    out.interventions = std::make_shared<const Interventions>(sample_interventions());
    out.compare = "difference";
    out.question = AskedQuestion{-2, 12, 13};
    out.corrupted_text = "The dog, it sat";
    out.patch_site = PatchSite::HeadPos;
    out.patch_direction = PatchDirection::Noise;
    out.comparison = {"head", {}, {0, 1}, {1, 2}};
    Stroke stripe;
    stripe.kind = Stroke::Kind::Stripe;
    stripe.offset = 2;
    Stroke box;
    box.erases = true;
    box.first_query = 1;
    box.last_query = 3;
    out.search = {true, {stripe, box}, "offset 1..2"};
    out.settings = sample_picture_settings();
    out.notes = std::make_shared<const Notes>(sample_notes());
    out.saved_as = folder + "/study.headlight";
    out.is_changed = true;
    return out;
}

}  // namespace headlight::test
