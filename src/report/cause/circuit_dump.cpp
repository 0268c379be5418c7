#include <algorithm>
#include <functional>

#include "report/cause/circuit_report.h"

namespace headlight {
namespace {

constexpr std::size_t kDumped = 8;  // of each end

/// Lists of equal length under one name, as ids and as scores.
class ListTensor {
  public:
    void add(const TokenRanking& ranking) {
        put(ranking.top, top_ids_, top_);
        put(ranking.bottom, bottom_ids_, bottom_);
    }
    void write(const std::string& name, TensorFile::Shape shape, TensorFile& file) const {
        if (top_.empty()) return;
        shape.push_back(static_cast<std::int64_t>(length_));
        file.add(name + ".top_ids", shape, top_ids_);
        file.add(name + ".top", shape, top_);
        file.add(name + ".bottom_ids", shape, bottom_ids_);
        file.add(name + ".bottom", shape, bottom_);
    }

  private:
    void put(const ScoredTokens& list, std::vector<std::int32_t>& ids, std::vector<float>& scores) {
        length_ = std::min(kDumped, list.ids.size());
        ids.insert(ids.end(), list.ids.begin(), list.ids.begin() + static_cast<std::ptrdiff_t>(length_));
        scores.insert(scores.end(), list.scores.begin(),
                      list.scores.begin() + static_cast<std::ptrdiff_t>(length_));
    }

    std::size_t length_ = 0;
    std::vector<std::int32_t> top_ids_, bottom_ids_;
    std::vector<float> top_, bottom_;
};

void add_state(const CircuitResult& result, const Circuits& circuits, const std::string& state,
               TensorFile& file) {
    const TensorFile::Shape shape{static_cast<std::int64_t>(result.heads.size()),
                                  static_cast<std::int64_t>(result.tokens.size())};
    ListTensor writes, specific, looks_for;
    std::vector<float> written, asked;
    for (const auto& head : circuits.of) {
        for (const CircuitOfToken& of : head) {
            if (circuits.has_writes) writes.add(of.writes);
            if (!of.writes_specific.top.ids.empty()) specific.add(of.writes_specific);
            looks_for.add(of.looks_for);
        }
        const CircuitOfToken& first = head.front();
        written.insert(written.end(), first.writes.scores.begin(), first.writes.scores.end());
        asked.insert(asked.end(), first.looks_for.scores.begin(), first.looks_for.scores.end());
    }
    writes.write("ov." + state, shape, file);
    specific.write("ov." + state + ".specific", shape, file);
    looks_for.write("qk." + state, shape, file);
    const TensorFile::Shape rows{shape.front(), result.model->spec.vocab_size};
    if (!written.empty()) file.add("ov." + state + ".scores", rows, written);
    if (!asked.empty()) file.add("qk." + state + ".scores", rows, asked);
}

}  // namespace

void add_circuits(const CircuitResult& result, TensorFile& file) {
    add_state(result, result.embedding, "embedding", file);
    add_state(result, result.first_block, "first_block", file);
    if (result.context.empty()) return;
    ListTensor writes, looks_for;
    std::vector<float> scores;
    for (const HeadInContext& in : result.context) {
        looks_for.add(in.looks_for);
        if (!in.writes.top.ids.empty()) writes.add(in.writes);
        scores.insert(scores.end(), in.writes.scores.begin(), in.writes.scores.end());
    }
    const TensorFile::Shape shape{static_cast<std::int64_t>(result.heads.size())};
    looks_for.write("qk.context", shape, file);
    writes.write("ov.context", shape, file);
    if (!scores.empty())
        file.add("ov.context.scores", {shape.front(), result.model->spec.vocab_size}, scores);
}

}  // namespace headlight
