#include "report/cause/lens_report.h"

#include <fmt/format.h>

#include "report/cause/question_json.h"

namespace headlight {
namespace {

/// "→ 0": how a rank went on from the state before.
const char* arrow(const Matrix& rank, int state, int position) {
    if (state == 0) return " ";
    const float before = rank.at(state - 1, position), now = rank.at(state, position);
    return now < before ? "↑" : now > before ? "↓" : " ";
}

std::string state_name(int state, int num_states) {
    return state + 1 == num_states ? "out" : fmt::format("L{}", state);
}

std::string answer_cells(const LensResult& result, int state) {
    const Lens& lens = result.lens;
    const int at = result.position;
    std::string out = fmt::format("  {:>7.0f} {}  {:>6.2f} %  {:>+8.3f}", lens.rank_answer.at(state, at),
                                  arrow(lens.rank_answer, state, at), 100 * lens.probability.at(state, at),
                                  lens.difference.at(state, at));
    if (!lens.rank_rival.empty())
        out += fmt::format("  {:>7.0f} {}", lens.rank_rival.at(state, at), arrow(lens.rank_rival, state, at));
    return out;
}

void add_column(const LensResult& result, std::string& out) {
    const Lens& lens = result.lens;
    out += fmt::format("  {:<5} {:<16} {:>8}  {:>8}  {:>9}", "state", "first token", "prob", "entropy",
                       "KL to out");
    if (result.question)
        out += fmt::format("  {:>9}  {:>8}  {:>8}{}", "rank", "prob", "diff",
                           lens.rank_rival.empty() ? "" : "  rival rank");
    out += "\n";
    for (int state = 0; state < lens.num_states; ++state) {
        const std::size_t at = lens.at(state, result.position);
        out +=
            fmt::format("  {:<5} {:<16} {:>6.2f} %  {:>8.3f}  {:>9.3f}", state_name(state, lens.num_states),
                        shown_token(*result.model, lens.top_ids[at]), 100 * lens.top_probs[at],
                        lens.entropy.at(state, result.position), lens.kl.at(state, result.position));
        if (result.question) out += answer_cells(result, state);
        out += "\n";
    }
}

void add_settling(const LensResult& result, std::string& out) {
    const Lens& lens = result.lens;
    const auto say = [&](const char* what, const Matrix& rank) {
        const int state = settles_at(rank, result.position);
        out += state < lens.num_states
                   ? fmt::format("{} is first from {} on\n", what, state_name(state, lens.num_states))
                   : fmt::format("{} is not first in the output\n", what);
    };
    say("The token that ends first", lens.rank_final);
    if (result.question) say("The answer", lens.rank_answer);
}

void add_all_positions(const LensResult& result, std::string& out) {
    const Lens& lens = result.lens;
    out += "\nFirst token at every position (state: token, ...):\n";
    for (int position = 0; position < lens.num_tokens; ++position) {
        const int settled = settles_at(lens.rank_final, position);
        const std::size_t at = lens.at(lens.num_states - 1, position);
        out +=
            fmt::format("  {:>4} {:<14} ends with {:<14} first from {} on\n", position,
                        result.tokens.tokens[static_cast<std::size_t>(position)].display,
                        shown_token(*result.model, lens.top_ids[at]), state_name(settled, lens.num_states));
    }
}

Json place_json(const LensResult& result, int state, int position) {
    const Lens& lens = result.lens;
    Json top = Json::array();
    const std::size_t at = lens.at(state, position);
    for (int k = 0; k < lens.top_k; ++k) {
        Json token = named_token_json(*result.model, lens.top_ids[at + static_cast<std::size_t>(k)]);
        token["probability"] = lens.top_probs[at + static_cast<std::size_t>(k)];
        top.push_back(std::move(token));
    }
    Json out{{"top", std::move(top)},
             {"entropy", lens.entropy.at(state, position)},
             {"kl", lens.kl.at(state, position)},
             {"rank_final", static_cast<int>(lens.rank_final.at(state, position))}};
    if (!result.question) return out;
    out["rank_answer"] = static_cast<int>(lens.rank_answer.at(state, position));
    out["probability_answer"] = lens.probability.at(state, position);
    out["difference"] = lens.difference.at(state, position);
    if (!lens.rank_rival.empty()) out["rank_rival"] = static_cast<int>(lens.rank_rival.at(state, position));
    return out;
}

}  // namespace

int settles_at(const Matrix& rank, int position) {
    int state = static_cast<int>(rank.rows);
    while (state > 0 && rank.at(state - 1, position) == 0)
        --state;
    return state;
}

std::string lens_text(const LensResult& result) {
    const auto row = static_cast<std::size_t>(result.position);
    std::string out = fmt::format("{}: {} at {} ({})\n", result.model->spec.name,
                                  "every state read with the last layer's head",
                                  result.tokens.tokens[row].display, result.position);
    if (result.question) out += describe(*result.question, *result.model, result.tokens) + "\n";
    out += "\n";
    add_column(result, out);
    out += "\n";
    add_settling(result, out);
    add_all_positions(result, out);
    out +=
        "\nA reading of each state by a head that was trained for the last one; it is not what the model "
        "\"believes\" there.\n";
    return out;
}

Json lens_json(const LensResult& result) {
    Json states = Json::array();
    for (int state = 0; state < result.lens.num_states; ++state) {
        Json positions = Json::array();
        for (int position = 0; position < result.lens.num_tokens; ++position)
            positions.push_back(place_json(result, state, position));
        states.push_back({{"state", state}, {"positions", std::move(positions)}});
    }
    return {{"model", result.model->spec.name},
            {"family", result.model->spec.family},
            {"tokens", named_tokens_json(result.tokens)},
            {"question",
             result.question ? question_json(*result.question, *result.model, result.tokens) : Json(nullptr)},
            {"states", std::move(states)}};
}

void add_lens(const Lens& lens, TensorFile& file) {
    const TensorFile::Shape shape{lens.num_states, lens.num_tokens, lens.top_k};
    file.add("lens.top_ids", shape, lens.top_ids);
    file.add("lens.top_probs", shape, lens.top_probs);
    file.add("lens.entropy", lens.entropy);
    file.add("lens.kl", lens.kl);
    file.add_counts("lens.rank_final", lens.rank_final);
    if (lens.rank_answer.empty()) return;
    file.add_counts("lens.rank_answer", lens.rank_answer);
    file.add("lens.logit_diff", lens.difference);
    file.add("lens.prob_answer", lens.probability);
    if (!lens.rank_rival.empty()) file.add_counts("lens.rank_foil", lens.rank_rival);
    if (!lens.logits_at.empty()) file.add("lens.logits_at", lens.logits_at);
}

}  // namespace headlight
