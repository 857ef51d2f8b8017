# The groups of scripts/test. Each runs its tests and tells the tally. Sourced,
# not run. Uses root, passed, failed and logs.

# tally GROUP PASSED FAILED : one line for the group, and into the sums.
tally() {
    passed=$((passed + $2)) failed=$((failed + $3))
    say "$1: $2 passed, $3 failed"
    say ""
}

# build PRESET TARGET... : configures and builds once; fails with the compiler's words.
declare -A built=()
build() {
    local preset=$1 log=$logs/build-$1.log
    shift
    if [[ -z ${built[$preset]:-} ]]; then
        say "Building $preset ($log)"
        built[$preset]=no
        if { cmake --preset "$preset" && cmake --build --preset "$preset" "$@"; } >"$log" 2>&1; then
            built[$preset]=yes
        else
            log_tail "$log"
        fi
    fi
    [[ ${built[$preset]} == yes ]]
}

# ctest_run PRESET LABELS JOBS : sets ctest_passed and ctest_failed. No test at all is a failure.
ctest_run() {
    local log=$logs/ctest-$1.log
    ctest_passed=0 ctest_failed=1
    ctest --preset "$1" -L "$2" -j "$3" --no-tests=error 2>&1 | tee "$log" || true
    if [[ $(<"$log") =~ ([0-9]+)\ tests\ failed\ out\ of\ ([0-9]+) ]]; then
        ctest_failed=${BASH_REMATCH[1]} ctest_passed=$((BASH_REMATCH[2] - BASH_REMATCH[1]))
    fi
}

# ctest_group LABEL JOBS : the tests of tests/LABEL with the sanitizers.
ctest_group() {
    if build dev; then
        ctest_run dev "^$1\$" "$2"
        tally "$1" "$ctest_passed" "$ctest_failed"
    else
        tally "$1" 0 1
    fi
}

group_unit() { ctest_group unit "$(nproc)"; }
group_component() { ctest_group component "$(nproc)"; }
group_fuzz() { ctest_group fuzz "$(nproc)"; }

# lines_group GROUP COMMAND... : for what says "ok NAME" or "not ok NAME" a test.
lines_group() {
    local group=$1 log=$logs/$1.log code=0 good bad
    shift
    "$@" 2>&1 | tee "$log" || code=$?
    good=$(grep -c '^ok ' "$log" || true)
    bad=$(grep -c '^not ok ' "$log" || true)
    if [[ $bad -eq 0 && ($code -ne 0 || $good -eq 0) ]]; then bad=1; fi
    tally "$group" "$good" "$bad"
}

static_checks() {
    local check words
    for check in tests/static/check_*; do
        if words=$("$check" 2>&1); then
            say "ok ${check#tests/}"
        else
            say "not ok ${check#tests/}"
            printf '%s\n' "$words" | sed 's/^/    /'
        fi
    done
}

group_static() {
    if build release; then
        lines_group static static_checks
    else
        tally static 0 1
    fi
}

group_e2e() {
    if build release; then
        lines_group e2e /usr/bin/python3 tests/e2e/run.py
    else
        tally e2e 0 1
    fi
}

# page_tests : the page as people get it, built from the lock file.
page_tests() {
    page_build "$root/build/dashboard" always || return 1
    node tests/browser/run.mjs
}

group_browser() {
    if build release; then
        lines_group browser page_tests
    else
        tally browser 0 1
    fi
}

# group_coverage : one check, over the unit and the component tests, and end-to-end tests of the writer.
group_coverage() {
    if ! build coverage; then
        tally coverage 0 1
        return
    fi
    find build/coverage -name '*.gcda' -delete
    ctest_run coverage '^(unit|component)$' "$(nproc)" >"$logs/coverage-tests.log"
    if [[ $ctest_failed -ne 0 ]]; then
        log_tail "$logs/coverage-tests.log"
        tally coverage 0 1
        return
    fi
    # The loop, the intake and the report are reached by a whole writer only.
    if ! HEARTHLINE_BUILD=$PWD/build/coverage /usr/bin/python3 tests/e2e/run.py test_ingest test_rules test_bad_input \
        Deaths.test_sigterm Full.test_drop Full.test_a_full_journal Instances Lines >"$logs/coverage-e2e.log"; then
        log_tail "$logs/coverage-e2e.log"
        tally coverage 0 1
        return
    fi
    lines_group coverage python3 scripts/lib/coverage.py build/coverage
}
