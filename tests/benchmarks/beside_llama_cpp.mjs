// A GGUF model in llama.cpp's CPU build and here, in turns, with as many threads: time of a prompt and of one token behind
// it. Its binaries come with an npm package, which goes into a folder of its own outside the checkout:
//     npm i -E node-llama-cpp@3.21.1 --ignore-scripts
// It rounds activations to 8 bits for most types; ours stay float32, and every head of every layer is captured.
//
//     node tests/benchmarks/beside_llama_cpp.mjs --package DIR --headlight build/release/src/cli/headlight --model FILE.gguf
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

const { values: options } = parseArgs({ options: {
    package: { type: "string" },              // folder in which the package was installed
    headlight: { type: "string" },            // the binary
    model: { type: "string" },                // GGUF file
    "own-model": { type: "string" },          // what ours reads, if not that file
    tokens: { type: "string", default: "64,256,1000" },
    threads: { type: "string", default: "2" },
    rounds: { type: "string", default: "3" },
    repeats: { type: "string", default: "3" },  // of ours in a round, and of its prompts
    appended: { type: "string", default: "16" },  // tokens behind each of its prompts
    json: { type: "string" },
} });
for (const name of ["package", "headlight", "model"]) {
    if (options[name]) continue;
    console.error(`error: --${name} is missing`);
    process.exit(2);
}
const number = (name) => Number.parseInt(options[name], 10);
const lengths = options.tokens.split(",").map(Number);
const threads = number("threads"), repeats = number("repeats"), appended = number("appended");

const library = path.join(options.package, "node_modules", "node-llama-cpp", "dist", "index.js");
const { getLlama } = await import(pathToFileURL(library).href);
const llama = await getLlama({ gpu: false, build: "never", maxThreads: threads, progressLogs: false, logLevel: "error" });
const started = performance.now();
const model = await llama.loadModel({ modelPath: options.model, useMmap: true });
const loadMs = performance.now() - started;
const context = await model.createContext({ contextSize: Math.max(...lengths) + appended + 32, threads, sequences: 1 });
const sequence = context.getSequence();

const vocabSize = model.tokens ? [...model.iterateAllTokens()].length : 32000;
const ordinary = (index) => 300 + (index * 7919) % (Math.min(vocabSize, 48000) - 300);  // no special tokens

/// Milliseconds until the distribution behind the last of `ids` is there.
async function timed(ids) {
    const input = [...ids];
    input[input.length - 1] = [input.at(-1), { generateNext: { token: true, options: { temperature: 0 } } }];
    const start = performance.now();
    await sequence.controlledEvaluate(input);
    return performance.now() - start;
}

const least = (table, key, ms) => { table[key] = Math.min(table[key] ?? Infinity, ms); };
const peakMb = () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? 0) * 1024 / 1e6;

async function roundOfIts(table) {
    for (const length of lengths) {
        for (let repeat = 0; repeat < repeats; ++repeat) {
            await sequence.clearHistory();
            const ids = Array.from({ length }, (_, index) => ordinary(index));
            least(table[length], "itsPromptMs", await timed(ids));
        }
        for (let index = 0; index < appended; ++index)
            least(table[length], "itsTokenMs", await timed([ordinary(length + index)]));
    }
}

function roundOfOurs(table) {
    const out = execFileSync(options.headlight, ["bench", "--model", options["own-model"] ?? options.model, "--tokens",
        options.tokens, "--threads", String(threads), "--repeats", String(repeats), "--json", "-"],
        { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], maxBuffer: 1 << 26 });
    for (const row of JSON.parse(out).rows) {
        least(table[row.tokens], "forwardMs", row.forward_ms);
        least(table[row.tokens], "captureMs", row.capture_ms);
        least(table[row.tokens], "appendMs", row.append_ms);
        table[row.tokens].peakMb = Math.max(table[row.tokens].peakMb ?? 0, row.peak_mb);
    }
}

const table = Object.fromEntries(lengths.map((length) => [length, {}]));
for (let round = 0; round < number("rounds"); ++round) {
    await roundOfIts(table);
    roundOfOurs(table);
}
console.log(`${path.basename(options.model)}, ${threads} threads; llama.cpp: ${llama.systemInfo?.trim() ?? ""}`);
console.log(`loaded there in ${loadMs.toFixed(0)} ms, ${peakMb().toFixed(0)} MB at most`);
console.log(" tokens | prompt there    forward    capture  forward/its  capture/its | token there   append  append/its | peak MB");
for (const length of lengths) {
    const row = table[length];
    const cell = (value, width, digits = 1) => value.toFixed(digits).padStart(width);
    console.log(`${String(length).padStart(7)} | ${cell(row.itsPromptMs, 12)} ${cell(row.forwardMs, 10)} ${cell(row.captureMs, 10)} ` +
        `${cell(row.forwardMs / row.itsPromptMs, 12, 2)} ${cell(row.captureMs / row.itsPromptMs, 12, 2)} | ` +
        `${cell(row.itsTokenMs, 11)} ${cell(row.appendMs, 8)} ${cell(row.appendMs / row.itsTokenMs, 11, 2)} | ${cell(row.peakMb, 7, 0)}`);
}
if (options.json) writeFileSync(options.json, JSON.stringify({ model: options.model, threads, rows: table }, null, 1));
await llama.dispose();
