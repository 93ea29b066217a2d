# shellcheck shell=bash
# What tools/demo and tools/test have in common; sourced, not run. Needs nothing but bash, git and apt.
set -euo pipefail
export LC_ALL=C DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2034 # tools/demo reads it: paths are those of the caller
started=$PWD
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$top"

say() { printf '== %s\n' "$*" >&2; }

# packages KIND...: the names in packages.txt that are of one of these kinds
packages() {
    local name kind wanted
    while read -r name kind _; do
        case $name in '' | '#'*) continue ;; esac
        for wanted in "$@"; do [ "$kind" = "$wanted" ] && echo "$name"; done
    done < tools/dev/packages.txt
    return 0
}

# install KIND...: install what is missing, and say so; without apt, say what is needed and go on.
install() {
    local missing=() name as_root=()
    if ! command -v dpkg-query > /dev/null; then
        say "this is no Debian system; make sure you have: $(packages "$@" | tr '\n' ' ')"
        return 0
    fi
    for name in $(packages "$@"); do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2> /dev/null)" = installed ] || missing+=("$name")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    if [ "$(id -u)" != 0 ]; then
        if ! command -v sudo > /dev/null; then
            say "missing packages, and neither root nor sudo: ${missing[*]}"
            return 1
        fi
        as_root=(sudo)
    fi
    say "installing ${#missing[@]} Debian packages: ${missing[*]}"
    "${as_root[@]}" apt-get update -q >&2
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" >&2
}

# build DIR [MESON OPTION]...: configure (again where the options are others: a build without Criterion has no unit tests, and must
# not pass for one that has), then compile
build() {
    local dir=$1
    shift
    if [ ! -f "$dir/build.ninja" ]; then
        say "configuring $dir"
        meson setup "$dir" "$@" >&2
    elif [ "$*" != "$(cat "$dir/configured-with" 2> /dev/null)" ]; then
        say "configuring $dir again"
        meson setup --reconfigure "$dir" "$@" >&2
    fi
    echo "$*" > "$dir/configured-with"
    say "building $dir"
    ninja -C "$dir" >&2
}
