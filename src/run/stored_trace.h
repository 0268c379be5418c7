// Attention that was measured before: a dump, read and analysed.
#pragma once

#include <cstdint>
#include <string>

#include "base/progress.h"
#include "base/result.h"
#include "io/attention/attention_dump.h"
#include "run/analyzed_text.h"

namespace headlight {

struct StoredTraceRequest {
    std::string path;
    std::string model_path;      // of the model that it is of; empty: unknown
    std::string axes;            // DumpOptions::axes
    std::uint64_t model_id = 0;  // of the ModelInfo and of its tokenizer
    std::uint64_t text_id = 0;   // the ids after it are for the other kinds
    int num_threads = 1;
    std::string sent_name;  // `path` cannot be opened again: it was sent under this name; empty: a file
};

struct StoredTrace {
    std::shared_ptr<const ModelInfo> info;
    TextKinds text;
    std::string model_path;  // where its model lies; empty: it cannot be loaded
    std::string warning;     // something the user should know; empty if nothing
};

/// Reads an attention dump and analyses it. The tokenizer comes from `model_path` if there is one. Errors:
/// those of read_attention_dump, Cancelled.
Result<StoredTrace> open_stored_trace(const StoredTraceRequest& request, const JobContext& job);

/// The model as far as a dump tells of it.
ModelSpec spec_of_dump(AttentionDump& dump, const std::string& path);

}  // namespace headlight
