"""Daemons that answer over UDP, in the foreground: how each is started, with files in a folder.

A row of DAEMONS is a function that makes the files and returns the command, and the port that is asked.
They are started inside the lab or the sandbox only; some keep files in /run, so each gets one of its own.
"""

import os
import pathlib
import socket
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent

def _with_own_run(*command, environment=()):
    """The command behind a mount namespace with an empty /run."""
    script = 'mount -t tmpfs run /run && mkdir -p /run/avahi-daemon /run/samba && exec "$@"'
    return ["unshare", "--mount", "env", *environment, "sh", "-c", script, "sh", *map(str, command)]


def named(folder, address):
    (folder / "named.conf").write_text(f"""
options {{ directory "{folder}"; pid-file none; session-keyfile none; lock-file none; listen-on {{ {address}; }};
    listen-on-v6 {{ none; }}; recursion no; dnssec-validation no; version "9.18 of the lab"; }};
controls {{ }};
""")
    return ["/usr/sbin/named", "-4", "-f", "-n", "1", "-U", "1", "-c", folder / "named.conf"]


def snmpd(folder, address):
    (folder / "snmpd.conf").write_text(f"""
agentAddress udp:{address}:161
rocommunity public
sysDescr A router of the lab
sysName router.lab.test
engineID lab-engine
""")
    return ["env", f"SNMP_PERSISTENT_DIR={folder}", "/usr/sbin/snmpd", "-f", "-Lo", "-C", "-c", folder / "snmpd.conf",
            "-I", "-smux,mteTrigger,mteTriggerConf", "-p", folder / "snmpd.pid"]


def nmbd(folder, address):
    for name in ("lock", "state", "cache", "private"):
        (folder / name).mkdir()
    (folder / "smb.conf").write_text(f"""
[global]
    netbios name = FILES
    workgroup = LAB
    interfaces = {address}/24
    bind interfaces only = no
    local master = no
    lock directory = {folder}/lock
    state directory = {folder}/state
    cache directory = {folder}/cache
    private dir = {folder}/private
    pid directory = {folder}
    ncalrpc dir = {folder}/ncalrpc
    log file = {folder}/log
""")
    return _with_own_run("/usr/sbin/nmbd", "--foreground", "--no-process-group", "--debug-stdout",
                         f"--configfile={folder}/smb.conf")


def memcached(folder, address):
    return ["memcached", "-u", "nobody", "-l", address, "-p", "0", "-U", "11211", "-t", "1"]


def rpcbind(folder, address):
    return _with_own_run("/usr/sbin/rpcbind", "-f")


def coap(folder, address):
    return ["coap-server-notls", "-A", address, "-p", "5683"]


def charon(folder, address):
    (folder / "strongswan.conf").write_text("""
charon {
    send_vendor_id = yes
    user = root
    group = root
    filelog { stderr { default = 1 } }
}
""")
    (folder / "ipsec.conf").write_text(f"""
conn lab
    left = {address}
    right = %any
    authby = psk
    ike = aes256-sha256-modp2048,aes128-sha1-modp1024
    auto = add
""")
    (folder / "ipsec.secrets").write_text(': PSK "lab"\n')
    script = (f'mount --bind "{folder}/ipsec.secrets" /etc/ipsec.secrets && '
              f'exec /usr/lib/ipsec/starter --nofork --conf "{folder}/ipsec.conf"')
    return _with_own_run("sh", "-c", script, environment=[f"STRONGSWAN_CONF={folder}/strongswan.conf"])


def minissdpd(folder, address):
    return _with_own_run("/usr/sbin/minissdpd", "-d", "-i", "eth0", "-p", folder / "pid", "-s", folder / "socket")


def tftpd(folder, address):
    (folder / "files").mkdir()
    return ["/usr/sbin/in.tftpd", "--foreground", "-4", "--user", "root", "--secure", folder / "files"]


def avahi(folder, address):
    (folder / "avahi.conf").write_text(f"""
[server]
host-name=printer
use-ipv6=no
allow-interfaces=eth0
enable-dbus=no
allow-point-to-point=yes
disallow-other-stacks=no
[publish]
publish-workstation=yes
[rlimits]
""")
    return _with_own_run("/usr/sbin/avahi-daemon", "--no-drop-root", "--no-chroot", "--no-rlimits", "-f",
                         folder / "avahi.conf")


def chronyd(folder, address):
    (folder / "chrony.conf").write_text(f"""
bindaddress {address}
local stratum 7
allow all
cmdport 0
pidfile {folder}/pid
bindcmdaddress /
""")
    unpacked = ROOT / "build/packages/chrony/usr/sbin/chronyd"
    return _with_own_run(unpacked if unpacked.exists() else "/usr/sbin/chronyd", "-n", "-x", "-u", "root", "-f",
                         folder / "chrony.conf")


def turnserver(folder, address):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=lab",
                    "-keyout", folder / "key", "-out", folder / "certificate"], check=True, capture_output=True)
    return ["turnserver", "-n", "--no-cli", "-L", address, "--log-file", "stdout", "--pidfile", folder / "pid",
            "--userdb", folder / "db", "--lt-cred-mech", "--realm", "lab", "--cert", folder / "certificate",
            "--pkey", folder / "key"]


def register(folder, server):
    """Tells minissdpd of a root device, as its own programs do: a number, and strings behind their lengths."""
    strings = (b"upnp:rootdevice", b"uuid:0::upnp:rootdevice", server, b"http://10.9.0.12/root.xml")
    with socket.socket(socket.AF_UNIX) as link:
        link.connect(str(pathlib.Path(folder) / "minissdpd" / "socket"))
        link.sendall(b"\4" + b"".join(bytes([len(s)]) + s for s in strings))


DAEMONS = {
    "named": (named, 53),
    "snmpd": (snmpd, 161),
    "nmbd": (nmbd, 137),
    "memcached": (memcached, 11211),
    "rpcbind": (rpcbind, 111),
    "coap-server": (coap, 5683),
    "charon": (charon, 500),
    "minissdpd": (minissdpd, 1900),
    "tftpd": (tftpd, 69),
    "chronyd": (chronyd, 123),
    "avahi": (avahi, 5353),
    "turnserver": (turnserver, 3478),
}


def command(name, folder, address):
    """The command line of a daemon, whose files have been made in a folder of its own."""
    start, _ = DAEMONS[name]
    place = pathlib.Path(folder) / name
    place.mkdir()
    os.chmod(place, 0o755)
    return [str(word) for word in start(place, address)]
