# The dashboard, built from dashboard/ with npm. Sourced, not run. Uses root.

# page_modules : what package-lock.json names, in dashboard/node_modules.
page_modules() {
    local lock=$root/dashboard/package-lock.json
    [[ $root/dashboard/node_modules/.package-lock.json -nt $lock ]] || npm ci --prefix "$root/dashboard"
}

# page_old FOLDER : whether the page there is missing or older than what it is made of.
page_old() {
    [[ ! -e $1/index.html ]] ||
        [[ -n $(find "$root"/dashboard/{src,index.html,build.mjs,package.json,package-lock.json} -newer "$1/index.html" -print -quit) ]]
}

# page_build FOLDER [always] : builds the page where it is old.
page_build() {
    if [[ ${2:-} == always ]] || page_old "$1"; then
        page_modules && (umask 022 && node "$root/dashboard/build.mjs" "$1")
    fi
}

# page_ensure LOG : builds the page for this run, or says why it does without; sets page to its folder, or to nothing.
page_ensure() {
    local log=$1 problem=''
    page=$root/build/dashboard
    page_old "$page" || return 0
    if ! node_usable; then
        problem="The dashboard needs Node.js 18 or newer and npm to be built (Debian: nodejs, npm)."
    else
        say "Building the dashboard ($log)"
        page_build "$page" >"$log" 2>&1 || { log_tail "$log" && problem="The dashboard could not be built."; }
    fi
    [[ -n $problem ]] || return 0
    if [[ -e $page/index.html ]]; then
        warn "$problem Going on with an older one."
    else
        warn "$problem Going on without it."
        page=''
    fi
}
