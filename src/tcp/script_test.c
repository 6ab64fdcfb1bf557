/* Known exchanges, in the style of packetdrill: what comes in at what time, and what must go out.
 *
 * Every script runs over both families, with several first sequence numbers, so that each of its
 * moments meets the wrap at 2^32. Numbers are relative to the streams' first bytes; a segment that
 * no step expects fails the script, at the time it was sent. */
#include "tcp/testing/lab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "packet/decode.h"

enum action {
    END,
    ACCEPT,        /* a SYN-ACK with `window`; a hello of `length` bytes; the MSS is 1000 */
    IN,            /* a segment arrives */
    OUT,           /* a segment was sent just now */
    SEND,          /* `length` bytes are given to tcp_send, and all taken */
    CLOSE,         /* tcp_close */
    CLOSE_AT_DATA, /* the same, from the callback of the data that come next */
    SEND_AT_DATA,  /* five bytes are given to tcp_send, likewise */
    ABORT,         /* tcp_abort */
    TIMER,         /* tcp_set_timer for `length` ms from now */
    DATA,          /* `length` bytes have been delivered in all */
    EVENT,         /* `event` has been told once more */
    GONE,          /* the connection has ended, as `end` says */
    CHUNKS,        /* `length` chunks are in use */
    SILENCE,       /* until now nothing was sent that is not written above */
};

struct step {
    uint32_t at_ms;
    enum action action;
    uint8_t flags;
    uint32_t sequence, acknowledgement;
    uint32_t length;
    uint16_t window;
    enum tcp_event event;
    enum tcp_end end;
};

enum { A = TCP_ACK, PA = TCP_PSH | TCP_ACK, FA = TCP_FIN | TCP_ACK, FPA = FA | TCP_PSH };
enum { R = TCP_RST, RA = TCP_RST | TCP_ACK, SA = TCP_SYN | TCP_ACK, S = TCP_SYN };
enum { PORT = 80, W = 60000, MS = 1000000 };

#define ACCEPTED(length)                                                                           \
    {                                                                                              \
        0, ACCEPT, 0, 0, 0, length, W                                                              \
    }
#define IN_(at, flags, s, a, n)                                                                    \
    {                                                                                              \
        at, IN, flags, s, a, n, W                                                                  \
    }
#define OUT_(at, flags, s, a, n)                                                                   \
    {                                                                                              \
        at, OUT, flags, s, a, n                                                                    \
    }
#define EVENT_(at, which)                                                                          \
    {                                                                                              \
        .at_ms = at, .action = EVENT, .event = which                                               \
    }
#define GONE_(at, how)                                                                             \
    {                                                                                              \
        .at_ms = at, .action = GONE, .end = how                                                    \
    }
#define DO_(at, what, n)                                                                           \
    {                                                                                              \
        .at_ms = at, .action = what, .length = n                                                   \
    }

static const struct step handshake_ack_carries_the_hello[] = {
    ACCEPTED(18),
    OUT_(0, PA, 0, 0, 18),
    IN_(20, A, 0, 18, 0),
    EVENT_(20, TCP_EVENT_SENT),
    IN_(24, PA, 0, 18, 100),
    OUT_(24, A, 18, 100, 0),
    DO_(24, DATA, 100),
    DO_(24, CHUNKS, 0),
    {.action = END},
};

static const struct step handshake_without_hello[] = {
    ACCEPTED(0),
    OUT_(0, A, 0, 0, 0),
    DO_(20000, SILENCE, 0),
    {.action = END},
};

static const struct step long_hello_is_split[] = {
    ACCEPTED(2500),
    OUT_(0, A, 0, 0, 1000),
    OUT_(0, A, 1000, 0, 1000),
    OUT_(0, PA, 2000, 0, 500),
    IN_(8, A, 0, 2500, 0),
    EVENT_(8, TCP_EVENT_SENT),
    {.action = END},
};

static const struct step retransmission_backs_off_and_gives_up[] = {
    ACCEPTED(5),
    OUT_(0, PA, 0, 0, 5),
    OUT_(1000, PA, 0, 0, 5),
    OUT_(3000, PA, 0, 0, 5),
    OUT_(7000, PA, 0, 0, 5),
    OUT_(15000, RA, 5, 0, 0),
    GONE_(15000, TCP_END_TIMED_OUT),
    {.action = END},
};

