// The registry of commands, and how a line becomes a call.
#include "session/command.h"

#include <algorithm>
#include <array>

#include "base/nearest_word.h"
#include "session/command_arguments.h"

namespace headlight {

#define HEADLIGHT_COMMAND(name, ...) extern const CommandDescriptor k_command_##name;
#include "session/commands/commands.def"
#undef HEADLIGHT_COMMAND

namespace {

#define HEADLIGHT_COMMAND(name, ...) &k_command_##name,
const std::array kCommands = std::to_array<const CommandDescriptor*>({
#include "session/commands/commands.def"
});
#undef HEADLIGHT_COMMAND

bool is_space(char c) {
    return c == ' ' || c == '\t';
}

char escaped(char c) {
    switch (c) {
        case 'n':
            return '\n';
        case 't':
            return '\t';
        default:
            return c;  // \" and \\ stand for themselves, and so does any other
    }
}

// Reads the rest of a quoted piece; `at` stands behind the opening quote and ends behind the closing one.
Status read_quoted(std::string_view line, std::size_t& at, std::string& word) {
    for (; at < line.size(); ++at) {
        if (line[at] == '"') {
            ++at;
            return {};
        }
        if (line[at] == '\\' && at + 1 < line.size()) {
            word += escaped(line[++at]);
        } else {
            word += line[at];
        }
    }
    return fail(ErrorKind::InvalidInput, "a double quote is not closed: {}", line);
}

std::string quoted_word(const std::string& word) {
    std::string out = "\"";
    for (const char c : word) {
        if (c == '\r') continue;
        if (c == '"' || c == '\\') out += '\\';
        out += c == '\n' ? "\\n" : c == '\t' ? "\\t" : std::string(1, c);
    }
    return out + "\"";
}

Error unknown_command(const std::string& id) {
    std::vector<std::string> ids;
    for (const CommandDescriptor* command : commands())
        ids.emplace_back(command->id);
    const std::string near = nearest_word(id, ids);
    const std::string hint = near.empty() ? "the palette lists all of them" : "did you mean '" + near + "'?";
    return make_error(ErrorKind::InvalidInput, "there is no command '{}'; {}", id.substr(0, 60), hint);
}

}  // namespace

Result<std::vector<std::string>> split_words(std::string_view line) {
    std::vector<std::string> words;
    for (std::size_t at = 0; at < line.size();) {
        if (is_space(line[at])) {
            ++at;
            continue;
        }
        if (line[at] == '#') break;  // at the start of a word only: "a#b" is a word
        std::string word;
        while (at < line.size() && !is_space(line[at])) {
            if (line[at] == '"') {
                HEADLIGHT_CHECK(read_quoted(line, ++at, word));
            } else {
                word += line[at++];
            }
        }
        words.push_back(std::move(word));
    }
    return words;
}

std::span<const CommandDescriptor* const> commands() {
    return kCommands;
}

const CommandDescriptor* find_command(std::string_view id) {
    std::string name(id);
    std::replace(name.begin(), name.end(), '-', '_');  // "knock-out" is as good
    for (const CommandDescriptor* command : kCommands) {
        if (name == command->id) return command;
    }
    return nullptr;
}

Result<std::optional<CommandCall>> parse_command(std::string_view line) {
    HEADLIGHT_TRY(std::vector<std::string> words, split_words(line));
    if (words.empty()) return std::optional<CommandCall>();
    const CommandDescriptor* command = find_command(words.front());
    if (command == nullptr) return fail(unknown_command(words.front()));
    CommandCall call;
    call.id = command->id;
    call.arguments.assign(std::make_move_iterator(words.begin() + 1), std::make_move_iterator(words.end()));
    return std::optional<CommandCall>(std::move(call));
}

std::string command_line(const CommandCall& call) {
    std::string out = call.id;
    for (const std::string& word : call.arguments) {
        const bool is_plain = !word.empty() && word.find_first_of(" \t\r\n\"\\#") == std::string::npos;
        out += " " + (is_plain ? word : quoted_word(word));
    }
    return out;
}

Status run_command(CommandContext& context, const CommandCall& call) {
    const CommandDescriptor* command = find_command(call.id);
    if (command == nullptr) return fail(unknown_command(call.id));
    CommandContext own{context.session, context.shell, command->usage};
    HEADLIGHT_CHECK(check_count(own, call.arguments, command->arguments.least, command->arguments.most));
    return command->run(own, call.arguments);
}

}  // namespace headlight
