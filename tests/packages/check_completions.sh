#!/usr/bin/env bash
# check_completions.sh HEADLIGHT FOLDER: the shells read their completions, and fish and zsh offer what they should.
. "$(dirname "$0")/common.sh"
"$headlight" manual --output-dir "$folder"
bash_file=$folder/bash-completion/completions/headlight
zsh_file=$folder/zsh/site-functions/_headlight
fish_file=$folder/fish/vendor_completions.d/headlight.fish
export HOME=$folder XDG_CONFIG_HOME=$folder/config XDG_DATA_HOME=$folder/data

# offers EXPECTED COMMAND...: the command prints EXPECTED as a line of its own, or as the first word of one.
offers() {
    local expected=$1
    shift
    "$@" 2>/dev/null | grep -E -q "^$expected([[:space:]]|$)"
}
in_fish() { fish --no-config -c "source '$fish_file'; complete -C '$1'"; }
# zsh completes in a terminal only, so its own functions are asked what they would offer.
in_zsh() {
    zsh -f -c '
        autoload -Uz compinit && compinit -u -d "$HOME/zcompdump"
        compdef() { : }
        source "$1"
        _arguments() { print -rl -- "$@" }
        _describe() { print -rl -- "${(P@)4}" }
        line=("$2") state=$3
        functions[_probe]="${functions[_headlight]/_arguments -C/: _arguments -C}"
        functions[_probe]="${functions[_probe]/local curcontext=\"\$curcontext\" state line/}"
        curcontext=
        _probe' zsh "$zsh_file" "$1" "$2"
}

check "bash reads" bash -n "$bash_file"
if has_tool fish; then
    check "fish reads" fish --no-config -n "$fish_file"
    check "fish: a command" offers analyze in_fish "headlight ana"
    check "fish: an option" offers --format in_fish "headlight analyze --form"
    check "fish: a choice" offers svg in_fish "headlight analyze --format s"
    check "fish: a file" offers README.md bash -c "cd '$source_dir' && fish --no-config -c \"source '$fish_file'; complete -C 'headlight analyze --json READ'\""
fi
if has_tool zsh; then
    check "zsh reads" zsh -n "$zsh_file"
    check "zsh: a command" bash -c "$(declare -f in_zsh); zsh_file='$zsh_file' in_zsh x command | grep -q '^analyze:'"
    check "zsh: an option with choices" bash -c "$(declare -f in_zsh); zsh_file='$zsh_file' in_zsh analyze arguments | grep -F -q -- '--format='"
fi
finish