static const struct step retransmission_goes_back_to_the_oldest[] = {
    ACCEPTED(3000),
    OUT_(0, A, 0, 0, 1000),
    OUT_(0, A, 1000, 0, 1000),
    OUT_(0, PA, 2000, 0, 1000),
    OUT_(1000, A, 0, 0, 1000),
    IN_(1020, A, 0, 1000, 0),
    OUT_(1020, A, 1000, 0, 1000),
    OUT_(1020, PA, 2000, 0, 1000),
    IN_(1040, A, 0, 3000, 0),
    EVENT_(1040, TCP_EVENT_SENT),
    DO_(20000, SILENCE, 0),
    {.action = END},
};

/* A measured round trip of 600 ms: 600 + 4 × 300 (RFC 6298). Karn: what was sent twice is not
 * measured. */
static const struct step timeout_follows_the_round_trip[] = {
    ACCEPTED(0),
    OUT_(0, A, 0, 0, 0),
    DO_(0, SEND, 5),
    OUT_(0, PA, 0, 0, 5),
    OUT_(1000, PA, 0, 0, 5),
    IN_(1004, A, 0, 5, 0),
    EVENT_(1004, TCP_EVENT_SENT),
    DO_(1004, SEND, 5),
    OUT_(1004, PA, 5, 0, 5),
    IN_(1604, A, 0, 10, 0),
    EVENT_(1604, TCP_EVENT_SENT),
    DO_(1604, SEND, 5),
    OUT_(1604, PA, 10, 0, 5),
    OUT_(3404, PA, 10, 0, 5),
    {.action = END},
};

static const struct step closed_window_is_probed[] = {
    {0, ACCEPT, 0, 0, 0, 50, 0},    OUT_(0, A, 0, 0, 0),         OUT_(1000, A, 0, 0, 1),
    {1020, IN, A, 0, 0, 0, 0},      OUT_(3000, A, 0, 0, 1),      {3020, IN, A, 0, 0, 0, 0},
    OUT_(7000, A, 0, 0, 1),         {7020, IN, A, 0, 0, 0, 0},   OUT_(15000, A, 0, 0, 1),
    {15020, IN, A, 0, 0, 0, 0},     {16000, IN, A, 0, 0, 0, 20}, OUT_(16000, A, 0, 0, 20),
    {16020, IN, A, 0, 20, 0, 1000}, OUT_(16020, PA, 20, 0, 30),  IN_(16040, A, 0, 50, 0),
    EVENT_(16040, TCP_EVENT_SENT),  DO_(40000, SILENCE, 0),      {.action = END},
};

static const struct step closed_window_may_take_the_probe[] = {
    {0, ACCEPT, 0, 0, 0, 3, 0},   OUT_(0, A, 0, 0, 0),
    OUT_(1000, A, 0, 0, 1),       {1020, IN, A, 0, 1, 0, 0},
    OUT_(2020, A, 1, 0, 1),       {2040, IN, A, 0, 2, 0, 5},
    OUT_(2040, PA, 2, 0, 1),      IN_(2060, A, 0, 3, 0),
    EVENT_(2060, TCP_EVENT_SENT), {.action = END},
};

static const struct step we_close_first[] = {
    ACCEPTED(0),
    OUT_(0, A, 0, 0, 0),
    DO_(8, CLOSE, 0),
    OUT_(8, FA, 0, 0, 0),
    IN_(20, A, 0, 1, 0),
    IN_(40, FA, 0, 1, 0),
    EVENT_(40, TCP_EVENT_FIN),
    OUT_(40, A, 1, 1, 0),
    IN_(60, FA, 0, 1, 0),
    OUT_(60, A, 1, 1, 0),
    GONE_(2040, TCP_END_CLOSED),
    {.action = END},
};

static const struct step close_sends_what_is_queued_first[] = {
    {0, ACCEPT, 0, 0, 0, 30, 10}, OUT_(0, A, 0, 0, 10),      DO_(0, CLOSE, 0),
    IN_(20, A, 0, 10, 0),         OUT_(20, FPA, 10, 0, 20),  IN_(40, FA, 0, 31, 0),
    EVENT_(40, TCP_EVENT_SENT),   EVENT_(40, TCP_EVENT_FIN), OUT_(40, A, 31, 1, 0),
    GONE_(2040, TCP_END_CLOSED),  {.action = END},
};

