// The monkey's folder.
#include "app/monkey_folder.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "analysis/statistics/split_mix.h"
#include "base/atomic_file.h"
#include "base/paths.h"
#include "core/attention_trace.h"
#include "core/dense_trace.h"
#include "io/atlas/atlas_file.h"
#include "io/attention/attention_dump.h"
#include "io/training/training_log.h"

namespace headlight {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostFiles = 20000;  // of the fixtures

TracePtr random_trace(AttentionKind kind, int layers, int heads, int queries, int keys) {
    TraceInfo info;
    info.kind = kind;
    info.is_causal = kind == AttentionKind::Self || kind == AttentionKind::Decoder;
    info.num_layers = layers;
    info.num_heads = heads;
    info.num_queries = queries;
    info.num_keys = keys;
    SplitMix random(static_cast<std::uint64_t>(queries * keys));
    std::vector<float> weights;
    for (int row = 0; row < layers * heads * queries; ++row) {
        const int num_seen = info.is_causal ? row % queries + 1 : keys;
        std::vector<float> values(static_cast<std::size_t>(keys), 0.0f);
        float sum = 0;
        for (int key = 0; key < num_seen; ++key)
            sum += values[static_cast<std::size_t>(key)] = static_cast<float>(1 + random.below(1000));
        for (const float value : values)
            weights.push_back(value / sum);
    }
    return make_dense_trace(std::move(info), std::move(weights));
}

TokenizedText numbered_tokens(int count) {
    TokenizedText out;
    for (int i = 0; i < count; ++i) {
        const std::string word = fmt::format("w{}", i % 5);
        out.text += (i > 0 ? " " : "") + word;
        out.tokens.push_back({i % 5, word, word, out.text.size() - word.size(), out.text.size(), false});
    }
    return out;
}

/// Attention of an encoder-decoder, stored.
Status write_pair_dump(const std::string& path) {
    AttentionDump dump;
    dump.spec.name = "stored_pair";
    dump.spec.num_layers = dump.spec.num_decoder_layers = 2;
    dump.spec.num_heads = dump.spec.num_kv_heads = 3;
    dump.spec.num_decoder_heads = 2;
    dump.spec.has_decoder = true;
    dump.tokens = numbered_tokens(9);
    dump.decoder_tokens = numbered_tokens(6);
    dump.trace = random_trace(AttentionKind::Encoder, 2, 3, 9, 9);
    dump.decoder_trace = random_trace(AttentionKind::Decoder, 2, 2, 6, 6);
    dump.cross_trace = random_trace(AttentionKind::Cross, 2, 2, 6, 9);
    return write_attention_dump(path, dump);
}

/// Of the demo if there is one, so that it is of an open model now and then.
Status write_small_atlas(const std::string& path, const std::string& demo_trace) {
    Atlas atlas;
    atlas.model = "demo";
    atlas.num_layers = 4;
    atlas.num_heads = 4;
    if (const auto dump = read_attention_dump(demo_trace)) {
        atlas.model = dump->spec.name;
        atlas.num_layers = dump->spec.num_layers;
        atlas.num_heads = dump->spec.num_heads;
    }
    atlas.detectors = {
        {"induction", "induction", "what came after the last such token", "", true, 0.4, "corpus"}};
    for (int i = 0; i < atlas.num_layers * atlas.num_heads; ++i) {
        const HeadId head{i / atlas.num_heads, i % atlas.num_heads};
        AtlasEntry entry;
        entry.head = head;
        entry.detector = "induction";
        entry.is_tagged = i % 3 == 0;
        entry.confirmation = {5, 0.5, 0.1, 5.0, 0.4, 0.3};
        entry.p_value = entry.q_value = 0.01;
        entry.reason = "score 0.5 > 0.4";
        atlas.entries.push_back(std::move(entry));
        AtlasHead about;
        about.head = head;
        about.shape = "vertical";
        if (i % 3 == 0) about.best_detector = "induction";
        about.examples.push_back({"a.txt", 0, 1, {"once", "upon"}, {0.25f, 0.75f}, 0.5, -1});
        atlas.heads.push_back(std::move(about));
    }
    return write_atlas(path, atlas);
}

Status write_small_log(const std::string& folder) {
    HEADLIGHT_TRY(const auto log, open_training_log(folder, {}));
    for (int step = 1; step <= 40; ++step) {
        TrainingRow row;
        row.step = step;
        row.values["loss"] = 4.0 / step;
        row.values["validation_loss"] = 4.2 / step;
        HEADLIGHT_CHECK(log->append(row));
    }
    return {};
}

Status write_nonsense(const std::string& root, std::vector<std::string>& files) {
    SplitMix random(3);
    std::string bytes;
    for (int i = 0; i < 5000; ++i)
        bytes += static_cast<char>(random.below(256));
    const std::pair<const char*, std::string> contents[] = {
        {"random.bin", bytes},
        {"random.safetensors", bytes},
        {"random.npz", "PK\x03\x04" + bytes},
        {"empty.safetensors", ""},
        {"list.json", "[1, 2, {\"attentions\": [[[[1, 2]]]]}]"},
        {"broken_config/config.json", "{\"model_type\": \"gpt2\", \"n_layer\": "},
        {"unknown_family/config.json", "{\"model_type\": \"no_such_family\"}"},
        {"no_weights/config.json",
         "{\"model_type\": \"gpt2\", \"n_layer\": 2, \"n_head\": 2, \"n_embd\": 8}"},
        {"broken_atlas/atlas.json", "{\"format\": \"headlight atlas\""},
        {"broken_log/metrics.jsonl", "{\"step\": 1}\n{\"step\": \n"},
    };
    for (const auto& [name, content] : contents) {
        const std::string path = root + "/" + name;
        HEADLIGHT_CHECK(write_file_atomic(path, content));
        files.push_back(fs::path(name).has_parent_path() ? fs::path(path).parent_path().string() : path);
    }
    std::error_code error;
    fs::create_directories(root + "/nothing", error);
    files.push_back(root + "/nothing");
    files.push_back(root + "/not_there");
    return {};
}

bool is_model_file(const fs::path& path) {
    constexpr const char* kEndings[] = {".gguf", ".npz", ".npy", ".pt"};
    return std::find(std::begin(kEndings), std::end(kEndings), path.extension().string()) !=
           std::end(kEndings);
}

Status gather(const std::string& folder, MonkeyPaths& paths) {
    std::error_code error;
    if (!fs::is_directory(folder, error))
        return fail(make_error(ErrorKind::Missing, "there is no such folder of fixtures").in_file(folder));
    std::vector<std::string> files;
    std::size_t num_seen = 0;
    const auto options = fs::directory_options::skip_permission_denied;
    for (fs::recursive_directory_iterator at(fs::canonical(folder, error), options, error), end;
         !error && at != end; at.increment(error)) {
        if (++num_seen > kMostFiles) break;
        const fs::path& path = at->path();
        std::error_code ignored;
        const bool is_model =
            at->is_directory(ignored) ? fs::exists(path / "config.json", ignored) : is_model_file(path);
        (is_model ? paths.models : files).push_back(path.string());
    }
    // Folders come in any order; a seed must draw the same.
    std::sort(paths.models.begin(), paths.models.end());
    std::sort(files.begin(), files.end());
    paths.files.insert(paths.files.end(), files.begin(), files.end());
    return {};
}

Result<std::string> fresh_folder() {
    std::error_code error;
    std::string name = (fs::temp_directory_path(error) / "headlight-monkey-XXXXXX").string();
    if (!error && mkdtemp(name.data()) != nullptr) return fs::canonical(name, error).string();
    return fail(make_error(ErrorKind::Internal, "making a temporary folder failed: {}", std::strerror(errno))
                    .in_file(name));
}

}  // namespace

