// Prints docs/reference.md from the registries, so that the page never says what the program does not do.
#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdio>

#include "analysis/detector.h"
#include "analysis/metric.h"
#include "cli/subcommand.h"
#include "session/command.h"

namespace headlight {
namespace {

/// Text for a cell of a Markdown table: bars would end the cell.
std::string cell(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (c == '|') {
            out += "\\|";
        } else {
            out += c == '\n' ? ' ' : c;
        }
    }
    return out;
}

std::string number(double value) {
    return std::isinf(value) ? "∞" : fmt::format("{:g}", value);
}

void print_metrics() {
    std::printf(
        "\n## Metrics of a head\n\n"
        "Means over valid rows; statistics run over the keys that the mask allows, logarithms are natural. "
        "The\n"
        "reference is what the bar's tick shows.\n\n"
        "| id | shown as | unit | range | formula | reference | source |\n"
        "| --- | --- | --- | --- | --- | --- | --- |\n");
    for (const MetricDescriptor* metric : metrics()) {
        std::printf("| `%s` | %s | %s | %s to %s | %s | %s | %s |\n", metric->id, cell(metric->label).c_str(),
                    metric->unit, number(metric->min).c_str(), number(metric->max).c_str(),
                    cell(metric->formula).c_str(), cell(metric->reference_label).c_str(),
                    cell(metric->source).c_str());
    }
}

const char* kind_of(const DetectorDescriptor& detector) {
    switch (detector.kind) {
        case DetectorKind::Positional:
            return "positions";
        case DetectorKind::Content:
            return "tokens";
        case DetectorKind::Behaviour:
            return "behaviour (a scan's probe)";
    }
    return "";
}

void print_detectors() {
    std::printf(
        "\n## Detectors\n\n"
        "A detector is a set P of (query, key) pairs inside the mask. Score S: mean mass in P over the rows "
        "that P\n"
        "touches but does not fill. Null S0: the same for a head that spreads evenly. Lift S / S0, κ (S − "
        "S0) / (1 − S0).\n"
        "On one typed text a tag says what this text shows; the probe and `headlight scan` test it over "
        "sequences.\n\n"
        "| id | attends to | kind | threshold | definition | source |\n"
        "| --- | --- | --- | --- | --- | --- |\n");
    for (const DetectorDescriptor* detector : detectors()) {
        std::printf("| `%s` | %s | %s | %g | %s | %s |\n", detector->id, cell(detector->help).c_str(),
                    kind_of(*detector), detector->threshold, cell(detector->definition).c_str(),
                    cell(detector->source).c_str());
    }
}

void print_units() {
    std::fputs(R"(
## Words, sentences and lines

`analyze --by word|sentence|line`, in the window `unit` (U), makes rows and columns of units: W_ab is the mean over the tokens i of a of the
sum over the tokens j of b of A_ij (Clark et al. 2019), so rows sum to 1 where the tokens' do; `--from-group last` takes the row of a's last
token in place of the mean. Pictures, lists, flow, metrics and tags are then of these rows: nothing is averaged from what was said of tokens.
The even head is gathered alike, U_ab = mean over i of |b ∩ K_i| / n_i; it is no 1 / n, so it is the reference of each metric and the null of each
detector, and `entropy_normalized` is H(W_a) / H(U_a), which may exceed 1. Weights shown (no sink, × value, as written, effect) are made on tokens
and then gathered: an effect of a word is the sum over its keys and the mean over its queries. `kl_from_uniform`, `kl_normalized` and
`softmax_gate` are not defined there. What a model is asked (questions, predictions, lens, patching, cut edges, comparisons with another run) stays
on tokens; of a word it is the last one.

A word is the tokens that overlap a word of ICU's (Unicode annex 29; Chinese, Japanese, Thai, Lao, Khmer and Burmese by dictionaries), so bytes of
one character stay together; special tokens are words of their own, and what stands between words belongs to the token that it is in. Where a
text looks like a program (half of its lines show two signs of one: a keyword at the start, an end in `; { } ( [ : , )`, an operator, a
call or access written together, an indentation) words are identifiers with their underscores and digits, numbers and operators. Sentences are
ICU's, and end where lines do. In tags a word's rarity is that of its rarest piece, and two words are the same whatever their case.

Detectors that are not asked between units, and why:

)",
               stdout);
    for (const TextUnit coarsest : {TextUnit::Token, TextUnit::Word, TextUnit::Sentence}) {
        for (const DetectorDescriptor* detector : detectors()) {
            if (detector->coarsest != coarsest) continue;
            std::printf("* `%s`: between %ss at most; %s\n", detector->id, to_string(coarsest),
                        detector->why_no_coarser);
        }
    }
}

void print_commands() {
    std::printf(
        "\n## Commands of the window\n\n"
        "The palette (`Ctrl+P`), the menus, keys and `headlight open --script FILE` (one command a line) "
        "share them.\n"
        "A command that fails ends the script with exit code 1; with `--keep-going` the rest runs first.\n\n"
        "| id | usage | key | what it does |\n"
        "| --- | --- | --- | --- |\n");
    for (const CommandDescriptor* command : commands()) {
        std::printf("| `%s` | `%s` | %s | %s |\n", command->id, cell(command->usage).c_str(),
                    command->shortcut, cell(command->help).c_str());
    }
}

