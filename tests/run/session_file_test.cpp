// Session files: everything goes round trip, and no file of a stranger breaks the reader.
#include "run/saved/session_file.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "io/identify_path.h"
#include "run/sample_session.h"
#include "run/saved/notes_export.h"
#include "support/fixtures.h"

using namespace headlight;
using namespace headlight::test;

namespace {

const std::string kPath = "/nowhere/sessions/study.headlight";

nlohmann::json sample_json() {
    return nlohmann::json::parse(*session_to_json(sample_session("/nowhere"), kPath));
}

Result<SavedSession> read(const nlohmann::json& json) {
    return session_from_json(json.dump(), kPath);
}

/// Pointers to every value, the containers too.
void add_pointers(const nlohmann::json& value, const nlohmann::json::json_pointer& at,
                  std::vector<nlohmann::json::json_pointer>& out) {
    if (!at.empty()) out.push_back(at);
    if (value.is_object())
        for (const auto& [key, member] : value.items())
            add_pointers(member, at / key, out);
    if (value.is_array())
        for (std::size_t i = 0; i < value.size(); ++i)
            add_pointers(value[i], at / i, out);
}

std::vector<nlohmann::json::json_pointer> pointers_of(const nlohmann::json& json) {
    std::vector<nlohmann::json::json_pointer> out;
    add_pointers(json, nlohmann::json::json_pointer(), out);
    return out;
}

}  // namespace

TEST_CASE("session file: everything goes round trip") {
    const SavedSession session = sample_session("/nowhere");
    const auto text = session_to_json(session, kPath);
    REQUIRE(text);
    const auto again = session_from_json(*text, kPath);
    REQUIRE_MESSAGE(again, again.error().to_string());
    // Branches are new objects, so they are compared here.
    SavedSession same = *again;
    same.branches = session.branches;
    CHECK(are_same(same, session));
    CHECK_FALSE(again->program.empty());
    CHECK(again->model_name == session.model_name);
    CHECK(again->config_hash == session.config_hash);
    CHECK(again->saved_as == session.saved_as);
    CHECK(again->is_changed);
    REQUIRE(again->written);
    CHECK(again->written->tokens.tokens[1].byte_end == session.written->tokens.tokens[1].byte_end);
    const SavedBranches &a = session.branches, &b = again->branches;
    REQUIRE(b.tree);
    REQUIRE(b.tree->size() == a.tree->size());
    for (int node = 0; node < a.tree->size(); ++node) {
        const WrittenStep &one = a.tree->step(node), &other = b.tree->step(node);
        CHECK(a.tree->parent(node) == b.tree->parent(node));
        CHECK(one.token.id == other.token.id);
        CHECK(one.token.probability == other.token.probability);
        CHECK(one.token.own_probability == other.token.own_probability);
        CHECK(one.token.likeliest.size() == other.token.likeliest.size());
        CHECK(one.token.likeliest[1].probability == other.token.likeliest[1].probability);
        CHECK(one.token.is_end == other.token.is_end);
        CHECK(one.is_chosen == other.is_chosen);
    }
    CHECK(b.prompt->ids() == a.prompt->ids());
    CHECK(b.encoder_ids == a.encoder_ids);
    CHECK(b.node == a.node);
    CHECK(b.parts == a.parts);
    CHECK(*session_to_json(*again, kPath) == *text);
    // An empty session too, and texts that are no UTF-8.
    SavedSession broken;
    broken.text = "a\xFF\x80z";
    const auto bytes = session_from_json(*session_to_json(broken, kPath), kPath);
    REQUIRE(bytes);
    CHECK(bytes->text == broken.text);
    CHECK(are_same(*bytes, broken));
}

TEST_CASE("session file: every comparison, every site, every colour") {
    SavedSession session;
    for (const auto& [with, other] : std::vector<std::pair<std::string, std::string>>{
             {"off", ""}, {"text", "a\nb"}, {"model", "/m"}, {"change", ""}, {"stored", "/d.npz"}}) {
        session.comparison = {with, other, {}, {}};
        CHECK(session_from_json(*session_to_json(session, kPath), kPath)->comparison == session.comparison);
    }
    for (const PatchSite site : kPatchSites) {
        session.patch_site = site;
        CHECK(session_from_json(*session_to_json(session, kPath), kPath)->patch_site == site);
    }
    for (const NoteColor color : kNoteColors) {
        Note note;
        note.words = "x";
        note.color = color;
        session.notes = std::make_shared<const Notes>(Notes{note});
        CHECK(session_from_json(*session_to_json(session, kPath), kPath)->notes->front().color == color);
    }
}

