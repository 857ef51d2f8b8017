# The broker: this repository's mosquitto.conf with the state folder's values
# filled in. Sourced, not run. Uses state, root, listen, mqtt_port, ws_port, page.

# mosquitto_passwords : user hearthline for the services and the devices, dashboard and viewer for
# browsers, and link for the address that this run prints, with a password that no later run knows.
mosquitto_passwords() {
    local user
    (
        umask 077
        mkdir -p "$state/mosquitto"
        : >"$state/mosquitto/passwords"
        rm -f "$state/link.password"
        for user in hearthline dashboard viewer link; do
            secret_make "$state/$user.password"
            printf '%s:%s\n' "$user" "$(<"$state/$user.password")"
        done >"$state/mosquitto/passwords"
        mosquitto_passwd -U "$state/mosquitto/passwords" # hashes them in place
    )
}

# mosquitto_configure writes $state/mosquitto.conf.
mosquitto_configure() {
    local folder=$state/mosquitto conf=$state/mosquitto.conf address=${listen:-127.0.0.1} line
    local edits=(
        -e "s|^listener 1883 .*|listener $mqtt_port $address|"
        -e "s|^listener 9001 .*|listener $ws_port $address|"
        -e "s|^persistence_location .*|persistence_location $folder/|"
        -e "s|^password_file .*|password_file $folder/passwords|"
        -e "s|^acl_file .*|acl_file $root/mosquitto.acl|"
        -e "s|^http_dir .*|${page:+http_dir $page}|"
    )
    if [[ -n $listen ]]; then
        edits+=(-e "s|^allow_anonymous true|allow_anonymous false\npassword_file $folder/passwords|")
    fi
    {
        sed "${edits[@]}" "$root/mosquitto.conf"
        # As root, mosquitto would become a user who cannot read the state folder.
        if [[ $EUID -eq 0 ]]; then printf 'user root\n'; fi
    } >"$conf"
    for line in "listener $mqtt_port $address" "listener $ws_port $address" \
        "persistence_location $folder/" "password_file $folder/passwords" "acl_file $root/mosquitto.acl" \
        ${page:+"http_dir $page"}; do
        grep -qxF "$line" "$conf" || die "mosquitto.conf has lost a line that scripts/run fills in; expected: $line"
    done
}

tcp_answers() { (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null; }

mosquitto_start() {
    local address=${listen:-127.0.0.1}
    [[ $address != 0.0.0.0 ]] || address=127.0.0.1
    mosquitto_passwords
    mosquitto_configure
    process_start "$state" mosquitto "$(sbin mosquitto)" -c "$state/mosquitto.conf"
    process_await "$state" mosquitto 15 tcp_answers "$address" "$mqtt_port"
    process_await "$state" mosquitto 15 tcp_answers "$address" "$ws_port"
}

# sbin NAME : the program, also where /usr/sbin is not in the PATH.
sbin() { PATH=$PATH:/usr/sbin:/sbin command -v "$1" || die "$1 is not installed"; }

# page_link : the page's address with a login in its fragment, which a browser sends to nobody.
page_link() {
    local login
    login=$(printf 'link:%s' "$(<"$state/link.password")" | base64 -w0 | tr '+/' '-_' | tr -d '=')
    printf 'http://%s:%s/#login=%s' "$page_host" "$ws_port" "$login"
}
