// Chat templates: what the reference makes of conversations, where a folder's template is looked for, and
// hostile ones.
#include "tokenize/chat/chat_template.h"

#include "io/json_file.h"
#include "tokenize/cases.h"
#include "tokenize/chat/chat_turns.h"
#include "tokenize/jinja/interpreter.h"
#include "tokenize/made_files.h"

using namespace headlight;
using nlohmann::ordered_json;

namespace {

ordered_json cases() {
    return *read_ordered_json_file(test::source_dir() + "/tests/tokenize/data/chat/cases.json");
}

std::string fault_of(const std::string& source, const ordered_json& names = ordered_json::object()) {
    try {
        jinja::render(source, names);
        return {};
    } catch (const jinja::Fault& fault) {
        return fault.what();
    }
}

/// A byte-level tokenizer with the role of <s> and a template.
TokenizerPtr tokenizer_with(const ordered_json& settings, const std::string& name) {
    const std::string folder = test::fresh_dir(name);
    ordered_json config = settings;
    config["tokenizer_class"] = "ByT5Tokenizer";
    std::ofstream(folder + "/tokenizer_config.json") << config.dump();
    std::ofstream(folder + "/config.json") << R"({"model_type": "t5"})";
    const auto opened = open_tokenizer(folder);
    REQUIRE_MESSAGE(opened, opened.error().to_string());
    return *opened;
}

}  // namespace

TEST_CASE("chat: templates give what the reference's give, and refuse what it refuses") {
    const ordered_json all = cases();
    REQUIRE(all["cases"].size() > 100);
    for (const ordered_json& one : all["cases"]) {
        const std::string name = one["template"], chat = one["chat"];
        CAPTURE(name);
        CAPTURE(chat);
        ordered_json names = *read_chat_turns(all["chats"][chat].dump());
        names["tools"] = one["tools"] == true ? all["tools"] : ordered_json();
        names["bos_token"] = "<s>";
        names["eos_token"] = "</s>";
        names["add_generation_prompt"] = one["add_generation_prompt"];
        const std::string source = all["templates"][name];
        const std::string fault = fault_of(source, names);
        if (one.contains("refused")) {
            CHECK(fault.starts_with("line "));
        } else {
            CHECK(fault == "");
            if (fault.empty()) CHECK(jinja::render(source, names) == one["text"].get<std::string>());
        }
    }
}

TEST_CASE("chat: hostile templates end") {
    const std::string many(5000, '(');
    for (const std::string& source :
         {std::string(
              "{% for a in range(99999) %}{% for b in range(99999) %}{{ a }}{% endfor %}{% endfor %}"),
          std::string("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}"),
          "{{ " + many,
          "{{ " + std::string(5000, '-') + "1 }}",
          std::string("{% set ns = namespace(x='a') %}{% for i in range(99) %}{% set ns.x = ns.x + ns.x %}{% "
                      "endfor %}"),
          std::string(
              "{% set ns = namespace(x=[]) %}{% for i in range(999) %}{% set ns.x = [ns.x] %}{% endfor %}"),
          std::string("{% set ns = namespace(x=[1]) %}{% for i in range(150) %}{% set ns.x = [ns.x, ns.x] "
                      "%}{% endfor %}{{ ns.x }}"),
          std::string("{% set ns = namespace() %}{% set ns.me = ns %}"),
          std::string("{% set ns = namespace(a=1) %}{{ [ns] }}"),
          std::string("{{ 'a' * 99999999999 }}"),
          std::string("{{ 9223372036854775807 + 1 }}"),
          std::string("{{ 1 % 0 }}"),
          std::string("{{ (-9223372036854775807 - 1) // -1 }}"),
          std::string("{% include 'x' %}"),
          std::string("{{ x"),
          std::string("{% if %}"),
          std::string("{% for %}{% endfor %}"),
          std::string("{{ ''.join([1]) }}"),
          std::string("{{ ''.__class__ }}"),
          std::string("{% for in [1] %}{% endfor %}"),
          std::string("{% set = 1 %}")}) {
        CAPTURE(source.substr(0, 80));
        CHECK(fault_of(source).starts_with("line "));
    }
    CHECK(fault_of("{% for i in range(3) %}\n{{ i.nothing.more }}{% endfor %}").starts_with("line 2: "));
}

TEST_CASE("chat: turns are JSON, lines, or one of the user") {
    const auto roles = [](const std::string& text) {
        std::string out;
        const auto turns = read_chat_turns(text);
        REQUIRE_MESSAGE(turns, turns.error().to_string());
        for (const auto& turn : (*turns)["messages"])
            out += turn["role"].get<std::string>() + "=" + turn["content"].get<std::string>() + ";";
        return out;
    };
    CHECK(roles("Hello\nthere") == "user=Hello\nthere;");
    CHECK(roles("system: Be brief.\nUser: a\nb: c\n\nassistant:\nd\n") ==
          "system=Be brief.;user=a\nb: c;assistant=d;");
    CHECK(roles(R"( [{"role": "user", "content": "x", "name": null}])") == "user=x;");
    CHECK(roles(R"({"messages": [{"role": "user", "content": "x"}], "tools": []})") == "user=x;");
    CHECK((*read_chat_turns(
              R"([{"role": "assistant", "content": "x", "reasoning": "r"}])"))["messages"][0]["thinking"] ==
          "r");
    for (const char* text : {"[1]", "{}", "[", "[{\"content\": \"x\"}]"})
        CHECK(read_chat_turns(text).error().kind == ErrorKind::Corrupt);
    for (const char* text : {"", " \n", "[]", "hm\nuser: x"})
        CHECK(read_chat_turns(text).error().kind == ErrorKind::InvalidInput);
}

TEST_CASE("chat: where the template lies, and what of it is tokens") {
    const std::string source =
        "{{ pad_token }}{% for m in messages %}{{ m.content }}{% endfor %}{{ eos_token }}";
    const auto plain = tokenizer_with({{"chat_template", source}}, "chat_plain");
    const auto tokens = encode_chat(*plain, "hi", {});
    REQUIRE_MESSAGE(tokens, tokens.error().to_string());
    CHECK(tokens->text == "<pad>hi</s>");
    // The end is that of the template: none is put behind it.
    CHECK(tokens->ids() == std::vector<std::int32_t>{0, 'h' + 3, 'i' + 3, 1});
    CHECK(has_chat_template(*plain));
    const auto named = tokenizer_with(
        {{"chat_template", {{{"name", "a"}, {"template", "A"}}, {{"name", "b"}, {"template", "B"}}}}},
        "chat_named");
    const auto missing = encode_chat(*named, "hi", {});
    REQUIRE_FALSE(missing);
    CHECK(missing.error().message.find("a, b") != std::string::npos);
    CHECK(encode_chat(*named, "hi", {.adds_reply = false, .name = "b"})->text == "B");
    const auto none = tokenizer_with(ordered_json::object(), "chat_none");
    CHECK_FALSE(has_chat_template(*none));
    CHECK(encode_chat(*none, "hi", {}).error().kind == ErrorKind::Missing);
    const std::string folder = std::filesystem::path(plain->source()).parent_path().string();
    std::ofstream(folder + "/chat_template.jinja") << "file{{ 1 / 0 }}";
    const auto refused = encode_chat(*plain, "hi", {});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().file.ends_with("chat_template.jinja"));
    CHECK(refused.error().message.find("line 1") != std::string::npos);
}
