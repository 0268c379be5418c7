#include "tokenize/words/likeliest_pieces.h"

#include <algorithm>
#include <limits>

#include "base/utf8.h"

namespace headlight {
namespace {

constexpr float kUnknownPenalty = 10.0F;

/// A piece that the user defined counts more than any sum of others, the longer the better.
float defined_score(std::size_t size_bytes) {
    return static_cast<float>(static_cast<double>(size_bytes) * 0.1 - 0.1);
}

struct BestPiece {
    float score = 0;
    std::size_t begin = 0;
    std::int32_t id = -1;
    bool is_reached = false;

    void offer(float candidate, std::size_t from, std::int32_t piece) {
        if (is_reached && !(candidate > score)) return;
        *this = {candidate, from, piece, true};
    }
};

}  // namespace

LikeliestPieces::LikeliestPieces(const SentencePieceProto& model) : unknown_id_(model.unknown_id) {
    float least = std::numeric_limits<float>::max();
    for (std::size_t id = 0; id < model.pieces.size(); ++id) {
        const SentencePiece& piece = model.pieces[id];
        const bool is_defined = piece.type == PieceType::UserDefined;
        if (piece.type == PieceType::Normal) least = std::min(least, piece.score);
        if (piece.text.empty() || (!is_defined && piece.type != PieceType::Normal)) continue;
        entries_.push_back({piece.text, static_cast<std::int32_t>(id),
                            is_defined ? defined_score(piece.text.size()) : piece.score});
    }
    unknown_score_ = least - kUnknownPenalty;
    std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
        return std::lexicographical_compare(
            a.text.begin(), a.text.end(), b.text.begin(), b.text.end(),
            [](char x, char y) { return static_cast<unsigned char>(x) < static_cast<unsigned char>(y); });
    });
}

std::vector<LikeliestPieces::Piece> LikeliestPieces::spell(std::string_view text) const {
    std::vector<BestPiece> best(text.size() + 1);
    best[0].is_reached = true;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t length = utf8::decode(text, begin).size_bytes;
        bool has_character = false;
        auto first = entries_.begin(),
             last = entries_.end();  // pieces that begin as the text does from here on
        for (std::size_t size = 1; begin + size <= text.size() && first != last; ++size) {
            const auto byte = static_cast<unsigned char>(text[begin + size - 1]);
            const auto byte_of = [size](const Entry& entry) {
                return entry.text.size() < size
                           ? -1
                           : static_cast<int>(static_cast<unsigned char>(entry.text[size - 1]));
            };
            first =
                std::partition_point(first, last, [&](const Entry& entry) { return byte_of(entry) < byte; });
            last =
                std::partition_point(first, last, [&](const Entry& entry) { return byte_of(entry) <= byte; });
            if (first == last || first->text.size() != size) continue;
            best[begin + size].offer(first->score + best[begin].score, begin, first->id);
            has_character |= size == length;
        }
        if (!has_character)
            best[begin + length].offer(unknown_score_ + best[begin].score, begin, unknown_id_);
        begin += length;
    }
    std::vector<Piece> pieces;
    for (std::size_t end = text.size(); end > 0; end = best[end].begin)
        pieces.push_back({best[end].id, best[end].begin, end});
    std::reverse(pieces.begin(), pieces.end());
    return pieces;
}

}  // namespace headlight
