// An atlas with known answers: 2 layers of 3 heads, three patterns, hostile text in its examples.
#pragma once

#include <string>

#include "core/atlas.h"

namespace headlight::test {

inline AtlasDetector sample_detector(const std::string& id, const std::string& label, bool is_content) {
    AtlasDetector detector;
    detector.id = id;
    detector.label = label;
    detector.definition = "P = {" + id + "}";
    detector.source = "Somebody 2020";
    detector.is_content = is_content;
    detector.threshold = 0.4;
    detector.measured_on = is_content ? "random-repeat" : "corpus";
    return detector;
}

inline void tag_entry(AtlasEntry& entry, double score, double consistency) {
    entry.is_tagged = true;
    entry.discovery = entry.confirmation =
        AtlasScore{20, score, 0.05, score / 0.05, (score - .05) / .95, 0.9};
    entry.discovery.score = score - 0.02;
    entry.p_value = 1e-6;
    entry.q_value = 1.8e-5;
    entry.bonferroni = 1.8e-5;
    entry.consistency = consistency;
    entry.interpretability = score * consistency;
    entry.positive_share = 1.0;
    entry.cohen_d = 12.25;
    entry.low = score - 0.01;
    entry.high = score + 0.01;
    entry.reason = "score >= 0.4 & lift >= 2";
}

inline AtlasExample sample_example(int decile) {
    AtlasExample example;
    example.document = "a <b>novel</b>.txt";
    example.first_token = 100;
    example.tokens = {"<script>alert(1)</script>", "·a\"b'",
                      "\xE2\x80\xAE"
                      "evil",
                      "שלום", "\xFF"};
    example.weights = {0.5f, 0.25f, 0.125f, 0.1f, 0.025f};
    example.query = 4;
    example.score = 0.625;
    example.decile = decile;
    return example;
}

/// L0H1 follows the previous token, L1H0 and L1H2 induction (L1H0 clearer); nothing else is tagged.
inline Atlas sample_atlas() {
    Atlas atlas;
    atlas.model = "tiny <&> model";
    atlas.family = "llama";
    atlas.dtype = "float32";
    atlas.headlight_version = "0.1.0";
    atlas.num_layers = 2;
    atlas.num_heads = 3;
    atlas.corpus = {"one.txt", "two<.txt"};
    atlas.num_corpus_bytes = 123456;
    atlas.seed = 7;
    atlas.sequence_length = 128;
    atlas.num_discovery = 20;
    atlas.num_confirmation = 20;
    atlas.probes = {"random-repeat"};
    atlas.detectors = {sample_detector("previous_token", "previous token", false),
                       sample_detector("induction", "induction", true),
                       sample_detector("punctuation", "punctuation", true)};
    for (int layer = 0; layer < 2; ++layer) {
        for (int head = 0; head < 3; ++head) {
            AtlasHead one;
            one.head = {layer, head};
            one.metrics = {{"attn_entropy", 1.5 + head}, {"rho", std::nullopt}};
            one.shape = "vertical";
            one.examples = {sample_example(-1), sample_example(0), sample_example(9)};
            atlas.heads.push_back(one);
            for (const AtlasDetector& detector : atlas.detectors) {
                AtlasEntry entry;
                entry.head = one.head;
                entry.detector = detector.id;
                entry.confirmation = AtlasScore{20, 0.06, 0.05, 1.2, 0.0105, 0.05};
                entry.q_value = 0.4;
                entry.reason = "lift 1.2 < 2";
                atlas.entries.push_back(entry);
            }
        }
    }
    tag_entry(atlas.entries[1 * 3 + 0], 0.91, 0.98);
    tag_entry(atlas.entries[3 * 3 + 1], 0.80, 0.90);
    tag_entry(atlas.entries[5 * 3 + 1], 0.52, 0.60);
    for (const std::size_t i : {3 * 3 + 1, 5 * 3 + 1}) {
        atlas.entries[i].shuffled_score = 0.07;
        atlas.entries[i].permutation_p_value = 0.001;
    }
    atlas.controls = {{"random weights", 2, 1, 200, 0, 100}};
    atlas.methods = "Scanned as told.";
    return atlas;
}

/// The same without a single tag.
inline Atlas silent_atlas() {
    Atlas atlas = sample_atlas();
    for (AtlasEntry& entry : atlas.entries) {
        if (!entry.is_tagged) continue;
        AtlasEntry nothing;
        nothing.head = entry.head;
        nothing.detector = entry.detector;
        nothing.reason = "no scored row";
        entry = nothing;
    }
    atlas.entries[4].confirmation.kappa = 0.2;  // L0H1, induction
    return atlas;
}

}  // namespace headlight::test