/* One segment acknowledges the data and the end, and says goodbye itself. */
static const struct step a_close_at_data_waits_for_their_fin[] = {
    ACCEPTED(0),
    OUT_(0, A, 0, 0, 0),
    DO_(4, CLOSE_AT_DATA, 0),
    IN_(8, FPA, 0, 0, 30),
    DO_(8, DATA, 30),
    EVENT_(8, TCP_EVENT_FIN),
    OUT_(8, FA, 0, 31, 0),
    OUT_(1008, FA, 0, 31, 0),
    IN_(1020, A, 31, 1, 0),
    GONE_(1020, TCP_END_CLOSED),
    {.action = END},
};

static const struct step an_answer_at_data_acknowledges_their_fin[] = {
    ACCEPTED(0),      OUT_(0, A, 0, 0, 0),      DO_(4, SEND_AT_DATA, 0), IN_(8, FPA, 0, 0, 30),
    DO_(8, DATA, 30), EVENT_(8, TCP_EVENT_FIN), OUT_(8, PA, 0, 31, 5),   {.action = END},
};

static const struct step they_close_first[] = {
    ACCEPTED(0),
    OUT_(0, A, 0, 0, 0),
    IN_(8, FPA, 0, 0, 30),
    DO_(8, DATA, 30),
    EVENT_(8, TCP_EVENT_FIN),
    OUT_(8, A, 0, 31, 0),
    DO_(12, CLOSE, 0),
    OUT_(12, FA, 0, 31, 0),
    IN_(20, A, 31, 1, 0),
    GONE_(20, TCP_END_CLOSED),
    {.action = END},
};

static const struct step half_close_still_sends[] = {
    ACCEPTED(0),
    OUT_(0, A, 0, 0, 0),
    IN_(8, FA, 0, 0, 0),
    EVENT_(8, TCP_EVENT_FIN),
    OUT_(8, A, 0, 1, 0),
    DO_(12, SEND, 40),
    OUT_(12, PA, 0, 1, 40),
    IN_(20, A, 1, 40, 0),
    EVENT_(20, TCP_EVENT_SENT),
    DO_(24, CLOSE, 0),
    OUT_(24, FA, 40, 1, 0),
    IN_(40, A, 1, 41, 0),
    GONE_(40, TCP_END_CLOSED),
    {.action = END},
};

static const struct step half_close_still_receives[] = {
    ACCEPTED(0),           OUT_(0, A, 0, 0, 0),         DO_(4, CLOSE, 0),
    OUT_(4, FA, 0, 0, 0),  IN_(8, PA, 0, 0, 10),        OUT_(8, A, 1, 10, 0),
    IN_(12, A, 10, 1, 0),  IN_(16, PA, 10, 1, 10),      OUT_(16, A, 1, 20, 0),
    DO_(16, DATA, 20),     IN_(20, FA, 20, 1, 0),       EVENT_(20, TCP_EVENT_FIN),
    OUT_(20, A, 1, 21, 0), GONE_(2020, TCP_END_CLOSED), {.action = END},
};

static const struct step both_close_at_once[] = {
    ACCEPTED(0),           OUT_(0, A, 0, 0, 0),         DO_(4, CLOSE, 0),    OUT_(4, FA, 0, 0, 0),
    IN_(8, FA, 0, 0, 0),   EVENT_(8, TCP_EVENT_FIN),    OUT_(8, A, 1, 1, 0), IN_(16, A, 1, 1, 0),
    DO_(1000, SILENCE, 0), GONE_(2016, TCP_END_CLOSED), {.action = END},
};

static const struct step lost_fin_is_sent_again[] = {
    ACCEPTED(0),
    OUT_(0, A, 0, 0, 0),
    DO_(0, CLOSE, 0),
    OUT_(0, FA, 0, 0, 0),
    OUT_(1000, FA, 0, 0, 0),
    IN_(1020, FA, 0, 1, 0),
    EVENT_(1020, TCP_EVENT_FIN),
    OUT_(1020, A, 1, 1, 0),
    GONE_(3020, TCP_END_CLOSED),
    {.action = END},
};

static const struct step lingering_ends_by_a_reset[] = {
    ACCEPTED(0),
    OUT_(0, A, 0, 0, 0),
    DO_(0, CLOSE, 0),
    OUT_(0, FA, 0, 0, 0),
    IN_(20, A, 0, 1, 0),
    OUT_(5000, RA, 1, 0, 0),
    GONE_(5000, TCP_END_LINGERED),
    {.action = END},
};

static const struct step life_is_limited[] = {
    ACCEPTED(0),     OUT_(0, A, 0, 0, 0), OUT_(60000, RA, 0, 0, 0), GONE_(60000, TCP_END_TIMED_OUT),
    {.action = END},
};

