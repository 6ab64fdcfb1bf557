#!/usr/bin/env python3
"""Plain clients, which know nothing of the scanner: what servers say of themselves.

    clients.py KIND ADDRESS PORT [KIND ADDRESS PORT...]

prints a JSON list with one object for each: by the name of a banner, the texts that must be found in it.
The names are all that such a server must give. Bytes stand for the code points of the same numbers.
"""

import base64
import concurrent.futures
import hashlib
import json
import re
import socket
import ssl
import struct
import sys
import time

PATIENCE = 10.0  # seconds until a server has to have answered
ITS_END = rb"(?!)"


def connect(address, port):
    link = socket.create_connection((address, port), PATIENCE)
    link.settimeout(PATIENCE)
    return link


def until(link, end):
    """What comes until the bytes match, or the server closes."""
    text = b""
    while not re.search(end, text):
        piece = link.recv(65536)
        if not piece:
            break
        text += piece
    return text


def text_of(data):
    return data.decode("latin-1")


def asked(link, words, end):
    link.sendall(words)
    return text_of(until(link, end))


# ---- those that speak first ---------------------------------------------------------------------------


def greeting(link):
    return text_of(until(link, rb"\n")).splitlines()[0]


def ssh(link):
    return {"ssh": [greeting(link)]}


def without_time(line):
    """A greeting of SMTP as far as it is the same a second later."""
    return re.sub(r"\w{3}, +\d+ \w{3} \d{4} .*", "", line)


def talk(link, word, end):
    """The lines of a server's answer, up to one that matches."""
    link.sendall(word + b"\r\n")
    return text_of(until(link, end)).splitlines()


def ftp(link):
    return {"ftp": [greeting(link)]}


def smtp(link):
    lines = [greeting(link), *talk(link, b"EHLO masscan", rb"(?m)^250 .*\n")]
    return {"smtp": [without_time(line) for line in lines]}


def pop3(link):
    return {"pop": [greeting(link), *talk(link, b"CAPA", rb"(?m)^\.\r?\n")]}


def imap(link):
    return {"imap": [greeting(link), *talk(link, b"a001 CAPABILITY", rb"(?m)^a001 .*\n")]}


def telnet(link):
    """Refuses every option (RFC 854), which makes the server ask for a login."""
    shown = b""
    while not shown.rstrip().endswith(b"login:"):
        text = link.recv(65536)
        if not text:
            break
        for verb, option in re.findall(rb"\xff([\xfb\xfd])(.)", text, re.DOTALL):
            link.sendall(b"\xff" + (b"\xfe" if verb == b"\xfb" else b"\xfc") + option)
        shown += re.sub(rb"\xff[\xfb-\xfe].", b"", text, flags=re.DOTALL)
    return {"telnet": [line.strip() for line in text_of(shown).splitlines()]}


def vnc(link):
    kinds = {0: "None", 1: "None", 2: "VNC"}
    version = until(link, rb"\n")
    link.sendall(version)
    number = link.recv(1)[0]
    offered = [kinds[kind] for kind in link.recv(number)]
    return {"vnc": [text_of(version).strip()], "vnc-info": ["security=" + ",".join(offered)]}


def mysql(link):
    handshake = link.recv(4096)
    version, _, rest = handshake[5:].partition(b"\0")
    return {"mysql": ["version=" + text_of(version).removeprefix("5.5.5-"),
                      "auth=" + text_of(rest).rstrip("\0").rpartition("\0")[2]]}


# ---- those that are asked -----------------------------------------------------------------------------


def http(link):
    link.sendall(b"GET / HTTP/1.0\r\n\r\n")
    head, _, body = text_of(until(link, rb"</html>")).partition("\r\n\r\n")
    lines = head.splitlines()
    [server] = [line for line in lines if line.startswith("Server: ")]
    title = re.search("<title>(.*)</title>", body)[1]
    return {"http": [lines[0], server], "http.server": [server.removeprefix("Server: ")],
            "title": [title.replace("&amp;", "&")]}


