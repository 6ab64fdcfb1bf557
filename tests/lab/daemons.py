#!/usr/bin/env python3
"""The daemons of the lab: real services of Debian's packages, each with a configuration of its own.

    daemons.py run NAME FOLDER            becomes the daemon, in the foreground; its files lie in FOLDER
    daemons.py await DIRECTORY NAME...    until these, started by the lab, listen; says what keeps them
    daemons.py ports NAME                 the TCP ports it listens on

Nothing of the machine's own configuration is read. A daemon listens on its usual ports and, for tests of
what is found on unusual ones, on each of them plus 10,000 (`odd`); X servers on 6099.
"""

import os
import pathlib
import pwd
import re
import subprocess
import sys
import time

LONGEST_START = 60  # seconds, on a machine that is busy with other tests


def odd(port):
    """The unusual port that stands beside a usual one."""
    return port + 10000


def both(*ports):
    return [*ports, *map(odd, ports)]


def write(path, text):
    path.write_text(text)
    return path


def run(*command, **options):
    subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL, **options)


def certificate(folder, name):
    """Makes key.pem and certificate.pem for a host of the lab."""
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
        "-days", 30, "-subj", f"/CN={name}.lab.test", "-addext",
        f"subjectAltName=DNS:{name}.lab.test,DNS:www.lab.test", "-keyout", folder / "key.pem", "-out",
        folder / "certificate.pem", stderr=subprocess.DEVNULL)


def page(folder, title):
    (folder / "html").mkdir()
    write(folder / "html/index.html",
          f"<html><head><title>{title}</title></head><body>Hello</body></html>\n")


def give(folder, user):
    """Gives the folder to the user that a daemon runs as, and all that is in it."""
    run("chown", "-R", f"{user}:", folder)


def as_user(name, *command):
    return ["setpriv", f"--reuid={name}", f"--regid={pwd.getpwnam(name).pw_gid}", "--clear-groups", *command]


def own_run(folder, *names):
    """A /run of its own, with folders of these names and this one, in the mount namespace of the caller."""
    new = folder / "run"
    here = new / folder.relative_to("/run")
    for path in (here, *(new / name for name in names)):
        path.mkdir(parents=True)
    run("mount", "--bind", folder, here)
    run("mount", "--rbind", new, "/run")


# ---- each daemon: makes its files, returns its command, or several ------------------------------------


def nginx(folder):
    page(folder, "The lab")
    certificate(folder, "web")
    plain = "".join(f"listen {port}; listen [::]:{port}; " for port in (*both(80), 8080))

    def tls(ports, version):
        listens = "".join(f"listen {port} ssl; listen [::]:{port} ssl; " for port in ports)
        return f"server {{ {listens} ssl_protocols {version}; }}"
    return ["nginx", "-p", folder, "-e", "stderr", "-c", write(folder / "nginx.conf", f"""
daemon off;
pid {folder}/nginx.pid;
error_log stderr;
worker_processes 1;
user nobody nogroup;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    default_type text/html;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; uwsgi_temp_path {folder}/uwsgi;
    fastcgi_temp_path {folder}/fastcgi; scgi_temp_path {folder}/scgi;
    ssl_certificate {folder}/certificate.pem; ssl_certificate_key {folder}/key.pem;
    root {folder}/html;
    server {{ {plain} }}
    {tls(both(443), "TLSv1.2")}
    {tls(both(8443), "TLSv1.3")}
    server {{ listen 8000 http2; listen {odd(8000)} http2; }}
}}
""")]


def apache(folder):
    page(folder, "Apache &amp; the lab")
    certificate(folder, "apache")
    modules = "\n".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so"
                        for name in ("mpm_event", "authz_core", "dir", "mime", "ssl"))
    plain = "\n".join(f"Listen 0.0.0.0:{port}" for port in both(80))
    tls = "\n".join(f"Listen 0.0.0.0:{port} https" for port in both(443))
    hosts = " ".join(f"*:{port}" for port in both(443))
    return ["/usr/sbin/apache2", "-D", "FOREGROUND", "-f", write(folder / "apache2.conf", f"""
{modules}
{plain}
{tls}
ServerName apache.lab.test
ServerTokens Full
PidFile {folder}/apache2.pid
DefaultRuntimeDir {folder}
ErrorLog /dev/stderr
User nobody
Group nogroup
StartServers 1
DocumentRoot {folder}/html
DirectoryIndex index.html
TypesConfig /etc/mime.types
<VirtualHost {hosts}>
    SSLEngine on
    SSLCertificateFile {folder}/certificate.pem
    SSLCertificateKeyFile {folder}/key.pem
</VirtualHost>
""")]


