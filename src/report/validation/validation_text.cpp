// Nine numbered parts, summary and conclusion in plain lines.
#include "report/validation/validation_text.h"

#include <fmt/format.h>

namespace headlight {
namespace {

const std::string kDouble(70, '='), kSingle(70, '-');

void add_part(const CheckReport& check, std::size_t count, std::string& out) {
    out += fmt::format("[{}/{}] {}\n{}\n", check.number, count, check.title, kSingle);
    for (const CheckLine& line : check.lines) {
        const std::string sign = mark_sign(line.mark);
        out += sign.empty() ? line.text + "\n" : sign + " " + line.text + "\n";
    }
    out += "  Meaning: " + check.meaning + ".\n\n";
}

void add_summary(const ValidationReport& report, std::string& out) {
    out += fmt::format("{}\nSUMMARY\n{}\n\n", kDouble, kDouble);
    out += fmt::format("✓ Passed: {}/{} tests\n", report.num_passed, report.num_counted);
    out +=
        fmt::format("{} Critical issues: {}\n", report.critical.empty() ? "✓" : "❌", report.critical.size());
    for (const std::string& issue : report.critical)
        out += "   - " + issue + "\n";
    out += fmt::format("\n{}\nCONCLUSION:\n{}\n", kSingle, kSingle);
    for (const std::string& line : report.conclusion)
        out += line + "\n";
    out += fmt::format("\nInterpretation: {}\n", report.scenario_title);
    for (const std::string& reason : report.reasons)
        out += "   - " + reason + "\n";
    for (const std::string& advice : report.advice)
        out += "Action: " + advice + "\n";
    out += kDouble + "\n";
}

}  // namespace

std::string mark_sign(CheckMark mark) {
    switch (mark) {
        case CheckMark::Pass:
            return "✓";
        case CheckMark::Info:
        case CheckMark::NotApplicable:
            return "ℹ";
        case CheckMark::Warn:
            return "⚠️ ";
        case CheckMark::Fail:
            return "❌";
        case CheckMark::Plain:
            return "";
    }
    return "";
}

std::string validation_report_text(const ValidationReport& report) {
    const ModelSpec& spec = report.spec;
    std::string out = fmt::format("{}\nATTENTION VALIDATION REPORT\n{}\n", kDouble, kDouble);
    out += fmt::format("Model: {} ({}), {} layers x {} heads, weights {}, computed in {}\n", spec.name,
                       spec.family_label, spec.num_layers, spec.num_heads, spec.dtype, spec.compute_dtype);
    out += fmt::format("Text: {}, {} sequences of {} tokens ({:.1f} s)\n\n", report.text_name,
                       report.num_sequences, report.sequence_length, report.seconds);
    for (const CheckReport& check : report.checks)
        add_part(check, report.checks.size(), out);
    add_summary(report, out);
    return out;
}

}  // namespace headlight
