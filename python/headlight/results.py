"""Results of the program: an analysis of one text, atlases of a corpus, logs of a training run."""
import json
import math
import os
import pathlib
import tempfile

import numpy as np

from .binary import call, option_arguments
from .dump import read_dump
from .errors import HeadlightError

MOST_ATLAS_BYTES = 1 << 30
MOST_LOG_BYTES = 512 << 20


def _number(value):
    return math.nan if value is None else float(value)


class Head:
    """One head of an analysis: `layer`, `head`, `metrics` (id -> float, nan where there is none), `tags` (those that it has), `scores` (all detectors)."""

    def __init__(self, json_head):
        self.layer = json_head["layer"]
        self.head = json_head["head"]
        self.metrics = {name: _number(value) for name, value in json_head.get("metrics", {}).items()}
        self.scores = {tag["id"]: tag for tag in json_head.get("tags", [])}
        self.tags = [tag["id"] for tag in json_head.get("tags", []) if tag.get("tagged")]
        self.top_keys = json_head.get("top_keys", [])

    def __repr__(self):
        return f"<Head L{self.layer}H{self.head} {', '.join(self.tags) or 'no tags'}>"


class Analysis:
    """What `analyze` found.

    attn: list of [heads, N, N] float32 by layer (None where a layer has no attention); of encoder-decoders encoder_attn, decoder_attn, cross_attn.
    hidden: list of [N, D]; logits: [N, V] or None; tokens: list of dicts {id, piece, display, begin, end, special}; metrics: those of the whole model;
    heads: list of Head; predictions, flow, json: as `headlight analyze --json` says them.
    """

    def __init__(self, result, dump):
        self.json = result
        self.dump = dump
        self.text = result.get("text", "")
        self.model = result.get("model", {})
        self.tokens = result.get("tokens", [])
        self.metrics = {name: _number(value) for name, value in result.get("metrics", {}).items()}
        self.heads = [Head(head) for head in result.get("heads", [])]
        self.flow = result.get("flow", [])
        self.predictions = result.get("predictions", [])
        self.attn = dump.numbered("attn") or dump.numbered("enc_attn") or dump.numbered("dec_attn")
        self.encoder_attn = dump.numbered("enc_attn")
        self.decoder_attn = dump.numbered("dec_attn")
        self.cross_attn = dump.numbered("cross_attn")
        self.hidden = dump.numbered("hidden") or dump.numbered("enc_hidden")
        self.decoder_hidden = dump.numbered("dec_hidden")
        self.logits = dump.get("logits")
        self.input_ids = dump.get("input_ids")

    def head(self, layer, head):
        for one in self.heads:
            if (one.layer, one.head) == (layer, head):
                return one
        raise HeadlightError(f"there is no head {head} in layer {layer} of this analysis", kind="missing")

    def metric(self, name):
        """The metric of every head, float64 [layers, heads]."""
        out = np.full((max((h.layer for h in self.heads), default=-1) + 1, max((h.head for h in self.heads), default=-1) + 1), math.nan)
        for one in self.heads:
            out[one.layer, one.head] = one.metrics.get(name, math.nan)
        return out

    def tagged(self, tag):
        """Heads that have the tag, best first."""
        found = [one for one in self.heads if tag in one.tags]
        return sorted(found, key=lambda one: -_number(one.scores[tag].get("kappa") or 0))

    def __repr__(self):
        return f"<Analysis {self.model.get('name', '')}: {len(self.tokens)} tokens, {len(self.heads)} heads>"


def analyze(model, text=None, **options):
    """Runs a text through a model and returns an Analysis with NumPy arrays.

    model: a checkpoint folder or file, org/name in the Hugging Face cache, or a dump. options: those of `headlight analyze` with underscores (ids=[1, 2],
    decoder_text="...", weights="no-sink", probe=True). Raises HeadlightError.
    """
    with tempfile.TemporaryDirectory(prefix="headlight-") as folder:
        report, dump = os.path.join(folder, "report.json"), os.path.join(folder, "dump.safetensors")
        call(["analyze", "--model", os.fspath(model), *option_arguments({"text": text}), *option_arguments(options), "--no-plots", "--json", report, "--dump", dump])
        with open(report, encoding="utf-8") as file:
            return Analysis(json.load(file), read_dump(dump))