def sshd(folder):
    own_run(folder, "sshd")  # it insists on it
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / "host_key")
    ports = "\n".join(f"Port {port}" for port in both(22))
    return ["/usr/sbin/sshd", "-D", "-e", "-f", write(folder / "sshd_config", f"""
{ports}
HostKey {folder}/host_key
PidFile none
UsePAM no
PasswordAuthentication no
MaxStartups 1000
""")]


def dropbear(folder):
    run("dropbearkey", "-t", "ed25519", "-f", folder / "host_key", stderr=subprocess.DEVNULL)
    ports = [word for port in both(22) for word in ("-p", port)]
    return ["dropbear", "-F", "-E", "-s", "-P", folder / "pid", "-r", folder / "host_key", *ports]


def named(folder):
    listens = "".join(f"listen-on port {port} {{ any; }}; listen-on-v6 port {port} {{ any; }}; "
                      for port in both(53))
    write(folder / "zone", """$TTL 60
@ SOA dns.lab.test. nobody.lab.test. 1 60 60 60 60
@ NS dns
dns A 10.9.0.13
web A 10.9.0.11
""")
    return ["/usr/sbin/named", "-f", "-n", "1", "-U", "1", "-c", write(folder / "named.conf", f"""
options {{
    directory "{folder}"; pid-file "{folder}/named.pid"; session-keyfile "{folder}/session.key";
    lock-file none; {listens}
    recursion no; dnssec-validation no; version "lab";
}};
controls {{ }};
zone "lab.test" {{ type primary; file "{folder}/zone"; }};
""")]


def inetd(folder):
    """vsftpd, with AUTH TLS and with TLS from the start, and telnetd."""
    certificate(folder, "files")
    (folder / "empty").mkdir()
    base = f"""
listen=NO
anonymous_enable=YES
secure_chroot_dir={folder}/empty
ssl_enable=YES
rsa_cert_file={folder}/certificate.pem
rsa_private_key_file={folder}/key.pem
"""
    plain = write(folder / "vsftpd.conf", base)
    tls = write(folder / "vsftpd_tls.conf", base + "implicit_ssl=YES\n")
    rows = [(ports, command) for port, command in (
        (21, f"/usr/sbin/vsftpd vsftpd {plain}"), (990, f"/usr/sbin/vsftpd vsftpd {tls}"),
        (23, "/usr/sbin/in.telnetd in.telnetd")) for ports in both(port)]
    table = "".join(f"{port} stream tcp nowait.1000 root {command}\n" for port, command in rows)
    return ["/usr/sbin/inetd", "-i", write(folder / "inetd.conf", table)]


def exim(folder):
    certificate(folder, "mail")
    (folder / "spool").mkdir()
    config = write(folder / "exim.conf", f"""
primary_hostname = mail.lab.test
daemon_smtp_ports = {" : ".join(map(str, both(25, 465, 587)))}
tls_on_connect_ports = {" : ".join(map(str, both(465)))}
tls_advertise_hosts = *
tls_certificate = {folder}/certificate.pem
tls_privatekey = {folder}/key.pem
spool_directory = {folder}/spool
log_file_path = {folder}/%slog
pid_file_path = {folder}/exim.pid
keep_environment =
disable_ipv6
""")
    give(folder, "Debian-exim")
    config.chmod(0o644)
    run("chown", "root:", config)
    return ["/usr/sbin/exim4", "-bdf", "-C", config]


