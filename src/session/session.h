// The program without a window: open -> tokenize -> run -> analyse as cancellable jobs, with one mailbox
// back. Owned and called by one thread (the UI thread, a script, a test). Never waits unless the name says
// so.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <typeinfo>
#include <vector>

#include "analysis/flow/flow.h"
#include "analysis/generation/made_from.h"
#include "analysis/lines/covering_lines.h"
#include "analysis/patterns/head_distance.h"
#include "analysis/patterns/tile_map.h"
#include "analysis/patterns/tile_pyramid.h"
#include "analysis/patterns/top_k.h"
#include "analysis/probes/probe.h"
#include "analysis/scores/dimension_shares.h"
#include "analysis/text_analysis.h"
#include "analysis/weights/composition_partners.h"
#include "core/engine.h"
#include "run/cause/causal_text.h"
#include "run/probe_run.h"
#include "run/text_run.h"
#include "session/derived.h"
#include "session/snapshot.h"

namespace headlight {

class SessionPart;

struct SessionOptions {
    EngineProvider engine;
    int num_threads = 0;               // 0: automatic
    bool saves_settings = false;       // write settings to config_dir()
    std::string settings_path;         // empty: config_dir()/settings.json
    std::string autosave_folder;       // what is open is written there by itself; empty: it is not
    std::size_t early_rows = 250'000;  // of all heads: from there on a text is shown before it is analysed
    std::size_t cache_bytes = std::size_t{256} << 20;  // of derived values
    std::function<void()> wake;                        // called from workers when something is in the mailbox
};

enum class TokenAxis { Query, Key };

/// Which run of the text a value is asked of: the one that is shown, or the unchanged one.
enum class TextVersion { Shown, Before };

class Session {
  public:
    explicit Session(SessionOptions options);
    ~Session();  // stops and joins the workers
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// Takes in what workers finished. Call at the start of a frame; true if the snapshot changed.
    bool pump();
    const Snapshot& snapshot() const;
    /// True while any job runs or waits (scripts' `wait`).
    bool is_busy() const;
    /// What it is busy with, for people: "Opening SmolLM2 (layer 3 of 12)"; empty when it is not.
    std::string busy_words() const;
    /// Pumps until nothing runs or `timeout` has passed (for scripts and tests, not for the window). False on
    /// time-out.
    bool wait_until_idle_blocking(std::chrono::milliseconds timeout);

    /// Opens a checkpoint folder, a file in it, or an attention dump; keeps the old model until the new one
    /// is there. An atlas or a training log is opened beside the model. What needs the user's word becomes
    /// Snapshot::open_question.
    void open(const std::string& path, const OpenChoices& choices = {});
    void drop_open_question();
    /// Reads texts with another tokenizer (one of ModelInfo::tokenizers, or any file that holds one).
    void use_tokenizer(const std::string& file);
    /// Shows a stored trace at once (the bundled demo); its model is loaded when the text changes, or by
    /// make_live().
    void open_stored_trace(const std::string& trace_path, const std::string& model_path);
    /// Loads the model of a stored trace in the background.
    void make_live();
    /// A newer text stops the older one at the next layer. Refused with a notice where why_no_text_runs().
    void set_text(std::string text);
    /// What the decoder of an encoder-decoder reads, without its start token.
    void set_decoder_text(std::string text);
    /// Both at once; `written`: ids that the text has instead of those of its words, null: none.
    void set_texts(std::string text, std::string decoder_text, WrittenTextPtr written);
    /// Puts what the chat template makes of the box's turns into the box and runs it; undo brings the turns
    /// back. What is wrong is a notice.
    void apply_chat_template(bool adds_reply);
    /// Cuts a text that is longer than the model takes (Snapshot::text_problem) and runs what is left; undo
    /// brings it back. What is wrong is a notice.
    void cut_text(CutEnd end);
    /// May texts of the open model be longer than it was made for, where its positions have no end? The text
    /// runs again. What is wrong is a notice.
    void set_runs_beyond(bool runs_beyond);
    /// Runs the text that Snapshot::text_problem offers; the typed one comes back by undo. False when there
    /// is none.
    bool use_fitting_text();
    /// Why no text can be run: only stored attention is shown. Nullopt: it can be, or may be when what is
    /// being opened is there.
    std::optional<Error> why_no_text_runs() const;
    /// Shows another attention of the same run; the model does not run again. False when the shown run has
    /// none of that kind.
    bool set_kind(AttentionKind kind);
    void cancel();

