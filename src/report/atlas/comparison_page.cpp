// What each model's heads do, pattern by pattern.
#include "report/atlas/comparison_page.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/atomic_file.h"
#include "report/atlas/atlas_maps.h"
#include "report/atlas/atlas_tables.h"
#include "report/html/page.h"
#include "report/html/table.h"
#include "study/atlas/answers.h"
#include "study/atlas/digest.h"

namespace headlight {
namespace {

/// One pattern in both atlases; null where an atlas did not look for it.
struct PatternPair {
    const PatternDigest* left = nullptr;
    const PatternDigest* right = nullptr;

    const std::string& label() const { return label_of(*(left ? left : right)->detector); }
};

/// Patterns of the left atlas in its order, then those that only the right one has.
std::vector<PatternPair> pair_patterns(const AtlasDigest& left, const AtlasDigest& right) {
    std::vector<PatternPair> pairs;
    const auto find = [](const AtlasDigest& digest, const std::string& id) -> const PatternDigest* {
        const auto found =
            std::find_if(digest.patterns.begin(), digest.patterns.end(),
                         [&](const PatternDigest& pattern) { return pattern.detector->id == id; });
        return found == digest.patterns.end() ? nullptr : &*found;
    };
    for (const PatternDigest& pattern : left.patterns)
        pairs.push_back({&pattern, find(right, pattern.detector->id)});
    for (const PatternDigest& pattern : right.patterns) {
        if (!find(left, pattern.detector->id)) pairs.push_back({nullptr, &pattern});
    }
    return pairs;
}

std::string joined_by_semicolons(const std::vector<std::string>& parts) {
    std::string out;
    for (std::size_t i = 0; i < parts.size(); ++i)
        out += (i > 0 ? "; " : "") + parts[i];
    return out;
}

std::string say_share(const Atlas& atlas, const AtlasDigest& digest) {
    return fmt::format("{} of {} in {}", digest.num_tagged_heads, count_of(atlas.heads.size(), "head"),
                       atlas.model);
}

std::string say_conditions(const Atlas& left, const Atlas& right) {
    std::vector<std::string> differences;
    if (left.corpus != right.corpus) differences.push_back("the texts");
    if (left.sequence_length != right.sequence_length)
        differences.push_back(
            fmt::format("tokens a sequence ({} and {})", left.sequence_length, right.sequence_length));
    if (left.num_confirmation != right.num_confirmation)
        differences.push_back(
            fmt::format("sequences that confirm ({} and {})", left.num_confirmation, right.num_confirmation));
    if (left.headlight_version != right.headlight_version) differences.push_back("the version of Headlight");
    if (differences.empty()) return "";
    return " The scans themselves differ in " + joined_by_semicolons(differences) +
           ", so small differences may come from there.";
}

std::string compare_in_words(const Atlas& left, const AtlasDigest& left_digest, const Atlas& right,
                             const AtlasDigest& right_digest, const std::vector<PatternPair>& pairs) {
    std::vector<std::string> only_left, only_right, both, not_asked;
    for (const PatternPair& pair : pairs) {
        if (!pair.left || !pair.right) {
            not_asked.push_back(pair.label());
            continue;
        }
        const std::size_t in_left = pair.left->tagged.size(), in_right = pair.right->tagged.size();
        if (in_left > 0 && in_right > 0)
            both.push_back(fmt::format("{} ({} and {})", pair.label(), in_left, in_right));
        else if (in_left > 0)
            only_left.push_back(fmt::format("{} ({})", pair.label(), in_left));
        else if (in_right > 0)
            only_right.push_back(fmt::format("{} ({})", pair.label(), in_right));
    }
    std::string out = fmt::format("{} and {} follow at least one pattern.", say_share(left, left_digest),
                                  say_share(right, right_digest));
    const auto add = [&](const std::string& start, const std::vector<std::string>& parts) {
        if (!parts.empty()) out += " " + start + ": " + joined_by_semicolons(parts) + ".";
    };
    add("In both, with the number of heads in each", both);
    add("Only in " + left.model, only_left);
    add("Only in " + right.model, only_right);
    if (both.empty() && only_left.empty() && only_right.empty()) out += " No pattern was found in either.";
    add("Looked for in one of them only, so not compared", not_asked);
    return out + say_conditions(left, right);
}

void add_half(HtmlRow& row, const PatternDigest* pattern) {
    if (!pattern) {
        row.figure("–").markup("not looked for").figure("–").figure("–");
        return;
    }
    const AtlasEntry* best = pattern->strongest;
    row.count(pattern->tagged.size());
    row.markup(best ? best->head.to_string() + (best->is_tagged ? "" : " (not tagged)") : "–");
    row.number(best ? best->confirmation.score : std::nullopt).number(pattern->median_consistency);
}

Markup pattern_table(const Atlas& left, const Atlas& right, const std::vector<PatternPair>& pairs) {
    HtmlTable table;
    table.add_head(
        {words_column({}), words_column(isolated(left.model), 4), words_column(isolated(right.model), 4)});
    table.add_head({words_column("pattern"), "tagged heads", words_column("strongest"), "its score",
                    "median consistency", "tagged heads", words_column("strongest"), "its score",
                    "median consistency"});
    for (const PatternPair& pair : pairs) {
        HtmlRow row;
        row.text(pair.label());
        add_half(row, pair.left);
        add_half(row, pair.right);
        table.add(row);
    }
    return table.html();
}

Markup map_pairs(const Atlas& left, const Atlas& right, const std::vector<PatternPair>& pairs) {
    Markup out =
        remark(joined(isolated(left.model), " on the left, ", isolated(right.model),
                      " on the right. Compare colours only where both legends end at the same number."));
    for (const PatternPair& pair : pairs) {
        out += two_columns(pair.left ? score_map(left, *pair.left) : Markup(),
                           pair.right ? score_map(right, *pair.right) : Markup());
    }
    return out;
}

Markup one_side(const Atlas& atlas, const AtlasDigest& digest) {
    std::vector<AtlasAnswer> answers = answer_questions(atlas);
    answers.pop_back();  // the comparison answers the last one
    return joined(element("h3", {}, isolated(atlas.model)), summary_part(atlas, digest),
                  answers_part(answers));
}

}  // namespace

Result<std::string> comparison_page(const Atlas& left, const Atlas& right) {
    HEADLIGHT_CHECK(check_atlas(left));
    HEADLIGHT_CHECK(check_atlas(right));
    const AtlasDigest left_digest = digest_atlas(left), right_digest = digest_atlas(right);
    const std::vector<PatternPair> pairs = pair_patterns(left_digest, right_digest);
    const std::string answer = compare_in_words(left, left_digest, right, right_digest, pairs);
    Markup body =
        joined(element("h1", {}, joined(isolated(left.model), " and ", isolated(right.model))), "\n");
    body += section("answers", "How do the two models differ?", paragraph(isolated(answer, 20'000)));
    body += section("patterns", "Pattern by pattern", pattern_table(left, right, pairs));
    const std::vector<bool> no_left(left.heads.size(), false), no_right(right.heads.size(), false);
    body += section(
        "overview", "All heads",
        two_columns(overview_map(left, left_digest, no_left), overview_map(right, right_digest, no_right)));
    body += section("maps", "One map for each pattern", map_pairs(left, right, pairs));
    body += section("each", "Each by itself",
                    two_columns(one_side(left, left_digest), one_side(right, right_digest)));
    body += section("methods", "Methods", methods_part(left));
    return html_page(left.model + " and " + right.model, body);
}

Status write_atlas_comparison(const std::string& path, const Atlas& left, const Atlas& right) {
    HEADLIGHT_TRY(const std::string page, comparison_page(left, right));
    return write_file_atomic(path, page);
}

}  // namespace headlight
