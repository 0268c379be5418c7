#include "report/compare/compare_json.h"

#include "base/utf8.h"
#include "report/cause/tensor_file.h"

namespace headlight {
namespace {

Json change_json(const std::vector<MetricChange>& changes) {
    Json out = Json::object();
    for (const MetricChange& change : changes) {
        out[change.metric->id] = {{"a", json_number(change.a)},
                                  {"b", json_number(change.b)},
                                  {"difference", json_number(change.difference())}};
    }
    return out;
}

Json compared_tags(const ComparedRun& run, HeadId head) {
    Json out = Json::array();
    for (const Tag& tag : run.text->analysis.head(head).tags) {
        if (tag.score.is_tagged) out.push_back(tag.detector->id);
    }
    return out;
}

Json side_json(const ComparedRun& run) {
    Json tokens = Json::array();
    for (const Token& token : run.text->tokens.tokens)
        tokens.push_back({{"id", token.id}, {"piece", token.piece}, {"special", token.is_special}});
    Json out = {{"label", run.label},
                {"model", {{"name", run.spec.name}, {"family", run.spec.family}, {"dtype", run.spec.dtype}}},
                {"text", utf8::replace_invalid(run.text->tokens.text)},
                {"tokens", std::move(tokens)},
                {"stored", !run.text->was_measured_now}};
    if (run.predictions.top.empty()) return out;
    Json top = Json::array();
    for (std::size_t i = 0; i < run.predictions.top.size(); ++i) {
        top.push_back({{"id", run.predictions.top[i].id},
                       {"piece", run.predictions.display[i]},
                       {"probability", run.predictions.top[i].probability}});
    }
    out["prediction"] = {{"position", run.position}, {"top", std::move(top)}};
    if (run.answer) {
        out["answer"] = {{"answer_logit", run.answer->answer_logit},
                         {"rival_logit", run.answer->rival_logit},
                         {"difference", run.answer->difference},
                         {"probability", run.answer->probability}};
    }
    return out;
}

Json compared_head(const Comparison& c, std::size_t index) {
    const HeadDivergence& head = c.heads[index];
    Json out = {{"layer", head.heads.a.layer},
                {"head", head.heads.a.head},
                {"jsd", json_number(head.jsd)},
                {"jsd_after", json_number(head.jsd_after)},
                {"rows", head.num_rows},
                {"rows_after", head.num_rows_after},
                {"rest", head.rest},
                {"rest_after", head.rest_after},
                {"metrics", change_json(c.metrics[index])},
                {"tags", {{"a", compared_tags(c.a, head.heads.a)}, {"b", compared_tags(c.b, head.heads.b)}}}};
    if (head.heads.a != head.heads.b) {
        out["other_layer"] = head.heads.b.layer;
        out["other_head"] = head.heads.b.head;
    }
    if (c.null) out["above_null"] = head.ranked > c.null->high;
    return out;
}

}  // namespace

Json comparison_json(const Comparison& c) {
    Json pairs = Json::array(), heads = Json::array();
    for (const auto& [a, b] : c.alignment.queries.pairs)
        pairs.push_back({a, b});
    for (const std::size_t index : c.ranking())
        heads.push_back(compared_head(c, index));
    Json out = {
        {"compared", to_string(c.by)},
        {"a", side_json(c.a)},
        {"b", side_json(c.b)},
        {"aligned", std::move(pairs)},
        {"first_difference",
         c.alignment.queries.is_same_text() ? Json(nullptr) : Json(c.alignment.queries.num_equal_first)},
        {"rows_before_agree", c.alignment.agrees_before},
        {"prompt_pairs", c.by == ComparedBy::Texts ? 1 : 0},
        {"kl", json_number(c.kl)},
        {"null", nullptr},
        {"metrics", change_json(c.mean_metrics)},
        {"heads", std::move(heads)}};
    if (c.null) out["null"] = {{"what", c.null->what}, {"mean", c.null->mean}, {"p95", c.null->high}};
    return out;
}

Status write_comparison(const std::string& path, const Comparison& c) {
    std::vector<float> rows, jsd, after;
    for (const HeadDivergence& head : c.heads) {
        rows.insert(rows.end(), head.row_jsd.begin(), head.row_jsd.end());
        jsd.push_back(static_cast<float>(head.jsd.value_or(0)));
        after.push_back(static_cast<float>(head.jsd_after.value_or(0)));
    }
    const AttentionTrace& trace = *c.a.text->trace;
    const bool is_grid = c.heads.size() == trace.grid().size();
    const std::int64_t layers = is_grid ? trace.num_layers() : 1,
                       heads = is_grid ? trace.num_heads() : static_cast<std::int64_t>(c.heads.size());
    TensorFile file;
    file.add("compare.row_jsd", {layers, heads, trace.num_queries()}, rows);
    file.add("compare.jsd", {layers, heads}, jsd);
    file.add("compare.jsd_after", {layers, heads}, after);
    return file.write(path, c.a.spec);
}

}  // namespace headlight
