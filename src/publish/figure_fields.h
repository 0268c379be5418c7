// The fields of a figure request: ONE table from which options of the command line, the recipe and the
// arguments of the window's command follow.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "publish/figure_request.h"

namespace headlight {

/// Which figures a field says something to; also the heading under which it is listed.
enum class FieldGroup {
    Model,    // which model, or stored attention
    Text,     // what it reads
    Head,     // one head, or some
    Row,      // one query
    Unit,     // tokens or words, and which of them
    Weights,  // which weights are shown
    Heads,    // how several heads are shown
    TopK,
    Change,  // replaced attention
    Question,
    Pair,   // the corrupted text
    Other,  // the other side of a comparison
    Lines,
    Flow,
    Metrics,
    Patching,
    Paths,
    Writing,
    Dilution,
    Print,
};
const char* heading(FieldGroup group);

struct FigureField {
    const char* name;   // "layer": --layer 3, "layer": "3"
    const char* value;  // "L"; empty: a switch, --dark, --dark=false
    FieldGroup group;
    const char* help;
    const char* choices;  // "fixed per-head"; empty: any
    double least, most;   // of numbers
    /// Errors: InvalidInput naming the option. A switch takes on and off.
    Status (*set)(const FigureField& field, FigureRequest& request, const std::string& words);
    /// The words that set() takes; empty: the value is not given.
    std::string (*words)(const FigureRequest& request);

    bool is_switch() const { return *value == 0; }
};

std::span<const FigureField> figure_fields();
/// Null: there is none of that name.
const FigureField* find_field(std::string_view name);

/// Fields with their words, as a panel or a recipe holds them.
using FieldWords = std::vector<std::pair<std::string, std::string>>;

/// Fields that differ from the defaults, in the order of the table.
FieldWords words_of(const FigureRequest& request);

/// Sets the fields. Errors: InvalidInput (an unknown field with the nearest name, a wrong value).
Status set_words(FigureRequest& request, const FieldWords& words);

/// "--layer 3 --no-title" as words that follow each other. Errors: InvalidInput.
Result<FieldWords> parse_options(std::span<const std::string> words);

/// Splits a line as a shell would: spaces, "double" and 'single' quotes, backslashes. Errors: InvalidInput
/// (an unclosed quote).
Result<std::vector<std::string>> split_words(std::string_view line);
/// One word as a shell takes it.
std::string shell_word(const std::string& word);
/// "--layer 3 --text 'two words'".
std::string option_line(const FieldWords& words);

}  // namespace headlight
