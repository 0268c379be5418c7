"""What models return, brought into one form; tokens in every form; dumps written and read."""
import json
import pathlib
import struct
import tempfile
import types
import unittest

from support import np, softmax_rows

import headlight
from headlight.attention import attention_kinds
from headlight.make_dump import make_dump
from headlight.tokens import Tokens, make_tokens


class FakeTokenizer:
    all_special_ids = [0]

    def convert_ids_to_tokens(self, ids):
        return [["<s>", "\u0120The", "\u0120cat", "s", "\u00c3\u00a9", "\u010a"][i] for i in ids]

    def __call__(self, text):
        return {"input_ids": [0, 1, 2]}


class Shapes(unittest.TestCase):
    def layers(self, value, **options):
        (layers,) = attention_kinds(value, **options).values()
        return layers

    def test_the_tuple_of_a_model(self):
        tuple_of_layers = tuple(softmax_rows((1, 2, 4, 4), seed=i) for i in range(3))
        layers = self.layers(tuple_of_layers)
        self.assertEqual([layer.shape for layer in layers], [(2, 4, 4)] * 3)
        for got, sent in zip(layers, tuple_of_layers):
            np.testing.assert_array_equal(got.array, sent[0])

    def test_one_array_of_all_or_of_one(self):
        for shape, num_layers, heads in (((3, 1, 2, 4, 4), 3, 2), ((3, 2, 4, 4), 3, 2), ((2, 4, 4), 1, 2), ((4, 4), 1, 1)):
            layers = self.layers(softmax_rows(shape))
            self.assertEqual((len(layers), layers[0].shape[0]), (num_layers, heads), shape)

    def test_a_batch_needs_an_index(self):
        batch = (softmax_rows((3, 2, 4, 4)),)
        with self.assertRaisesRegex(headlight.AttentionError, "of 3 texts .* index="):
            self.layers(batch)
        np.testing.assert_array_equal(self.layers(batch, index=1)[0].array, batch[0][1])
        np.testing.assert_array_equal(self.layers(batch, index=-1)[0].array, batch[0][2])
        with self.assertRaisesRegex(headlight.AttentionError, "index=3"):
            self.layers(batch, index=3)

    def test_layers_without_attention_keep_their_number(self):
        layers = self.layers((None, softmax_rows((1, 2, 4, 4)), None))
        self.assertEqual([layer is None for layer in layers], [True, False, True])

    def test_nothing_says_what_to_do(self):
        for value in (None, (), (None, None), types.SimpleNamespace(attentions=None), types.SimpleNamespace(attentions=(None,))):
            with self.assertRaisesRegex(headlight.AttentionError, "eager"):
                attention_kinds(value)

    def test_no_attention_is_refused(self):
        for value, words in ((("a", "b"), "layer 0"), ((np.zeros((2, 3, 4, 4, 1, 1), np.float32),), "expected"), ((np.zeros((1, 2, 4, 4), int),), "whole numbers"),
                             ((softmax_rows((1, 2, 4, 4)), softmax_rows((1, 3, 4, 4))), "layer 1 has the shape")):
            with self.assertRaisesRegex(headlight.AttentionError, words):
                attention_kinds(value)

    def test_model_outputs(self):
        square, cross = (softmax_rows((1, 2, 3, 3)),), (softmax_rows((1, 2, 3, 5), is_causal=False),)
        encoder = (softmax_rows((1, 2, 5, 5), is_causal=False),)
        found = attention_kinds(types.SimpleNamespace(encoder_attentions=encoder, decoder_attentions=square, cross_attentions=cross))
        self.assertEqual({kind: layers[0].shape for kind, layers in found.items()}, {"encoder": (2, 5, 5), "decoder": (2, 3, 3), "cross": (2, 3, 5)})
        self.assertEqual(set(attention_kinds({"attentions": square, "cross_attentions": cross})), {"decoder", "cross"})
        self.assertEqual(set(attention_kinds({"attentions": square}, kind="self")), {"self"})
        self.assertEqual(set(attention_kinds(square, kind="encoder")), {"encoder"})
        with self.assertRaisesRegex(headlight.AttentionError, "expected one of self"):
            attention_kinds(square, kind="sideways")

    def test_steps_of_generate_become_one_triangle(self):
        whole = softmax_rows((2, 6, 6))
        cached = tuple((whole[None, :, :3, :3],) if step == 0 else (whole[None, :, 2 + step:3 + step, :3 + step],) for step in range(4))
        np.testing.assert_array_equal(self.layers(cached)[0].array, whole)
        uncached = tuple((whole[None, :, :3 + step, :3 + step],) for step in range(4))
        np.testing.assert_array_equal(self.layers(uncached)[0].array, whole)
        longer = tuple((np.pad(step[0], ((0, 0), (0, 0), (0, 0), (0, 9 - step[0].shape[3]))),) for step in cached)
        np.testing.assert_array_equal(self.layers(longer)[0].array, whole)

    def test_a_cache_that_slid_puts_rows_at_their_end(self):
        first = softmax_rows((1, 2, 4, 4))
        step = softmax_rows((1, 2, 1, 3), is_causal=False)
        got = self.layers(((first,), (step,)))[0].array
        np.testing.assert_array_equal(got[:, 4, 2:], step[0, :, 0])
        self.assertFalse(got[:, 4, :2].any())

    def test_cross_steps_and_beams(self):
        rows = softmax_rows((2, 4, 5), is_causal=False)
        steps = tuple((rows[None, :, i:i + 1],) for i in range(4))
        np.testing.assert_array_equal(attention_kinds({"cross_attentions": steps})["cross"][0].array, rows)
        with self.assertRaisesRegex(headlight.AttentionError, "beam search"):
            attention_kinds(types.SimpleNamespace(attentions=steps, beam_indices=[1]))


