#include "fuzz/read_everything.h"

#include <algorithm>
#include <cstdlib>
#include <string>

#include "io/checkpoint/tensor_values.h"

namespace headlight::fuzz {
namespace {

/// A text of every kind that a step of a tokenizer looks for.
const std::vector<std::string>& texts() {
    static const std::vector<std::string> list = {
        "",
        "a",
        " The cat  sat, didn't it? 12345 x_y<unk></s>[MASK]<|endoftext|>\r\n\n\tEnd ",
        "\xC3\x84pfel \xE4\xBB\x8A\xE6\x97\xA5\xE3\x81\xAF e\xCC\x81 \xF0\x9F\x98\x80 "
        "\xD8\xB3\xD9\x84\xD8\xA7\xD9\x85 \xE2\x96\x81x <0x41>",
        std::string("\xFF\xC3 bad \x00 bytes \xED\xA0\x80", 19),
        std::string(600, 'a') + "!"};
    return list;
}

void require(bool is_so) {
    if (!is_so) std::abort();
}

}  // namespace

Status read_every_tensor(const Checkpoint& checkpoint) {
    for (const TensorInfo& tensor : checkpoint.tensors) {
        const auto floats = tensor_as_floats(checkpoint, tensor);
        if (floats) {
            require(static_cast<std::int64_t>(floats->size()) == tensor.num_elements());
            continue;
        }
        const auto integers = tensor_as_integers(checkpoint, tensor);
        if (!integers && floats.error().kind != ErrorKind::Unsupported) return fail(floats.error());
    }
    return {};
}

Status use_tokenizer(const Tokenizer& tokenizer) {
    const int size = tokenizer.vocab_size();
    require(size >= 0 && tokenizer.bos_id() < size && tokenizer.mask_id() < size &&
            tokenizer.eos_id() < size);
    for (std::int32_t id = 0; id < std::min(size, 2000); ++id)
        require(tokenizer.token(id).has_value());
    require(!tokenizer.token(-1) && !tokenizer.token(size));
    for (const std::string& text : texts()) {
        for (const bool adds_special : {true, false}) {
            const TokenizedText tokens = tokenizer.encode(text, adds_special);
            for (const Token& token : tokens.tokens) {
                require(token.id >= 0 && token.id < size);
                require(token.byte_begin <= token.byte_end && token.byte_end <= text.size());
            }
            if (const auto back = tokenizer.from_ids(tokens.ids()); !back) return fail(back.error());
        }
    }
    return {};
}

}  // namespace headlight::fuzz
