# Sourced by run, test and dev. Installs what is missing from Debian's packages (and the npm
# parts named by the lock files); says nothing when nothing is missing.

deps_build="g++ cmake ninja-build ccache mold pkg-config libboost1.81-dev libsqlite3-dev libssl-dev
    rapidjson-dev libpugixml-dev libintelrdfpmath-dev libpcre2-dev libicu-dev libfmt-dev
    libspdlog-dev libcli11-dev libargon2-dev libmimalloc-dev tzdata ca-certificates"
deps_run="python3 weasyprint fonts-noto-core"
deps_test="libgtest-dev libgmock-dev poppler-utils git"
deps_browser="chromium"
deps_fuzz="clang-14 libclang-rt-14-dev"
deps_dev="$deps_fuzz clang-format-14 debootstrap xz-utils"

need_packages() {
    local missing="" p
    for p in "$@"; do
        dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing="$missing $p"
    done
    [ -z "$missing" ] && return 0
    if [ "$(id -u)" != 0 ]; then
        echo "schwarm: these Debian packages are missing:$missing" >&2
        echo "schwarm: install them as root: apt-get install$missing" >&2
        return 1
    fi
    echo "schwarm: installing$missing" >&2
    local log; log=$(mktemp)
    if ! { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
            --no-install-recommends $missing; } >"$log" 2>&1; then
        cat "$log" >&2; rm -f "$log"
        echo "schwarm: the installation failed, see above" >&2
        return 1
    fi
    rm -f "$log"
}

# Node.js and npm, only to fetch the parts named by the lock files and for browser tests.
need_node() {
    if ! command -v npm >/dev/null || ! command -v node >/dev/null; then
        need_packages nodejs npm || return 1
    fi
}

# need_npm FOLDER: node_modules as the lock file says; nothing is fetched when it is up to date.
need_npm() {
    local stamp="$1/node_modules/.schwarm-lock"
    [ -f "$1/package-lock.json" ] || return 0
    cmp -s "$1/package-lock.json" "$stamp" && return 0
    need_node || return 1
    echo "schwarm: fetching the npm parts of ${1#"$PWD"/}" >&2
    (cd "$1" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null) || {
        echo "schwarm: npm ci failed in $1" >&2; return 1; }
    cp "$1/package-lock.json" "$stamp"
}
