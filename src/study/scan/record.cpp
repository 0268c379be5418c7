// The bytes of a record of the journal.
#include "study/scan/record.h"

#include <limits>

#include "analysis/words/conllu.h"
#include "study/scan/bytes.h"

namespace headlight {
namespace {

constexpr float kNotMeasured = std::numeric_limits<float>::quiet_NaN();
constexpr float StoredScore::*kFields[] = {&StoredScore::score, &StoredScore::null, &StoredScore::argmax_rate,
                                           &StoredScore::profile_null, &StoredScore::permutation_p};
constexpr std::uint8_t kTaggedBit = 1 << 7;

float stored(const std::optional<double>& value) {
    return value ? static_cast<float>(*value) : kNotMeasured;
}

/// One byte says which of the numbers follow.
void put_score(ByteWriter& out, const StoredScore& score) {
    std::uint8_t present = score.is_tagged ? kTaggedBit : 0;
    for (std::size_t i = 0; i < std::size(kFields); ++i) {
        if (score.*kFields[i] == score.*kFields[i]) present = static_cast<std::uint8_t>(present | (1u << i));
    }
    out.put(present);
    for (std::size_t i = 0; i < std::size(kFields); ++i) {
        if (present & (1u << i)) out.put(score.*kFields[i]);
    }
}

StoredScore get_score(ByteReader& in) {
    StoredScore score;
    const auto present = in.get<std::uint8_t>();
    score.is_tagged = (present & kTaggedBit) != 0;
    for (std::size_t i = 0; i < std::size(kFields); ++i) {
        if (present & (1u << i)) score.*kFields[i] = in.get<float>();
    }
    return score;
}

void put_example(ByteWriter& out, const ExampleRow& example) {
    out.put(example.head);
    out.put(example.detector);
    out.put(static_cast<std::uint8_t>(example.is_strongest));
    out.put(example.query);
    out.put(example.score);
    out.put(static_cast<std::uint32_t>(example.cells.size()));
    for (const ExampleCell& cell : example.cells) {
        out.put(cell.begin);
        out.put(cell.end);
        out.put(cell.weight);
    }
}

ExampleRow get_example(ByteReader& in) {
    ExampleRow example;
    example.head = in.get<std::uint32_t>();
    example.detector = in.get<std::int32_t>();
    example.is_strongest = in.get<std::uint8_t>() != 0;
    example.query = in.get<std::uint32_t>();
    example.score = in.get<float>();
    example.cells.resize(in.get_count(sizeof(ExampleCell)));
    for (ExampleCell& cell : example.cells) {
        cell.begin = in.get<std::uint32_t>();
        cell.end = in.get<std::uint32_t>();
        cell.weight = in.get<float>();
    }
    return example;
}

void put_relation(ByteWriter& out, const SentenceRelation& relation) {
    out.put_text(relation.name);
    out.put(relation.chance);
    out.put(static_cast<std::uint32_t>(relation.offsets.size()));
    for (const auto& [offset, count] : relation.offsets) {
        out.put(static_cast<std::int32_t>(offset));
        out.put(static_cast<std::int32_t>(count));
    }
}

SentenceRelation get_relation(ByteReader& in) {
    SentenceRelation relation;
    relation.name = in.get_text();
    relation.chance = in.get<double>();
    for (std::uint32_t left = in.get_count(8); left > 0; --left) {
        const auto offset = in.get<std::int32_t>();
        relation.offsets[offset] = in.get<std::int32_t>();
    }
    return relation;
}

/// Counts are of pairs of one sentence, and no head hits more than there are.
bool fits_pairs(const ScanRecord& record) {
    for (const SentenceRelation& relation : record.relations) {
        if (!(relation.chance >= 0 && relation.chance <= kMostConlluWords)) return false;
        if (relation.offsets.size() > 2 * kMostConlluWords) return false;
        for (const auto& [offset, count] : relation.offsets) {
            if (count < 1 || count > static_cast<int>(kMostConlluWords)) return false;
        }
    }
    if (record.relations.empty()) return record.hits.empty();
    if (record.hits.size() % record.relations.size() != 0) return false;
    for (std::size_t i = 0; i < record.hits.size(); ++i) {
        if (record.hits[i] > record.relations[i % record.relations.size()].num_pairs()) return false;
    }
    return true;
}

/// Cells lie in the text, one after the other, and the query is the last of the row's keys that is shown.
bool fits_tokens(const ExampleRow& example, std::size_t num_tokens) {
    std::uint32_t at = 0;
    for (const ExampleCell& cell : example.cells) {
        if (cell.begin < at || cell.end <= cell.begin || cell.end > num_tokens) return false;
        at = cell.end;
    }
    return example.query < num_tokens;
}

}  // namespace

StoredScore::StoredScore()
    : score(kNotMeasured),
      null(kNotMeasured),
      argmax_rate(kNotMeasured),
      profile_null(kNotMeasured),
      permutation_p(kNotMeasured) {}

StoredScore::StoredScore(const SequenceScore& from)
    : score(stored(from.score)),
      null(stored(from.null)),
      argmax_rate(stored(from.argmax_rate)),
      profile_null(stored(from.profile_null)),
      permutation_p(stored(from.permutation_p)),
      is_tagged(from.is_tagged) {}

int SentenceRelation::num_pairs() const {
    int count = 0;
    for (const auto& [offset, of_offset] : offsets)
        count += of_offset;
    return count;
}

std::string encode_record(const ScanRecord& record) {
    ByteWriter out;
    out.put(record.index);
    out.put_text(record.note);
    out.put_text(record.document);
    out.put(record.first_token);
    out.put(static_cast<std::uint32_t>(record.scores.size()));
    for (const StoredScore& score : record.scores)
        put_score(out, score);
    out.put(static_cast<std::uint32_t>(record.metrics.size()));
    for (const float metric : record.metrics)
        out.put(metric);
    out.put(static_cast<std::uint32_t>(record.examples.size()));
    for (const ExampleRow& example : record.examples)
        put_example(out, example);
    out.put(static_cast<std::uint32_t>(record.displays.size()));
    for (const std::string& display : record.displays)
        out.put_text(display);
    if (record.relations.empty()) return out.take();  // as before there were any
    out.put(static_cast<std::uint32_t>(record.relations.size()));
    for (const SentenceRelation& relation : record.relations)
        put_relation(out, relation);
    out.put(static_cast<std::uint32_t>(record.hits.size()));
    for (const std::uint16_t hits : record.hits)
        out.put(hits);
    return out.take();
}

Result<ScanRecord> decode_record(std::string_view bytes) {
    ByteReader in(bytes);
    ScanRecord record;
    record.index = in.get<std::uint32_t>();
    record.note = in.get_text();
    record.document = in.get_text();
    record.first_token = in.get<std::int64_t>();
    record.scores.resize(in.get_count(1));
    for (StoredScore& score : record.scores)
        score = get_score(in);
    record.metrics.resize(in.get_count(sizeof(float)));
    for (float& metric : record.metrics)
        metric = in.get<float>();
    record.examples.resize(in.get_count(21));
    for (ExampleRow& example : record.examples)
        example = get_example(in);
    record.displays.resize(in.get_count(4));
    for (std::string& display : record.displays)
        display = in.get_text();
    if (in.is_sound() && in.num_left() > 0) {
        record.relations.resize(in.get_count(16));
        for (SentenceRelation& relation : record.relations)
            relation = get_relation(in);
        record.hits.resize(in.get_count(sizeof(std::uint16_t)));
        for (std::uint16_t& hits : record.hits)
            hits = in.get<std::uint16_t>();
    }
    bool is_sound = in.is_sound() && fits_pairs(record) && record.first_token >= 0 && in.num_left() == 0;
    for (const ExampleRow& example : record.examples)
        is_sound = is_sound && fits_tokens(example, record.displays.size());
    if (!is_sound) return fail(ErrorKind::Corrupt, "a record of the journal does not hold together");
    return record;
}

}  // namespace headlight
