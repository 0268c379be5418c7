#include "tokenize/files/sentencepiece_content.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_map>

namespace headlight {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::size_t kLongestMerged = 4096;  // bytes; longer pieces come of no merge

/// Calls visit(left, right) for every way to cut `piece` between two characters, the shortest left part
/// first.
template <class VisitField>
void cut(const std::string& piece, VisitField&& visit) {
    if (piece.size() > kLongestMerged) return;
    for (std::size_t at = 1; at < piece.size(); ++at) {
        if ((static_cast<unsigned char>(piece[at]) & 0xC0) == 0x80) continue;
        visit(piece.substr(0, at), piece.substr(at));
    }
}

}  // namespace

json likelihoods_of(const SentencePieceProto& model) {
    json vocab = json::array();
    for (const SentencePiece& piece : model.pieces)
        vocab.push_back(json::array({piece.text, static_cast<double>(piece.score)}));
    return vocab;
}

std::vector<std::string> pieces_of(const SentencePieceProto& model) {
    std::vector<std::string> pieces;
    for (const SentencePiece& piece : model.pieces)
        pieces.push_back(piece.text);
    return pieces;
}

json ids_of(const std::vector<std::string>& pieces) {
    json vocab = json::object();
    for (std::size_t id = 0; id < pieces.size(); ++id)
        vocab[pieces[id]] = id;
    return vocab;
}

json merges_by_id(const std::vector<std::string>& pieces) {
    std::unordered_map<std::string, std::size_t> ids;
    for (std::size_t id = 0; id < pieces.size(); ++id)
        ids[pieces[id]] = id;
    json merges = json::array();
    for (std::size_t id = 0; id < pieces.size(); ++id) {
        if (ids.at(pieces[id]) != id) continue;
        cut(pieces[id], [&](std::string left, std::string right) {
            if (ids.count(left) != 0 && ids.count(right) != 0)
                merges.push_back(json::array({std::move(left), std::move(right)}));
        });
    }
    return merges;
}

json merges_by_score(const SentencePieceProto& model, const std::vector<std::string>& pieces) {
    std::unordered_map<std::string, std::size_t> normal;
    for (std::size_t id = 0; id < pieces.size(); ++id)
        if (model.pieces[id].type == PieceType::Normal) normal[pieces[id]] = id;
    std::vector<std::size_t> order;
    for (const auto& [piece, id] : normal)
        order.push_back(id);
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return model.pieces[a].score != model.pieces[b].score ? model.pieces[a].score > model.pieces[b].score
                                                              : a < b;
    });
    json merges = json::array();
    for (const std::size_t id : order) {
        cut(pieces[id], [&](std::string left, std::string right) {
            if (normal.count(left) != 0 && normal.count(right) != 0)
                merges.push_back(json::array({std::move(left), std::move(right)}));
        });
    }
    return merges;
}

ordered_json found_pieces(const SentencePieceProto& model) {
    ordered_json tokens = ordered_json::array();
    for (const SentencePiece& piece : model.pieces) {
        if (piece.type != PieceType::Control && piece.type != PieceType::UserDefined) continue;
        tokens.push_back(
            {{"content", piece.text}, {"normalized", false}, {"special", piece.type == PieceType::Control}});
    }
    return tokens;
}

}  // namespace headlight