def dovecot(folder):
    certificate(folder, "mail")

    def listener(name, port, ssl):
        return f"inet_listener {name} {{\nport = {port}\nssl = {ssl}\n}}\n"

    def service(name, plain, tls):
        """Those named as the protocol are there already; port 0 takes them away."""
        rows = [(name, 0, "no"), (name + "s", 0, "no"),
                *((f"{name}-{port}", port, "no") for port in both(plain)),
                *((f"{name}-{port}", port, "yes") for port in both(tls))]
        return f"service {name}-login {{\n{''.join(listener(*row) for row in rows)}}}\n"
    return ["/usr/sbin/dovecot", "-F", "-c", write(folder / "dovecot.conf", f"""
base_dir = {folder}/base
state_dir = {folder}/state
log_path = /dev/stderr
protocols = imap pop3
listen = *
ssl = yes
ssl_cert = <{folder}/certificate.pem
ssl_key = <{folder}/key.pem
{service("imap", 143, 993)}
{service("pop3", 110, 995)}
passdb {{
driver = static
args = password=none
}}
userdb {{
driver = static
args = uid=nobody gid=nogroup home={folder}
}}
""")]


def samba(folder):
    for name in ("private", "lock", "state", "cache", "pid", "rpc"):
        (folder / name).mkdir()
    return ["/usr/sbin/smbd", "--foreground", "--no-process-group", "--debug-stdout", "-s",
            write(folder / "smb.conf", f"""
[global]
netbios name = FILES
workgroup = LAB
server string = files of the lab
smb ports = {" ".join(map(str, both(139, 445)))}
private dir = {folder}/private
lock directory = {folder}/lock
state directory = {folder}/state
cache directory = {folder}/cache
pid directory = {folder}/pid
ncalrpc dir = {folder}/rpc
log file = {folder}/log
load printers = no
disable spoolss = yes
""")]


def xrdp(folder):
    own_run(folder, "xrdp")
    certificate(folder, "desk")
    ports = " ".join(f"tcp://0.0.0.0:{port}" for port in both(3389))
    return ["/usr/sbin/xrdp", "--nodaemon", "--config", write(folder / "xrdp.ini", f"""
[Globals]
port={ports}
security_layer=negotiate
certificate={folder}/certificate.pem
key_file={folder}/key.pem
fork=true
[Logging]
LogFile={folder}/xrdp.log
LogLevel=WARNING
EnableSyslog=false
""")]


def vnc(folder):
    """One that wants a password, and one that wants none."""
    return [["Xtigervnc", f":{number}", "-rfbport", port, "-nolock", "-nolisten", "unix", "-geometry",
             "320x200", "-desktop", "lab", "-BlacklistThreshold", 1000000, "-SecurityTypes", kind, "-PasswordFile", folder / "password"]
            for number, port, kind in ((1, 5900, "VncAuth"), (2, odd(5900), "None"))]


def x11(folder):
    """One for everybody, and one that asks for a cookie."""
    del folder
    return [["Xvfb", f":{number}", "-listen", "tcp", "-nolock", "-nolisten", "unix", "-screen", "0",
             "320x200x8", *access] for number, access in ((0, ["-ac"]), (99, []))]


def memcached(folder):
    del folder
    return ["memcached", "-u", "nobody", "-U", "0", "-l",
            ",".join(f"0.0.0.0:{port}" for port in both(11211))]


def redis(folder):
    return [["redis-server", "--port", port, "--bind", "0.0.0.0", "--protected-mode", "no", "--save", "",
             "--dir", folder] for port in both(6379)]


def postgres(folder):
    """Two, for one listens on one port only; the second is a copy of the first, and can turn to TLS."""
    [binaries] = pathlib.Path("/usr/lib/postgresql").glob("*/bin")
    certificate(folder, "data")
    give(folder, "postgres")
    run(*as_user("postgres", binaries / "initdb", "--no-sync", "--auth=trust", "--locale=C",
                 "--encoding=UTF8", "--wal-segsize=1", "-D", folder / "5432"))
    (folder / "5432/pg_hba.conf").write_text("host all all all scram-sha-256\n")
    run("cp", "-a", folder / "5432", folder / str(odd(5432)))
    tls = ["-c", "ssl=on", "-c", f"ssl_cert_file={folder}/certificate.pem", "-c",
           f"ssl_key_file={folder}/key.pem"]
    return [as_user("postgres", binaries / "postgres", "-D", folder / str(port), "-p", port, "-h", "0.0.0.0",
                    "-k", folder, "-F", *options) for port, options in zip(both(5432), ([], tls))]


