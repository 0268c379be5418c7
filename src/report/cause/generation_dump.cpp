#include "report/cause/generation_dump.h"

#include <algorithm>
#include <numeric>

namespace headlight {
namespace {

constexpr std::size_t kLikeliest = 20;

/// The whole distribution, and its likeliest tokens.
void add_distribution(const std::string& name, const std::vector<double>& p, TensorFile& file) {
    std::vector<std::int32_t> ids(p.size());
    std::iota(ids.begin(), ids.end(), 0);
    const std::size_t count = std::min(kLikeliest, ids.size());
    std::partial_sort(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(count), ids.end(),
                      [&](std::int32_t a, std::int32_t b) {
                          const double left = p[static_cast<std::size_t>(a)],
                                       right = p[static_cast<std::size_t>(b)];
                          return left != right ? left > right : a < b;
                      });
    ids.resize(count);
    std::vector<float> top;
    for (const std::int32_t id : ids)
        top.push_back(static_cast<float>(p[static_cast<std::size_t>(id)]));
    file.add(name, {static_cast<std::int64_t>(p.size())}, std::vector<float>(p.begin(), p.end()));
    file.add(name + ".top_ids", {static_cast<std::int64_t>(count)}, ids);
    file.add(name + ".top", {static_cast<std::int64_t>(count)}, top);
}

}  // namespace

void add_generation(const GeneratedText& text, std::size_t prompt_length, const SamplingSettings& settings,
                    bool has_processors, TensorFile& file) {
    file.add("gen.ids", {static_cast<std::int64_t>(text.ids.size())}, text.ids);
    if (!has_processors) return;
    const std::span seen(text.ids.data(), prompt_length);
    const auto add = [&](const char* name, const SamplingSettings& alone) {
        add_distribution(std::string("gen.probs.") + name,
                         sampling_probabilities(text.prompt_logits, seen, alone), file);
    };
    add("repetition_penalty", {.repetition_penalty = settings.repetition_penalty});
    add("temperature", {.temperature = settings.temperature});
    add("top_k", {.top_k = settings.top_k});
    add("top_p", {.top_p = settings.top_p});
    add("min_p", {.min_p = settings.min_p});
    add("all", settings);
}

}  // namespace headlight
