// The keys of atlas.json, shared by its writer and its reader so that the two cannot drift apart.
#pragma once

#include <array>
#include <optional>

#include "core/atlas.h"

namespace headlight::atlas_json {

inline constexpr const char* kFormat = "headlight atlas";
inline constexpr int kVersion = 1;

struct ScoreField {
    const char* name;
    std::optional<double> AtlasScore::*value;
};
inline constexpr std::array<ScoreField, 5> kScoreFields = {{
    {"score", &AtlasScore::score},
    {"null", &AtlasScore::null},
    {"lift", &AtlasScore::lift},
    {"kappa", &AtlasScore::kappa},
    {"argmax_rate", &AtlasScore::argmax_rate},
}};

struct EntryField {
    const char* name;
    std::optional<double> AtlasEntry::*value;
};
inline constexpr std::array<EntryField, 12> kEntryFields = {{
    {"p_value", &AtlasEntry::p_value},
    {"q_value", &AtlasEntry::q_value},
    {"bonferroni", &AtlasEntry::bonferroni},
    {"consistency", &AtlasEntry::consistency},
    {"interpretability", &AtlasEntry::interpretability},
    {"positive_share", &AtlasEntry::positive_share},
    {"cohen_d", &AtlasEntry::cohen_d},
    {"low", &AtlasEntry::low},
    {"high", &AtlasEntry::high},
    {"profile_p_value", &AtlasEntry::profile_p_value},
    {"permutation_p_value", &AtlasEntry::permutation_p_value},
    {"shuffled_score", &AtlasEntry::shuffled_score},
}};

struct RelationEntryField {
    const char* name;
    std::optional<double> AtlasRelationEntry::*value;
};
inline constexpr std::array<RelationEntryField, 4> kRelationEntryFields = {{
    {"discovery", &AtlasRelationEntry::discovery},
    {"p_value", &AtlasRelationEntry::p_value},
    {"q_value", &AtlasRelationEntry::q_value},
    {"bonferroni", &AtlasRelationEntry::bonferroni},
}};

struct ControlField {
    const char* name;
    int AtlasControl::*value;
};
inline constexpr std::array<ControlField, 5> kControlFields = {{
    {"runs", &AtlasControl::num_runs},
    {"content_tags", &AtlasControl::num_content_tags},
    {"content_tests", &AtlasControl::num_content_tests},
    {"positional_tags", &AtlasControl::num_positional_tags},
    {"positional_tests", &AtlasControl::num_positional_tests},
}};

}  // namespace headlight::atlas_json
