#include "tokenize/chat/chat_turns.h"

#include <algorithm>
#include <sstream>

#include "io/json_file.h"
#include "tokenize/text/white_space.h"

namespace headlight {
namespace {

using nlohmann::ordered_json;

constexpr const char* kWhere = "the turns";
constexpr const char* kRoles[] = {"system", "user", "assistant", "tool", "developer"};
constexpr const char* kThoughts[] = {"reasoning_content", "thinking", "reasoning"};

std::string without_spaces_around(std::string_view text) {
    text = text.substr(0, before_white_space(text));
    return std::string(text.substr(past_white_space(text)));
}

/// The role that a line begins with; empty: none.
std::string role_of_line(std::string_view line) {
    for (const std::string_view role : kRoles) {
        if (line.size() <= role.size() || line[role.size()] != ':') continue;
        const bool is_first = line[0] == role[0] || line[0] == role[0] - 'a' + 'A';
        if (is_first && line.substr(1, role.size() - 1) == role.substr(1)) return std::string(role);
    }
    return {};
}

Result<ordered_json> turns_of_lines(const std::string& text) {
    ordered_json turns = ordered_json::array();
    std::string role, content, before;
    const auto finish = [&] {
        if (!role.empty()) turns.push_back({{"role", role}, {"content", without_spaces_around(content)}});
    };
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (const std::string next = role_of_line(line); !next.empty()) {
            finish();
            role = next;
            content = line.substr(next.size() + 1);
        } else {
            (role.empty() ? before : content) += "\n" + line;
        }
    }
    finish();
    before = without_spaces_around(before);
    if (turns.empty() && !before.empty()) turns.push_back({{"role", "user"}, {"content", before}});
    if (turns.size() > 0 && !before.empty() && !role.empty())
        return fail(ErrorKind::InvalidInput,
                    "'{}' stands in front of the first turn: begin each with a line 'user:', 'assistant:' or "
                    "'system:'",
                    before.substr(0, 60));
    return turns;
}

/// As the reference hands a turn to a template.
ordered_json plain_turn(const ordered_json& turn) {
    ordered_json out = ordered_json::object();
    const ordered_json* thought = nullptr;
    for (const char* key : kThoughts)
        if (thought == nullptr && turn.contains(key) && !turn[key].is_null()) thought = &turn[key];
    if (thought != nullptr) out["thinking"] = *thought;
    for (const auto& [key, value] : turn.items())
        if (!value.is_null()) out[key] = value;
    if (thought != nullptr) out["reasoning_content"] = *thought;
    return out;
}

}  // namespace

Result<ordered_json> read_chat_turns(const std::string& text) {
    const std::size_t begin = past_white_space(text);
    const bool is_json = begin < text.size() && (text[begin] == '[' || text[begin] == '{');
    ordered_json names = ordered_json::object(), turns;
    if (is_json) {
        HEADLIGHT_TRY(turns, parse_ordered_json(text, kWhere));
        if (turns.is_object()) {
            names = std::move(turns);
            turns = names.value("messages", ordered_json());
        }
    } else {
        HEADLIGHT_TRY(turns, turns_of_lines(text));
    }
    if (!turns.is_array())
        return fail(
            ErrorKind::Corrupt,
            "expected turns: a list [{{\"role\": ..., \"content\": ...}}], or an object with one under "
            "\"messages\"");
    if (turns.empty()) return fail(ErrorKind::InvalidInput, "there is no turn to put into the chat template");
    names["messages"] = ordered_json::array();
    for (const ordered_json& turn : turns) {
        if (!turn.is_object() || !turn.contains("role"))
            return fail(ErrorKind::Corrupt, "turn {} is no object with a \"role\"",
                        names["messages"].size() + 1);
        names["messages"].push_back(plain_turn(turn));
    }
    return names;
}

}  // namespace headlight