def http2(link):
    """One that speaks nothing but HTTP/2: what its first frames say, in answer to a request of HTTP/1."""
    frames = asked(link, b"GET / HTTP/1.0\r\n\r\n", ITS_END).encode("latin-1")
    length = int.from_bytes(frames[:3], "big")
    settings = dict(struct.iter_unpack(">HI", frames[9:9 + length]))
    return {"http2": [f"settings max-concurrent-streams={settings[3]} initial-window-size={settings[4]} "
                      f"max-frame-size={settings[5]}", "goaway=protocol-error"]}


def memcached(link):
    return {"memcached": [asked(link, b"version\r\n", rb"\n").strip()]}


def redis(link):
    answer = asked(link, b"INFO server\r\n", rb"(?s)redis_version.*arch_bits:\d+")
    return {"redis": ["+PONG", *re.findall("(?:redis_version|redis_mode|os):.*(?=\r)", answer)]}


def string(text):
    return text.encode() + b"\0"


def postgres(link):
    link.sendall(struct.pack(">II", 8, 80877103))
    if link.recv(1) == b"S":
        return {"postgres": ["tls=yes"], **tls(link)}
    words = struct.pack(">I", 3 << 16) + string("user") + string("postgres") + b"\0"
    link.sendall(struct.pack(">I", 4 + len(words)) + words)
    answer = link.recv(4096)
    kind, _, method = struct.unpack(">cII", answer[:9])
    assert (kind, method) == (b"R", 10), answer
    return {"postgres": ["tls=no", "mechanism=" + text_of(answer[9:].split(b"\0")[0])]}


def dns(link):
    question = b"\7version\4bind\0" + struct.pack(">HH", 16, 3)
    query = struct.pack(">HHHHHH", 77, 0, 1, 0, 0, 0) + question
    link.sendall(struct.pack(">H", len(query)) + query)
    answer = link.recv(4096)[2:]
    text = answer[12 + len(question):]
    text = text[text.index(struct.pack(">HH", 16, 3)) + 10:]
    return {"dns-ver": [text_of(text[1:1 + text[0]])]}


def ber(tag, *parts):
    body = b"".join(parts)
    return bytes([tag, len(body)]) + body


def ldap(link):
    """Searches the root entry for its attribute namingContexts (RFC 4511)."""
    search = ber(0x63, ber(4), ber(10, b"\0"), ber(10, b"\0"), ber(2, b"\0"), ber(2, b"\0"), ber(1, b"\0"),
                 ber(0x87, b"objectClass"), ber(0x30, ber(4, b"namingContexts")))
    answer = asked(link, ber(0x30, ber(2, b"\1"), search), rb"(?s)namingContexts.*\x65")
    values = answer[answer.index("namingContexts") + 14:]
    return {"ldap": ["root entry", "namingContexts=" + values[4:4 + ord(values[3])]]}


def mqtt(link):
    hello = b"\0\4MQTT\4\2\0\x3c" + b"\0\7masscan"
    answer = asked(link, b"\x10" + bytes([len(hello)]) + hello, b"(?s)....").encode("latin-1")
    assert answer[:2] == b"\x20\2", answer
    return {"mqtt": [f"code={answer[3]}"]}


def amqp(link):
    start = asked(link, b"AMQP\0\0\x09\1", rb"\xce")

    def value(name):
        at = start.index(f"{chr(len(name))}{name}S") + len(name) + 6
        return start[at:at + ord(start[at - 1])]
    return {"amqp": ["protocol=0-9", *(f"{name}={value(name)}" for name in ("product", "version"))]}


def x11(link):
    answer = asked(link, b"l\0" + struct.pack("<HHHHH", 11, 0, 0, 0, 0), b"(?s).{40}").encode("latin-1")
    kind, length = answer[0], answer[1]
    if kind == 0:
        return {"x11": ["refused=" + text_of(answer[8:8 + length]).strip()]}
    release, [vendor] = struct.unpack("<I", answer[8:12])[0], struct.unpack("<H", answer[24:26])
    return {"x11": ["version=11.0", f"release={release}", "vendor=" + text_of(answer[40:40 + vendor])]}


def rdp(link):
    request = struct.pack(">BBHBBHHB", 3, 0, 19, 14, 0xe0, 0, 0, 0) + struct.pack("<BBHI", 1, 0, 8, 11)
    answer = asked(link, request, b"(?s).{19}").encode("latin-1")
    protocol = {0: "rdp", 1: "tls", 2: "credssp"}[struct.unpack("<I", answer[15:19])[0]]
    return {"rdp": [f"protocol={protocol}", f"flags={answer[12]}"]}


