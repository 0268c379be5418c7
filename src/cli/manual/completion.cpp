#include "cli/manual/completion.h"

#include <cstring>

namespace headlight {

std::span<const CompletionShell> completion_shells() {
    static constexpr CompletionShell kAll[] = {
        {"bash", "bash-completion/completions/headlight", bash_completion},
        {"zsh", "zsh/site-functions/_headlight", zsh_completion},
        {"fish", "fish/vendor_completions.d/headlight.fish", fish_completion}};
    return kAll;
}

std::string short_help(const std::string& help, std::size_t most) {
    std::size_t characters = 0, last_space = 0;
    for (std::size_t i = 0; i < help.size(); ++i) {
        if ((static_cast<unsigned char>(help[i]) & 0xC0) == 0x80) continue;
        if (help[i] == ' ') last_space = i;
        if (++characters > most) {
            std::string cut = help.substr(0, last_space > 0 ? last_space : i);
            while (!cut.empty() && std::strchr(" ,;:(-", cut.back()) != nullptr)
                cut.pop_back();
            return cut + " …";
        }
    }
    return help;
}

std::string with_backslashes(const std::string& text, const char* special) {
    std::string out;
    for (const char c : text) {
        if (std::strchr(special, c) != nullptr) out += '\\';
        out += c;
    }
    return out;
}

}  // namespace headlight
