// What a page shows: one analysed attention of a text, from the command line or the window.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/cause/weighted_trace.h"
#include "core/head_id.h"
#include "core/model_spec.h"
#include "run/analyzed_run.h"
#include "run/analyzed_text.h"
#include "run/live_model.h"
#include "run/text_run.h"

namespace headlight {

struct PageContent {
    ModelSpec spec;
    std::shared_ptr<const AnalyzedText> text;  // with a trace; metrics and tags are of it
    WeightedPtr shown;                         // what matrices hold in place of the plain weights; null: them
    std::string shown_question;                // of effects: "·Mary − ·John"
    std::vector<QueryPredictions> predictions;  // of some queries of `text`; empty: there are none
    std::vector<std::string> notes;             // sentences about the run: what was replaced
    std::vector<HeadId> heads;                  // in ascending order; empty: all
    HeadId first;                               // chosen when the page opens
    int query = -1;                             // the same; -1: the last

    const AttentionTrace& trace() const { return shown ? *shown : *text->trace; }
};

/// Of a run of the command line. `heads`: PageContent::heads.
PageContent page_content_of(const AnalyzedRun& run, std::vector<HeadId> heads);

/// Fills PageContent::predictions by asking the model once more: for every query, of long texts for the last
/// only. Leaves them empty where the model, or that attention, predicts nothing. Errors: those of
/// ModelRunner::run.
Status add_page_predictions(PageContent& content, const LiveModel& model, const JobContext& job);

}  // namespace headlight
