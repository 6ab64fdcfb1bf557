/* UDP payloads from a capture file.
 *
 * A capture may hold any number of packets, but only one payload for each port is kept while it is
 * read. */
#include "probe/payload_pcap.h"

#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#include "probe/payload_frame.h"

/* The last datagram that was seen for a port; no bytes: none. */
struct seen {
    uint8_t *bytes;
    uint16_t length, room;
};

struct gathering {
    pcap_t *capture;
    uint64_t packet;               /* the number of the one being read */
    size_t count;                  /* ports that have one */
    uint16_t ports[PAYLOAD_PORTS]; /* these, as they came */
    struct seen of_port[PAYLOAD_PORTS];
};

static int check_link(pcap_t *capture, struct error *err)
{
    int link = pcap_datalink(capture);
    const char *name = pcap_datalink_val_to_name(link);
    if (payload_frame_knows(link))
        return 0;
    if (name == NULL)
        return error_set(err,
                         "packets of link type %d cannot be read (want a capture of Ethernet, "
                         "IP, or another usual kind)",
                         link);
    return error_set(err,
                     "packets of link type %s cannot be read (want a capture of Ethernet, IP, "
                     "or another usual kind)",
                     name);
}

static int keep(struct gathering *gathering, const struct payload_datagram *datagram,
                struct error *err)
{
    struct seen *seen = &gathering->of_port[datagram->port];
    if (datagram->length > PAYLOAD_MAX)
        return error_set(err, "a payload of %zu bytes for port %u; at most %d can be sent",
                         datagram->length, datagram->port, PAYLOAD_MAX);
    if (seen->bytes == NULL || seen->room < datagram->length) {
        uint8_t *bytes = realloc(seen->bytes, datagram->length + 1);
        if (bytes == NULL)
            return error_set(err, "out of memory for UDP payloads");
        if (seen->bytes == NULL)
            gathering->ports[gathering->count++] = datagram->port;
        seen->bytes = bytes;
        seen->room = (uint16_t)datagram->length;
    }
    memcpy(seen->bytes, datagram->bytes, datagram->length);
    seen->length = (uint16_t)datagram->length;
    return 0;
}

static int take_packet(struct gathering *gathering, const struct pcap_pkthdr *header,
                       const uint8_t *frame, struct error *err)
{
    struct payload_datagram datagram;
    switch (
        payload_frame_find(pcap_datalink(gathering->capture), frame, header->caplen, &datagram)) {
    case PAYLOAD_FRAME_UDP:
        return keep(gathering, &datagram, err);
    case PAYLOAD_FRAME_CUT:
        return error_set(err,
                         "only a part of this UDP datagram was captured, %u of %u bytes (want "
                         "a capture of whole packets, as tcpdump -s 0 makes it)",
                         header->caplen, header->len);
    case PAYLOAD_FRAME_OTHER:
        break;
    }
    return 0;
}

static int gather(struct gathering *gathering, struct error *err)
{
    struct pcap_pkthdr *header;
    const uint8_t *frame;
    int got;
    while ((got = pcap_next_ex(gathering->capture, &header, &frame)) == 1) {
        gathering->packet++;
        if (take_packet(gathering, header, frame, err) < 0)
            return error_context(err, "packet %llu", (unsigned long long)gathering->packet);
    }
    if (got == PCAP_ERROR)
        return error_set(err, "behind packet %llu: %s", (unsigned long long)gathering->packet,
                         pcap_geterr(gathering->capture));
    return gathering->count > 0 ? 0 : error_set(err, "there is no UDP datagram in it");
}

static int put_all(const struct gathering *gathering, struct payload_set *set, struct error *err)
{
    for (size_t i = 0; i < gathering->count; i++) {
        uint16_t port = gathering->ports[i];
        const struct seen *seen = &gathering->of_port[port];
        if (payload_set_put(set, port, port, seen->bytes, seen->length, err) < 0)
            return -1;
    }
    return 0;
}

static int load(struct gathering *gathering, struct payload_set *set, const char *path,
                struct error *err)
{
    char reason[PCAP_ERRBUF_SIZE] = "";
    gathering->capture = pcap_open_offline(path, reason);
    if (gathering->capture == NULL)
        return error_set(err, "it cannot be read: %s", reason);
    int result = check_link(gathering->capture, err);
    if (result == 0)
        result = gather(gathering, err);
    if (result == 0)
        result = put_all(gathering, set, err);
    pcap_close(gathering->capture);
    return result;
}

int payload_pcap_load(struct payload_set *set, const char *path, struct error *err)
{
    struct gathering *gathering = calloc(1, sizeof *gathering);
    if (gathering == NULL)
        return error_set(err, "out of memory for UDP payloads");
    int result = load(gathering, set, path, err);
    for (size_t i = 0; i < gathering->count; i++)
        free(gathering->of_port[gathering->ports[i]].bytes);
    free(gathering);
    return result < 0 ? error_context(err, "'%s'", path) : 0;
}
