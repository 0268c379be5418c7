#include "report/cause/generation_dump.h"

namespace headlight {

void add_generation(const GeneratedText& text, std::size_t prompt_length, const SamplingSettings& settings,
                    bool has_processors, TensorFile& file) {
    file.add("gen.ids", {static_cast<std::int64_t>(text.ids.size())}, text.ids);
    if (!has_processors) return;
    const std::span seen(text.ids.data(), prompt_length);
    const auto add = [&](const char* name, const SamplingSettings& alone) {
        const std::vector<double> p = sampling_probabilities(text.prompt_logits, seen, alone);
        file.add(std::string("gen.probs.") + name, {static_cast<std::int64_t>(p.size())},
                 std::vector<float>(p.begin(), p.end()));
    };
    add("repetition_penalty", {.repetition_penalty = settings.repetition_penalty});
    add("temperature", {.temperature = settings.temperature});
    add("top_k", {.top_k = settings.top_k});
    add("top_p", {.top_p = settings.top_p});
    add("min_p", {.min_p = settings.min_p});
    add("all", settings);
}

}  // namespace headlight