Result<MonkeyFolder> make_monkey_folder(const std::string& fixtures) {
    MonkeyFolder folder;
    HEADLIGHT_TRY(folder.root, fresh_folder());
    folder.home = folder.root + "/home";
    folder.paths.write_dir = folder.root + "/written";
    std::error_code error;
    fs::create_directories(folder.home, error);
    fs::create_directories(folder.paths.write_dir, error);
    const std::string assets = assets_dir(), inputs = folder.root + "/inputs";
    if (fs::exists(assets + "/demo/config.json", error))
        folder.demo = fs::canonical(assets + "/demo", error).string();
    const std::string demo_trace = folder.demo + "/trace.safetensors";
    HEADLIGHT_CHECK(write_random_encoder(inputs + "/encoder"));
    HEADLIGHT_CHECK(write_random_encoder_decoder(inputs + "/encoder_decoder"));
    HEADLIGHT_CHECK(write_pair_dump(inputs + "/pair.safetensors"));
    HEADLIGHT_CHECK(write_small_atlas(inputs + "/atlas/atlas.json", demo_trace));
    HEADLIGHT_CHECK(write_small_log(inputs + "/training"));
    for (const char* name : {"/encoder", "/encoder_decoder", "/pair.safetensors", "/atlas", "/training"})
        folder.paths.kinds.push_back(inputs + name);
    if (!folder.demo.empty()) folder.paths.kinds.insert(folder.paths.kinds.end(), {folder.demo, demo_trace});
    folder.paths.files.push_back(inputs + "/encoder/tokenizer.json");
    HEADLIGHT_CHECK(write_nonsense(inputs, folder.paths.files));
    if (!fixtures.empty()) HEADLIGHT_CHECK(gather(fixtures, folder.paths));
    return folder;
}

}  // namespace headlight