class TokenForms(unittest.TestCase):
    def test_ids_and_texts(self):
        for tokens in ([1, 2], np.array([1, 2]), np.array([[1, 2]]), [[1, 2]], {"input_ids": np.array([[1, 2]])}):
            made = make_tokens(tokens, FakeTokenizer())
            self.assertEqual((made.pieces, made.ids), (["\u0120The", "\u0120cat"], [1, 2]))
        self.assertEqual(make_tokens("The cat", FakeTokenizer()).special, [True, False, False])
        self.assertEqual(make_tokens(["a", b"b"], None).pieces, ["a", "b"])
        self.assertEqual(make_tokens([7, 8], None).pieces, ["#7", "#8"])
        with self.assertRaisesRegex(headlight.AttentionError, "index="):
            make_tokens(np.array([[1], [2]]), FakeTokenizer())
        with self.assertRaisesRegex(headlight.AttentionError, "tokenizer="):
            make_tokens("The cat", None)

    def test_spans_of_pieces(self):
        for pieces, text in ((["\u0120The", "\u0120cat", "s", "\u00c3\u00a9"], " The cats\u00e9"), (["\u2581The", "\u2581cat", "<0x0A>"], " The cat\n"),
                             (["the", "cat", "##s", "sat"], "the cats sat"), (["The", "cat"], "The cat"), (["The", " cat"], "The cat")):
            made = Tokens(pieces).as_json()
            self.assertEqual(made["text"], text)
            data = text.encode()
            self.assertEqual(b"".join(data[t["begin"]:t["end"]] for t in made["tokens"]).replace(b" ", b""), data.replace(b" ", b""))
        special = Tokens(["[CLS]", "the"], special=[True, False]).as_json()
        self.assertEqual([(t["begin"], t["end"], t["special"]) for t in special["tokens"]], [(0, 0, True), (0, 3, False)])
        self.assertEqual(Tokens(["\u00c3", "\u0120"]).as_json()["text_hex"], "c320")

    def test_their_number_is_checked(self):
        weights = (softmax_rows((1, 2, 3, 3)),)
        with self.assertRaisesRegex(headlight.AttentionError, "2 tokens, but attention of 3"):
            make_dump(weights, ["a", "b"])
        arrays, metadata, _, _ = make_dump(weights, ["a", "b", "c", "last, never read"])
        self.assertEqual(json.loads(metadata["tokens"]), ["a", "b", "c"])
        self.assertEqual(sorted(arrays), ["attn.0"])

    def test_generate_brings_its_sequence(self):
        whole = softmax_rows((2, 4, 4))
        output = types.SimpleNamespace(attentions=((whole[None, :, :3, :3],), (whole[None, :, 3:],)), sequences=np.array([[1, 2, 3, 4, 5]]))
        arrays, metadata, _, _ = make_dump(output, tokenizer=FakeTokenizer())
        self.assertEqual(arrays["input_ids"].tolist(), [1, 2, 3, 4])
        np.testing.assert_array_equal(arrays["attn.0"].array, whole)


