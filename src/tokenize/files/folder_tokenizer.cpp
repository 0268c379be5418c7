#include "tokenize/files/folder_tokenizer.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/base64.h"
#include "base/guard.h"
#include "base/mapped_file.h"
#include "io/json_file.h"
#include "tokenize/files/class_build.h"
#include "tokenize/files/file_pipeline.h"
#include "tokenize/files/python_tokenizer.h"
#include "tokenize/files/sentencepiece_content.h"
#include "tokenize/files/sentencepiece_tokenizer.h"
#include "tokenize/files/tokenizer_class.h"
#include "tokenize/files/tokenizer_files.h"
#include "tokenize/files/tokenizer_json.h"
#include "tokenize/files/vocabulary_file.h"

namespace headlight {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::size_t kMaxTokenizerBytes = std::size_t{256} << 20;

enum class Kind { Json, VocabTxt, VocabJson, Model };

struct Folder {
    std::string file, path;
    Kind kind = Kind::Json;
    ordered_json tokenizer_config, model_config;
    std::string text;  // of tokenizer.json
    json parsed;
    SentencePieceProto model;
};

Kind kind_of(const std::string& file) {
    const std::filesystem::path path = file;
    if (path.extension() == ".model") return Kind::Model;
    if (path.filename() == "vocab.txt") return Kind::VocabTxt;
    return path.filename() == "vocab.json" || path.filename() == "merges.txt" ? Kind::VocabJson : Kind::Json;
}

Status read_tokenizer_json(Folder& folder) {
    HEADLIGHT_TRY(folder.text, read_text_file(folder.file, kMaxTokenizerBytes));
    HEADLIGHT_TRY(folder.parsed, parse_json(folder.text, folder.file));
    if (!folder.parsed.is_object())
        return fail(
            make_error(ErrorKind::Corrupt, "expected a JSON object, found {}", folder.parsed.type_name())
                .in_file(folder.file));
    return {};
}

/// The rules of the class that the folder's settings say. Without any the file's plain meaning counts.
Result<const TokenizerClassRules*> rules_of(const Folder& folder, const TokenizerClass& found) {
    if (const char* files = files_of_unread_class(found.name))
        return fail(
            ErrorKind::Unsupported,
            "{} ({}) is not read: its rules are its own. A tokenizer.json of the same vocabulary is read "
            "where tokenizer_config.json names PreTrainedTokenizerFast",
            found.name, files);
    const bool is_vocabulary = folder.kind == Kind::VocabTxt || folder.kind == Kind::VocabJson;
    const bool is_plain = found.name == kFilesOwnPipeline;
    const TokenizerClassRules* rules = find_class_rules(found.name);
    if (is_vocabulary && is_plain &&
        (found.given.empty() || found.given.starts_with("PreTrained") || found.given == kFilesOwnPipeline))
        return find_class_rules(folder.kind == Kind::VocabTxt ? "BertTokenizer" : "GPT2Tokenizer");
    // A model type that takes tokenizer.json as it is, without one: the class that wrote the files says what
    // they mean.
    if (const std::string given = class_of_given(found.given);
        is_vocabulary && is_plain && given != kFilesOwnPipeline)
        return rules_of(folder, {given, found.given});
    const auto remote = folder.tokenizer_config.find("auto_map");
    if (rules == nullptr &&
        (is_vocabulary || (remote != folder.tokenizer_config.end() && folder.kind != Kind::Json)))
        return fail(ErrorKind::Unsupported,
                    "the tokenizer class '{}' is not known, so what its {} means is not either",
                    found.given.substr(0, 60), std::filesystem::path(folder.file).filename().string());
    if (rules == nullptr) return find_class_rules(kFilesOwnPipeline);
    const std::string reads = rules->vocab != nullptr ? rules->vocab : "tokenizer.json only";
    const char* const files[] = {nullptr, "vocab.txt", "vocab.json", "*.model"};
    const char* file = files[static_cast<int>(folder.kind)];
    if (file != nullptr && reads != file)
        return fail(ErrorKind::Unsupported, "the tokenizer class {} of this folder reads {}, not {}",
                    is_plain ? found.given : found.name, is_plain ? "tokenizer.json" : reads,
                    std::filesystem::path(folder.file).filename().string());
    return rules;
}

/// First table of characters of a normalizer, whose other steps are the class's.
json character_map_of(const json& normalizer) {
    if (!normalizer.is_object()) return {};
    const json steps = normalizer.value("type", std::string()) == "Sequence"
                           ? normalizer.value("normalizers", json::array())
                           : json::array({normalizer});
    for (const json& step : steps)
        if (step.is_object() && step.value("type", std::string()) == "Precompiled" &&
            step.contains("precompiled_charsmap"))
            return step["precompiled_charsmap"];
    return {};
}

/// CodeLlama's class makes a prompt of a text that holds this, by rules that no tokenizer.json can say.
std::string infilling_mark_of(const ordered_json& tokenizer_config) {
    const auto given = tokenizer_config.find("fill_token");
    if (given == tokenizer_config.end()) return "<FILL_ME>";
    const auto token = token_spec(*given);
    return token ? token->content : std::string();
}

/// The settings may leave segments out of what a model is given.
bool tells_segments(const ordered_json& tokenizer_config) {
    const auto given = tokenizer_config.find("model_input_names");
    if (given == tokenizer_config.end() || !given->is_array()) return true;
    return std::find(given->begin(), given->end(), "token_type_ids") != given->end();
}

Status take_tokenizer_json(Folder& folder, const TokenizerClassRules& rules, ClassBuild& build) {
    json& file = folder.parsed;
    json& model = file["model"];
    if (!model.is_object())
        return fail(ErrorKind::Corrupt, "this is JSON, but no tokenizer: it has no object 'model'");
    const std::string type = word_model_type(model);
    if (rules.model != nullptr && type != rules.model)
        return fail(ErrorKind::Unsupported,
                    "the tokenizer class {} makes a {} model of a vocabulary, but this file holds a {} model",
                    rules.name, rules.model, type.substr(0, 60));
    build.character_map = character_map_of(file.value("normalizer", json()));
    build.vocab = std::move(model["vocab"]);
    if (model.contains("merges")) build.merges = std::move(model["merges"]);
    build.content["post_processor"] = file.value("post_processor", json());
    return {};
}

void take_model(const SentencePieceProto& proto, const TokenizerClassRules& rules, ClassBuild& build) {
    build.model = &proto;
    if (!proto.character_map.empty()) build.character_map = to_base64(proto.character_map);
    build.set_additional(found_pieces(proto));
    if (rules.keeps_pipeline) return;
    const bool is_bpe = rules.model != nullptr && std::string_view(rules.model) == "BPE";
    if (is_bpe) {
        const std::vector<std::string> pieces = pieces_of(proto);
        build.vocab = ids_of(pieces);
        build.merges = merges_by_id(pieces);
    } else {
        build.settings()["unk_id"] = proto.unknown_id;
        build.vocab = likelihoods_of(proto);
    }
}

/// Roles of the class that the settings name, also where its pipeline is not needed: what it gives them when
/// the files say nothing. Its rules run over no vocabulary.
json roles_of_class(const Folder& folder, const TokenizerClassRules& rules) {
    const auto settings = merge_tokenizer_settings(folder.path, folder.tokenizer_config, nullptr);
    if (!settings) return json::object();
    ClassBuild build(*settings, json::object());
    build.vocab =
        rules.model != nullptr && std::string_view(rules.model) != "Unigram" ? json::object() : json::array();
    const auto built =
        translate_exceptions({"reading roles", folder.file}, [&] { return rules.build(build); });
    return built ? build.roles() : json::object();
}

Result<TokenizerPtr> build_with(Folder& folder, const TokenizerClassRules& rules, const std::string& family,
                                json class_roles) {
    const bool is_json = folder.kind == Kind::Json;
    HEADLIGHT_TRY(TokenizerSettings settings, merge_tokenizer_settings(folder.path, folder.tokenizer_config,
                                                                       is_json ? &folder.parsed : nullptr));
    ClassBuild build(std::move(settings),
                     is_json && rules.keeps_pipeline ? std::move(folder.parsed) : json::object());
    if (is_json && !rules.keeps_pipeline) HEADLIGHT_CHECK(take_tokenizer_json(folder, rules, build));
    if (folder.kind == Kind::VocabTxt) {
        HEADLIGHT_TRY(build.vocab, read_vocab_txt(folder.file));
    } else if (folder.kind == Kind::VocabJson) {
        HEADLIGHT_TRY(build.vocab, read_vocab_json(folder.path + "/vocab.json"));
        HEADLIGHT_TRY(build.merges, read_merges_txt(folder.path + "/merges.txt", build.vocab));
    } else if (folder.kind == Kind::Model) {
        if (rules.model == nullptr && !rules.keeps_pipeline && !folder.model.is_unigram)
            return fail(ErrorKind::Unsupported, "{} reads a model of likelihoods, but this one holds merges",
                        rules.name);
        take_model(folder.model, rules, build);
    }
    HEADLIGHT_CHECK(rules.build(build));
    build.finish();
    class_roles.update(build.roles());
    build.content["special_tokens"] = std::move(class_roles);
    build.content["tells_segments"] = tells_segments(folder.tokenizer_config);
    return make_json_tokenizer(build.content, build.roles(), folder.file, family);
}

Result<TokenizerPtr> open_folder(Folder& folder, const std::string& family) {
    HEADLIGHT_TRY(folder.tokenizer_config, read_settings_file(folder.path, "tokenizer_config.json"));
    HEADLIGHT_TRY(folder.model_config, read_settings_file(folder.path, "config.json"));
    if (folder.kind == Kind::Json) HEADLIGHT_CHECK(read_tokenizer_json(folder));
    if (folder.kind == Kind::Model) {
        HEADLIGHT_TRY(folder.model, read_sentencepiece(folder.file));
    }
    const bool has_bytes =
        folder.kind == Kind::Json && folder.text.find("\"ByteLevel\"") != std::string::npos;
    folder.text = {};
    HEADLIGHT_TRY(TokenizerClass found,
                  tokenizer_class_of(folder.tokenizer_config, folder.model_config, has_bytes));
    // A tokenizer.json that no settings go with is the work of the package `tokenizers`; the model's type
    // says nothing of it.
    if (folder.kind == Kind::Json && folder.tokenizer_config.empty() && found.given.empty())
        found.name = kFilesOwnPipeline;
    if (is_python_class(found.name)) return open_python_tokenizer(folder.path, found.name);
    HEADLIGHT_TRY(const TokenizerClassRules* rules, rules_of(folder, found));
    json class_roles = json::object();
    // A tokenizer.json is read as it is; a class builds its own pipeline only where the settings contradict
    // the file.
    if (folder.kind == Kind::Json && !contradicts_file(folder.tokenizer_config, folder.parsed)) {
        if (found.name == "CodeLlamaTokenizer")
            folder.parsed["infilling_mark"] = infilling_mark_of(folder.tokenizer_config);
        class_roles = roles_of_class(folder, *rules);
        rules = find_class_rules(kFilesOwnPipeline);
    }
    return build_with(folder, *rules, family, std::move(class_roles));
}

}  // namespace

const TokenizerClassRules* find_class_rules(const std::string& name) {
    for (const auto& rules : {word_piece_classes(), byte_level_classes(), sentencepiece_bpe_classes(),
                              unigram_classes(), fairseq_classes()}) {
        for (const TokenizerClassRules& rule : rules)
            if (name == rule.name) return &rule;
    }
    return nullptr;
}

Result<TokenizerPtr> open_in_folder(const std::string& file, const std::string& family) {
    Folder folder;
    folder.file = file;
    folder.path = tokenizer_folder(file);
    if (folder.path.empty()) folder.path = ".";
    folder.kind = kind_of(file);
    auto opened = translate_exceptions({"opening the tokenizer", file}, [&]() -> Result<TokenizerPtr> {
        try {
            return open_folder(folder, family);
        } catch (const json::exception& problem) {  // a setting of another type than its class knows
            return fail(ErrorKind::Corrupt, "a setting of the tokenizer has the wrong type: {}",
                        problem.what());
        }
    });
    if (opened) return opened;
    Error error = std::move(opened).error();
    if (error.file.empty()) error.file = file;
    return fail(std::move(error));
}

}  // namespace headlight
