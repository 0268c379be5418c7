// The contexts of a dilution: which tokens stand where.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "core/attention_trace.h"
#include "run/dilute/dilution.h"
#include "run/live_model.h"

namespace headlight {

/// One text that is run.
struct DilutionContext {
    std::vector<std::int32_t> ids;
    KeyRange fact, target;  // places of their tokens
};

/// Cuts target, fact and filler into tokens once, and lays them out at any length. Begin and end tokens that
/// the tokenizer adds stay where it puts them. Without a begin token the filler's first token stands first in
/// both experiments, so that the fact is never the key that heads rest on.
class DilutionContexts {
  public:
    /// Errors: Unsupported (a decoder of its own), InvalidInput (nothing to score, too little filler, a
    /// length without room for it), Missing (no tokenizer and no list of ids).
    static Result<DilutionContexts> make(const ModelInfo& model, const DilutionRequest& request);

    DilutionContext context(FactPlace place, int length, int slice) const;

    const std::vector<std::int32_t>& target() const { return target_; }
    const std::vector<std::int32_t>& fact() const { return fact_; }
    bool has_begin() const { return !begin_.empty(); }
    /// Tokens of the filler; 0: it is drawn at random from the vocabulary and never ends.
    std::size_t filler_tokens() const { return num_filler_; }

  private:
    Status read_pieces(const ModelInfo& model, const DilutionRequest& request);
    Status read_filler(const ModelInfo& model, const DilutionRequest& request, std::size_t needed);

    std::vector<std::int32_t> begin_, end_, target_, fact_;
    std::vector<std::vector<std::int32_t>> slices_;  // filler, as much as the longest context needs
    std::size_t num_filler_ = 0;
};

/// The bundled filler: sentences that have nothing to do with each other, written for this.
std::string_view bundled_filler();

/// Sentences and lines of texts, each once, in their order.
std::vector<std::string> distinct_sentences(const std::vector<std::string>& texts);

}  // namespace headlight
