#include "report/inspection/session_report.h"

#include <fmt/format.h>

#include <algorithm>

namespace headlight {
namespace {

constexpr std::size_t kShownLineBytes = 200;

/// A text of a stranger on one line of a terminal, its beginning where it is long.
std::string one_line(std::string text) {
    const bool is_long = text.size() > kShownLineBytes;
    std::size_t end = std::min(text.size(), kShownLineBytes);
    while (is_long && end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
        --end;
    text.resize(end);
    std::replace_if(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; },
        ' ');
    return is_long ? text + " …" : text;
}

std::string heads_of_change(const Intervention& change) {
    std::string out;
    for (const HeadId head : change.heads)
        out += (out.empty() ? "" : ", ") + head.to_string();
    for (const int layer : change.mlp_layers)
        out += fmt::format("{}MLP {}", out.empty() ? "" : ", ", layer);
    return out;
}

}  // namespace

std::string session_text(const SavedSession& session, const std::string& path) {
    std::string out = fmt::format("session {} (written by version {})\n", path, one_line(session.program));
    const auto line = [&](const char* name, const std::string& value) {
        if (!value.empty()) out += fmt::format("  {:<16}{}\n", name, one_line(value));
    };
    line("model", session.path);
    line("tokenizer", session.tokenizer);
    line("atlas", session.atlas);
    line("training", session.training);
    line("text", session.text);
    line("decoder text", session.decoder_text);
    if (session.branches.tree)
        line("written", fmt::format("{} tokens in {} branches", session.branches.tree->size(),
                                    session.branches.tree->leaves().size()));
    const Selection& chosen = session.selection;
    line("chosen", fmt::format("{}, query {}, key {}, {} more heads", chosen.head.to_string(), chosen.query,
                               chosen.key, chosen.others.size()));
    if (session.interventions)
        for (const Intervention& change : *session.interventions)
            line("replaced", fmt::format("{}: {}", heads_of_change(change), label_of(change.mode)));
    if (session.question)
        line("question", fmt::format("at {}: token {}", session.question->at, session.question->answer));
    line("corrupted text", session.corrupted_text);
    if (session.comparison.with != "off")
        line("compared with", session.comparison.with + " " + session.comparison.other);
    line("workspace", session.settings.workspace);
    if (session.notes)
        for (const Note& note : *session.notes)
            line("note",
                 fmt::format("{} ({}): {}", note_target_words(note), to_string(note.color), note.words));
    return out;
}

}  // namespace headlight
