/* The classes of port text. */
#include "target/port_class.h"

const struct port_class_text port_class_texts[PORT_CLASSES] = {
    [PORT_TCP] = {'T', 65535, "TCP port"},
    [PORT_UDP] = {'U', 65535, "UDP port"},
    [PORT_SCTP] = {'S', 65535, "SCTP port"},
    [PORT_ICMP] = {'I', PORT_ICMP_TIMESTAMP, "ICMP request"},
    [PORT_IP_PROTO] = {'O', 255, "IP protocol"},
    [PORT_ARP] = {'A', 0, "ARP request"},
};

int port_class_of_prefix(char letter)
{
    for (int class = 0; class < PORT_CLASSES; class ++) {
        char prefix = port_class_texts[class].prefix;
        if (letter == prefix || letter == prefix - 'A' + 'a')
            return class;
    }
    return -1;
}
