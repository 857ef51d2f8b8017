# Passwords are files of their own, mode 0600, never an argument. Sourced, not run.

# secret_make FILE : a random password, unless there is one already.
secret_make() {
    [[ -s $1 ]] || (umask 077 && openssl rand -hex 16 >"$1")
}

# url_parts URL : sets url_scheme, url_host and url_port (empty when not said).
url_parts() {
    [[ $1 =~ ^([a-z]+)://(\[[0-9A-Fa-f:.]+\]|[^]/:@[]+)(:([0-9]+))?/?$ ]] || return 1
    url_scheme=${BASH_REMATCH[1]} url_host=${BASH_REMATCH[2]} url_port=${BASH_REMATCH[4]}
}
