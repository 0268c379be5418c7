#include "publish/change_words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <sstream>

#include "run/ablate/ablate_text.h"

namespace headlight {
namespace {

std::vector<std::string> pieces(const std::string& text, char separator) {
    std::vector<std::string> out;
    std::stringstream in(text);
    for (std::string piece; std::getline(in, piece, separator);)
        out.push_back(piece);
    return out;
}

template <class T>
Result<T> number_of(const std::string& word, const std::string& all) {
    T value{};
    const auto result = std::from_chars(word.data(), word.data() + word.size(), value);
    if (word.empty() || result.ec != std::errc{} || result.ptr != word.data() + word.size())
        return fail(ErrorKind::InvalidInput, "--change: '{}' in '{}' is no number", word.substr(0, 40),
                    all.substr(0, 80));
    return value;
}

void add_layer(const ModelSpec& spec, int layer, std::vector<HeadId>& heads) {
    for (int head = 0; head < spec.num_heads; ++head)
        heads.push_back({layer, head});
}

Status add_heads(const std::string& words, const ModelSpec& spec, std::vector<HeadId>& heads) {
    for (const std::string& word : pieces(words, ',')) {
        if (word == "all") {
            for (int layer = 0; layer < spec.num_layers; ++layer)
                add_layer(spec, layer, heads);
        } else if (word.ends_with(".*")) {
            HEADLIGHT_TRY(const HeadId first, parse_head(word.substr(0, word.size() - 1) + "0", spec));
            add_layer(spec, first.layer, heads);
        } else {
            HEADLIGHT_TRY(const HeadId head, parse_head(word, spec));
            heads.push_back(head);
        }
    }
    std::sort(heads.begin(), heads.end());
    heads.erase(std::unique(heads.begin(), heads.end()), heads.end());
    return {};
}

Status set_detail(const std::string& name, const std::string& value, const std::string& all,
                  Intervention& out) {
    if (name == "window") {
        HEADLIGHT_TRY(out.window, number_of<int>(value, all));
    } else if (name == "factor") {
        HEADLIGHT_TRY(out.factor, number_of<double>(value, all));
    } else if (name == "mlp") {
        for (const std::string& word : pieces(value, ',')) {
            HEADLIGHT_TRY(const int layer, number_of<int>(word, all));
            out.mlp_layers.push_back(layer);
        }
    } else if (name == "edges") {
        for (const std::string& word : pieces(value, ',')) {
            const std::size_t arrow = std::min(word.find('>'), word.size());
            Edge edge;
            HEADLIGHT_TRY(edge.query, number_of<int>(word.substr(0, arrow), all));
            HEADLIGHT_TRY(edge.key, number_of<int>(word.substr(std::min(arrow + 1, word.size())), all));
            out.edges.push_back(edge);
        }
    } else {
        return fail(ErrorKind::InvalidInput,
                    "--change: '{}=' in '{}' is not known; there are window, factor, edges, mlp",
                    name.substr(0, 40), all.substr(0, 80));
    }
    return {};
}

Result<Intervention> parse_change(const std::string& words, const ModelSpec& spec) {
    std::stringstream in(words);
    std::string word;
    in >> word;
    const auto mode = intervention_mode(word);
    if (!mode || *mode == InterventionMode::Pattern) {
        std::string known;
        for (const InterventionMode one : kInterventionModes)
            if (one != InterventionMode::Pattern)
                known += (known.empty() ? "" : ", ") + std::string(to_string(one));
        return fail(ErrorKind::InvalidInput, "--change '{}': expected MODE HEADS; modes are {}",
                    words.substr(0, 80), known);
    }
    Intervention out;
    out.mode = *mode;
    while (in >> word) {
        const std::size_t equal = word.find('=');
        if (equal == std::string::npos) {
            HEADLIGHT_CHECK(add_heads(word, spec, out.heads));
        } else {
            HEADLIGHT_CHECK(set_detail(word.substr(0, equal), word.substr(equal + 1), words, out));
        }
    }
    if (out.heads.empty() && out.mlp_layers.empty())
        return fail(ErrorKind::InvalidInput,
                    "--change '{}' names no head; expected LAYER.HEAD, LAYER.* or all", words.substr(0, 80));
    if (out.mode == InterventionMode::KnockOut && out.edges.empty())
        return fail(ErrorKind::InvalidInput, "--change '{}': knock_out needs edges=QUERY>KEY",
                    words.substr(0, 80));
    return out;
}

std::string head_words(std::vector<HeadId> heads, HeadGrid grid) {
    std::sort(heads.begin(), heads.end());
    const std::set<HeadId> all(heads.begin(), heads.end());
    if (all.size() == grid.size()) return "all";
    std::string out;
    for (int layer = 0; layer < grid.num_layers; ++layer) {
        std::string of_layer;
        int count = 0;
        for (const HeadId head : all) {
            if (head.layer != layer) continue;
            ++count;
            of_layer += fmt::format("{}{}.{}", of_layer.empty() ? "" : ",", head.layer, head.head);
        }
        if (count == grid.num_heads) of_layer = fmt::format("{}.*", layer);
        if (count > 0) out += (out.empty() ? "" : ",") + of_layer;
    }
    return out;
}

}  // namespace

Result<Interventions> parse_changes(const std::string& words, const ModelSpec& spec) {
    Interventions out;
    for (const std::string& one : pieces(words, ';')) {
        if (one.find_first_not_of(" \t\r\n") == std::string::npos) continue;
        HEADLIGHT_TRY(Intervention change, parse_change(one, spec));
        out.push_back(std::move(change));
    }
    return out;
}

Result<std::string> change_words(const Interventions& changes, HeadGrid grid) {
    std::string out;
    for (const Intervention& change : changes) {
        if (change.mode == InterventionMode::Pattern)
            return fail(
                ErrorKind::Unsupported,
                "attention that was replaced by a given pattern has no words: a figure of it could not be "
                "made again");
        out += fmt::format("{}{}", out.empty() ? "" : "; ", to_string(change.mode));
        if (!change.heads.empty()) out += " " + head_words(change.heads, grid);
        if (!change.mlp_layers.empty()) out += fmt::format(" mlp={}", fmt::join(change.mlp_layers, ","));
        if (change.mode == InterventionMode::LocalWindow) out += fmt::format(" window={}", change.window);
        if (change.mode == InterventionMode::Scale) out += fmt::format(" factor={}", change.factor);
        for (std::size_t i = 0; i < change.edges.size(); ++i)
            out +=
                fmt::format("{}{}>{}", i == 0 ? " edges=" : ",", change.edges[i].query, change.edges[i].key);
    }
    return out;
}

}  // namespace headlight
