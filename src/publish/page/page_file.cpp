// The skeleton lies in assets/page/page.html; here its gaps are filled.
#include "publish/page/page_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/atomic_file.h"
#include "base/base64.h"
#include "base/markup_text.h"
#include "base/quantities.h"
#include "base/sha256.h"
#include "publish/page/page_assets.h"
#include "publish/page/page_json.h"
#include "report/html/markup.h"

namespace headlight {
namespace {

/// Of the file beside cells and texts: style, script, skeleton, metrics.
constexpr std::size_t kFrameBytes = std::size_t{200} << 10;

/// What a content security policy names an inline script or style by.
std::string csp_hash(std::string_view bytes) {
    const std::string hex = sha256(bytes);
    std::vector<std::uint8_t> digest;
    for (std::size_t i = 0; i < hex.size(); i += 2)
        digest.push_back(static_cast<std::uint8_t>(std::stoi(hex.substr(i, 2), nullptr, 16)));
    return "'sha256-" + to_base64({reinterpret_cast<const char*>(digest.data()), digest.size()}) + "'";
}

/// `skeleton` with each "@@name@@" replaced; what is put in is not looked through again.
std::string filled_skeleton(std::string_view skeleton,
                            const std::vector<std::pair<std::string, std::string_view>>& gaps) {
    std::string out;
    while (true) {
        const std::size_t begin = skeleton.find("@@");
        if (begin == std::string_view::npos) return out.append(skeleton);
        const std::size_t end = skeleton.find("@@", begin + 2);
        const std::string_view name = skeleton.substr(begin + 2, end - begin - 2);
        out.append(skeleton.substr(0, begin));
        for (const auto& [gap, value] : gaps) {
            if (gap == name) out.append(value);
        }
        skeleton.remove_prefix(end + 2);
    }
}

Status check_tokens_of_page(int num_tokens) {
    if (num_tokens <= kMostPageTokens) return {};
    return fail(ErrorKind::InvalidInput,
                "the text has {} tokens, a page holds up to {}: shorten it, or show it between words or "
                "sentences (--by)",
                num_tokens, kMostPageTokens);
}

Result<std::vector<HeadId>> heads_of_page(const PageContent& content) {
    const AttentionTrace& trace = content.trace();
    std::vector<HeadId> out;
    const auto has = [&](HeadId head) {
        return std::find(content.heads.begin(), content.heads.end(), head) != content.heads.end();
    };
    for (std::size_t i = 0; i < trace.grid().size(); ++i) {
        const HeadId head = trace.grid().at(i);
        if (trace.is_absent(head.layer) || (!content.heads.empty() && !has(head))) continue;
        out.push_back(head);
    }
    if (out.empty())
        return fail(ErrorKind::InvalidInput,
                    "there is nothing to put on the page: none of the chosen heads has attention");
    return out;
}

RowSums sums_of(const PageContent& content) {
    if (content.shown && content.shown->weights() != WeightsShown::NoSink) return RowSums::Unknown;
    // What is left without the sink is scaled to 1; plain rows have 1 unless some went to a learned sink.
    return !content.shown && content.text->trace->info().has_sink ? RowSums::Stored : RowSums::One;
}

}  // namespace

std::string page_facts_text(const PageFacts& facts) {
    return fmt::format("{} head{} × {} queries × {} keys, {}; no cell is off by more than {:.2g}{}",
                       facts.num_heads, facts.num_heads == 1 ? "" : "s", facts.num_queries, facts.num_keys,
                       size_text(static_cast<double>(facts.size_bytes)), facts.max_error,
                       facts.levels == 0 ? " (two bytes a cell)" : "");
}

Status check_page_size(double num_heads, int num_queries, int num_keys, bool is_causal,
                       const PageOptions& options) {
    HEADLIGHT_CHECK(check_tokens_of_page(std::max(num_queries, num_keys)));
    const double queries = num_queries, cells = is_causal ? queries * (queries + 1) / 2 : queries * num_keys;
    return check_page_cells(num_heads * cells, static_cast<std::size_t>(options.most_megabytes * 1e6),
                            fmt::format("{} heads × {} tokens", num_heads, std::max(num_queries, num_keys)));
}

Result<std::string> page_html(const PageContent& content, const PageOptions& options, const JobContext& job,
                              PageFacts& facts) {
    if (!content.text || !content.text->trace || content.text->analysis.is_pending)
        return fail(ErrorKind::InvalidInput, "there is no analysed attention to put on the page");
    HEADLIGHT_CHECK(
        check_tokens_of_page(std::max(content.trace().num_queries(), content.trace().num_keys())));
    HEADLIGHT_TRY(const std::vector<HeadId> heads, heads_of_page(content));
    const auto most_bytes = static_cast<std::size_t>(options.most_megabytes * 1e6);
    const std::string json_without_cells = script_json(page_json(content, {}));
    const std::size_t taken = kFrameBytes + json_without_cells.size() + 1500 * heads.size();
    PageWeightsRequest request{.trace = content.trace(), .heads = heads};
    request.sums = sums_of(content);
    request.is_signed = content.shown && content.shown->is_signed();
    request.wants_wide = options.wants_wide;
    request.most_chars = most_bytes > taken ? most_bytes - taken : 0;
    request.num_threads = options.num_threads;
    HEADLIGHT_TRY(const PageWeights weights, encode_page_weights(request, job));
    std::string cells;
    cells.reserve(weights.size_chars() + weights.blocks.size());
    for (const PageBlock& block : weights.blocks)
        cells.append(block.text).append("\n");
    const std::string style(page_style()), script = page_script();
    const std::string data = script_json(page_json(content, weights));
    const std::string policy =
        fmt::format("default-src 'none'; script-src {}; style-src {}; base-uri 'none'; form-action 'none'",
                    csp_hash(script), csp_hash(style));
    const std::string title = Markup(visible_text(content.spec.name, 200) + " · attention").bytes();
    std::string out = filled_skeleton(page_skeleton(), {{"title", title},
                                                        {"policy", policy},
                                                        {"style", style},
                                                        {"data", data},
                                                        {"cells", cells},
                                                        {"script", script}});
    facts = {.path = {},
             .size_bytes = out.size(),
             .num_heads = static_cast<int>(heads.size()),
             .num_queries = content.trace().num_queries(),
             .num_keys = content.trace().num_keys(),
             .levels = weights.code.is_wide ? 0 : weights.code.levels,
             .max_error = weights.max_error,
             .max_sum_error = weights.max_sum_error};
    return out;
}

Result<PageFacts> write_page(const std::string& path, const PageContent& content, const PageOptions& options,
                             const JobContext& job) {
    PageFacts facts;
    HEADLIGHT_TRY(const std::string html, page_html(content, options, job, facts));
    HEADLIGHT_CHECK(write_file_atomic(path, html));
    facts.path = path;
    return facts;
}

}  // namespace headlight
