// The sections of report.html in their order.
#include "report/atlas/atlas_page.h"

#include "base/atomic_file.h"
#include "report/atlas/atlas_maps.h"
#include "report/atlas/atlas_tables.h"
#include "report/atlas/head_sections.h"
#include "report/atlas/relations.h"
#include "report/html/page.h"
#include "study/atlas/answers.h"
#include "study/atlas/digest.h"

namespace headlight {
namespace {

Markup maps_part(const Atlas& atlas, const AtlasDigest& digest) {
    Markup maps;
    for (const PatternDigest& pattern : digest.patterns)
        maps += score_map(atlas, pattern);
    return joined(remark("Score of every head under every pattern. A frame marks a tag. Colours of two maps "
                         "compare only where their legends end at the same number."),
                  element("div", {{"class", "maps"}}, maps), "\n");
}

}  // namespace

Result<std::string> atlas_page(const Atlas& atlas) {
    HEADLIGHT_CHECK(check_atlas(atlas));
    const AtlasDigest digest = digest_atlas(atlas);
    const std::vector<bool> has_section = choose_head_sections(atlas, digest);
    std::vector<PageLink> links = {{"answers", "Answers"}, {"overview", "Overview"}, {"tags", "Tags"},
                                   {"maps", "Maps"},       {"heads", "Heads"},       {"controls", "Controls"},
                                   {"methods", "Methods"}};
    if (!atlas.conllu.empty()) links.insert(links.begin() + 5, {"syntax", "Syntax"});
    Markup body = joined(element("h1", {}, joined("What the heads of ", isolated(atlas.model), " do")), "\n",
                         navigation(links), summary_part(atlas, digest));
    body += section("answers", "In words",
                    answers_part(atlas.answers.empty() ? answer_questions(atlas) : atlas.answers));
    body += section("overview", "All heads",
                    element("div", {{"class", "side"}},
                            joined(overview_map(atlas, digest, has_section), pattern_bars(digest))));
    body += section("tags", "Heads with a pattern, clearest first", tags_part(atlas, digest, has_section));
    body += section("maps", "One map for each pattern", maps_part(atlas, digest));
    body += section("heads", "Head by head", head_sections(atlas, digest, has_section));
    if (!atlas.conllu.empty()) body += section("syntax", "Relations of gold syntax", relations_part(atlas));
    body += section("controls", "Negative controls", controls_part(atlas));
    body += section("methods", "Methods", methods_part(atlas));
    return html_page("What the heads of " + atlas.model + " do", body);
}

Status write_atlas_report(const std::string& path, const Atlas& atlas) {
    HEADLIGHT_TRY(const std::string page, atlas_page(atlas));
    return write_file_atomic(path, page);
}

}  // namespace headlight
