// A few models, dumps and files beside them, and the check that all a snapshot shows is of one model and
// text.
#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "io/atlas/atlas_file.h"
#include "io/attention/attention_dump.h"
#include "run/text_run.h"
#include "run/text_tokens.h"
#include "session/session_fixture.h"
#include "session/snapshot_faults.h"

namespace headlight::test {

/// Words of a list, ids from `first` on; what is not in it is "<unk>".
inline void write_words(const std::string& file, const std::vector<std::string>& words, int first = 0) {
    std::ofstream out(file);
    out << R"({"version": "1.0", "pre_tokenizer": {"type": "WhitespaceSplit"}, "model": {"type": "WordLevel",
        "unk_token": "<unk>", "vocab": {"<unk>": )"
        << first;
    for (std::size_t i = 0; i < words.size(); ++i)
        out << ", \"" << words[i] << "\": " << first + 1 + static_cast<int>(i);
    out << "}}}";
}

inline TokenizedText ids_text(const std::vector<int>& ids) {
    TokenizedText out;
    for (const int id : ids) {
        const std::string word = std::to_string(id);
        out.text += (out.text.empty() ? "" : " ") + word;
        out.tokens.push_back({id, word, word, out.text.size() - word.size(), out.text.size(), false});
    }
    return out;
}

inline Atlas atlas_of(const ModelSpec& spec) {
    Atlas atlas;
    atlas.model = spec.name;
    atlas.num_layers = spec.num_layers;
    atlas.num_heads = spec.num_heads;
    atlas.detectors = {{"induction", "induction", "P", "", true, 0.4, "corpus"}};
    for (int i = 0; i < spec.num_layers * spec.num_heads; ++i) {
        const HeadId head{i / spec.num_heads, i % spec.num_heads};
        AtlasEntry entry;
        entry.head = head;
        entry.detector = "induction";
        atlas.entries.push_back(entry);
        AtlasHead about;
        about.head = head;
        atlas.heads.push_back(about);
    }
    return atlas;
}

/// Paths that can be opened, all with other sizes:
/// words (2 × 3, up to 16 tokens of a list), sums (1 × 4, three tokens of numbers and "=", with a training
/// log), ids (3 × 2, no tokenizer, with an atlas), pair (an encoder-decoder), stored and stored_pair (dumps),
/// broken (fails).
struct ManyModels : SessionFixture {
    std::string root, words, sums, ids, pair, stored, stored_pair, broken, atlas, log, other_words,
        wrong_words;
    std::map<std::uint64_t, std::string> parity_of;  // model that a comparison was started on

    explicit ManyModels(const std::string& name) : root(fresh_dir(name)) {
        words = add_model("words", 2, 3, 16);
        write_words(words + "/tokenizer.json", {"a", "b", "c", "d", "e"});
        sums = add_model("sums", 1, 4, 3);
        write_words(sums + "/tokenizer.json", {"0", "1", "2", "3", "="});
        std::filesystem::create_directories(sums + "/training");
        std::ofstream(sums + "/training/metrics.jsonl")
            << "{\"step\": 1, \"epoch\": 1, \"point\": \"P\", \"loss\": 2}\n";
        ids = add_model("ids", 3, 2, 8);
        pair = add_model("pair", 2, 3, 16);
        write_words(pair + "/tokenizer.json", {"a", "b", "c", "d", "e"});
        ModelSpec& two = world->models[pair];
        two.has_decoder = true;
        two.num_decoder_layers = 3;
        two.num_decoder_heads = 2;
        two.decoder_start_id = 0;
        two.is_causal = false;
        broken = root + "/broken";
        world->broken.insert(broken);
        write_dumps();
        atlas = root + "/atlas";
        std::filesystem::create_directories(atlas);
        REQUIRE(write_atlas(atlas + "/atlas.json", atlas_of(world->models[words])));
        log = root + "/log";
        std::filesystem::create_directories(log);
        std::ofstream(log + "/metrics.jsonl")
            << "{\"step\": 5, \"epoch\": 1, \"point\": \"P\", \"loss\": 1}\n";
        other_words = root + "/other.json";
        write_words(other_words, {"e", "d", "c", "b", "a"}, 10);
        wrong_words = root + "/wrong.json";
        write_words(wrong_words, {"a", "b", "c", "d", "e"}, 1000);
    }