def scan(model, corpus, output_dir, **options):
    """Says what each head does over a corpus: writes atlas.json, atlas.csv and report.html into `output_dir` and returns the Atlas.

    corpus: a file or folder, or a list of them. options: those of `headlight scan` with underscores. Raises HeadlightError.
    """
    files = [corpus] if isinstance(corpus, (str, os.PathLike)) else list(corpus)
    call(["scan", "--model", os.fspath(model), "--corpus", *map(os.fspath, files), "--output-dir", os.fspath(output_dir), *option_arguments(options)])
    return read_atlas(output_dir)


def _bounded_text(path, most):
    size = os.stat(path).st_size
    if size > most:
        raise HeadlightError(f"the file has {size} bytes, at most {most} are read", f"file: {path}", kind="unsupported")
    return pathlib.Path(path).read_text(encoding="utf-8-sig", errors="replace")


class Atlas:
    """What a scan found: `model`, `layers`, `heads_per_layer`, `heads` and `entries` as dicts of atlas.json, `json` the whole."""

    def __init__(self, content):
        self.json = content
        self.model = content.get("model", "")
        self.heads = content.get("heads", [])
        self.entries = content.get("entries", [])
        self.detectors = content.get("detectors", [])

    def tagged(self, detector):
        """(layer, head) of the heads that have the tag."""
        return [(entry["layer"], entry["head"]) for entry in self.entries if entry.get("detector") == detector and entry.get("tagged")]

    def __repr__(self):
        return f"<Atlas of {self.model}: {len(self.heads)} heads, {len(self.detectors)} detectors>"


def read_atlas(path):
    """Reads atlas.json, or that of a folder. Raises HeadlightError."""
    path = pathlib.Path(path)
    file = path / "atlas.json" if path.is_dir() else path
    if not file.is_file():
        raise HeadlightError("there is no atlas", f"file: {file}", kind="missing")
    try:
        content = json.loads(_bounded_text(file, MOST_ATLAS_BYTES))
    except (ValueError, RecursionError) as problem:
        raise HeadlightError(f"this atlas is no JSON ({problem})", f"file: {file}", kind="corrupt") from problem
    if not isinstance(content, dict) or content.get("format") != "headlight atlas":
        raise HeadlightError("this file does not call itself an atlas", f"file: {file}", kind="corrupt")
    if content.get("version") != 1:
        raise HeadlightError(f"this atlas has version {content.get('version')}, this package reads version 1", f"file: {file}", kind="unsupported")
    return Atlas(content)


class Log:
    """A training log: `steps` int64 [rows], `names`, `rows` as dicts; log["loss"] is float64 [rows], nan where a row has no such value."""

    def __init__(self, rows):
        self.rows = rows
        self.steps = np.array([row["step"] for row in rows], np.int64)
        known = {"step", "epoch", "point", "checkpoint"}
        self.names = sorted({name for row in rows for name, value in row.items() if name not in known and (value is None or _is_number(value))})

    def __getitem__(self, name):
        if name not in self.names:
            raise KeyError(name)
        return np.array([_number(row[name]) if _is_number(row.get(name)) else math.nan for row in self.rows], np.float64)

    def __len__(self):
        return len(self.rows)

    def __repr__(self):
        return f"<Log of {len(self.rows)} rows: {', '.join(self.names[:6])}{' ...' if len(self.names) > 6 else ''}>"


def _is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def read_log(path):
    """Reads metrics.jsonl of a folder (or that folder's subfolder `headlight`), sorted by step; a last line that is still being written is left out.
    Raises HeadlightError with the line."""
    path = pathlib.Path(path)
    candidates = [path / "metrics.jsonl", path / "headlight" / "metrics.jsonl"] if path.is_dir() else [path]
    file = next((one for one in candidates if one.is_file()), None)
    if file is None:
        raise HeadlightError("there is no training log", f"file: {candidates[0]}", kind="missing")
    rows = {}
    text = _bounded_text(file, MOST_LOG_BYTES)
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            if not isinstance(row, dict) or not isinstance(row.get("step"), int):
                raise ValueError("expected an object with a whole number 'step'")
        except (ValueError, RecursionError) as problem:
            if number == len(lines):  # nothing behind it: it is being written
                break
            raise HeadlightError(f"line {number} of the training log: {problem}", f"file: {file}", kind="corrupt") from problem
        rows[(row["step"], row.get("checkpoint", ""))] = row
    return Log(sorted(rows.values(), key=lambda row: row["step"]))
