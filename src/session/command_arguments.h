// What the commands share: reading arguments, switches with a few choices, moves of the selection.
#pragma once

#include <initializer_list>
#include <string>

#include "base/result.h"
#include "session/command.h"

namespace headlight {

/// Errors: InvalidInput quoting the usage when there are fewer than `least` or more than `most` arguments.
Status check_count(const CommandContext& context, Arguments arguments, std::size_t least, std::size_t most);

/// A whole number. Errors: InvalidInput naming `what`.
Result<int> parse_integer(const std::string& word, const char* what);
/// A finite number in [min, max]. Errors: InvalidInput naming `what` and the range.
Result<double> parse_number(const std::string& word, const char* what, double min, double max);
struct HeadCounts {
    int layers = 0, heads = 0;
};
/// Of the model. Errors: Missing when nothing is open.
Result<HeadCounts> head_counts(const CommandContext& context);
/// Every head of layers [begin, end).
std::vector<HeadId> heads_of_layers(int begin, int end, int num_heads);
/// The chosen head and those added to it. Errors: as head_counts.
Result<std::vector<HeadId>> selected_heads_of(const CommandContext& context);
/// uniform, local, previous, first, identity, zero or mean. Errors: InvalidInput naming them.
Result<InterventionMode> parse_ablation_mode(const std::string& word);

/// LAYER HEAD inside the sizes of what is shown (unchecked while that is on its way).
Result<HeadId> parse_head(const CommandContext& context, Arguments arguments);
/// Index of a token, "last" (-1) or "none" (-1); token lists differ in cross attention. Errors: InvalidInput
/// when there is no such token.
Result<int> parse_token(const CommandContext& context, const std::string& word, TokenAxis axis,
                        const char* what);
/// The same of what the window shows: tokens, words, sentences or lines.
Result<int> parse_unit(const CommandContext& context, const std::string& word, TokenAxis axis,
                       const char* what);

/// One of `choices`; no argument gives the choice after `current`. Errors: InvalidInput naming the choices.
Result<std::string> parse_choice(const CommandContext& context, Arguments arguments,
                                 std::initializer_list<const char*> choices, const std::string& current);
/// The same for a setting that holds one of the choices. Errors: as parse_choice.
Status choose_setting(CommandContext& context, Arguments arguments, std::string Settings::*setting,
                      std::initializer_list<const char*> choices);

/// `none`, the id of a metric or detector, or kEdgeTint. Errors: InvalidInput with the nearest id.
Result<std::string> parse_metric(const std::string& word, const char* none);

/// "~/models" as a shell would read it.
std::string with_home(const std::string& path);

/// The words again as one text, with single spaces between them.
std::string join(Arguments arguments);

/// Moves the chosen head; steps over the end of a layer go on in the next one. Errors: Missing when nothing
/// is shown.
Status move_head(CommandContext& context, int layer_step, int head_step);

}  // namespace headlight
