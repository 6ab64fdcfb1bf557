/* RTSP and SIP: the reply to OPTIONS, whose status line and header fields end with an empty line
 * (RFC 7826, 20; RFC 3261, 7). */
#include "banner/datagrams.h"
#include "banner/dialogue.h"
#include "banner/protocols.h"

DIALOGUE_FUNCTIONS_NAMED(feed_rtsp, end_rtsp, APP_RTSP, dialogue_keep_head)
DIALOGUE_FUNCTIONS_NAMED(feed_sip, end_sip, APP_SIP, dialogue_keep_head)

static bool hello_rtsp(struct banner_talk *talk)
{
    return banner_say_text(talk, "OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n");
}

static enum banner_match match_rtsp(const uint8_t *bytes, size_t length)
{
    return banner_begins(bytes, length, "RTSP/");
}

/* The reply comes back on the connection, so the addresses that RFC 3261, 8.1.1 wants are of names
 * that nobody has (RFC 2606). */
static bool hello_sip(struct banner_talk *talk)
{
    return banner_say_text(talk, "OPTIONS sip:masscan.invalid SIP/2.0\r\n"
                                 "Via: SIP/2.0/TCP masscan.invalid;branch=z9hG4bKmasscan;rport\r\n"
                                 "Max-Forwards: 70\r\n"
                                 "From: <sip:masscan@masscan.invalid>;tag=1\r\n"
                                 "To: <sip:masscan@masscan.invalid>\r\n"
                                 "Call-ID: 1@masscan.invalid\r\n"
                                 "CSeq: 1 OPTIONS\r\n"
                                 "Content-Length: 0\r\n\r\n");
}

static enum banner_match match_sip(const uint8_t *bytes, size_t length)
{
    return banner_begins(bytes, length, "SIP/");
}

const struct banner_ops banner_rtsp = {
    .name = "rtsp",
    .source = "RFC 7826",
    .apps = {APP_RTSP},
    .ports = {554, 8554},
    .state_size = sizeof(struct dialogue),
    .match = match_rtsp,
    .hello = hello_rtsp,
    .feed = feed_rtsp,
    .end = end_rtsp,
};

const struct banner_ops banner_sip = {
    .name = "sip",
    .source = "RFC 3261",
    .apps = {APP_SIP},
    .ports = {5060},
    .state_size = sizeof(struct dialogue),
    .match = match_sip,
    .hello = hello_sip,
    .feed = feed_sip,
    .end = end_sip,
};

static bool read_sip(struct reader *datagram, struct banner_talk *talk)
{
    size_t length = reader_left(datagram);
    if (!text_begins(datagram->at, length, "SIP/2.0 "))
        return false;
    return datagram_tell_bytes(talk, APP_SIP, datagram->at, length);
}

const struct datagram_ops datagram_sip = {
    .name = "sip",
    .source = "RFC 3261",
    .app = APP_SIP,
    .ports = {5060},
    .understand = read_sip,
};
