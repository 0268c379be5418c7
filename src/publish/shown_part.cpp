#include "publish/shown_part.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/utf8.h"
#include "run/ablate/ablate_text.h"
#include "run/cause/shown_run.h"

namespace headlight {
namespace {

Status check_index(const char* what, int index, int count) {
    if (index >= 0 && index < count) return {};
    return fail(ErrorKind::InvalidInput, "there is no {0} {1}; there are {2}, 0 to {3}", what, index, count,
                count - 1);
}

bool read_index(std::string_view words, int& value) {
    const auto result = std::from_chars(words.data(), words.data() + words.size(), value);
    return result.ec == std::errc{} && result.ptr == words.data() + words.size();
}

FigureTokens tokens_of(const TokenizedText& text, int first, int count) {
    const auto begin = text.tokens.begin() + first;
    return std::make_shared<const std::vector<Token>>(begin, begin + count);
}

}  // namespace

Result<KeyRange> parse_range(const std::string& words, int count) {
    KeyRange out{0, count};
    if (words.empty()) return out;
    const std::size_t dots = words.find("..");
    const bool has_dots = dots != std::string::npos;
    const std::string first = words.substr(0, dots), last = has_dots ? words.substr(dots + 2) : std::string();
    int end = count - 1;
    const bool is_sound = has_dots && (first.empty() || read_index(first, out.begin)) &&
                          (last.empty() || read_index(last, end));
    if (!is_sound || out.begin < 0 || end < out.begin || end >= count)
        return fail(ErrorKind::InvalidInput, "--tokens {}: expected A..B within 0..{}, both included",
                    words.substr(0, 40), count - 1);
    out.end = end + 1;
    return out;
}

ShownPart whole_part(const AnalyzedRun& run) {
    return {0, run.trace->num_queries(), 0, run.trace->num_keys()};
}

Result<ShownPart> shown_part(const FigureRequest& request, const AnalyzedRun& run) {
    ShownPart part = whole_part(run);
    HEADLIGHT_TRY(const KeyRange range, parse_range(request.tokens, part.num_queries));
    part.first_query = range.begin;
    part.num_queries = range.count();
    if (run.kind != AttentionKind::Cross) {
        part.first_key = range.begin;
        part.num_keys = range.count();
    }
    const int most = std::max(part.num_queries, part.num_keys);
    if (most > kMostPictureTokens)
        return fail(
            ErrorKind::InvalidInput,
            "the text has {} {}s: pictures of whole matrices are drawn up to {}; choose some with --tokens "
            "A..B",
            most, to_string(run.unit()), kMostPictureTokens);
    return part;
}

Result<std::vector<HeadId>> chosen_heads(const FigureRequest& request, const AnalyzedRun& run) {
    std::vector<HeadId> heads;
    if (request.heads.empty()) {
        HEADLIGHT_TRY(const int layer, chosen_layer(request, run));
        heads = {{layer, request.head.value_or(0)}};
    } else {
        ModelSpec spec = run.spec;  // the kind's own sizes
        spec.num_layers = run.trace->num_layers();
        spec.num_heads = run.trace->num_heads();
        HEADLIGHT_TRY(heads, parse_heads(request.heads, spec));
    }
    for (const HeadId head : heads) {
        HEADLIGHT_CHECK(check_index("layer", head.layer, run.trace->num_layers()));
        HEADLIGHT_CHECK(check_index("head", head.head, run.trace->num_heads()));
        if (run.trace->is_absent(head.layer))
            return fail(ErrorKind::InvalidInput, "layer {} has no softmax attention to show", head.layer);
    }
    return heads;
}

Result<HeadId> chosen_head(const FigureRequest& request, const AnalyzedRun& run) {
    HEADLIGHT_TRY(const std::vector<HeadId> heads, chosen_heads(request, run));
    if (heads.size() == 1) return heads.front();
    return fail(ErrorKind::InvalidInput, "--heads {}: this figure shows one head",
                request.heads.substr(0, 60));
}

Result<int> chosen_layer(const FigureRequest& request, const AnalyzedRun& run) {
    int layer = request.layer.value_or(0);
    while (!request.layer && layer + 1 < run.trace->num_layers() && run.trace->is_absent(layer))
        ++layer;
    HEADLIGHT_CHECK(check_index("layer", layer, run.trace->num_layers()));
    if (run.trace->is_absent(layer))
        return fail(ErrorKind::InvalidInput, "layer {} has no softmax attention to show", layer);
    return layer;
}

Result<int> chosen_query(const FigureRequest& request, const AnalyzedRun& run) {
    const int count = run.trace->num_queries(), query = request.query.value_or(-1);
    if (query == -1) return count - 1;
    HEADLIGHT_CHECK(check_index("query", query, count));
    return query;
}

FigureAxes part_axes(const AnalyzedRun& run, const ShownPart& part, int layer) {
    const TraceInfo& info = run.trace->info();
    FigureAxes axes;
    axes.queries = tokens_of(run.queries(), part.first_query, part.num_queries);
    axes.keys = run.kind == AttentionKind::Cross ? tokens_of(run.keys(), part.first_key, part.num_keys)
                                                 : axes.queries;
    axes.first_query = part.first_query;
    axes.first_key = part.first_key;
    if (run.kind != AttentionKind::Cross) axes.second = run.queries().second_token;
    axes.is_causal = info.is_causal;
    const auto index = static_cast<std::size_t>(layer);
    axes.window = index < info.window.size() ? info.window[index] : 0;
    axes.unit = run.unit();
    return axes;
}

std::vector<float> part_weights(const AnalyzedRun& run, const ShownPart& part,
                                const std::vector<HeadId>& heads) {
    constexpr int kRows = 64;
    const AttentionTrace& trace = run.shown_trace();
    const auto all_keys = static_cast<std::size_t>(trace.num_keys());
    const auto num_keys = static_cast<std::size_t>(part.num_keys);
    std::vector<float> out(static_cast<std::size_t>(part.num_queries) * num_keys), rows(kRows * all_keys);
    const float share = 1.0f / static_cast<float>(heads.size());
    for (const HeadId head : heads) {
        for (int begin = 0; begin < part.num_queries; begin += kRows) {
            const int count = std::min(kRows, part.num_queries - begin);
            const auto size = static_cast<std::size_t>(count);
            trace.rows(head.layer, head.head, part.first_query + begin, part.first_query + begin + count,
                       std::span(rows).first(size * all_keys));
            for (std::size_t row = 0; row < size; ++row) {
                const float* const from = rows.data() + row * all_keys + part.first_key;
                float* const to = out.data() + (static_cast<std::size_t>(begin) + row) * num_keys;
                for (std::size_t key = 0; key < num_keys; ++key)
                    to[key] += heads.size() == 1 ? from[key] : share * from[key];
            }
        }
    }
    return out;
}

std::string name_of_heads(const std::vector<HeadId>& heads) {
    if (heads.size() == 1) return fmt::format("Layer {} · Head {}", heads[0].layer, heads[0].head);
    std::string names;
    for (std::size_t i = 0; i < heads.size() && i < 4; ++i)
        names += (i == 0 ? "" : ", ") + heads[i].to_string();
    if (heads.size() > 4) return fmt::format("Mean of {} heads", heads.size());
    return "Mean of " + names;
}

FigureCaption caption_of_run(const AnalyzedRun& run) {
    const std::string weights = run.spec.dtype.empty() ? "" : run.spec.dtype + " weights, ";
    // Which of the three attentions of an encoder-decoder it is.
    FigureCaption caption{run.spec.name, weights + "softmax in " + run.trace->info().dtype,
                          run.spec.has_decoder ? kind_name(run.kind) + std::string(" attention") : ""};
    if (run.units)
        caption.note += fmt::format("{}between {}s", caption.note.empty() ? "" : " ", to_string(run.unit()));
    return caption;
}

std::string source_words(const AnalyzedRun& run) {
    constexpr std::size_t kMostWords = 120;
    std::string text = utf8::replace_invalid(run.token_queries().text);
    if (text.size() > kMostWords) {
        std::size_t cut = kMostWords;
        while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80)
            --cut;
        text = text.substr(0, cut) + "…";
    }
    for (char& c : text)
        if (c == '\n' || c == '\r' || c == '\t') c = ' ';
    const std::string shown = shown_weights_words(run);
    return fmt::format("Model {}, {} {}s{}{}", run.spec.name, run.trace->num_queries(), to_string(run.unit()),
                       text.empty() ? "." : ": “" + text + "”.",
                       shown.empty() ? "" : " Shown: " + shown + ".");
}

}  // namespace headlight
