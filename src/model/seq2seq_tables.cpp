#include <initializer_list>

#include "model/seq2seq_layout.h"

namespace headlight {
namespace {

constexpr const char *kShared = "shared.weight", *kEncoder = "encoder.embed_tokens.weight",
                     *kDecoder = "decoder.embed_tokens.weight", *kHead = "lm_head.weight";

using Names = std::initializer_list<const char*>;

FileWeight entry_of(const char* slot, Names names) {
    FileWeight entry{*names.begin(), {slot}};
    entry.has_prefix = entry.name != kHead;
    entry.other_names.assign(names.begin() + 1, names.end());
    return entry;
}

/// The first that the file has; null if it has none.
const char* first_of(const HasTensor& has, Names names) {
    for (const char* name : names) {
        if (has(name)) return name;
    }
    return nullptr;
}

constexpr Names kEncoderNames = {kEncoder, kShared, kDecoder}, kDecoderNames = {kDecoder, kShared, kEncoder};

}  // namespace

void add_seq2seq_tables(WeightTable& table, const Architecture& arch) {
    table.exact(entry_of("token_embedding", kEncoderNames));
    table.exact(entry_of("decoder.token_embedding", kDecoderNames));
    const bool is_shared = arch.decoder != nullptr && arch.decoder->is_head_shared_table;
    table.exact(entry_of("decoder.head", {is_shared ? kShared : kHead}));
}

void adapt_seq2seq_tables(Architecture& decoder, const HasTensor& has) {
    const char *encoder_name = first_of(has, kEncoderNames), *decoder_name = first_of(has, kDecoderNames);
    if (encoder_name == nullptr) return;  // what is missing is said where the weights are loaded
    if (has.differ(encoder_name, decoder_name)) decoder.owns_embedding = true;
    if (!decoder.has_head || !decoder.is_head_tied) return;
    const char* head_name = has(kHead) ? kHead : kShared;
    if (!has.differ(head_name, decoder_name)) return;
    decoder.is_head_tied = false;
    decoder.is_head_shared_table = head_name == kShared;
}

}  // namespace headlight
