// Which heads, which replacement: the options of `ablate` as interventions.
#include <algorithm>
#include <charconv>
#include <map>
#include <sstream>

#include "io/checkpoint/checkpoint.h"
#include "io/checkpoint/tensor_values.h"
#include "io/json_file.h"
#include "run/ablate/ablate_text.h"

namespace headlight {
namespace {

constexpr std::size_t kMostPatternBytes = std::size_t{256} << 20;

bool read_int(std::string_view text, int& value) {
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
    return !text.empty() && result.ec == std::errc{} && result.ptr == text.data() + text.size();
}

std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> parts;
    std::stringstream in(text);
    for (std::string part; std::getline(in, part, separator);)
        parts.push_back(part);
    return parts;
}

std::vector<HeadId> heads_of_layer(const ModelSpec& spec, int layer) {
    std::vector<HeadId> heads;
    for (int head = 0; head < spec.num_heads; ++head)
        heads.push_back({layer, head});
    return heads;
}

/// Heads that the options name; none named means all of layers that attend.
Result<std::vector<HeadId>> named_heads(const AblateRequest& options, const ModelSpec& spec) {
    HEADLIGHT_TRY(std::vector<HeadId> heads, parse_heads(options.heads, spec));
    for (const int layer : options.layers) {
        if (layer < 0 || layer >= spec.num_layers)
            return fail(ErrorKind::InvalidInput, "--layers {}: the model has layers 0 to {}", layer,
                        spec.num_layers - 1);
        const auto more = heads_of_layer(spec, layer);
        heads.insert(heads.end(), more.begin(), more.end());
    }
    if (heads.empty()) {
        const std::vector<int>& absent = spec.layers_without_attention;
        for (int layer = 0; layer < spec.num_layers; ++layer) {
            if (std::binary_search(absent.begin(), absent.end(), layer)) continue;
            const auto more = heads_of_layer(spec, layer);
            heads.insert(heads.end(), more.begin(), more.end());
        }
    }
    std::sort(heads.begin(), heads.end());
    heads.erase(std::unique(heads.begin(), heads.end()), heads.end());
    return heads;
}

/// "1.3:7>2": head, query, key.
Result<std::vector<Intervention>> cut_edges(const AblateRequest& options, const ModelSpec& spec) {
    std::map<HeadId, std::vector<Edge>> by_head;
    for (const std::string& text : options.edges) {
        const auto colon = text.find(':'), arrow = text.find('>');
        Edge edge;
        if (colon == std::string::npos || arrow == std::string::npos || arrow < colon ||
            !read_int(std::string_view(text).substr(colon + 1, arrow - colon - 1), edge.query) ||
            !read_int(std::string_view(text).substr(arrow + 1), edge.key)) {
            return fail(ErrorKind::InvalidInput, "--edges '{}': expected LAYER.HEAD:QUERY>KEY, as in 1.3:7>2",
                        text);
        }
        HEADLIGHT_TRY(const HeadId head, parse_head(text.substr(0, colon), spec));
        by_head[head].push_back(edge);
    }
    std::vector<Intervention> out;
    for (auto& [head, edges] : by_head) {
        Intervention one;
        one.mode = InterventionMode::KnockOut;
        one.heads = {head};
        one.edges = std::move(edges);
        out.push_back(std::move(one));
    }
    return out;
}

Result<std::vector<Matrix>> patterns_of_json(const std::string& path) {
    HEADLIGHT_TRY(const nlohmann::json json, read_json_file(path, kMostPatternBytes));
    const auto wrong = [&] {
        return fail(make_error(ErrorKind::InvalidInput,
                               "a pattern in JSON is a list of rows of numbers, all of one length")
                        .in_file(path));
    };
    if (!json.is_array() || json.empty() || !json[0].is_array()) return wrong();
    Matrix matrix(static_cast<std::int64_t>(json.size()), static_cast<std::int64_t>(json[0].size()));
    for (std::size_t r = 0; r < json.size(); ++r) {
        if (!json[r].is_array() || json[r].size() != json[0].size()) return wrong();
        for (std::size_t c = 0; c < json[r].size(); ++c) {
            if (!json[r][c].is_number()) return wrong();
            matrix.at(static_cast<std::int64_t>(r), static_cast<std::int64_t>(c)) = json[r][c].get<float>();
        }
    }
    return std::vector<Matrix>{std::move(matrix)};
}

/// Tensor `pattern`, or the only tensor: [N, N] for all heads, or [heads, N, N].
Result<std::vector<Matrix>> patterns_of_safetensors(const std::string& path) {
    HEADLIGHT_TRY(const CheckpointPtr file, open_checkpoint(path));
    const TensorInfo* tensor = file->find("pattern");
    if (tensor == nullptr && file->tensors.size() == 1) tensor = &file->tensors.front();
    if (tensor == nullptr)
        return fail(make_error(ErrorKind::InvalidInput,
                               "a pattern file needs a tensor 'pattern', or holds one tensor only")
                        .in_file(path));
    const auto& shape = tensor->shape;
    if ((shape.size() != 2 && shape.size() != 3) || shape[shape.size() - 1] != shape[shape.size() - 2]) {
        return fail(make_error(ErrorKind::InvalidInput,
                               "a pattern is [tokens, tokens] or [heads, tokens, tokens], not {}",
                               shape_to_string(shape))
                        .in_file(path)
                        .at_tensor(tensor->name));
    }
    HEADLIGHT_TRY(const std::vector<float> values, tensor_as_floats(*file, *tensor));
    const std::int64_t n = shape.back(), count = shape.size() == 3 ? shape[0] : 1;
    std::vector<Matrix> out;
    for (std::int64_t h = 0; h < count; ++h) {
        Matrix matrix(n, n);
        std::copy_n(values.begin() + h * n * n, n * n, matrix.values.begin());
        out.push_back(std::move(matrix));
    }
    return out;
}

/// The patterns that the same heads have on another text of as many tokens.
Result<std::vector<Matrix>> patterns_of_text(const AblateRequest& options, const LiveModel& model,
                                             const std::vector<HeadId>& heads, std::size_t num_tokens,
                                             const JobContext& job) {
    TextOptions other;
    other.text = options.from_text;
    other.has_text = true;
    HEADLIGHT_TRY(const TokenizedText tokens, read_tokens(options.text.beside(other), model));
    if (tokens.tokens.size() != num_tokens) {
        return fail(ErrorKind::InvalidInput,
                    "--from-text has {} tokens, the text has {}; rows fit only when they are as many",
                    tokens.tokens.size(), num_tokens);
    }
    RunRequest run;
    run.ids = tokens.ids();
    HEADLIGHT_TRY(const RunResult result, model.runner->run(run, job));
    std::vector<Matrix> out;
    for (const HeadId head : heads) {
        Matrix matrix(static_cast<std::int64_t>(num_tokens), static_cast<std::int64_t>(num_tokens));
        matrix.values = result.trace->matrix(head.layer, head.head);
        out.push_back(std::move(matrix));
    }
    return out;
}

Status fill_patterns(const AblateRequest& options, const LiveModel& model, const AblateResult& texts,
                     const JobContext& job, Intervention& one) {
    if (texts.texts.size() != 1) {
        return fail(ErrorKind::InvalidInput,
                    "a pattern belongs to one text, but the text was cut into {}; use a shorter text or a "
                    "larger --window-length",
                    texts.texts.size());
    }
    const std::size_t num_tokens = texts.texts.front().tokens.size();
    if (!options.from_text.empty()) {
        HEADLIGHT_TRY(one.patterns, patterns_of_text(options, model, one.heads, num_tokens, job));
        return {};
    }
    if (options.pattern_path.empty())
        return fail(ErrorKind::InvalidInput, "--mode pattern needs --pattern FILE, or --from-text TEXT");
    const bool is_json = options.pattern_path.ends_with(".json");
    HEADLIGHT_TRY(one.patterns, is_json ? patterns_of_json(options.pattern_path)
                                        : patterns_of_safetensors(options.pattern_path));
    for (const Matrix& matrix : one.patterns) {
        if (matrix.rows != static_cast<std::int64_t>(num_tokens) || matrix.cols != matrix.rows)
            return fail(make_error(ErrorKind::InvalidInput, "the pattern is {} x {}, the text has {} tokens",
                                   matrix.rows, matrix.cols, num_tokens)
                            .in_file(options.pattern_path));
    }
    if (one.patterns.size() != 1 && one.patterns.size() != one.heads.size()) {
        return fail(make_error(ErrorKind::InvalidInput,
                               "{} patterns for {} heads; give one for all, or one for each",
                               one.patterns.size(), one.heads.size())
                        .in_file(options.pattern_path));
    }
    return {};
}

Result<InterventionMode> chosen_mode(const AblateRequest& options) {
    InterventionMode implied = InterventionMode::Uniform;
    if (!options.edges.empty()) implied = InterventionMode::KnockOut;
    if (!options.pattern_path.empty() || !options.from_text.empty()) implied = InterventionMode::Pattern;
    if (options.has_factor) implied = InterventionMode::Scale;
    if (options.mode.empty()) return implied;
    const auto mode = intervention_mode(options.mode);
    if (!mode) return fail(ErrorKind::InvalidInput, "--mode '{}' is not known", options.mode);
    if (implied != InterventionMode::Uniform && *mode != implied)
        return fail(ErrorKind::InvalidInput, "--mode {} does not go with the other options, which mean '{}'",
                    options.mode, to_string(implied));
    return *mode;
}

}  // namespace

