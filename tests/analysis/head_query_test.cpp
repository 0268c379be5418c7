// Heads by an expression: what it means, what it says when it is wrong, and the table of all heads.
#include "analysis/search/head_query.h"

#include <doctest/doctest.h>

#include "analysis/detector.h"
#include "analysis/search/head_table.h"

namespace headlight {
namespace {

/// Two layers of two heads. Entropy is 1 + the head's index, and does not exist for the last; L0H1 and L1H0
/// are tagged as induction, with scores .9 and .6; L1H0 as first_token too.
TextAnalysis four_heads() {
    TextAnalysis out;
    out.grid = {2, 2};
    for (std::size_t i = 0; i < 4; ++i) {
        HeadAnalysis head;
        head.id = out.grid.at(i);
        for (const MetricDescriptor* metric : metrics()) {
            if (metric->kind != MetricKind::Pattern) continue;
            MetricValue value{metric, 0.25, {}};
            if (std::string(metric->id) == "entropy")
                value.value = i == 3 ? std::nullopt : std::optional(1.0 + static_cast<double>(i));
            head.metrics.push_back(value);
        }
        for (const DetectorDescriptor* detector : detectors()) {
            Tag tag;
            tag.detector = detector;
            const std::string id = detector->id;
            tag.score.is_tagged =
                (id == "induction" && (i == 1 || i == 2)) || (id == "first_token" && i == 2);
            if (id == "induction" && (i == 1 || i == 2)) {
                tag.score.score = i == 1 ? 0.9 : 0.6;
                tag.score.lift = i == 1 ? 9 : 6;
                tag.score.kappa = i == 1 ? 0.8 : 0.5;
            }
            head.tags.push_back(tag);
        }
        out.heads.push_back(std::move(head));
    }
    return out;
}

std::string found(const TextAnalysis& text, const std::string& expression) {
    const auto query = HeadQuery::parse(expression);
    if (!query) return query.error().message;
    std::string out;
    for (const HeadId head : query->find({&text}, text.grid))
        out += (out.empty() ? "" : " ") + head.to_string();
    return out;
}

}  // namespace

TEST_CASE("head query: tags, comparisons, and, or, not, brackets") {
    const TextAnalysis text = four_heads();
    CHECK(found(text, "induction") == "L0H1 L1H0");
    CHECK(found(text, "not induction") == "L0H0 L1H1");
    CHECK(found(text, "induction and layer < 1") == "L0H1");
    CHECK(found(text, "induction and not sink") == "L0H1");
    CHECK(found(text, "sink or head = 1") == "L0H1 L1H0 L1H1");
    CHECK(found(text, "tagged") == "L0H1 L1H0");
    CHECK(found(text, "layer = 1 and (head = 0 or head = 1) and not tagged") == "L1H1");
    CHECK(found(text, "layer = 1 or layer = 0 and head = 0") == "L0H0 L1H0 L1H1");  // and binds closer
    CHECK(found(text, "L0H1 or l1h1") == "L0H1 L1H1");
    CHECK(found(text, "2 <= entropy < 3") == "L0H1");
    CHECK(found(text, "induction.score > .5 and induction.lift >= 9") == "L0H1");
    CHECK(found(text, "induction.kappa<80%") == "L1H0");
    CHECK(found(text, "self_mass == .25 && !induction || L1H0") == "L0H0 L1H0 L1H1");
    CHECK(found(text, "NOT Induction AND Layer>=1") == "L1H1");
    CHECK(found(text, "head != layer") == "L0H1 L1H0");
}

TEST_CASE("head query: what does not exist matches neither way") {
    const TextAnalysis text = four_heads();
    CHECK(found(text, "entropy < 100") == "L0H0 L0H1 L1H0");
    CHECK(found(text, "not entropy < 100") == "");
    CHECK(found(text, "entropy < 100 or layer = 1") == "L0H0 L0H1 L1H0 L1H1");  // true whatever it is
    CHECK(found(text, "qk_top5 > 0 or induction") == "L0H1 L1H0");              // no weights are known
    CHECK(found(text, "not qk_top5 > 0") == "");
    const auto query = HeadQuery::parse("qk_top5 > entropy and layer < 3 and entropy < 2");
    REQUIRE(query);
    CHECK(query->needs(MetricKind::Weights));
    CHECK_FALSE(query->needs(MetricKind::Matrix));
    REQUIRE(query->fields().size() == 3);
    CHECK(query->fields()[1].name() == "entropy");
    CHECK_FALSE(query->test({&text}, {0, 0}).has_value());
}

TEST_CASE("head query: tags can come from elsewhere") {
    const TextAnalysis text = four_heads();
    HeadNumbers numbers{&text};
    numbers.is_tagged = [](HeadId head, const DetectorDescriptor& detector) {
        return head == HeadId{0, 0} && std::string(detector.id) == "uniform";
    };
    CHECK(HeadQuery::parse("induction")->find(numbers, text.grid).empty());
    CHECK(HeadQuery::parse("uniform")->find(numbers, text.grid) == std::vector<HeadId>{{0, 0}});
}

TEST_CASE("head query: errors name the place and the nearest name") {
    const TextAnalysis text = four_heads();
    const auto says = [&](const char* expression, const char* words) {
        const std::string message = found(text, expression);
        CAPTURE(expression);
        CAPTURE(message);
        CHECK(message.find(words) != std::string::npos);
    };
    says("induktion and layer < 8", "at 1 ");
    says("induktion and layer < 8", "induction");
    says("layer < 8 and entrpy < 1", "at 15 ");
    says("layer < 8 and entrpy < 1", "did you mean entropy?");
    says("entropy", "compare it");
    says("induction > .5", "induction.score");
    says("induction.scor > .5", ".score");
    says("layer < 8 entropy < 1", "at 11 ");
    says("(layer < 8", "at 1 a ( is opened");
    says("layer < 8)", "at 10 stands )");
    says("layer <", "at 8 the expression ends");
    says("layer < and head < 1", "at 9 ");
    says("", "empty");
    says("layer < 8 ; head", "at 11 ");
    says("5", "compare it");
    says("layer < 5x", "at 10 ");
    says(std::string(300, '(').c_str(), "nested");
    says(std::string(5000, ' ').c_str(), "5000 bytes");
}

TEST_CASE("head query: every metric and detector can be named") {
    for (const MetricDescriptor* metric : metrics()) {
        CAPTURE(metric->id);
        CHECK(HeadQuery::parse(std::string(metric->id) + " > 0"));
    }
    for (const DetectorDescriptor* detector : detectors()) {
        CAPTURE(detector->id);
        CHECK(HeadQuery::parse(detector->id));
        for (const char* part : {"score", "null", "lift", "kappa", "argmax_rate", "q"})
            CHECK(HeadQuery::parse(std::string(detector->id) + "." + part + " > 0"));
    }
}

TEST_CASE("head table: a row a head, empty cells for what does not exist") {
    const TextAnalysis text = four_heads();
    const HeadTable table = make_head_table({&text});
    REQUIRE(table.rows.size() == 4);
    CHECK(table.metrics.size() == metrics().size());
    CHECK(table.rows[2].tags.size() == 2);
    CHECK(std::string(table.rows[1].strongest->id) == "induction");
    CHECK(table.rows[1].score == 0.9);
    CHECK(table.rows[0].strongest == nullptr);
    const std::vector<HeadId> heads = {{1, 1}, {1, 0}};
    const std::string csv = head_table_csv(table, heads);
    CHECK(csv.starts_with("layer,head,tags,strongest,score,lift,kappa,entropy,"));
    CHECK(csv.find("\n1,1,,,,,,,0.25,") != std::string::npos);  // entropy does not exist there
    CHECK(csv.find("\n1,0,first_token;induction,induction,0.6,6,0.5,3,") != std::string::npos);
    CHECK(csv.find("\n0,") == std::string::npos);
}

}  // namespace headlight
