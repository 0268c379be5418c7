// Families whose ids are of a text. Those that read pictures get theirs from a picture (picture_test.cpp).
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "family/family.h"

namespace headlight::test {

inline std::vector<const Family*> text_families() {
    std::vector<const Family*> out;
    for (const Family* family : families()) {
        const auto arch = read_architecture(*family, family->random_config({}), {});
        if (!arch || !arch->takes_pictures()) out.push_back(family);
    }
    return out;
}

}  // namespace headlight::test
