/* SUN RPC: the programs that a port mapper lists (RFC 1833, 3), and the versions that a program
 * offers where it was called with one that it has not (RFC 5531, 9). */
#include "banner/datagrams.h"

enum { REPLY = 1, PROGRAMS_MAX = 64, TCP = 6, UDP = 17 };

static const struct {
    uint32_t number;
    const char *name;
} programs[] = {
    {100000, "portmapper"}, {100001, "rstatd"},   {100002, "rusersd"}, {100003, "nfs"},
    {100004, "ypserv"},     {100005, "mountd"},   {100007, "ypbind"},  {100008, "walld"},
    {100011, "rquotad"},    {100021, "nlockmgr"}, {100024, "status"},  {100068, "cmsd"},
    {100083, "ttdbserver"}, {100227, "nfs_acl"},  {150001, "pcnfsd"},
};

static void add_program(struct text *text, uint32_t number)
{
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        if (programs[i].number == number) {
            text_string(text, programs[i].name);
            return;
        }
    }
    text_number(text, number);
}

/* "name/version/protocol:port" */
static void read_programs(struct reader *reader, struct text *text)
{
    for (unsigned i = 0; i < PROGRAMS_MAX && reader_be32(reader) == 1; i++) {
        uint32_t number = reader_be32(reader), version = reader_be32(reader);
        uint32_t protocol = reader_be32(reader), port = reader_be32(reader);
        if (reader->failed)
            return;
        text_blank(text);
        add_program(text, number);
        text_string(text, "/");
        text_number(text, version);
        text_string(text, protocol == TCP ? "/tcp:" : protocol == UDP ? "/udp:" : "/?:");
        text_number(text, port);
    }
}

static void read_accepted(struct reader *reader, struct text *text)
{
    enum { SUCCESS, MISMATCH = 2 };
    reader_skip(reader, 4); /* the kind of verifier */
    uint32_t length = reader_be32(reader);
    reader_skip(reader, length);
    uint32_t status = reader_be32(reader);
    if (reader->failed)
        return;
    if (status == SUCCESS)
        read_programs(reader, text);
    else
        text_named_number(text, "status", status);
    if (status != MISMATCH)
        return;
    uint32_t low = reader_be32(reader), high = reader_be32(reader);
    if (reader->failed)
        return;
    text_named_number(text, "low", low);
    text_named_number(text, "high", high);
}

static bool understand(struct reader *datagram, struct banner_talk *talk)
{
    struct text text = {0};
    reader_skip(datagram, 4); /* transaction */
    uint32_t direction = reader_be32(datagram), denied = reader_be32(datagram);
    if (datagram->failed || direction != REPLY || denied > 1)
        return false;
    if (denied)
        text_named_number(&text, "denied", reader_be32(datagram));
    else
        read_accepted(datagram, &text);
    return datagram_tell(talk, APP_RPC, &text);
}

const struct datagram_ops datagram_rpc = {
    .name = "rpc",
    .source = "RFC 1833, RFC 5531",
    .app = APP_RPC,
    .ports = {111, 2049},
    .only_if_asked = true,
    .understand = understand,
};
