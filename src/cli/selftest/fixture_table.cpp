#include "cli/selftest/fixture_table.h"

namespace headlight {
namespace {

std::string number(const std::optional<double>& value) {
    return value ? fmt::format("{:.1e}", *value) : "–";
}

void add_table(std::string& out, const std::vector<FixtureRow>& rows, const char* part, const char* first,
               const char* second) {
    out +=
        fmt::format("| {} | {} | layers | attention, largest | attention, mean | hidden states | logits |\n",
                    first, second);
    out += "| --- | --- | --- | --- | --- | --- | --- |\n";
    for (const FixtureRow& row : rows) {
        if (row.part != part) continue;
        if (!row.is_good && !row.attention) {
            out += fmt::format("| {} | {} | not opened: {} | | | | |\n", row.name, row.kind, row.detail);
            continue;
        }
        out += fmt::format("| {} | {} | {} | {}{} | {} | {} | {} |\n", row.name, row.kind, row.num_layers,
                           number(row.attention), row.is_good ? "" : " (departs)", number(row.mean_attention),
                           number(row.hidden), number(row.logits));
    }
    out += "\n";
}

}  // namespace

const std::vector<FixturePart>& fixture_parts() {
    static const std::vector<FixturePart> parts = {
        {"models", "", check_fixture_models, "attention within 2e-05 of the reference"},
        {"formats", "formats/formats.json", check_fixture_formats, "the attention of their reference"},
        {"dumps", "dumps/dumps.json", check_fixture_dumps, "the attention that they were made from"},
        {"tokenizers", "", check_fixture_tokenizers, "every id and offset of the reference"},
        {"hostile", "hostile/hostile.json", check_fixture_hostile, "refused with a clear message"},
    };
    return parts;
}

std::string short_error(const Error& error) {
    std::string text = error.message.substr(0, error.message.find('\n'));
    if (!error.tensor.empty()) text += " (" + error.tensor + ")";
    return text.size() > 160 ? text.substr(0, 157) + "..." : text;
}

std::string fixture_markdown(const std::vector<FixtureRow>& rows, const std::string& engine) {
    std::string out = fmt::format(
        "Measured with {}. Attention: absolute difference; hidden states and logits: largest "
        "difference over the largest value.\n\n",
        engine);
    add_table(out, rows, "models", "model", "family");
    add_table(out, rows, "formats", "file", "format");
    return out;
}

}  // namespace headlight
