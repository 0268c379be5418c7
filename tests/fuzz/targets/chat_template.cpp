// Chat templates: a hostile one ends in an error, in bounded time and memory.
#include "base/mapped_file.h"
#include "fuzz/fuzz_target.h"
#include "tokenize/jinja/interpreter.h"

namespace headlight::fuzz {
namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 20;

Status read(const std::string& path) {
    HEADLIGHT_TRY(const std::string source, read_text_file(path, kMostBytes));
    const nlohmann::ordered_json names = {
        {"messages",
         {{{"role", "system"}, {"content", "Be brief."}},
          {{"role", "user"}, {"content", "Straße 1, \"日本\"?"}},
          {{"role", "assistant"},
           {"content", "No."},
           {"tool_calls", {{{"name", "f"}, {"arguments", {{"x", 1.5}}}}}}}}},
        {"tools", nullptr},
        {"bos_token", "<s>"},
        {"add_generation_prompt", true}};
    try {
        jinja::render(source, names);
    } catch (const jinja::Fault& fault) {
        return fail(make_error(ErrorKind::InvalidInput, "{}", fault.what()).in_file(path));
    }
    return {};
}

}  // namespace

extern const FuzzTarget k_fuzz_chat_template = {"chat_template", "chat_template.jinja", read};

}  // namespace headlight::fuzz
