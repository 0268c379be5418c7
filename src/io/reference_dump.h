// The arrays of a reference dump, for comparing: those of the reference library, several texts in one file
// ("t0.attn.3"), or one text without a prefix. Nothing is interpreted: the numbers are given back as they
// are.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "io/dump_contents.h"

namespace headlight {

/// One array as float32, row-major.
struct ReferenceArray {
    std::vector<std::int64_t> shape;
    std::vector<float> values;
};

class ReferenceDump {
  public:
    /// Any file that read_dump_contents takes; values stay in the file until they are asked for. Errors: of
    /// the format; Missing (no "input_ids" with or without a prefix t0., t1. ...; says what there is).
    static Result<ReferenceDump> open(const std::string& path);

    /// "t0.", "t1." ... in this order, or one empty prefix.
    const std::vector<std::string>& prefixes() const { return prefixes_; }

    /// Token ids of a text; those of the decoder are empty where there is none. [1, N] counts as [N]. Errors:
    /// Missing, Corrupt (not whole numbers of one text).
    Result<std::vector<std::int32_t>> ids(const std::string& prefix) const;
    Result<std::vector<std::int32_t>> decoder_ids(const std::string& prefix) const;

    /// Ascending numbers l of the arrays "<prefix><name>.<l>": names are attn, enc_attn, dec_attn,
    /// cross_attn, hidden, enc_hidden, dec_hidden.
    std::vector<int> numbers(const std::string& prefix, const std::string& name) const;

    bool has(const std::string& name) const { return contents_.arrays.find(name) != nullptr; }

    /// One array by its full name ("t0.attn.2", "logits"), a leading axis of 1 above `rank` axes dropped.
    /// Errors: Missing, Corrupt (another number of axes), Unsupported (no numbers).
    Result<ReferenceArray> array(const std::string& name, std::size_t rank) const;

  private:
    Result<std::vector<std::int32_t>> read_ids(const std::string& name) const;

    DumpContents contents_;
    std::vector<std::string> prefixes_;
};

}  // namespace headlight
