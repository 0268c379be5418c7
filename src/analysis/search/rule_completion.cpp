#include "analysis/search/rule_completion.h"

#include <algorithm>

#include "analysis/search/token_rule.h"

namespace headlight {
namespace {

bool is_letter_or_space(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == ' ';
}

std::string_view without_end_spaces(std::string_view text) {
    while (!text.empty() && text.back() == ' ')
        text.remove_suffix(1);
    return text;
}

/// The words at the end that could be the beginning of `name`: the longest such tail of `text`.
std::size_t begun_of(std::string_view text, std::string_view name) {
    for (std::size_t length = std::min(text.size(), name.size() - 1); length > 0; --length) {
        const std::size_t begin = text.size() - length;
        if (text.substr(begin) != name.substr(0, length)) continue;
        if (begin == 0 || !is_letter_or_space(text[begin - 1]) || text[begin - 1] == ' ') return length;
    }
    return 0;
}

enum class Place { Term, QueryClass, KeyClass, AfterTerm };

/// What is expected behind `text`, whose last word is finished.
Place place_behind(std::string_view text) {
    const std::string_view end = without_end_spaces(text);
    const auto ends_with = [&](std::string_view word) {
        return end.ends_with(word) &&
               (end.size() == word.size() || !is_letter_or_space(end[end.size() - word.size() - 1]) ||
                end[end.size() - word.size() - 1] == ' ');
    };
    for (const std::string_view sign : {":", "=", " is", ""}) {
        if (ends_with("query" + std::string(sign))) return Place::QueryClass;
        if (ends_with("key" + std::string(sign))) return Place::KeyClass;
    }
    if (end.ends_with('|')) return Place::QueryClass;
    if (end.empty() || ends_with("and") || ends_with("or") || ends_with("not") || end.ends_with(';') ||
        end.ends_with(',') || end.ends_with('('))
        return Place::Term;
    return Place::AfterTerm;
}

std::vector<std::string> names_at(Place place) {
    std::vector<std::string> out;
    if (place == Place::AfterTerm) return {"; ", "and ", "or "};
    if (place == Place::Term) out = {"query: ", "key: ", "not "};
    if (place != Place::Term) {
        for (const std::string_view name : rule_classes())
            out.emplace_back(name);
    }
    if (place != Place::QueryClass) {
        for (const std::string_view name : rule_relations())
            out.emplace_back(name);
    }
    return out;
}

}  // namespace

std::vector<RuleCompletion> rule_completions(std::string_view text) {
    std::vector<RuleCompletion> begun, next;
    // Names of which the end of the text is the beginning.
    for (const Place place : {Place::Term, Place::QueryClass, Place::KeyClass}) {
        for (const std::string& name : names_at(place)) {
            const std::size_t length = begun_of(text, name);
            if (length == 0) continue;
            const std::string_view before = text.substr(0, text.size() - length);
            if (place_behind(before) != place) continue;
            begun.push_back({std::string(without_end_spaces(name)), std::string(before) + name});
        }
    }
    if (!begun.empty()) return begun;
    const std::string_view base = without_end_spaces(text);
    for (const std::string& name : names_at(place_behind(text))) {
        const bool needs_space = !base.empty() && base.back() != '(' && name.front() != ';';
        next.push_back(
            {std::string(without_end_spaces(name)), std::string(base) + (needs_space ? " " : "") + name});
    }
    return next;
}

}  // namespace headlight