static const struct step abort_resets[] = {
    ACCEPTED(7),          OUT_(0, PA, 0, 0, 7),      DO_(8, ABORT, 0),
    OUT_(8, RA, 7, 0, 0), GONE_(8, TCP_END_ABORTED), {.action = END},
};

static const struct step data_with_fin_out_of_order[] = {
    ACCEPTED(0),          OUT_(0, A, 0, 0, 0), IN_(4, FPA, 10, 0, 10),
    OUT_(4, A, 0, 0, 0),  DO_(4, DATA, 0),     DO_(4, CHUNKS, 1),
    IN_(8, A, 0, 0, 10),  DO_(8, DATA, 20),    EVENT_(8, TCP_EVENT_FIN),
    OUT_(8, A, 0, 21, 0), DO_(8, CHUNKS, 0),   {.action = END},
};

static const struct step data_behind_the_end_are_refused[] = {
    ACCEPTED(0),          OUT_(0, A, 0, 0, 0),  IN_(4, FA, 0, 0, 10), EVENT_(4, TCP_EVENT_FIN),
    OUT_(4, A, 0, 11, 0), IN_(8, A, 11, 0, 10), OUT_(8, A, 0, 11, 0), DO_(8, DATA, 10),
    {.action = END},
};

static const struct step overlaps_are_delivered_once[] = {
    ACCEPTED(0),
    OUT_(0, A, 0, 0, 0),
    IN_(4, A, 0, 0, 100),
    OUT_(4, A, 0, 100, 0),
    IN_(8, A, 50, 0, 100),
    OUT_(8, A, 0, 150, 0),
    DO_(8, DATA, 150),
    IN_(12, A, 0, 0, 150),
    OUT_(12, A, 0, 150, 0),
    IN_(16, A, 200, 0, 50),
    OUT_(16, A, 0, 150, 0),
    IN_(20, A, 300, 0, 600),
    OUT_(20, A, 0, 150, 0),
    IN_(24, A, 180, 0, 400),
    OUT_(24, A, 0, 150, 0),
    DO_(24, DATA, 150),
    IN_(28, A, 100, 0, 700),
    OUT_(28, A, 0, 900, 0),
    DO_(28, DATA, 900),
    DO_(28, CHUNKS, 0),
    {.action = END},
};

static const struct step data_beyond_the_window_are_cut[] = {
    ACCEPTED(0),          OUT_(0, A, 0, 0, 0),     IN_(4, A, 16000, 0, 1000),
    OUT_(4, A, 0, 0, 0),  DO_(4, CHUNKS, 1),       IN_(8, A, 16384, 0, 10),
    OUT_(8, A, 0, 0, 0),  IN_(12, A, 0, 0, 16000), OUT_(12, A, 0, 16384, 0),
    DO_(12, DATA, 16384), {.action = END},
};

static const struct step exact_reset_ends[] = {
    ACCEPTED(0),         OUT_(0, A, 0, 0, 0),     IN_(4, A, 0, 0, 10), OUT_(4, A, 0, 10, 0),
    IN_(8, R, 10, 0, 0), GONE_(8, TCP_END_RESET), {.action = END},
};

static const struct step inexact_reset_is_challenged[] = {
    ACCEPTED(0),
    OUT_(0, A, 0, 0, 0),
    IN_(4, R, 1, 0, 0),
    OUT_(4, A, 0, 0, 0),
    IN_(8, R, 1, 0, 0),
    DO_(100, SILENCE, 0),
    IN_(504, R, 16383, 0, 0),
    OUT_(504, A, 0, 0, 0),
    IN_(1200, R, 16384, 0, 0),
    IN_(1204, R, (uint32_t)-1, 0, 0),
    DO_(1300, SILENCE, 0),
    IN_(1304, RA, 0, 0, 0),
    GONE_(1304, TCP_END_RESET),
    {.action = END},
};

static const struct step syn_is_challenged[] = {
    ACCEPTED(0),
    OUT_(0, A, 0, 0, 0),
    IN_(4, S, 5, 0, 0),
    OUT_(4, A, 0, 0, 0),
    IN_(8, S, 9, 0, 0),
    DO_(500, SILENCE, 0),
    IN_(1000, SA, (uint32_t)-1, 0, 0),
    OUT_(1000, A, 0, 0, 0),
    {.action = END},
};

