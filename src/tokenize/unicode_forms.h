// Unicode normalisation and case that keep track of where characters came from.
#pragma once

#include "tokenize/aligned_text.h"

namespace headlight {

enum class UnicodeForm { Nfc, Nfd, Nfkc, Nfkd };

/// Text that is already in the form comes back as it is.
AlignedText to_unicode_form(AlignedText text, UnicodeForm form);

/// Each character by itself, without regard to its neighbours or to a language.
AlignedText to_lowercase(const AlignedText& text);

}  // namespace headlight
