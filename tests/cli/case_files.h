// The cases beside the clone (../shared/cases): what people met in public, each with what must happen in
// case.json.
#pragma once

#include <string>
#include <vector>

#include "cli/run_headlight.h"

namespace headlight::test {

inline std::string case_dir(const std::string& name) {
    return shared_fixture("../cases/" + name);
}

/// "{d}" stands for the folder of the case.
inline std::string in_folder(std::string text, const std::string& folder) {
    for (std::size_t at = text.find("{d}"); at != std::string::npos;
         at = text.find("{d}", at + folder.size()))
        text.replace(at, 3, folder);
    return text;
}

inline std::vector<std::string> texts_of(const nlohmann::json& value) {
    return value.is_array() ? value.get<std::vector<std::string>>()
                            : std::vector<std::string>{value.get<std::string>()};
}

/// What is wrong with an outcome that should be as `expect` says; empty if nothing is. `any_exit` is another
/// code that will do, if then the words are right.
inline std::string compare(const Outcome& outcome, const nlohmann::json& expect) {
    const std::string said = outcome.out + outcome.err;
    const std::string what = "exit " + std::to_string(outcome.code) + ", said: " + said.substr(0, 400);
    const bool is_other = expect.contains("any_exit") && outcome.code == expect["any_exit"];
    if (outcome.code != expect.value("exit", 0) && !is_other) return "expected another exit code; " + what;
    if (expect.contains("any_exit") && !is_other) return {};
    for (const std::string& word : texts_of(expect.value("says", nlohmann::json::array())))
        if (!has(said, word)) return "'" + word + "' was not said; " + what;
    const std::vector<std::string> any = texts_of(expect.value("says_any", nlohmann::json::array()));
    bool has_one = any.empty();
    for (const std::string& word : any)
        has_one = has_one || has(said, word);
    return has_one ? std::string() : "none of " + expect["says_any"].dump() + " was said; " + what;
}

/// Every text of the file through `tokenize`: the ids, or the word that a refusal names.
inline std::string compare_ids(const std::string& folder, const nlohmann::json& expect) {
    const auto expected = parse(read_file(folder + "/" + expect["ids_file"].get<std::string>()));
    const bool is_one = expected.contains("text");
    const auto texts = texts_of(expected[is_one ? "text" : "texts"]);
    const nlohmann::json ids = is_one ? nlohmann::json::array({expected["ids"]}) : expected["ids"];
    std::string lines;
    for (const std::string& text : texts)
        lines += nlohmann::json{{"text", text}}.dump() + "\n";
    const Outcome outcome = run_headlight("tokenize --jsonl --model " + quoted(folder), lines);
    if (outcome.code != 0) {
        const bool is_refused =
            expect.contains("or_says") && has(outcome.err, expect["or_says"].get<std::string>());
        return is_refused ? std::string() : "exit " + std::to_string(outcome.code) + ": " + outcome.err;
    }
    std::istringstream out(outcome.out);
    std::string line;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        if (!std::getline(out, line)) return "no line for text " + std::to_string(i);
        const auto found = parse(line)["ids"];
        if (found != ids[i])
            return "'" + texts[i] + "' has ids " + found.dump() + ", expected " + ids[i].dump();
    }
    return {};
}

/// Runs what case.json asks for; what is wrong, empty if nothing is.
inline std::string run_case(const std::string& folder) {
    const auto said = parse(read_file(folder + "/case.json"));
    if (said["checks"].empty()) return "case.json checks nothing";
    std::string problems;
    for (const auto& check : said["checks"]) {
        const auto words = check["args"].get<std::vector<std::string>>();
        std::string arguments;
        for (const std::string& word : words)
            arguments += quoted(in_folder(word, folder)) + " ";
        const std::string problem = check["expect"].contains("ids_file")
                                        ? compare_ids(folder, check["expect"])
                                        : compare(run_headlight(arguments), check["expect"]);
        if (!problem.empty()) problems += arguments + ": " + problem + "\n";
    }
    return problems;
}

}  // namespace headlight::test