static const struct step repeated_syn_ack_does_not_disturb_data[] = {
    ACCEPTED(9),
    OUT_(0, PA, 0, 0, 9),
    IN_(900, SA, (uint32_t)-1, 0, 0),
    OUT_(900, A, 9, 0, 0),
    OUT_(1000, PA, 0, 0, 9),
    IN_(1020, A, 0, 9, 0),
    EVENT_(1020, TCP_EVENT_SENT),
    {.action = END},
};

static const struct step keepalive_is_answered[] = {
    ACCEPTED(0),           OUT_(0, A, 0, 0, 0),     IN_(4, A, 0, 0, 10),   OUT_(4, A, 0, 10, 0),
    IN_(1000, A, 9, 0, 0), OUT_(1000, A, 0, 10, 0), IN_(2000, A, 9, 0, 1), OUT_(2000, A, 0, 10, 0),
    DO_(2000, DATA, 10),   {.action = END},
};

static const struct step implausible_acks_are_challenged[] = {
    ACCEPTED(5),
    OUT_(0, PA, 0, 0, 5),
    IN_(4, PA, 0, 6, 10),
    OUT_(4, A, 5, 0, 0),
    DO_(4, DATA, 0),
    IN_(604, PA, 0, (uint32_t)-60001, 10),
    OUT_(604, A, 5, 0, 0),
    DO_(604, DATA, 0),
    IN_(608, PA, 0, (uint32_t)-60000, 10),
    OUT_(608, A, 5, 10, 0),
    DO_(608, DATA, 10),
    IN_(612, TCP_PSH, 10, 5, 10),
    DO_(612, DATA, 10),
    {.action = END},
};

static const struct step old_ack_with_new_data_is_good[] = {
    ACCEPTED(5),          OUT_(0, PA, 0, 0, 5), IN_(4, A, 0, 5, 0), EVENT_(4, TCP_EVENT_SENT),
    IN_(8, PA, 0, 2, 10), OUT_(8, A, 5, 10, 0), DO_(8, DATA, 10),   {.action = END},
};

static const struct step reset_in_fin_wait[] = {
    ACCEPTED(0),        OUT_(0, A, 0, 0, 0),     DO_(0, CLOSE, 0), OUT_(0, FA, 0, 0, 0),
    IN_(4, R, 0, 0, 0), GONE_(4, TCP_END_RESET), {.action = END},
};

static const struct step reset_in_time_wait[] = {
    ACCEPTED(0),          OUT_(0, A, 0, 0, 0), DO_(0, CLOSE, 0),
    OUT_(0, FA, 0, 0, 0), IN_(4, FA, 0, 1, 0), EVENT_(4, TCP_EVENT_FIN),
    OUT_(4, A, 1, 1, 0),  IN_(8, R, 1, 0, 0),  GONE_(8, TCP_END_RESET),
    {.action = END},
};

static const struct step reset_in_close_wait_and_last_ack[] = {
    ACCEPTED(0),         OUT_(0, A, 0, 0, 0), IN_(4, FA, 0, 0, 0),      EVENT_(4, TCP_EVENT_FIN),
    OUT_(4, A, 0, 1, 0), DO_(8, CLOSE, 0),    OUT_(8, FA, 0, 1, 0),     IN_(12, R, 0, 0, 0),
    DO_(16, SILENCE, 0), IN_(20, R, 1, 0, 0), GONE_(20, TCP_END_RESET), {.action = END},
};

static const struct step timer_comes_once[] = {
    ACCEPTED(0),
    OUT_(0, A, 0, 0, 0),
    DO_(0, TIMER, 300),
    EVENT_(300, TCP_EVENT_TIMER),
    DO_(50000, SILENCE, 0),
    {.action = END},
};

static const struct step an_ack_at_the_edge_is_good[] = {
    ACCEPTED(5),     OUT_(0, PA, 0, 0, 5), IN_(4, A, 16384, 5, 0), EVENT_(4, TCP_EVENT_SENT),
    {.action = END},
};

static const struct step an_old_ack_tells_no_window[] = {
    ACCEPTED(5),
    OUT_(0, PA, 0, 0, 5),
    IN_(4, PA, 0, 5, 10),
    EVENT_(4, TCP_EVENT_SENT),
    OUT_(4, A, 5, 10, 0),
    {8, IN, PA, 10, 2, 10, 0},
    OUT_(8, A, 5, 20, 0),
    DO_(12, SEND, 5),
    OUT_(12, PA, 5, 20, 5),
    {.action = END},
};

