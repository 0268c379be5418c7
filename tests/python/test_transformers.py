"""What the real transformers returns: random models of three architectures and generate(), into the window and back."""
import sys
import unittest

from support import WindowCase, environment, np

try:
    import torch
    import transformers
except ImportError as missing:
    print(f"SKIPPED: {missing.name} is not there (tests/python/make_environment.sh makes an environment with it)", file=sys.stderr)
    sys.exit(77)

import headlight
from headlight.attention import attention_kinds
from headlight.make_dump import make_dump

torch.manual_seed(0)
torch.set_num_threads(1)
IDS = torch.tensor([[5, 6, 7, 5, 6, 7, 8, 9]])


def gpt2(attention="eager", **changes):
    sizes = dict(n_layer=3, n_head=4, n_embd=32, vocab_size=50, n_positions=64, bos_token_id=0, eos_token_id=None, pad_token_id=0, **changes)
    return transformers.GPT2LMHeadModel(transformers.GPT2Config(attn_implementation=attention, **sizes)).eval()


def t5():
    config = transformers.T5Config(num_layers=2, num_decoder_layers=2, num_heads=2, d_model=16, d_kv=8, d_ff=32, vocab_size=50, decoder_start_token_id=0, eos_token_id=None)
    config._attn_implementation = "eager"
    return transformers.T5ForConditionalGeneration(config).eval()


def bart():
    config = transformers.BartConfig(encoder_layers=2, decoder_layers=2, encoder_attention_heads=2, decoder_attention_heads=2, d_model=16, encoder_ffn_dim=32,
                                     decoder_ffn_dim=32, vocab_size=50, max_position_embeddings=64, attn_implementation="eager")
    return transformers.BartForConditionalGeneration(config).eval()


def numbers(tensor):
    return tensor.detach().float().cpu().numpy()


class InTheWindow(WindowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.socket = headlight.start_window(hidden=True)
        cls.scope = environment(HEADLIGHT_SOCKET=cls.socket)
        cls.scope.__enter__()
        cls.addClassCleanup(cls.scope.__exit__, None, None, None)
        cls.window = headlight.window()

    def check_same(self, tensors, kind=None):
        for layer, tensor in enumerate(tensors):
            sent = numbers(tensor)[0]
            for head in range(sent.shape[0]):
                np.testing.assert_array_equal(self.window.attention(layer, head, kind), sent[head])

    def test_a_decoder_in_three_precisions(self):
        for dtype in (torch.float32, torch.bfloat16, torch.float16):
            with self.subTest(dtype=dtype), torch.no_grad():
                model = gpt2().to(dtype)
                output = model(IDS, output_attentions=True)
                headlight.show(output, IDS, model=model)
                self.check_same(output.attentions)
                headlight.show(output.attentions, IDS[0].tolist())
                self.check_same(output.attentions)

    def test_gradients_and_batches(self):
        output = gpt2()(IDS.repeat(3, 1), output_attentions=True)  # with gradients
        with self.assertRaisesRegex(headlight.AttentionError, "index="):
            headlight.show(output, IDS)
        headlight.show(output, IDS.repeat(3, 1), index=2)
        self.check_same([layer[2:] for layer in output.attentions])

    def test_encoder_decoders(self):
        decoder_ids = torch.tensor([[0, 11, 12, 13]])
        for make in (t5, bart):
            with self.subTest(make=make.__name__), torch.no_grad():
                output = make()(input_ids=IDS, decoder_input_ids=decoder_ids, output_attentions=True)
                headlight.show(output, IDS, decoder_tokens=decoder_ids)
                self.assertEqual(self.window.state()["kinds"], ["encoder", "decoder", "cross"])
                self.check_same(output.encoder_attentions, "encoder")
                self.check_same(output.decoder_attentions, "decoder")
                self.check_same(output.cross_attentions, "cross")

    def test_generate_is_the_same_as_one_pass(self):
        with torch.no_grad():
            model = gpt2()
            for use_cache in (True, False):
                output = model.generate(IDS, attention_mask=torch.ones_like(IDS), max_new_tokens=5, do_sample=False, output_attentions=True, return_dict_in_generate=True,
                                        use_cache=use_cache)
                headlight.show(output, model=model)
                whole = model(output.sequences[:, :-1], output_attentions=True)
                state = self.window.state()
                self.assertEqual([token["id"] for token in state["tokens"]], output.sequences[0, :-1].tolist())
                for layer, tensor in enumerate(whole.attentions):
                    for head in range(4):
                        np.testing.assert_allclose(self.window.attention(layer, head), numbers(tensor)[0, head], atol=2e-6)

    def test_generate_of_encoder_decoders(self):
        with torch.no_grad():
            for model in (t5(), bart()):
                output = model.generate(IDS, attention_mask=torch.ones_like(IDS), max_new_tokens=4, min_new_tokens=4, do_sample=False, num_beams=1, output_attentions=True, return_dict_in_generate=True)
                headlight.show(output, IDS)
                whole = model(input_ids=IDS, decoder_input_ids=output.sequences[:, :-1], output_attentions=True)
                for kind, tensors in (("decoder", whole.decoder_attentions), ("cross", whole.cross_attentions)):
                    for layer, tensor in enumerate(tensors):
                        np.testing.assert_allclose(self.window.attention(layer, 0, kind), numbers(tensor)[0, 0], atol=2e-6)


class Refusals(unittest.TestCase):
    def test_attention_that_was_not_computed(self):
        with torch.no_grad():
            try:
                output = gpt2("sdpa")(IDS, output_attentions=True)
            except Exception as refusal:  # versions that refuse by themselves
                self.skipTest(f"transformers refuses: {refusal}")
        if output.attentions and all(layer is not None for layer in output.attentions):
            self.skipTest("this transformers falls back to eager attention by itself")
        with self.assertRaisesRegex(headlight.AttentionError, "attn_implementation=\"eager\""):
            attention_kinds(output)
        with self.assertRaisesRegex(headlight.AttentionError, "output_attentions=True"):
            attention_kinds(gpt2()(IDS))

    def test_beams(self):
        with torch.no_grad():
            output = gpt2().generate(IDS, attention_mask=torch.ones_like(IDS), max_new_tokens=3, num_beams=2, output_attentions=True, return_dict_in_generate=True, output_scores=True)
        with self.assertRaisesRegex(headlight.AttentionError, "beam search"):
            make_dump(output)

    def test_dropout_is_named(self):
        output = gpt2(attn_pdrop=0.5).train()(IDS, output_attentions=True)
        sums = numbers(output.attentions[0]).sum(-1)
        if np.allclose(sums, 1, atol=1e-3):
            self.skipTest("this transformers returns weights before dropout")
        with self.assertRaisesRegex(headlight.AttentionError, r"model\.eval\(\)"):
            headlight.show(output, IDS, inline=True)


if __name__ == "__main__":
    unittest.main()
