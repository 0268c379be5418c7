#include <fmt/format.h>

#include "report/cause/patch_report.h"

namespace headlight {
namespace {

std::string effect_text(const PromptMean& value) {
    std::string out = fmt::format("{:+.3f}", value.mean);
    if (value.interval) out += fmt::format("  [{:+.3f}, {:+.3f}]", value.interval->low, value.interval->high);
    return out;
}

void add_pair(const ModelInfo& model, const std::vector<Prompt>& prompts, const std::vector<PatchPair>& pairs,
              std::string& out) {
    const Prompt& prompt = prompts.front();
    const PatchPair& pair = pairs.front();
    out += describe(prompt.question, model, prompt.tokens) + "\n";
    if (prompts.size() > 1) out += fmt::format("the first of {} pairs:\n", prompts.size());
    for (const auto& [label, metrics] : {std::pair{"clean", pair.clean}, {"corrupted", pair.corrupted}})
        out += fmt::format("  {:<10} difference {:+.4f}, P(answer) {:.2f} %, KL from clean {:.4f} nats\n",
                           label, metrics.difference, 100 * metrics.probability, metrics.kl);
    if (!prompt.source.tokens.empty())
        out += fmt::format("  the encoder reads:  {}\n  when corrupted:     {}\n", prompt.source.text,
                           prompt.corrupted_source.text);
    out += "  differ at:";
    for (std::size_t i = 0; i < prompt.tokens.tokens.size(); ++i)
        if (prompt.tokens.tokens[i].id != prompt.corrupted.tokens[i].id)
            out += fmt::format(" {} {}|{}", i, prompt.tokens.tokens[i].display,
                               prompt.corrupted.tokens[i].display);
    out += "\n";
}

void add_site(const PatchResult& result, const PatchSiteResult& site, int count, std::string& out) {
    const bool is_denoising = site.direction == PatchDirection::Denoise;
    out += fmt::format(
        "\n{}, {}\n", label_of(site.site),
        is_denoising ? "denoising: clean values put into the corrupted run; 0 nothing restored, 1 as clean"
                     : "noising: corrupted values put into the clean run; 1 nothing lost, 0 as corrupted");
    int shown = 0;
    for (const std::size_t index : site.ranking()) {
        if (shown == count || !site.effects[index]) break;
        ++shown;
        const PromptMean& effect = *site.effects[index];
        out += fmt::format("  {:<22} {}", cell_name(site.cells[index], result.prompts.front().tokens),
                           effect_text(effect));
        if (!is_denoising) out += fmt::format("  (destroyed {:+.3f})", 1 - effect.mean);
        out += "\n";
    }
    if (shown == 0) {
        out += "  no effect is defined: the two texts give the answer nearly the same logits\n";
        return;
    }
    out += fmt::format("  a cell of this map at random: {:.3f} (median), 95 % below {:.3f}, either way\n",
                       site.chance.median, site.chance.high);
}

void add_end(bool was_stopped, std::size_t num_prompts, std::string& out) {
    out +=
        "\nEffects of cells do not add up; restoring a value recovers a part of the gap between these "
        "prompts, "
        "no more is said.\n" +
        prompts_caveat(num_prompts, true) + "\n";
    if (was_stopped) out += "Stopped before all was measured.\n";
}

}  // namespace

std::string cell_name(const PatchCell& cell, const TokenizedText& tokens) {
    const std::string head = HeadId{cell.layer, cell.head}.to_string();
    if (cell.site == PatchSite::HeadPos) return fmt::format("{} at {}", head, cell.position);
    if (has_heads(cell.site)) return head;
    const auto at = static_cast<std::size_t>(cell.position);
    return fmt::format("layer {}, {} ({})", cell.layer,
                       at < tokens.tokens.size() ? tokens.tokens[at].display : "?", cell.position);
}

std::string patch_text(const PatchResult& result, int count) {
    std::string out;
    if (result.pairs.empty()) return "Stopped before anything was measured.\n";
    add_pair(*result.model, result.prompts, result.pairs, out);
    if (!result.warning.empty()) out += "Note: " + result.warning + "\n";
    for (const PatchSiteResult& site : result.sites)
        add_site(result, site, count, out);
    add_end(result.was_stopped, result.prompts.size(), out);
    return out;
}

std::string path_text(const PathResult& result, int count) {
    std::string out;
    if (result.pairs.empty()) return "Stopped before anything was measured.\n";
    add_pair(*result.model, result.prompts, result.pairs, out);
    const HeadGrid grid = explained_heads(result.model->spec);
    for (const PathMap& map : result.maps) {
        const std::string where = map.path.receiver
                                      ? fmt::format("{} by its {}", map.path.receiver->to_string(),
                                                    map.path.input == PathInput::Query ? "query"
                                                    : map.path.input == PathInput::Key ? "key"
                                                                                       : "value")
                                      : "the logits";
        out += fmt::format(
            "\nfrom each head straight to {}, feed-forward parts {}: share of the gap that is "
            "destroyed\n",
            where, map.path.freezes_mlps ? "fixed (residual edge only)" : "recomputed");
        int shown = 0;
        for (const std::size_t index : map.ranking()) {
            if (shown == count || !map.destroyed[index]) break;
            const PromptMean& destroyed = *map.destroyed[index];
            if (destroyed.mean == 0) break;  // no path
            ++shown;
            out += fmt::format("  {:<8} {}\n", grid.at(index).to_string(), effect_text(destroyed));
        }
        if (shown == 0) out += "  no head has a path there that changes the answer\n";
    }
    add_end(result.was_stopped, result.prompts.size(), out);
    return out;
}

}  // namespace headlight
