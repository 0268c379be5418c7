// Parts, numbers and tables of a validation as JSON.
#include "report/validation/validation_json.h"

namespace headlight {
namespace {

Json lines_json(const CheckReport& check) {
    Json lines = Json::array();
    for (const CheckLine& line : check.lines) {
        if (line.mark == CheckMark::Plain && line.text.empty()) continue;
        Json one = Json::object();
        if (line.mark != CheckMark::Plain) {
            one["status"] = to_string(line.mark);
            one["name"] = line.name;
        }
        one["text"] = line.text;
        lines.push_back(std::move(one));
    }
    return lines;
}

Json table_json(const CheckTable& table) {
    Json rows = Json::array();
    for (std::size_t r = 0; r < table.rows.size(); ++r) {
        Json row = Json::object();
        if (r < table.row_names.size()) row["name"] = table.row_names[r];
        for (std::size_t c = 0; c < table.columns.size() && c < table.rows[r].size(); ++c) {
            const std::string& column = table.columns[c];
            const auto& value = table.rows[r][c];
            if (value && (column == "layer" || column == "head")) {
                row[column] = static_cast<int>(*value);
            } else {
                row[column] = json_number(value);
            }
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

Json check_json(const CheckReport& check) {
    Json numbers = Json::object(), tables = Json::object();
    for (const CheckNumber& number : check.numbers)
        numbers[number.id] = json_number(number.value);
    for (const CheckTable& table : check.tables)
        tables[table.id] = table_json(table);
    return {{"number", check.number},     {"id", check.id},           {"title", check.title},
            {"lines", lines_json(check)}, {"meaning", check.meaning}, {"numbers", std::move(numbers)},
            {"tables", std::move(tables)}};
}

}  // namespace

Json validation_json(const ValidationReport& report) {
    const ModelSpec& spec = report.spec;
    Json tests = Json::array();
    for (const CheckReport& check : report.checks)
        tests.push_back(check_json(check));
    return {{"model",
             {{"name", spec.name},
              {"family", spec.family},
              {"layers", spec.num_layers},
              {"heads", spec.num_heads},
              {"causal", spec.is_causal},
              {"random_weights", spec.has_random_weights},
              {"dtype", spec.dtype}}},
            {"text", report.text_name},
            {"sequences", report.num_sequences},
            {"sequence_length", report.sequence_length},
            {"ids", report.ids},
            {"tests", std::move(tests)},
            {"summary",
             {{"passed", report.num_passed}, {"counted", report.num_counted}, {"critical", report.critical}}},
            {"scenario",
             {{"id", report.scenario}, {"title", report.scenario_title}, {"reasons", report.reasons}}},
            {"conclusion", report.conclusion},
            {"advice", report.advice},
            {"seconds", report.seconds}};
}

}  // namespace headlight
