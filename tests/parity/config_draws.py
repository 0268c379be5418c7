"""Draws a config of each family that Headlight reads: small sizes, and any value of every other key.

A draw is what a config.json says; which class computes it in the reference library stands beside it. Sizes are small enough
that a model is built in milliseconds, and of each kind that matters: grouped keys, odd numbers of heads, heads that are
wider than hidden_size / heads, windows shorter than the texts.
"""

from dataclasses import dataclass

import draw_decoders as decoders
import draw_dense_decoders as dense
import draw_encoders as encoders
import draw_experts as experts
import draw_vision as vision


@dataclass
class Family:
    model_type: str
    model_class: str  # of the reference library
    draw: object  # function of a random.Random, gives a dict
    is_encoder_decoder: bool = False
    disguise: object = None  # function of the folder: the file as the family has it, made of the reference's own
    rope: str = ""  # "flat", "layers" (one rotation per layer type), "nested" (the same in text_config), "" (none)
    name: str = ""  # of the row in the table, where it is not model_type

    def __post_init__(self):
        self.name = self.name or self.model_type


FAMILIES = [
    Family("gpt2", "GPT2LMHeadModel", decoders.draw_gpt2),
    Family("llama", "LlamaForCausalLM", decoders.draw_llama, rope="flat"),
    Family("mistral", "MistralForCausalLM", decoders.draw_mistral, rope="flat"),
    Family("mixtral", "MixtralForCausalLM", decoders.draw_mixtral, rope="flat"),
    Family("qwen2_moe", "Qwen2MoeForCausalLM", decoders.draw_qwen2_moe, rope="flat"),
    Family("qwen2", "Qwen2ForCausalLM", decoders.draw_qwen2, rope="flat"),
    Family("qwen3_moe", "Qwen3MoeForCausalLM", decoders.draw_qwen3_moe, rope="flat"),
    Family("qwen3", "Qwen3ForCausalLM", decoders.draw_qwen3, rope="flat"),
    Family("gemma3_text", "Gemma3ForCausalLM", decoders.draw_gemma3, rope="layers"),
    Family("gemma3", "Gemma3ForConditionalGeneration", decoders.draw_gemma3_images, rope="nested"),
    Family("gemma2", "Gemma2ForCausalLM", decoders.draw_gemma2, rope="flat"),
    Family("gemma", "GemmaForCausalLM", decoders.draw_gemma, rope="flat"),
    Family("gpt_neox", "GPTNeoXForCausalLM", decoders.draw_gpt_neox, rope="flat"),
    Family("gptj", "GPTJForCausalLM", decoders.draw_gptj),
    Family("codegen", "CodeGenForCausalLM", decoders.draw_codegen),
    Family("gpt_neo", "GPTNeoForCausalLM", decoders.draw_gpt_neo),
    Family("opt", "OPTForCausalLM", decoders.draw_opt),
    Family("bloom", "BloomForCausalLM", decoders.draw_bloom),
    Family("mpt", "MptForCausalLM", decoders.draw_mpt),
    Family("falcon", "FalconForCausalLM", decoders.draw_falcon, rope="flat"),
    Family("phi3", "Phi3ForCausalLM", decoders.draw_phi3, rope="flat"),
    Family("phi", "PhiForCausalLM", decoders.draw_phi, rope="flat"),
    Family("stablelm", "StableLmForCausalLM", decoders.draw_stablelm, rope="flat"),
    Family("olmo2", "Olmo2ForCausalLM", decoders.draw_olmo2, rope="flat"),
    Family("olmo", "OlmoForCausalLM", decoders.draw_olmo, rope="flat"),
    Family("granite", "GraniteForCausalLM", decoders.draw_granite, rope="flat"),
    Family("cohere2", "Cohere2ForCausalLM", decoders.draw_cohere2, rope="flat"),
    Family("cohere", "CohereForCausalLM", decoders.draw_cohere, rope="flat"),
    Family("starcoder2", "Starcoder2ForCausalLM", decoders.draw_starcoder2, rope="flat"),
    Family("gpt_bigcode", "GPTBigCodeForCausalLM", decoders.draw_gpt_bigcode),
    Family("gpt_oss", "GptOssForCausalLM", decoders.draw_gpt_oss, rope="flat"),
    Family("olmoe", "OlmoeForCausalLM", experts.draw_olmoe, rope="flat"),
    Family("granitemoe", "GraniteMoeForCausalLM", experts.draw_granitemoe, rope="flat"),
    Family("granitemoeshared", "GraniteMoeSharedForCausalLM", experts.draw_granitemoeshared, rope="flat"),
    Family("deepseek_v2", "DeepseekV2ForCausalLM", experts.draw_deepseek_v2, rope="flat"),
    Family("deepseek_v3", "DeepseekV3ForCausalLM", experts.draw_deepseek_v3, rope="flat"),
    Family("glm4_moe", "Glm4MoeForCausalLM", experts.draw_glm4_moe, rope="flat"),
    Family("glm4_moe_lite", "Glm4MoeLiteForCausalLM", experts.draw_glm4_moe_lite, rope="flat"),
    Family("dots1", "Dots1ForCausalLM", experts.draw_dots1, rope="flat"),
    Family("phimoe", "PhimoeForCausalLM", experts.draw_phimoe, rope="flat"),
    Family("ernie4_5_moe", "Ernie4_5_MoeForCausalLM", experts.draw_ernie4_5_moe, rope="flat"),
    Family("llama4_text", "Llama4ForCausalLM", experts.draw_llama4, rope="flat"),
    Family("lfm2", "Lfm2ForCausalLM", experts.draw_lfm2, rope="flat"),
    Family("smollm3", "SmolLM3ForCausalLM", decoders.draw_smollm3, rope="flat"),
    Family("glm4", "Glm4ForCausalLM", decoders.draw_glm, rope="flat"),
    Family("glm", "GlmForCausalLM", decoders.draw_glm, rope="flat"),
    Family("llava", "LlavaForConditionalGeneration", vision.DRAWS["llava"]),
    Family("llava_next", "LlavaNextForConditionalGeneration", vision.DRAWS["llava_next"]),
    Family("llava_onevision", "LlavaOnevisionForConditionalGeneration", vision.DRAWS["llava_onevision"]),
    Family("paligemma", "PaliGemmaForConditionalGeneration", vision.DRAWS["paligemma"]),
    Family("aya_vision", "AyaVisionForConditionalGeneration", vision.DRAWS["aya_vision"]),
    Family("mistral3", "Mistral3ForConditionalGeneration", vision.DRAWS["mistral3"]),
    Family("internvl", "InternVLForConditionalGeneration", vision.DRAWS["internvl"]),
    Family("idefics3", "Idefics3ForConditionalGeneration", vision.DRAWS["idefics3"]),
    Family("smolvlm", "SmolVLMForConditionalGeneration", vision.DRAWS["smolvlm"]),
    Family("qwen2_vl", "Qwen2VLForConditionalGeneration", vision.DRAWS["qwen2_vl"]),
    Family("qwen2_5_vl", "Qwen2_5_VLForConditionalGeneration", vision.DRAWS["qwen2_5_vl"]),
    Family("qwen3_vl", "Qwen3VLForConditionalGeneration", vision.DRAWS["qwen3_vl"]),
    Family("openai-gpt", "OpenAIGPTLMHeadModel", dense.draw_openai_gpt),
    Family("ctrl", "CTRLLMHeadModel", dense.draw_ctrl),
    Family("xglm", "XGLMForCausalLM", dense.draw_xglm),
    Family("biogpt", "BioGptForCausalLM", dense.draw_biogpt),
    Family("persimmon", "PersimmonForCausalLM", dense.draw_persimmon, rope="flat"),
    Family("nemotron", "NemotronForCausalLM", dense.draw_nemotron, rope="flat"),
    Family("olmo3", "Olmo3ForCausalLM", dense.draw_olmo3, rope="layers"),
    Family("exaone4", "Exaone4ForCausalLM", dense.draw_exaone4, rope="flat"),
    Family("seed_oss", "SeedOssForCausalLM", dense.draw_seed_oss, rope="flat"),
    Family("apertus", "ApertusForCausalLM", dense.draw_apertus, rope="flat"),
    Family("helium", "HeliumForCausalLM", dense.draw_helium, rope="flat"),
    Family("hunyuan_v1_dense", "HunYuanDenseV1ForCausalLM", dense.draw_hunyuan, rope="flat"),
    Family("ministral", "MinistralForCausalLM", dense.draw_ministral, rope="flat"),
    Family("ministral3", "Ministral3ForCausalLM", dense.draw_ministral3, rope="flat"),
    Family("exaone", "LlamaForCausalLM", dense.draw_exaone, rope="flat"),
    Family("internlm3", "LlamaForCausalLM", dense.draw_internlm3, rope="flat"),
    Family("iquestcoder", "LlamaForCausalLM", dense.draw_iquestcoder, rope="flat"),
    Family("nanochat", "NanoChatForCausalLM", dense.draw_nanochat, rope="flat"),
    Family("llama", "LlamaForCausalLM", dense.draw_internlm2, disguise=dense.as_internlm2, rope="flat", name="internlm2"),
    Family("arcee", "ArceeForCausalLM", dense.draw_arcee, rope="flat"),
    Family("ernie4_5", "Ernie4_5ForCausalLM", dense.draw_ernie, rope="flat"),
    Family("jais2", "Jais2ForCausalLM", dense.draw_jais2, rope="flat"),
    Family("cwm", "CwmForCausalLM", dense.draw_cwm, rope="flat"),
    Family("hyperclovax", "HyperCLOVAXForCausalLM", dense.draw_hyperclovax, rope="flat"),
    Family("vaultgemma", "VaultGemmaForCausalLM", dense.draw_vaultgemma, rope="flat"),
    Family("bert", "BertForMaskedLM", encoders.bert_line),
    Family("roberta", "RobertaForMaskedLM", encoders.draw_roberta),
    Family("camembert", "CamembertForMaskedLM", encoders.draw_roberta),
    Family("xlm-roberta", "XLMRobertaForMaskedLM", encoders.draw_roberta),
    Family("distilbert", "DistilBertForMaskedLM", encoders.draw_distilbert),
    Family("albert", "AlbertForMaskedLM", encoders.draw_albert),
    Family("electra", "ElectraForMaskedLM", encoders.draw_electra),
    Family("mpnet", "MPNetForMaskedLM", encoders.draw_mpnet),
    Family("deberta-v2", "DebertaV2ForMaskedLM", encoders.draw_deberta),
    Family("modernbert", "ModernBertForMaskedLM", encoders.draw_modernbert, rope="layers"),
    Family("t5", "T5ForConditionalGeneration", encoders.draw_t5, is_encoder_decoder=True),
    Family("mt5", "MT5ForConditionalGeneration", encoders.draw_t5, is_encoder_decoder=True),
    Family("bart", "BartForConditionalGeneration", encoders.bart_line, is_encoder_decoder=True),
    Family("mbart", "MBartForConditionalGeneration", encoders.bart_line, is_encoder_decoder=True),
    Family("marian", "MarianMTModel", encoders.draw_marian, is_encoder_decoder=True),
    Family("pegasus", "PegasusForConditionalGeneration", encoders.bart_line, is_encoder_decoder=True),
]