class Dumps(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name="d.safetensors"):
        return pathlib.Path(self.folder.name, name)

    def test_what_is_written_is_read(self):
        sent = [softmax_rows((1, 2, 3, 3), seed=i).astype(np.float16) for i in range(2)]
        headlight.save(self.path(), (sent[0], None, sent[1]), ["a", "\u00e9", "\u4e2d"], model="m")
        dump = headlight.read_dump(self.path())
        self.assertEqual((dump.tokens, dump.metadata["model"], dump.kinds), (["a", "\u00e9", "\u4e2d"], "m", ["self"]))
        layers = dump.attention()
        np.testing.assert_array_equal(layers[0], sent[0][0])
        np.testing.assert_array_equal(layers[2], sent[1][0])
        self.assertIsNone(layers[1])
        self.assertEqual(layers[0].dtype, np.float16)

    def test_hostile_files_are_refused(self):
        def header(value, data=b""):
            text = value if isinstance(value, bytes) else json.dumps(value).encode()
            return struct.pack("<Q", len(text)) + text + data

        array = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}
        for content in (b"", b"1234567", struct.pack("<Q", 1 << 60) + b"{}", header(b"[" * 5000), header([1]), header({"a": 3}),
                        header({"a": array}), header({"a": dict(array, shape=[3])}, bytes(8)), header({"a": dict(array, shape=[-2])}, bytes(8)),
                        header({"a": dict(array, data_offsets=[8, 0])}, bytes(8)), header({"a": dict(array, shape=[1 << 62, 1 << 62])}, bytes(8)),
                        header({"a": dict(array, dtype=["F32"])}, bytes(8))):
            self.path().write_bytes(content)
            with self.assertRaises(headlight.HeadlightError):
                headlight.read_dump(self.path())
        self.path().write_bytes(header({"a": dict(array, dtype="F8_E4M3", data_offsets=[0, 2]), "attn.99999999": array}, bytes(8)))
        dump = headlight.read_dump(self.path())
        self.assertEqual(dump.left_out, ["a"])
        self.assertEqual(dump.numbered("attn"), [])

    def test_logs_and_atlases(self):
        log = self.path("metrics.jsonl")
        log.write_text('{"step": 2, "loss": 1.5}\n{"step": 1, "loss": null, "point": "START"}\n{"step": 2, "loss": 1.25}\n{"step": 3, "lo')
        read = headlight.read_log(self.folder.name)
        self.assertEqual((read.steps.tolist(), read.names), ([1, 2], ["loss"]))
        np.testing.assert_array_equal(read["loss"], [np.nan, 1.25])
        log.write_text('{"step": "x"}\n{"step": 1}\n')
        with self.assertRaisesRegex(headlight.HeadlightError, "line 1"):
            headlight.read_log(log)
        atlas = self.path("atlas.json")
        atlas.write_text(json.dumps({"format": "headlight atlas", "version": 1, "model": "m", "entries": [
            {"layer": 1, "head": 2, "detector": "induction", "tagged": True}, {"layer": 0, "head": 0, "detector": "induction", "tagged": False}]}))
        self.assertEqual(headlight.read_atlas(self.folder.name).tagged("induction"), [(1, 2)])
        for text in ("[]", "{", '{"format": "headlight atlas", "version": 2}'):
            atlas.write_text(text)
            with self.assertRaises(headlight.HeadlightError):
                headlight.read_atlas(atlas)


if __name__ == "__main__":
    unittest.main()
