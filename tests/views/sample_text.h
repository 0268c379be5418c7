// Snapshots made by hand for the tests of views: known tokens, random causal weights, everything analysed.
#pragma once

#include <cmath>
#include <map>
#include <memory>
#include <random>
#include <string>

#include "core/dense_trace.h"
#include "session/fake_cause.h"
#include "session/snapshot.h"
#include "session/tasks/parity.h"
#include "session/tasks/patching.h"
#include "session/tasks/probe.h"
#include "session/tasks/question.h"
#include "views/derived_values.h"
#include "views/sample_values.h"

namespace headlight::test {

struct SampleSize {
    int layers = 2, heads = 3, tokens = 8;
    int kv_heads = 0;
};

/// Rows of a softmax over random scores, causal; the same for the same size.
inline TracePtr sample_trace(const SampleSize& size, unsigned seed = 7) {
    TraceInfo info;
    info.num_layers = size.layers;
    info.num_heads = size.heads;
    info.num_queries = info.num_keys = size.tokens;
    info.source = "measured";
    std::mt19937 random(seed);
    std::uniform_real_distribution<float> uniform(-2, 2);
    std::vector<float> weights(static_cast<std::size_t>(size.layers) * size.heads * size.tokens * size.tokens,
                               0.0f);
    std::size_t row = 0;
    for (int i = 0; i < size.layers * size.heads; ++i) {
        for (int query = 0; query < size.tokens; ++query, row += static_cast<std::size_t>(size.tokens)) {
            float sum = 0;
            for (int key = 0; key <= query; ++key)
                sum += weights[row + static_cast<std::size_t>(key)] = std::exp(uniform(random));
            for (int key = 0; key <= query; ++key)
                weights[row + static_cast<std::size_t>(key)] /= sum;
        }
    }
    return make_dense_trace(info, std::move(weights));
}

inline TokenizedText sample_tokens(int count) {
    static const char* const kWords[] = {"The", "·cat", "·שלום", "·你好", "👋", "⏎", "⟨F0⟩", "·x"};
    TokenizedText out;
    for (int i = 0; i < count; ++i) {
        Token token;
        token.id = i;
        token.display = token.piece = kWords[i % 8];
        token.byte_begin = out.text.size();
        out.text += token.piece;
        token.byte_end = out.text.size();
        out.tokens.push_back(token);
    }
    return out;
}

inline Snapshot sample_snapshot(const SampleSize& size) {
    static std::uint64_t next_id = 1;
    Snapshot snapshot;
    auto model = std::make_shared<ModelInfo>();
    model->id = next_id++;
    model->spec.name = "sample";
    model->spec.num_layers = size.layers;
    model->spec.num_heads = size.heads;
    model->spec.num_kv_heads = size.kv_heads > 0 ? size.kv_heads : size.heads;
    model->is_live = true;
    auto text = std::make_shared<AnalyzedText>();
    text->id = text->run_id = next_id++;
    text->model_id = model->id;
    text->tokens = sample_tokens(size.tokens);
    text->trace = sample_trace(size);
    text->key_sets = detector_key_sets(text->tokens.tokens);
    text->analysis = *analyze_text(*text->trace, text->tokens.tokens, text->key_sets, {});
    snapshot.model = model;
    snapshot.typed_text = text->tokens.text;
    snapshot.text = snapshot.base_text = snapshot.shown_base = text;
    snapshot.kinds = {text};
    snapshot.selection.query = size.tokens - 1;
    snapshot.token_selection = snapshot.selection;
    return snapshot;
}

/// An encoder-decoder: decoder text of `num_decoder` tokens, which is what `kind` chooses from.
inline Snapshot sample_kinds(const SampleSize& size, int num_decoder, AttentionKind kind) {
    Snapshot snapshot = sample_snapshot(size);
    auto model = std::make_shared<ModelInfo>(*snapshot.model);
    model->spec.has_decoder = true;
    model->spec.num_decoder_layers = size.layers;
    snapshot.model = model;
    auto encoder = std::make_shared<AnalyzedText>(*snapshot.base_text);
    TraceInfo info = encoder->trace->info();
    const auto make = [&](AttentionKind made, int num_queries, int num_keys) {
        TraceInfo shape = info;
        shape.kind = made;
        shape.num_queries = num_queries;
        shape.num_keys = num_keys;
        shape.is_causal = made == AttentionKind::Decoder;
        std::vector<float> weights;
        for (int row = 0; row < size.layers * size.heads * num_queries; ++row) {
            const int query = row % num_queries, last = shape.is_causal ? query + 1 : num_keys;
            for (int key = 0; key < num_keys; ++key)
                weights.push_back(key < last ? 1.0f / static_cast<float>(last) : 0.0f);
        }
        return make_dense_trace(shape, std::move(weights));
    };
    const auto input = std::make_shared<const TokenizedText>(encoder->tokens);
    encoder->trace = make(AttentionKind::Encoder, size.tokens, size.tokens);
    auto decoder = std::make_shared<AnalyzedText>(*encoder), cross = std::make_shared<AnalyzedText>(*encoder);
    decoder->tokens = cross->tokens = sample_tokens(num_decoder);
    decoder->id += 1000001;
    cross->id += 1000002;
    decoder->trace = make(AttentionKind::Decoder, num_decoder, num_decoder);
    cross->trace = make(AttentionKind::Cross, num_decoder, size.tokens);
    decoder->input_tokens = cross->input_tokens = cross->key_tokens = input;
    for (const auto& text : {encoder, decoder, cross}) {
        text->key_sets.clear();
        text->analysis = *analyze_text(*text->trace, text->tokens.tokens, text->key_sets, {});
        snapshot.kinds.push_back(text);
    }
    snapshot.kinds.erase(snapshot.kinds.begin());
    for (const auto& text : snapshot.kinds) {
        if (text->kind() == kind) snapshot.text = snapshot.base_text = snapshot.shown_base = text;
    }
    snapshot.typed_decoder_text = decoder->tokens.text;
    snapshot.selection.query = snapshot.text->trace->num_queries() - 1;
    return snapshot;
}

/// The same text with L1H0 (or L0H0) replaced: another trace stands for the changed run.
inline Snapshot sample_ablation(const SampleSize& size, Compare compare) {
    Snapshot snapshot = sample_snapshot(size);
    auto after = std::make_shared<AnalyzedText>(*snapshot.base_text);
    after->id = after->run_id = snapshot.base_text->id + 1000000;
    after->trace = sample_trace(size, 11);
    after->analysis = *analyze_text(*after->trace, after->tokens.tokens, after->key_sets, {});
    Intervention change;
    change.heads = {{size.layers > 1 ? 1 : 0, 0}};
    auto result = std::make_shared<AblationResult>();
    result->base_id = snapshot.base_text->id;
    result->interventions = std::make_shared<const Interventions>(Interventions{change});
    result->after = after;
    const auto num_targets = static_cast<std::size_t>(std::max(0, size.tokens - 1));
    result->base_loss.assign(num_targets, 2.0f);
    result->loss.assign(num_targets, 2.5f);
    result->kl.assign(num_targets + 1, 0.1f);
    result->tvd.assign(num_targets + 1, 0.2f);
    fill_means(*result);
    snapshot.interventions = result->interventions;
    snapshot.ablation = result;
    snapshot.compare = compare;
    if (compare != Compare::Before) snapshot.text = after;
    auto sweep = std::make_shared<SweepState>();
    sweep->base_id = result->base_id;
    sweep->num_heads = size.layers * size.heads;
    for (int i = 0; i < sweep->num_heads; ++i) {
        AblationEffect effect;
        effect.heads = {{i / size.heads, i % size.heads}};
        effect.delta = 0.01 * (i % 5) - 0.01;
        sweep->effects.push_back(effect);
    }
    snapshot.sweep = sweep;
    return snapshot;
}

/// An atlas of the sample model with one tag, on L0H1 (or L0H0).
inline std::shared_ptr<const OpenedAtlas> sample_atlas(const SampleSize& size) {
    auto opened = std::make_shared<OpenedAtlas>();
    opened->id = 1;
    Atlas& atlas = opened->atlas;
    atlas.model = "sample";
    atlas.num_layers = size.layers;
    atlas.num_heads = size.heads;
    atlas.num_confirmation = 32;
    atlas.detectors = {{"induction", "induction", "P", "", true, 0.4, "random-repeat"},
                       {"previous_token", "previous token", "P", "", false, 0.4, "corpus"}};
    for (int i = 0; i < size.layers * size.heads; ++i) {
        for (const AtlasDetector& detector : atlas.detectors) {
            AtlasEntry entry;
            entry.head = {i / size.heads, i % size.heads};
            entry.detector = detector.id;
            entry.confirmation = {32, 0.5, 0.1, 5.0, 0.4, 0.6};
            entry.q_value = 0.0002;
            entry.is_tagged = i == std::min(1, size.heads - 1) && detector.is_content;
            atlas.entries.push_back(entry);
        }
        AtlasHead head;
        head.head = {i / size.heads, i % size.heads};
        atlas.heads.push_back(head);
    }
    return opened;
}

inline std::shared_ptr<const OpenedTraining> sample_training() {
    auto opened = std::make_shared<OpenedTraining>();
    opened->id = 1;
    opened->path = "run";
    opened->log.title = "run";
    opened->log.names = {"attn_entropy", "loss"};
    for (int step = 0; step < 40; ++step) {
        TrainingRow row;
        row.step = step * 10;
        row.point = "SNAPSHOT";
        row.values = {{"loss", 3.0 / (1 + step)}, {"attn_entropy", 1.0 + 0.01 * step}};
        opened->log.rows.push_back(row);
    }
    return opened;
}

/// Asks for token 9 and not 3 after the last token.
inline void put_question(Snapshot& snapshot) {
    QuestionState state;
    state.asked = AskedQuestion{-1, 9, 3};
    state.question = Question{snapshot.text->trace->num_queries() - 1, 9, 3};
    state.answer = "·Mary";
    state.rival = "·John";
    snapshot.parts.put(std::move(state));
}

/// All heads patched, as the fake engine does.
inline void put_patching(Snapshot& snapshot) {
    PatchingState state;
    state.corrupted_text = "another text";
    state.base_id = snapshot.base_text->id;
    state.clean_answer.emplace().difference = 4;
    state.corrupted_answer.emplace().difference = -2;
    const TraceInfo& info = snapshot.text->trace->info();
    auto map = std::make_shared<PatchMap>();
    map->cells = patch_cells(PatchSite::Head, info.num_layers, info.num_heads, info.num_queries);
    for (const PatchCell& cell : map->cells)
        map->results.emplace_back().emplace().difference =
            -2 + 6.0f * static_cast<float>(1 + cell.layer) / static_cast<float>(2 + cell.head);
    map->num_done = static_cast<int>(map->cells.size());
    state.maps[{PatchSite::Head, PatchDirection::Denoise}] = map;
    snapshot.parts.put(std::move(state));
}

/// The sample with the weights shown.
inline void show_weights(Snapshot& snapshot, WeightsShown weights) {
    const TraceInfo& info = snapshot.text->trace->info();
    ModelSpec spec = snapshot.model->spec;
    FakeCausal causal(spec, snapshot.text->tokens.ids(), snapshot.text->trace, {});
    const Question question{0, 9, 3};
    snapshot.settings.weights_shown = snapshot.picture.weights = weights;
    snapshot.picture.id = snapshot.text->id + 5000000 + static_cast<std::uint64_t>(weights);
    if (weights == WeightsShown::NoSink) {
        std::vector<bool> is_sink(static_cast<std::size_t>(info.num_keys), false);
        is_sink[0] = true;
        snapshot.picture.trace = WeightedTrace::without_sink(snapshot.text->trace, is_sink);
    } else {
        snapshot.picture.trace = *weighted_trace(causal, snapshot.text->trace, weights, &question);
    }
}

inline void put_probe(Snapshot& snapshot, SampleValues::Mode mode) {
    ProbeResult result;
    result.model_id = snapshot.model->id;
    result.num_layers = snapshot.text->trace->num_layers();
    result.num_heads = snapshot.text->trace->num_heads();
    std::vector<ProbeScore> scores;
    for (const DetectorDescriptor* detector : detectors())
        scores.push_back({detector, 0.5, 0.1, 5, 0.4, 0.5, 0.0002, 1, 12, true});
    result.heads.assign(snapshot.text->analysis.heads.size(), scores);
    snapshot.parts.put(ProbeState{sample_task(mode, std::move(result))});
}

inline void put_parity(Snapshot& snapshot, SampleValues::Mode mode) {
    ParityReport report;
    report.reference_file = "reference.safetensors";
    report.texts = {{0, {1, 2}, {}}};
    report.layers = {{AttentionKind::Self, 0, 3e-7, 1e-8, false, 0, 0, 1, 0},
                     {AttentionKind::Self, 1, 4e-3, 2e-4, true, 0, 1, 1, 1}};
    report.first_departing = 1;
    snapshot.parts.put(ParityState{"somewhere/reference.safetensors", sample_task(mode, std::move(report))});
}

}  // namespace headlight::test
