"""Python and a real window: what arrives is what was sent, refusals come back as exceptions, several windows, hostile clients."""
import os
import socket
import struct
import time
import unittest

from support import WindowCase, environment, np, softmax_rows

import headlight
from headlight.protocol import Connection


class Shown(WindowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.socket = headlight.start_window(hidden=True, size=(1200, 800))
        cls.scope = environment(HEADLIGHT_SOCKET=cls.socket)
        cls.scope.__enter__()
        cls.addClassCleanup(cls.scope.__exit__, None, None, None)
        cls.window = headlight.window()

    def check_same(self, layers, kind=None):
        """Every weight in the window against what was sent."""
        for layer, sent in enumerate(layers):
            for head in range(sent.shape[-3]):
                got = self.window.attention(layer, head, kind)
                np.testing.assert_array_equal(got, np.asarray(sent.reshape(sent.shape[-3:])[head], np.float32))

    def test_what_arrives_is_what_was_sent(self):
        for number_type in (np.float32, np.float16):
            weights = tuple(softmax_rows((1, 3, 7, 7), seed=i).astype(number_type) for i in range(4))
            shown = headlight.show(weights, list("abcdefg"), model="seven")
            self.check_same(weights)
            state = self.window.state()
            self.assertEqual((state["model"]["name"], state["layers"], state["heads_per_layer"], any(state["problems"].values())), ("seven", 4, 3, False))
            self.assertEqual([token["piece"] for token in state["tokens"]], list("abcdefg"))
            self.assertEqual(len(state["heads"]), 12)
            self.assertGreater(shown.milliseconds, 0)

    def test_encoder_decoder(self):
        output = {"encoder_attentions": (softmax_rows((1, 2, 5, 5), False),) * 2, "decoder_attentions": (softmax_rows((1, 2, 3, 3)),) * 2,
                  "cross_attentions": (softmax_rows((1, 2, 3, 5), False),) * 2}
        headlight.show(output, list("abcde"), decoder_tokens=list("xyz"))
        state = self.window.state()
        self.assertEqual(state["kinds"], ["encoder", "decoder", "cross"])
        for kind in state["kinds"]:
            self.check_same(output[kind + "_attentions"], kind)

    def test_tokens_have_their_text(self):
        headlight.show((softmax_rows((1, 2, 3, 3)),), ["\u0120The", "\u0120cat", "s"])
        state = self.window.state()
        self.assertEqual(state["text"], " The cats")
        self.assertEqual([token["display"] for token in state["tokens"]], ["\u00b7The", "\u00b7cat", "s"])
        headlight.run("unit word")
        self.assertEqual(len(self.window.state()["tokens"]), 2)
        headlight.run("unit token")

    def test_commands_and_their_refusals(self):
        headlight.show((softmax_rows((1, 3, 4, 4)),) * 2, layer=1, head=2)
        self.assertEqual((self.window.state()["selection"]["layer"], self.window.state()["selection"]["head"]), (1, 2))
        headlight.run("select 0 1")
        self.assertEqual(self.window.state()["selection"]["head"], 1)
        for command, words in (("selct 0 0", "did you mean 'select'"), ("select 9 9", ""), ("", "empty"), ("view nowhere", "no view"), ("text a\nquit", "one line")):
            with self.assertRaisesRegex(headlight.HeadlightError, words):
                headlight.run(command)
        with self.assertRaisesRegex(headlight.HeadlightError, "no head 7 in layer 0"):
            self.window.attention(0, 7)
        with self.assertRaises(headlight.HeadlightError):
            headlight.text("stored attention runs no text")

    def test_pictures(self):
        headlight.show((softmax_rows((1, 3, 4, 4)),))
        picture = headlight.screenshot()
        self.assertEqual(struct.unpack(">2I", picture.png[16:24]), (1200, 800))
        self.assertEqual(picture._repr_png_()[:4], b"\x89PNG")
        path = os.path.join(self.folder, "w.png")
        headlight.screenshot(path)
        self.assertTrue(os.path.getsize(path) > 1000)

    def test_what_cannot_be_shown_leaves_what_is(self):
        good = (softmax_rows((1, 2, 4, 4)),)
        headlight.show(good, model="good")
        with self.assertRaisesRegex(headlight.AttentionError, r"sum to 0\.5.*model\.eval"):
            headlight.show((good[0] / 2,), model="bad")
        with self.assertRaisesRegex(headlight.HeadlightError, "negative"):
            headlight.show((-good[0],))
        nan = good[0].copy()
        nan[0, 0, 2, 1] = np.nan
        with self.assertRaises(headlight.HeadlightError):
            headlight.show((nan,))
        with Connection(self.socket) as connection:
            with self.assertRaisesRegex(headlight.HeadlightError, "no bytes|safetensors|hold|attention|format"):
                connection.send_dump({"message": "open", "name": "noise"}, b"noise" * 100, [], 500)
        self.assertEqual(self.window.state()["model"]["name"], "good")
        self.check_same(good)

    def test_models_open_by_path(self):
        model = os.path.join(os.path.dirname(__file__), "..", "fixtures", "gpt2")
        headlight.open(model)
        self.assertTrue(self.window.state()["model"]["is_live"])
        with self.assertRaises(headlight.HeadlightError):
            headlight.open(os.path.join(self.folder, "nothing"))

    def test_bytes_where_memory_is_not_shared(self):
        weights = (softmax_rows((1, 2, 40, 40)),)
        with Connection(self.socket) as connection:
            connection._is_here = False  # as behind ssh -L
            head, parts, size = headlight.dump.layout({"attn.0": weights[0][0]}, {"model": "bytes"})
            connection.send_dump({"message": "open", "name": "bytes", "axes": "hqk"}, head, parts, size)
        self.assertEqual(self.window.state()["model"]["name"], "bytes")
        self.check_same(weights)

    def test_memory_that_is_cut_off_under_the_window(self):
        number = os.memfd_create("cut", os.MFD_ALLOW_SEALING)
        head, parts, size = headlight.dump.layout({"attn.0": softmax_rows((2, 200, 200))}, {})
        os.write(number, head + b"".join(bytes(data) for _, data in parts))
        with Connection(self.socket) as connection:
            connection._send([_message({"message": "open", "memory": True})], number)
            os.ftruncate(number, 10)
            with self.assertRaisesRegex(headlight.HeadlightError, "seal"):
                connection._answer(time.monotonic() + 30)
        os.close(number)
        self.assertTrue(self.window.state())

    def test_strangers_bytes_harm_nobody(self):
        for data in (b"", b"HDLT", b"GET / HTTP/1.1\r\n\r\n", os.urandom(4000), b"HDLT" + b"\xff" * 12):
            with socket.socket(socket.AF_UNIX) as raw:
                raw.connect(self.socket)
                raw.sendall(data)
        with Connection(self.socket) as connection:
            for header in ({"message": "nonsense"}, {"message": 3}, {}, {"message": "command"}, {"message": "open"}, {"message": "wait", "seconds": -1},
                           {"message": "attention", "layer": "x"}, {"message": "screenshot", "seconds": "soon"}):
                try:
                    connection.ask(header)
                except headlight.HeadlightError as problem:
                    self.assertNotEqual(problem.message, "")
        self.assertTrue(self.window.state())


def _message(header):
    import json

    text = json.dumps(header).encode()
    return struct.pack("<4sIQ", b"HDLT", len(text), 0) + text


class Windows(WindowCase):
    def test_a_window_is_started_found_and_left_behind_is_removed(self):
        from headlight.window import _started

        shown = headlight.show((softmax_rows((1, 2, 4, 4)),), list("abcd"), model="started")
        self.assertEqual(len(_started), 1)
        again = headlight.show((softmax_rows((1, 2, 4, 4)),), list("abcd"), model="second", socket=shown.window.socket)
        self.assertEqual(len(_started), 1)
        self.assertEqual(again.window.state()["model"]["name"], "second")
        with self.assertRaises(headlight.NoWindow):
            headlight.window(os.path.join(self.folder, "nobody"), start=False).state()
        again.window.close()
        _started[0].wait(20)
        with self.assertRaises(headlight.NoWindow):
            again.window.state()


if __name__ == "__main__":
    unittest.main()