def mariadb(folder):
    """Without tables of users, which take long to make: none is needed to greet."""
    commands = []
    for port in both(3306):
        data = folder / str(port)
        data.mkdir()
        commands.append(["/usr/sbin/mariadbd", "--no-defaults", "--user=nobody", "--skip-grant-tables",
                         "--innodb-fast-shutdown=2", "--innodb-log-file-size=4M", "--bind-address=0.0.0.0",
                         f"--port={port}", f"--datadir={data}", f"--socket={data}/socket",
                         f"--pid-file={data}/pid"])
    give(folder, "nobody")
    return commands


def slapd(folder):
    certificate(folder, "directory")
    (folder / "data").mkdir()
    urls = [f"{kind}://0.0.0.0:{port}" for kind, usual in (("ldap", 389), ("ldaps", 636))
            for port in both(usual)]
    return ["/usr/sbin/slapd", "-d", "0", "-h", " ".join(urls), "-f", write(folder / "slapd.conf", f"""
include /etc/ldap/schema/core.schema
pidfile {folder}/slapd.pid
modulepath /usr/lib/ldap
moduleload back_mdb
TLSCertificateFile {folder}/certificate.pem
TLSCertificateKeyFile {folder}/key.pem
database mdb
suffix "dc=lab,dc=test"
directory {folder}/data
""")]


def mosquitto(folder):
    """One that lets everybody in, and one that refuses whom it does not know."""
    return ["/usr/sbin/mosquitto", "-c", write(folder / "mosquitto.conf", f"""
per_listener_settings true
listener 1883
allow_anonymous true
listener {odd(1883)}
allow_anonymous false
""")]


