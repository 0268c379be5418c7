// Kinds of attention, selection, undo.
#include <algorithm>

#include "session/session_impl.h"

namespace headlight {
namespace {

struct Sizes {
    int layers = 0, heads = 0;  // 0: unknown, nothing is clamped
    int queries = 0, keys = 0;
    int first_query = -1;  // that is chosen until the user chooses one; -1: the last
};

// What a masked model is asked: its first masked token.
int masked_query(const Snapshot& snapshot) {
    const ModelInfo* model = snapshot.model.get();
    if (!model || !model->tokenizer || model->spec.prediction != Prediction::MaskedToken) return -1;
    const std::int32_t mask = model->tokenizer->mask_id();
    const std::vector<Token>& tokens = snapshot.text->tokens.tokens;
    for (std::size_t i = 0; mask >= 0 && i < tokens.size(); ++i) {
        if (tokens[i].id == mask) return static_cast<int>(i);
    }
    return -1;
}

Sizes sizes_of(const Snapshot& snapshot) {
    if (snapshot.text && snapshot.text->trace) {
        const TraceInfo& info = snapshot.text->trace->info();
        return {info.num_layers, info.num_heads, info.num_queries, info.num_keys, masked_query(snapshot)};
    }
    if (snapshot.model) return {snapshot.model->spec.num_layers, snapshot.model->spec.num_heads, 0, 0, -1};
    return {};
}

int clamp_index(int index, int count) {
    return count > 0 ? std::clamp(index, 0, count - 1) : std::max(0, index);
}

HeadId clamp_head(HeadId id, const Sizes& sizes) {
    return {clamp_index(id.layer, sizes.layers), clamp_index(id.head, sizes.heads)};
}

Selection clamp_selection(const Selection& wanted, const Sizes& sizes) {
    Selection out;
    out.head = clamp_head(wanted.head, sizes);
    for (const HeadId id : wanted.others) {
        const bool is_known = std::find(out.others.begin(), out.others.end(), id) != out.others.end();
        if (id == clamp_head(id, sizes) && id != out.head && !is_known) out.others.push_back(id);
    }
    if (sizes.queries > 0) {
        const int last = sizes.queries - 1;
        const int first = sizes.first_query < 0 ? last : sizes.first_query;
        out.query = wanted.query < 0 ? first : std::min(wanted.query, last);
    }
    out.key = wanted.key >= 0 && wanted.key < sizes.keys ? wanted.key : -1;
    return out;
}

// Adds `id`, or takes it out again; the last head stays.
void toggle(Selection& selection, HeadId id) {
    auto& others = selection.others;
    const auto known = std::find(others.begin(), others.end(), id);
    if (known != others.end()) {
        others.erase(known);
    } else if (id != selection.head) {
        others.push_back(id);
    } else if (!others.empty()) {
        selection.head = others.front();
        others.erase(others.begin());
    }
}

}  // namespace

bool Session::set_kind(AttentionKind kind) {
    if (!impl_->use_kind(kind)) return false;
    impl_->refresh_selection();
    impl_->drop_strangers();
    return true;
}

void Session::select(HeadId head, bool adds) {
    Selection next = impl_->wanted_selection;
    head = clamp_head(head, sizes_of(impl_->snapshot));
    next.head = impl_->snapshot.selection.head;
    if (adds) {
        toggle(next, head);
    } else {
        next.head = head;
        next.others.clear();
    }
    impl_->change_selection(std::move(next));
}

void Session::set_query(int query) {
    Selection next = impl_->wanted_selection;
    next.query = query;
    impl_->change_selection(std::move(next));
}

void Session::set_key(int key) {
    Selection next = impl_->wanted_selection;
    next.key = key;
    impl_->change_selection(std::move(next));
}

bool Session::undo() {
    const HistoryState* state = impl_->history.undo();
    impl_->restore(state);
    return state != nullptr;
}

bool Session::redo() {
    const HistoryState* state = impl_->history.redo();
    impl_->restore(state);
    return state != nullptr;
}

void Session::Impl::restore(const HistoryState* state) {
    if (state == nullptr) return;
    wanted_selection = state->selection;
    const InterventionsPtr interventions = state->interventions;
    if (state->text != snapshot.typed_text || state->decoder_text != snapshot.typed_decoder_text)
        change_texts({state->text, state->decoder_text});
    if (interventions != snapshot.interventions) use_interventions(interventions);
    refresh_selection();
}

void Session::Impl::change_selection(Selection selection) {
    wanted_selection = std::move(selection);
    refresh_selection();
    record();
}

void Session::Impl::refresh_selection() {
    snapshot.selection = clamp_selection(wanted_selection, sizes_of(snapshot));
    is_changed = true;
}

// Among the kinds of the run that is there.
bool Session::Impl::use_kind(AttentionKind kind) {
    const auto same = [kind](const auto& text) { return text->kind() == kind; };
    const auto found = std::find_if(snapshot.kinds.begin(), snapshot.kinds.end(), same);
    if (found == snapshot.kinds.end()) return false;
    if (snapshot.kinds.size() > 1) wanted_kind = kind;
    if (snapshot.base_text == *found) return true;
    snapshot.base_text = *found;
    forget_ablation();
    return true;
}

// What is measured by runs of one text; nullopt: the model is of that kind.
std::optional<Error> Session::Impl::why_one_text_only(const char* what) const {
    if (!snapshot.has_decoder()) return std::nullopt;
    return make_error(ErrorKind::Unsupported,
                      "{} is measured in models that read one text; {} has an encoder and a decoder", what,
                      snapshot.model ? snapshot.model->spec.name : std::string("this model"));
}

// The picture of the unchanged run first; the changed one follows when there are interventions.
void Session::Impl::show_text(TextKinds kinds) {
    worker.drop(JobKind::Predictions);
    forget_sweep();
    snapshot.kinds = std::move(kinds);
    snapshot.base_text.reset();
    if (!use_kind(wanted_kind)) use_kind(snapshot.kinds.front()->kind());
    refresh_selection();
    refresh_stale();
    request_ablation();
}

}  // namespace headlight
