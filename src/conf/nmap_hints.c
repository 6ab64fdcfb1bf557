/* nmap's options: those that are refused, each with what to use instead, and those that work. */
#include <string.h>

#include "conf/help.h"
#include "conf/option.h"

static const char ping_hint[] = "hosts are not asked first whether they are up; --ping adds an "
                                "ICMP echo request to the scan";
static const char names_hint[] = "names are never resolved; give addresses";
static const char rate_hint[] = "use --rate N (packets a second) to say how fast";
static const char syn_hint[] = "a SYN scan is done; it needs no option";
static const char wait_hint[] = "use --wait N (seconds) to say how long replies are waited for";
static const char banner_hint[] = "use --banners to learn what answers on a port";
static const char privilege_hint[] = "raw packets are always sent, so run it as root or with "
                                     "CAP_NET_RAW";
static const char ip_hint[] = "of the IP header, --ttl and --adapter-ip can be set";

const struct nmap_hint nmap_hints[] = {
    {"-A", banner_hint},
    {"-b", "there is no bounce scan; use --adapter-ip to set the source address"},
    {"-f", "packets are never fragmented; leave it out"},
    {"-F", "use --top-ports 100 to scan common ports only"},
    {"-O", banner_hint},
    {"-r", "the order is always random; use --seed N to repeat one"},
    {"-R", names_hint},
    {"-T*", rate_hint},
    {"-P*", ping_hint},
    {"-sA", syn_hint},
    {"-sC", banner_hint},
    {"-sF", syn_hint},
    {"-sI", syn_hint},
    {"-sM", syn_hint},
    {"-sN", syn_hint},
    {"-sW", syn_hint},
    {"-sX", syn_hint},
    {"-sn", "use --ping without -p to find hosts that are up"},
    {"-sV", banner_hint},
    {"-oN", "use -oL FILE for plain lines"},
    {"-oS", "use -oL FILE for plain lines"},
    {"--dns-servers", names_hint},
    {"--system-dns", names_hint},
    {"--host-timeout", wait_hint},
    {"--ip-options", ip_hint},
    {"--log-errors", "errors always go to standard error, which can be redirected"},
    {"--min-hostgroup", rate_hint},
    {"--max-hostgroup", rate_hint},
    {"--min-parallelism", rate_hint},
    {"--max-parallelism", rate_hint},
    {"--initial-rtt-timeout", wait_hint},
    {"--min-rtt-timeout", wait_hint},
    {"--max-rtt-timeout", wait_hint},
    {"--mtu", "packets are never fragmented; leave it out"},
    {"--osscan*", banner_hint},
    {"--privileged", privilege_hint},
    {"--unprivileged", privilege_hint},
    {"--port-ratio", "use --top-ports N to scan common ports only"},
    {"--scan-delay", rate_hint},
    {"--max-scan-delay", rate_hint},
    {"--scanflags", syn_hint},
    {"--send-ip", "frames are always built from the Ethernet header on; use --adapter to say where "
                  "they leave"},
    {"--traceroute", "use --ttl N to let probes end on the way"},
    {"--versiondb", "use --nmap-service-probes FILE to say what is said to open ports"},
    {"--version-*", banner_hint},
};

/* Options of nmap that have a row in the option table. */
const char *const nmap_taken[] = {
    "-iL",
    "-iR",
    "--exclude",
    "--excludefile",
    "-p",
    "--top-ports",
    "--exclude-ports",
    "-sS",
    "-sT",
    "-sU",
    "-sY",
    "-sZ",
    "-sO",
    "-sL",
    "-Pn",
    "-n",
    "-6",
    "--ttl",
    "-S",
    "-e",
    "-g",
    "--source-port",
    "--spoof-mac",
    "--max-retries",
    "--min-rate",
    "--max-rate",
    "--randomize-hosts",
    "--send-eth",
    "-oA",
    "-oX",
    "-oG",
    "--append-output",
    "--open",
    "--resume",
    "--stylesheet",
    "--webxml",
    "--no-stylesheet",
    "--packet-trace",
    "--iflist",
    "-v",
    "-d",
    "-V",
    "-h",
};

const unsigned nmap_hint_count = sizeof nmap_hints / sizeof *nmap_hints;
const unsigned nmap_taken_count = sizeof nmap_taken / sizeof *nmap_taken;

/* What only other scanners do. */
static const char *const vulnerability_checks[] = {
    "--heartbleed",
    "--ticketbleed",
    "--vuln*",
    "--script*",
};

/* Short flags are told apart by case; of long names, case and inner dashes do not count. */
static bool spell(char name[OPTION_NAME_SIZE + 2], const char *dashes, const char *text,
                  size_t length)
{
    if (strcmp(dashes, "-") != 0) {
        memcpy(name, "--", 2);
        return option_normalise(name + 2, text, length);
    }
    if (length >= OPTION_NAME_SIZE)
        return false;
    name[0] = '-';
    memcpy(name + 1, text, length);
    name[length + 1] = '\0';
    return true;
}

static size_t dashes_of(const char *name)
{
    return name[1] == '-' ? 2 : 1;
}

static bool matches(const char *pattern, const char *name)
{
    char wanted[OPTION_NAME_SIZE + 2];
    size_t dashes = dashes_of(pattern);
    spell(wanted, dashes == 2 ? "--" : "-", pattern + dashes, strlen(pattern + dashes));
    size_t length = strlen(wanted);
    if (wanted[length - 1] == '*')
        return strncmp(wanted, name, length - 1) == 0;
    return strcmp(wanted, name) == 0;
}

const char *option_nmap_hint(const char *dashes, const char *text, size_t length)
{
    char name[OPTION_NAME_SIZE + 2];
    if (!spell(name, dashes, text, length))
        return NULL;
    for (unsigned i = 0; i < nmap_hint_count; i++)
        if (matches(nmap_hints[i].name, name))
            return nmap_hints[i].hint;
    return NULL;
}

bool option_checks_vulnerabilities(const char *dashes, const char *text, size_t length)
{
    char name[OPTION_NAME_SIZE + 2];
    if (!spell(name, dashes, text, length))
        return false;
    for (size_t i = 0; i < sizeof vulnerability_checks / sizeof *vulnerability_checks; i++)
        if (matches(vulnerability_checks[i], name))
            return true;
    return false;
}

/* ---- --nmap ---- */

const struct option *option_find_dashed(const char *text)
{
    size_t dashes = dashes_of(text), length = strlen(text + dashes);
    return dashes == 2 ? option_find(text + 2, length) : option_find_exact_short(text + 1, length);
}

void conf_nmap(struct buffer *out)
{
    buffer_text(out, "Options of nmap that are taken here, too:\n\n");
    for (unsigned i = 0; i < nmap_taken_count; i++)
        help_row(out, nmap_taken[i], option_find_dashed(nmap_taken[i])->help);
    buffer_text(out, "\nOptions of nmap that are refused, and what to use instead:\n\n");
    for (unsigned i = 0; i < nmap_hint_count; i++)
        help_row(out, nmap_hints[i].name, nmap_hints[i].hint);
}
