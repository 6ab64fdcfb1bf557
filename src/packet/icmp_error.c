/* The errors that ICMP and ICMPv6 report (RFC 792, 1122, 1812; RFC 4443). */
#include "packet/icmp_error.h"

#include <assert.h>
#include <stddef.h>

enum kind {
    NET_UNREACHABLE,
    HOST_UNREACHABLE,
    PROTOCOL_UNREACHABLE,
    PORT_UNREACHABLE,
    FRAGMENTATION_NEEDED,
    SOURCE_ROUTE_FAILED,
    NET_UNKNOWN,
    HOST_UNKNOWN,
    NET_PROHIBITED,
    HOST_PROHIBITED,
    ADMIN_PROHIBITED,
    SOURCE_QUENCH,
    REDIRECT,
    TIME_EXCEEDED,
    PARAMETER_PROBLEM,
    PACKET_TOO_BIG,
    OTHER,
    KINDS,
};

static_assert(KINDS == (enum kind)ICMP_ERROR_KINDS, "as the header says");

static const char *const names[KINDS] = {
    [NET_UNREACHABLE] = "net-unreachable",
    [HOST_UNREACHABLE] = "host-unreachable",
    [PROTOCOL_UNREACHABLE] = "protocol-unreachable",
    [PORT_UNREACHABLE] = "port-unreachable",
    [FRAGMENTATION_NEEDED] = "fragmentation-needed",
    [SOURCE_ROUTE_FAILED] = "source-route-failed",
    [NET_UNKNOWN] = "net-unknown",
    [HOST_UNKNOWN] = "host-unknown",
    [NET_PROHIBITED] = "net-prohibited",
    [HOST_PROHIBITED] = "host-prohibited",
    [ADMIN_PROHIBITED] = "admin-prohibited",
    [SOURCE_QUENCH] = "source-quench",
    [REDIRECT] = "redirect",
    [TIME_EXCEEDED] = "time-exceeded",
    [PARAMETER_PROBLEM] = "parameter-problem",
    [PACKET_TOO_BIG] = "packet-too-big",
    [OTHER] = "other",
};

enum { ANY = -1 };

static const struct {
    uint8_t version, type;
    int16_t code;
    enum kind kind;
} errors[] = {
    {4, 3, 0, NET_UNREACHABLE},   {4, 3, 1, HOST_UNREACHABLE},     {4, 3, 2, PROTOCOL_UNREACHABLE},
    {4, 3, 3, PORT_UNREACHABLE},  {4, 3, 4, FRAGMENTATION_NEEDED}, {4, 3, 5, SOURCE_ROUTE_FAILED},
    {4, 3, 6, NET_UNKNOWN},       {4, 3, 7, HOST_UNKNOWN},         {4, 3, 9, NET_PROHIBITED},
    {4, 3, 10, HOST_PROHIBITED},  {4, 3, 11, NET_UNREACHABLE}, /* for the type of service */
    {4, 3, 12, HOST_UNREACHABLE}, {4, 3, 13, ADMIN_PROHIBITED},    {4, 4, ANY, SOURCE_QUENCH},
    {4, 5, ANY, REDIRECT},        {4, 11, ANY, TIME_EXCEEDED},     {4, 12, ANY, PARAMETER_PROBLEM},
    {6, 1, 0, NET_UNREACHABLE}, /* no route */
    {6, 1, 1, ADMIN_PROHIBITED},  {6, 1, 3, HOST_UNREACHABLE},     {6, 1, 4, PORT_UNREACHABLE},
    {6, 1, 5, ADMIN_PROHIBITED}, /* by the source address */
    {6, 1, 6, NET_UNREACHABLE},  /* the route rejects */
    {6, 2, ANY, PACKET_TOO_BIG},  {6, 3, ANY, TIME_EXCEEDED},      {6, 4, ANY, PARAMETER_PROBLEM},
};

unsigned icmp_error_kind(uint8_t version, uint8_t type, uint8_t code)
{
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (errors[i].version == version && errors[i].type == type &&
            (errors[i].code == code || errors[i].code == ANY))
            return errors[i].kind;
    return OTHER;
}

const char *icmp_error_name(unsigned kind)
{
    return names[kind < KINDS ? kind : OTHER];
}
