#include "report/search/find_report.h"

#include <fmt/format.h>

namespace headlight {
namespace {

std::string cell(const std::optional<double>& value, int digits) {
    return value ? fmt::format("{:.{}f}", *value, digits) : std::string("-");
}

std::string small_cell(const std::optional<double>& value) {
    return value ? fmt::format("{:.2g}", *value) : std::string("-");
}

}  // namespace

std::string find_text(const FindResult& result, int num_shown) {
    std::string out = fmt::format(
        "{} on {} tokens{}, heads by {}\n", result.is_drawing ? "Drawing" : "Rule", result.num_queries,
        result.num_keys == result.num_queries ? std::string() : fmt::format(" over {}", result.num_keys),
        to_string(result.order));
    out += fmt::format("  {}\n\n", result.what);
    out +=
        fmt::format("  {:<8} {:>7} {:>7} {:>7} {:>7} {:>7} {:>8} {:>9} {:>9} {:>9} {:>9}\n", "head", "mass",
                    "null", "lift", "kappa", "cosine", "pearson", "p shifts", "q shifts", "p rows", "q rows");
    int left = num_shown;
    for (const std::size_t index : best_first(result.search, result.order)) {
        const HeadFit& fit = result.search.heads[index];
        if (left-- <= 0 || !fit_value(fit, result.order)) break;
        out += fmt::format("  {:<8} {:>7} {:>7} {:>7} {:>7} {:>7} {:>8} {:>9} {:>9} {:>9} {:>9}\n",
                           fit.head.to_string(), cell(fit.mass, 4), cell(fit.null, 4), cell(fit.lift, 2),
                           cell(fit.kappa, 3), cell(fit.cosine, 3), cell(fit.pearson, 3), small_cell(fit.p),
                           small_cell(fit.q), small_cell(fit.p_rows), small_cell(fit.q_rows));
    }
    const SearchResult& search = result.search;
    out += fmt::format("\nShifts: {}.\nRows: {}.\n", search.shift_note, search.rows_note);
    out += result.is_drawing
               ? "A drawing holds for this text only: say it as a rule to try it on others.\n"
               : "On this text only: descriptive. `scan --rules` puts a saved rule to the test on others.\n";
    return out;
}

Json find_json(const FindResult& result) {
    Json rows = Json::array();
    for (const HeadFit& fit : result.search.heads) {
        rows.push_back({{"layer", fit.head.layer},
                        {"head", fit.head.head},
                        {"mass", json_number(fit.mass)},
                        {"null", json_number(fit.null)},
                        {"lift", json_number(fit.lift)},
                        {"kappa", json_number(fit.kappa)},
                        {"cosine", json_number(fit.cosine)},
                        {"pearson", json_number(fit.pearson)},
                        {"p", json_number(fit.p)},
                        {"q", json_number(fit.q)},
                        {"p_rows", json_number(fit.p_rows)},
                        {"q_rows", json_number(fit.q_rows)},
                        {"p_heads", json_number(fit.p_heads)},
                        {"rows", fit.num_rows}});
    }
    return rows;
}

}  // namespace headlight
