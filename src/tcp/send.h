/* Sending: what of the queue may leave now, retransmission, and the round trip's measure. */
#ifndef TCP_SEND_H
#define TCP_SEND_H

#include "tcp/table.h"

/* Sends what may leave, and the ACK that is owed, and sets the retransmission's deadline. */
void tcb_output(struct tcp_table *table, struct tcb *tcb, uint64_t now_ns);

/* Sends a pure ACK. */
void tcb_acknowledge(struct tcp_table *table, struct tcb *tcb);

/* The same, at most once every half second (RFC 5961, 7). */
void tcb_challenge(struct tcp_table *table, struct tcb *tcb, uint64_t now_ns);

/* Sends a RST where the far end expects the next byte, as far as we know. */
void tcb_reset(struct tcp_table *table, struct tcb *tcb);

/* The retransmission's deadline has passed: sends again, or gives up. False if that was the end. */
bool tcb_retransmit(struct tcp_table *table, struct tcb *tcb, uint64_t now_ns);

/* The far end has acknowledged everything before `acknowledgement`, which is new. */
void tcb_acknowledged(struct tcp_table *table, struct tcb *tcb, uint32_t acknowledgement,
                      uint64_t now_ns);

/* It now takes `window` bytes. */
void tcb_set_window(struct tcb *tcb, uint16_t window);

/* Before the first measurement. */
void tcb_init_sending(struct tcb *tcb);

#endif
