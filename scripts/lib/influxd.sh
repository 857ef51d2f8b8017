# InfluxDB 1.x with a configuration and data of its own, on loopback, with a
# password. Sourced, not run. Uses state, influx_port, influx_rpc_port, database.

influxd_configure() {
    local folder=$state/influxdb
    cat >"$state/influxdb.conf" <<END
reporting-disabled = true
bind-address = "127.0.0.1:$influx_rpc_port"

[meta]
  dir = "$folder/meta"

[data]
  dir = "$folder/data"
  wal-dir = "$folder/wal"
  query-log-enabled = false

[http]
  bind-address = "127.0.0.1:$influx_port"
  auth-enabled = true
  log-enabled = false

[monitor]
  store-enabled = false

[subscriber]
  enabled = false
END
}

influxd_answers() { curl -sf -o /dev/null --max-time 2 "http://127.0.0.1:$influx_port/ping"; }

# influxd_query CREDENTIALS : runs the statement on standard input; fails with the
# server's words. CREDENTIALS is "user:password" or empty; neither it nor the
# statement becomes an argument that other users could read.
influxd_query() {
    local answer
    answer=$(curl -sS --max-time 10 --config <([[ -z $1 ]] || printf 'user = "%s"\n' "$1") \
        --data-urlencode q@- "http://127.0.0.1:$influx_port/query" 2>&1) || { printf '%s' "$answer"; return 1; }
    printf '%s' "$answer"
    [[ $answer != *'"error"'* ]]
}

# influxd_prepare : the admin user, once, and the database.
influxd_prepare() {
    local password login words
    secret_make "$state/influxdb.password"
    password=$(<"$state/influxdb.password")
    login=hearthline:$password
    if ! influxd_query "$login" <<<"SHOW DATABASES" >/dev/null; then
        words=$(influxd_query "" <<<"CREATE USER hearthline WITH PASSWORD '$password' WITH ALL PRIVILEGES") ||
            die "InfluxDB's user could not be made: $words
Its data in $state/influxdb may belong to another password than $state/influxdb.password."
    fi
    words=$(influxd_query "$login" <<<"CREATE DATABASE \"$database\" WITH DURATION INF REPLICATION 1 NAME \"autogen\"") ||
        die "The database $database could not be made: $words"
}

influxd_start() {
    influxd_configure
    process_start "$state" influxd "$(sbin influxd)" run -config "$state/influxdb.conf"
    process_await "$state" influxd 60 influxd_answers
    influxd_prepare
}