    std::vector<std::string> models() const { return {words, sums, ids, pair, stored, stored_pair}; }

  private:
    std::string add_model(const std::string& name, int layers, int heads, int positions) {
        const std::string path = root + "/" + name;
        std::filesystem::create_directories(path);
        std::ofstream(path + "/config.json") << "{}";
        ModelSpec spec = world->spec;
        spec.name = name;
        spec.num_layers = layers;
        spec.num_heads = spec.num_kv_heads = heads;
        spec.max_positions = positions;
        world->models[path] = spec;
        return path;
    }
    void write_dumps() {
        AttentionDump dump;
        dump.spec = world->spec;
        dump.spec.name = "stored";
        dump.spec.num_layers = 4;
        dump.spec.num_heads = dump.spec.num_kv_heads = 1;
        dump.tokens = ids_text({1, 2, 3});
        dump.trace = uniform_trace(4, 1, 3);
        stored = root + "/stored.safetensors";
        REQUIRE(write_attention_dump(stored, dump));
        dump.spec.name = "stored_pair";
        dump.spec.has_decoder = true;
        dump.spec.num_decoder_layers = dump.spec.num_decoder_heads = 2;
        dump.decoder_tokens = ids_text({9, 5});
        dump.trace = uniform_trace(4, 1, 3, AttentionKind::Encoder);
        dump.decoder_trace = uniform_trace(2, 2, 2, AttentionKind::Decoder);
        dump.cross_trace = uniform_cross_trace(2, 2, 2, 3);
        stored_pair = root + "/stored_pair.safetensors";
        REQUIRE(write_attention_dump(stored_pair, dump));
    }
};

inline void check_values(Session& session, const Snapshot& now) {
    const auto count = static_cast<std::size_t>(now.model->spec.num_layers) * now.model->spec.num_heads;
    if (const auto probe = session.snapshot().part<ProbeState>().task.look(); probe.value) {
        CHECK(probe.value->model_id == now.model->id);
        CHECK(probe.value->heads.size() == count);
    }
    if (!now.text || !now.text->trace) return;
    const TraceInfo& info = now.text->trace->info();
    const auto pyramid = session.pyramid({now.selection.head});
    CHECK(pyramid.state != Derived<TilePyramid>::State::Failed);
    if (pyramid.is_ready()) {
        CHECK(pyramid.value->num_queries == info.num_queries);
        CHECK(pyramid.value->num_keys == info.num_keys);
    }
    if (const auto map = session.head_map(); map.is_ready())
        CHECK(map.value->x.size() == static_cast<std::size_t>(info.num_layers) * info.num_heads);
    if (const auto weights = session.weight_analysis(); weights.value) CHECK(weights.value->size() == count);
    if (const auto flow = session.flow(FlowMethod::Rollout, now.selection.query); flow.is_ready())
        CHECK(flow.value->node.size() == static_cast<std::size_t>(info.num_layers) + 1);
    if (const auto next = session.predictions(now.selection.query); next.is_ready()) {
        CHECK(next.value->query == now.selection.query);
        const auto id = next.value->top[0].id;
        const auto token = now.model->tokenizer ? now.model->tokenizer->token(id) : Result<Token>(Token{});
        const bool is_named = now.model->tokenizer && token;
        CHECK(next.value->display[0] == (is_named ? token->display : std::to_string(id)));
    }
}

/// Everything that can be seen is of the open model, its tokenizer and the shown text.
inline void belongs_together(Session& session) {
    const Snapshot& now = session.snapshot();
    for (const std::string& fault : snapshot_faults(now))
        FAIL_CHECK("does not hold: " << fault);
    if (!now.model) return;
    const Belonging probed = now.part<ProbeState>().task.of(), compared = now.part<ParityState>().task.of();
    CHECK((probed.model_id == 0 || probed.model_id == now.model->id));
    CHECK((probed.tokenizer_id == 0 || probed.tokenizer_id == now.model->tokenizer_id));
    CHECK((compared.model_id == 0 || compared.model_id == now.model->id));
    check_values(session, now);
}

}  // namespace headlight::test