static const struct step a_part_of_a_segment_waits[] = {
    {0, ACCEPT, 0, 0, 0, 3000, 1500},
    OUT_(0, A, 0, 0, 1000),
    {8, IN, A, 0, 1000, 0, 1500},
    OUT_(8, A, 1000, 0, 1000),
    {16, IN, A, 0, 2000, 0, 1500},
    OUT_(16, PA, 2000, 0, 1000),
    {.action = END},
};

static const struct step a_timeout_narrows_the_congestion_window[] = {
    ACCEPTED(5000),
    OUT_(0, A, 0, 0, 1000),
    OUT_(0, A, 1000, 0, 1000),
    OUT_(0, A, 2000, 0, 1000),
    OUT_(0, A, 3000, 0, 1000),
    OUT_(0, PA, 4000, 0, 1000),
    OUT_(1000, A, 0, 0, 1000),
    IN_(1020, A, 0, 1000, 0),
    OUT_(1020, A, 1000, 0, 1000),
    OUT_(1020, A, 2000, 0, 1000),
    IN_(1040, A, 0, 3000, 0),
    OUT_(1040, A, 3000, 0, 1000),
    OUT_(1040, PA, 4000, 0, 1000),
    IN_(1060, A, 0, 5000, 0),
    EVENT_(1060, TCP_EVENT_SENT),
    {.action = END},
};

static const struct step empty_old_segments_get_few_answers[] = {
    ACCEPTED(0),
    OUT_(0, A, 0, 0, 0),
    IN_(100, A, (uint32_t)-1, 0, 0),
    OUT_(100, A, 0, 0, 0),
    IN_(200, A, (uint32_t)-1, 0, 0),
    DO_(599, SILENCE, 0),
    IN_(604, A, (uint32_t)-1, 0, 0),
    OUT_(604, A, 0, 0, 0),
    {.action = END},
};

/* Data that were never due are a stranger's; those that were get an answer each time. */
static const struct step forged_data_get_few_answers[] = {
    ACCEPTED(0),
    OUT_(0, A, 0, 0, 0),
    IN_(100, A, 1000000, 0, 10),
    OUT_(100, A, 0, 0, 0),
    IN_(200, A, (uint32_t)-1000000, 0, 10),
    DO_(204, SILENCE, 0),
    IN_(300, FA, 2000000, 0, 0),
    DO_(304, SILENCE, 0),
    IN_(400, A, (uint32_t)-10, 0, 10),
    OUT_(400, A, 0, 0, 0),
    IN_(404, A, (uint32_t)-10, 0, 10),
    OUT_(404, A, 0, 0, 0),
    {.action = END},
};

static const struct step held_data_behind_the_end_are_refused[] = {
    ACCEPTED(0),          OUT_(0, A, 0, 0, 0), IN_(4, A, 3, 0, 10),
    OUT_(4, A, 0, 0, 0),  IN_(8, FA, 5, 0, 0), OUT_(8, A, 0, 0, 0),
    IN_(12, A, 0, 0, 3),  DO_(12, DATA, 5),    EVENT_(12, TCP_EVENT_FIN),
    OUT_(12, A, 0, 6, 0), DO_(12, CHUNKS, 0),  {.action = END},
};

#define SCRIPT(name)                                                                               \
    {                                                                                              \
#name, name                                                                                \
    }
static const struct script {
    const char *name;
    const struct step *steps;
} scripts[] = {
    SCRIPT(handshake_ack_carries_the_hello),
    SCRIPT(handshake_without_hello),
    SCRIPT(long_hello_is_split),
    SCRIPT(retransmission_backs_off_and_gives_up),
    SCRIPT(retransmission_goes_back_to_the_oldest),
    SCRIPT(timeout_follows_the_round_trip),
    SCRIPT(closed_window_is_probed),
    SCRIPT(closed_window_may_take_the_probe),
    SCRIPT(we_close_first),
    SCRIPT(close_sends_what_is_queued_first),
    SCRIPT(a_close_at_data_waits_for_their_fin),
    SCRIPT(an_answer_at_data_acknowledges_their_fin),
    SCRIPT(they_close_first),
    SCRIPT(half_close_still_sends),
    SCRIPT(half_close_still_receives),
    SCRIPT(both_close_at_once),
    SCRIPT(lost_fin_is_sent_again),
    SCRIPT(lingering_ends_by_a_reset),
    SCRIPT(life_is_limited),
    SCRIPT(abort_resets),
    SCRIPT(data_with_fin_out_of_order),
    SCRIPT(data_behind_the_end_are_refused),
    SCRIPT(overlaps_are_delivered_once),
    SCRIPT(data_beyond_the_window_are_cut),
    SCRIPT(exact_reset_ends),
    SCRIPT(inexact_reset_is_challenged),
    SCRIPT(syn_is_challenged),
    SCRIPT(repeated_syn_ack_does_not_disturb_data),
    SCRIPT(keepalive_is_answered),
    SCRIPT(implausible_acks_are_challenged),
    SCRIPT(old_ack_with_new_data_is_good),
    SCRIPT(reset_in_fin_wait),
    SCRIPT(reset_in_time_wait),
    SCRIPT(reset_in_close_wait_and_last_ack),
    SCRIPT(held_data_behind_the_end_are_refused),
    SCRIPT(timer_comes_once),
    SCRIPT(an_ack_at_the_edge_is_good),
    SCRIPT(an_old_ack_tells_no_window),
    SCRIPT(a_part_of_a_segment_waits),
    SCRIPT(a_timeout_narrows_the_congestion_window),
    SCRIPT(empty_old_segments_get_few_answers),
    SCRIPT(forged_data_get_few_answers),
};
enum { SCRIPTS = sizeof scripts / sizeof scripts[0] };

