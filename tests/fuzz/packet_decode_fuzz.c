/* Any bytes may arrive: decoding must stay inside the frame, give the same answer twice, and find
 * its payload inside the frame. The first byte chooses the kind of link.
 *
 * clang -g -O1 -fsanitize=fuzzer,address,undefined -Isrc tests/fuzz/packet_decode_fuzz.c
 *       src/packet/decode.c -o packet_decode_fuzz */
#include "packet/decode.h"

#include <string.h>

#include "fuzz_target.h"

static void check_packet(const struct packet *packet, const uint8_t *frame, size_t length)
{
    if (packet->kind == PACKET_ARP)
        return;
    check(packet->payload >= frame);
    check(packet->payload_length <= length - (size_t)(packet->payload - frame));
    if (packet->kind == PACKET_TCP)
        check(packet->tcp.options_length <= 40 && packet_tcp_mss(packet) <= UINT16_MAX);
    if (packet->kind == PACKET_ICMP && !packet->icmp.quote.present)
        check(packet->icmp.quote.source == 0 && packet->icmp.quote.word == 0);
    check(packet->version == 4 || packet->version == 6);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    bool has_ethernet = data[0] & 1;
    struct packet first = {0}, second = {0};
    enum packet_error error = packet_decode(&first, data + 1, size - 1, has_ethernet);
    check(error == packet_decode(&second, data + 1, size - 1, has_ethernet));
    check(memcmp(&first, &second, sizeof first) == 0);
    if (error == PACKET_OK)
        check_packet(&first, data + 1, size - 1);
    return 0;
}
