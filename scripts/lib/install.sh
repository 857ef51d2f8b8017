# The Debian packages that building, running and testing need. Sourced, not run.

run_packages=(
    mosquitto mosquitto-clients influxdb influxdb-client curl openssl tzdata
    gcc libc6-dev cmake ninja-build pkg-config
    libpaho-mqtt-dev libcurl4-openssl-dev libmsgpack-dev libcjson-dev
    libyaml-dev libmicrohttpd-dev zlib1g-dev
)
test_packages=("${run_packages[@]}" libcmocka-dev python3 binutils clang-format gcovr universal-ctags shellcheck libfaketime
    python3-paho-mqtt python3-jsonschema prometheus chromium)

policy_mark='# Made by Hearthline while it installs packages; may be removed.'

# node_usable : Node.js of at least version 18 with npm, wherever it is from.
node_usable() {
    command -v npm >/dev/null && [[ $(node --version 2>/dev/null) =~ ^v([0-9]+) && ${BASH_REMATCH[1]} -ge 18 ]]
}

# node_packages : what Debian has of it, one a line; nothing where there is one.
node_packages() { node_usable || printf '%s\n' nodejs npm; }

# packages_missing NAME... : those that are not installed, one a line.
packages_missing() {
    local name
    for name in "$@"; do
        dpkg-query -W -f '${db:Status-Status}\n' "$name" 2>/dev/null | grep -qx installed ||
            printf '%s\n' "$name"
    done
}

as_root() {
    if [[ $EUID -eq 0 ]]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "Installing packages needs root, and there is no sudo: run this as root, or install them yourself."
    fi
}

# policy_forbid FILE : packages that are installed from now on start no services
# (invoke-rc.d asks this file). A policy that was there before is left alone.
policy_forbid() {
    if [[ -e $1 ]] && ! grep -qxF "$policy_mark" "$1"; then
        warn "$1 exists and is left as it is; it decides whether the packages start their services."
        return 0
    fi
    printf '#!/bin/sh\n%s\nexit 101\n' "$policy_mark" | as_root tee "$1" >/dev/null &&
        as_root chmod 755 "$1"
}

policy_allow() {
    if [[ -e $1 ]] && grep -qxF "$policy_mark" "$1"; then
        as_root rm -f "$1"
    fi
}

# packages_install POLICY_FILE NAME... : installs without starting any service,
# and takes the policy away again whatever happens.
packages_install() (
    policy=$1
    shift
    trap 'policy_allow "$policy"' EXIT
    policy_forbid "$policy" || exit 1
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q ||
        warn "The package lists could not be renewed; going on with those that are there."
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"
)

# packages_ensure yes|no NAME... : installs what is missing, or (no) says what is.
packages_ensure() {
    local allowed=$1 missing
    shift
    if ! command -v dpkg-query >/dev/null; then
        warn "This is not a Debian system: the packages are not checked. Needed are: $*"
        return 0
    fi
    mapfile -t missing < <(packages_missing "$@")
    [[ ${#missing[@]} -gt 0 ]] || return 0
    [[ $allowed == yes ]] ||
        die "These packages are missing: ${missing[*]}
Install them, or run without --no-install."
    say "Installing ${missing[*]}"
    packages_install /usr/sbin/policy-rc.d "${missing[@]}" ||
        die "The packages could not be installed: ${missing[*]}"
}
