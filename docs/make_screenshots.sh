#!/usr/bin/env bash
# Makes the pictures in docs/screenshots/ with the program itself. Needs a display or xvfb-run; draws in software, so that
# the pictures do not depend on the graphics card.
#   docs/make_screenshots.sh [HEADLIGHT [SMOLLM2]]      HEADLIGHT: the binary, default build/release/headlight;
#                                                       SMOLLM2: SmolLM2-135M, for the story of docs/causal.md and lines, writing, search
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
headlight=${1:-$root/build/release/headlight}
model=${2:-}
out=$root/docs/screenshots
cd "$root" # scripts name pictures by paths from here
export LIBGL_ALWAYS_SOFTWARE=1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

if [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    exec xvfb-run -a -s "-screen 0 3000x2000x24" "${BASH_SOURCE[0]}" "$headlight" "$model"
fi

# shot SCRIPT THEME SIZE PICTURE: the script's SHOT becomes the picture's path.
shot() {
    sed "s|SHOT|$out/$4|; s|MODEL|$model|" "$out/$1.hl" > "$scratch/$1.hl"
    "$headlight" open --hidden --size "$3" --theme "$2" --script "$scratch/$1.hl"
    echo "docs/screenshots/$4"
}

shot induction dark 1600x900 window_dark_1600x900.png
shot induction light 1600x900 window_light_1600x900.png
shot rollout dark 1280x800 window_dark_1280x800.png
shot rollout light 2560x1440 window_light_2560x1440.png
shot ablation dark 1600x900 window_ablation_1600x900.png
shot lesson dark 1600x900 lesson.png
shot picture dark 1280x800 picture.png

"$headlight" analyze --text "Mr. Knightley loved Emma, and Emma loved Mr. Knightley." --layer 1 --head 5 \
    --output-dir "$scratch/figures" > "$scratch/analyze.txt"
cp "$scratch/figures/layer_1_head_5.png" "$out/figure_head.png"
echo "docs/screenshots/figure_head.png"

if [ -n "$model" ]; then
    shot story_look dark 1600x900 story_1_look.png
    shot story_attribution dark 1600x900 story_2_attribution.png
    shot story_ablation light 1600x900 story_3_ablation.png
    shot story_patching dark 1280x800 story_4_patching.png
    shot story_paths light 1600x900 story_5_paths.png
    shot lines dark 1600x900 lines.png
    shot write light 1600x900 write.png
    shot search dark 1600x900 search.png
fi
