// Measures one checkpoint of a series as the training observer would have: the same names, the same formulas.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "core/engine.h"
#include "tokenize/tokenizer.h"

namespace headlight {

struct WatchSettings {
    std::string text;  // the sample, where `has_text`; else a built-in passage
    bool has_text = false;
    bool is_line_by_line = false;   // each line of the sample is a text of its own
    std::vector<std::int32_t> ids;  // in place of a text
    std::string tokenizer_path;     // in place of the checkpoints' own
    std::string series_folder;  // where a config and a tokenizer may lie that the checkpoints do not repeat
    std::string config_path;    // in place of the checkpoints' own
    std::vector<std::string> metrics;  // those to keep, "attn_entropy" with all its layers; empty = all
    int seq_length = 256;              // tokens of a text at most
    int num_threads = 0;
    std::string device = kProcessor;  // where the checkpoints run
    AdapterChoice adapter;            // where the checkpoints are adapters
};

/// Looks at checkpoints with a sample that stays the same as long as the vocabulary does.
class CheckpointMeter {
  public:
    CheckpointMeter(Engine& engine, WatchSettings settings)
        : engine_(engine), settings_(std::move(settings)) {}

    /// attention_metrics(), induction_score where the model has room for a repeated text, and text_loss (nats
    /// a token of the sample) where the model is causal and the sample has two tokens. Errors: those of
    /// opening and running; InvalidInput when no metric has a name that was asked for.
    Result<std::map<std::string, std::optional<double>>> measure(const std::string& path,
                                                                 const JobContext& job);

    /// What the sample is, for the user: "3 texts of 256 tokens". Empty before the first checkpoint.
    const std::string& sample_text() const { return sample_text_; }

  private:
    Status prepare_sample(const std::string& path, const ModelSpec& spec);
    Result<TokenizerPtr> find_tokenizer(const std::string& path) const;
    bool wants(const std::string& name) const;
    bool wants_any(std::initializer_list<const char*> names) const;

    Engine& engine_;
    WatchSettings settings_;
    int vocab_size_ = 0, max_positions_ = -1;  // that the sample was made for
    std::vector<std::vector<std::int32_t>> texts_, repeats_;
    int block_ = 0;
    std::string sample_text_;
};

}  // namespace headlight
