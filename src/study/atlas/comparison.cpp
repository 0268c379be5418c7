// Two atlases side by side: what each model's heads do, pattern by pattern.
#include <fmt/format.h>

#include <algorithm>

#include "base/atomic_file.h"
#include "study/atlas/digest.h"
#include "study/atlas/html.h"
#include "study/atlas/html_map.h"
#include "study/atlas/html_tables.h"
#include "study/atlas/report.h"

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

std::string half_row(const PatternDigest* pattern) {
    if (!pattern) return "<td>–</td><td class=\"l\">not looked for</td><td>–</td><td>–</td>";
    const AtlasEntry* best = pattern->strongest;
    const std::string name = best ? best->head.to_string() + (best->is_tagged ? "" : " (not tagged)") : "–";
    return fmt::format("<td>{}</td><td class=\"l\">{}</td><td>{}</td><td>{}</td>", pattern->tagged.size(),
                       name, best ? decimal_html(best->confirmation.score) : "–",
                       decimal_html(pattern->median_consistency));
}

std::string pattern_table(const Atlas& left, const Atlas& right, const std::vector<PatternPair>& pairs) {
    const std::string half =
        "<th>tagged heads</th><th class=\"l\">strongest</th><th>its score</th><th>median consistency</th>";
    std::string out =
        "<div class=\"scroll\"><table><thead><tr><th class=\"l\"></th><th class=\"l\" colspan=\"4\">" +
        isolate_html(left.model) + "</th><th class=\"l\" colspan=\"4\">" + isolate_html(right.model) +
        "</th></tr><tr><th class=\"l\">pattern</th>" + half + half + "</tr></thead><tbody>\n";
    for (const PatternPair& pair : pairs)
        out += "<tr><td class=\"l\">" + isolate_html(pair.label()) + "</td>" + half_row(pair.left) +
               half_row(pair.right) + "</tr>\n";
    return out + "</tbody></table></div>\n";
}

std::string map_pairs(const Atlas& left, const Atlas& right, const std::vector<PatternPair>& pairs) {
    std::string out = "<p class=\"soft\">" + isolate_html(left.model) + " on the left, " +
                      isolate_html(right.model) +
                      " on the right. Compare colours only where both legends end at the same number.</p>\n";
    for (const PatternPair& pair : pairs) {
        out += "<div class=\"two\"><div>" + (pair.left ? score_map_html(left, *pair.left) : "") +
               "</div><div>" + (pair.right ? score_map_html(right, *pair.right) : "") + "</div></div>\n";
    }
    return out;
}

std::string two_columns(const std::string& left, const std::string& right) {
    return "<div class=\"two\"><div>" + left + "</div><div>" + right + "</div></div>\n";
}

std::string side_html(const Atlas& atlas, const AtlasDigest& digest) {
    std::vector<AtlasAnswer> answers = answer_questions(atlas);
    answers.pop_back();  // the comparison answers the last one
    return "<h3>" + isolate_html(atlas.model) + "</h3>" + summary_html(atlas, digest) + answers_html(answers);
}

}  // namespace

Status write_atlas_comparison(const std::string& path, const Atlas& left, const Atlas& right) {
    HEADLIGHT_CHECK(check_atlas(left));
    HEADLIGHT_CHECK(check_atlas(right));
    const AtlasDigest left_digest = digest_atlas(left), right_digest = digest_atlas(right);
    const std::vector<PatternPair> pairs = pair_patterns(left_digest, right_digest);
    const std::string answer = compare_in_words(left, left_digest, right, right_digest, pairs);
    std::string page = page_head_html(left.model + " and " + right.model);
    page += "<h1>" + isolate_html(left.model) + " and " + isolate_html(right.model) + "</h1>\n";
    page += section_html("answers", "How do the two models differ?",
                         "<p>" + isolate_html(answer, 20'000) + "</p>\n");
    page += section_html("patterns", "Pattern by pattern", pattern_table(left, right, pairs));
    const std::vector<bool> no_left(left.heads.size(), false), no_right(right.heads.size(), false);
    page += section_html("overview", "All heads",
                         two_columns(overview_map_html(left, left_digest, no_left),
                                     overview_map_html(right, right_digest, no_right)));
    page += section_html("maps", "One map for each pattern", map_pairs(left, right, pairs));
    page += section_html("each", "Each by itself",
                         two_columns(side_html(left, left_digest), side_html(right, right_digest)));
    page += section_html("methods", "Methods", methods_html(left));
    return write_file_atomic(path, page + page_end_html());
}

}  // namespace headlight
