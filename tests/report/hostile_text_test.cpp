// Names that would be markup if they were pasted: every page shows them as text.
#include <doctest/doctest.h>

#include <type_traits>

#include "report/atlas/atlas_page.h"
#include "report/atlas/comparison_page.h"
#include "report/html/page.h"
#include "report/html/table.h"
#include "report/page_reading.h"
#include "report/sample_atlas.h"
#include "report/sample_validation.h"
#include "report/training/training_chart.h"
#include "report/validation/validation_html.h"

using namespace headlight;
using test::holds;

namespace {

const std::string kAttack =
    "<script>alert(1)</script>\" onload=x ' & \x01\xE2\x80\xAE\xFF</style></title><img src=x>";
const std::string kEscaped =
    "&lt;script&gt;alert(1)&lt;/script&gt;&quot; onload=x ' &amp; "
    "[U+0001][U+202E]\xEF\xBF\xBD&lt;/style&gt;&lt;/title&gt;&lt;img src=x&gt;";

std::string hostile(const std::string& name) {
    return name + kAttack;
}

/// The page is well formed, has no tag or attribute but those of our own pages, and shows every name whole.
void check_page(const std::string& page, const std::vector<std::string>& names) {
    test::PageReader reader(page);
    CHECK(reader.first_fault() == "");
    CHECK(reader.tags().count("script") == 0);
    CHECK(reader.tags().count("img") == 0);
    CHECK(reader.attributes().count("onload") == 0);
    CHECK(reader.attributes().count("src") == 0);
    for (const std::string& name : names)
        CHECK_MESSAGE(holds(page, name + kEscaped), "not shown: ", name);
}

Atlas hostile_atlas(const std::string& model) {
    Atlas atlas = test::sample_atlas();
    atlas.model = hostile(model);
    atlas.family = hostile("family");
    atlas.dtype = hostile("dtype");
    atlas.headlight_version = hostile("version");
    atlas.corpus = {hostile("document")};
    atlas.probes = {hostile("probe")};
    atlas.methods = hostile("methods");
    atlas.answers = {{hostile("question"), hostile("answer")}};
    atlas.controls[0].name = hostile("control");
    for (AtlasDetector& detector : atlas.detectors) {
        detector.label = hostile("label");
        detector.definition = hostile("definition");
        detector.source = hostile("source");
        detector.measured_on = hostile("measured on");
    }
    atlas.conllu = {hostile("gold syntax")};
    atlas.relations = {{hostile("relation"), 5, 60, 0.1, 0.4, 1}};
    for (const AtlasHead& head : atlas.heads) {
        AtlasRelationEntry entry;
        entry.head = head.head;
        entry.relation = atlas.relations[0].name;
        entry.is_tagged = true;
        atlas.relation_entries.push_back(entry);
    }
    for (AtlasEntry& entry : atlas.entries)
        entry.reason = hostile("reason");
    for (AtlasHead& head : atlas.heads) {
        head.shape = hostile("shape");
        head.metrics = {{hostile("metric"), 1.0}};
        for (AtlasExample& example : head.examples)
            example.document = hostile("example");
    }
    return atlas;
}

}  // namespace

TEST_CASE("hostile text: a string becomes markup only as escaped text, a name only from the source") {
    static_assert(!std::is_constructible_v<MarkupName, std::string>);
    static_assert(!std::is_constructible_v<MarkupName, std::string_view>);
    CHECK(Markup(kAttack).bytes() == kEscaped);
    CHECK(joined("a", kAttack).bytes() == "a" + kEscaped);
    CHECK(element("p", {{"title", kAttack}}, kAttack).bytes() ==
          "<p title=\"" + kEscaped + "\">" + kEscaped + "</p>");
    CHECK(isolated(kAttack).bytes() == "<bdi>" + kEscaped + "</bdi>");
    HtmlRow row;
    row.text(kAttack).sentence(kAttack).markup(kAttack).figure(kAttack);
    CHECK(test::count(row.cells().bytes(), kEscaped) == 4);
    CHECK(test::count(row.cells().bytes(), "<td") == 4);
    check_page(html_page(hostile("page"), section(kAttack, hostile("section"), link_to(kAttack, "x"))),
               {"page", "section"});
}

TEST_CASE("hostile text: the page of an atlas") {
    const auto page = atlas_page(hostile_atlas("model"));
    REQUIRE(page);
    check_page(*page, {"What the heads of model",
                       "model",
                       "family",
                       "dtype",
                       "version",
                       "document",
                       "probe",
                       "methods",
                       "question",
                       "answer",
                       "control",
                       "label",
                       "definition",
                       "source",
                       "measured on",
                       "reason",
                       "relation",
                       "shape",
                       "metric",
                       "example"});
}

TEST_CASE("hostile text: the page of two atlases") {
    const auto page = comparison_page(hostile_atlas("left"), hostile_atlas("right"));
    REQUIRE(page);
    check_page(*page, {"left", "right", "label", "definition", "measured on", "methods", "document"});
    CHECK(test::count(*page, "<svg") == 2 + 2 * 3);
}

TEST_CASE("hostile text: the validation page") {
    std::vector<std::string> names;
    const ValidationReport report = test::sample_validation([&](const std::string& name) {
        if (name != "rule" && name != "family") names.push_back(name);  // these two only JSON tells
        return hostile(name);
    });
    check_page(validation_html(report), names);
}

TEST_CASE("hostile text: the picture of a training log") {
    TrainingLog log;
    log.title = hostile("log");
    log.names = {hostile("metric")};
    for (std::int64_t step : {0, 10, 20}) {
        TrainingRow row;
        row.step = step;
        row.values[log.names[0]] = static_cast<double>(step);
        log.rows.push_back(row);
    }
    check_page(training_chart(log), {"log"});
    // The panel's title is the name up to its first '/'; the line says all of it.
    CHECK(holds(training_chart(log), "<title>metric" + kEscaped + "</title>"));
}