/* What a script has seen so far of what is told. */
struct player {
    struct tcp_lab lab;
    const struct script *script;
    const struct step *step;
    uint64_t start_ns;
    unsigned events_seen[3];
};

static void fail_step(const struct player *player, const char *what, long is)
{
    fail_msg("%s, step %td at %u ms (first numbers %#x, %#x): %s, it is %ld", player->script->name,
             player->step - player->script->steps, player->step->at_ms, player->lab.ours,
             player->lab.theirs, what, is);
}

static void expect(const struct player *player, bool truth, const char *what, long is)
{
    if (!truth)
        fail_step(player, what, is);
}

static void expect_nothing_sent(const struct player *player)
{
    const struct tcp_lab *lab = &player->lab;
    if (lab->first_sent == lab->last_sent)
        return;
    const struct lab_segment *sent = &lab->sent[lab->first_sent % LAB_SEGMENTS];
    fail_step(player, "a segment was sent that is not expected; its time in ms",
              (long)((sent->time_ns - player->start_ns) / MS));
}

static void advance(struct player *player, uint64_t to_ns)
{
    struct tcp_lab *lab = &player->lab;
    while (lab->now_ns < to_ns) {
        expect_nothing_sent(player);
        lab->now_ns += 4 * MS;
        while (tcp_tick(lab->table, lab->now_ns))
            ;
    }
}

static void accept_step(struct player *player)
{
    static uint8_t hello[16384];
    struct tcp_lab *lab = &player->lab;
    struct tcp_opening opening = tcp_lab_opening(lab, PORT, hello, player->step->length);
    opening.window = player->step->window;
    enum tcp_accepted accepted = tcp_accept(lab->table, &opening, lab->now_ns, &lab->connection);
    expect(player, accepted == TCP_ACCEPTED, "the connection is accepted", accepted);
}

static void in_step(struct player *player)
{
    const struct step *step = player->step;
    expect_nothing_sent(player);
    tcp_lab_receive(&player->lab, PORT, step->flags, step->sequence, step->acknowledgement,
                    step->length, step->window);
}

static void out_step(struct player *player)
{
    struct tcp_lab *lab = &player->lab;
    const struct step *step = player->step;
    expect(player, lab->first_sent < lab->last_sent, "a segment must be sent", 0);
    const struct tcp_segment *sent = &lab->sent[lab->first_sent++ % LAB_SEGMENTS].segment;
    uint32_t sequence = sent->sequence - lab->ours;
    uint32_t acknowledgement = sent->acknowledgement - lab->theirs;
    expect(player, sent->flags == step->flags, "flags", sent->flags);
    expect(player, sequence == step->sequence, "sequence", sequence);
    expect(player, acknowledgement == step->acknowledgement, "acknowledgement", acknowledgement);
    expect(player, sent->payload_length == step->length, "length", (long)sent->payload_length);
    bool is_theirs = ip_number_equal(sent->source, lab->client) &&
                     ip_number_equal(sent->destination, lab->server);
    expect(player, is_theirs, "addresses", 0);
    bool is_reset = step->flags & TCP_RST;
    expect(player, is_reset == (sent->window == 0), "window", sent->window);
}

static size_t send_bytes(struct tcp_lab *lab, size_t length)
{
    static uint8_t bytes[16384];
    tcp_lab_fill(bytes, lab->given, length);
    size_t taken = tcp_send(lab->table, lab->connection, bytes, length, lab->now_ns);
    lab->given += taken;
    return taken;
}

