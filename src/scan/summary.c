/* The end of a scan in a few lines. */
#include "base/buffer.h"
#include "base/clock.h"
#include "scan/scan.h"

/* A number with its thousands apart: 1,234,567. */
static void grouped(struct buffer *out, uint64_t number)
{
    if (number >= 1000) {
        grouped(out, number / 1000);
        buffer_printf(out, ",%03u", (unsigned)(number % 1000));
    } else {
        buffer_decimal(out, number);
    }
}

static void item(struct buffer *out, uint64_t number, const char *words)
{
    grouped(out, number);
    buffer_char(out, ' ');
    buffer_text(out, words);
}

/* Things that should not happen are named only when they did. */
static void exception(struct buffer *out, uint64_t number, const char *words)
{
    if (number == 0)
        return;
    buffer_text(out, "  ");
    item(out, number, words);
    buffer_char(out, '\n');
}

/* Of several, what each had of it. */
static void adapters(struct buffer *out, const struct scan_summary *summary)
{
    for (unsigned i = 0; i < summary->adapter_count && summary->adapter_count > 1; i++) {
        const struct scan_adapter *adapter = &summary->adapters[i];
        buffer_printf(out, "  [%u] %s: ", i, adapter->name);
        item(out, adapter->probes, "probes, ");
        item(out, adapter->replies, "replies\n");
    }
}

static void conversations(struct buffer *out, const struct scan_conversations *sum)
{
    if (sum->opened == 0)
        return;
    buffer_text(out, "  ");
    item(out, sum->opened, "conversations: ");
    item(out, sum->answered, "with a banner, ");
    item(out, sum->mute, "without; ");
    item(out, sum->fields, "fields; ");
    item(out, sum->reset, "connections reset by servers, ");
    item(out, sum->timed_out, "timed out; ");
    item(out, sum->retransmitted, "segments sent again\n");
    exception(out, sum->lost_fields, "fields LOST: they came faster than they could be written");
    exception(out, sum->starved, "conversations cut short: no memory for so many at once");
    exception(out, sum->turned_away,
              "answers left to be repeated: more than --max-connections at once");
}

/* "  ICMP errors about probes: host-unreachable 12, time-exceeded 1" */
static void icmp_errors(struct buffer *out, const struct scan_summary *summary)
{
    const char *between = "  ICMP errors about probes: ";
    for (unsigned kind = 0; kind < ICMP_ERROR_KINDS; kind++) {
        if (summary->icmp_errors[kind] == 0)
            continue;
        buffer_printf(out, "%s%s ", between, icmp_error_name(kind));
        grouped(out, summary->icmp_errors[kind]);
        between = ", ";
    }
    if (*between == ',')
        buffer_char(out, '\n');
}

/* Each sign with its hosts; a host may have several. */
static void suspects(struct buffer *out, const struct suspect_counts *counts)
{
    if (counts->hosts == 0)
        return;
    buffer_text(out, "  ");
    item(out, counts->hosts, "SUSPECT hosts, whose open ports may be nobody's:");
    const char *separator = " ";
    for (enum suspect_sign sign = SUSPECT_NONE + 1; sign < SUSPECT_SIGNS; sign++) {
        if (counts->signs[sign] == 0)
            continue;
        buffer_text(out, separator);
        item(out, counts->signs[sign], suspects_name(sign));
        separator = ", ";
    }
    buffer_char(out, '\n');
}

static void estimate(struct buffer *out, const struct loss *loss)
{
    if (loss->unknown == NULL)
        buffer_printf(
            out,
            "  estimated loss: %.2g %% of probes or their answers (%.2g to %.2g), %.2g %% "
            "of pairs never heard of\n",
            100 * loss->probes.estimate, 100 * loss->probes.least, 100 * loss->probes.most,
            100 * loss->pairs.estimate);
}

uint64_t scan_summary_lost(const struct scan_summary *summary)
{
    return summary->drops.ring + summary->drops.socket + summary->drops.interface_tx +
           summary->conversations.lost_fields + summary->seen.unsaved;
}

void scan_summary_text(const struct scan_summary *summary, struct buffer *out)
{
    double seconds = (double)summary->elapsed_ns / (double)NS_PER_SECOND;
    buffer_text(out, summary->interrupted ? "Scan interrupted: " : "Scan done: ");
    item(out, summary->probes, "probes sent in ");
    buffer_printf(out, "%.2f seconds", seconds);
    if (seconds > 0)
        buffer_printf(out, " (%.1f packets/second)", (double)summary->packets_sending / seconds);
    buffer_text(out, "\n  ");
    item(out, summary->replies, "replies, ");
    item(out, summary->open, summary->up > 0 ? "hosts up, " : "open ports, ");
    item(out, summary->closed, "closed ports, ");
    item(out, summary->duplicates, "duplicates\n");
    adapters(out, summary);
    conversations(out, &summary->conversations);
    estimate(out, &summary->loss);
    suspects(out, &summary->suspects);
    exception(out, summary->unreachable,
              "probes not sent: their hosts did not answer ARP or Neighbour Discovery");
    exception(out, summary->wayless,
              "packets dropped by the interface: it knows no peer for their addresses");
    icmp_errors(out, summary);
    exception(out, summary->forged, "replies dropped: their cookie is wrong");
    exception(out, summary->undecodable, "frames dropped: truncated, malformed or fragmented");
    exception(out, summary->drops.ring,
              "replies LOST: they came faster than this machine took them");
    exception(out, summary->drops.socket, "replies LOST: the socket had no use for them");
    exception(out, summary->drops.interface_tx,
              "packets LOST at the interface: the rate is too high for it");
    exception(out, summary->drops.interface_rx,
              "arriving frames, of whatever kind, dropped by the interface");
    exception(out, summary->seen.unsaved,
              "received packets NOT SAVED: they came faster than they could be written");
    exception(out, summary->seen.untraced,
              "packets not traced: they came faster than lines could be printed");
    exception(out, summary->unsent, "answers held back to keep to the rate");
    exception(out, summary->dedup_forgotten,
              "results forgotten: duplicates of them may be reported");
    exception(out, scan_summary_lost(summary),
              "packets or results LOST by this machine: there may be more to find");
}
