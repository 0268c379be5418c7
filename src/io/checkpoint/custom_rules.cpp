#include "io/checkpoint/custom_rules.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <regex>

namespace headlight {
namespace {

constexpr std::size_t kMostRules = 256, kMostCharacters = 512;
constexpr std::chrono::seconds kLongest{5};

Error wrong_rule(const std::string& file, std::size_t index, const std::string& what) {
    return make_error(ErrorKind::Corrupt, "weights[{}]: {}", index, what).in_file(file);
}

/// Patterns are matched without backtracking, so that none takes time beyond pattern times name. Counted
/// repetitions are refused because they multiply the pattern.
std::optional<std::regex> compile(const std::string& pattern) {
    if (pattern.empty() || pattern.size() > kMostCharacters || pattern.find('{') != std::string::npos)
        return std::nullopt;
    try {
        return std::regex(pattern, std::regex::ECMAScript | std::regex_constants::__polynomial);
    } catch (const std::regex_error&) {
        return std::nullopt;
    }
}

/// A text of bounded length, or a list of them.
std::optional<std::vector<std::string>> texts_of(const nlohmann::json& value) {
    std::vector<std::string> out;
    for (const auto& one : value.is_array() ? value : nlohmann::json::array({value})) {
        if (!one.is_string() || out.size() >= kMostRules) return std::nullopt;
        out.push_back(one.get<std::string>());
        if (out.back().empty() || out.back().size() > kMostCharacters) return std::nullopt;
    }
    return out.empty() ? std::nullopt : std::optional(std::move(out));
}

std::optional<bool> flag(const nlohmann::json& rule, const char* key) {
    if (!rule.contains(key)) return false;
    return rule[key].is_boolean() ? std::optional(rule[key].get<bool>()) : std::nullopt;
}

Result<WeightRule> read_rule(const nlohmann::json& json, std::size_t index, const std::string& file) {
    if (!json.is_object() || !json.contains("match") || !json["match"].is_string())
        return fail(
            wrong_rule(file, index, "expected {\"match\": \"regular expression\", \"name\": \"...\"}"));
    WeightRule rule;
    rule.match = json["match"].get<std::string>();
    if (!compile(rule.match)) {
        return fail(wrong_rule(file, index,
                               "'match' is no regular expression of at most 512 characters without counted "
                               "repetition {n} and back-references"));
    }
    const auto transposed = flag(json, "transpose"), squeezed = flag(json, "squeeze"),
               skipped = flag(json, "skip");
    if (!transposed || !squeezed || !skipped)
        return fail(wrong_rule(file, index, "'transpose', 'squeeze' and 'skip' are true or false"));
    rule.is_transposed = *transposed;
    rule.is_squeezed = *squeezed;
    rule.is_skipped = *skipped;
    if (rule.is_skipped) return rule;
    const auto names = texts_of(json.contains("name") ? json["name"] : nlohmann::json());
    if (!names)
        return fail(
            wrong_rule(file, index, "expected 'name' (a text, or a list to cut the tensor into) or 'skip'"));
    rule.names = *names;
    return rule;
}

Error wrong_tensor(const std::string& file, const TensorInfo& tensor, const std::string& what) {
    return make_error(ErrorKind::Unsupported, "{}; it has the shape {} and holds {}", what,
                      shape_to_string(tensor.shape), to_string(tensor.dtype))
        .in_file(file)
        .at_tensor(tensor.name);
}

/// Columns [begin, end) of a plain matrix, row after row.
std::shared_ptr<const std::vector<std::byte>> columns_of(std::span<const std::byte> bytes,
                                                         std::size_t row_bytes, std::size_t begin,
                                                         std::size_t end) {
    auto out = std::make_shared<std::vector<std::byte>>();
    out->reserve(bytes.size() / row_bytes * (end - begin));
    for (std::size_t row = 0; row + row_bytes <= bytes.size(); row += row_bytes)
        out->insert(out->end(), bytes.begin() + row + begin, bytes.begin() + row + end);
    return out;
}

/// Part `index` of `count` along the axis that is the first once a transposition is done.
TensorInfo part_of(const Checkpoint& checkpoint, const TensorInfo& tensor, bool is_transposed,
                   std::size_t index, std::size_t count) {
    TensorInfo part = tensor;
    const std::size_t axis = is_transposed ? 1 : 0;
    part.shape[axis] /= static_cast<std::int64_t>(count);
    const std::span<const std::byte> bytes = checkpoint.bytes(tensor);
    part.length_bytes = tensor.length_bytes / count;
    if (is_transposed) {
        const std::size_t row = bytes.size() / static_cast<std::size_t>(tensor.shape[0]);
        part.copy = columns_of(bytes, row, index * (row / count), (index + 1) * (row / count));
    } else if (tensor.copy) {
        const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(index * part.length_bytes);
        part.copy = std::make_shared<const std::vector<std::byte>>(
            begin, begin + static_cast<std::ptrdiff_t>(part.length_bytes));
    } else {
        part.offset_bytes += index * part.length_bytes;
    }
    return part;
}

void transpose(TensorInfo& tensor) {
    std::reverse(tensor.shape.begin(), tensor.shape.end());
    tensor.is_transposed = !tensor.is_transposed;
}

/// The tensor under the names of a rule that fits it.
Status add_renamed(const WeightRule& rule, const std::vector<std::string>& names,
                   const Checkpoint& checkpoint, TensorInfo tensor, const std::string& file,
                   std::vector<TensorInfo>& out) {
    if (rule.is_squeezed && !tensor.is_transposed) std::erase(tensor.shape, 1);
    const bool is_cut = names.size() > 1;
    const bool needs_matrix = rule.is_transposed && tensor.shape.size() != 2;
    if (needs_matrix || (rule.is_transposed && tensor.num_rotary_heads > 0))
        return fail(wrong_tensor(file, tensor, "only a matrix can be transposed"));
    if (is_cut && (!is_plain(tensor) || tensor.shape.empty() || tensor.num_elements() == 0))
        return fail(wrong_tensor(file, tensor, "only a tensor of plain numbers can be cut into parts"));
    if (is_cut && tensor.shape[rule.is_transposed ? 1 : 0] % static_cast<std::int64_t>(names.size()) != 0)
        return fail(
            wrong_tensor(file, tensor, fmt::format("cannot be cut into {} equal parts", names.size())));
    for (std::size_t i = 0; i < names.size(); ++i) {
        TensorInfo one = is_cut ? part_of(checkpoint, tensor, rule.is_transposed, i, names.size()) : tensor;
        one.name = names[i];
        if (rule.is_transposed) transpose(one);
        out.push_back(std::move(one));
    }
    return {};
}

struct CompiledRule {
    const WeightRule* rule = nullptr;
    std::regex pattern;
};

/// $1 ... of the names filled in. Errors: Corrupt (a name grows too long).
Result<std::vector<std::string>> names_of(const CompiledRule& rule, const std::smatch& found,
                                          const std::string& file) {
    std::vector<std::string> names;
    for (const std::string& name : rule.rule->names) {
        names.push_back(found.format(name));
        if (names.back().empty() || names.back().size() > kMostCharacters) {
            return fail(make_error(ErrorKind::Corrupt, "the rule '{}' gives a name of {} characters",
                                   rule.rule->match, names.back().size())
                            .in_file(file));
        }
    }
    return names;
}

}  // namespace

Result<std::vector<WeightRule>> read_weight_rules(const nlohmann::json& list, const std::string& file) {
    if (!list.is_array() || list.size() > kMostRules) {
        return fail(make_error(ErrorKind::Corrupt, "'weights' must be a list of at most {} rules", kMostRules)
                        .in_file(file));
    }
    std::vector<WeightRule> rules;
    for (std::size_t i = 0; i < list.size(); ++i) {
        HEADLIGHT_TRY(WeightRule rule, read_rule(list[i], i, file));
        rules.push_back(std::move(rule));
    }
    return rules;
}

Result<RenamedTensors> apply_weight_rules(const std::vector<WeightRule>& rules, const Checkpoint& checkpoint,
                                          const std::string& file) {
    std::vector<CompiledRule> compiled;
    for (const WeightRule& rule : rules) {
        if (auto pattern = compile(rule.match)) compiled.push_back({&rule, std::move(*pattern)});
    }
    const auto deadline = std::chrono::steady_clock::now() + kLongest;
    RenamedTensors out;
    for (const TensorInfo& tensor : checkpoint.tensors) {
        std::smatch found;
        const CompiledRule* fitting = nullptr;
        for (const CompiledRule& rule : compiled) {
            if (tensor.name.size() > kMostCharacters) break;
            if (std::chrono::steady_clock::now() > deadline) {
                return fail(make_error(ErrorKind::Corrupt,
                                       "the rules of 'weights' take longer than {} s on these names",
                                       kLongest.count())
                                .in_file(file));
            }
            if (!std::regex_match(tensor.name, found, rule.pattern)) continue;
            fitting = &rule;
            break;
        }
        if (fitting == nullptr) {
            out.tensors.push_back(tensor);
            continue;
        }
        ++out.num_matched;
        if (fitting->rule->is_skipped) continue;
        HEADLIGHT_TRY(const std::vector<std::string> names, names_of(*fitting, found, file));
        HEADLIGHT_CHECK(add_renamed(*fitting->rule, names, checkpoint, tensor, file, out.tensors));
    }
    return out;
}

}  // namespace headlight