TEST_CASE("session file: whatever is left out is as in a new session, or the error names it") {
    const nlohmann::json json = sample_json();
    int num_refused = 0;
    for (const auto& pointer : pointers_of(json)) {
        nlohmann::json less = json;
        if (!less[pointer.parent_pointer()].is_object()) continue;
        less[pointer.parent_pointer()].erase(pointer.back());
        const auto read_again = read(less);
        if (!read_again) {
            ++num_refused;
            CHECK(read_again.error().file == kPath);
            CHECK(read_again.error().message.size() > 20);
        }
    }
    CHECK(num_refused > 0);  // "headlight_session", modes, answers
    CHECK(num_refused < 60);
    CHECK(read({{kSessionKey, 1}}));
}

TEST_CASE("session file: a value of another type is refused with its place, outside of settings") {
    const nlohmann::json json = sample_json();
    for (const auto& pointer : pointers_of(json)) {
        const std::string place = pointer.to_string();
        CAPTURE(place);
        for (const nlohmann::json& wrong :
             {nlohmann::json{{"x", 1}}, nlohmann::json(true), nlohmann::json(1e300), nlohmann::json(-7),
              nlohmann::json(std::vector<int>(3, -9)), nlohmann::json("?"), nlohmann::json()}) {
            nlohmann::json other = json;
            other[pointer] = wrong;
            const auto result = read(other);  // must not crash; most are refused
            if (result || place.starts_with("/settings/")) continue;
            CHECK(result.error().file == kPath);
            CHECK_FALSE(result.error().message.empty());
        }
    }
    nlohmann::json other = json;
    other["selection"]["query"] = "three";
    const auto refused = read(other);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::Corrupt);
    CHECK(refused.error().tensor == "selection.query");
    CHECK(refused.error().message.find("a whole number from -1 to") != std::string::npos);
    other = json;
    other["settings"]["gamma"] = "wide";
    other["settings"]["workspace"] = std::string(100'000, 'x');
    REQUIRE(read(other));
    CHECK(read(other)->settings.gamma == Settings().gamma);
    CHECK(read(other)->settings.workspace == Settings().workspace);
}

