// A saved session: read, fitted to a model, written and read again, which must give the same.
#include "run/saved/session_file.h"

#include <cstdlib>

#include "fuzz/fuzz_target.h"
#include "run/saved/notes_export.h"

namespace headlight::fuzz {
namespace {

ModelInfo small_model() {
    ModelInfo model;
    model.spec.name = "small";
    model.spec.num_layers = 2;
    model.spec.num_heads = 3;
    model.spec.vocab_size = 64;
    return model;
}

Status read(const std::string& path) {
    HEADLIGHT_TRY(SavedSession session, read_session(path));
    HEADLIGHT_TRY(const std::string text, session_to_json(session, path));
    auto again = session_from_json(text, path);
    if (!again) std::abort();
    again->branches.tree = session.branches.tree;  // a new object
    if (!are_same(*again, session)) std::abort();
    if (session.notes) notes_to_csv(*session.notes, session.model_name);
    fit_to_model(session, small_model());
    return {};
}

}  // namespace

extern const FuzzTarget k_fuzz_session = {"session", "study.headlight", read};

}  // namespace headlight::fuzz
