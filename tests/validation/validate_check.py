"""Recomputes the numbers of `headlight validate --json` with transformers, PyTorch and NumPy, and compares.

    headlight validate --checkpoint MODEL --json report.json
    python validate_check.py MODEL report.json [--write expected.json] [--dtype float64]

Nothing of Headlight is used but the token ids that the report names: attention comes from the reference
implementation (eager), statistics are NumPy in double precision. Needs torch, transformers, numpy.
The document_... numbers and those of random generators (p-values, intervals) are not part of the comparison.
"""

import argparse
import json

import numpy as np
import torch
from transformers import AutoModelForCausalLM
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

REPLACED = {"mode": None}


def repeat_heads(x, groups):
    return x.repeat_interleave(groups, dim=1)


def replaced_attention(module, query, key, value, attention_mask, scaling, dropout=0.0, **kwargs):
    """Eager attention whose pattern may be replaced; [batch, heads, tokens, dim]."""
    groups = query.shape[1] // key.shape[1]
    key, value = repeat_heads(key, groups), repeat_heads(value, groups)
    n = query.shape[2]
    i, j = torch.arange(n)[:, None], torch.arange(n)[None, :]
    if REPLACED["mode"] is None:
        scores = query @ key.transpose(2, 3) * scaling
        weights = torch.softmax(scores.masked_fill(j > i, float("-inf")).to(torch.float64), -1)
    else:
        allowed = j <= i
        if REPLACED["mode"] == "local":
            allowed = allowed & (i - j <= 5)
        weights = allowed.to(torch.float64)
        weights = (weights / weights.sum(-1, keepdim=True)).expand(1, query.shape[1], n, n)
    out = weights.to(value.dtype) @ value
    return out.transpose(1, 2).contiguous(), weights


class Gates:
    """Factors on head outputs, applied before the output projection."""

    def __init__(self, model):
        self.factors = {}
        self.head_dim = getattr(model.config, "head_dim", None) or model.config.hidden_size // model.config.num_attention_heads
        for layer, block in enumerate(model.model.layers):
            block.self_attn.o_proj.register_forward_pre_hook(self.hook(layer))

    def hook(self, layer):
        def scale(_module, arguments):
            if not self.factors:
                return None
            x = arguments[0].clone()
            for (gate_layer, head), factor in self.factors.items():
                if gate_layer == layer:
                    x[..., head * self.head_dim : (head + 1) * self.head_dim] *= factor
            return (x,)

        return scale


def losses(model, ids):
    logits = model(ids[None]).logits[0, :-1].to(torch.float64)
    return (torch.logsumexp(logits, -1) - logits.gather(1, ids[1:, None])[:, 0]).numpy()


def ranks(x):
    order = np.argsort(x, kind="stable")
    sorted_x = x[order]
    out = np.empty(len(x))
    begin = np.flatnonzero(np.r_[True, sorted_x[1:] != sorted_x[:-1]])
    end = np.r_[begin[1:], len(x)]
    for b, e in zip(begin, end):
        out[order[b:e]] = 0.5 * (b + e - 1)
    return out


def spearman(a, b):
    ra, rb = ranks(a), ranks(b)
    if ra.std() == 0 or rb.std() == 0:
        return None
    return float(np.corrcoef(ra, rb)[0, 1])


def row_numbers(a):
    """Means over rows of one causal head [n, n]."""
    n = len(a)
    count = np.arange(1, n + 1)
    squares = (a**2).sum(1)
    plogp = np.where(a > 0, a * np.log(np.where(a > 0, a, 1)), 0)
    entropy = -plogp.sum(1)
    spread = np.sqrt(np.maximum(0, (count * squares - 1)[1:] / (count - 1)[1:]))
    without = []
    for i in range(2, n):
        rest = 1 - a[i, 0]
        if rest >= 0.05:
            p = a[i, 1 : i + 1] / rest
            p = p[p > 0]
            without.append(-(p * np.log(p)).sum() / np.log(i))
    off = ~np.eye(n, dtype=bool)
    row_std = np.mean([a[i][off[i]].std() for i in range(n)])
    gate = ((1 - squares) / (1 - 1 / count.clip(2)))[1:].mean()
    cubes = (a**3).sum(1)
    jacobian = np.sqrt(np.maximum(0, squares - 2 * cubes + squares**2))[1:].mean()
    return {
        "spread": spread.mean(),
        "entropy_normalized": (entropy[1:] / np.log(count[1:])).mean(),
        "entropy_without_sink": np.mean(without) if without else None,
        "first_token_mass": a[1:, 0].mean(),
        "document_row_std": row_std,
        "softmax_gate": gate,
        "jacobian_norm": jacobian,
    }


