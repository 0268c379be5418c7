#include "report/cause/circuit_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "report/cause/question_json.h"

namespace headlight {
namespace {

std::string list_line(const CircuitResult& result, const ScoredTokens& list) {
    std::string out;
    for (std::size_t i = 0; i < list.ids.size(); ++i)
        out += fmt::format("{}{} {:+.2f}", i == 0 ? "" : "  ", shown_token(*result.model, list.ids[i]),
                           list.scores[i]);
    return out;
}

void add_ranking(const CircuitResult& result, const char* high, const char* low, const TokenRanking& ranking,
                 std::string& out) {
    if (ranking.top.ids.empty()) return;
    out += fmt::format("    {:<18} {}\n    {:<18} {}\n", high, list_line(result, ranking.top), low,
                       list_line(result, ranking.bottom));
}

/// Later heads that read it through any input, by their strongest; as many as of one input.
std::vector<CompositionPartner> readers_of(const CompositionPartners& partners) {
    std::map<HeadId, double> best;
    for (const auto* list : {&partners.read_as_query, &partners.read_as_key, &partners.read_as_value})
        for (const CompositionPartner& partner : *list)
            best[partner.head] = std::max(best[partner.head], partner.score);
    std::vector<CompositionPartner> out;
    for (const auto& [head, score] : best)
        out.push_back({head, score});
    std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
    out.resize(std::min(out.size(), partners.read_as_query.size()));
    return out;
}

void add_partners(const CircuitResult& result, std::size_t index, std::string& out) {
    if (result.partners.empty()) return;
    const CompositionPartners& partners = result.partners[index];
    const auto line = [&](const char* label, const std::vector<CompositionPartner>& list) {
        if (list.empty()) return;
        out += fmt::format("    {:<18}", label);
        for (const CompositionPartner& partner : list)
            out += fmt::format(" {} {:+.3f}", partner.head.to_string(), partner.score - partners.baseline);
        out += "\n";
    };
    out += fmt::format("  composition, above what random matrices give ({:.3f}):\n", partners.baseline);
    line("query reads", partners.query);
    line("key reads", partners.key);
    line("value reads", partners.value);
    line("is read by", readers_of(partners));
}

Json scored_json(const CircuitResult& result, const ScoredTokens& list) {
    Json out = Json::array();
    for (std::size_t i = 0; i < list.ids.size(); ++i) {
        Json token = named_token_json(*result.model, list.ids[i]);
        token["score"] = list.scores[i];
        out.push_back(std::move(token));
    }
    return out;
}

Json ranking_json(const CircuitResult& result, const TokenRanking& ranking) {
    if (ranking.top.ids.empty()) return nullptr;
    return {{"top", scored_json(result, ranking.top)}, {"bottom", scored_json(result, ranking.bottom)}};
}

Json of_token_json(const CircuitResult& result, const CircuitOfToken& of) {
    return {{"writes", ranking_json(result, of.writes)},
            {"writes_specific", ranking_json(result, of.writes_specific)},
            {"looks_for", ranking_json(result, of.looks_for)}};
}

Json partners_json(const std::vector<CompositionPartner>& list, double baseline) {
    Json out = Json::array();
    for (const CompositionPartner& partner : list)
        out.push_back({{"layer", partner.head.layer},
                       {"head", partner.head.head},
                       {"score", partner.score - baseline}});
    return out;
}

Json head_json(const CircuitResult& result, std::size_t index) {
    Json tokens = Json::array();
    for (std::size_t t = 0; t < result.tokens.size(); ++t)
        tokens.push_back({{"token", named_token_json(*result.model, result.tokens[t])},
                          {"embedding", of_token_json(result, result.embedding.of[index][t])},
                          {"first_block", of_token_json(result, result.first_block.of[index][t])}});
    Json out{{"layer", result.heads[index].layer},
             {"head", result.heads[index].head},
             {"tokens", std::move(tokens)},
             {"context", nullptr},
             {"partners", nullptr}};
    if (!result.context.empty()) {
        const HeadInContext& in = result.context[index];
        out["context"] = {{"row", result.row},
                          {"key", in.key},
                          {"weight", in.weight},
                          {"writes", ranking_json(result, in.writes)},
                          {"looks_for", ranking_json(result, in.looks_for)}};
    }
    if (!result.partners.empty()) {
        const CompositionPartners& partners = result.partners[index];
        out["partners"] = {{"baseline", partners.baseline},
                           {"query", partners_json(partners.query, partners.baseline)},
                           {"key", partners_json(partners.key, partners.baseline)},
                           {"value", partners_json(partners.value, partners.baseline)},
                           {"readers", partners_json(readers_of(partners), partners.baseline)}};
    }
    return out;
}

}  // namespace

std::string circuit_text(const CircuitResult& result) {
    std::string out =
        "Read off the weights: what looking at a token writes (OV), what a token looks for (QK).\n";
    if (!result.why_no_writes.empty()) out += "No OV lists: " + result.why_no_writes + ".\n";
    for (std::size_t i = 0; i < result.heads.size(); ++i) {
        out += fmt::format("\n{}\n", result.heads[i].to_string());
        // The first block's states are what the head's layer is nearest to; layer 0 reads embeddings.
        const Circuits& circuits = result.heads[i].layer == 0 ? result.embedding : result.first_block;
        for (std::size_t t = 0; t < result.tokens.size(); ++t) {
            const CircuitOfToken& of = circuits.of[i][t];
            out += fmt::format("  {}\n", shown_token(*result.model, result.tokens[t]));
            add_ranking(result, "writes: promotes", "suppresses", of.writes, out);
            add_ranking(result, "particular to it", "least", of.writes_specific, out);
            add_ranking(result, "looks for", "avoids", of.looks_for, out);
        }
        if (!result.context.empty()) {
            const HeadInContext& in = result.context[i];
            const auto name = [&](int at) {
                return fmt::format("{} ({})", result.text.tokens[static_cast<std::size_t>(at)].display, at);
            };
            out +=
                fmt::format("  in the text: {} gives {} a weight of {:.3f}; per unit of weight, in logits:\n",
                            name(result.row), name(in.key), in.weight);
            add_ranking(result, "promotes", "suppresses", in.writes, out);
            add_ranking(result, "its query looks for", "avoids", in.looks_for, out);
        }
        add_partners(result, i, out);
    }
    out +=
        "\nOV scores over the vocabulary have units of their own for each head; deep layers never see these "
        "inputs as they are. Random weights also give lists.\n";
    return out;
}

Json circuit_json(const CircuitResult& result) {
    Json heads = Json::array();
    for (std::size_t i = 0; i < result.heads.size(); ++i)
        heads.push_back(head_json(result, i));
    return {{"model", result.model->spec.name},
            {"family", result.model->spec.family},
            {"why_no_writes", result.why_no_writes.empty() ? Json(nullptr) : Json(result.why_no_writes)},
            {"heads", std::move(heads)}};
}

}  // namespace headlight
