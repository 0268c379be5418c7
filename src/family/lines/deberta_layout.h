// What the versions of DeBERTa share: relative embeddings, and two spellings of the masked-token head.
#pragma once

#include "family/lines/bert_layout.h"

namespace headlight {

/// BERT's config with types, positions and relative scores as DeBERTa's keys spell them.
Architecture read_deberta_config(ConfigReader& config, const BertDefaults& defaults);

/// Names of the head that the architecture reads.
const BertHeadNames& deberta_head(const Architecture& arch);

/// Parts that the config switches off and the head that is not asked for.
bool is_deberta_extra(std::string_view name, const Architecture& arch);

/// The head under the names that the config asks for or, if only the others are in the file, under those:
/// published v3 files hold the newer one without saying so.
void adapt_deberta(Architecture& arch, const HasTensor& has);

}  // namespace headlight
