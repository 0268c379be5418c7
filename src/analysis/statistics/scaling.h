// Classical multidimensional scaling: points in the plane whose distances are near given ones.
#pragma once

#include <optional>
#include <vector>

namespace headlight {

struct PlaneMap {
    std::vector<double> x, y;  // [n]; the mean of each is 0, x spreads at least as far as y
    double explained =
        0;  // share of the positive eigenvalues that the two axes hold; 0 when all points coincide
};

/// `distances` [n, n], symmetric, not negative. Eigenvectors of B = -1/2 J D^2 J times the root of their
/// eigenvalue (Torgerson 1952); an axis whose eigenvalue is not positive is 0. nullopt if a distance is no
/// finite number.
std::optional<PlaneMap> scale_to_plane(const std::vector<double>& distances, int size);

}  // namespace headlight
