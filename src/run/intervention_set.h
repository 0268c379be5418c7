// Editing a list of interventions: a head is in at most one of them, so that a title always says all there is
// to say.
#pragma once

#include <span>

#include "run/ablation_result.h"

namespace headlight {

/// Puts `change` in the place of whatever its heads had. Heads with the same mode and settings are joined
/// into one intervention; edges (KnockOut) are added to those that the head had lost already.
Interventions with_intervention(const Interventions& now, Intervention change);

/// Takes the heads out of every intervention.
Interventions without_heads(const Interventions& now, std::span<const HeadId> heads);

/// Equal in every value.
bool are_same(const Interventions& a, const Interventions& b);

/// The intervention that a head is in; null: none.
const Intervention* find_intervention(const Interventions& now, HeadId head);

}  // namespace headlight
