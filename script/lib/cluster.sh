# shellcheck shell=bash
# A private PostgreSQL 15 cluster: its own data folder and unix socket, no TCP. Sourced after common.sh.
# PostgreSQL refuses to run as root, so root runs it as the user postgres; anyone else as himself.

POSTGRES_BIN=/usr/lib/postgresql/15/bin
SOCKET_DIR_MAX=90 # a socket's path has at most 107 bytes, "/.s.PGSQL.5432" included

cluster_pid='' # not empty while it runs
cluster_socket_dir=''
as_postgres=() # prefix of commands that run as the cluster's owner

# cluster_owner FOLDER: fills as_postgres. A clone below /root is closed to other users, so there the owner also gets
# the capability to pass through folders, where this machine can give it.
cluster_owner()
{
    local folder=$1 capability
    [ "$(id -u)" -eq 0 ] || return 0

    local -a base=(setpriv --reuid=postgres --regid=postgres --init-groups)
    for capability in '' dac_read_search dac_override; do
        as_postgres=("${base[@]}" ${capability:+--inh-caps="-all,+$capability" --ambient-caps="-all,+$capability"})
        if "${as_postgres[@]}" stat "$folder/." >/dev/null 2>&1; then
            return 0
        fi
    done
    fail "the user postgres cannot reach $folder: set STATE_DIR to a folder that it can"
}

# cluster_folder PATH: a folder of the cluster's owner, closed to others.
cluster_folder()
{
    mkdir -p "$1"
    chmod 700 "$1"
    if [ "$(id -u)" -eq 0 ]; then
        chown postgres: "$1"
    fi
}

# cluster_start FOLDER: initialises FOLDER/postgres if need be, starts it and sets DATABASE_URL.
cluster_start()
{
    local folder=$1
    local data=$folder/postgres log=$folder/postgres.log
    unset "${!PG@}" # they would point clients elsewhere
    cluster_owner "$folder"
    cluster_folder "$data"
    if [ ! -s "$data/PG_VERSION" ]; then
        step 'creating the database cluster' "${as_postgres[@]}" "$POSTGRES_BIN/initdb" -D "$data" -U postgres \
            -E UTF8 --locale=C.UTF-8 --auth-local=trust --auth-host=reject
    fi
    cluster_socket_dir=$folder/run
    if [ ${#cluster_socket_dir} -gt $SOCKET_DIR_MAX ] || [[ $cluster_socket_dir = *[!A-Za-z0-9._/-]* ]]; then
        cluster_socket_dir=$(mktemp -d)
    fi
    cluster_folder "$cluster_socket_dir" # it alone guards the database: whoever gets in is trusted

    # A session of its own: Ctrl-C must reach the server first. --pdeathsig: no orphan if this script is killed.
    # Sizes for a small machine; fsync, full_page_writes and synchronous_commit stay as they are: on.
    setsid "${as_postgres[@]:-env}" setpriv --pdeathsig INT "$POSTGRES_BIN/postgres" -D "$data" \
        -c listen_addresses= -c unix_socket_directories="$cluster_socket_dir" -c unix_socket_permissions=0700 \
        -c max_connections=100 -c shared_buffers=256MB -c wal_compression=on -c log_error_verbosity=terse \
        -c client_connection_check_interval=2s >>"$log" 2>&1 </dev/null 9>&- &
    cluster_pid=$!
    say '· starting the database'
    cluster_wait "$log"
    DATABASE_URL="host=$cluster_socket_dir dbname=mosharekat user=mosharekat"
    cluster_database
    export DATABASE_URL
}

cluster_wait()
{
    local tries
    for ((tries = 0; tries < 600; tries++)); do
        if "$POSTGRES_BIN/pg_isready" -q -h "$cluster_socket_dir" -U postgres; then
            return 0
        fi
        kill -0 "$cluster_pid" 2>/dev/null || break
        sleep 0.1
    done
    tail -n 20 "$1" >&2
    fail 'PostgreSQL did not start'
}

# The server is no superuser of its database, only the owner.
cluster_database()
{
    local -a psql=(psql -X -q -At -v ON_ERROR_STOP=1 -h "$cluster_socket_dir" -U postgres -d postgres)
    if [ -z "$("${psql[@]}" -c "SELECT 1 FROM pg_roles WHERE rolname = 'mosharekat'")" ]; then
        "${psql[@]}" -c 'CREATE ROLE mosharekat LOGIN'
    fi
    if [ -z "$("${psql[@]}" -c "SELECT 1 FROM pg_database WHERE datname = 'mosharekat'")" ]; then
        "${psql[@]}" -c 'CREATE DATABASE mosharekat OWNER mosharekat'
    fi
}

cluster_stop()
{
    [ -n "$cluster_pid" ] || return 0
    kill -INT "$cluster_pid" 2>/dev/null || true # fast: ends sessions, writes a checkpoint
    wait "$cluster_pid" 2>/dev/null || true
    cluster_pid=''
    rm -rf "$cluster_socket_dir"
}
