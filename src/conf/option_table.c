/* The option table. Rows stand in the order in which --help and --echo show them, by section. */
#include "base/banner_limits.h"
#include "base/port.h"
#include "conf/option.h"
#include "conf/set.h"

#define FIELD(member) .offset = offsetof(struct conf, member)
#define TAKES(what)   .argument = ARGUMENT_REQUIRED, .placeholder = what

/* Types: the setter, the echo, and the field they work on. */
#define FLAG(member)                                                                               \
    .argument = ARGUMENT_OPTIONAL, .set = set_flag, .echo = echo_flag, FIELD(member)
#define FLAG_OFF(member) .argument = ARGUMENT_OPTIONAL, .set = set_flag_off, FIELD(member)
#define ALWAYS           .argument = ARGUMENT_OPTIONAL, .set = set_always
#define TEXT(member)     .set = set_text, .echo = echo_text, FIELD(member)
#define CHOICE(member, list)                                                                       \
    .set = set_choice, .echo = echo_text, FIELD(member), .words = list, .offers = list
#define U32(member, low, high, what)                                                               \
    .set = set_u32, .echo = echo_u32, FIELD(member), .least = low, .most = high, .unit = what
#define ENUM(member, list)                                                                         \
    .set = set_enum, .echo = echo_enum, FIELD(member), .words = list, .offers = list
#define SECONDS(member, low, high)                                                                 \
    .set = set_seconds, .echo = echo_decimal, FIELD(member), .least = low, .most = high
#define U64(member, low, high, what)                                                               \
    .set = set_u64, .echo = echo_u64, FIELD(member), .least = low, .most = high, .unit = what
#define STATUS(which)                                                                              \
    .argument = ARGUMENT_OPTIONAL, .set = set_status, .echo = echo_status, .code = which