def rabbitmq(folder):
    for name in ("data", "logs"):
        (folder / name).mkdir()
    write(folder / "plugins", "[].\n")
    write(folder / "rabbitmq.conf", "".join(f"listeners.tcp.{number} = 0.0.0.0:{port}\n"
                                            for number, port in enumerate(both(5672), 1)))
    os.environ.update({
        "RABBITMQ_NODENAME": "lab@localhost", "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_MNESIA_BASE": f"{folder}/data", "RABBITMQ_LOG_BASE": f"{folder}/logs",
        "RABBITMQ_CONF_ENV_FILE": "/dev/null", "RABBITMQ_CONFIG_FILE": f"{folder}/rabbitmq.conf",
        "RABBITMQ_ADVANCED_CONFIG_FILE": f"{folder}/none", "RABBITMQ_PID_FILE": f"{folder}/pid",
        "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/plugins", "RABBITMQ_LOGS": "-",
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 -kernel inet_dist_use_interface {127,0,0,1}"})
    [binary] = pathlib.Path("/usr/lib/rabbitmq").glob("bin/rabbitmq-server")
    return [binary]


def git(folder):
    """One that has no repository."""
    return ["git", "daemon", "--reuseaddr", f"--base-path={folder}", folder]


def epmd(folder):
    """The port mapper of Erlang, which knows no node."""
    del folder
    return ["epmd", "-port", "4369"]


def rpcbind(folder):
    own_run(folder, "rpcbind")
    return ["rpcbind", "-f"]


def sctp(folder):
    """A listener that takes associations and ends them."""
    del folder
    return [sys.executable, "-c", """if True:
        import socket, time
        try:
            s = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 132)
        except OSError:
            print("ready, but there is no SCTP listener: the kernel has no SCTP", flush=True)
            time.sleep(1e6)
        s.bind(("0.0.0.0", 9)); s.listen(64); print("ready", flush=True)
        while True: s.accept()[0].close()"""]


class Daemon:
    """How to start it, its usual ports, the unusual ones, and what its log says last when it starts."""

    def __init__(self, start, usual, unusual=None, says=None):
        self.start, self.usual, self.says = start, usual, says
        self.unusual = [odd(port) for port in usual] if unusual is None else unusual

    @property
    def ports(self):
        return [*self.usual, *self.unusual]


DAEMONS = {
    "nginx": Daemon(nginx, [80, 8080, 443, 8443, 8000], [odd(p) for p in (80, 443, 8443, 8000)]),
    "apache": Daemon(apache, [80, 443]),
    "sshd": Daemon(sshd, [22]),
    "dropbear": Daemon(dropbear, [22]),
    "named": Daemon(named, [53]),
    "inetd": Daemon(inetd, [21, 990, 23]),
    "exim": Daemon(exim, [25, 465, 587]),
    "dovecot": Daemon(dovecot, [110, 143, 993, 995]),
    "samba": Daemon(samba, [139, 445]),
    "xrdp": Daemon(xrdp, [3389]),
    "vnc": Daemon(vnc, [5900]),
    "x11": Daemon(x11, [6000], [6099]),
    "memcached": Daemon(memcached, [11211]),
    "redis": Daemon(redis, [6379]),
    "postgres": Daemon(postgres, [5432], says="(?s)ready to accept.*ready to accept"),
    "mariadb": Daemon(mariadb, [3306]),
    "slapd": Daemon(slapd, [389, 636]),
    "mosquitto": Daemon(mosquitto, [1883]),
    "rabbitmq": Daemon(rabbitmq, [5672]),
    "git": Daemon(git, [9418], []),
    "epmd": Daemon(epmd, [4369], []),
    "rpcbind": Daemon(rpcbind, [111], []),
    "sctp": Daemon(sctp, [], says="^ready"),
}


# ---- commands -----------------------------------------------------------------------------------------


def set_environment(folder):
    """Nothing of the caller's but the path; temporary files, and what lies in $HOME, go to the folder."""
    path, scratch = os.environ["PATH"], folder / "tmp"
    scratch.mkdir()
    scratch.chmod(0o1777)
    os.environ.clear()
    os.environ.update({"PATH": f"{path}:/usr/sbin", "LC_ALL": "C.UTF-8", "HOME": str(folder), "TMPDIR": str(scratch)})


def become(name, folder):
    """Starts the daemon in the place of this process; of several, all but the last as its children."""
    folder.mkdir(parents=True)
    set_environment(folder)
    commands = DAEMONS[name].start(folder)
    if not isinstance(commands[0], list):
        commands = [commands]
    words = [[str(word) for word in command] for command in commands]
    os.chdir(folder)
    for command in words[:-1]:
        subprocess.Popen(command)
    os.execvp(words[-1][0], words[-1])


def listening():
    """The TCP ports of this network namespace that somebody listens on."""
    rows = [line.split() for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {int(row[1].split(":")[1], 16) for row in rows if row[3] == "0A"}


def lacks(directory, name):
    """What a daemon that was started has not done yet; nothing when it is ready."""
    daemon = DAEMONS[name]
    missing = sorted(set(daemon.ports) - listening())
    if missing:
        return f"it does not listen on {missing}"
    log = (directory / f"{name}.log").read_text(errors="replace")
    if daemon.says and not re.search(daemon.says, log, re.MULTILINE):
        return f"its log does not say {daemon.says!r}"
    return None


def lives(directory, name):
    number = (directory / f"{name}.process").read_text().split()[0]
    try:
        stat = pathlib.Path(f"/proc/{number}/stat").read_text()
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def await_(directory, name, end):
    """Waits until it is ready; exits with its log if it ended, or if the time is over."""
    while True:
        alive = lives(directory, name)
        missing = lacks(directory, name)
        if not missing:
            return
        if not alive or time.monotonic() > end:
            log = (directory / f"{name}.log").read_text(errors="replace")
            sys.exit(f"{log}\n{name} {'waited in vain' if alive else 'has ended'}: {missing}")
        time.sleep(0.03)


def main(command, *words):
    if command == "run":
        become(words[0], pathlib.Path(words[1]))
    elif command == "await":
        end = time.monotonic() + LONGEST_START
        for name in words[1:]:
            await_(pathlib.Path(words[0]), name, end)
    elif command == "ports":
        print(*DAEMONS[words[0]].ports)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(*(sys.argv[1:] or ["help"]))
