# Compiles all of it into a scratch folder, and runs the checks: sh tests/run.sh
set -eu
cd "$(dirname "$0")/.."
classes=$(mktemp -d)
trap 'rm -rf "$classes"' EXIT
javac -proc:none -encoding UTF-8 -cp "$classes" -d "$classes" src/*.java tests/*.java
java -cp "$classes" InitialsTest
