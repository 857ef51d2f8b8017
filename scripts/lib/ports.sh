# Which ports are used, and who has one that is taken. Sourced, not run.

# ports_choose BASE : sets the ports from the base, or the usual ones when it is empty.
ports_choose() {
    local base=$1
    if [[ -z $base ]]; then
        mqtt_port=1883 ws_port=9001 influx_port=8086
        writer_port=9464 query_port=9465 influx_rpc_port=8088
        return
    fi
    [[ $base =~ ^[1-9][0-9]{0,4}$ && $base -ge 1024 && $base -le 65530 ]] ||
        die "--port-base $base: a number from 1024 to 65530 is needed"
    mqtt_port=$base ws_port=$((base + 1)) influx_port=$((base + 2))
    writer_port=$((base + 3)) query_port=$((base + 4)) influx_rpc_port=$((base + 5))
}

# port_inodes PORT : the inodes of the sockets that listen on a TCP port.
port_inodes() {
    local hex
    printf -v hex ':%04X' "$1"
    cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
        awk -v port="$hex" '$4 == "0A" && substr($2, length($2) - 4) == port { print $10 }'
}

port_taken() { [[ -n $(port_inodes "$1") ]]; }

# port_owner PORT : "name (pid N)" of who listens there, as far as one may see.
port_owner() {
    local inode path pid
    for inode in $(port_inodes "$1"); do
        path=$(find /proc/[0-9]*/fd -lname "socket:\\[$inode\\]" -print -quit 2>/dev/null || true)
        [[ -n $path ]] || continue
        pid=${path#/proc/}
        pid=${pid%%/*}
        printf '%s (pid %s)' "$(cat "/proc/$pid/comm" 2>/dev/null)" "$pid"
        return
    done
    printf "another user's process (as root, \`ss -ltnp\` names it)"
}

# port_base_free : the first base whose six ports are free.
port_base_free() {
    local base port
    for ((base = 21883; base < 60000; base += 10)); do
        for ((port = base; port < base + 6; port++)); do
            port_taken "$port" && continue 2
        done
        printf '%s' "$base"
        return
    done
}

# port_check PORT PURPOSE OPTION : says who has the port and what to do; fails when it is taken.
port_check() {
    port_taken "$1" || return 0
    warn "Port $1 ($2) is taken by $(port_owner "$1"). Use $3."
    return 1
}

# ports_check own_broker own_influxdb (yes|no each) : every port that we are about to open.
ports_check() {
    local taken=0 other
    other="--port-base $(port_base_free) for ports of your own"
    if [[ $1 == yes ]]; then
        port_check "$mqtt_port" "MQTT" "$other, or --broker mqtt://127.0.0.1:$mqtt_port if this is the house's broker" || taken=1
        port_check "$ws_port" "MQTT over websockets" "$other" || taken=1
    fi
    if [[ $2 == yes ]]; then
        port_check "$influx_port" "InfluxDB" "$other, or --influxdb http://127.0.0.1:$influx_port if this is the house's InfluxDB" || taken=1
        port_check "$influx_rpc_port" "InfluxDB's RPC" "$other" || taken=1
    fi
    port_check "$writer_port" "the writer's metrics" "$other" || taken=1
    port_check "$query_port" "the query service's metrics" "$other" || taken=1
    [[ $taken -eq 0 ]] || die "Nothing was started."
}

# network_address : this machine's address on the network that leads outside, or loopback where there is none.
network_address() {
    local route
    route=$(ip -4 route get 192.0.2.1 2>/dev/null) || true
    if [[ $route =~ src\ ([0-9.]+) ]]; then printf '%s' "${BASH_REMATCH[1]}"; else printf 127.0.0.1; fi
}
