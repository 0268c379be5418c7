// Patching: values of a corrupted text put into the shown one, or the other way round, cell by cell.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/cause/patching.h"
#include "core/token.h"

namespace headlight {

class Session;

/// The cells of one site in one direction, as far as they have come. Immutable; a newer one takes its place.
struct PatchMap {
    std::vector<PatchCell> cells;
    std::vector<std::optional<AnswerMetrics>> results;  // of each cell; nullopt: not done
    int num_done = 0;
};

struct PatchingState {
    std::string corrupted_text;  // as typed; stays while the texts change
    PatchSite site = PatchSite::Head;
    PatchDirection direction = PatchDirection::Denoise;
    // Of one text and question, gone with either.
    std::uint64_t base_id = 0;  // AnalyzedText::id
    std::optional<Question> question;
    TokenizedText corrupted;
    std::optional<AnswerMetrics> clean_answer, corrupted_answer;  // nullopt: not run yet
    int first_difference = 0;
    std::map<std::pair<PatchSite, PatchDirection>, std::shared_ptr<const PatchMap>> maps;
    bool is_running = false;
    std::string error;  // why it ended early, or cannot begin; empty if neither

    /// Of the chosen site and direction; null: not begun.
    std::shared_ptr<const PatchMap> map() const {
        const auto found = maps.find({site, direction});
        return found == maps.end() ? nullptr : found->second;
    }
};

/// The text to compare with; empty: none.
void set_corrupted_text(Session& session, std::string text);
/// Shows that site and direction; nothing is measured.
void choose_patching(Session& session, PatchSite site, PatchDirection direction);
/// Shows that site and direction, and measures the cells that are not done. Snapshot::part<PatchingState>()
/// says why when it cannot.
void start_patching(Session& session, PatchSite site, PatchDirection direction);
/// What is known stays.
void stop_patching(Session& session);

}  // namespace headlight
