// A head's thumbnail as lines from query (left) to key (right), made of its tiles.
#pragma once

#include "views/grid/thumbnails.h"

namespace headlight {

/// kLineThumbnailSize a side: of each row of tiles the fewest that hold `share` of it, each a curve with its
/// value; where curves cross the largest counts. Tiles of column 0 are left out with `skips_first`: the sink
/// is no line.
Thumbnail line_thumbnail(const Thumbnail& picture, double share, bool skips_first);
inline constexpr int kLineThumbnailSize = 64;

}  // namespace headlight
