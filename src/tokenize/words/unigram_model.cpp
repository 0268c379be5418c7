#include "tokenize/words/unigram_model.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/utf8.h"

namespace headlight {
namespace {

using nlohmann::json;

/// An unknown character costs this much more than the least likely piece.
constexpr double kUnigramUnknownPenalty = 10.0;
constexpr std::size_t kLongestWord = std::size_t{1} << 24;
constexpr std::int32_t kUnreached = -1;

struct BestPath {
    double score = -std::numeric_limits<double>::infinity();
    std::size_t begin = 0;  // of the last piece
    std::int32_t id = kUnreached;
};

/// The number as the reference's JSON library reads what is written: the digits as a whole number, times or
/// divided by a power of ten, each rounded. That may be the neighbour of the nearest double, which decides
/// between ways to spell a word that have the same sum.
double as_reference_reads(double value) {
    std::array<char, 64> text{};
    const auto written =
        std::to_chars(text.data(), text.data() + text.size(), std::abs(value), std::chars_format::scientific);
    std::uint64_t digits = 0;
    int num_decimals = 0, exponent = 0;
    bool is_decimal = false;
    for (const char* at = text.data(); at != written.ptr; ++at) {
        if (*at == 'e') {
            std::from_chars(at[1] == '+' ? at + 2 : at + 1, written.ptr, exponent);
            break;
        }
        is_decimal = is_decimal || *at == '.';
        if (*at == '.') continue;
        digits = digits * 10 + static_cast<std::uint64_t>(*at - '0');
        if (is_decimal) ++num_decimals;
    }
    exponent -= num_decimals;
    if (std::abs(exponent) > 308) return value;
    const double power = std::strtod(fmt::format("1e{}", std::abs(exponent)).c_str(), nullptr);
    const double read =
        exponent < 0 ? static_cast<double>(digits) / power : static_cast<double>(digits) * power;
    return value < 0 ? -read : read;
}

}  // namespace

Result<std::unique_ptr<WordModel>> UnigramModel::from_json(const json& model) {
    const json vocabulary = model.value("vocab", json());
    if (!vocabulary.is_array() || vocabulary.empty())
        return fail(ErrorKind::Corrupt, "the model has no list 'vocab'");
    auto made = std::make_unique<UnigramModel>();
    std::vector<std::string> pieces;
    const bool is_exact =
        model.value("has_exact_scores", false);  // from a class, which takes them as numbers and not as text
    double least = std::numeric_limits<double>::infinity();
    for (const json& entry : vocabulary) {
        const bool is_pair =
            entry.is_array() && entry.size() == 2 && entry[0].is_string() && entry[1].is_number();
        if (!is_pair)
            return fail(ErrorKind::Corrupt, "entry {} of 'vocab' is no [piece, score]", pieces.size());
        pieces.push_back(entry[0].get<std::string>());
        const auto score = entry[1].get<double>();
        made->scores_.push_back(is_exact ? score : as_reference_reads(score));
        if (!std::isfinite(made->scores_.back()))
            return fail(ErrorKind::Corrupt, "the score of '{}' is not finite", pieces.back().substr(0, 60));
        least = std::min(least, made->scores_.back());
    }
    made->unknown_score_ = least - kUnigramUnknownPenalty;
    made->pieces_ = PieceTable::from_list(std::move(pieces));
    if (const auto unknown = model.find("unk_id"); unknown != model.end() && !unknown->is_null()) {
        if (!unknown->is_number_integer() || unknown->get<std::int64_t>() < 0 ||
            unknown->get<std::int64_t>() >= made->vocab_size())
            return fail(ErrorKind::Corrupt, "'unk_id' is no id of the vocabulary");
        made->unknown_id_ = unknown->get<std::int32_t>();
    }
    if (model.value("byte_fallback", false)) {
        for (int byte = 0; byte < 256; ++byte)
            made->byte_ids_.push_back(made->pieces_.id_of(fmt::format("<0x{:02X}>", byte)));
    }
    made->build_tree();
    return std::unique_ptr<WordModel>(std::move(made));
}

void UnigramModel::build_tree() {
    // Sorted pieces with a common beginning are neighbours: each node takes a range of them.
    std::vector<std::int32_t> order;
    for (std::int32_t id = 0; id < pieces_.size(); ++id) {
        if (!pieces_.piece(id).empty() && pieces_.id_of(pieces_.piece(id)) == id) order.push_back(id);
    }
    std::sort(order.begin(), order.end(),
              [this](std::int32_t a, std::int32_t b) { return pieces_.piece(a) < pieces_.piece(b); });
    struct Task {
        std::uint32_t node;
        std::size_t begin, end, depth;
    };
    nodes_.emplace_back();
    std::vector<Task> tasks = {{0, 0, order.size(), 0}};
    while (!tasks.empty()) {
        Task task = tasks.back();
        tasks.pop_back();
        if (task.begin < task.end && pieces_.piece(order[task.begin]).size() == task.depth)
            nodes_[task.node].id = order[task.begin++];
        nodes_[task.node].first_child = static_cast<std::uint32_t>(edges_.size());
        for (std::size_t begin = task.begin; begin < task.end;) {
            const char byte = pieces_.piece(order[begin])[task.depth];
            std::size_t end = begin;
            while (end < task.end && pieces_.piece(order[end])[task.depth] == byte)
                ++end;
            const auto node = static_cast<std::uint32_t>(nodes_.size());
            nodes_.emplace_back();
            edges_.push_back({static_cast<unsigned char>(byte), node});
            tasks.push_back({node, begin, end, task.depth + 1});
            begin = end;
        }
        nodes_[task.node].num_children =
            static_cast<std::uint32_t>(edges_.size()) - nodes_[task.node].first_child;
    }
}

const UnigramModel::Node* UnigramModel::child(const Node& node, unsigned char byte) const {
    // Bytes compare as signed in a string's order, so the few children are simply looked through.
    for (std::uint32_t i = 0; i < node.num_children; ++i) {
        const Edge& edge = edges_[node.first_child + i];
        if (edge.byte == byte) return &nodes_[edge.node];
    }
    return nullptr;
}

bool UnigramModel::is_spelled_in_bytes(std::string_view part) const {
    return !byte_ids_.empty() && pieces_.id_of(part) < 0 &&
           std::all_of(part.begin(), part.end(),
                       [this](char c) { return byte_ids_[static_cast<unsigned char>(c)] >= 0; });
}

// Unknown characters side by side, as one: mostly unknown, but what they spell may be a piece after all.
void UnigramModel::add_fused(std::string_view part, std::vector<WordToken>& out) const {
    const auto size = static_cast<std::uint32_t>(part.size());
    const std::int32_t id = pieces_.id_of(part);
    if (!is_spelled_in_bytes(part)) return out.push_back({id < 0 ? unknown_id_ : id, size});
    for (std::size_t i = 0; i < part.size(); ++i)  // each stands for the whole
        out.push_back({byte_ids_[static_cast<unsigned char>(part[i])], i == 0 ? size : 0});
}

Status UnigramModel::encode(std::string_view word, std::vector<WordToken>& out) const {
    if (word.empty()) return {};
    if (word.size() > kLongestWord) {
        return fail(ErrorKind::Unsupported, "the text has a word of {} bytes; Unigram takes {} at most",
                    word.size(), kLongestWord);
    }
    std::vector<BestPath> best(word.size() + 1);  // [end]: the best way to spell word[0, end)
    best[0].score = 0;
    for (std::size_t begin = 0; begin < word.size();) {
        const std::size_t length = utf8::decode(word, begin).size_bytes;
        const double so_far = best[begin].score;
        bool has_character = false;
        const Node* node = &nodes_[0];
        for (std::size_t end = begin; end < word.size();) {
            node = child(*node, static_cast<unsigned char>(word[end]));
            if (node == nullptr) break;
            ++end;
            if (node->id < 0) continue;
            const double score = so_far + scores_[static_cast<std::size_t>(node->id)];
            if (best[end].id == kUnreached || score > best[end].score) best[end] = {score, begin, node->id};
            has_character |= end - begin == length;
        }
        if (!has_character) {
            const double score = so_far + unknown_score_;
            BestPath& target = best[begin + length];
            if (target.id == kUnreached || score > target.score) {
                if (unknown_id_ < 0) return fail(unspelled(word.substr(begin, length), {}));
                target = {score, begin, unknown_id_};
            }
        }
        begin += length;
    }
    std::vector<std::pair<std::size_t, std::size_t>> spans;  // from the end
    for (std::size_t end = word.size(); end > 0; end = best[end].begin)
        spans.emplace_back(best[end].begin, end);
    std::reverse(spans.begin(), spans.end());
    // Neighbouring unknown characters are one unknown token, and so is the unknown token's own text beside
    // them.
    for (std::size_t i = 0; i < spans.size(); ++i) {
        const auto is_unknown = [&](std::size_t span) { return best[spans[span].second].id == unknown_id_; };
        const std::size_t begin = spans[i].first;
        if (unknown_id_ < 0 || !is_unknown(i)) {
            out.push_back({best[spans[i].second].id, static_cast<std::uint32_t>(spans[i].second - begin)});
            continue;
        }
        while (i + 1 < spans.size() && is_unknown(i + 1))
            ++i;
        add_fused(word.substr(begin, spans[i].second - begin), out);
    }
    return {};
}

}  // namespace headlight
