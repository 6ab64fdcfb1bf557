"""Every probe over a link: what is found, and that nothing else leaves by it."""

import re

from lab import sniffed
from link_kinds import LINKS, laid
from tap import case, check, equal
from wire import FAR, FAR6, NEAR, NEAR6, check_found, destinations, scanned

# near's address, the targets, which of them answers, and what there is to be seen of them
FAMILIES = {"IPv4": (NEAR, [f"10.31.0.{n}" for n in range(8, 12)], FAR, "(ip and not igmp)"),
            "IPv6": (NEAR6, [f"fd31::{n:x}" for n in range(8, 12)], FAR6,
                     "(ip6 and (tcp or udp or ip6[6]==132 or (icmp6 and ip6[40]==128)))")}


def every_probe_over(kind, link, transport, families):
    asked = [FAMILIES[family] for family in families]
    targets = [target for _, targets, _, _ in asked for target in targets]

    def over():
        wire = laid(kind)
        with sniffed(wire, "far", link.far, " or ".join(seen for _, _, _, seen in asked)) as lines:
            got, said = scanned(wire, ",".join(targets), "--adapter", link.near, "--packet-io", transport,
                                *link.options)
        check_found(got, [far for _, _, far, _ in asked])
        for near, its, far, _ in asked:
            equal(destinations(lines, near), {far} if link.ethernet else set(its), "packets went to")
        silent = re.findall(r"(\d+) did not$" if link.ethernet else r"(\d+) probes sent", said, re.M)
        equal(sum(map(int, silent)), len(asked) * (3 if link.ethernet else 24), said)
    over.__doc__ = f"{kind}, {' and '.join(families)}, {transport}: TCP, UDP, ICMP, SCTP and banners, and no packet " \
                   "to others"
    return over


def refused_over(kind, link, transport):
    def over():
        said = laid(kind).scan(FAR, "-p80", "--adapter", link.near, "--packet-io", transport, status=6)
        check("use --packet-io af_packet" in said and said.count("\n") == 1, said)
    over.__doc__ = f"{kind}, {transport}: refused in one line, which says what to use"
    return over


def cases_of_links(needs_module):
    """A case for each way over each link of the table that takes a module, or does not; both families in one scan
    where that saves time."""
    for kind, link in LINKS.items():
        if link.needs_module == needs_module:
            for transport in link.transports:
                for families in [link.families] if needs_module else [[family] for family in link.families]:
                    case(every_probe_over(kind, link, transport, families))
            for transport in link.refused:
                case(refused_over(kind, link, transport))
