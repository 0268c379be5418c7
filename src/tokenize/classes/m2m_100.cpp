// M2M-100: SentencePiece cuts, vocab.json counts, and the language of the text stands in front of it.
#include <sstream>

#include "io/json_file.h"
#include "tokenize/classes/listed_pieces.h"
#include "tokenize/classes/python_classes.h"
#include "tokenize/files/language_codes.h"
#include "tokenize/files/python_tokenizer.h"
#include "tokenize/files/sentencepiece_tokenizer.h"
#include "tokenize/files/vocabulary_file.h"
#include "tokenize/text/space_mark.h"

namespace headlight {
namespace {

class M2m100Tokenizer final : public ListedPieces {
  public:
    TokenizerPtr cutter;         // the SentencePiece model alone
    std::int32_t language = -1;  // its id: languages stand behind all other pieces

    std::string family() const override { return "sentencepiece_model"; }
    std::int32_t bos_id() const override { return language; }

  private:
    void cut(std::string_view part, std::vector<Token>& out) const override {
        for (const Token& cut : cutter->encode(part, false).tokens) {
            const std::int32_t added = added_id(cut.piece), id = added >= 0 ? added : piece_id(cut.piece);
            Token token = dressed(id >= 0 ? id : unknown);
            if (id < 0) {  // the text that it stands for says more than "<unk>"
                token.piece = cut.piece;
                token.display = cut.display;
            }
            token.byte_begin = cut.byte_begin;
            token.byte_end = cut.byte_end;
            out.push_back(std::move(token));
        }
    }
    void put_around(std::vector<Token>& tokens) const override {
        Token first = dressed(language);
        first.is_special = true;
        tokens.insert(tokens.begin(), std::move(first));
        if (const std::int32_t end = id_of_role("eos_token"); end >= 0) tokens.push_back(dressed(end));
    }
    std::string bytes_of_piece(std::int32_t id) const override { return with_spaces(piece_of(id)); }
    bool drops_first_space() const override { return true; }
};

std::string model_file(const std::string& folder) {
    return folder + "/sentencepiece.bpe.model";
}

/// Languages have ids behind those of all pieces, in the order of their list.
Status take_languages(const ClassBuild& build, const std::string& file, M2m100Tokenizer& tokenizer) {
    const std::string list = build.setting("language_codes", "m2m100").get<std::string>();
    if (list != "m2m100" && list != "wmt21")
        return fail(make_error(ErrorKind::Unsupported, "'language_codes' is '{}', expected m2m100 or wmt21",
                               list.substr(0, 60))
                        .in_file(file));
    const nlohmann::json given = build.setting("src_lang", nlohmann::json());
    const std::string source = given.is_string() ? given.get<std::string>() : "en";
    std::istringstream languages(list == "wmt21" ? kWmt21Languages : kM2m100Languages);
    const std::size_t num_pieces = tokenizer.pieces.size();
    std::size_t at = tokenizer.ids.size();
    for (std::string code; languages >> code; ++at) {
        if (at < num_pieces)
            return fail(make_error(ErrorKind::Unsupported,
                                   "vocab.json leaves gaps between its ids, in which languages would stand")
                            .in_file(file));
        if (code == source) tokenizer.language = static_cast<std::int32_t>(at);
        tokenizer.ids.emplace("__" + code + "__", static_cast<std::int32_t>(at));
        tokenizer.pieces.push_back("__" + code + "__");
    }
    if (tokenizer.language >= 0) return {};
    return fail(make_error(ErrorKind::Corrupt, "'src_lang' is '{}', which is no language of this tokenizer",
                           source.substr(0, 60))
                    .in_file(file));
}

}  // namespace

Result<TokenizerPtr> open_m2m_100(ClassBuild& build, const std::string& folder) {
    const std::string vocab_file = folder + "/vocab.json", settings_file = folder + "/tokenizer_config.json";
    auto tokenizer = std::make_shared<M2m100Tokenizer>();
    tokenizer->source_file = model_file(folder);
    HEADLIGHT_TRY(tokenizer->cutter, open_sentencepiece_alone(tokenizer->source_file));
    HEADLIGHT_TRY(const nlohmann::json vocab, read_vocab_json(vocab_file));
    for (const auto& [piece, id] : vocab.items()) {
        const auto place = id.get<std::size_t>();
        if (place >= tokenizer->pieces.size()) tokenizer->pieces.resize(place + 1);
        tokenizer->pieces[place] = piece;
        tokenizer->ids.emplace(piece, id.get<std::int32_t>());
    }
    const std::size_t num_pieces = tokenizer->ids.size();
    const std::pair<const char*, const char*> roles[] = {{"bos_token", "<s>"},
                                                         {"eos_token", "</s>"},
                                                         {"sep_token", "</s>"},
                                                         {"pad_token", "<pad>"},
                                                         {"unk_token", "<unk>"}};
    for (const auto& [role, text] : roles)
        build.set_default(role, text);
    HEADLIGHT_CHECK(tokenizer->take_unknown(build, vocab_file));
    HEADLIGHT_CHECK(take_languages(build, settings_file, *tokenizer));
    tokenizer->note_pieces();
    HEADLIGHT_CHECK(tokenizer->take_tokens(build, {}, num_pieces));
    return TokenizerPtr(std::move(tokenizer));
}

}  // namespace headlight
