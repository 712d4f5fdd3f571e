#!/bin/bash
# Makes the base of all stand-ins: a minimal Debian as a root file system, written to the tar
# file named by the first argument. Needs mmdebstrap and root; takes half a minute.
set -euo pipefail
out=$1
suite=trixie
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The host's own way to the archive: its proxy and clock settings, and its mirror if it is a
# Debian. Elsewhere mmdebstrap's built-in mirror serves.
apt-config dump | grep -E '^Acquire::((http|https)::[^ ]+|Check-[A-Za-z-]+|Retries) ".+";$' > "$work/apt.conf" || true
# No package files, no lists of translations in any layer built on top.
cat >> "$work/apt.conf" <<'CONF'
Acquire::Languages "none";
APT::Install-Recommends "false";
Acquire::Retries "3";
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin || true"; };
CONF
mirror=$(apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(COMPONENT)|$(REPO_URI)' 'Created-By: Packages' 2> /dev/null \
  | awk -F'|' '$1 == "Debian" && $2 == "Debian" && $3 == "main" { print $4; exit }')

# Proxies that inspect TLS have a CA of their own, known to the host: without it nothing but
# apt works in a build container.
certificates() {
  mkdir -p "$work/ca"
  cp -r /usr/local/share/ca-certificates/. "$work/ca/" 2> /dev/null || true
  echo "$work/ca"
}

# Post-installation scripts of some packages (Java) put links beside manual pages that are
# not there: the folders have to exist.
mmdebstrap --variant=minbase --include=ca-certificates \
  --aptopt="$work/apt.conf" \
  --dpkgopt='path-exclude=/usr/share/man/*/*' \
  --dpkgopt='path-exclude=/usr/share/doc/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' \
  --customize-hook="mkdir -p \"\$1\"/usr/share/man/man1 \"\$1\"/usr/share/man/man7 \"\$1\"/usr/local/share/ca-certificates" \
  --customize-hook="cp -r '$(certificates)/.' \"\$1\"/usr/local/share/ca-certificates/" \
  --customize-hook='chroot "$1" update-ca-certificates' \
  "$suite" "$out" $mirror
