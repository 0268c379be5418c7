// Options as words: of a shell, of a command of the window, of --panel.
#include <fmt/format.h>

#include "publish/figure_fields.h"

namespace headlight {

Result<FieldWords> parse_options(std::span<const std::string> words) {
    FieldWords out;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        if (!word.starts_with("--"))
            return fail(ErrorKind::InvalidInput, "'{}' is no option; expected --NAME VALUE",
                        word.substr(0, 60));
        const std::size_t equal = word.find('=');
        std::string name = word.substr(2, equal == std::string::npos ? equal : equal - 2);
        const FigureField* const field = find_field(name);
        if (equal != std::string::npos) {
            out.emplace_back(std::move(name), word.substr(equal + 1));
        } else if (field != nullptr && field->is_switch()) {
            out.emplace_back(std::move(name), "on");
        } else if (field != nullptr && i + 1 == words.size()) {
            return fail(ErrorKind::InvalidInput, "--{} needs a value: {}", name, field->value);
        } else {
            // An unknown name is refused where it is set, with the nearest one.
            out.emplace_back(std::move(name), field != nullptr ? words[++i] : std::string());
            if (field == nullptr) break;
        }
    }
    return out;
}

Result<std::vector<std::string>> split_words(std::string_view line) {
    std::vector<std::string> out;
    bool is_in_word = false;
    char quote = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        const bool is_space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
        if (quote == 0 && is_space) {
            is_in_word = false;
            continue;
        }
        if (!is_in_word) out.emplace_back();
        is_in_word = true;
        if (quote == 0 && (c == '"' || c == '\'')) {
            quote = c;
        } else if (c == quote) {
            quote = 0;
        } else if (c == '\\' && quote != '\'' && i + 1 < line.size()) {
            out.back() += line[++i];
        } else {
            out.back() += c;
        }
    }
    if (quote != 0) return fail(ErrorKind::InvalidInput, "a quote is not closed: {}", line.substr(0, 80));
    return out;
}

std::string shell_word(const std::string& word) {
    const bool is_plain =
        !word.empty() && word.find_first_not_of(
                             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                             "_-+.,:/=@%") == std::string::npos;
    if (is_plain) return word;
    std::string out = "'";
    for (const char c : word) {
        if (c == '\'')
            out += "'\\''";
        else
            out += c;
    }
    return out + "'";
}

std::string option_line(const FieldWords& words) {
    std::string out;
    for (const auto& [name, value] : words) {
        const FigureField* const field = find_field(name);
        if (!out.empty()) out += ' ';
        out += "--" + name;
        if (field != nullptr && field->is_switch()) {
            if (value != "on") out += "=" + value;
        } else {
            out += (value.starts_with('-') ? "=" : " ") + shell_word(value);
        }
    }
    return out;
}

}  // namespace headlight
