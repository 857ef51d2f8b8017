# Processes that are started, recorded below the state folder and ended by what
# was recorded. Sourced, not run.
#
# run/NAME.pid holds the process id alone. run/NAME.start holds the boot and the
# moment the process began, so that a pid which was given to somebody else since
# is never taken for ours.

process_look_s=0.05 # between two looks at what is waited for

# process_moment PID : boot id and start time (field 22 of proc(5) stat); fails when it is gone.
process_moment() {
    local stat fields
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
    read -ra fields <<<"${stat##*) }" # behind the name, which may hold anything
    [[ ${fields[0]} != Z ]] || return 1
    printf '%s %s' "$(cat /proc/sys/kernel/random/boot_id)" "${fields[19]}"
}

# process_pid STATE NAME : the pid, when the recorded process still runs.
process_pid() {
    local pid moment
    pid=$(cat "$1/run/$2.pid" 2>/dev/null) || return 1
    moment=$(process_moment "$pid") || return 1
    [[ $moment == "$(cat "$1/run/$2.start" 2>/dev/null)" ]] || return 1
    printf '%s' "$pid"
}

# process_start STATE NAME COMMAND... : in a session of its own, so that Ctrl-C in
# the terminal reaches only scripts/run, which then ends all in the right order.
process_start() {
    local state=$1 name=$2 pid
    shift 2
    setsid "$@" </dev/null >>"$state/log/$name.log" 2>&1 &
    pid=$!
    printf '%s\n' "$pid" >"$state/run/$name.pid"
    process_moment "$pid" >"$state/run/$name.start" || true # ended at once: who waits for it says so
    disown "$pid" 2>/dev/null || true
}

# process_await STATE NAME SECONDS PROBE... : until the probe succeeds; on failure
# says what happened, with the end of the log.
process_await() {
    local state=$1 name=$2 seconds=$3 deadline
    shift 3
    deadline=$((SECONDS + seconds))
    until "$@" >/dev/null 2>&1; do
        if ! process_pid "$state" "$name" >/dev/null; then
            warn "$name ended right after its start."
        elif [[ $SECONDS -ge $deadline ]]; then
            warn "$name did not become ready within $seconds s."
        else
            sleep "$process_look_s"
            continue
        fi
        log_tail "$state/log/$name.log"
        return 1
    done
}

# process_stop STATE NAME SECONDS : SIGTERM, and SIGKILL when that did not help in
# time. Says what it did; a record of a process that is gone is cleared.
process_stop() {
    local state=$1 name=$2 deadline=$((SECONDS + $3)) pid
    if pid=$(process_pid "$state" "$name"); then
        kill -TERM "$pid" 2>/dev/null || true
        while process_pid "$state" "$name" >/dev/null; do
            if [[ $SECONDS -ge $deadline ]]; then
                warn "$name (pid $pid) did not end within $3 s and is killed."
                kill -KILL "$pid" 2>/dev/null || true
                deadline=$((SECONDS + 5))
            fi
            sleep "$process_look_s"
        done
        say "$name (pid $pid) ended."
    fi
    rm -f "$state/run/$name.pid" "$state/run/$name.start"
}

# Ended in this order: what publishes, what reads, then the servers they talk to.
process_names=(demo query writer influxd mosquitto)

process_stop_all() {
    local name
    for name in "${process_names[@]}"; do
        process_stop "$1" "$name" 15
    done
}

# process_running STATE : "name (pid N)" of each that runs.
process_running() {
    local name pid
    for name in "${process_names[@]}"; do
        if pid=$(process_pid "$1" "$name"); then
            printf '%s (pid %s)\n' "$name" "$pid"
        fi
    done
}
