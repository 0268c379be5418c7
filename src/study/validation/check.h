// One part of the validation report. Parts see each sequence once, head by head, and speak at the end.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "study/validation/validation.h"

namespace headlight {

/// What every part may look at.
struct ValidationSetup {
    ModelRunner* runner = nullptr;
    const ValidationRequest* request = nullptr;
    int num_sequences = 0, sequence_length = 0;

    const ModelSpec& spec() const { return runner->spec(); }
    HeadGrid grid() const { return spec().grid(); }
    std::size_t num_heads() const { return grid().size(); }
    HeadId head(std::size_t index) const { return grid().at(index); }
    std::vector<std::vector<std::int32_t>> ids() const;
};

struct SequenceSample {
    int index = 0;
    std::span<const Token> tokens;  // [N]
    const AttentionTrace* trace = nullptr;
    std::span<const Matrix> hidden;  // [layers + 1] of [N, hidden]; empty if the runner gives none
    int num_threads = 1;
};

struct HeadSample {
    HeadId id;
    std::size_t index = 0;           // in the HeadGrid
    std::span<const RowStats> rows;  // [N]
    std::span<const float> matrix;   // [N, N]
    std::span<const KeyRange> keys;  // [N] admissible keys; empty range: invalid row
};

class ValidationCheck {
  public:
    virtual ~ValidationCheck() = default;
    /// Called once per head and sequence, several heads at a time from several threads: write to this head's
    /// slot only.
    virtual void add_head(const SequenceSample&, const HeadSample&) {}
    /// After all heads of a sequence.
    virtual Status end_sequence(const SequenceSample&, const JobContext&) { return {}; }
    /// After all sequences, in the order of the parts; leaves what the scenarios need in `findings`.
    virtual Result<CheckReport> finish(ValidationFindings& findings, const JobContext& job) = 0;
};

struct ValidationCheckDescriptor {
    const char* id;        // "sanity"
    const char* title;     // as the document has it
    const char* formula;   // what is computed
    const char* document;  // the document's own rule
    const char* source;
    std::unique_ptr<ValidationCheck> (*make)(const ValidationSetup& setup);
};

/// The nine parts, in order.
std::span<const ValidationCheckDescriptor* const> validation_checks();

}  // namespace headlight
