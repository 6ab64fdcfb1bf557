/* Services whose replies may come from another port than the one that was asked. */
#ifndef PROBE_UDP_ELSEWHERE_H
#define PROBE_UDP_ELSEWHERE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether a datagram has the form of such a reply; and the port that the service is asked at. */
bool udp_answers_elsewhere(const uint8_t *payload, size_t length, uint16_t *service);

#endif
