// Change of the loss token by token, as bars along the text.
#pragma once

#include "views/view.h"

namespace headlight {

/// Bars above the line got worse, below it better; a click chooses the query that predicts that token. Draws
/// nothing where no loss was measured.
void draw_token_losses(ViewContext& context, const AblationResult& result);

}  // namespace headlight
