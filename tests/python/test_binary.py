"""How the program is found and called; its errors as exceptions; results of the real one."""
import json
import os
import pathlib
import struct
import tempfile
import unittest

from support import ROOT, environment, need_binary, np, softmax_rows, stub_binary

import headlight
from headlight.binary import option_arguments

ECHO = "import json; open(__file__ + '.args', 'w').write(json.dumps(args))\n"
WRITE_OUTPUT = ECHO + "open(args[args.index('--output') + 1], 'wb').write(b'PNG')"


def said(folder):
    return json.loads(pathlib.Path(folder, "headlight.args").read_text())


class Calls(unittest.TestCase):
    def test_keywords_become_options(self):
        self.assertEqual(option_arguments({"top_k": 3, "no_numbers": True, "scale": None, "probe": False, "ids": [1, 2], "where_": "a b", "path": pathlib.Path("x")}),
                         ["--top-k", "3", "--no-numbers", "--ids", "1", "2", "--where", "a b", "--path", "x"])

    def test_figures(self):
        with stub_binary(WRITE_OUTPUT) as folder:
            picture = headlight.figure("heatmap", model="m", text="The cat", layer=3, head=2, column=1)
            self.assertEqual(picture._repr_png_(), b"PNG")
            arguments = said(folder)
            self.assertEqual(arguments[:-1], ["figure", "heatmap", "--model", "m", "--text", "The cat", "--layer", "3", "--head", "2", "--column", "1", "--output"])
            target = str(folder / "f.pdf")
            self.assertEqual(headlight.figure("grid", model="m", output=target), target)
            self.assertEqual(said(folder), ["figure", "grid", "--model", "m", "--output", target])

    def test_scans(self):
        atlas = json.dumps({"format": "headlight atlas", "version": 1, "model": "m"})
        body = ECHO + f"import os\nd = args[args.index('--output-dir') + 1]\nos.makedirs(d, exist_ok=True)\nopen(d + '/atlas.json', 'w').write({atlas!r})"
        with stub_binary(body) as folder:
            self.assertEqual(headlight.scan("m", ["a.txt", "b.txt"], folder / "out", sequences=8, probe=["needle"]).model, "m")
            self.assertEqual(said(folder), ["scan", "--model", "m", "--corpus", "a.txt", "b.txt", "--output-dir", str(folder / "out"), "--sequences", "8", "--probe", "needle"])

    def test_errors_keep_their_details(self):
        with stub_binary("print('error: the file is cut off\\n  file: a.bin\\n  offset: 12', file=sys.stderr)\nsys.exit(1)"):
            with self.assertRaises(headlight.HeadlightError) as caught:
                headlight.figure("grid", model="a.bin")
        self.assertEqual((caught.exception.message, caught.exception.details), ("the file is cut off", "file: a.bin\noffset: 12"))
        with stub_binary("print('Segmentation fault', file=sys.stderr)\nsys.exit(9)"):
            with self.assertRaisesRegex(headlight.HeadlightError, "ended with 9: Segmentation fault"):
                headlight.figure("grid")

    def test_where_the_program_is(self):
        with environment(HEADLIGHT_BINARY="/no/such/program"):
            with self.assertRaisesRegex(headlight.BinaryNotFound, "HEADLIGHT_BINARY"):
                headlight.find_binary()
        with stub_binary("") as folder, environment(HEADLIGHT_BINARY=None, PATH=str(folder)):
            self.assertEqual(headlight.find_binary(), str(folder / "headlight"))
        with environment(HEADLIGHT_BINARY=None, PATH=""):
            with self.assertRaisesRegex(headlight.BinaryNotFound, "PATH"):
                headlight.find_binary()

    def test_one_version(self):
        self.assertIn(f"project(headlight VERSION {headlight.__version__}", (ROOT / "CMakeLists.txt").read_text())


class Program(unittest.TestCase):
    """The real one, without a display."""

    @classmethod
    def setUpClass(cls):
        need_binary()
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.none = environment(DISPLAY=None, WAYLAND_DISPLAY=None, HEADLIGHT_SOCKET=None, XDG_RUNTIME_DIR=cls.folder.name)
        cls.none.__enter__()
        cls.addClassCleanup(cls.none.__exit__, None, None, None)

    def test_analyze(self):
        model = ROOT / "tests" / "fixtures" / "gpt2"
        found = headlight.analyze(model, ids=[1, 2, 3, 1, 2])
        layers, heads = found.model["layers"], found.model["heads"]
        self.assertEqual([layer.shape for layer in found.attn], [(heads, 5, 5)] * layers)
        np.testing.assert_allclose(np.concatenate(found.attn).sum(-1), 1, atol=1e-5)
        self.assertEqual(found.input_ids.tolist(), [1, 2, 3, 1, 2])
        self.assertEqual((len(found.tokens), len(found.heads), len(found.hidden)), (5, layers * heads, layers + 1))
        self.assertEqual(found.logits.shape, (5, found.model["vocab_size"]))
        self.assertEqual(found.metric("entropy").shape, (layers, heads))
        # The closed form of one metric over what came along.
        rows = found.attn[0][0]
        entropy = np.mean([-sum(w * np.log(w) for w in row[:i + 1] if w > 0) for i, row in enumerate(rows)])
        self.assertAlmostEqual(found.head(0, 0).metrics["entropy"], entropy, places=4)
        with self.assertRaisesRegex(headlight.HeadlightError, "no head 99"):
            found.head(0, 99)

    def test_refusals(self):
        with self.assertRaises(headlight.HeadlightError) as caught:
            headlight.analyze(pathlib.Path(self.folder.name, "nothing"), "text")
        self.assertNotEqual(str(caught.exception), "")

    def test_without_a_display_there_is_a_picture(self):
        weights = tuple(softmax_rows((1, 2, 4, 4), seed=i) for i in range(2))
        for picture in (headlight.show(weights, ["The", "cat", "sat", "down"]), headlight.show(weights, ["The", "cat", "sat", "down"], layer=1, head=1, inline=True)):
            png = picture._repr_png_()
            self.assertEqual(png[:8], b"\x89PNG\r\n\x1a\n")
            self.assertGreater(min(struct.unpack(">2I", png[16:24])), 100)
        path = picture.save(os.path.join(self.folder.name, "p.png"))
        self.assertEqual(pathlib.Path(path).read_bytes(), png)
        with self.assertRaisesRegex(headlight.NoWindow, "inline=True"):
            headlight.show(weights, inline=False)
        with self.assertRaisesRegex(headlight.NoWindow, "no window runs"):
            headlight.run("select 0 0")

    def test_rows_that_are_no_attention(self):
        weights = softmax_rows((1, 2, 4, 4)) * 0.9
        with self.assertRaisesRegex(headlight.AttentionError, r"sum to 0\.9.*model\.eval\(\)"):
            headlight.show((weights,), inline=True)
        headlight.show((weights,), inline=True, sink=True)

    def test_encoder_decoder_pictures(self):
        output = {"encoder_attentions": (softmax_rows((1, 2, 5, 5), False),), "decoder_attentions": (softmax_rows((1, 2, 3, 3)),),
                  "cross_attentions": (softmax_rows((1, 2, 3, 5), False),)}
        headlight.show(output, list("abcde"), decoder_tokens=list("xyz"), inline=True)
        headlight.show(output["cross_attentions"], list("abcde"), decoder_tokens=list("xyz"), kind="cross", inline=True)


if __name__ == "__main__":
    unittest.main()
