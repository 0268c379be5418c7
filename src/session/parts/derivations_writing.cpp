// Derived values of written texts.
#include <functional>

#include "session/parts/derivations.h"

namespace headlight {

Derived<MadeFrom> Derivations::made_from(const MadeFromRequest& request) {
    const auto text = core_.snapshot.shown_tokens();  // what is written is tokens
    if (auto error = why_no_text(text.get())) return failed<MadeFrom>(*error);
    const PictureWeights& picture = core_.snapshot.picture;
    const bool is_shown = picture.trace && !picture.trace->is_signed() && !core_.snapshot.text->groups;
    const TracePtr trace = is_shown ? TracePtr(picture.trace) : text->trace;
    DerivedKey key{DerivedKind::MadeFrom, text->id, {}, request.first_query};
    key.input = request.last_query;
    key.variant = request.num_prompt;
    key.weights = is_shown ? picture.id : 0;
    if (request.layer) key.heads.push_back({*request.layer, request.head.value_or(-1)});
    for (const TextPart& part : request.parts) {
        key.queries.push_back(part.begin);
        key.queries.push_back(part.end);
        key.queries.push_back(static_cast<int>(std::hash<std::string>{}(part.name) & 0x7fffffffU));
    }
    return ask<MadeFrom>(key, [trace, request](const JobContext& job) -> Result<DerivedValue> {
        HEADLIGHT_TRY(MadeFrom value, headlight::made_from(*trace, request, job));
        const std::size_t bytes = sizeof(MadeFrom) + 2 * value.shares.size() * sizeof(float);
        return make_value(std::move(value), bytes);
    });
}

}  // namespace headlight
