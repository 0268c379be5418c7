#include "tokenize/files/tokenizer_class.h"

#include <nlohmann/json.hpp>
#include <string_view>

#include "tokenize/files/class_of_models.h"

namespace headlight {
namespace {

using nlohmann::ordered_json;

struct Alias {
    const char* name;
    const char* class_name;
};

constexpr Alias kAliases[] = {
    {"BartTokenizer", "RobertaTokenizer"},
    {"LEDTokenizer", "RobertaTokenizer"},
    {"LongformerTokenizer", "RobertaTokenizer"},
    {"MvpTokenizer", "RobertaTokenizer"},
    {"DistilBertTokenizer", "BertTokenizer"},
    {"DPRContextEncoderTokenizer", "DPRReaderTokenizer"},
    {"DPRQuestionEncoderTokenizer", "DPRReaderTokenizer"},
    {"DPRContextEncoderTokenizerFast", "ConvBertTokenizer"},
    {"DPRQuestionEncoderTokenizerFast", "ConvBertTokenizer"},
    {"DPRReaderTokenizerFast", "ConvBertTokenizer"},
    {"ElectraTokenizer", "BertTokenizer"},
    {"LayoutLMTokenizer", "BertTokenizer"},
    {"LxmertTokenizer", "BertTokenizer"},
    {"MobileBertTokenizer", "BertTokenizer"},
    {"SqueezeBertTokenizer", "BertTokenizer"},
    {"Phi3Tokenizer", "LlamaTokenizer"},
    {"BloomTokenizer", kFilesOwnPipeline},
    {"ParakeetTokenizer", kFilesOwnPipeline},
    {"PreTrainedTokenizer", kFilesOwnPipeline},
    {"PreTrainedTokenizerFast", kFilesOwnPipeline},
    {"PythonBackend", kFilesOwnPipeline},
    {"MistralCommonBackend", kFilesOwnPipeline},
};

struct UnreadClass {
    const char* name;
    const char* files;
};

// Classes of the reference with rules of their own, most of them in Python, that are not written here.
constexpr UnreadClass kUnread[] = {
    {"BartphoTokenizer", "sentencepiece.bpe.model + dict.txt"},
    {"BertGenerationTokenizer", "spiece.model"},
    {"BertTokenizerLegacy", "vocab.txt"},
    {"BioGptTokenizer", "vocab.json + merges.txt, words by Moses"},
    {"BlenderbotSmallTokenizer", "vocab.json + merges.txt"},
    {"CTRLTokenizer", "vocab.json + merges.txt"},
    {"ClvpTokenizer", "vocab.json + merges.txt"},
    {"CpmAntTokenizer", "vocab.txt, words by jieba"},
    {"CpmTokenizer", "spiece.model, words by jieba"},
    {"DiaTokenizer", "no file"},
    {"EsmcTokenizer", "no file"},
    {"FSMTTokenizer", "vocab-src.json + vocab-tgt.json + merges.txt"},
    {"FastSpeech2ConformerTokenizer", "vocab.json of phonemes"},
    {"FlaubertTokenizer", "vocab.json + merges.txt, words by Moses"},
    {"GPTNeoXJapaneseTokenizer", "vocab.txt + emoji.json"},
    {"GPTSw3Tokenizer", "spiece.model"},
    {"LasrTokenizer", "spiece.model"},
    {"LayoutLMv2Tokenizer", "words with boxes"},
    {"LayoutLMv3Tokenizer", "words with boxes"},
    {"LayoutXLMTokenizer", "words with boxes"},
    {"LukeTokenizer", "vocab.json + merges.txt + entity_vocab.json"},
    {"MLukeTokenizer", "sentencepiece.bpe.model + entity_vocab.json"},
    {"MarkupLMTokenizer", "nodes with paths"},
    {"MgpstrTokenizer", "vocab.json of characters"},
    {"MyT5Tokenizer", "byte_maps.json"},
    {"NougatTokenizer", "tokenizer.json"},
    {"PLBartTokenizer", "sentencepiece.bpe.model"},
    {"Pop2PianoTokenizer", "vocab of notes"},
    {"ProphetNetTokenizer", "prophetnet.tokenizer"},
    {"RagTokenizer", "two tokenizers"},
    {"RoCBertTokenizer", "vocab.txt + word_shape.json + word_pronunciation.json"},
    {"RoFormerTokenizer", "vocab.txt, words by jieba"},
    {"SeamlessM4TTokenizer", "sentencepiece.bpe.model with languages"},
    {"Siglip2Tokenizer", "tokenizer.json"},
    {"SiglipTokenizer", "spiece.model"},
    {"Speech2TextTokenizer", "vocab.json + sentencepiece.bpe.model"},
    {"SpeechT5Tokenizer", "spm_char.model"},
    {"TapasTokenizer", "vocab.txt with tables"},
    {"Tipsv2Tokenizer", "tokenizer.model"},
    {"UdopTokenizer", "words with boxes"},
    {"VideoPrismTokenizer", "spiece.model"},
    {"VitsTokenizer", "vocab.json of phonemes"},
    {"Wav2Vec2CTCTokenizer", "vocab.json of letters"},
    {"Wav2Vec2PhonemeCTCTokenizer", "vocab.json of phonemes"},
    {"XLMTokenizer", "vocab.json + merges.txt, words by Moses"},
};

/// Is `word` one of the words that stand in `list` with spaces between?
bool is_one_of(std::string_view list, std::string_view word) {
    for (std::size_t at = list.find(word); !word.empty() && at != std::string_view::npos;
         at = list.find(word, at + 1)) {
        const std::size_t end = at + word.size();
        if ((at == 0 || list[at - 1] == ' ') && (end == list.size() || list[end] == ' ')) return true;
    }
    return false;
}

std::string without_fast(std::string name) {
    constexpr std::string_view kFast = "Fast";
    if (name.ends_with(kFast)) name.resize(name.size() - kFast.size());
    return name;
}

std::string resolved(const std::string& name) {
    const std::string plain = without_fast(name);
    for (const std::string& tried : {name, plain}) {
        for (const Alias& alias : kAliases)
            if (tried == alias.name) return alias.class_name;
    }
    return plain;
}

/// The class that the table gives for a model_type; empty if it has none.
std::string class_of_models(const std::string& model_type) {
    for (const ClassOfModels& entry : kClassesOfModels)
        if (is_one_of(entry.model_types, model_type)) return without_fast(entry.name);
    return {};
}

std::string text_in(const ordered_json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

const char* files_of_unread_class(const std::string& name) {
    for (const UnreadClass& entry : kUnread)
        if (name == entry.name) return entry.files;
    return nullptr;
}

std::string class_of_given(const std::string& name) {
    return resolved(without_fast(name));
}

Result<TokenizerClass> tokenizer_class_of(const ordered_json& tokenizer_config,
                                          const ordered_json& model_config, bool has_byte_level) {
    for (const ordered_json* file : {&tokenizer_config, &model_config}) {
        const auto found = file->find("tokenizer_class");
        if (found != file->end() && !found->is_string() && !found->is_null())
            return fail(ErrorKind::Corrupt, "'tokenizer_class' is {}, expected the name of a class",
                        found->type_name());
    }
    const std::string from_tokenizer = text_in(tokenizer_config, "tokenizer_class");
    const std::string given =
        !from_tokenizer.empty() ? from_tokenizer : text_in(model_config, "tokenizer_class");
    const std::string model_type = text_in(model_config, "model_type"), table = class_of_models(model_type);
    const bool is_known_wrong = is_one_of(kModelsWithWrongClass, model_type);
    TokenizerClass made{kFilesOwnPipeline, given};
    if (given.empty()) {
        if (table.empty() || is_one_of(kModelsWithoutConfig, model_type)) return made;
        made.name = resolved(table);
        return made;
    }
    if (without_fast(given) == "LlamaTokenizer" && has_byte_level && !is_known_wrong) return made;
    if (table.empty() || table == without_fast(given)) {
        made.name = resolved(without_fast(given));
    } else if (table != kFilesOwnPipeline) {
        made.name = resolved(is_known_wrong ? table : given);
    }
    return made;
}

}  // namespace headlight
