// `selftest --fixtures`: everything that the program opens, against what the reference library gave for it.
// One function per part of the folder; each calls back row by row, so that the table grows while it works.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "core/engine.h"

namespace headlight {

struct FixtureRow {
    std::string part;  // "models", "tokenizers", "formats", "dumps", "hostile"
    std::string name;
    std::string kind;  // family of model or tokenizer, format; empty if it could not be opened
    bool is_good = false;
    std::string measure;  // what was measured, short: "1.2e-07", "19 of 19"
    std::string detail;   // why it failed, or what more there is to say
    // Models and formats alone.
    std::optional<double> attention, mean_attention, hidden, logits;
    std::size_t num_layers = 0;  // of all kinds that were compared
};

struct FixtureWork {
    Engine& engine;
    std::string folder;  // that holds models/, tokenizers/, ...
    const JobContext& job;
    std::string device;  // where models run
    std::function<void(FixtureRow)> add;
};

/// models/: each with config.json and, where it is there, with config.v4.json.
Status check_fixture_models(const FixtureWork& work);
/// tokenizers/ and the tokenizers of models/: ids and offsets of every text of cases.json.
Status check_fixture_tokenizers(const FixtureWork& work);
/// formats/formats.json: the attention of the reference that it names.
Status check_fixture_formats(const FixtureWork& work);
/// dumps/dumps.json: the attention of the model that they were made from.
Status check_fixture_dumps(const FixtureWork& work);
/// hostile/hostile.json: each opened by the program in a process of its own.
Status check_fixture_hostile(const FixtureWork& work);

struct FixturePart {
    const char* id;
    const char* list;  // file or folder that must be there for the part to run
    Status (*check)(const FixtureWork& work);
    const char* meaning;  // of its good rows, for the last line
};

/// In the order of the table.
const std::vector<FixturePart>& fixture_parts();

/// A model against a reference file: fills numbers, family and state of `row`. Errors go into the row.
void compare_with_reference(const FixtureWork& work, const OpenModelRequest& request,
                            const std::string& reference, double tolerance, FixtureRow& row);

/// First line of an error, shortened for a table.
std::string short_error(const Error& error);

/// Tables of models and formats for docs/parity.md.
std::string fixture_markdown(const std::vector<FixtureRow>& rows, const std::string& engine);

}  // namespace headlight
