// A scan: detectors and metrics of every head over a corpus, with discovery and confirmation halves, tests
// and controls. Deterministic for a seed whatever the number of threads, shards or interruptions.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "core/atlas.h"
#include "core/model_runner.h"
#include "tokenize/tokenizer.h"

namespace headlight {

struct ScanRequest {
    std::vector<std::string> corpus;  // text files; a folder stands for the .txt files in it
    std::string output_dir;           // journal, and the atlas at the end
    std::vector<std::string> probes = {"random-repeat"};  // "random-repeat", "needle", "copy"
    std::uint64_t seed = 1;
    int num_sequences = 64;         // of the corpus, half for discovery, half for confirmation
    int sequence_length = 128;      // tokens
    int shard = 0, num_shards = 1;  // this process takes sequences shard, shard + num_shards ...
    bool has_controls = true;       // random weights and shuffled tokens
    int num_random_models = 2;
    std::vector<std::string> conllu;  // files of sentences with gold syntax, optional
    int num_gold_sentences = 400;     // of them, half for discovery, half for confirmation
    int num_threads = 0;
};

struct ScanModel {
    ModelRunner* runner = nullptr;
    TokenizerPtr tokenizer;
    /// Makes the random-weights control number i; null: that control is left out and the atlas says so.
    std::function<Result<std::unique_ptr<ModelRunner>>(int)> random_copy;
};

/// Measures this shard's sequences, writing each to the journal in output_dir as it is done; a journal of the
/// same request is continued. Errors: InvalidInput (a journal of another request; says what differs),
/// Missing, Cancelled (the journal stays), the runner's.
Status scan_shard(const ScanRequest& request, const ScanModel& model, const JobContext& job);

/// The atlas of the journals in `folders` (one per shard). Errors: Missing (sequences that no journal has,
/// named by number), Corrupt, InvalidInput (journals of different scans).
Result<Atlas> merge_scan(const std::vector<std::string>& folders, const JobContext& job);

}  // namespace headlight
