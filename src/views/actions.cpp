// What a view asks for.
#include "views/actions.h"

#include <fmt/format.h>

#include <utility>

namespace headlight {

void Actions::run(std::string command, std::vector<std::string> arguments) {
    calls_.push_back({std::move(command), std::move(arguments)});
}

void Actions::select_head(HeadId head, bool adds) {
    run(adds ? "add_head" : "select", {std::to_string(head.layer), std::to_string(head.head)});
}

void Actions::choose_query(int query) {
    run("query", {std::to_string(query)});
}

void Actions::choose_key(int key) {
    run("key", {key < 0 ? std::string("none") : std::to_string(key)});
}

void Actions::choose_query_token(int token) {
    run("query_token", {std::to_string(token)});
}

void Actions::choose_key_token(int token) {
    run("key_token", {std::to_string(token)});
}

void Actions::set(std::string_view command, std::string_view value) {
    run(std::string(command), {std::string(value)});
}

void Actions::set_number(std::string_view command, double value) {
    run(std::string(command), {fmt::format("{:.4g}", value)});
}

std::vector<CommandCall> Actions::take() {
    return std::exchange(calls_, {});
}

}  // namespace headlight
