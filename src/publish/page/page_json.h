// What a page says beside its cells, as JSON for assets/page/*.js.
#pragma once

#include <string>

#include "publish/page/page_content.h"
#include "publish/page/page_weights.h"
#include "report/json_out.h"

namespace headlight {

/// Tokens, masks, metrics, tags, predictions, how it was measured and how the cells are kept.
Json page_json(const PageContent& content, const PageWeights& weights);

/// One line that may stand inside <script type="application/json">: no "<" in it, whatever strangers wrote.
std::string script_json(const Json& json);

}  // namespace headlight