static void send_step(struct player *player)
{
    size_t taken = send_bytes(&player->lab, player->step->length);
    expect(player, taken == player->step->length, "all bytes are taken", (long)taken);
}

static void send_five(struct tcp_lab *lab)
{
    assert_int_equal(send_bytes(lab, 5), 5);
}

static void send_at_data_step(struct player *player)
{
    player->lab.on_data = send_five;
}

static void close_connection(struct tcp_lab *lab)
{
    tcp_close(lab->table, lab->connection, lab->now_ns);
}

static void close_step(struct player *player)
{
    close_connection(&player->lab);
}

static void close_at_data_step(struct player *player)
{
    player->lab.on_data = close_connection;
}

static void abort_step(struct player *player)
{
    tcp_abort(player->lab.table, player->lab.connection);
}

static void timer_step(struct player *player)
{
    const struct tcp_lab *lab = &player->lab;
    tcp_set_timer(lab->table, lab->connection, lab->now_ns + (uint64_t)player->step->length * MS);
}

static void data_step(struct player *player)
{
    uint64_t delivered = player->lab.delivered;
    expect(player, delivered == player->step->length, "bytes delivered", (long)delivered);
}

static void event_step(struct player *player)
{
    enum tcp_event event = player->step->event;
    unsigned told = player->lab.events[event];
    expect(player, told == ++player->events_seen[event], "times told", told);
}

static void gone_step(struct player *player)
{
    expect(player, player->lab.gone == 1, "ends told", player->lab.gone);
    expect(player, player->lab.end == player->step->end, "how it ended", player->lab.end);
}

static void chunks_step(struct player *player)
{
    uint32_t used = tcp_chunks_used(player->lab.table);
    expect(player, used == player->step->length, "chunks in use", used);
}

static void silence_step(struct player *player)
{
    expect_nothing_sent(player);
}

static void (*const play_step[])(struct player *) = {[ACCEPT] = accept_step,
                                                     [IN] = in_step,
                                                     [OUT] = out_step,
                                                     [SEND] = send_step,
                                                     [CLOSE] = close_step,
                                                     [ABORT] = abort_step,
                                                     [TIMER] = timer_step,
                                                     [DATA] = data_step,
                                                     [CLOSE_AT_DATA] = close_at_data_step,
                                                     [SEND_AT_DATA] = send_at_data_step,
                                                     [EVENT] = event_step,
                                                     [GONE] = gone_step,
                                                     [CHUNKS] = chunks_step,
                                                     [SILENCE] = silence_step};

static void play(const struct script *script, uint32_t ours, uint32_t theirs, bool ipv6)
{
    struct tcp_setup setup = tcp_setup_default();
    setup.maximum_connections = 4;
    setup.maximum_chunks = 64;
    setup.tries = 3;
    setup.lifetime_ns = 60000ull * MS;
    struct player player = {.script = script, .step = script->steps};
    tcp_lab_init(&player.lab, &setup, ours, theirs);
    if (ipv6)
        tcp_lab_use_ipv6(&player.lab);
    player.start_ns = player.lab.now_ns;
    for (; player.step->action != END; player.step++) {
        advance(&player, player.start_ns + (uint64_t)player.step->at_ms * MS);
        play_step[player.step->action](&player);
    }
    player.step--;
    expect_nothing_sent(&player);
    for (int i = 0; i < 3; i++)
        assert_int_equal(player.lab.events[i], player.events_seen[i]);
    tcp_lab_fini(&player.lab);
}

static void run_script(void **state)
{
    static const uint32_t firsts[][2] = {
        {1000, 50000}, {0, 0},           {UINT32_MAX, UINT32_MAX}, {0x7ffffffe, 0x80000000},
        {-4, -9},      {-1500, -16200u}, {0x80000000, 0x7ffffff0},
    };
    for (size_t i = 0; i < sizeof firsts / sizeof firsts[0]; i++)
        for (int ipv6 = 0; ipv6 < 2; ipv6++)
            play(*state, firsts[i][0], firsts[i][1], ipv6);
}

int main(void)
{
    struct CMUnitTest tests[SCRIPTS];
    for (size_t i = 0; i < SCRIPTS; i++)
        tests[i] = (struct CMUnitTest){
            .name = scripts[i].name, .test_func = run_script, .initial_state = (void *)&scripts[i]};
    return _cmocka_run_group_tests("script", tests, SCRIPTS, NULL, NULL);
}