#define OF_ADAPTER(member) .flags = OPTION_INDEXED, FIELD(adapters[0].member)
#define NETWORK(type, member)                                                                      \
    .set = set_##type, .echo = echo_##type, OF_ADAPTER(member),                                    \
    .presence = offsetof(struct conf, adapters[0].has_##member)
#define TCP_OPTION(member, low, high, enabled, what)                                               \
    .set = set_tcp_option, .echo = echo_tcp_option, FIELD(member), .least = low, .most = high,     \
    .unit = what, .code = enabled, .presence = offsetof(struct conf, has_##member)
#define ACTION(number)                                                                             \
    .argument = ARGUMENT_NONE, .set = set_action, .code = number,                                  \
    .flags = OPTION_COMMAND_LINE | OPTION_EARLY
#define ECHO_WITH(member)                                                                          \
    .argument = ARGUMENT_NONE, .set = set_echo, .code = ACTION_ECHO, FIELD(member),                \
    .flags = OPTION_COMMAND_LINE | OPTION_EARLY
#define SCAN_TYPE(class)                                                                           \
    .argument = ARGUMENT_NONE, .set = set_port_class, .code = class,                               \
    .flags = OPTION_COMMAND_LINE | OPTION_EARLY | OPTION_REPEAT
#define OUTPUT_OF(format)                                                                          \
    .argument = ARGUMENT_REQUIRED, .placeholder = "<file>", .set = set_output, .words = format,    \
    .flags = OPTION_REPEAT

#define TARGET    .section = SECTION_TARGETS
#define SCAN      .section = SECTION_SCAN
#define ADAPTER   .section = SECTION_ADAPTER
#define OUTPUT    .section = SECTION_OUTPUT
#define OPERATION .section = SECTION_OPERATIONS

#define MOST_U64 UINT64_MAX

/* Ends the manual of what is about banners. */
#define WITH "It has no effect without --banners."

const struct option option_table[] = {
    /* targets */
    {TARGET, .name = "range", .aliases = "ranges ip ipv4 dst-ip dest-ip destination-ip target-ip",
     TAKES("<addresses>"), .set = set_targets, .echo = echo_targets, FIELD(targets),
     .flags = OPTION_REPEAT, .help = "scan these addresses; the name may be left out",
     .manual =
         "Addresses to scan: single ones such as 192.0.2.1, ranges such as "
         "192.0.2.1-192.0.2.99, or CIDR blocks such as 192.0.2.0/24, separated by commas or "
         "blanks. IPv6 addresses are written alike (2001:db8::1, 2001:db8::/64), in brackets "
         "or without. A link-local one may name its interface, as in fe80::1%eth0, which then "
         "is the adapter. IPv4 addresses in IPv6 form (::ffff:192.0.2.1) are refused, and no "
         "part of longer ranges. Addresses times ports must be fewer than 2^63. Whatever stands on "
         "the command line without a dash in front is taken for "
         "this option's value. It may be given many times; all addresses are put together, "
         "and each is scanned once however often it is named."},
    {TARGET, .name = "includefile", .shorts = "iL", TAKES("<file>"), .set = set_target_file,
     FIELD(targets), .flags = OPTION_REPEAT, .help = "scan the addresses listed in a file",
     .manual = "Reads addresses to scan from a file, in the form that --range takes, on as many "
               "lines as needed; - is standard input. A #, ;, / or - at the begin of a line or "
               "behind an address makes the rest of the line a comment."},
    {TARGET, .name = "exclude", .aliases = "exclude-range exclude-ranges exclude-ip exclude-ipv4",
     TAKES("<addresses>"), .set = set_targets, .echo = echo_targets, FIELD(excludes),
     .flags = OPTION_REPEAT, .help = "never scan these addresses",
     .manual = "Addresses that no packet is sent to, in the form that --range takes. An exclude "
               "overrides every target, wherever both are given and in whatever order."},
    {TARGET, .name = "excludefile", TAKES("<file>"), .set = set_target_file, FIELD(excludes),
     .flags = OPTION_REPEAT, .help = "never scan the addresses listed in a file",
     .manual = "Reads addresses that no packet is sent to from a file in the form of "
               "--includefile. They override every target, as those of --exclude do."},
    {TARGET, .name = "resolve", .argument = ARGUMENT_OPTIONAL, .set = set_resolve,
     .echo = echo_flag, FIELD(resolve), .flags = OPTION_EARLY,
     .help = "look up host names among the targets",
     .manual = "Takes host names in place of addresses, among targets and excludes, and looks them "
               "up through the system's resolver before the scan: all their addresses are scanned, "
               "or left out. Results tell the name of a target in xml, json, ndjson, csv, "
               "grepable and sqlite; with --banners web servers are asked for it, and TLS servers. "
               "An address that several names have goes by the first one. The addresses "
               "are kept in paused.conf, so that a resumed scan is the same. In a configuration "
               "file it must stand before the names. Without it names are refused, because who "
               "asks for a name also tells a name server of the scan."},
    {TARGET, .name = "resolved", TAKES("<name=address>"), .set = set_resolved,
     .echo = echo_resolved, FIELD(host_names), .flags = OPTION_REPEAT,
     .help = "the name of an address, as paused.conf keeps it",
     .manual = "Says what an address of the targets is called, such as www.example.org=192.0.2.1. "
               "Interrupted scans keep in this way what --resolve has found."},
    {TARGET, .name = "ports", .aliases = "port dst-port dest-port destination-port target-port",
     .shorts = "p", TAKES("<ports>"), .set = set_ports, .echo = echo_ports, FIELD(ports),
     .flags = OPTION_REPEAT | OPTION_MAY_BE_EMPTY,
     .help = "scan these ports, such as 80,8000-8100,U:53",
     .manual = "Ports to scan: a comma list of numbers and ranges such as 80,20-25. A range that "
               "lacks its end goes to 65535, one that lacks its start begins at 1. T: (TCP), U: "
               "(UDP), S: (SCTP), I: (ICMP requests, 0 is echo, 1 is timestamp) and O: (IP "
               "protocols) in front of an item hold for it and all that follow, up to the next. "
               "Without any of them ports are TCP ports, or those of the scan types -sU, -sZ and "
               "-sO on the command line. There is no default; given many times, all are scanned."},
    {TARGET, .name = "tcp-ports", .aliases = "tcp-port", TAKES("<ports>"), .set = set_class_ports,
     FIELD(ports), .code = PORT_TCP, .flags = OPTION_REPEAT, .help = "scan these TCP ports",
     .manual = "TCP ports to scan, in the form that --ports takes."},
    {TARGET, .name = "udp-ports", .aliases = "udp-port", TAKES("<ports>"), .set = set_class_ports,
     FIELD(ports), .code = PORT_UDP, .flags = OPTION_REPEAT, .help = "scan these UDP ports",
     .manual = "UDP ports to scan, in the form that --ports takes, without the U: in front."},
    {TARGET, .name = "oprotos", .aliases = "oproto", TAKES("<protocols>"), .set = set_class_ports,
     FIELD(ports), .code = PORT_IP_PROTO, .flags = OPTION_REPEAT,
     .help = "scan these IP protocols, by number",
     .manual = "IP protocols to probe, by their numbers from 0 to 255, in the form that --ports "
               "takes, without the O: in front. Each gets a packet of it, with a request where the "
               "protocol has one: an ICMP echo, a TCP segment of no connection, a UDP datagram, an "
               "SCTP INIT and so on. Any packet of the protocol that comes back means open, as "
               "does a port unreachable from the host itself; protocol unreachable means closed, "
               "and most hosts tell that of one or a few protocols a second only: a low --rate, or "
               "--retries, finds more of them."},
    {TARGET, .name = "exclude-ports", .aliases = "exclude-port", TAKES("<ports>"), .set = set_ports,
     .echo = echo_ports, FIELD(exclude_ports), .flags = OPTION_REPEAT,
     .help = "never scan these ports",
     .manual = "Ports that are left out, in the form that --ports takes. They override --ports "
               "wherever both are given."},
    {TARGET, .name = "ping", .aliases = "ping-sweep", FLAG(ping),
     .help = "scan with an ICMP echo request too",
     .manual = "Includes an ICMP echo request to every target, beside the ports or, if none are "
               "given, alone. It is the same as the port I:0."},
    {TARGET, .name = "arpscan", .aliases = "arp", FLAG(arpscan),
     .help = "find the hosts of the local network by ARP",
     .manual = "Asks by ARP which of the targets are in use on the adapter's own network, and "
               "reports those that answer as up, with their hardware addresses and, where the "
               "list of nmap (nmap-common) or that of the IEEE (ieee-data) is installed, their "
               "vendors. It does not go together with ports, and is the same as the port A:0."},
    {TARGET, .name = "top-ports", .aliases = "top-port", .argument = ARGUMENT_OPTIONAL,
     .placeholder = "[number]", .set = set_top_ports, FIELD(ports),
     .flags = OPTION_REPEAT | OPTION_NUMBER_FOLLOWS,
     .help = "scan the ports that are open most often, 20 of them",
     .manual = "Scans the TCP ports that are open most often on the Internet, or the UDP ports "
               "with -sU: as many as the number says, or 20. The order is this program's own "
               "judgement of what public surveys find; it knows some 200 TCP and 60 UDP ports, and "
               "refuses more."},
    {TARGET, .name = "iR", .shorts = "iR", TAKES("<number>"), .set = set_u32, .echo = echo_positive,
     FIELD(random_targets), .least = 1, .most = 100000000, .unit = "addresses",
     .help = "scan this many random addresses",
     .manual =
         "Scans this many addresses, chosen at random from the whole Internet, beside other "
         "targets if there are any. No address is taken that is excluded, private, multicast "
         "or otherwise reserved. The same --seed and excludes give the same addresses; parts "
         "of one scan (--shard) all use the same ones. With --infinite each round takes others."},
    {TARGET, .name = "6", .shorts = "6", .argument = ARGUMENT_NONE, .set = set_ipv6,
     .flags = OPTION_COMMAND_LINE, .help = "accepted: addresses tell by their form what they are",
     .manual = "An nmap habit. Addresses of both families may be mixed, and each tells by its form "
               "which it is of, so this option changes nothing."},

    /* scan */
    {SCAN, .name = "rate", .aliases = "max-rate", TAKES("<packets>"), .set = set_rate,
     .echo = echo_decimal, FIELD(rate_pps), .presence = offsetof(struct conf, has_rate),
     .standard = "100", .flags = OPTION_ECHO_ALWAYS, .help = "send this many packets per second",
     .manual = "The rate of sending, in packets per second. It may be less than one (0.1 is one "
               "packet every ten seconds) or as much as the link takes; 100k and 1.5m stand for "
               "100000 and 1500000. The rate is never exceeded. One that is too high for the "
               "path loses replies: begin low, and watch whether more rate still finds more."},
    {SCAN, .name = "min-rate", TAKES("<packets>"), .set = set_rate, FIELD(min_rate_pps),
     .presence = offsetof(struct conf, has_min_rate),
     .help = "send at least this many packets per second",
     .manual = "An nmap habit. A scan always goes as fast as --rate allows, so the least rate is "
               "taken for the rate if --rate is not given, and must not be above it if it is."},
    {SCAN, .name = "retries", .aliases = "retry max-retries max-retry", TAKES("<number>"),
     U32(retries, 0, 1000, "retries"), .standard = "0",
     .help = "send each probe this many times more",
     .manual = "How many times each probe is sent again, a second after the time before. No state "
               "is kept for what was probed, so retries are sent whether or not a reply has come; "
               "a port is reported once."},
    {SCAN, .name = "workers", TAKES("<number>"), U32(workers, 0, 64, "workers"), .standard = "0",
     .help = "send and receive by this many threads",
     .manual = "How many threads send and receive, each by a queue of the interface; of several "
               "adapters, on each of them. 0 is as many "
               "as the interface has queues, the machine processors, and the rate a use for. "
               "Several are kept on a processor each. It does not matter to the order of the scan, "
               "its shards, or where a paused one goes on."},
    {SCAN, .name = "dedup-memory", TAKES("<MiB>"), U32(dedup_mib, 1, 65536, "MiB"),
     .standard = "32", .help = "tell duplicates apart within this much memory",
     .manual = "The most memory for telling which results were reported before; 12 bytes hold "
               "one. When it is full the older half is forgotten, which is counted and said at the "
               "end: a reply that is repeated after that is reported again."},
    {SCAN, .name = "wait", TAKES("<seconds>"), .set = set_wait, .echo = echo_wait, .standard = "10",
     .help = "wait this long for late replies, or forever",
     .manual = "How many seconds replies are still received after the last probe was sent, before "
               "the program ends. With forever it goes on until it is interrupted."},
    {SCAN, .name = "seed", TAKES("<number>"), .set = set_seed, .echo = echo_seed,
     .standard = "time", .offers = "time", .help = "scan in the order that this number gives",
     .manual = "The number from which the random order of the scan follows; the same seed with "
               "the same targets and ports gives the same order. With time it is taken from the "
               "clock, so each scan has another. Parts of one scan (--shard, --resume-index, "
               "--resume-count) must share a seed; without this option they all use 0."},
    {SCAN, .name = "shard", .aliases = "shards", TAKES("<x/y>"), .set = set_shard,
     .echo = echo_shard, .standard = "1/1", .help = "do part x of a scan split into y parts",
     .manual = "Splits a scan among several runs or machines: of y parts, this run does number x, "
               "counted from 1. With the same targets, ports, excludes and seed, the parts 1/3, "
               "2/3 and 3/3 together send every probe of the scan, and none twice."},
    {SCAN, .name = "resume-index", TAKES("<index>"), U64(resume_index, 0, MOST_U64, "probes"),
     .standard = "0", .help = "begin at this point of the scan",
     .manual = "The place in the scan's order to begin at. The index runs from 0 to the number of "
               "addresses times the number of ports, whatever the shard. A paused scan stores it."},
    {SCAN, .name = "resume-count", TAKES("<number>"), U64(resume_count, 0, MOST_U64, "probes"),
     .standard = "0", .help = "end after this many places of the index",
     .manual = "How many places of the index are scanned from --resume-index on; 0 is up to the "
               "end. With both, a scan can be cut into pieces for several machines, though "
               "--shard is often simpler."},
    {SCAN, .name = "resume-pending", TAKES("<first+count/attempt>"), .set = set_pending,
     .echo = echo_pending, .flags = OPTION_REPEAT, .help = "probes that a paused scan still owed",
     .manual = "Written when a scan is paused: of the probes from place first on, count of them in "
               "this shard, the next to be sent is retry number attempt, 0 being the first probe."},
    {SCAN, .name = "resume", TAKES("<file>"), .set = set_resume, .flags = OPTION_COMMAND_LINE,
     .help = "go on with a scan that was paused",
     .manual = "Reads the file that an interrupted scan left (paused.conf) as --conf does, and "
               "appends to the output files instead of beginning new ones."},
    {SCAN, .name = "conf", .aliases = "config", .shorts = "c", TAKES("<file>"), .set = set_conf,
     .flags = OPTION_REPEAT, .help = "read options from a file",
     .manual = "Reads options from a file with lines of the form name = value. The names are "
               "those of the command line without the dashes. Blank lines, and lines that begin "
               "with punctuation, are comments. A config file may name others, up to eight deep."},
    {SCAN, .name = "offline", .aliases = "notransmit nosend dry-run", FLAG(offline),
     .help = "do everything but send",
     .manual = "Goes through the whole scan without sending a packet, to see how long it would "
               "take or, with a high rate, how fast packets can be made."},
    {SCAN, .name = "noreset", FLAG(no_reset),
     .help = "do not close the connections that targets accept",
     .manual = "Does not answer an open port with a TCP reset. The target then keeps a half-open "
               "connection until it gives up."},
    {SCAN, .name = "randomize-hosts", ALWAYS, .help = "accepted: the order is always random",
     .manual = "Stands in files made for other scanners. The order is always random, so it "
               "changes nothing, and cannot be switched off."},
    {SCAN, .name = "infinite", FLAG(infinite), .help = "scan again and again",
     .manual = "Begins the scan again whenever it has ended and --wait is over, until it is "
               "interrupted. Each round has another order, by a seed that is one higher, and "
               "reports anew what it finds."},
    {SCAN, .name = "sS", .shorts = "sS", SCAN_TYPE(PORT_TCP),
     .help = "scan TCP ports with SYN packets (as without)",
     .manual = "Ports without a prefix are TCP ports, as they are without this option; with -sU "
               "or -sZ they are both."},
    {SCAN, .name = "sT", .shorts = "sT", .argument = ARGUMENT_NONE, .set = set_connect_scan,
     .flags = OPTION_COMMAND_LINE | OPTION_EARLY,
     .help = "as -sS; there is no scan through connect()",
     .manual = "In nmap a scan with the connect() call of the system. Here a SYN scan is done, "
               "and a line says so."},
    {SCAN, .name = "sU", .shorts = "sU", SCAN_TYPE(PORT_UDP),
     .help = "ports without a prefix are UDP ports",
     .manual = "Ports on the command line that have no prefix are UDP ports. With -sS they are "
               "scanned as TCP ports too."},
    {SCAN, .name = "sZ", .aliases = "sY", .shorts = "sZ sY", SCAN_TYPE(PORT_SCTP),
     .help = "ports without a prefix are SCTP ports",
     .manual = "Ports on the command line that have no prefix are SCTP ports, probed with INIT "
               "chunks. With -sS they are scanned as TCP ports too."},
    {SCAN, .name = "sO", .shorts = "sO", SCAN_TYPE(PORT_IP_PROTO),
     .help = "ports without a prefix are IP protocols",
     .manual =
         "Ports on the command line that have no prefix are numbers of IP protocols, as those "
         "of --oprotos are. Without any ports, and no other scan type, all 256 are asked about."},
    {SCAN, .name = "Pn", .shorts = "Pn", ALWAYS, .help = "accepted: hosts are never pinged first",
     .manual = "An nmap habit. Hosts are never asked first whether they are up, so it changes "
               "nothing."},
    {SCAN, .name = "n", .shorts = "n", ALWAYS, .help = "accepted: names are never resolved",
     .manual = "An nmap habit. Addresses are never resolved to names, so it changes nothing."},
    {SCAN, .name = "send-eth", ALWAYS, .help = "accepted: Ethernet frames are always sent",
     .manual = "An nmap habit. Frames are built from the Ethernet header on, so it changes "
               "nothing."},
    {SCAN, .name = "banners", .aliases = "banner", FLAG(banners),
     .help = "connect to open ports and report what answers",
     .manual = "Completes the connection to each open TCP port, by a TCP of its own, waits for "
               "the service to speak, else says what it expects to hear, and reports what it "
               "answers: versions of servers, titles of pages and so on, whatever the port. The "
               "host's own TCP does not interfere, so that no firewall rule is needed. At the end "
               "the scan waits until the last connection is over."},
    {SCAN, .name = "nobanners", .aliases = "nobanner", FLAG_OFF(banners),
     .help = "do not grab banners (as without)",
     .manual = "Takes back --banners: open ports are reported, nothing is said to them."},
    {SCAN, .name = "rawudp", FLAG(rawudp), .help = "report UDP replies as they came",
     .manual =
         "Of UDP ports --banners reports what the reply says, taken apart by its protocol. With "
         "this option it reports the bytes of the reply as they came instead, at most 2048 of "
         "them. " WITH},
    {SCAN, .name = "capture", TAKES("<what>"), .set = set_capture, .echo = echo_capture,
     .standard = "cert", .offers = "cert servername html", .flags = OPTION_REPEAT,
     .help = "report these with banners: cert, servername, html",
     .manual =
         "What else is reported with banners: certificates (cert), the name that TLS servers are "
         "asked for (servername), or the begin of web pages (html), or several with commas between "
         "them, beside those already chosen. " WITH},
    {SCAN, .name = "nocapture", TAKES("<what>"), .set = set_nocapture, .echo = echo_nocapture,
     .offers = "cert servername html", .flags = OPTION_REPEAT,
     .help = "do not report these: cert, servername, html",
     .manual =
         "Takes back --capture for certificates (cert), the name that TLS servers are "
         "asked for (servername) or the begin of web pages (html), or several with commas between "
         "them."},
    {SCAN, .name = "hello", TAKES("<protocol>"), ENUM(hello, "port ssl http smbv1 any"),
     .standard = "port", .help = "say this first: port, ssl, http, smbv1, any",
     .manual = "What is said first on every open port: the hello that is usual for the port "
               "(port), or that of ssl (a TLS handshake), http or smbv1. With any it is the usual "
               "one, and where there is none, or it is not answered, TLS, HTTP and then all other "
               "hellos are tried in turn, each on a new connection. Ports with a --hello-file or "
               "--hello-string keep theirs. " WITH},
    {SCAN, .name = "hello-file", .aliases = "hello-filename", TAKES("<file>"),
     .set = set_hello_file, .echo = echo_hello_files, .flags = OPTION_REPEAT | OPTION_PORT_INDEX,
     .help = "say the content of a file first on a port",
     .manual = "A file whose bytes, at most 16384, are said first on the port that stands in "
               "brackets: --hello-file[80] request.txt. It may be given for any number of ports; "
               "of --hello-file and --hello-string the last one for a port counts. The file is "
               "read at once, and again when a paused scan is resumed. " WITH},
    {SCAN, .name = "hello-string", TAKES("<base64>"), .set = set_hello_string,
     .echo = echo_hello_strings, .flags = OPTION_REPEAT | OPTION_PORT_INDEX,
     .help = "say these bytes first on a port",
     .manual = "Bytes in base64, at most 16384, that are said first on the port that stands in "
               "brackets: --hello-string[25] RUhMTwo=. " WITH},
    {SCAN, .name = "hello-timeout", TAKES("<seconds>"), SECONDS(hello_timeout_s, 0, 86400),
     .standard = "2", .help = "wait this long for the server to speak first",
     .manual = "How many seconds a connection waits for the server to speak first, before the "
               "hello is said; it may have decimals, and 0 is at once. As long as "
               "--connection-timeout or longer means that no hello is ever said. " WITH},
    {SCAN, .name = "connection-timeout", .aliases = "tcp-timeout", TAKES("<seconds>"),
     SECONDS(connection_timeout_s, 1, 86400), .standard = "30",
     .help = "end a connection after this long",
     .manual = "How many seconds a connection for a banner may last; it may have decimals. " WITH},
    {SCAN, .name = "max-connections", TAKES("<number>"),
     U32(max_connections, 1, 16777216, "connections"), .standard = "250000",
     .help = "have at most this many connections at once",
     .manual = "How many connections for banners may be open at the same time, of all threads "
               "together. " WITH},
    {SCAN, .name = "banner-length", TAKES("<bytes>"),
     U32(banner_length, 1, BANNER_TEXT_MAX, "bytes"), .standard = "2048",
     .help = "report at most this many bytes of a banner",
     .manual = "The most bytes of one banner's text that are reported; what is longer is cut. "
               "Certificates have a bound of their own. " WITH},
    {SCAN, .name = "sni", .aliases = "servername tls-servername", TAKES("<name>"),
     .set = set_host_name, .echo = echo_text, FIELD(tls_servername),
     .help = "ask TLS servers for this name",
     .manual = "The name of the server that TLS handshakes ask for (SNI), such as "
               "www.example.com: a server that holds many names answers with the certificate of "
               "this one. Without it none is asked for. " WITH},
    {SCAN, .name = "http-method", TAKES("<method>"), .set = set_token, .echo = echo_text,
     FIELD(http_method), .help = "the method of HTTP requests",
     .manual = "Replaces the method, GET, in HTTP requests. " WITH},
    {SCAN, .name = "http-url", .aliases = "http-uri", TAKES("<path>"), .set = set_without_blanks,
     .echo = echo_text, FIELD(http_url), .help = "the path of HTTP requests",
     .manual = "Replaces the path, /, in HTTP requests. " WITH},
    {SCAN, .name = "http-version", TAKES("<version>"), .set = set_without_blanks, .echo = echo_text,
     FIELD(http_version), .help = "the version of HTTP requests",
     .manual = "Replaces the version, HTTP/1.0, in HTTP requests. " WITH},
    {SCAN, .name = "http-host", TAKES("<name>"), .set = set_without_blanks, .echo = echo_text,
     FIELD(http_host), .help = "the Host of HTTP requests",
     .manual = "Adds a field Host to HTTP requests; an IPv6 address gets its brackets. " WITH},
    {SCAN, .name = "http-user-agent", TAKES("<text>"), TEXT(http_user_agent),
     .help = "the User-Agent of HTTP requests",
     .manual = "Replaces the field User-Agent in HTTP requests. " WITH},
    {SCAN, .name = "http-header", .aliases = "http-field", TAKES("<name:value>"),
     .set = set_http_header, .echo = echo_http_headers,
     .flags = OPTION_REPEAT | OPTION_NAME_INDEX | OPTION_MAY_BE_EMPTY,
     .help = "a header field of HTTP requests, added or replaced",
     .manual = "Adds a field to the header of HTTP requests, or replaces the one of that name, "
               "whichever option it is from. The name may also stand in brackets: "
               "--http-header[X-Name]=value. Up to 64 may be given. " WITH},
    {SCAN, .name = "http-cookie", TAKES("<text>"), TEXT(http_cookie),
     .help = "the Cookie of HTTP requests",
     .manual = "Adds a field Cookie to HTTP requests. " WITH},
    {SCAN, .name = "http-payload", TAKES("<text>"), TEXT(http_payload),
     .help = "what follows the header of HTTP requests",
     .manual = "Text that is sent behind the header of HTTP requests, with its Content-Length in "
               "the header. " WITH},
    {SCAN, .name = "nmap-payloads", TAKES("<file>"), TEXT(nmap_payloads),
     .help = "read UDP payloads from nmap's file",
     .manual = "Reads a file in the form of nmap-payloads, so that its UDP ports are probed with "
               "the payloads that stand there, byte for byte, instead of this program's own "
               "requests; ports that it does not name keep theirs. One payload is sent to a port: "
               "of several the last one in the file."},
    {SCAN, .name = "nmap-service-probes", TAKES("<file>"), .set = set_service_probes,
     .echo = echo_text, FIELD(nmap_service_probes), .help = "read hellos from nmap's file",
     .manual = "Reads a file in the form of nmap-service-probes, which nmap brings, for what is "
               "said first on single ports: the string of each TCP probe on the ports that it "
               "lists. The first probe in the file that lists a port has it; none has one that an "
               "Exclude line names (those where printers print what they hear). Its sslports, and "
               "what is for recognising answers, are passed over. Ports with a --hello-file or "
               "--hello-string keep theirs, whatever the order of the options. The file may have "
               "16 MiB, a probe 2048 bytes. " WITH},
    {SCAN, .name = "pcap-payloads", TAKES("<file>"), TEXT(pcap_payloads),
     .help = "read UDP payloads from a capture",
     .manual = "Reads packets from a capture file (pcap or pcapng) and remembers the payload of "
               "each UDP packet for its destination port, to probe that port with. Of several for "
               "a port the last one in the file is sent. They go before those of --nmap-payloads "
               "and this program's own."},
    {SCAN, .name = "user", TAKES("<name>"), TEXT(user), .help = "become this user once all is open",
     .manual = "The user that the program becomes once sockets and outputs are open, before it "
               "reads anything from the network, or of files of --readscan: nobody if root starts "
               "it, and else who does. With root it stays root, without its capabilities. Only "
               "root can name another. Files belong to who starts the program all the same, and "
               "go where he may write; but from then on only into the folders of the outputs, of "
               "--rotate-dir, --summary and paused.conf, and below, and to temporary files. Other "
               "programs of the same user can send the program signals, so one that has no others "
               "is better than nobody."},

    /* adapter */
    {ADAPTER, .name = "adapter", .aliases = "if interface", .shorts = "e i", TAKES("<interface>"),
     .set = set_text, .echo = echo_text, OF_ADAPTER(name),
     .help = "send and receive on this network interface",
     .manual =
         "The network interface to use, such as eth0. Without it, the one that the default "
         "route leads through; or lo, the loopback, if all targets are this host itself "
         "(127.0.0.0/8, and its own addresses), to which nothing else leads. A scan may have "
         "several, at most 8, each with its index in brackets: --adapter[0] eth0 --adapter[1] "
         "eth1. Without brackets the first is meant, here and with all options that are of one "
         "adapter: --adapter-ip[1] is the source address of --adapter[1]. Several adapters "
         "share the scan: each port is asked through one of them, and the rate is that of all "
         "together. A host on the subnet of one of them is asked through that one, all others "
         "through any that has a router. No two may send from the same address."},
    {ADAPTER, .name = "adapter-ip",
     .aliases = "source-ip source-address spoof-ip spoof-address src-ip", .shorts = "S",
     TAKES("<address>"), .set = set_adapter_ip, .echo = echo_adapter_ip, FIELD(adapters[0]),
     .flags = OPTION_INDEXED | OPTION_REPEAT, .help = "send from this address or range",
     .manual = "The source address of the packets; without it, the interface's own. It may be "
               "another one that no host on the local network uses. A range may be given too; its "
               "size must be a power of two, such as 1, 2, 4, 8 or 1024. IPv4 and IPv6 have one "
               "each: the option may be given twice. Without it, IPv6 packets leave from the "
               "address that the host itself would use to reach the targets."},
    {ADAPTER, .name = "adapter-port", .aliases = "source-port src-port", .shorts = "g",
     TAKES("<port>"), NETWORK(port_range, port), .help = "send from this port or range",
     .manual = "The source port of the packets; without it, one is chosen at random from 40000 to "
               "60000. A range such as 40000-40003 may be given too; its size must be a power of "
               "two."},
    {ADAPTER, .name = "adapter-mac", .aliases = "spoof-mac source-mac src-mac", TAKES("<mac>"),
     NETWORK(mac, mac), .help = "send from this hardware address",
     .manual = "The source hardware address of the frames; without it, the interface's own."},
    {ADAPTER, .name = "router-mac",
     .aliases = "router dest-mac destination-mac dst-mac target-mac router-mac-ipv4 router-ipv4",
     TAKES("<mac>"), NETWORK(mac, router_mac),
     .help = "send to the router with this hardware address",
     .manual =
         "The hardware address that frames are sent to; without it, the one that the "
         "gateway of the interface answers with when asked by ARP, for IPv6 by Neighbour "
         "Discovery. Targets on the interface's own subnet have addresses of their own, asked for "
         "alike; where this option is given, they get theirs through that router, too."},
    {ADAPTER, .name = "router-mac-ipv6", .aliases = "router-ipv6", TAKES("<mac>"),
     NETWORK(mac, router_mac_ipv6), .help = "the router's hardware address for IPv6",
     .manual = "The hardware address that frames with IPv6 packets are sent to, where it is not "
               "that of --router-mac."},
    {ADAPTER, .name = "router-ip", TAKES("<address>"), .set = set_router_ip, .echo = echo_router_ip,
     FIELD(adapters[0]), .flags = OPTION_INDEXED | OPTION_REPEAT,
     .help = "send through the router with this address",
     .manual = "The router's address, whose hardware address is asked for by ARP, of IPv6 by "
               "Neighbour Discovery; without it, the default gateway of the interface. IPv4 and "
               "IPv6 have one each: the option may be given twice."},
    {ADAPTER, .name = "ttl", TAKES("<number>"), U32(ttl, 1, 255, "hops"), .standard = "255",
     .help = "let packets live for this many hops",
     .manual = "The time to live of the packets sent: after this many routers they are dropped."},
    {ADAPTER, .name = "packet-io", TAKES("<name>"),
     CHOICE(packet_io, "af_xdp af_packet pcap pfring mem"),
     .help = "send and receive by: af_xdp, af_packet, pcap, pfring, mem",
     .manual = "The means by which frames leave and arrive; without it, the fastest of the first "
               "three that works is chosen. af_xdp takes the scanner's frames out of the interface "
               "before the kernel handles them (not on links without Ethernet headers, and not "
               "where another XDP program is attached), af_packet is the packet socket of Linux, "
               "pcap is libpcap, the last resort. pfring is what --pfring tells of; mem keeps all "
               "in memory and sends nothing."},
    {ADAPTER, .name = "vlan", .aliases = "adapter-vlan", TAKES("<number>"), .set = set_u32,
     .echo = echo_positive, OF_ADAPTER(vlan), .least = 1, .most = 4094,
     .unit = "as VLANs are numbered", .help = "put packets into this VLAN",
     .manual =
         "The number of the VLAN whose tag (802.1Q) the frames carry; only replies with that "
         "tag are taken. The host's own stack has no part in it: the source address must be "
         "one that suits the VLAN, for which the scanner answers ARP, and the router is asked "
         "for there. Not needed for an interface that is in a VLAN itself, such as eth0.5. "
         "It does not go together with --pfring."},
    {ADAPTER, .name = "pfring", FLAG(pfring),
     .help = "send and receive by PF_RING ZC, or not at all",
     .manual = "Uses PF_RING with a ZC driver (the successor of DNA), the same as --packet-io "
               "pfring. The program ends before it sends anything if the library of PF_RING, its "
               "kernel module, or a ZC driver for the adapter is not there. An --adapter by its "
               "name in PF_RING, such as zc:eth0, means the same. As long as the scan runs, the "
               "interface is of no use to other programs."},
    {ADAPTER, .name = "tcp-mss", TAKES("<number>"), TCP_OPTION(tcp_mss, 48, 65495, 1460, "bytes"),
     .offers = "enable disable", .help = "the TCP option for the segment size",
     .manual = "The largest segment size that SYN packets announce (to IPv6 targets 20 less, for "
               "the longer header): a number, disable, or enable, which is 1460. Without it, 1460 "
               "or what packets of the link leave, if that is less."},
    {ADAPTER, .name = "tcp-wscale", TAKES("<number>"), TCP_OPTION(tcp_wscale, 0, 14, 3, "bits"),
     .offers = "enable disable", .help = "the TCP option for window scaling",
     .manual = "The window scale that SYN packets announce: a number, disable, or enable, which is "
               "3. Without it, none. Not with --banners, whose conversations do not scale their "
               "windows."},
    {ADAPTER, .name = "tcp-tsecho", TAKES("<number>"),
     TCP_OPTION(tcp_tsecho, 0, 0xfffffffe, 1, "ticks"), .offers = "enable disable",
     .help = "the TCP option for timestamps",
     .manual = "The timestamp that SYN packets carry: a number, disable, or enable, which is 1. "
               "Without it, none. Not with --banners, whose conversations carry no timestamps."},
    {ADAPTER, .name = "tcp-sackok", TAKES("<enable>"), .set = set_flag, .echo = echo_flag,
     FIELD(tcp_sackok), .offers = "enable disable",
     .help = "the TCP option for selective acknowledgement",
     .manual =
         "Whether SYN packets permit selective acknowledgement: enable or disable. Without it, "
         "they do not."},

    /* output */
    {OUTPUT, .name = "output-format", TAKES("<format>"), .set = set_output_format,
     .offers = "xml binary grepable list json ndjson unicornscan hostonly csv certs sqlite redis "
               "interactive none",
     .flags = OPTION_REPEAT, .help = "the format of the output file",
     .manual = "The format of the output: xml, binary, grepable, list, json, ndjson, csv, "
               "unicornscan, hostonly, certs, sqlite; redis stores in a server; interactive prints "
               "to the console and none nothing at all. It belongs to the --output-filename next "
               "to it, and needs one, but for interactive and none and with --readscan. Each "
               "further pair of both is one more output."},
    {OUTPUT, .name = "output-filename", .aliases = "output-file", TAKES("<file>"),
     .set = set_output_filename, .echo = echo_outputs, .flags = OPTION_REPEAT,
     .help = "write results to this file",
     .manual = "The file that results are written to, - for standard output. The format is xml, "
               "unless --output-format is given next to it. In this name and those of all -o "
               "options the fields of the time that date(1) knows, such as %Y-%m-%d, are filled "
               "in: with the local time at which the scan starts. %% is a percent sign."},
    {OUTPUT, .name = "oX", .shorts = "oX", OUTPUT_OF("xml"), .help = "write XML to a file",
     .manual = "The same as --output-format xml with --output-filename. All the -o options may be "
               "given together, and again, up to eight outputs."},
    {OUTPUT, .name = "oB", .shorts = "oB", OUTPUT_OF("binary"),
     .help = "write the compact binary format to a file",
     .manual = "The same as --output-format binary with --output-filename. It is much smaller "
               "than XML; --readscan turns it into the other formats."},
    {OUTPUT, .name = "oG", .shorts = "oG", OUTPUT_OF("grepable"),
     .help = "write lines for grep to a file",
     .manual = "The same as --output-format grepable with --output-filename."},
    {OUTPUT, .name = "oJ", .shorts = "oJ", OUTPUT_OF("json"), .help = "write JSON to a file",
     .manual = "The same as --output-format json with --output-filename."},
    {OUTPUT, .name = "oD", .shorts = "oD", OUTPUT_OF("ndjson"),
     .help = "write JSON, a line for each result, to a file",
     .manual = "The same as --output-format ndjson with --output-filename."},
    {OUTPUT, .name = "oL", .shorts = "oL", OUTPUT_OF("list"), .help = "write plain lines to a file",
     .manual = "The same as --output-format list with --output-filename."},
    {OUTPUT, .name = "oU", .shorts = "oU", OUTPUT_OF("unicornscan"),
     .help = "write lines as unicornscan does to a file",
     .manual = "The same as --output-format unicornscan with --output-filename."},
    {OUTPUT, .name = "oH", .shorts = "oH", OUTPUT_OF("hostonly"),
     .help = "write just addresses to a file",
     .manual = "The same as --output-format hostonly with --output-filename."},
    {OUTPUT, .name = "oA", .shorts = "oA", TAKES("<base>"), .set = set_output_all,
     .flags = OPTION_REPEAT, .help = "write BASE.xml, BASE.gnmap (grepable), BASE.list (list)",
     .manual = "Writes three files at once: XML to BASE.xml, the grepable format to BASE.gnmap, "
               "and the list format to BASE.list. The same as -oX, -oG and -oL with these names."},
    {OUTPUT, .name = "oR", .shorts = "oR", TAKES("<address>"), .set = set_output, .words = "redis",
     .flags = OPTION_REPEAT, .help = "store results in a Redis server",
     .manual = "The same as --redis."},
    {OUTPUT, .name = "append-output", .aliases = "output-append", FLAG(append_output),
     .help = "go on behind what the output file holds",
     .manual = "Appends to output files that exist, which stay well-formed, instead of beginning "
               "new ones."},
    {OUTPUT, .name = "show", .aliases = "output-show output-status", TAKES("<kinds>"),
     .set = set_show, .echo = echo_show, .standard = "open,suspects",
     .offers = "open closed suspects all", .help = "report these too: open, closed, suspects, all",
     .manual = "Which results are reported, beside those already chosen: open, closed, suspects or "
               "all, or several with commas between them. Suspects are records of the service "
               "\"suspect\" about hosts whose open ports may be nobody's: tarpits, SYN proxies, "
               "and hosts of which most ports are open."},
    {OUTPUT, .name = "noshow", .aliases = "output-noshow", TAKES("<kinds>"), .set = set_noshow,
     .echo = echo_noshow, .offers = "open closed suspects all",
     .help = "do not report these: open, closed, suspects, all",
     .manual = "Which results are not reported: open, closed, suspects or all, or several with "
               "commas between them. Suspects are counted at the end all the same."},
    {OUTPUT, .name = "open-only", .aliases = "open output-show-open", .argument = ARGUMENT_OPTIONAL,
     .set = set_open_only, .help = "report open ports only (as without)",
     .manual = "Reports ports that are open and none that are closed, as it is without --show."},
    {OUTPUT, .name = "interactive", FLAG(interactive),
     .help = "print results to the console (as without)",
     .manual = "Prints results to the console as they come, which is done anyway if there is no "
               "output; it has no effect with --output-format, --output-filename or an -o option. "
               "For both, add --output-format interactive."},
    {OUTPUT, .name = "nointeractive", FLAG_OFF(interactive), .help = "take back --interactive",
     .manual =
         "Takes back an --interactive of a config file. Results go to the console if there is "
         "no output, and not if there is one, as without both."},
    {OUTPUT, .name = "nostatus", STATUS(CONF_STATUS_OFF), .help = "do not show the status line",
     .manual = "Does not draw the line on standard error that tells the rate, how much is done "
               "and how much was found. Where standard error is no terminal it is not drawn "
               "anyway."},
    {OUTPUT, .name = "status", STATUS(CONF_STATUS_ON),
     .help = "show the status, on no terminal too",
     .manual = "Shows the rate, how much is done and how much was found: on a terminal, as "
               "without this option, in a line that is redrawn in place; elsewhere in a line "
               "every ten seconds."},
    {OUTPUT, .name = "ndjson-status", .aliases = "status-ndjson", STATUS(CONF_STATUS_NDJSON),
     .help = "show the status as lines of JSON",
     .manual =
         "Writes the status to standard error as a JSON object on a line of its own, every "
         "second and at the end, for programs: time (UTC), state (sending, paused, link-down, "
         "waiting or done), elapsed (seconds), rate (packets per second), percent (of the probes "
         "of "
         "this run), eta (seconds until all are sent, or null), sent (packets of all "
         "kinds), probes, probes_left, received (frames), replies (proven ones), found "
         "(open ports), and dropped: an object with what was lost by cause (ring and "
         "socket: replies that came faster than they were taken; interface_rx and "
         "interface_tx: what the interface dropped). With several adapters there is a list of "
         "them, adapters: each with interface, up, sent and received."},
    {OUTPUT, .name = "banner-types", .aliases = "banner-type banner-app banner-apps",
     TAKES("<protocols>"), TEXT(banner_types), .help = "report banners of these protocols only",
     .manual = "Reports only banners of the protocols in this comma list, by the names that "
               "results have: http, title, ssl, X509, ssh and so on. Open and closed ports are "
               "reported all the same, suspects if \"suspect\" is among the names. It works with "
               "--readscan too."},
    {OUTPUT, .name = "rotate", .aliases = "output-rotate rotate-output rotate-time",
     TAKES("<time>"), .set = set_period, .echo = echo_u32, FIELD(rotate_seconds), .standard = "0",
     .help = "begin a new output file after this time",
     .manual = "Ends each output file whenever this time has passed, names it with the current "
               "timestamp, moves it to --rotate-dir, and goes on with a new file. The time is a "
               "number of seconds or such as 10min, 6hours, hourly, daily, 2weeks; 0 is never. It "
               "is aligned: hourly is at each full hour, daily at midnight, in UTC and with "
               "--rotate-offset elsewhere (weeks begin on Thursday, as 1970 did). r.xml becomes "
               "261124-180000-r.xml: year, month, day, hour, minute and second by the local "
               "clock; if that exists, 261124-180000.2-r.xml. A file without results is rotated as "
               "well, so that every period has one, and at the end so is the last. Each is whole "
               "by itself; no result is lost or told twice between two of them. A file that "
               "cannot be moved stays beside the output under its new name, which a line "
               "and exit status 2 tell. The outputs must be files."},
    {OUTPUT, .name = "rotate-offset", TAKES("<time>"), .set = set_shift, .echo = echo_shift,
     FIELD(rotate_offset), .standard = "0", .help = "shift the times of --rotate",
     .manual = "Shifts the times at which --rotate works, for the sake of time zones: with daily "
               "and 5hours files are rotated at 05:00 UTC, which is midnight in New York in "
               "winter; where clocks are two hours ahead of UTC, midnight is -2hours, or 22hours. "
               "It has the form of --rotate's time, and may be negative."},
    {OUTPUT, .name = "rotate-dir", TAKES("<directory>"), TEXT(rotate_dir),
     .help = "move rotated files there",
     .manual = "The directory into which --rotate and --rotate-size move files, such as "
               "/var/log/masscan; without it they stay beside the output file. It may be on "
               "another file system: files are copied then, and appear there when they are whole. "
               "It has no effect without one of the two."},
    {OUTPUT, .name = "rotate-size", TAKES("<bytes>"), .set = set_bytes, .echo = echo_u64,
     FIELD(rotate_size), .standard = "0", .most = (uint64_t)1 << 62,
     .help = "begin a new output file after this size",
     .manual = "Rotates an output file, as --rotate does, when a result has made it reach this "
               "size: a number of bytes, or such as 100k, 10m, 2g (1024 bytes, and so on); 0 is "
               "never. Works for --readscan too."},
    {OUTPUT, .name = "stylesheet", TAKES("<address>"), TEXT(stylesheet),
     .help = "the style sheet that XML output names",
     .manual = "The address of the style sheet that XML output names, so that a browser shows it "
               "as a page."},
    {OUTPUT, .name = "webxml", .argument = ARGUMENT_OPTIONAL, .set = set_webxml,
     .help = "name nmap's style sheet in XML output",
     .manual = "The same as --stylesheet https://svn.nmap.org/nmap/docs/nmap.xsl."},
    {OUTPUT, .name = "no-stylesheet", .argument = ARGUMENT_OPTIONAL, .set = set_no_stylesheet,
     .help = "name no style sheet in XML output (as without)",
     .manual = "Names no style sheet in XML output: takes --stylesheet and --webxml back."},
    {OUTPUT, .name = "redis", TAKES("<address>"), .set = set_output, .words = "redis",
     .flags = OPTION_REPEAT, .help = "store results in a Redis server",
     .manual = "Stores results in the Redis server at this IP address, on port 6379 unless another "
               "follows behind a colon, beside whatever other outputs there are. A lost "
               "connection is made again, and nothing is taken for stored that the server did not "
               "acknowledge."},
    {OUTPUT, .name = "redis-pwd", TAKES("<password>"), .set = set_text, FIELD(redis_password),
     .flags = OPTION_SECRET, .help = "the Redis server's password",
     .manual = "The password for the server of --redis. It is not kept in paused.conf: give it "
               "again with --resume. In a config file it is hidden from other users, who can see "
               "the command lines of all programs."},
    {OUTPUT, .name = "pcap-filename", .aliases = "pcap", TAKES("<file>"), TEXT(pcap),
     .help = "save received packets to a capture file",
     .manual = "Saves all packets that the scan receives, but not those it sends, to a file in the "
               "form of libpcap, which tcpdump and its kind read; - is standard output. The times, "
               "in microseconds, are when the scanner took the packets from the kernel. A file "
               "that is there already is kept under another name, or gone on with by "
               "--append-output and --resume. Packets that come faster than they can be written "
               "are not saved, which is counted and said at the end."},
    {OUTPUT, .name = "summary", TAKES("<file>"), TEXT(summary),
     .help = "at the end, write what came of the scan as JSON",
     .manual = "Writes a JSON object to a file when the scan has ended, also if it was interrupted "
               "or has failed: what was sent, answered, found, refused and lost, an estimate of "
               "the share of probes that were lost (with --retries), the settings in the form of "
               "--echo, the seed, versions and times. It appears whole or not at all; an older "
               "file of that name is kept under another one. With --infinite it tells of the last "
               "round."},
    {OUTPUT, .name = "packet-trace", .aliases = "trace-packet", FLAG(packet_trace),
     .help = "print a line for each packet",
     .manual = "Prints a line for each packet that is sent or received to standard error: SENT or "
               "RCVD, the seconds since the start, the protocol, source and destination, and what "
               "the packet says. At more than a few packets per second it is too much to read; "
               "the scan then becomes as slow as the lines are printed. With --offline it shows "
               "what would be sent."},

    /* operations */
    {OPERATION, .name = "sL", .shorts = "sL", ACTION(ACTION_LIST),
     .help = "list the addresses in their order, do not scan",
     .manual = "Prints the addresses of the scan in the order in which they would be probed, "
               "instead of scanning, for use by other programs. --shard, --resume-index and "
               "--resume-count work as in a scan. Without ports it lists each address once."},
    {OPERATION, .name = "readrange", .aliases = "readranges", ACTION(ACTION_READRANGE),
     .help = "print the targets as ranges, do not scan",
     .manual = "Reads all targets and excludes, and prints what is left of them as ranges, sorted "
               "and one a line, instead of scanning."},
    {OPERATION, .name = "echo", ACTION(ACTION_ECHO), .help = "print the configuration, do not scan",
     .manual = "Prints all that was asked for in the form of a config file, instead of scanning. "
               "The text can be used with --conf."},
    {OPERATION, .name = "echo-all", ECHO_WITH(echo_all),
     .help = "print the configuration with all defaults",
     .manual = "Prints the configuration as --echo does, with all values that are defaults, and "
               "as comments what has no value."},
    {OPERATION, .name = "echo-cidr", ECHO_WITH(echo_cidr),
     .help = "print the configuration with CIDR blocks",
     .manual = "Prints the configuration as --echo does, with all ranges of targets and excludes "
               "cut into CIDR blocks."},
    {OPERATION, .name = "iflist", .shorts = "W", ACTION(ACTION_IFLIST),
     .help = "list the network interfaces",
     .manual = "Lists the network interfaces with their addresses, the routes, the router as far "
               "as the kernel knows its hardware address, and the interface and means of sending "
               "that a scan with the same --adapter and --packet-io would use, and exits. To find "
               "that out the means are opened for a moment, as a scan does it, and closed again; "
               "nothing is sent. Without the right to do so that is said instead."},
    {OPERATION, .name = "readscan", .argument = ARGUMENT_MANY, .placeholder = "<files>",
     .set = set_readscan, .flags = OPTION_COMMAND_LINE | OPTION_EARLY | OPTION_REPEAT,
     .help = "read binary results and write them in another format",
     .manual =
         "Reads files that -oB wrote, here or with older versions, and writes their results "
         "to the outputs that are given, or prints them to the console. All words up to the "
         "next option are names of files; - is standard input, and one with *, ? or [ that "
         "is no file's name stands for all files that match it. A file named twice is read "
         "once. Addresses (in front of --readscan, or behind --range), --exclude, --ports, "
         "--exclude-ports, --show and --banner-types choose among the results. Of a file that "
         "is torn all whole records are read. The system's config file is not."},
    {OPERATION, .name = "sort", TAKES("<field>"), .set = set_choice, FIELD(sort),
     .words = "address port time", .flags = OPTION_COMMAND_LINE,
     .help = "with --readscan: by address, port or time",
     .manual = "With --readscan, puts results in the order of their address, their port (by "
               "protocol, then number), or their time; without it they stay as they were. Any "
               "number is sorted within 160 MiB of memory, and 64 KiB more for every 2 million: "
               "what does not fit goes to a temporary file in the directory that the environment "
               "variable TMPDIR names, or /var/tmp, about 40 bytes for a result, and its banner."},
    {OPERATION, .name = "merge", .aliases = "unique", .argument = ARGUMENT_OPTIONAL,
     .set = set_flag, FIELD(merge), .flags = OPTION_COMMAND_LINE,
     .help = "with --readscan: what says the same only once",
     .manual = "With --readscan, gives out one result where several have the same address, "
               "protocol and port, and the same state or banner: the earliest. So files of several "
               "runs become one. Results come by address, unless --sort says otherwise. It takes "
               "as much memory as --sort does, and with --sort time at most 256 MiB."},
    {OPERATION, .name = "regress", .aliases = "selftest", ACTION(ACTION_REGRESS),
     .help = "test that the program works",
     .manual = "Tests that the program works on this machine; it exits with 0 if all is well and "
               "1 if not."},
    {OPERATION, .name = "benchmark", ACTION(ACTION_BENCHMARK),
     .help = "measure how fast parts of the program work",
     .manual = "Measures how fast the parts of the program work on this machine, and exits: "
               "making probes, with each set of instructions that the processor has, judging "
               "replies, and writing results. It takes a few seconds of one processor; nothing is "
               "sent. GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX512F (or -AVX2) makes a scan do without "
               "the newer instructions."},
    {OPERATION, .name = "nmap", ACTION(ACTION_NMAP),
     .help = "tell what to use instead of nmap's options",
     .manual = "Prints which options of nmap are taken, and what to use instead of the others."},
    {OPERATION, .name = "version", .shorts = "V", ACTION(ACTION_VERSION),
     .help = "print the version",
     .manual = "Prints the version and how the program was built, and exits."},
    {OPERATION, .name = "help", .shorts = "h ?", ACTION(ACTION_HELP), .help = "print this list",
     .manual = "Prints a list of all options, and exits."},
    {OPERATION, .name = "verbose", .aliases = "debug", .shorts = "v d",
     .argument = ARGUMENT_OPTIONAL, .set = set_verbose, .flags = OPTION_REPEAT,
     .help = "tell more; again for still more",
     .manual = "Tells more on standard error of what is done. Each time it is given it adds "
               "detail."},
};

const unsigned option_count = sizeof option_table / sizeof *option_table;
