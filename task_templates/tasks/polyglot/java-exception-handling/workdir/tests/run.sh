# Compiles all of it into a scratch folder, and runs the checks: sh tests/run.sh
#
# Only lines that begin with a word that nobody else knows are outcomes; what the classes under test
# print goes to standard error. A function, so that the shell has read all of it before they run.
set -eu

run() {
    cd "$(dirname "$0")/.."
    classes=$(mktemp -d)
    trap 'rm -rf "$classes"' EXIT
    javac -proc:none -encoding UTF-8 -cp "$classes" -d "$classes" src/*.java tests/*.java
    word=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    code=0
    echo "$word" | java -cp "$classes" SafeReaderTest >"$classes/said" || code=$?
    sed "/^$word /d" "$classes/said" >&2
    sed -n "s/^$word //p" "$classes/said"
    exit "$code"
}

run
