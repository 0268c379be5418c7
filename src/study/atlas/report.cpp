#include "study/atlas/report.h"

#include "base/atomic_file.h"
#include "study/atlas/digest.h"
#include "study/atlas/html.h"
#include "study/atlas/html_heads.h"
#include "study/atlas/html_map.h"
#include "study/atlas/html_tables.h"

namespace headlight {
namespace {

constexpr const char* kNavigation =
    "<nav><a href=\"#answers\">Answers</a><a href=\"#overview\">Overview</a><a href=\"#maps\">Maps</a>"
    "<a href=\"#tags\">Tags</a><a href=\"#heads\">Heads</a><a href=\"#controls\">Controls</a>"
    "<a href=\"#methods\">Methods</a></nav>\n";

std::string maps_html(const Atlas& atlas, const AtlasDigest& digest) {
    std::string out =
        "<p class=\"soft\">Score of every head under every pattern. A frame marks a tag. Colours of two maps "
        "compare "
        "only where their legends end at the same number.</p>\n<div class=\"maps\">\n";
    for (const PatternDigest& pattern : digest.patterns)
        out += score_map_html(atlas, pattern);
    return out + "</div>\n";
}

}  // namespace

Status write_atlas_report(const std::string& path, const Atlas& atlas) {
    HEADLIGHT_CHECK(check_atlas(atlas));
    const AtlasDigest digest = digest_atlas(atlas);
    const std::vector<bool> has_section = choose_head_sections(atlas, digest);
    std::string page = page_head_html("What the heads of " + atlas.model + " do");
    page += "<h1>What the heads of " + isolate_html(atlas.model) + " do</h1>\n" + kNavigation;
    page += summary_html(atlas, digest);
    page += section_html("answers", "In words",
                         answers_html(atlas.answers.empty() ? answer_questions(atlas) : atlas.answers));
    page += section_html("overview", "All heads",
                         "<div class=\"side\">" + overview_map_html(atlas, digest, has_section) +
                             pattern_bars_html(digest) + "</div>");
    page +=
        section_html("tags", "Heads with a pattern, clearest first", tags_html(atlas, digest, has_section));
    page += section_html("maps", "One map for each pattern", maps_html(atlas, digest));
    page += section_html("heads", "Head by head", heads_html(atlas, digest, has_section));
    page += section_html("controls", "Negative controls", controls_html(atlas));
    page += section_html("methods", "Methods", methods_html(atlas));
    return write_file_atomic(path, page + page_end_html());
}

}  // namespace headlight
