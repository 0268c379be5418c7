// The nine-part report on the attention of a model: is it correct, interpretable, different from uniform, and
// does it help? Each part is an entry of checks/checks.def. A part measures in its sound form and says the
// document's own number beside.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "core/model_runner.h"
#include "core/model_spec.h"
#include "core/token.h"
#include "tokenize/tokenizer.h"

namespace headlight {

/// What stands before a line. Pass, Warn and Fail are counted; Fail is a critical issue.
enum class CheckMark { Plain, Pass, Info, Warn, Fail, NotApplicable };

/// "pass", "info", "warn", "fail", "not_applicable", "" for plain lines.
const char* to_string(CheckMark mark);

struct CheckLine {
    CheckMark mark = CheckMark::Plain;
    std::string name;  // "vs Uniform": what the summary calls it; empty for plain lines
    std::string text;
};

/// A number under a fixed name. Names that begin with `document_` are the document's own formula.
struct CheckNumber {
    std::string id;
    std::optional<double> value;
};

struct CheckTable {
    std::string id;  // "heads", "layers", "parameters"
    std::vector<std::string> columns;
    std::vector<std::vector<std::optional<double>>> rows;
    std::vector<std::string> row_names;  // empty, or one per row
};

struct CheckReport {
    int number = 0;  // 1..9
    std::string id, title;
    std::vector<CheckLine> lines;
    std::string meaning;  // one line
    std::vector<CheckNumber> numbers;
    std::vector<CheckTable> tables;
};

/// Numbers that the scenarios of the document are told from; absent where they could not be measured.
struct ValidationFindings {
    std::optional<double> spread, entropy, row_std;              // rho, entropy / uniform, document's row_std
    std::optional<double> query_variation, raw_query_variation;  // null-corrected; the document's
    std::optional<double> state_diversity;                       // D of the hidden states
    std::optional<double> loss, perplexity;
    std::optional<double> uniform_delta, uniform_low, uniform_high;  // nats a token
    std::optional<double> uniform_share;                             // of heads whose rho is below 0.2
};

struct ValidationRequest {
    std::vector<TokenizedText> sequences;  // all of one length
    std::string text_name;                 // "the built-in text", a file
    bool has_text = true;                  // false: random token ids, where losses and repeats say nothing
    std::uint64_t seed = 1;
    double gate_step = 0.05;    // delta of the head gates of part 8
    double gate_budget = 2e12;  // floating-point operations that part 8 may spend on them
    int num_threads = 0;        // 0: the machine's cores
};

struct ValidationReport {
    ModelSpec spec;
    std::string text_name;
    int num_sequences = 0, sequence_length = 0;
    std::vector<std::vector<std::int32_t>>
        ids;                          // of the sequences, so that others can repeat the measurement
    std::vector<CheckReport> checks;  // nine, in order
    int num_passed = 0, num_counted = 0;
    std::vector<std::string> critical;  // "vs Uniform: Nearly uniform (...)"
    ValidationFindings findings;
    std::string scenario;  // "healthy", "scenario_1" .. "scenario_3", "untrained", "unclear"
    std::string scenario_title;
    std::vector<std::string> reasons;     // numbers that led there
    std::vector<std::string> conclusion;  // first line: the verdict
    std::vector<std::string> advice;
    double seconds = 0;
};

/// Runs all nine parts. Errors: InvalidInput (no sequence, lengths that differ), Cancelled, the runner's.
Result<ValidationReport> validate_attention(ModelRunner& runner, const ValidationRequest& request,
                                            const JobContext& job);

/// Cuts a text into windows of `length` tokens, special tokens in front and behind as the tokenizer puts
/// them, at most `most` of them; a shorter text gives one window. Empty when the text has fewer than 2
/// tokens. Errors: those of Tokenizer::try_encode().
Result<std::vector<TokenizedText>> cut_windows(const Tokenizer& tokenizer, const std::string& text,
                                               int length, int most);

/// Sequences of random ids, for models without a tokenizer.
std::vector<TokenizedText> random_windows(int vocab_size, int length, int count, std::uint64_t seed);

/// A small English text of this project's own, for reports where none is named.
const std::string& validation_text();

/// p-values are claimed from this many sequences on.
inline constexpr int kLeastSequences = 12;

}  // namespace headlight
