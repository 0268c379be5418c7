#include "analysis/generation/made_from.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "core/cause/weighted_trace.h"

namespace headlight {
namespace {

constexpr std::size_t kMostParts = 12;
constexpr std::array<std::string_view, 11> kRoles = {"system",    "user",     "assistant", "tool",
                                                     "developer", "human",    "model",     "ipython",
                                                     "context",   "document", "function"};

bool is_blank(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isspace(c) != 0; });
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())))
        text.remove_prefix(1);
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())))
        text.remove_suffix(1);
    return text;
}

/// "" where it is none that templates use.
std::string role_of(std::string_view line) {
    const std::string_view word = trimmed(line);
    return std::find(kRoles.begin(), kRoles.end(), word) == kRoles.end() ? std::string() : std::string(word);
}

/// Bytes of the tokens [begin, end) that are no special ones.
std::string words_of(const TokenizedText& text, int begin, int end) {
    std::string out;
    std::size_t done = 0;  // tokens of one character share its bytes
    for (int i = begin; i < end; ++i) {
        const Token& token = text.tokens[static_cast<std::size_t>(i)];
        const std::size_t from = std::max(token.byte_begin, done);
        if (token.is_special || token.byte_end <= from || token.byte_end > text.text.size()) continue;
        out += text.text.substr(from, token.byte_end - from);
        done = token.byte_end;
    }
    return out;
}

/// A part of every run of special tokens and what follows it; none where no special token stands inside.
std::vector<TextPart> parts_by_template(const TokenizedText& text, int num_prompt) {
    const auto is_special = [&](int i) { return text.tokens[static_cast<std::size_t>(i)].is_special; };
    std::vector<int> starts = {0};
    for (int i = 1; i < num_prompt; ++i)
        if (is_special(i) && !is_special(i - 1)) starts.push_back(i);
    std::vector<TextPart> out;
    std::string role;  // that a header gave to what follows it
    int begin = 0;
    for (std::size_t s = 0; s < starts.size(); ++s) {
        const int end = s + 1 < starts.size() ? starts[s + 1] : num_prompt;
        const std::string words = words_of(text, starts[s], end);
        if (is_blank(words) && !out.empty() && role.empty()) {  // "<|im_end|>" and a line break
            out.back().end = begin = end;
            continue;
        }
        const std::string header = role_of(words);
        if (!header.empty() && s + 1 < starts.size()) {  // a role alone: of what comes
            role = header;
            continue;
        }
        std::string name = role.empty() ? role_of(words.substr(0, words.find('\n'))) : role;
        out.push_back({std::move(name), begin, end});
        begin = end;
        role.clear();
    }
    if (begin < num_prompt) out.push_back({role, begin, num_prompt});
    return out;
}

std::vector<TextPart> parts_by_blank_lines(const TokenizedText& text, int num_prompt) {
    std::vector<TextPart> out;
    int begin = 0, num_breaks = 0;
    std::size_t done = 0;
    for (int i = 0; i < num_prompt; ++i) {
        const Token& token = text.tokens[static_cast<std::size_t>(i)];
        bool begins = false;
        for (std::size_t b = std::max(done, token.byte_begin); b < token.byte_end && b < text.text.size();
             ++b) {
            const auto c = static_cast<unsigned char>(text.text[b]);
            if (c == '\n') ++num_breaks;
            if (std::isspace(c)) continue;
            begins |= num_breaks > 1 && i > begin;
            num_breaks = 0;
        }
        done = std::max(done, token.byte_end);
        if (!begins) continue;
        out.push_back({"", begin, i});
        begin = i;
    }
    if (begin < num_prompt) out.push_back({"", begin, num_prompt});
    return out;
}

/// What is over the most goes into the last.
std::vector<TextPart> with_names(std::vector<TextPart> parts) {
    if (parts.size() > kMostParts) {
        parts[kMostParts - 1].end = parts.back().end;
        parts[kMostParts - 1].name = "more";
        parts.resize(kMostParts);
    }
    if (parts.size() == 1 && parts[0].name.empty()) parts[0].name = "prompt";
    for (std::size_t i = 0; i < parts.size(); ++i) {
        std::string wanted = parts[i].name.empty() ? fmt::format("part {}", i + 1) : parts[i].name,
                    name = wanted;
        const auto is_taken = [&](const TextPart& part) { return part.name == name; };
        const auto before = parts.begin() + static_cast<std::ptrdiff_t>(i);
        for (int n = 2; std::any_of(parts.begin(), before, is_taken); ++n)
            name = fmt::format("{} {}", wanted, n);
        parts[i].name = std::move(name);
    }
    return parts;
}

Status check_made_from(const AttentionTrace& trace, const MadeFromRequest& request) {
    if (request.first_query < 0 || request.last_query > trace.num_queries() ||
        request.first_query >= request.last_query)
        return fail(ErrorKind::InvalidInput, "there are no rows {} to {}; the text has {}",
                    request.first_query, request.last_query - 1, trace.num_queries());
    const bool has_layer = !request.layer || (*request.layer >= 0 && *request.layer < trace.num_layers());
    const bool has_head =
        !request.head || (request.layer && *request.head >= 0 && *request.head < trace.num_heads());
    if (!has_layer || !has_head) return fail(ErrorKind::InvalidInput, "there is no such head");
    for (const TextPart& part : request.parts) {
        if (part.begin < 0 || part.end > trace.num_keys() || part.begin >= part.end)
            return fail(ErrorKind::InvalidInput, "the part '{}' ({} to {}) lies outside the {} tokens",
                        part.name, part.begin, part.end - 1, trace.num_keys());
    }
    return {};
}

