// One token per byte: any text works, with no file at all. For random weights.
#pragma once

#include "tokenize/tokenizer.h"

namespace headlight {

TokenizerPtr make_byte_tokenizer();

}  // namespace headlight
