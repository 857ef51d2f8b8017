# Words for the person at the terminal. Sourced, not run.

say() { printf '%s\n' "$*"; }
warn() { printf '%s\n' "$*" >&2; }
die() {
    warn "$*"
    exit 1
}

# option_value NAME VALUE... : the value of an option, or words when there is none.
option_value() {
    [[ $# -ge 2 ]] || die "$1 needs a value (see --help)"
    printf '%s' "$2"
}

# log_tail FILE : the end of a log, indented, for an error message.
log_tail() {
    if [[ ! -s $1 ]]; then
        warn "It left nothing in $1."
        return
    fi
    warn "The last lines of $1:"
    tail -n 15 "$1" | sed 's/^/    /' >&2
}
