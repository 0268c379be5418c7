// One line a fact, and one for the tensors that differ only in their layer.
#include "report/inspection/inspection_text.h"

#include <fmt/format.h>

#include <map>

#include "base/quantities.h"

namespace headlight {
namespace {

std::string text_of(const Json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
}

/// Tensors that differ only in their layer number, as one line.
struct Group {
    std::string shape, dtype;
    std::size_t count = 0;
};

std::string tensor_table(const Json& tensors) {
    std::map<std::string, Group> groups;
    for (const Json& tensor : tensors) {
        const std::string key =
            name_pattern(tensor["name"]) + "\n" + tensor["shape"].dump() + text_of(tensor["dtype"]);
        Group& group = groups[key];
        group.shape = tensor["shape"].dump();
        group.dtype = text_of(tensor["dtype"]);
        ++group.count;
    }
    std::string out;
    for (const auto& [key, group] : groups) {
        const std::string name = key.substr(0, key.find('\n'));
        out += fmt::format("  {:<52} {:<16} {:<9}{}\n", name, group.shape, group.dtype,
                           group.count > 1 ? fmt::format(" x{}", group.count) : "");
    }
    return out;
}

std::string size_line(const Json& facts) {
    if (facts["layers"].is_null() || facts["heads"].is_null()) return {};
    std::string size = fmt::format("{} layers x {} heads", text_of(facts["layers"]), text_of(facts["heads"]));
    if (!facts["kv_heads"].is_null()) size += fmt::format(" ({} kv)", text_of(facts["kv_heads"]));
    if (!facts["hidden_size"].is_null()) size += fmt::format(", hidden {}", text_of(facts["hidden_size"]));
    if (!facts["vocab_size"].is_null()) size += fmt::format(", vocabulary {}", text_of(facts["vocab_size"]));
    if (!facts["max_positions"].is_null())
        size += fmt::format(", up to {} tokens", text_of(facts["max_positions"]));
    return size;
}

std::string prediction_line(const std::string& prediction) {
    if (prediction == "masked_token") return "masked tokens";
    return prediction == "next_token" ? "the next token" : "nothing (no language-model head)";
}

std::string dtype_line(const Json& dtypes) {
    std::string out;
    for (const auto& [name, count] : dtypes.items())
        out += fmt::format("{}{} ({} tensor{})", out.empty() ? "" : ", ", name, count.get<std::size_t>(),
                           count.get<std::size_t>() == 1 ? "" : "s");
    return out.empty() ? "none" : out;
}

template <class Line>
void add_tokenizer_lines(const Json& tokenizer, const Line& line) {
    line("tokenizer", tokenizer.contains("error")
                          ? text_of(tokenizer["error"])
                          : fmt::format("{}, {} ids, from {}", text_of(tokenizer["family"]),
                                        tokenizer["vocab_size"].get<int>(), text_of(tokenizer["source"])));
    const Json& choices = tokenizer["choices"];
    if (choices.size() < 2) return;
    for (const Json& choice : choices) {
        line("",
             fmt::format("{} {}", text_of(choice["label"]),
                         choice["is_default"].get<bool>() ? "(used)"
                                                          : "(--tokenizer " + text_of(choice["file"]) + ")"));
    }
}

std::string proposal_text(const Json& proposal) {
    std::string out =
        "This looks like a home-made transformer. A file headlight.json beside it opens it; put values in "
        "place of "
        "null (`inspect --propose headlight.json` writes it):\n";
    for (const Json& note : proposal["notes"])
        out += "  - " + text_of(note) + "\n";
    return out + proposal["description"].dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string name_pattern(const std::string& tensor_name) {
    std::string out;
    for (std::size_t i = 0; i < tensor_name.size();) {
        const bool starts_part = i == 0 || tensor_name[i - 1] == '.';
        std::size_t end = i;
        while (starts_part && end < tensor_name.size() && tensor_name[end] >= '0' && tensor_name[end] <= '9')
            ++end;
        if (end > i && (end == tensor_name.size() || tensor_name[end] == '.')) {
            out += '*';
            i = end;
        } else {
            out += tensor_name[i++];
        }
    }
    return out;
}

std::string inspection_text(const Json& facts, std::string_view known_families) {
    std::string out = fmt::format("{}\n", text_of(facts["path"]));
    const auto line = [&out](const char* name, const std::string& value) {
        out += fmt::format("  {:<12} {}\n", name, value);
    };
    line("format",
         fmt::format("{}, {} file{}, {}", text_of(facts["format"]), facts["files"].size(),
                     facts["files"].size() == 1 ? "" : "s", size_text(facts["size_bytes"].get<double>())));
    if (facts.contains("base_path")) line("adapter of", text_of(facts["base_path"]));
    line("config", facts["config_path"].is_null() ? "none found" : text_of(facts["config_path"]));
    const bool has_type = facts["model_type"].is_string();
    if (!facts["family"].is_null()) {
        line("family", text_of(facts["family"]) + " (supported)");
    } else if (has_type) {
        line("family", fmt::format("model_type '{}' is none of: {} (the engine decides by the whole config)",
                                   text_of(facts["model_type"]), known_families));
    }
    if (const std::string size = size_line(facts); !size.empty()) line("model", size);
    if (facts.contains("decoder_layers")) {
        line("decoder", fmt::format("{} layers x {} heads, with cross attention",
                                    text_of(facts["decoder_layers"]), text_of(facts["decoder_heads"])));
    }
    if (!facts["window"].is_null())
        line("window", text_of(facts["window"]) + " tokens, in the layers that have one");
    if (facts["prediction"].is_string())
        line("predicts", prediction_line(facts["prediction"].get<std::string>()));
    line("weights", dtype_line(facts["dtypes"]));
    line("parameters", fmt::format("{} in {} tensors", facts["stored_parameters"].get<std::int64_t>(),
                                   facts["tensors"].size()));
    if (facts.value("reads_pictures", false))
        line("tokenizer", "none: the model reads pictures (analyze --image FILE)");
    else
        add_tokenizer_lines(facts["tokenizer"], line);
    out += "tensors (* stands for the layer)\n" + tensor_table(facts["tensors"]);
    if (facts.contains("proposal")) out += "\n" + proposal_text(facts["proposal"]);
    return out;
}

}  // namespace headlight
