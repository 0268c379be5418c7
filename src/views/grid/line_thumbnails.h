// A head's thumbnail as lines from query (left) to key (right), made of its tiles.
#pragma once

#include "views/grid/thumbnails.h"

namespace headlight {

/// kLineThumbnailSize a side: of each row of tiles the fewest that hold `share` of it, each a curve; where
/// curves cross the largest counts. Values fall with the square of the weight (the largest keeps its own):
/// curves are thin, and many weak ones would hide the few that count. Tiles of column 0 are left out with
/// `skips_first`: the sink is no line.
Thumbnail line_thumbnail(const Thumbnail& picture, double share, bool skips_first);
inline constexpr int kLineThumbnailSize = 64;

}  // namespace headlight
