// Dilution: the same target sentence behind growing filler, and what its rows still give to a fact.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/dilution/dilution_values.h"
#include "core/head_grid.h"
#include "core/model_spec.h"
#include "core/token.h"

namespace headlight {

/// Two experiments: where the fact stands.
enum class FactPlace {
    Start,  // before all filler: its distance grows with the context
    Near    // just before the target: its distance stays
};
/// "start", "near".
const char* to_string(FactPlace place);
/// "fact at the start: its distance grows".
const char* describe(FactPlace place);

struct DilutionRequest {
    std::string text;  // the target; where there is no tokenizer a list of ids, as fact and filler
    std::vector<std::int32_t> ids;  // in place of the text
    std::string fact;               // "": none, and nothing is said of one
    std::vector<int> lengths;       // tokens of the whole context
    std::vector<FactPlace> places = {FactPlace::Start};
    std::vector<std::string> fillers;  // texts; none: the bundled one
    int num_slices = 3;                // contexts a length, each with other filler
    int last = 16;                     // keys that count as the last
};
inline constexpr std::size_t kMostDilutionLengths = 32;
inline constexpr int kLeastSlices = 3, kMostSlices = 64, kMostDilutionTokens = 1 << 20;

/// A head at one length: means over the contexts, each the mean over the target's rows.
struct DilutionPoint {
    DilutionValues mean, null, deviation;  // null: of a uniform head; deviation over the contexts
};

struct DilutionLength {
    int length = 0;
    bool is_beyond = false;                      // longer than the positions that the model was made for
    std::optional<double> loss, loss_deviation;  // of the target's tokens, nats a token; none where the model
                                                 // predicts no next token
    std::vector<DilutionPoint> heads;            // [HeadGrid]; absent layers have no values
};

struct DilutionExperiment {
    FactPlace place = FactPlace::Start;
    std::vector<DilutionLength> lengths;  // ascending
};

struct DilutionResult {
    ModelSpec spec;
    HeadGrid grid;
    TokenizedText target, fact;
    int num_slices = 0, last = 0;
    int trained_length = 0;          // positions in the config; 0: no limit known
    bool has_begin = false;          // a begin token stands first; else the filler's first token does
    std::vector<std::string> notes;  // what a reader of the numbers must know
    std::vector<DilutionExperiment> experiments;
};

/// What becomes of a head's attention to the fact; nullopt: there is no fact, or the layer has no attention.
std::optional<FactChange> fact_change(const DilutionExperiment& experiment, std::size_t head);

struct RankedHead {
    HeadId head;
    FactChange change;
};
/// Heads that see the fact in the shortest context: those that hold on first, then by their lift at the
/// longest, largest first.
std::vector<RankedHead> ranked_heads(const DilutionResult& result, const DilutionExperiment& experiment);

/// Doubling from 64 up to `most`, and `most` itself where it is no such number: what is measured when nobody
/// says.
std::vector<int> usual_lengths(const ModelSpec& spec, int least, int most);

/// Rotation angles depend on the length of the whole text (dynamic NTK, LongRoPE).
bool rotates_by_length(const ModelSpec& spec);

}  // namespace headlight
