# shellcheck shell=bash
# What all scripts share: where they are, how they tell what they do, how they build. Sourced, from any folder.
# Progress goes to standard error and only when a person looks at it; a failing step always shows its output.

set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export PATH="${PATH%:.}:/usr/local/sbin:/usr/sbin:/sbin"
export HOME=${HOME:-~} LANG=${LANG:-C.UTF-8}

. "$ROOT/script/lib/packages.sh"

step_pid='' # the step under way
step_log=''
trap step_stop EXIT

say()
{
    if [ -t 2 ]; then
        printf '%s\n' "$*" >&2
    fi
}

warn()
{
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
}

fail()
{
    warn "$*"
    exit 1
}

# step LABEL COMMAND...: runs it with its output kept back. It runs in the background because bash would otherwise
# handle SIGTERM only after the command's end.
step()
{
    local label=$1 status=0
    shift
    say "· $label"
    step_log=$(mktemp)
    "$@" >"$step_log" 2>&1 &
    step_pid=$!
    wait "$step_pid" || status=$?
    step_pid=''
    if [ "$status" -ne 0 ]; then
        warn "$label failed:"
        tail -n 60 "$step_log" >&2
    fi
    rm -f "$step_log"
    return "$status"
}

# For whoever has to end early.
step_stop()
{
    if [ -n "$step_pid" ]; then
        kill -TERM "$step_pid" 2>/dev/null || true
        rm -f "$step_log"
    fi
}

# pages_install: the files of the docs page, once per lock file.
pages_install()
{
    npm_install "$ROOT/api/pages"
}

npm_install()
{
    local folder=$1
    if [ "$folder/node_modules/.package-lock.json" -ot "$folder/package-lock.json" ]; then
        step "npm ci in ${folder#"$ROOT"/}" npm --prefix "$folder" --loglevel=error --no-progress ci
    fi
}

# build PRESET [TARGET]
build()
{
    local -a launcher=()
    if command -v ccache >/dev/null; then
        launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache)
    fi
    step "configuring $1" cmake -S "$ROOT" --preset "$1" "${launcher[@]}"
    step "building $1" cmake --build "$ROOT/build/$1" ${2:+--target "$2"}
}

# c_files: our C sources and headers, one a line.
c_files()
{
    find src include api tests -name node_modules -prune -o \( -name '*.c' -o -name '*.h' \) -print | sort
}