Result<std::vector<HeadId>> parse_heads(const std::string& text, const ModelSpec& spec) {
    std::vector<HeadId> heads;
    for (const std::string& part : split(text, ',')) {
        HEADLIGHT_TRY(const HeadId head, parse_head(part, spec));
        heads.push_back(head);
    }
    return heads;
}

Result<HeadId> parse_head(const std::string& text, const ModelSpec& spec) {
    const std::string_view whole(text);
    const bool is_named = whole.starts_with('L') && whole.find('H') != std::string_view::npos;
    const auto cut = is_named ? whole.find('H') : whole.find('.');
    HeadId head;
    if (cut == std::string_view::npos ||
        !read_int(whole.substr(is_named ? 1 : 0, cut - (is_named ? 1 : 0)), head.layer) ||
        !read_int(whole.substr(cut + 1), head.head)) {
        return fail(ErrorKind::InvalidInput, "'{}' names no head; expected LAYER.HEAD, as in 1.3 or L1H3",
                    text);
    }
    if (head.layer < 0 || head.layer >= spec.num_layers || head.head < 0 || head.head >= spec.num_heads) {
        return fail(ErrorKind::InvalidInput,
                    "there is no head {}: the model has layers 0 to {} and heads 0 to {}", text,
                    spec.num_layers - 1, spec.num_heads - 1);
    }
    return head;
}

Result<std::vector<Intervention>> choose_interventions(const AblateRequest& options, const LiveModel& model,
                                                       const AblateResult& texts, const JobContext& job) {
    HEADLIGHT_TRY(const InterventionMode mode, chosen_mode(options));
    const ModelSpec& spec = model.spec();
    if (mode == InterventionMode::KnockOut) {
        if (options.edges.empty())
            return fail(ErrorKind::InvalidInput, "--mode knock_out needs --edges LAYER.HEAD:QUERY>KEY");
        return cut_edges(options, spec);
    }
    Intervention one;
    one.mode = mode;
    one.window = options.window;
    one.factor = options.factor;
    HEADLIGHT_TRY(one.heads, named_heads(options, spec));
    if (mode == InterventionMode::Scale && !options.has_factor)
        return fail(ErrorKind::InvalidInput, "--mode scale needs --factor");
    if (mode == InterventionMode::Pattern) HEADLIGHT_CHECK(fill_patterns(options, model, texts, job, one));
    return std::vector<Intervention>{std::move(one)};
}

}  // namespace headlight
