#!/usr/bin/env bash
# check_manual.sh HEADLIGHT FOLDER: every subcommand has a manual page, and groff and mandoc read all pages without a warning.
. "$(dirname "$0")/common.sh"
"$headlight" manual --output-dir "$folder"
pages=$folder/man/man1

for command in $(sed -n 's/^HEADLIGHT_SUBCOMMAND(\([a-z_]*\).*/\1/p' "$source_dir/src/cli/subcommands/subcommands.def"); do
    check "page of $command" test -s "$pages/headlight-$command.1"
done
if has_tool groff; then
    for page in "$pages"/*.1; do check "groff: $(basename "$page")" groff -Kutf8 -Tutf8 -man -ww -z "$page"; done
fi
if has_tool mandoc; then
    for page in "$pages"/*.1; do
        # A date would differ from build to build.
        check "mandoc: $(basename "$page")" bash -c 'mandoc -Tlint -Wwarning "$1" | grep -v "missing date"; true' mandoc "$page"
    done
fi
finish
