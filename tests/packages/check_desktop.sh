#!/usr/bin/env bash
# check_desktop.sh HEADLIGHT FOLDER: menu entry, MIME types, AppStream data and icon are what desktops read.
. "$(dirname "$0")/common.sh"
packaging=$source_dir/cmake/packaging

if has_tool desktop-file-validate; then
    check "menu entry" desktop-file-validate "$packaging/headlight.desktop"
fi
if has_tool appstreamcli; then
    version=$(sed -n 's/^project(headlight VERSION \([0-9.]*\).*/\1/p' "$source_dir/CMakeLists.txt")
    sed -e "s/@PROJECT_VERSION@/$version/" -e "s/@HEADLIGHT_RELEASE_DATE@/2026-01-01/" \
        "$packaging/org.headlight.Headlight.metainfo.xml.in" >"$folder/org.headlight.Headlight.metainfo.xml"
    check "AppStream data" bash -c 'said=$(appstreamcli validate --no-net "$1") || echo "$said"' appstreamcli \
        "$folder/org.headlight.Headlight.metainfo.xml"
fi
if has_tool update-mime-database; then
    mkdir -p "$folder/share/mime/packages"
    cp "$packaging/headlight-mime.xml" "$folder/share/mime/packages/headlight.xml"
    check "MIME types" env XDG_DATA_HOME="$folder/share" XDG_DATA_DIRS="$folder/share" update-mime-database "$folder/share/mime"
    if has_tool gio; then
        printf '{}' >"$folder/a.headlight"
        cp "$source_dir/assets/demo/trace.safetensors" "$source_dir/assets/demo/model.safetensors" "$folder"
        for pair in a.headlight:x-headlight-session trace.safetensors:x-headlight-attention model.safetensors:x-safetensors; do
            said=$(XDG_DATA_HOME=$folder/share XDG_DATA_DIRS=$folder/share gio info -a standard::content-type "$folder/${pair%:*}")
            check "${pair%:*} is ${pair#*:}, not ${said##*: }" test "${said##*: }" = "application/${pair#*:}"
        done
    fi
    for type in x-headlight-session x-headlight-attention x-safetensors; do
        check "MIME type $type" test -s "$folder/share/mime/application/$type.xml"
        check "menu entry takes $type" grep -q "^MimeType=.*application/$type;" "$packaging/headlight.desktop"
    done
fi
if has_tool rsvg-convert; then
    for size in 16 512; do
        check "icon of $size pixels" rsvg-convert --width $size --height $size --output "$folder/$size.png" \
            "$source_dir/assets/icons/headlight.svg"
        check "icon of $size pixels is there" test -s "$folder/$size.png"
    done
fi
finish
