// Normalisation steps that look at single characters: BERT's own cleaning, accents, white space at the ends.
#pragma once

#include "tokenize/aligned_text.h"

namespace headlight {

/// Control characters go, every white space becomes a plain space (BERT's clean_text).
AlignedText without_control_characters(const AlignedText& text);
/// Spaces on both sides of every Chinese character.
AlignedText with_spaced_ideographs(const AlignedText& text);
enum class Marks { NonSpacing, All };  // Mn alone, or Mn, Mc and Me
AlignedText without_marks(const AlignedText& text, Marks marks);
/// White space at the beginning, at the end, or both, goes.
AlignedText stripped(const AlignedText& text, bool strips_left, bool strips_right);

}  // namespace headlight
