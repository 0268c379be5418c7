#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "knock_out QUERY KEY|LOW-HIGH|but KEY";

// A key, a range "2-5", or nullopt for "but" (the next word is the only key that stays).
Result<std::pair<int, int>> parse_keys(const CommandContext& context, const std::string& word) {
    const auto dash = word.find('-', 1);
    HEADLIGHT_TRY(const int first, parse_token(context, word.substr(0, dash), TokenAxis::Key, "KEY"));
    if (dash == std::string::npos) return std::pair{first, first};
    HEADLIGHT_TRY(const int last, parse_token(context, word.substr(dash + 1), TokenAxis::Key, "KEY"));
    if (first >= 0 && first <= last) return std::pair{first, last};
    return fail(ErrorKind::InvalidInput, "a range of keys runs upwards, got '{}'", word.substr(0, 60));
}

Status run(CommandContext& context, std::span<const std::string> arguments) {
    HEADLIGHT_CHECK(check_count(arguments, 2, 3, kUsage));
    const bool is_rest = arguments[1] == "but";
    HEADLIGHT_CHECK(check_count(arguments, is_rest ? 3 : 2, is_rest ? 3 : 2, kUsage));
    HEADLIGHT_TRY(int query, parse_token(context, arguments[0], TokenAxis::Query, "QUERY"));
    HEADLIGHT_TRY(const auto keys, parse_keys(context, arguments[is_rest ? 2 : 1]));
    Intervention change;
    change.mode = InterventionMode::KnockOut;
    HEADLIGHT_TRY(change.heads, selected_heads_of(context));
    const auto& text = context.session.snapshot().text;
    if (!text || !text->trace) return fail(ErrorKind::Missing, "no text was run yet");
    if (query < 0) query = text->trace->num_queries() - 1;
    const KeyRange seen = text->trace->admissible(change.heads.front().layer, query);
    for (int key = seen.begin; key < seen.end; ++key) {
        const bool is_named = key >= keys.first && key <= keys.second;
        if (is_named != is_rest) change.edges.push_back({query, key});
    }
    if (change.edges.empty()) {
        return fail(ErrorKind::InvalidInput, "token {} sees keys {} to {}: there is no such edge to cut",
                    query, seen.begin, seen.end - 1);
    }
    context.session.add_intervention(std::move(change));
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_knock_out = {"knock_out",
                                                      "Cut attention edges",
                                                      "Cuts edges of the chosen heads: one key, a range, or "
                                                      "all but one; the rest of the row is scaled up to 1.",
                                                      kUsage,
                                                      "",
                                                      "Analyse",
                                                      true,
                                                      run};

}  // namespace headlight