/// Of every key its part.
std::vector<int> parts_of_keys(const MadeFromRequest& request, int num_keys,
                               std::vector<std::string>& names) {
    std::vector<int> of(static_cast<std::size_t>(num_keys), -1);
    for (std::size_t p = 0; p < request.parts.size(); ++p) {
        for (int key = request.parts[p].begin; key < request.parts[p].end; ++key)
            of[static_cast<std::size_t>(key)] = static_cast<int>(p);
        names.push_back(request.parts[p].name);
    }
    const auto add = [&](int begin, int end, const char* name) {
        bool is_there = false;
        for (int key = begin; key < end; ++key) {
            int& part = of[static_cast<std::size_t>(key)];
            if (part >= 0) continue;
            part = static_cast<int>(names.size());
            is_there = true;
        }
        if (is_there) names.emplace_back(name);
    };
    const int num_prompt = std::clamp(request.num_prompt, 0, num_keys);
    add(0, num_prompt, "unmarked");
    add(num_prompt, num_keys, "written so far");
    return of;
}

/// Sums over the rows of heads.
struct PartSums {
    std::size_t num_parts;
    std::vector<int> part_of;                 // of each key
    std::vector<double> shares, uniform;      // [rows, parts]
    std::vector<int> num_heads;               // [rows]
    const WeightedTrace* weighted = nullptr;  // keys that are left out

    void add(std::size_t r, std::span<const float> row, KeyRange range) {
        const auto counts = [&](int key) { return weighted == nullptr || !weighted->is_sink(key); };
        double sum = 0, num_seen = 0;
        for (int key = range.begin; key < range.end; ++key) {
            sum += row[static_cast<std::size_t>(key)];
            num_seen += counts(key) ? 1 : 0;
        }
        if (sum <= 0) return;
        ++num_heads[r];
        for (int key = range.begin; key < range.end; ++key) {
            const auto k = static_cast<std::size_t>(key);
            const std::size_t at = r * num_parts + static_cast<std::size_t>(part_of[k]);
            shares[at] += row[k] / sum;
            if (counts(key)) uniform[at] += 1 / num_seen;
        }
    }
};

}  // namespace

std::vector<TextPart> parts_of_prompt(const TokenizedText& text, int num_prompt) {
    num_prompt = std::min(num_prompt, static_cast<int>(text.tokens.size()));
    if (num_prompt <= 0) return {};
    bool has_inner = false;
    for (int i = 1; i + 1 < num_prompt; ++i)
        has_inner |= text.tokens[static_cast<std::size_t>(i)].is_special;
    return with_names(has_inner ? parts_by_template(text, num_prompt)
                                : parts_by_blank_lines(text, num_prompt));
}

std::vector<TextPart> mark_part(std::vector<TextPart> parts, TextPart marked) {
    std::vector<TextPart> out;
    for (const TextPart& part : parts) {
        if (part.name == marked.name) continue;
        const TextPart before{part.name, part.begin, std::min(part.end, marked.begin)},
            after{part.name, std::max(part.begin, marked.end), part.end};
        const bool has_both = before.begin < before.end && after.begin < after.end;
        if (marked.begin >= marked.end) {
            out.push_back(part);
            continue;
        }
        if (before.begin < before.end) out.push_back(before);
        if (after.begin < after.end)
            out.push_back({has_both ? part.name + " after" : part.name, after.begin, after.end});
    }
    if (marked.begin < marked.end) out.push_back(std::move(marked));
    std::sort(out.begin(), out.end(), [](const TextPart& a, const TextPart& b) { return a.begin < b.begin; });
    return out;
}

Result<MadeFrom> made_from(const AttentionTrace& trace, const MadeFromRequest& request,
                           const JobContext& job) {
    HEADLIGHT_CHECK(check_made_from(trace, request));
    MadeFrom out;
    const int num_keys = trace.num_keys();
    PartSums sums;
    sums.part_of = parts_of_keys(request, num_keys, out.names);
    sums.num_parts = out.names.size();
    sums.weighted = dynamic_cast<const WeightedTrace*>(&trace);
    out.first_query = request.first_query;
    out.num_rows = request.last_query - request.first_query;
    const auto num_rows = static_cast<std::size_t>(out.num_rows);
    sums.shares.assign(num_rows * sums.num_parts, 0);
    sums.uniform = sums.shares;
    sums.num_heads.assign(num_rows, 0);
    const int first_layer = request.layer.value_or(0), first_head = request.head.value_or(0);
    const int last_layer = request.layer ? first_layer + 1 : trace.num_layers(),
              last_head = request.head ? first_head + 1 : trace.num_heads();
    std::vector<float> row(static_cast<std::size_t>(num_keys));
    for (int layer = first_layer; layer < last_layer; ++layer) {
        for (int head = first_head; head < last_head && !trace.is_absent(layer); ++head) {
            if (job.should_stop()) return fail(ErrorKind::Cancelled, "nobody asks for these shares any more");
            for (int query = request.first_query; query < request.last_query; ++query) {
                trace.rows(layer, head, query, query + 1, row);
                sums.add(static_cast<std::size_t>(query - request.first_query), row,
                         trace.admissible(layer, query));
            }
        }
    }
    for (std::size_t i = 0; i < sums.shares.size(); ++i) {
        const double count = std::max(1, sums.num_heads[i / sums.num_parts]);
        out.shares.push_back(static_cast<float>(sums.shares[i] / count));
        out.uniform.push_back(static_cast<float>(sums.uniform[i] / count));
    }
    out.num_heads = std::move(sums.num_heads);
    return out;
}

}  // namespace headlight
