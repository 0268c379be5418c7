#include "analysis/words/text_units.h"

#include <algorithm>
#include <cmath>

#include "analysis/words/code_points.h"
#include "analysis/words/token_classes.h"
#include "analysis/words/token_text.h"
#include "base/utf8.h"

namespace headlight {
namespace {

constexpr TextUnit kTextUnits[] = {TextUnit::Word, TextUnit::Sentence, TextUnit::Line};

bool has_line_end(const Token& token) {
    const std::string text = token_text(token);
    for (std::size_t byte = 0; byte < text.size();) {
        const utf8::Decoded decoded = utf8::decode(text, byte);
        if (code_points::is_line_end(decoded.code_point)) return true;
        byte += decoded.size_bytes;
    }
    return false;
}

/// Does the token go on with the unit of the one before it? Neither is special.
bool continues_unit(TextUnit unit, const Token& token_before, const TokenLabel& before,
                    const TokenLabel& label) {
    switch (unit) {
        case TextUnit::Word:
            return label.is_word && !label.is_word_start && before.is_word_part;
        case TextUnit::Sentence:
            return !before.ends_sentence || label.is_whitespace || label.is_punctuation;
        case TextUnit::Line:
            return !has_line_end(token_before);
    }
    return false;
}

/// Adds mean over the rows of each unit of weight(query, key) over the keys of each unit.
template <class Weight>
std::vector<float> aggregate(const AttentionTrace& trace, int layer, std::span<const TokenRange> queries,
                             std::span<const TokenRange> keys, const Weight& weight) {
    std::vector<float> out;
    out.reserve(queries.size() * keys.size());
    for (const TokenRange& from : queries) {
        std::vector<double> sums(keys.size(), 0.0);
        int num_rows = 0;
        for (int query = from.begin; query < from.end; ++query) {
            const KeyRange allowed = trace.admissible(layer, query);
            if (allowed.count() <= 0) continue;
            ++num_rows;
            for (std::size_t k = 0; k < keys.size(); ++k) {
                const int begin = std::max(keys[k].begin, allowed.begin),
                          end = std::min(keys[k].end, allowed.end);
                if (begin < end) sums[k] += weight(query, begin, end, allowed);
            }
        }
        for (const double sum : sums)
            out.push_back(num_rows == 0 ? 0.0f : static_cast<float>(sum / num_rows));
    }
    return out;
}

}  // namespace

const char* to_string(TextUnit unit) {
    switch (unit) {
        case TextUnit::Word:
            return "word";
        case TextUnit::Sentence:
            return "sentence";
        case TextUnit::Line:
            return "line";
    }
    return "";
}

std::optional<TextUnit> text_unit(std::string_view name) {
    for (const TextUnit unit : kTextUnits) {
        if (name == to_string(unit)) return unit;
    }
    return std::nullopt;
}

std::vector<TokenRange> text_units(std::span<const Token> tokens, TextUnit unit) {
    const std::vector<TokenLabel> labels = label_tokens(tokens);
    std::vector<TokenRange> out;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const bool is_joined = i > 0 && !labels[i].is_special && !labels[i - 1].is_special &&
                               continues_unit(unit, tokens[i - 1], labels[i - 1], labels[i]);
        if (!is_joined) out.push_back({static_cast<int>(i), static_cast<int>(i)});
        out.back().end = static_cast<int>(i) + 1;
    }
    return out;
}

std::string unit_text(std::span<const Token> tokens, TokenRange range) {
    std::string out;
    for (int i = range.begin; i < range.end; ++i)
        out += tokens[static_cast<std::size_t>(i)].display;
    return out;
}

std::vector<float> unit_weights(std::span<const float> matrix, const AttentionTrace& trace, int layer,
                                std::span<const TokenRange> queries, std::span<const TokenRange> keys) {
    const auto num_keys = static_cast<std::size_t>(trace.num_keys());
    return aggregate(trace, layer, queries, keys, [&](int query, int begin, int end, KeyRange) {
        const float* row = matrix.data() + static_cast<std::size_t>(query) * num_keys;
        double sum = 0;
        for (int key = begin; key < end; ++key)
            sum += row[key];
        return sum;
    });
}

std::vector<float> uniform_unit_weights(const AttentionTrace& trace, int layer,
                                        std::span<const TokenRange> queries,
                                        std::span<const TokenRange> keys) {
    return aggregate(trace, layer, queries, keys, [](int, int begin, int end, KeyRange allowed) {
        return static_cast<double>(end - begin) / allowed.count();
    });
}

std::vector<float> unit_entropies(std::span<const float> weights, std::size_t num_keys) {
    std::vector<float> out;
    for (std::size_t row = 0; row + num_keys <= weights.size() && num_keys > 0; row += num_keys) {
        double entropy = 0;
        for (const float weight : weights.subspan(row, num_keys)) {
            if (weight > 0) entropy -= static_cast<double>(weight) * std::log(static_cast<double>(weight));
        }
        out.push_back(static_cast<float>(entropy));
    }
    return out;
}

std::vector<float> UnitAttention::mean_of_layer(int layer) const {
    std::vector<float> out(queries.size() * keys.size(), 0.0f);
    for (int h = 0; h < grid.num_heads; ++h) {
        const std::span<const float> one = head({layer, h});
        for (std::size_t i = 0; i < out.size(); ++i)
            out[i] += one[i] / static_cast<float>(grid.num_heads);
    }
    return out;
}

Result<UnitAttention> unit_attention(const AttentionTrace& trace, std::span<const Token> queries,
                                     std::span<const Token> keys, TextUnit unit, const JobContext& job) {
    UnitAttention out{unit, text_units(queries, unit), text_units(keys, unit), trace.grid(), {}, {}, {}, {}};
    // The weights between units of all heads are kept.
    constexpr double kMostBytes = 2e9;
    const double bytes = 4.0 * static_cast<double>(trace.grid().size()) *
                         static_cast<double>(out.queries.size()) * static_cast<double>(out.keys.size());
    if (bytes > kMostBytes) {
        return fail(ErrorKind::OutOfMemory,
                    "attention between {}s: {} x {} of them in {} heads are {:.1f} GB, the most is {:.0f}; "
                    "take larger "
                    "units or a shorter text",
                    to_string(unit), out.queries.size(), out.keys.size(), trace.grid().size(), bytes * 1e-9,
                    kMostBytes * 1e-9);
    }
    const auto append = [](std::vector<float>& to, const std::vector<float>& from) {
        to.insert(to.end(), from.begin(), from.end());
    };
    for (int layer = 0; layer < trace.num_layers(); ++layer) {
        if (job.should_stop())
            return fail(ErrorKind::Cancelled, "attention between {}s: stopped", to_string(unit));
        const std::vector<float> even = uniform_unit_weights(trace, layer, out.queries, out.keys);
        append(out.uniform, even);
        append(out.uniform_entropy, unit_entropies(even, out.keys.size()));
        for (int head = 0; head < trace.num_heads(); ++head) {
            const std::vector<float> weights =
                unit_weights(trace.matrix(layer, head), trace, layer, out.queries, out.keys);
            append(out.weights, weights);
            append(out.entropy, unit_entropies(weights, out.keys.size()));
        }
    }
    return out;
}

}  // namespace headlight
