// What the model wrote, in a session file.
#include <climits>

#include "base/utf8.h"
#include "io/domain_json.h"
#include "run/saved/session_parts.h"

namespace headlight {
namespace {

constexpr std::size_t kMostLikeliest = 100, kMostParts = 1000, kMostPartNameBytes = 200;
constexpr std::size_t kMostSavedTokens = std::size_t{1} << 21;
constexpr const char* kScopeWords[] = {"all", "layer", "head"};

std::optional<MadeFromScope> made_from_scope(const std::string& word) {
    for (const MadeFromScope scope : {MadeFromScope::AllHeads, MadeFromScope::Layer, MadeFromScope::Head}) {
        if (word == kScopeWords[static_cast<std::size_t>(scope)]) return scope;
    }
    return std::nullopt;
}

SessionJson settings_of_writing(const WritingSettings& settings) {
    return {{"temperature", settings.sampling.temperature},
            {"top_k", settings.sampling.top_k},
            {"top_p", settings.sampling.top_p},
            {"min_p", settings.sampling.min_p},
            {"repetition_penalty", settings.sampling.repetition_penalty},
            {"seed", settings.seed},
            {"max_new_tokens", settings.max_new_tokens},
            {"stop_at_end", settings.stops_at_end}};
}

void read_settings_of_writing(JsonFields& fields, WritingSettings& out) {
    fields.number("temperature", 0, 100, out.sampling.temperature);
    fields.count("top_k", 0, INT_MAX, out.sampling.top_k);
    fields.number("top_p", 0, 1, out.sampling.top_p);
    fields.number("min_p", 0, 1, out.sampling.min_p);
    fields.number("repetition_penalty", 1e-3, 1e3, out.sampling.repetition_penalty);
    fields.count("seed", 0, INT64_MAX, out.seed);
    fields.count("max_new_tokens", 1, kMostTokensAtOnce, out.max_new_tokens);
    fields.flag("stop_at_end", out.stops_at_end);
}

SessionJson step_json(const WritingTree& tree, int node) {
    const WrittenStep& step = tree.step(node);
    SessionJson out = {
        {"parent", tree.parent(node)}, {"id", step.token.id}, {"probability", step.token.probability}};
    if (step.token.own_probability) out["own_probability"] = *step.token.own_probability;
    for (const TokenPrediction& likely : step.token.likeliest)
        out["likeliest"].push_back(SessionJson::array({likely.id, likely.probability}));
    if (step.token.is_end) out["is_end"] = true;
    if (step.is_chosen) out["is_chosen"] = true;
    return out;
}

void read_likeliest(JsonFields& fields, std::vector<TokenPrediction>& out) {
    const auto* list = fields.list("likeliest", kMostLikeliest);
    for (std::size_t i = 0; list && i < list->size(); ++i) {
        const nlohmann::json& entry = (*list)[i];
        const bool is_pair =
            entry.is_array() && entry.size() == 2 && entry[0].is_number_integer() && entry[1].is_number();
        const auto id = is_pair ? entry[0].get<std::int64_t>() : -1;
        const double probability = is_pair ? entry[1].get<double>() : -1;
        if (id < 0 || id > INT_MAX || !(probability >= 0 && probability <= 1))
            return fields.blame("likeliest", "a list of [id, probability]");
        out.push_back({static_cast<std::int32_t>(id), probability});
    }
}

void read_steps(JsonFields& fields, WritingTree& out) {
    const auto* list = fields.list("steps", WritingTree::kMostNodes);
    for (std::size_t i = 0; list && i < list->size() && fields.is_good(); ++i) {
        JsonFields entry = fields.inside((*list)[i], "steps", i);
        WrittenStep step;
        int parent = WritingTree::kPrompt;
        entry.count("parent", WritingTree::kPrompt, out.size() - 1, parent);
        entry.count("id", 0, INT_MAX, step.token.id);
        entry.number("probability", 0, 1, step.token.probability);
        if (entry.find("own_probability"))
            entry.number("own_probability", 0, 1, step.token.own_probability.emplace());
        read_likeliest(entry, step.token.likeliest);
        entry.flag("is_end", step.token.is_end);
        entry.flag("is_chosen", step.is_chosen);
        if (out.find(parent, step.token.id) >= 0) entry.blame("id", "no token that its parent has already");
        (void)out.add(parent, std::move(step));
    }
}

void read_parts(JsonFields& fields, std::vector<TextPart>& out) {
    const auto* list = fields.list("parts", kMostParts);
    for (std::size_t i = 0; list && i < list->size(); ++i) {
        JsonFields entry = fields.inside((*list)[i], "parts", i);
        TextPart part;
        entry.bytes("name", part.name, kMostPartNameBytes);
        entry.count("begin", 0, kMostTokenIndex, part.begin);
        entry.count("end", part.begin, kMostTokenIndex + 1, part.end);
        out.push_back(std::move(part));
    }
}

/// Null: there is nothing under that key, or it is wrong.
std::shared_ptr<const TokenizedText> read_tokens(JsonFields& fields, const char* key,
                                                 const std::string& path) {
    const nlohmann::json* value = fields.find(key);
    if (!value) return nullptr;
    const auto list = value->is_object() ? value->find("tokens") : value->end();
    if (!value->is_object() || list == value->end() || !list->is_array() || list->size() > kMostSavedTokens) {
        fields.blame(key, "the tokens of a text");
        return nullptr;
    }
    auto tokens = tokens_from_json(*value, path);
    if (tokens && !tokens->tokens.empty()) return std::make_shared<const TokenizedText>(std::move(*tokens));
    fields.blame(key, tokens ? "at least one token" : "the tokens of a text: " + tokens.error().message);
    return nullptr;
}

}  // namespace

SessionJson writing_json(const SavedSession& session) {
    SessionJson out;
    out["settings"] = settings_of_writing(session.writing);
    out["made_from"] = kScopeWords[static_cast<std::size_t>(session.scope)];
    const SavedBranches& branches = session.branches;
    if (!branches.tree || !branches.prompt) return out;
    out["prompt"] = tokens_to_json(*branches.prompt);
    if (!branches.encoder_ids.empty()) out["encoder_ids"] = branches.encoder_ids;
    out["steps"] = SessionJson::array();
    for (int node = 0; node < branches.tree->size(); ++node)
        out["steps"].push_back(step_json(*branches.tree, node));
    out["node"] = branches.node;
    for (const TextPart& part : branches.parts)
        out["parts"].push_back(
            {{"name", utf8::replace_invalid(part.name)}, {"begin", part.begin}, {"end", part.end}});
    return out;
}

void read_writing(JsonFields& fields, const std::string& path, SavedSession& out) {
    if (auto settings = fields.object("settings")) read_settings_of_writing(*settings, out.writing);
    fields.word("made_from", made_from_scope, out.scope);
    SavedBranches branches;
    branches.prompt = read_tokens(fields, "prompt", path);
    if (!branches.prompt) return;
    fields.counts("encoder_ids", kMostSavedTokens, 0, INT_MAX, branches.encoder_ids);
    auto tree = std::make_shared<WritingTree>();
    read_steps(fields, *tree);
    fields.count("node", WritingTree::kPrompt, tree->size() - 1, branches.node);
    read_parts(fields, branches.parts);
    branches.tree = std::move(tree);
    out.branches = std::move(branches);
}

SessionJson written_json(const WrittenText& written) {
    SessionJson out;
    out["num_prompt"] = written.num_prompt;
    out["tokens"] = tokens_to_json(written.tokens);
    return out;
}

WrittenTextPtr read_written(JsonFields& fields, const std::string& path) {
    const auto tokens = read_tokens(fields, "tokens", path);
    if (!tokens) return nullptr;
    auto out = std::make_shared<WrittenText>();
    out->tokens = *tokens;
    fields.count("num_prompt", 0, static_cast<std::int64_t>(tokens->tokens.size()), out->num_prompt);
    return out;
}

}  // namespace headlight
