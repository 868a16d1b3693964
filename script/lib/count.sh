# shellcheck shell=bash
# Checks that are counted: one line for each, and `N passed, N failed` at the end. Sourced after common.sh.

passed=0
failed=0

# check NAME COMMAND...: its output stays back unless it fails.
check()
{
    local name=$1 output
    shift
    if output=$("$@" 2>&1); then
        check_result "ok $name"
    else
        printf '%s\n' "$output"
        check_result "not ok $name"
    fi
}

# check_result LINE: "ok NAME" or "not ok NAME"
check_result()
{
    printf '%s\n' "$1"
    case $1 in
    ok*) passed=$((passed + 1)) ;;
    *) failed=$((failed + 1)) ;;
    esac
}

# Fails if any check did.
checks_end()
{
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ]
}
