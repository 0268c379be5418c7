"""A byte-level BPE that is written into models: of a GGUF file, or one that knows bytes and few merges."""
KEYS = ("add_bos_token", "bos_token_id", "eos_token_id", "unknown_token_id", "padding_token_id", "add_space_prefix")
NORMAL, CONTROL, UNUSED = 1, 3, 5
FEW_MERGES = ["Ġ t", "h e", "i n", "Ġ a", "Ġt he", "o n", "r e"]


def letters_of_bytes():
    """The printable stand-ins of GPT-2's byte-level tokenizer, by byte."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    spare = iter(range(256, 512))
    return [chr(byte if byte in printable else next(spare)) for byte in range(256)]


class Words:
    def __init__(self, source=None):
        """source: an open GGUF file (large_models.gguf_file.Reader) with a tokenizer of the kind gpt2, or None."""
        if source is None:
            self.pieces = ["<|endoftext|>", *letters_of_bytes(), *(merge.replace(" ", "") for merge in FEW_MERGES)]
            self.kinds = [CONTROL] + [NORMAL] * (len(self.pieces) - 1)
            self.merges, self.pre = FEW_MERGES, "smollm"
            self.rest = {"bos_token_id": 0, "eos_token_id": 0, "add_bos_token": False}
            return
        prefix = "tokenizer.ggml."
        get = lambda key: source.metadata[prefix + key]
        if get("model") != "gpt2":
            raise ValueError(f"a byte-level BPE (gpt2) is wanted, this file has {get('model')}")
        self.pieces, self.kinds, self.merges = list(get("tokens")), list(get("token_type")), get("merges")
        self.pre = get("pre")
        self.rest = {key: source.metadata[prefix + key] for key in KEYS if prefix + key in source.metadata}

    def as_metadata(self, vocab_size):
        """GGUF keys, filled up to vocab_size with pieces that no text gives."""
        missing = range(vocab_size - len(self.pieces))
        pieces = self.pieces + [f"[UNUSED{number}]" for number in missing]
        out = {"model": "gpt2", "pre": self.pre, "tokens": pieces, "token_type": self.kinds + [UNUSED for _ in missing],
               "merges": self.merges} | self.rest
        return {"tokenizer.ggml." + key: value for key, value in out.items()}

    def as_json(self):
        """tokenizer.json. The text is cut as `smollm` says: digits alone, then GPT-2's expression."""
        special = [number for number, kind in enumerate(self.kinds) if kind == CONTROL]
        flags = dict(single_word=False, lstrip=False, rstrip=False, normalized=False, special=True)
        byte_level = dict(type="ByteLevel", add_prefix_space=False, trim_offsets=True, use_regex=True)
        return {
            "version": "1.0", "truncation": None, "padding": None, "normalizer": None, "post_processor": None,
            "added_tokens": [{"id": number, "content": self.pieces[number]} | flags for number in special],
            "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
                {"type": "Digits", "individual_digits": True}, byte_level]},
            "decoder": byte_level,
            "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
                      "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
                      "vocab": {piece: number for number, piece in enumerate(self.pieces)}, "merges": self.merges}}