    void select(HeadId head,
                bool adds = false);  // clamped to the sizes; `adds` toggles `head` in Selection::others
    /// In queries and keys of Snapshot::text: of a unit its last token is chosen.
    void set_query(int query);
    void toggle_query(int query);
    void set_key(int key);
    /// One of the tokens, whatever the window shows; -1: the last query, no key.
    void set_token(TokenAxis axis, int token);
    /// In tokens, as it was chosen, though the shown text may not be that long (yet).
    const Selection& wanted_selection() const;
    void set_selection(Selection selection);
    AttentionKind wanted_kind() const;
    void update_settings(const std::function<void(Settings&)>& change);
    /// Undo and redo of text, selection, replaced attention and notes.
    bool undo();
    bool redo();
    /// What is there now is where undo ends.
    void forget_steps();

    /// Values that depend on the current text; asking starts them on the pool.
    Derived<TilePyramid> pyramid(const std::vector<HeadId>& heads, TextVersion version = TextVersion::Shown);
    /// Of texts that are too long for a pyramid, and a part of others: the shown weights of `heads` (their
    /// mean), or how they differ from those before. While another part is asked for, the last one is no
    /// longer worked on.
    Derived<TileMap> tiles(const std::vector<HeadId>& heads, const TileArea& area,
                           bool is_difference = false);
    Derived<Rollout> flow(FlowMethod method, int query);
    /// The heaviest ways from `query` down to token `input` (-1: to any); those of MaxFlow are the rollout's.
    Derived<std::vector<FlowPath>> flow_paths(FlowMethod method, int query, int input);
    Derived<HeadMap> head_map();
    /// Metrics of the whole pattern of a head. Failed (Unsupported) above kMostMatrixMetricTokens.
    Derived<std::vector<MetricValue>> matrix_metrics(HeadId head);
    /// The same of every head, [HeadGrid]; absent layers have none.
    Derived<WeightAnalysis> all_matrix_metrics();
    /// Of the token after `query`, or at it (ModelSpec::prediction). Failed: Missing while only a stored
    /// trace is shown that nobody loads; Unsupported where the model, or the shown kind, predicts nothing.
    /// `query` is a token, whatever the window shows.
    Derived<QueryPredictions> predictions(int query, TextVersion version = TextVersion::Shown);
    /// Spectra of all heads of the current model. Failed (Missing) while it is a stored trace that nobody
    /// loads.
    Derived<WeightAnalysis> weight_analysis();
    /// What explains the answer of the question (Snapshot::part<QuestionState>) in the unchanged run, from
    /// one more pass that is kept with the text. Failed: Missing without a question, Unsupported with the
    /// reason.
    Derived<Attribution> attribution();
    /// What every head gives along the chosen edge, summed over its queries, [HeadGrid]; of the weights
    /// shown.
    Derived<std::vector<float>> edge(const std::vector<int>& queries, int key);
    /// The lines of a head: of the weights shown, or of the difference; `share` in per cent of each row's
    /// mass.
    Derived<HeadLines> lines(HeadId head, int share);
    /// What the scores of a head of the unchanged run are made of. Failed (Unsupported) with the reason.
    Derived<ScoreParts> score_parts(HeadId head);
    /// Which dimensions carry those scores.
    Derived<DimensionShares> dimension_shares(HeadId head);
    /// The question is optional.
    Derived<Lens> lens();
    /// At the question's row; `key` -1: the whole head, else one unit of attention to that key.
    Derived<HeadWriting> head_writing(HeadId head, int key);
    /// What the query of a row asks for among all tokens.
    Derived<TokenRanking> head_looks_for(HeadId head, int row);
    /// The head read off its weights, for one token.
    Derived<CircuitOfToken> circuit(HeadId head, std::int32_t token);
    Derived<CompositionPartners> composition(HeadId head);
    /// Of the weights shown; of the plain ones where those have signs.
    Derived<MadeFrom> made_from(const MadeFromRequest& request);
    /// Replaces the attention of heads, in place of what they had; undo takes it back. The unchanged run is
    /// shown until the changed one is there.
    void add_intervention(Intervention change);
    /// Takes heads out again; none given: everything.
    void clear_interventions(std::span<const HeadId> heads = {});
    /// In place of all that is there.
    void set_interventions(InterventionsPtr interventions);
    void set_compare(Compare compare);

    /// One of tasks/ by its type, for the functions that its header offers (start_probe(session)).
    SessionPart& task(const std::type_info& type);

    /// Notices since the last call, oldest first.
    std::vector<Notice> take_notices();
    void notify(Notice::Level level, std::string text, std::string details = {});

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace headlight
