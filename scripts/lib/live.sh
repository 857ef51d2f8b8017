# What flows, read again and again from the metrics of writer and query service. Sourced, not run.

live_refresh_s=1     # between two looks, on a terminal as in a file
live_looks_a_line=10 # in a file

# live_figures : "received stored pending rejected lag" from Prometheus text on
# standard input; a figure that is not there is "-". The names are in docs/metrics.md.
live_figures() {
    awk '
        { name = $1; sub(/\{.*/, "", name); sum[name] += $NF; seen[name] = 1 }
        function figure(name, format) { return seen[name] ? sprintf(format, sum[name]) : "-" }
        END {
            print figure("hearthline_messages_received_total", "%d"),
                figure("hearthline_points_stored_total", "%d"),
                figure("hearthline_messages_pending", "%d"),
                figure("hearthline_messages_rejected_total", "%d"),
                figure("hearthline_journal_lag_seconds", "%.1f")
        }' < <(grep -v '^#')
}

# live_alerts : how many fire, from the query service's metrics; "-" when it does not answer.
live_alerts() {
    curl -sf --max-time 2 "http://127.0.0.1:$query_port/metrics" |
        awk '$1 == "hearthline_alerts_firing" { count = $2 } END { print count == "" ? "-" : count }'
}

live_columns='%10s %10s %10s %10s %10s %10s %7s'

# live_line PREVIOUS_RECEIVED : sets `live_text` to one line of figures and
# `live_received` for the next call.
live_line() {
    local text stored pending rejected lag rate=-
    if ! text=$(curl -sf --max-time 2 "http://127.0.0.1:$writer_port/metrics"); then
        live_text="the writer does not answer" live_received=-
        return
    fi
    read -r live_received stored pending rejected lag < <(live_figures <<<"$text")
    if [[ $1 != - && $live_received != - ]]; then rate=$(((live_received - $1) / live_refresh_s)); fi
    # shellcheck disable=SC2059 # the format is a constant above
    printf -v live_text "$live_columns" "$live_received" "$stored" "$pending" "$rejected" "$rate/s" "$lag s" "$(live_alerts)"
}

# live_show : until a process ends. One line that is written over on a terminal,
# a new one every $live_looks_a_line looks where the output goes to a file.
live_show() {
    local turn=0 ended
    # shellcheck disable=SC2059
    printf "$live_columns\n" received stored pending rejected rate lag alerts
    live_received=-
    while ended=$(live_ended) && [[ -z $ended ]]; do
        live_line "$live_received"
        if [[ -t 1 ]]; then
            printf '\r\033[K%s' "$live_text"
        elif ((turn++ % live_looks_a_line == 0)); then
            printf '%s\n' "$live_text"
        fi
        sleep "$live_refresh_s"
    done
    printf '\n'
    warn "$ended ended by itself."
    log_tail "$state/log/$ended.log"
    return 1
}

# live_ended : the first of what was started that runs no more.
live_ended() {
    local name
    for name in "${started[@]}"; do
        process_pid "$state" "$name" >/dev/null || {
            printf '%s' "$name"
            return
        }
    done
}
