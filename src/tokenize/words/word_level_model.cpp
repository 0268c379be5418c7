#include "tokenize/words/word_level_model.h"

#include <nlohmann/json.hpp>

namespace headlight {

Result<std::unique_ptr<WordModel>> WordLevelModel::from_json(const nlohmann::json& model) {
    HEADLIGHT_TRY(PieceTable pieces, PieceTable::from_model(model));
    return std::make_unique<WordLevelModel>(std::move(pieces),
                                            model.value("unk_token", std::string("<unk>")));
}

Status WordLevelModel::encode(std::string_view word, std::vector<WordToken>& out) const {
    if (word.empty()) return {};
    std::int32_t id = pieces_.id_of(word);
    if (id < 0) id = unknown_id_;
    if (id < 0) return fail(unspelled(word, unknown_));
    out.push_back({id, static_cast<std::uint32_t>(word.size())});
    return {};
}

}  // namespace headlight
