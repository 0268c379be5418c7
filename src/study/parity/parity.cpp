#include "study/parity/parity.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/token.h"
#include "study/parity/reference.h"

namespace headlight {
namespace {

constexpr int kRowsAtOnce = 64;

/// Where the keys of a kind begin in the file: "attn.3", "cross_attn.3".
const char* attention_key(AttentionKind kind) {
    switch (kind) {
        case AttentionKind::Self:
            return "attn";
        case AttentionKind::Encoder:
            return "enc_attn";
        case AttentionKind::Decoder:
            return "dec_attn";
        case AttentionKind::Cross:
            return "cross_attn";
    }
    return "";
}

const char* hidden_key(AttentionKind kind) {
    if (kind == AttentionKind::Encoder) return "enc_hidden";
    return kind == AttentionKind::Decoder ? "dec_hidden" : "hidden";
}

/// Sums of one layer while the texts go by.
struct LayerSum {
    LayerParity parity;
    double sum = 0;
    std::int64_t count = 0;
};

struct Comparison {
    const ParityReference& reference;
    ParityReport& report;
    const JobContext& job;
    std::vector<LayerSum> layers;

    LayerSum& layer_of(AttentionKind kind, int layer) {
        for (LayerSum& known : layers) {
            if (known.parity.kind == kind && known.parity.layer == layer) return known;
        }
        LayerSum added;
        added.parity.kind = kind;
        added.parity.layer = layer;
        layers.push_back(added);
        return layers.back();
    }
    StateParity& state_of(AttentionKind kind, int state) {
        for (StateParity& known : report.hidden) {
            if (known.kind == kind && known.state == state) return known;
        }
        StateParity added;
        added.kind = kind;
        added.state = state;
        report.hidden.push_back(added);
        return report.hidden.back();
    }
};

double finite_or_infinity(double value) {
    return std::isfinite(value) ? value : std::numeric_limits<double>::infinity();
}

/// Rows of one head against `wanted` [queries, keys].
void compare_head(const AttentionTrace& trace, int layer, int head, std::span<const float> wanted, int text,
                  LayerSum& into) {
    const auto num_keys = static_cast<std::size_t>(trace.num_keys());
    std::vector<float> rows(kRowsAtOnce * num_keys);
    for (int begin = 0; begin < trace.num_queries(); begin += kRowsAtOnce) {
        const int end = std::min(begin + kRowsAtOnce, trace.num_queries());
        const std::span<float> block(rows.data(), static_cast<std::size_t>(end - begin) * num_keys);
        trace.rows(layer, head, begin, end, block);
        const std::size_t first = static_cast<std::size_t>(begin) * num_keys;
        for (std::size_t i = 0; i < block.size(); ++i) {
            const double difference =
                finite_or_infinity(std::abs(static_cast<double>(block[i]) - wanted[first + i]));
            into.sum += difference;
            if (difference <= into.parity.max_difference) continue;
            into.parity.max_difference = difference;
            into.parity.text = text;
            into.parity.head = head;
            into.parity.query = static_cast<int>((first + i) / num_keys);
            into.parity.key = static_cast<int>((first + i) % num_keys);
        }
    }
    into.count += static_cast<std::int64_t>(wanted.size());
}

Status compare_layer(Comparison& comparison, const AttentionTrace& trace, AttentionKind kind, int layer,
                     std::size_t text_index) {
    const int text = comparison.report.texts[text_index].text;
    const std::size_t head_size =
        static_cast<std::size_t>(trace.num_queries()) * static_cast<std::size_t>(trace.num_keys());
    HEADLIGHT_TRY(const std::vector<float> wanted,
                  comparison.reference.values(text, fmt::format("{}.{}", attention_key(kind), layer),
                                              {trace.num_heads(), trace.num_queries(), trace.num_keys()}));
    LayerSum& sum = comparison.layer_of(kind, layer);
    for (int head = 0; head < trace.num_heads(); ++head) {
        if (comparison.job.should_stop())
            return fail(ErrorKind::Cancelled, "stopped while comparing with the reference");
        compare_head(trace, layer, head,
                     std::span(wanted).subspan(static_cast<std::size_t>(head) * head_size, head_size),
                     static_cast<int>(text_index), sum);
    }
    return {};
}

/// Layers of the encoder (or of the only stack) that have softmax attention.
Status compare_stack(Comparison& comparison, const AttentionTrace& trace, AttentionKind kind,
                     std::size_t text_index) {
    for (int layer = 0; layer < trace.num_layers(); ++layer) {
        if (trace.is_absent(layer)) continue;
        HEADLIGHT_CHECK(compare_layer(comparison, trace, kind, layer, text_index));
    }
    return {};
}

Status compare_decoder(Comparison& comparison, const RunResult& run, std::size_t text_index) {
    for (int layer = 0; layer < run.decoder_trace->num_layers(); ++layer) {
        HEADLIGHT_CHECK(
            compare_layer(comparison, *run.decoder_trace, AttentionKind::Decoder, layer, text_index));
        HEADLIGHT_CHECK(compare_layer(comparison, *run.cross_trace, AttentionKind::Cross, layer, text_index));
    }
    return {};
}

/// Largest |ours - theirs| over the largest |theirs|; the plain difference where theirs are all zero.
double relative_difference(std::span<const float> ours, std::span<const float> theirs) {
    double difference = 0, size = 0;
    for (std::size_t i = 0; i < theirs.size(); ++i) {
        difference =
            std::max(difference, finite_or_infinity(std::abs(static_cast<double>(ours[i]) - theirs[i])));
        size = std::max(size, std::abs(static_cast<double>(theirs[i])));
    }
    return size > 0 ? finite_or_infinity(difference / size) : difference;
}

Result<std::optional<double>> compare_matrix(const Comparison& comparison, int text, const std::string& key,
                                             const Matrix& ours) {
    if (ours.empty() || !comparison.reference.has(text, key)) return std::optional<double>();
    HEADLIGHT_TRY(const std::vector<float> theirs,
                  comparison.reference.values(text, key, {ours.rows, ours.cols}));
    return std::optional(relative_difference(ours.values, theirs));
}

Status compare_hidden(Comparison& comparison, const std::vector<Matrix>& states, AttentionKind kind,
                      int text) {
    for (std::size_t i = 0; i < states.size(); ++i) {
        const std::string key = fmt::format("{}.{}", hidden_key(kind), i);
        HEADLIGHT_TRY(const auto difference, compare_matrix(comparison, text, key, states[i]));
        if (!difference) continue;
        StateParity& state = comparison.state_of(kind, static_cast<int>(i));
        state.max_relative = std::max(state.max_relative, *difference);
    }
    return {};
}

Status compare_text(Comparison& comparison, ModelRunner& runner, std::size_t text_index) {
    ParityReport& report = comparison.report;
    const ParityText& text = report.texts[text_index];
    RunRequest request;
    request.ids = text.ids;
    request.decoder_ids = text.decoder_ids;
    request.may_reuse_prefix = false;
    request.wants_hidden = true;
    request.wants_all_logits = comparison.reference.has(text.text, "logits");
    HEADLIGHT_TRY(const RunResult run, runner.run(request, comparison.job));
    const bool has_decoder = run.decoder_trace && run.cross_trace;
    const AttentionKind kind = has_decoder ? AttentionKind::Encoder : AttentionKind::Self;
    report.absent_layers = run.trace->info().absent_layers;
    HEADLIGHT_CHECK(compare_stack(comparison, *run.trace, kind, text_index));
    HEADLIGHT_CHECK(compare_hidden(comparison, run.hidden, kind, text.text));
    if (has_decoder) {
        HEADLIGHT_CHECK(compare_decoder(comparison, run, text_index));
        HEADLIGHT_CHECK(compare_hidden(comparison, run.decoder_hidden, AttentionKind::Decoder, text.text));
    }
    HEADLIGHT_TRY(const auto logits, compare_matrix(comparison, text.text, "logits", run.logits));
    if (logits) report.logits_max_relative = std::max(report.logits_max_relative.value_or(0), *logits);
    return {};
}

/// The segments of a sentence pair, where the reference gives them: without, it ran the first alone.
Status add_segments(const ParityReference& reference, int text, std::vector<std::int32_t>& ids) {
    if (!reference.has(text, "token_type_ids")) return {};
    HEADLIGHT_TRY(const std::vector<std::int32_t> segments, reference.ids(text, "token_type_ids"));
    static constexpr std::int32_t kMostSegments = 1 << (31 - kSegmentShift);
    const bool is_known = std::all_of(segments.begin(), segments.end(),
                                      [](std::int32_t segment) { return segment < kMostSegments; });
    if (segments.size() != ids.size() || !is_known) {
        return fail(make_error(ErrorKind::Corrupt,
                               "token_type_ids holds {} numbers for {} input_ids; expected one below {} for "
                               "each",
                               segments.size(), ids.size(), kMostSegments));
    }
    for (std::size_t i = 0; i < ids.size(); ++i)
        ids[i] = read_id(ids[i], static_cast<std::uint8_t>(segments[i]));
    return {};
}

/// Ids of a text, or of the picture that stands in its place.
Result<std::vector<std::int32_t>> read_input(const ParityReference& reference, ModelRunner& runner,
                                             int text) {
    if (!runner.takes_pictures() || reference.has(text, "input_ids")) return reference.ids(text, "input_ids");
    HEADLIGHT_TRY(const PixelValues pixels, reference.pixels(text));
    HEADLIGHT_TRY(const PictureTokens tokens, runner.add_picture(pixels));
    return tokens.ids();
}

/// The texts to compare with their ids. The decoder's ids belong to encoder-decoders alone.
Status choose_texts(const ParityReference& reference, ModelRunner& runner, ParityReport& report) {
    const ModelSpec& spec = runner.spec();
    const std::vector<int> known = reference.texts();
    if (known.empty()) {
        return fail(
            make_error(ErrorKind::Missing,
                       "the reference file has neither input_ids nor t0.input_ids (nor pixel_values of a "
                       "picture); docs/parity.md shows how such a file is made")
                .in_file(report.reference_file));
    }
    for (const int text : report.options.texts.empty() ? known : report.options.texts) {
        if (std::find(known.begin(), known.end(), text) == known.end()) {
            return fail(make_error(ErrorKind::InvalidInput, "the reference file has no text {}; it has {}",
                                   text,
                                   known.front() < 0 ? "one text without a number"
                                                     : fmt::format("{}", fmt::join(known, ", ")))
                            .in_file(report.reference_file));
        }
        ParityText added;
        added.text = text;
        HEADLIGHT_TRY(added.ids, read_input(reference, runner, text));
        HEADLIGHT_CHECK(add_segments(reference, text, added.ids));
        const bool has_decoder = reference.has(text, "decoder_input_ids");
        if (has_decoder != spec.has_decoder) {
            const char* why = has_decoder
                                  ? "the reference has decoder_input_ids, but the model is no encoder-decoder"
                                  : "the model is an encoder-decoder, but the reference has no "
                                    "decoder_input_ids";
            return fail(make_error(ErrorKind::InvalidInput, "cannot compare {} with this reference: {}",
                                   spec.name, why)
                            .in_file(report.reference_file));
        }
        if (has_decoder) {
            HEADLIGHT_TRY(added.decoder_ids, reference.ids(text, "decoder_input_ids"));
        }
        report.texts.push_back(std::move(added));
    }
    return {};
}

/// Is this two sentences whose segments the file does not give? The last token ends both: where it stood
/// before, the first ends.
std::size_t begin_of_second(const ParityReference& reference, const ParityText& text) {
    if (reference.has(text.text, "token_type_ids") || !text.decoder_ids.empty() || text.ids.empty()) return 0;
    const auto first = std::find(text.ids.begin(), text.ids.end() - 1, text.ids.back());
    const auto second = static_cast<std::size_t>(first - text.ids.begin()) + 1;
    return second < text.ids.size() ? second : 0;
}

/// Puts what follows the first separator of each text into segment 1. False: no text has two.
bool guess_segments(const ParityReference& reference, ParityReport& report) {
    for (ParityText& text : report.texts) {
        const std::size_t second = begin_of_second(reference, text);
        for (std::size_t i = second; second > 0 && i < text.ids.size(); ++i)
            text.ids[i] = read_id(text.ids[i], 1);
        report.has_guessed_segments |= second > 0;
    }
    return report.has_guessed_segments;
}

void finish(Comparison& comparison) {
    ParityReport& report = comparison.report;
    for (LayerSum& layer : comparison.layers) {
        if (layer.count > 0) layer.parity.mean_difference = layer.sum / static_cast<double>(layer.count);
        layer.parity.departs = !(layer.parity.max_difference <= report.options.tolerance);
        if (layer.parity.departs && !report.first_departing) report.first_departing = report.layers.size();
        report.layers.push_back(layer.parity);
    }
    for (StateParity& state : report.hidden)
        state.departs = !(state.max_relative <= report.options.relative_tolerance);
}

/// Runs all texts of the report and fills it.
Status compare_all(const ParityReference& reference, ModelRunner& runner, const JobContext& job,
                   ParityReport& report) {
    Comparison comparison{reference, report, job, {}};
    for (std::size_t i = 0; i < report.texts.size(); ++i) {
        job.report({"comparing with the reference",
                    static_cast<double>(i) / static_cast<double>(report.texts.size()),
                    fmt::format("text {} of {}", i + 1, report.texts.size())});
        HEADLIGHT_CHECK(compare_text(comparison, runner, i));
    }
    finish(comparison);
    return {};
}

}  // namespace

Result<ParityReport> measure_parity(ModelRunner& runner, const std::string& reference_file,
                                    const ParityOptions& options, const JobContext& job) {
    HEADLIGHT_TRY(const ParityReference reference, ParityReference::open(reference_file));
    ParityReport report;
    report.reference_file = reference_file;
    report.model = runner.spec().name;
    report.family = runner.spec().family;
    report.options = options;
    HEADLIGHT_CHECK(choose_texts(reference, runner, report));
    ParityReport of_pairs = report;
    HEADLIGHT_CHECK(compare_all(reference, runner, job, report));
    if (!report.departs() || runner.spec().is_causal || !guess_segments(reference, of_pairs)) return report;
    // A model without segments refuses them or takes no notice.
    const Status compared = compare_all(reference, runner, job, of_pairs);
    return compared && !of_pairs.departs() ? of_pairs : report;
}

}  // namespace headlight