void print_views() {
    std::fputs(R"(
## Workspaces and views

`workspace ID` (Ctrl+1, Ctrl+2, ... in this order) arranges the cards for a question; model, text, selection and undo stay: `look` (where do
heads look), `cause` (what do they do to the answer), `compare` (how do two runs differ), `write` (what happens
while it writes), `search` (which head does this), `study` (what holds beyond this text). Values are
computed when a card that shows them is.

While the window gets smaller, dim texts go first, then switches become chips, then one `…` menu; below 1440 × 820 units the right column is
a row of tabs, below 1000 units of width the left one joins it, below 720 × 480 one column with tabs is left (Ctrl+Tab). A double click on a
card's title fills the window with it. Tab and Shift+Tab walk through all that can be pressed, Enter presses it, F10 opens the menus, Escape
closes what is open, else cancels what runs. What was open comes back at the next start, as a saved session would ([sessions.md](sessions.md));
zoom and scroll do not.

The card of the chosen head has three forms (`form`, M; keys 1, 2, 3). *Matrix*: query by key; the wheel zooms, dragging pans. *Lines*: tokens
twice, a curve from query to key, a colour for each of up to eight chosen heads; drawn are the fewest keys that hold a share of each row
(`line_share`), largest first, without the sink, whose share of each row stands at the left; dashed curves are values below zero. The
wheel scrolls, Ctrl+wheel zooms, a click chooses the query at the left and the key at the right. *q·k*: the chosen query against every key,
dimension by dimension after positions, then q·k, times the scale, with bias and cap where a model has them, and the weight; rotating
dimensions stand in pairs under their wavelength in tokens, the bars over them are their shares of the variance of the head's scores, and a
click on one sorts the keys by it. `thumbnails lines` draws the grid's heads as lines.

`view ID` shows one, in the open workspace or in the first that holds it: `head_grid` (every head), `text_box` (text and tokens), `heatmap` (the chosen
head), `picture` (what a token of an image model attends to, on the picture; [pictures.md](pictures.md)), `flow` (across layers), `question` (what is asked), `parts` (every part by its effect), `contributions` (the same, ranked), `lens` (states read
with the last head), `circuit` (what a head writes and looks for), `patching` (values of one text in another), `paths` (direct paths from the answer
back), `head_map` (heads by likeness), `heads_table` (every head with every metric), `dilution` (what rows give to a fact over context lengths),
`training` (metrics over steps), `metrics`, `tags`
(patterns and the probe), `top_k` (most attended keys, predictions), `ablation` (what replaced attention costs),
`parity` (how far each layer is from a reference file), `compare_grid` (every head by divergence), `compare_texts` (A and B with their
tokens aligned), `compare_head` (a head in A, B and the difference), `compare_row` (a row of both), `compare_heads` (most changed heads),
`compare_metrics` and `compare_predictions` (metrics and next tokens of both), `written` (written tokens, what else was likely, branches),
`written_rows` (the rows that wrote them), `time_bar` (the bar through time), `next_tokens` (what was likely at a step), `made_from` (what a
token was made from), `sampling` (how tokens are chosen), `search_draw` (the drawing or the rule that heads are
compared with), `search_head` (the best of them under it), `search_results` (all, with nulls), `saved_rules` (detectors of your own,
[searching.md](searching.md)), `notes` (what you wrote on heads and cells, [sessions.md](sessions.md)), `atlas` (what a scan found), `status` (what was measured
and how).
)",
               stdout);
}

void print_expressions() {
    std::fputs(R"(
## Expressions about heads

`find_heads`, the filter of `heads_table` and `headlight analyze --where` take the same: `induction and layer < 8 and entropy < 1`,
`previous_token or first_token_mass > .5`, `not sink and (L5H3 or induction.lift > 4)`. A detector's id holds where the head has that tag
(in the window the atlas's, where one is open), `sink` is short for `first_token`, `tagged` means any, `L5H3` one head. Numbers are `layer`, `head`, the id of a
metric, or a detector's `.score`, `.null`, `.lift`, `.kappa`, `.argmax_rate`, `.q` on this text; they are compared by `<` `<=` `>` `>=` `=` `!=`, also in chains
(`2 <= layer < 8`), with numbers (`.5`, `50%`) or with each other. `not` binds closest, then `and`, then `or`. A head whose value does not exist matches neither a
comparison nor its `not`.
)",
               stdout);
}

Status print_reference() {
    std::printf("# Reference\n\nWritten by `headlight reference` from the program's registries.\n");
    print_metrics();
    print_detectors();
    print_units();
    print_commands();
    print_expressions();
    print_views();
    return {};
}

std::function<Status()> add(CLI::App&) {
    return print_reference;
}

}  // namespace

extern const SubcommandDescriptor k_subcommand_reference = {
    "reference", "Every metric, detector and window command with formula and source, as Markdown",
    "  headlight reference > docs/reference.md", add};

}  // namespace headlight