TEST_CASE("session file: what is too long is refused") {
    nlohmann::json json = sample_json();
    const auto refused = [&](const std::string& place, const nlohmann::json& value) {
        nlohmann::json other = json;
        other[nlohmann::json::json_pointer(place)] = value;
        const auto result = read(other);
        CHECK_MESSAGE(!result, place);
        return !result;
    };
    refused("/model/path", std::string(5000, 'a'));
    refused("/model/relative", std::string(5000, 'a'));
    refused("/model/path", std::string("a\0b", 3));
    refused("/model/name", std::string(5000, 'a'));
    refused("/text", std::string((std::size_t{16} << 20) + 1, 'a'));
    refused("/notes/0/note", std::string(kMostNoteBytes + 1, 'a'));
    refused("/notes/0/note", "");
    refused("/notes/1", json["notes"][0]);  // twice on one head
    refused("/notes", std::vector<nlohmann::json>(kMostNotes + 1, json["notes"][0]));
    refused("/selection/layer", 1 << 20);
    refused("/selection/queries", std::vector<int>(70'000, 1));
    refused("/selection/others", std::vector<std::vector<int>>(70'000, {0, 0}));
    refused("/interventions/0/heads", std::vector<std::vector<int>>(70'000, {0, 0}));
    refused("/interventions/0/heads", nlohmann::json::array());
    refused("/interventions/5/patterns", {{{1, 0}, {1}}});
    refused("/interventions/5/patterns", nlohmann::json::array());
    refused("/writing/steps/1/parent", 1);  // itself
    refused("/writing/steps/1/parent", 7);
    refused("/writing/steps/2/id", 8);  // twice behind one token
    refused("/writing/node", 3);
    refused("/writing/steps", std::vector<nlohmann::json>(9000, json["writing"]["steps"][0]));
    refused("/written/num_prompt", 3);
    refused("/written/tokens/text", "another text");
    refused("/search/strokes", std::vector<std::vector<std::string>>(600, {"row", "1"}));
    refused("/search/rule", std::string(20'000, 'a'));
    refused("/comparison", {{"with", "model"}});
    refused("/headlight_session", "1");
}

TEST_CASE("session file: no JSON, no session, a newer one, too deep: each says what it is") {
    const auto kind_of = [](const std::string& text) {
        const auto result = session_from_json(text, kPath);
        return result ? std::optional<ErrorKind>() : std::optional(result.error().kind);
    };
    CHECK(kind_of("") == ErrorKind::Corrupt);
    CHECK(kind_of("[]") == ErrorKind::Corrupt);
    CHECK(kind_of("{}") == ErrorKind::Corrupt);
    CHECK(kind_of(R"({"headlight_session": 1,)") == ErrorKind::Corrupt);
    CHECK(kind_of(R"({"headlight_session": 0})") == ErrorKind::Unsupported);
    CHECK(kind_of(R"({"headlight_session": 2})") == ErrorKind::Unsupported);
    CHECK(kind_of(R"({"headlight_session": 1e400})") == ErrorKind::Corrupt);
    CHECK(kind_of(R"({"headlight_session": 1, "text": )" + std::string(100'000, '[')) == ErrorKind::Corrupt);
    const auto newer = session_from_json(R"({"headlight_session": 7})", kPath);
    CHECK(newer.error().message.find("format 7") != std::string::npos);
    CHECK(read_session("/nowhere/at/all.headlight").error().kind == ErrorKind::Missing);
}

TEST_CASE("session file: files of format 1 are read as they were written") {
    const auto old = session_from_json(R"({"headlight_session": 1, "version": "0.1.0",
        "model": {"path": "/models/small", "name": "small", "config": "00ff"},
        "text": "The cat", "selection": {"layer": 1, "head": 2, "query": 1, "key": 0, "others": [[0, 1]]},
        "interventions": [{"mode": "scale", "heads": [[1, 2]], "factor": 0.5},
                          {"mode": "knock_out", "heads": [[0, 1]], "edges": [[1, 0]]}],
        "question": {"at": -1, "answer": 3},
        "settings": {"workspace": "cause", "gamma": 0.5},
        "notes": [{"note": "sink", "color": "blue", "layer": 0, "head": 1}]})",
                                       kPath);
    REQUIRE_MESSAGE(old, old.error().to_string());
    CHECK(old->path == "/models/small");
    CHECK(old->selection.head == HeadId{1, 2});
    CHECK(old->selection.others == std::vector<HeadId>{{0, 1}});
    REQUIRE(old->interventions);
    CHECK(old->interventions->at(0).factor == 0.5);
    CHECK(old->interventions->at(1).edges == std::vector<Edge>{{1, 0}});
    CHECK(old->question == AskedQuestion{-1, 3, std::nullopt});
    CHECK(old->settings.workspace == "cause");
    CHECK(old->notes->at(0).color == NoteColor::Blue);
    CHECK_FALSE(old->notes->at(0).is_of_cell());
}

TEST_CASE("session file: a folder that was moved as a whole still opens") {
    namespace fs = std::filesystem;
    const std::string root = fresh_dir("moved_session");
    fs::create_directories(root + "/here/model");
    fs::create_directories(root + "/here/sessions");
    SavedSession session;
    session.path = root + "/here/model";
    session.comparison = {"model", root + "/here/model", {}, {}};
    REQUIRE(write_session(session, root + "/here/sessions/a.headlight"));
    CHECK(read_session(root + "/here/sessions/a.headlight")->path == root + "/here/model");
    fs::rename(root + "/here", root + "/there");
    const auto moved = read_session(root + "/there/sessions/a.headlight");
    REQUIRE(moved);
    CHECK(moved->path == root + "/there/model");
    CHECK(moved->comparison.other == root + "/there/model");
    fs::remove_all(root + "/there/model");
    CHECK(read_session(root + "/there/sessions/a.headlight")->path == root + "/here/model");
}

TEST_CASE("session file: known by its name or its first bytes, wherever paths are looked at") {
    const std::string root = fresh_dir("known_session");
    REQUIRE(write_session({}, root + "/a.headlight"));
    REQUIRE(write_session({}, root + "/renamed.json"));
    std::ofstream(root + "/config.json") << R"({"model_type": "llama"})";
    std::filesystem::create_directories(root + "/folder.headlight");
    CHECK(is_session_file(root + "/a.headlight"));
    CHECK(is_session_file(root + "/renamed.json"));
    CHECK_FALSE(is_session_file(root + "/config.json"));
    CHECK_FALSE(is_session_file(root + "/folder.headlight"));
    CHECK_FALSE(is_session_file(root + "/absent.headlight"));
    CHECK(identify_path(root + "/a.headlight")->kind == PathKind::Session);
    CHECK(identify_path(root + "/renamed.json")->kind == PathKind::Session);
}

TEST_CASE("session file: what is the user's own stays when the picture of a session comes") {
    Settings own;
    own.theme = Theme::Light;
    own.ui_scale = 2;
    own.window_width = 1000;
    own.recent = {"/a"};
    own.last_text = "mine";
    own.lessons["first"].step = 3;
    own.invites_to_lessons = true;
    const Settings both = with_picture_settings(own, sample_picture_settings());
    CHECK(picture_settings(both) == sample_picture_settings());
    CHECK(with_picture_settings(both, Settings()) == own);
}

TEST_CASE("session file: interventions that the model does not have are left out and named") {
    SavedSession session = sample_session("/nowhere");
    ModelInfo model;
    model.spec.num_layers = 1;  // head {1, n} is none of it
    model.spec.num_heads = 20;
    model.spec.vocab_size = 12;  // answers 12 and 13 are not in it
    const auto left_out = fit_to_model(session, model);
    CHECK(left_out.size() == 2);
    CHECK_FALSE(session.interventions);
    CHECK_FALSE(session.question);
    CHECK(session.branches.tree);
    model.spec.vocab_size = 8;
    CHECK(fit_to_model(session, model).size() == 1);
    CHECK_FALSE(session.branches.tree);
}

TEST_CASE("notes: one on each head and cell, found by words, head, token and colour") {
    Notes notes = sample_notes();
    Note again = notes[0];
    again.words = "other";
    notes = with_note(notes, again);
    CHECK(notes.size() == 2);
    CHECK(notes[0].words == "other");
    again.head.head = 0;
    CHECK(with_note(notes, again).size() == 3);
    CHECK(note_holds(notes[1], ""));
    CHECK(note_holds(notes[1], "LOOKS"));
    CHECK(note_holds(notes[1], "l0h1"));
    CHECK(note_holds(notes[1], "cat"));
    CHECK(note_holds(notes[1], "red"));
    CHECK_FALSE(note_holds(notes[1], "blue"));
    CHECK(note_text_id({1, 2, 3}, {}) != note_text_id({1, 2}, {3}));
    CHECK(note_text_id({}, {}) == "cbf29ce484222325");  // the offset basis of FNV-1a
}

TEST_CASE("notes: as CSV a line each, as JSON with model and config") {
    const Notes notes = sample_notes();
    const std::string csv = notes_to_csv(notes, "a,b");
    CHECK(
        csv.starts_with("model,attention,layer,head,query,key,query_token,key_token,note,color,text_id,text,"
                        "decoder_text\n"));
    CHECK(csv.find("\"a,b\",decoder,1,2,,,,,\"induction, “strongest”\",teal,,,\n") != std::string::npos);
    CHECK(csv.find("\"a,b\",self,0,1,4,0,·it,·cat,looks back,red,") != std::string::npos);
    const auto json = nlohmann::json::parse(notes_to_json(notes, "small", "00ff"));
    CHECK(json["headlight_notes"] == 1);
    CHECK(json["model"] == "small");
    CHECK(json["notes"].size() == 2);
    CHECK(json["notes"][1]["text"] == "The cat, it\nsat");
}