def smb(link):
    """Negotiates SMB 3.1.1 and begins a session without a name ([MS-SMB2] 2.2.3, [MS-NLMP] 2.2.1)."""
    def message(command, number, body):
        head = b"\xfeSMB" + struct.pack("<HHIHHIIQIIQ", 64, 0, 0, command, 1, 0, 0, number, 0, 0, 0) + bytes(16)
        return struct.pack(">I", len(head) + len(body)) + head + body
    salt = hashlib.sha256(b"a plain client").digest()
    context = struct.pack("<HHIHHH", 1, 38, 0, 1, 32, 1) + salt
    negotiate = struct.pack("<HHHHI16sIHH", 36, 1, 1, 0, 0, bytes(16), 104, 1, 0) + struct.pack("<HH", 0x311, 0) + context
    token = b"NTLMSSP\0" + struct.pack("<IIQQ", 1, 0x80207, 0, 0)
    setup = struct.pack("<HBBIIHHQ", 25, 0, 1, 0, 0, 88, len(token), 0) + token
    link.sendall(message(0, 0, negotiate))
    dialect = struct.unpack("<H", link.recv(4096)[72:74])[0]
    link.sendall(message(1, 1, setup))
    challenge = until(link, b"(?s)NTLMSSP\0[\2].*\0\0\0\0$")
    challenge = challenge[challenge.index(b"NTLMSSP\0\2"):]
    length, at = struct.unpack("<HxxI", challenge[40:48])
    names = {}
    info = challenge[at:at + length]
    while info[:2] != b"\0\0":
        number, size = struct.unpack("<HH", info[:4])
        names[number] = info[4:4 + size]
        info = info[4 + size:]
    assert dialect == 0x311, hex(dialect)
    computer, domain = (names[number].decode("utf-16-le") for number in (1, 2))
    return {"smb": ["dialect=3.1.1", f"computer={computer}", f"domain={domain}"]}


# ---- each kind, plain or in TLS -----------------------------------------------------------------------

SPEAK = {function.__name__: function for function in (
    amqp, dns, ftp, http, http2, imap, ldap, memcached, mqtt, mysql, pop3, postgres, rdp, redis, smb, smtp, ssh,
    telnet, vnc, x11)}

# How a plain conversation turns to TLS.
TURN = {"ftp": b"AUTH TLS", "smtp": b"STARTTLS", "pop3": b"STLS", "imap": b"a002 STARTTLS"}


def tls(plain, speak=lambda link: {}):
    """What a server tells in TLS, of that and of itself; the names are those in its certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with context.wrap_socket(plain) as link:
        certificate = link.getpeercert(True)
        names = [text_of(name) for name in re.findall(rb"\w+\.lab\.test", certificate)]
        return {"ssl": [link.version().replace("v", "/"), *names],
                "X509": [base64.b64encode(certificate).decode()], **speak(link)}


def converse(kind, link):
    """All that is to be heard: kind is one of SPEAK, the same with an s for inside TLS, or tls."""
    if kind == "tls":
        return tls(link)
    if kind not in SPEAK:
        return tls(link, SPEAK[kind.removesuffix("s")])
    told = SPEAK[kind](link)
    if kind in TURN:
        [name] = told
        told[name] += talk(link, TURN[kind], rb"\n")
        told |= tls(link)
    return told


def answer(kind, address, port):
    """As the server answers; tried again for some time, for it may have to close old connections first."""
    for patience in (0.2, 1, None):
        try:
            with connect(address, int(port)) as link:
                return converse(kind, link)
        except (OSError, IndexError, ValueError, AssertionError) as error:
            if patience is None:
                raise RuntimeError(f"{kind} of {address}:{port}: {error!r}") from error
            time.sleep(patience)


def main(words):
    rows = list(zip(words[0::3], words[1::3], words[2::3]))
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        print(json.dumps(list(pool.map(lambda row: answer(*row), rows))))


if __name__ == "__main__":
    main(sys.argv[1:])
