/* nmap options that are refused, each with what to use instead. */
#include <string.h>

#include "conf/option.h"

struct nmap_hint {
    const char *name; /* with its dashes; a `*` at the end stands for anything */
    const char *hint;
};

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

static const struct nmap_hint hints[] = {
    {"-A", banner_hint},
    {"-b", "there is no bounce scan; use --adapter-ip to set the source address"},
    {"-f", "packets are never fragmented; leave it out"},
    {"-F", "use -p to name the ports, such as -p 22,80,443"},
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
    {"-oA", "use -oX, -oG and -oL together, each with a file name"},
    {"-oN", "use -oL FILE for plain lines"},
    {"-oS", "use -oL FILE for plain lines"},
    {"--dnsservers", names_hint},
    {"--systemdns", names_hint},
    {"--hosttimeout", wait_hint},
    {"--ipoptions", ip_hint},
    {"--logerrors", "errors always go to standard error, which can be redirected"},
    {"--minhostgroup", rate_hint},
    {"--maxhostgroup", rate_hint},
    {"--minparallelism", rate_hint},
    {"--maxparallelism", rate_hint},
    {"--initialrtttimeout", wait_hint},
    {"--minrtttimeout", wait_hint},
    {"--maxrtttimeout", wait_hint},
    {"--mtu", "packets are never fragmented; leave it out"},
    {"--osscan*", banner_hint},
    {"--privileged", privilege_hint},
    {"--unprivileged", privilege_hint},
    {"--portratio", "use -p to name the ports"},
    {"--scandelay", rate_hint},
    {"--maxscandelay", rate_hint},
    {"--scanflags", syn_hint},
    {"--sendip", "frames are always built from the Ethernet header on; use --adapter to say where "
                 "they leave"},
    {"--traceroute", "use --ttl N to let probes end on the way"},
    {"--version*", banner_hint},
};

static bool matches(const char *pattern, const char *name)
{
    size_t length = strlen(pattern);
    if (pattern[length - 1] == '*')
        return strncmp(pattern, name, length - 1) == 0;
    return strcmp(pattern, name) == 0;
}

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

const char *option_nmap_hint(const char *dashes, const char *text, size_t length)
{
    char name[OPTION_NAME_SIZE + 2];
    if (!spell(name, dashes, text, length))
        return NULL;
    for (size_t i = 0; i < sizeof hints / sizeof *hints; i++)
        if (matches(hints[i].name, name))
            return hints[i].hint;
    return NULL;
}
