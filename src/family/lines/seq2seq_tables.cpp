#include <initializer_list>
#include <vector>

#include "family/lines/seq2seq_layout.h"

namespace headlight {
namespace {

constexpr const char *kShared = "shared.weight", *kEncoder = "encoder.embed_tokens.weight",
                     *kDecoder = "decoder.embed_tokens.weight", *kHead = "lm_head.weight";

using Names = std::vector<const char*>;

/// Where each table is looked for: under its own name; then, as far as the config ties it, the shared one,
/// and what stands for that where the file has none, in the order in which the reference library ties them.
struct TableNames {
    Names encoder, decoder, head;
};

const TableNames& names_of(const Architecture& decoder, TableOrder order) {
    static const TableNames bart{{kEncoder, kShared, kHead, kDecoder},
                                 {kDecoder, kShared, kHead, kEncoder},
                                 {kHead, kShared, kDecoder, kEncoder}};
    static const TableNames t5{{kEncoder, kShared, kDecoder, kHead},
                               {kDecoder, kShared, kEncoder, kHead},
                               {kHead, kShared, kEncoder, kDecoder}};
    static const TableNames two{{kEncoder, kShared}, {kDecoder, kHead}, {kHead, kDecoder}};
    // Files of transformers 4 keep one table for both stacks even where the output has its own.
    static const TableNames untied{{kEncoder, kShared}, {kDecoder, kShared}, {kHead}};
    switch (decoder.table_tie) {
        case TableTie::None:
            return untied;
        case TableTie::DecoderAndOutput:
            return two;
        case TableTie::All:
            break;
    }
    return order == TableOrder::T5 ? t5 : bart;
}

FileWeight entry_named(const char* slot, const Names& names) {
    FileWeight entry{names.front(), {slot}};
    entry.has_prefix = entry.name != kHead;
    entry.other_names.assign(names.begin() + 1, names.end());
    return entry;
}

/// The first that the file has; null if it has none.
const char* first_of(const HasTensor& has, const Names& names) {
    for (const char* name : names) {
        if (has(name)) return name;
    }
    return nullptr;
}

}  // namespace

void add_seq2seq_tables(WeightTable& table, const Architecture& arch, TableOrder order) {
    // Without a decoder there is one table, whatever it is called.
    const TableNames& names = names_of(arch.decoder != nullptr ? *arch.decoder : arch, order);
    table.exact(entry_named("token_embedding", names.encoder));
    table.exact(entry_named("decoder.token_embedding", names.decoder));
    if (arch.decoder == nullptr) return;
    table.exact(entry_named("decoder.head",
                            arch.decoder->is_head_other_table ? Names{kShared, kEncoder} : Names{kHead}));
}

void adapt_seq2seq_tables(Architecture& decoder, const HasTensor& has, TableOrder order) {
    const TableNames& names = names_of(decoder, order);
    const char *encoder_name = first_of(has, names.encoder), *decoder_name = first_of(has, names.decoder);
    if (encoder_name == nullptr || decoder_name == nullptr)
        return;  // what is missing is said where the weights are loaded
    if (has.differ(encoder_name, decoder_name)) decoder.owns_embedding = true;
    if (!decoder.has_head || !decoder.is_head_tied) return;
    const char* head_name = first_of(has, names.head);
    if (head_name == nullptr || !has.differ(head_name, decoder_name)) return;
    decoder.is_head_tied = false;
    decoder.is_head_other_table = head_name != kHead;
}

}  // namespace headlight
