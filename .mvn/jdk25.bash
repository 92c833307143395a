# Sourced by ./zkprover and .ci/run: jdk25 prints the folder of an installed JDK 25, or fails.

is_jdk25() { [[ -x $1/bin/javac && -r $1/release ]] && grep -q '^JAVA_VERSION="25[".+-]' "$1/release"; }

jdk25() {
  local javac home
  local homes=("${JAVA_HOME:-}")
  if javac=$(command -v javac); then
    javac=$(readlink -f "$javac")
    homes+=("${javac%/bin/javac}")
  fi
  homes+=(/usr/lib/jvm/* "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/* /opt/*jdk*
    /Library/Java/JavaVirtualMachines/*/Contents/Home)
  if [[ -r $HOME/.m2/toolchains.xml ]]; then
    while read -r home; do homes+=("$home"); done \
      < <(sed -n 's:.*<jdkHome>\(.*\)</jdkHome>.*:\1:p' "$HOME/.m2/toolchains.xml")
  fi
  for home in "${homes[@]}"; do
    if [[ -n $home ]] && is_jdk25 "$home"; then
      printf '%s\n' "$home"
      return
    fi
  done
  return 1
}
