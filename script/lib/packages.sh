# shellcheck shell=bash disable=SC2034
# The Debian 12 packages that the scripts need, in one place. Sourced; installs only what is missing.

RUN_PACKAGES=(postgresql-15 openssl curl ca-certificates)
BUILD_PACKAGES=(build-essential cmake ninja-build pkg-config libmicrohttpd-dev libjansson-dev libpq-dev uuid-dev
    libyaml-dev libssl-dev libunistring-dev libpcre2-dev libcjose-dev libcurl4-openssl-dev
    libmagic-dev)
TEST_PACKAGES=(libcmocka-dev libicu-dev clang clang-tidy clang-format libclang-rt-14-dev cppcheck shellcheck
    python3 nginx-light wrk ccache chromium clamav-daemon)

# packages_missing NAME...: those that are not installed, one a line.
packages_missing()
{
    local package
    for package in "$@"; do
        case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) in
        'install ok installed') ;;
        *) echo "$package" ;;
        esac
    done
    # Node.js may have come from elsewhere, with npm inside it.
    command -v node >/dev/null || echo nodejs
    command -v npm >/dev/null || echo npm
}

# packages_need NAME...: installs what is missing, or says what a person has to install.
packages_need()
{
    local -a missing privilege=()
    mapfile -t missing < <(packages_missing "$@")
    [ ${#missing[@]} -gt 0 ] || return 0

    if [ "$(id -u)" -ne 0 ]; then
        may_sudo || fail "missing packages; install them with: apt-get install ${missing[*]}"
        privilege=(sudo)
    fi
    # RUNLEVEL=1: a package that brings a service does not start it.
    privilege+=(env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1)
    step 'looking up packages' "${privilege[@]}" apt-get -q -o DPkg::Lock::Timeout=120 update
    step "installing ${missing[*]}" "${privilege[@]}" \
        apt-get -q -y -o DPkg::Lock::Timeout=120 install --no-install-recommends "${missing[@]}"
}

may_sudo()
{
    command -v sudo >/dev/null || return 1
    sudo -n true 2>/dev/null || { [ -t 0 ] && [ -t 2 ]; }
}
