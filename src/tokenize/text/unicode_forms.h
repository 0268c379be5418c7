// Unicode normalisation and case that keep track of where characters came from.
#pragma once

#include "tokenize/text/aligned_text.h"

namespace headlight {

// Versions of the tables of the package `tokenizers`, and of Python (3.11).
inline constexpr int kFormsUnicode = 11, kPythonUnicode = 14;

enum class UnicodeForm { Nfc, Nfd, Nfkc, Nfkd };

/// Text that is already in the form comes back as it is. A composed character stands for the characters that
/// it is made of, a part of a decomposed one for the whole, in the order in which they are written: as in the
/// reference, marks that change places take the ranges of the places. What came after Unicode `newest`
/// neither decomposes nor changes places.
AlignedText to_unicode_form(AlignedText text, UnicodeForm form, int newest = kFormsUnicode);

/// Each character by itself, without regard to its neighbours or to a language.
AlignedText to_lowercase(AlignedText text);

}  // namespace headlight
