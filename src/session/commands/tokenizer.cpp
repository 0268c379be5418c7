#include "session/command_arguments.h"

namespace headlight {
namespace {

constexpr const char* kUsage = "tokenizer NUMBER|FILE";

Status run(CommandContext& context, std::span<const std::string> arguments) {
    HEADLIGHT_CHECK(check_count(arguments, 1, 1, kUsage));
    const Snapshot& now = context.session.snapshot();
    if (!now.model) return fail(ErrorKind::Missing, "no model is open");
    const std::vector<TokenizerChoice>& known = now.model->tokenizers;
    const std::string& word = arguments[0];
    if (word.find_first_not_of("0123456789") != std::string::npos) {
        context.session.use_tokenizer(with_home(word));
        return {};
    }
    HEADLIGHT_TRY(const int number, parse_integer(word, "NUMBER"));
    if (number < 0 || number >= static_cast<int>(known.size())) {
        return fail(ErrorKind::InvalidInput, "there is no tokenizer {}; {} has {}", number,
                    now.model->spec.name, known.size());
    }
    context.session.use_tokenizer(known[static_cast<std::size_t>(number)].file);
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_tokenizer = {
    "tokenizer",
    "Choose the tokenizer",
    "Reads the text with another tokenizer: one that lies with the model by its number, or a file.",
    kUsage,
    "",
    "File",
    true,
    run};

}  // namespace headlight