def profile(a):
    n = len(a)
    mass, even = np.zeros(n), np.zeros(n)
    for d in range(n):
        i = np.arange(d + 1, n)
        mass[d] = a[i, i - d].sum()
        even[d] = (1 / (i + 1)).sum()
    return mass, even


def near_far(mass, even):
    n = len(mass)
    lift = np.divide(mass, even, out=np.full(n, np.nan), where=even > 0)
    return np.nanmean(lift[1:6]), np.nanmean(lift[n // 2 + 1 :])


def repeat_lift(a, ids):
    out = []
    for i in range(1, len(ids)):
        same = ids[:i] == ids[i]
        if same.any() and not same.all() and a[i, :i].sum() > 1e-6:
            out.append(a[i, :i][same].sum() / a[i, :i].sum() / same.mean())
    return np.mean(out) if out else None


def shared_distance(rows):
    """Mean distance of every two causal rows on the columns both may use (those of the earlier), renormalised."""
    pairs = []
    for i in range(1, len(rows) - 1):
        x, y = rows[i, : i + 1], rows[i + 1 :, : i + 1]
        mass = y.sum(1)
        kept = np.flatnonzero(mass >= 0.05)
        distance = np.linalg.norm(x / x.sum() - y[kept] / mass[kept, None], axis=1)
        pairs += list(zip(kept + 1, distance))
    mean = lambda values: float(np.mean(values)) if values else None
    return mean([d for _, d in pairs]), mean([d for gap, d in pairs if gap == 1]), mean([d for gap, d in pairs if gap == 10])


def query_variation(a):
    n = len(a)
    raw = np.sqrt(np.maximum(0, ((a[:, None, :] - a[None, :, :]) ** 2).sum(-1)))[np.triu_indices(n, 1)].mean()
    offsets = np.zeros_like(a)
    for i in range(n):
        offsets[i, : i + 1] = a[i, i::-1]
    corrected = shared_distance(a)
    return {"corrected": corrected[0], "corrected_adjacent": corrected[1], "corrected_distant": corrected[2],
            "aligned": shared_distance(offsets)[0], "document_variation": raw}


def divergence(a):
    """Jensen-Shannon divergence of every two rows."""
    f = lambda p: np.where(p > 0, -p * np.log(np.where(p > 0, p, 1)), 0).sum(-1)
    own = f(a)
    return np.stack([f(0.5 * (a[i] + a)) - 0.5 * (own[i] + own) for i in range(len(a))])


def layer_numbers(states, heads):
    unit = states / np.linalg.norm(states, axis=1, keepdims=True)
    n = len(states)
    out = {"state_diversity": n / (n - 1) * (1 - (unit.mean(0) ** 2).sum())}
    if heads is not None:
        items = min(n, 128)
        pairs = np.triu_indices(items, 1)
        causal = np.tril(np.ones((n, n))) / np.arange(1, n + 1)[:, None]
        mean = np.mean([divergence(a) for a in heads], 0)
        state_distance = (1 - unit @ unit.T)[:items, :items][pairs]
        corrected = (mean - divergence(causal))[:items, :items][pairs]
        corrected[np.abs(corrected) < 1e-7] = 0
        out["mantel_correlation"] = spearman(state_distance, corrected)
        out["mantel_correlation_plain"] = spearman(state_distance, mean[:items, :items][pairs])
    return out


def table(report, number, name):
    return report["tests"][number - 1]["tables"][name]


def mean_present(values):
    values = [v for v in values if v is not None]
    return float(np.mean(values)) if values else None


def measure(model, gates, report):
    sequences = [torch.tensor(ids) for ids in report["ids"]]
    num_layers, num_heads = report["model"]["layers"], report["model"]["heads"]
    heads = [{} for _ in range(num_layers * num_heads)]
    layers = [{} for _ in range(num_layers)]
    add = lambda slot, numbers: [slot.setdefault(k, []).append(v) for k, v in numbers.items()]
    near, far = [], []
    total = [(0, 0)] * len(heads)
    for s, ids in enumerate(sequences):
        out = model(ids[None], output_attentions=True, output_hidden_states=True)
        mass_all, even_all = 0, 0
        for layer in range(num_layers):
            attention = out.attentions[layer][0].to(torch.float64).numpy()
            for head in range(num_heads):
                a, index = attention[head], layer * num_heads + head
                add(heads[index], row_numbers(a))
                add(heads[index], query_variation(a))
                add(heads[index], {"repeat_lift": repeat_lift(a, ids.numpy())})
                mass, even = profile(a)
                mass_all, even_all = mass_all + mass, even_all + even
                total[index] = (total[index][0] + mass, total[index][1] + even)
            states = out.hidden_states[layer][0].to(torch.float64).numpy()
            add(layers[layer], layer_numbers(states, attention if s < 4 else None))
        sides = near_far(mass_all, even_all)
        near.append(sides[0])
        far.append(sides[1])
    head_rows = [{k: mean_present(v) for k, v in one.items()} for one in heads]
    for index, row in enumerate(head_rows):
        row["near_lift"], row["far_lift"] = near_far(*total[index])
    result = {
        "heads": head_rows,
        "layers": [{k: mean_present(v) for k, v in one.items()} for one in layers],
        "near_lift": float(np.mean(near)),
        "far_lift": float(np.mean(far)),
    }
    result["baselines"] = measure_baselines(model, gates, sequences, num_layers, num_heads)
    result["gates"] = measure_gates(model, gates, sequences, table(report, 8, "gates"), int(report["tests"][7]["numbers"]["gate_sequences"]))
    return result


def measure_baselines(model, gates, sequences, num_layers, num_heads):
    base = np.concatenate([losses(model, ids) for ids in sequences])
    out = {"learned": {"loss": float(base.mean())}}
    for mode in ["uniform", "local", "zero"]:
        REPLACED["mode"] = mode if mode != "zero" else None
        gates.factors = {(l, h): 0.0 for l in range(num_layers) for h in range(num_heads)} if mode == "zero" else {}
        changed = np.concatenate([losses(model, ids) for ids in sequences])
        out[mode] = {"loss": float(changed.mean()), "delta": float((changed - base).mean()), "worse_share": float((changed > base).mean())}
        REPLACED["mode"], gates.factors = None, {}
    return out


def measure_gates(model, gates, sequences, wanted, num_sequences, step=0.05):
    out = []
    for row in wanted:
        gradients = []
        for ids in sequences[:num_sequences]:
            sides = []
            for factor in (1 + step, 1 - step):
                gates.factors = {(row["layer"], row["head"]): factor}
                sides.append(losses(model, ids).mean())
            gradients.append((sides[0] - sides[1]) / (2 * step))
        out.append({"layer": row["layer"], "head": row["head"], "gradient": float(np.mean(gradients)), "importance": float(np.mean(np.abs(gradients)))})
    gates.factors = {}
    return out


# Where a number stands in the report: part, table, column.
HEAD_COLUMNS = [(2, "near_lift"), (2, "far_lift"), (3, "repeat_lift"), (4, "spread"), (4, "entropy_normalized"), (4, "entropy_without_sink"),
                (4, "first_token_mass"), (5, "document_row_std"), (6, "corrected"), (6, "aligned"), (6, "document_variation")]
LAYER_COLUMNS = ["state_diversity", "mantel_correlation", "mantel_correlation_plain"]
TOTALS = [(2, "near_lift", lambda r: r["near_lift"]), (2, "far_lift", lambda r: r["far_lift"]),
          (4, "mean_spread", lambda r: mean_present([h["spread"] for h in r["heads"]])),
          (4, "mean_entropy_normalized", lambda r: mean_present([h["entropy_normalized"] for h in r["heads"]])),
          (6, "corrected_adjacent", lambda r: mean_present([h["corrected_adjacent"] for h in r["heads"]])),
          (6, "corrected_distant", lambda r: mean_present([h["corrected_distant"] for h in r["heads"]])),
          (7, "state_diversity", lambda r: mean_present([h["state_diversity"] for h in r["layers"]])),
          (8, "softmax_gate", lambda r: mean_present([h["softmax_gate"] for h in r["heads"]])),
          (8, "jacobian_norm", lambda r: mean_present([h["jacobian_norm"] for h in r["heads"]])),
          (9, "loss", lambda r: r["baselines"]["learned"]["loss"])]
# Relative to max(1, |expected|). Rank correlations move by whole ranks; a token whose loss hardly moves may change sides.
TOLERANCES = {"mantel_correlation": 2e-3, "mantel_correlation_plain": 2e-3, "worse_share": 2e-3, "near_lift": 5e-4, "far_lift": 5e-4,
              "repeat_lift": 5e-4}


def compare(expected, report):
    worst = {}

    def check(where, name, mine, theirs):
        if mine is None or theirs is None:
            assert mine is None and theirs is None, (where, name, mine, theirs)
            return
        deviation = abs(mine - theirs) / max(1.0, abs(mine))
        if deviation >= worst.get(name, (-1, ""))[0]:
            worst[name] = (deviation, where)

    for number, column in HEAD_COLUMNS:
        for index, row in enumerate(table(report, number, "heads")):
            check(f"L{row['layer']}H{row['head']}", column, expected["heads"][index][column], row[column])
    for index, row in enumerate(table(report, 7, "layers")):
        for column in LAYER_COLUMNS:
            check(f"layer {index}", column, expected["layers"][index].get(column), row[column])
    for number, name, value in TOTALS:
        check("all", name, value(expected), report["tests"][number - 1]["numbers"][name])
    for row in table(report, 9, "baselines"):
        for column in ("loss", "delta", "worse_share"):
            check(row["name"], column, expected["baselines"][row["name"]][column], row[column])
    for mine, row in zip(expected["gates"], table(report, 8, "gates")):
        for column in ("gradient", "importance"):
            check(f"L{row['layer']}H{row['head']}", column, mine[column], row[column])
    return worst


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("report")
    parser.add_argument("--write", help="store the recomputed numbers as JSON")
    parser.add_argument("--dtype", default="float64", choices=["float32", "float64"])
    arguments = parser.parse_args()
    with open(arguments.report, encoding="utf-8") as file:
        report = json.load(file)
    ALL_ATTENTION_FUNCTIONS["replaced"] = replaced_attention
    model = AutoModelForCausalLM.from_pretrained(arguments.model, dtype=getattr(torch, arguments.dtype), attn_implementation="eager")
    model.config._attn_implementation = "replaced"
    model.eval()
    torch.set_num_threads(1)  # small products: more threads only wait for each other
    with torch.no_grad():
        expected = measure(model, Gates(model), report)
    worst = compare(expected, report)
    failed = False
    for name, (deviation, where) in sorted(worst.items(), key=lambda item: -item[1][0]):
        tolerance = TOLERANCES.get(name, 1e-4)
        failed = failed or deviation > tolerance
        print(f"{name:28} {deviation:.2e} at {where} (allowed {tolerance:.0e}){'  FAILED' if deviation > tolerance else ''}")
    if arguments.write:
        kept = dict(expected, seq_len=report["sequence_length"], sequences=report["sequences"])
        with open(arguments.write, "w", encoding="utf-8") as file:
            json.dump(kept, file, indent=0, default=float)
            file.write("\n")
    raise SystemExit(1 if failed else 0)


if __name__ == "__main__":
    main()
