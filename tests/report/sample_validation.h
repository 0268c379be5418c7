// A validation report with something in every field.
#pragma once

#include "study/validation/validation.h"

namespace headlight::test {

/// `name(text)` makes the strings, so that a test can make them hostile.
template <class Name>
ValidationReport sample_validation(const Name& name) {
    ValidationReport report;
    report.spec.name = name("model");
    report.spec.family = name("family");
    report.spec.family_label = name("family label");
    report.spec.dtype = name("dtype");
    report.spec.compute_dtype = "float32";
    report.spec.num_layers = 2;
    report.spec.num_heads = 3;
    report.text_name = name("text");
    report.num_sequences = 12;
    report.sequence_length = 64;
    report.ids = {{1, 2, 3}};
    for (int number = 1; number <= 9; ++number) {
        CheckReport check;
        check.number = number;
        check.id = "check";
        check.title = name("title");
        check.lines = {{CheckMark::Plain, "", name("plain line")},
                       {CheckMark::Pass, name("rule"), name("passed line")},
                       {CheckMark::Fail, name("rule"), name("failed line")},
                       {CheckMark::NotApplicable, name("rule"), name("line that does not apply")},
                       {CheckMark::Plain, "", ""}};
        check.meaning = name("meaning");
        check.numbers = {{name("number"), 0.123456789}, {"absent", std::nullopt}};
        CheckTable table;
        table.id = name("table");
        table.columns = {"layer", name("column")};
        table.rows = {{0.0, 1.5}, {1.0, std::nullopt}};
        table.row_names = {name("row"), "second"};
        check.tables = {table};
        report.checks.push_back(check);
    }
    report.num_passed = 9;
    report.num_counted = 18;
    report.critical = {name("issue")};
    report.scenario = "scenario_1";
    report.scenario_title = name("scenario");
    report.reasons = {name("reason")};
    report.conclusion = {name("conclusion"), name("second line")};
    report.advice = {name("advice")};
    report.seconds = 1.5;
    return report;
}

}  // namespace headlight::test
