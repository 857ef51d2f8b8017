# The configuration, the person's shell and the programs themselves.
# Sourced, not run. Uses what scripts/run has set.

# yaml_text TEXT : a YAML string.
yaml_text() { printf "'%s'" "${1//\'/\'\'}"; }

# yaml_key KEY VALUE : a line, when there is a value.
yaml_key() { [[ -z $2 ]] || printf '  %s: %s\n' "$1" "$(yaml_text "$2")"; }

hearthline_configure() {
    {
        printf '# Written anew by each scripts/run. For a house of your own: hearthline init.\n'
        printf 'topic_root: hearthline\n'
        printf 'broker:\n'
        yaml_key url "$broker_url"
        yaml_key username "$broker_username"
        yaml_key password_file "$broker_password_file"
        printf 'influxdb:\n'
        yaml_key url "$influxdb_url"
        yaml_key database "$database"
        yaml_key username "$influxdb_username"
        yaml_key password_file "$influxdb_password_file"
        yaml_key token_file "$influxdb_token_file"
        cat <<END
writer:
  client_id: hearthline-writer
  metrics_address: 127.0.0.1:$writer_port
  journal: { path: journal }
  sources:
    - { decoder: homeassistant_statestream, filter: "homeassistant/+/+/state" }
    - { decoder: homeassistant_eventstream, filter: "homeassistant/events" }
    - { decoder: value, filter: "sensor/+room/+metric" }
query:
  metrics_address: 127.0.0.1:$query_port
END
    } >"$state/hearthline.yaml"
}

# client_options writes what the mosquitto clients read by themselves, so that a
# password is no argument.
client_options() {
    local name
    mkdir -p "$state/clients"
    for name in mosquitto_pub mosquitto_sub mosquitto_rr; do
        {
            printf -- '-h %s\n-p %s\n' "$mqtt_host" "$mqtt_port"
            [[ -z $broker_username ]] || printf -- '-u %s\n' "$broker_username"
            [[ -z $broker_password_file ]] || printf -- '-P %s\n' "$(<"$broker_password_file")"
            [[ $broker_url != mqtts://* ]] || printf -- '--capath /etc/ssl/certs\n'
        } >"$state/clients/$name"
    done
}

# env_write : variables and functions for a person's shell.
env_write() {
    local influx_ssl=''
    url_parts "$influxdb_url"
    [[ $url_scheme != https ]] || influx_ssl=' -ssl'
    {
        printf 'export HEARTHLINE_%s=%q\n' \
            STATE "$state" CONFIG "$state/hearthline.yaml" \
            MQTT_HOST "$mqtt_host" MQTT_PORT "$mqtt_port" WS_PORT "$ws_port" \
            INFLUX_URL "$influxdb_url" INFLUX_DATABASE "$database" \
            INFLUX_USERNAME "$influxdb_username" INFLUX_PASSWORD "$(influx_password)" \
            WRITER_METRICS_URL "http://127.0.0.1:$writer_port/metrics" \
            QUERY_METRICS_URL "http://127.0.0.1:$query_port/metrics" \
            DASHBOARD_URL "${page:+$(page_link)}"
        cat <<END

# pub TOPIC MESSAGE, sub [FILTER], ask ENDPOINT [OPTION]..., influxq STATEMENT,
# hearthline COMMAND [OPTION]...
pub() {
    XDG_CONFIG_HOME=\$HEARTHLINE_STATE/clients mosquitto_pub -q 1 -t "\$1" -m "\$2"
}
sub() {
    XDG_CONFIG_HOME=\$HEARTHLINE_STATE/clients mosquitto_sub -v -t "\${1:-#}"
}
hearthline() {
    $(printf %q "$root/build/release/hearthline") "\$@"
}
ask() {
    hearthline ask "\$@"
}
influxq() {
    INFLUX_USERNAME=\$HEARTHLINE_INFLUX_USERNAME INFLUX_PASSWORD=\$HEARTHLINE_INFLUX_PASSWORD \\
        influx$influx_ssl -host "$url_host" -port "${url_port:-8086}" \\
        -database "\$HEARTHLINE_INFLUX_DATABASE" -precision rfc3339 -execute "\$@"
}
END
    } >"$state/env"
}

# influx_password : for basic authentication; InfluxDB 2 and 3 take a token there.
influx_password() {
    local file=${influxdb_password_file:-$influxdb_token_file}
    [[ -z $file ]] || printf '%s' "$(<"$file")"
}

# hearthline_build : the release binaries. What the compiler says goes to a log.
hearthline_build() {
    local log=$state/log/build.log
    say "Building (the first time takes a minute or so; $log)"
    {
        cd "$root" &&
            cmake --preset release &&
            cmake --build --preset release --target hearthline-writer hearthline-query hearthline
    } >"$log" 2>&1 || {
        log_tail "$log"
        die "The build failed."
    }
}

# The writer is well: subscribed at the broker, and InfluxDB has answered it.
writer_answers() { curl -sf -o /dev/null --max-time 2 "http://127.0.0.1:$writer_port/healthz"; }

writer_start() {
    process_start "$state" writer "$root/build/release/hearthline-writer" --config "$state/hearthline.yaml"
    process_await "$state" writer 30 writer_answers
}

# The query service is well: it has the broker and InfluxDB.
query_answers() { curl -sf -o /dev/null --max-time 2 "http://127.0.0.1:$query_port/healthz"; }

query_start() {
    process_start "$state" query "$root/build/release/hearthline-query" --config "$state/hearthline.yaml"
    process_await "$state" query 30 query_answers
}

demo_start() {
    process_start "$state" demo "$root/build/release/hearthline" demo --config "$state/hearthline.yaml" --loop
}
